"""What the customer experiences, what presales is asked for, and what a stage asks as a condition (R8.2, R8.6)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import Hat, User
from accounts.services import notify
from core import clock, events, rulebook
from core.errors import AlreadyDecided, FieldError, Forbidden, NotFound, RuleRefused, TransitionNotAllowed
from core.locking import lock_one, verb
from opportunities import permissions
from opportunities.models import ExperienceEvent, Opportunity, PresalesRequest
from opportunities.rules import MOVES, OPEN, ExperienceKind, QuoteState, Stage
from opportunities.services.common import fact, locked, require

FAR = timedelta(days=3660)
LONGEST = timedelta(days=400)


def _check(kind: str, starts_at: datetime | None, ends_at: datetime | None, at: datetime) -> list[FieldError]:
    errors = []
    if kind not in ExperienceKind.values:
        message = _("“%(value)s” is not a way to experience the product.") % {"value": str(kind)[:20]}
        errors.append(FieldError("kind", "invalid" if kind else "required", message))
    if starts_at is None:
        errors.append(FieldError("starts_at", "required", _("When does it begin?")))
    elif not at - FAR <= starts_at <= at + FAR:
        message = _("“%(value)s” is too far away.") % {"value": starts_at.date()}
        errors.append(FieldError("starts_at", "out_of_range", message))
    elif ends_at is not None and not starts_at <= ends_at <= starts_at + LONGEST:
        errors.append(FieldError("ends_at", "out_of_range", _("It ends after it begins, within 400 days.")))
    if kind == ExperienceKind.TRIAL and ends_at is None and starts_at is not None:
        errors.append(FieldError("ends_at", "required", _("Until when does the trial run?")))
    return errors


@verb
def plan_experience(
    opportunity: Opportunity,
    *,
    by: User,
    kind: str,
    starts_at: datetime | None,
    ends_at: datetime | None = None,
    held: bool | None = None,
    note: str = "",
) -> ExperienceEvent:
    """Plan an online meeting, remote session, visit or trial, or log one that was held (R8.1).

    Raises Forbidden, TransitionNotAllowed, RuleRefused.
    """
    row = locked(opportunity)
    at = clock.now()
    require(permissions.may_work(by, row), row, by)
    if row.stage not in OPEN:
        raise TransitionNotAllowed(row.stage, MOVES[row.stage])
    errors = _check(kind, starts_at, ends_at, at)
    if held and starts_at is not None and starts_at > at:
        errors.append(FieldError("held", "future", _("This has not taken place yet.")))
    if errors:
        raise RuleRefused(errors=errors)
    assert starts_at is not None
    event = ExperienceEvent.objects.create(
        opportunity=row,
        kind=kind,
        starts_at=starts_at,
        ends_at=ends_at,
        held=held,
        note=note.strip(),
        by=by,
        created_at=at,
    )
    _touched(row, at)
    data = {"event": str(event.pk), "kind": kind, "starts_at": event.starts_at.isoformat(), "held": held}
    name = "experience_held" if held else "experience_planned"
    events.record(fact(name, row, at, by, row.stage, data=data, texts={"note": note.strip()}))
    return event


@verb
def change_experience(event: ExperienceEvent, *, by: User, **fields: Any) -> ExperienceEvent:
    """Put it on another day, or say that it was held or fell through: kind, starts_at, ends_at, held, note (R8.1).

    Also on a closed opportunity, so that what took place can be said. Raises Forbidden, RuleRefused, NotFound.
    """
    row = locked(event.opportunity_id)
    try:
        held = lock_one(ExperienceEvent.objects.all(), event.pk)
    except ExperienceEvent.DoesNotExist:
        raise NotFound() from None
    at = clock.now()
    require(permissions.may_work(by, row), row, by)
    before = {name: getattr(held, name) for name in fields}
    for name, value in fields.items():
        setattr(held, name, value)
    errors = _check(held.kind, held.starts_at, held.ends_at, at)
    if held.held and held.starts_at is not None and held.starts_at > at:
        errors.append(FieldError("held", "future", _("This has not taken place yet.")))
    if errors:
        raise RuleRefused(errors=errors)
    held.store(*fields)
    _touched(row, at)
    name = "experience_changed"
    if "held" in fields and before["held"] != held.held and held.held is not None:
        name = "experience_held" if held.held else "experience_fell_through"
    data = {"event": str(held.pk), "kind": held.kind, "starts_at": held.starts_at.isoformat()}
    events.record(fact(name, row, at, by, row.stage, data=data, texts={"note": held.note}))
    return held


def _touched(row: Opportunity, at: datetime) -> None:
    row.last_touch_at = at
    row.store("last_touch_at")


@verb
def ask_presales(opportunity: Opportunity, *, text: str, due_on: date | None, by: User) -> PresalesRequest:
    """Ask presales for a solution, from the experience on (R8.6, a branch).

    Raises Forbidden, TransitionNotAllowed (off, or too early), RuleRefused.
    """
    row = locked(opportunity)
    at = clock.now()
    require(permissions.may_work(by, row), row, by)
    if not rulebook.get("presales") or row.stage not in (Stage.EXPERIENCE, Stage.NEGOTIATION):
        raise TransitionNotAllowed(row.stage, (), _("Presales helps from the product experience on."))
    errors = []
    if not text.strip():
        errors.append(FieldError("text", "required", _("Say what presales should work out.")))
    if due_on is None:
        errors.append(FieldError("due_on", "required", _("By when is it needed?")))
    elif not clock.firm_day(at) <= due_on <= clock.firm_day(at) + FAR:
        message = _("“%(value)s”: the day it is needed lies ahead.") % {"value": due_on}
        errors.append(FieldError("due_on", "past", message))
    if errors:
        raise RuleRefused(errors=errors)
    assert due_on is not None
    asked = PresalesRequest.objects.create(
        opportunity=row, text=text.strip(), due_on=due_on, asked_by=by, asked_at=at
    )
    _touched(row, at)
    data = {"request": str(asked.pk), "due_on": str(due_on)}
    events.record(fact("presales_asked", row, at, by, row.stage, data=data, texts={"text": text.strip()}))
    helpers = User.objects.active().wearing(Hat.PRESALES).exclude(pk=by.pk)
    notify(helpers, "presales_asked", row, at=at, request=str(asked.pk), due_on=str(due_on))
    return asked


@verb
def take_presales(request: PresalesRequest, *, by: User) -> PresalesRequest:
    """Somebody of presales takes a request on. Raises Forbidden, TransitionNotAllowed (off), AlreadyDecided."""
    held, row, at = _presales(request, by)
    held.owner = by
    held.store("owner")
    events.record(fact("presales_taken", row, at, by, row.stage, data={"request": str(held.pk)}))
    return held


@verb
def answer_presales(request: PresalesRequest, *, answer: str, by: User) -> PresalesRequest:
    """Presales answers; who asked is told (R8.6).

    Raises Forbidden, TransitionNotAllowed (off), AlreadyDecided, RuleRefused.
    """
    held, row, at = _presales(request, by)
    if not answer.strip():
        raise RuleRefused(errors=[FieldError("answer", "required", _("The answer is empty."))])
    held.answer, held.answered_by, held.answered_at = answer.strip(), by, at
    held.owner = held.owner or by
    held.store("answer", "answered_by", "answered_at", "owner")
    data = {"request": str(held.pk)}
    events.record(
        fact("presales_answered", row, at, by, row.stage, data=data, texts={"text": answer.strip()})
    )
    told = {held.asked_by_id, row.owner_id} - {by.pk}
    notify(told, "presales_answered", row, at=at, request=str(held.pk))
    return held


def _presales(request: PresalesRequest, by: User) -> tuple[PresalesRequest, Opportunity, datetime]:
    row = locked(request.opportunity_id)
    try:
        held = lock_one(PresalesRequest.objects.all(), request.pk)
    except PresalesRequest.DoesNotExist:
        raise NotFound() from None
    at = clock.now()
    if not by.wears(Hat.PRESALES):
        raise Forbidden()
    if not rulebook.get("presales"):  # the branch is off: nothing of it is there any more (R0.1)
        raise TransitionNotAllowed(row.stage, (), _("Requests to presales are turned off."))
    if held.answered_at is not None:
        raise AlreadyDecided(detail=_("This request has been answered already."))
    return held, row, at


def gate_errors(row: Opportunity, target: str) -> list[FieldError]:
    """What is missing for a stage while the gates are on (R8.2): all of it."""
    if not rulebook.get("stage_gates"):
        return []
    errors = []
    steps: Iterable[str] = OPEN[: OPEN.index(Stage(target)) + 1]
    if Stage.EXPERIENCE in steps and not row.experience_events.exclude(held=False).exists():
        message = _("Plan or log an experience first: a meeting, a session, a visit or a trial.")
        errors.append(FieldError("experience", "required", message))
    if Stage.NEGOTIATION in steps and not row.quotes.exclude(state=QuoteState.REVISED).exists():
        errors.append(FieldError("quote", "required", _("Make a quote first.")))
    return errors
