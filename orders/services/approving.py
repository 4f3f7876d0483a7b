"""Larger discounts and other terms need a manager's yes (R9.2, a branch)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.services import notify
from core import clock, events, rulebook
from core.errors import AlreadyDecided, FieldError, Forbidden, RuleRefused, Stale
from core.locking import verb
from orders import permissions, rules
from orders.models import Order
from orders.rules import State
from orders.services.common import fact, locked, require, require_state


def must_be_approved(order: Order) -> bool:
    """Whether this contract needs a manager's yes as it is written now (R9.2)."""
    if not rulebook.get("order_approval"):
        return False
    return rules.needs_approval(order.is_over(Decimal(rulebook.get("discount_limit"))), order.other_terms)


def unsigned(order: Order) -> tuple[State, ...]:
    """From which states a contract goes on without a manager: what waits for a word that is not needed any more, since
    the rule was turned off or its limit raised, does not wait for ever (R0.1, R9.2)."""
    return (State.DRAFT,) if must_be_approved(order) else (State.DRAFT, State.IN_APPROVAL)


@verb
def submit(order: Order, *, by: User) -> Order:
    """draft → in approval, or → approved at once when nothing is off the standard (R9.2).

    Raises Forbidden, TransitionNotAllowed.
    """
    row = locked(order)
    at = clock.now()
    require(permissions.may_work(by, row), row, by, at)
    require_state(row, *unsigned(row))
    if not must_be_approved(row):
        return approve_standard(row, by=by, at=at)
    was = row.state
    row.submit(by=by, at=at)
    row.store("state", "submitted_by", "submitted_at", "decided_by", "decided_at", "comment")
    data = {"total": str(row.total), "reduction": str(row.reduction)}
    events.record(fact("submitted", row, at, by, was, data=data, texts={"text": row.other_terms}))
    notify(deciders_of(row), "approval_asked", row, at=at, total=str(row.total), reduction=str(row.reduction))
    return row


def deciders_of(row: Order) -> list[User]:
    """Whose word a contract waits for: the managers above its team, else the administrators; never its own (R9.2)."""
    own = {row.owner_id, row.submitted_by_id}
    found = [person for person in User.objects.managers_of(row.team_id) if person.pk not in own]
    return found or [p for p in User.objects.active().wearing("admin") if p.pk not in own]


def approve_standard(row: Order, *, by: User, at: datetime) -> Order:
    """draft, in approval → approved of a locked contract that needs nobody's yes."""
    was = row.state
    row.approve()
    row.store("state", "decided_by", "decided_at", "comment")
    events.record(fact("approved", row, at, by, was, data={"standard": True}))
    return row


@verb
def approve(order: Order, *, by: User, comment: str = "", seen: int | None = None) -> Order:
    """in approval → approved, by a manager of the owner's team or above; nobody their own (R9.2). `seen` is the version
    that was looked at: nobody agrees to what was written anew since.

    Raises Forbidden, AlreadyDecided, TransitionNotAllowed, Stale.
    """
    row, at = _to_decide(order, by)
    if seen is not None and seen != row.version:
        raise Stale()
    was = row.state
    row.approve(by=by, at=at, comment=comment.strip())
    return _decided(row, was, "approved", by, at)


@verb
def reject(order: Order, *, by: User, comment: str = "") -> Order:
    """in approval → draft, to be written anew, with what is wrong (R9.2).

    Raises Forbidden, AlreadyDecided, TransitionNotAllowed, RuleRefused (reason_required).
    """
    row, at = _to_decide(order, by)
    if not comment.strip():
        message = _("Say in a few words what has to change.")
        raise RuleRefused("reason_required", errors=[FieldError("comment", "required", message)])
    was = row.state
    row.reject(by=by, at=at, comment=comment.strip())
    return _decided(row, was, "rejected", by, at)


def _to_decide(order: Order, by: User) -> tuple[Order, datetime]:
    row = locked(order)
    at = clock.now()
    if not permissions.may_decide(by, row):
        own = by.pk in (row.submitted_by_id, row.owner_id)
        raise Forbidden(detail=_("Nobody decides their own request.") if own else None)
    if row.state != State.IN_APPROVAL and row.decided_at is not None:
        raise AlreadyDecided(extra={"state": row.state})
    require_state(row, State.IN_APPROVAL)
    return row, at


def _decided(row: Order, was: str, name: str, by: User, at: datetime) -> Order:
    row.store("state", "decided_by", "decided_at", "comment")
    events.record(fact(name, row, at, by, was, texts={"comment": row.comment}))
    notify({row.owner_id, row.submitted_by_id} - {by.pk, None}, f"approval_{name}", row, at=at)
    return row
