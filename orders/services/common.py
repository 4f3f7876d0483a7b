"""What every verb of an order does the same way."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core import events
from core.errors import AlreadyClaimed, FieldError, Forbidden, NotFound, TransitionNotAllowed
from core.locking import lock_one
from orders.models import Order
from orders.rules import MOVES

# Outside of these a term runs out of the calendar, and a sweep with it.
FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(2199, 12, 31)


def orders() -> QuerySet[Order]:
    """Orders with what a verb reads of them."""
    return Order.objects.select_related("company", "contact", "owner", "team", "opportunity")


def locked(order: Order | Any) -> Order:
    """The order as it is now, locked. Raises NotFound."""
    try:
        return lock_one(orders(), getattr(order, "pk", order))
    except Order.DoesNotExist:
        raise NotFound() from None


def require(allowed: bool, order: Order, by: User, at: datetime) -> None:
    """Refuse who may not. Raises Forbidden, or AlreadyClaimed when it went to somebody else within the last 24 h."""
    if allowed:
        return
    row = Order.objects.filter(pk=order.pk)
    if row.actionable_by(by, at).exists() and not row.visible_to(by).exists():
        raise AlreadyClaimed(detail=_("A colleague has this contract now."))
    raise Forbidden()


def require_state(order: Order, *states: str) -> None:
    """Refuse what the state does not allow. Raises TransitionNotAllowed."""
    if order.state not in states:
        raise TransitionNotAllowed(order.state, MOVES.get(order.state, ()))


def day_errors(field: str, day: date | None) -> list[FieldError]:
    """What is wrong with a day of a contract: it lies in no year of ours."""
    if day is None or FIRST_DAY <= day <= LAST_DAY:
        return []
    return [FieldError(field, "out_of_range", _("“%(value)s” is too far away.") % {"value": day})]


def fact(
    verb_name: str, row: Order, at: datetime, by: User | None, was: str = "", **more: Any
) -> events.Fact:
    """An event of this order, with its contact and company."""
    return events.Fact(
        verb_name,
        row,
        at,
        by,
        from_state=was,
        to_state=row.state,
        contact=row.contact_id,
        company=row.company_id,
        **more,
    )
