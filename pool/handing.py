"""Marketing's hand in the pool: back to the calling desk, to reps as MQLs, or left to the cadence (R4.2, R10.5)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core import clock, events
from core.errors import FieldError, Forbidden, NotFound, RuleRefused, TransitionNotAllowed, TrunkError
from core.locking import lock, verb
from core.trial import trial
from leads.models import Lead
from leads.rules import State
from leads.services.common import fact, leads, store
from leads.services.handover import (
    chosen_reps,
    hand_over,
    lock_round,
    locked_rep,
    pick_rep,
    require_rep,
)
from leads.services.qualifying import reactivate_locked
from pool import permissions
from pool.services import Answer

CALLING, RULES = "calling", "rules"
NO_PHONE = _("There is no number to call: the cadence writes to them.")
IN_PEACE = _("They asked not to be called: the desk does not get them.")


def hand_out(lead_ids: Sequence[Any], *, to: str | User, by: User, dry_run: bool = False) -> list[Answer]:
    """Give leads of the pool to the calling desk, to a rep, or by the rules of hand-over; an answer for each (R10.5).

    `dry_run` does all of it and takes it back: what is answered is what would happen. Raises Forbidden, RuleRefused, and
    for a dry run Busy.
    """
    if not permissions.may_hand_out(by):
        raise Forbidden()
    if to not in (CALLING, RULES) and not isinstance(to, User):
        message = _("To the calling desk, to a rep, or by the rules.")
        raise RuleRefused(errors=[FieldError("to", "required" if not to else "invalid", message)])
    ids = list(dict.fromkeys(lead_ids))
    if not dry_run:
        return [_answer(pk, to, by) for pk in ids]
    with trial():
        return [_answer(pk, to, by) for pk in ids]


def _answer(pk: Any, to: str | User, by: User) -> Answer:
    try:
        if not isinstance(pk, UUID):
            raise NotFound()
        lead = _to_desk(pk, by) if to == CALLING else _to_rep(pk, to, by)
    except TrunkError as refusal:
        return Answer(pk, error=refusal)
    return Answer(pk, lead)


@verb
def _to_desk(pk: UUID, by: User) -> Lead:
    """pooled → new: first in the queue of the desk, a new run (R10.5, R10.6)."""
    (row,) = _pooled(pk)
    at = clock.now()
    _require_callable(row, at)
    return reactivate_locked(row, by=by, at=at, why="marketing")


@verb
def _to_rep(pk: UUID, to: str | User, by: User) -> Lead:
    """pooled → mql: to be judged by a rep as any other MQL (R10.5, R4)."""
    lock_round()
    if isinstance(to, User):
        rep = require_rep(locked_rep(to))
    else:
        lead = Lead.objects.filter(pk=pk).first()
        if lead is None:
            raise NotFound()
        # A new run: who let it go in an earlier one may get it again, as any other MQL.
        rep = pick_rep(clock.now(), only=chosen_reps(lead))  # type: ignore[assignment]
    (row,) = _pooled(pk)
    at = clock.now()
    row.qualify(by=by, at=at)
    store(row)
    events.record(fact("qualified", row, at, by, State.POOLED, data={"why": "marketing", "run": row.run}))
    return hand_over(row, rep, by=by, at=at)


@verb
def let_cadence(lead: Lead | Any, *, by: User) -> Lead:
    """A returned MQL leaves marketing's desk at once: its cadence begins without the days of waiting (R4.2).

    Raises Forbidden, NotFound, TransitionNotAllowed.
    """
    if not permissions.may_hand_out(by):
        raise Forbidden()
    (row,) = _pooled(getattr(lead, "pk", lead))
    at = clock.now()
    if not permissions.on_marketings_desk(row, at):
        raise TransitionNotAllowed(row.state)
    row.next_touch_at = at
    row.store("next_touch_at")
    events.record(fact("to_cadence", row, at, by, row.state))
    return row


def cadence_many(lead_ids: Sequence[Any], *, by: User) -> list[Answer]:
    """The same for several; an answer for each."""
    answers = []
    for pk in dict.fromkeys(lead_ids):
        try:
            answers.append(Answer(pk, let_cadence(pk, by=by)))
        except (NotFound, TransitionNotAllowed) as refusal:
            answers.append(Answer(pk, error=refusal))
    return answers


def _pooled(pk: Any) -> list[Lead]:
    found = lock(leads(), [pk])
    if not found or found[0].state == State.MERGED:
        raise NotFound()
    if found[0].state != State.POOLED:
        raise TransitionNotAllowed(found[0].state, detail=_("It is not in the pool any more."))
    return found


def _require_callable(lead: Lead, at: datetime) -> None:
    """Refuse for the desk whom it would never be given (R2.2, R2.3, R11.2)."""
    contact = lead.contact
    if contact.do_not_call or (contact.no_phone_until and contact.no_phone_until > at):
        raise RuleRefused("do_not_call", IN_PEACE)
    if not contact.points.filter(kind="phone", dead_at__isnull=True).exists():
        raise RuleRefused("no_phone", NO_PHONE)
