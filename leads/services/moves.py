"""Giving a lead back, to a colleague, to the pool; notes and the next step."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.services import notify
from core import clock, events, hooks
from core.errors import FieldError, RuleRefused
from core.locking import verb
from leads import permissions
from leads.models import Lead, Note
from leads.rules import Began, Ended, Reason, ReleaseReason, State
from leads.services.common import begin_holding, end_holding, fact, locked, require, require_state, store
from leads.services.extensions import require_place
from leads.services.handover import hand_over, lock_round, locked_rep, require_rep

WORKED_ON = (State.NEW, State.MQL, State.SQL, State.CONVERTED, State.POOLED)


def to_pool(
    lead: Lead,
    reason: str,
    *,
    detail: str = "",
    ended: str = "",
    by: User | None,
    at: datetime,
    verb_name: str = "pooled",
    texts: dict[str, str] | None = None,
) -> Lead:
    """→ pooled of a locked lead, with its reason; what was held ends (R10.1)."""
    was = lead.state
    if ended:
        end_holding(lead, ended, at, detail)
    lead.pool(reason=reason, detail=detail, at=at)
    store(lead)
    data = {"reason": reason, "detail": detail, "segment": lead.pool_segment}
    events.record(fact(verb_name, lead, at, by, was, data=data, texts=texts or {}))
    return lead


def invalidate(lead: Lead, *, by: User | None, at: datetime, reason: str) -> Lead:
    """→ invalid of a locked lead: out of every queue and cadence (R2.3)."""
    was = lead.state
    end_holding(lead, Ended.INVALID, at, reason)
    lead.invalidate()
    store(lead)
    events.record(fact("invalidated", lead, at, by, was, data={"reason": reason}))
    return lead


@verb
def release(lead: Lead, *, reason: str, text: str = "", by: User) -> Lead:
    """sql → pooled: the rep gives the lead back (R6.5). Raises Forbidden, Overdue, TransitionNotAllowed, RuleRefused."""
    row = locked(lead)
    at = clock.now()
    require(permissions.may_judge(by, row), row, by, at)
    require_state(row, at, State.SQL)
    errors = []
    if reason not in ReleaseReason.values:
        message = _(
            "Say why you give it back: no time, not our customer, no need, cannot be reached, or other."
        )
        errors.append(FieldError("reason", "invalid" if reason else "required", message))
    elif reason == ReleaseReason.OTHER and not text.strip():
        errors.append(FieldError("text", "required", _("“Other” needs a few words.")))
    if errors:
        raise RuleRefused("reason_required", errors=errors)
    return to_pool(
        row,
        Reason.RELEASED,
        detail=reason,
        ended=Ended.RELEASED,
        by=by,
        at=at,
        verb_name="released",
        texts={"text": text},
    )


@verb
def assign(lead: Lead, *, rep: User, by: User) -> Lead:
    """Give an MQL, SQL or converted lead to a rep with room; due time and extensions go along (R3.1, R6.5).

    Raises Forbidden, Overdue, TransitionNotAllowed, RuleRefused (not a rep, capacity_reached).
    """
    lock_round()
    target = locked_rep(rep)
    row = locked(lead)
    at = clock.now()
    require(permissions.may_assign(by, row), row, by, at)
    require_state(row, at, State.MQL, State.SQL, State.CONVERTED)
    if row.owner_id == target.pk:
        raise RuleRefused(
            errors=[FieldError("rep", "same", _("%(name)s holds this lead already.") % {"name": target.name})]
        )
    require_rep(target)
    if row.state == State.MQL:
        end_holding(row, Ended.GIVEN, at)
        return hand_over(row, target, by=by, at=at)
    before = row.owner_id
    if row.state == State.SQL:
        if row.extensions_used:
            require_place(target, row, at)
        end_holding(row, Ended.GIVEN, at)
        row.give(rep=target)
        store(row)
        begin_holding(row, target, State.SQL, Began.GIVEN, at)
    else:
        row.owner, row.team = target, target.team
        store(row)
        hooks.owner_changed([row.pk], target, by, at)
    notify([target], "given", row, at=at, by=str(by.pk))
    data: dict[str, Any] = {"from": str(before), "rep": str(target.pk)}
    events.record(fact("assigned", row, at, by, row.state, data=data))
    return row


@verb
def add_note(lead: Lead, *, text: str, by: User) -> Note:
    """Write something down about a lead; it does not stop the clock (R6.4). Raises Forbidden, Overdue, RuleRefused."""
    row = locked(lead)
    at = clock.now()
    require(permissions.may_note(by, row), row, by, at)
    require_state(row, at, *WORKED_ON)
    if not text.strip():
        raise RuleRefused(errors=[FieldError("text", "required", _("An empty note says nothing."))])
    note = Note.objects.create(lead=row, by=by, at=at, text=text.strip())
    row.last_touch_at = at
    row.store("last_touch_at")
    events.record(
        fact("noted", row, at, by, row.state, data={"note": str(note.pk)}, texts={"text": note.text})
    )
    return note


@verb
def set_next_step(lead: Lead, *, text: str, on: date | None, by: User) -> Lead:
    """What is to be done next with this lead, and when (R12.2). Raises Forbidden, Overdue, RuleRefused."""
    row = locked(lead)
    at = clock.now()
    require(permissions.may_edit(by, row), row, by, at)
    require_state(row, at, *WORKED_ON)
    if on and not text.strip():
        raise RuleRefused(
            errors=[FieldError("next_step", "required", _("A day without a next step says nothing."))]
        )
    was = (row.next_step, row.next_step_on)
    row.next_step, row.next_step_on = text.strip()[:200], on
    row.store("next_step", "next_step_on")
    data = {"on": [str(was[1]) if was[1] else None, str(on) if on else None]}
    events.record(
        fact("next_step", row, at, by, row.state, data=data, texts={"next_step": (was[0], row.next_step)})
    )
    return row
