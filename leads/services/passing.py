"""When a rep does not call or does not judge: the next rep, then the team's queue (R3.2)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from accounts.models import User
from accounts.services import notify
from core import clock, events
from core.errors import TransitionNotAllowed
from core.locking import lock, verb
from core.models import Event
from leads import permissions
from leads.models import Lead
from leads.rules import Began, Ended, State
from leads.services.common import end_holding, fact, leads, locked, require, require_state
from leads.services.handover import (
    chosen_reps,
    hand_over,
    lock_round,
    locked_rep,
    passed_by,
    pick_rep,
    require_rep,
)

BATCH = 200


def was_called(lead: Lead) -> bool:
    """Whether anybody has logged a conversation with this lead since it was handed over."""
    return Event.objects.filter(subject_id=lead.pk, verb="called", at__gt=lead.handed_at).exists()


@verb
def take(lead: Lead, *, by: User) -> Lead:
    """The next rep takes an MQL whose first call was missed (R3.2).

    Raises Forbidden, TransitionNotAllowed (the call was made, or is not due yet), AlreadyClaimed, RuleRefused
    (capacity_reached).
    """
    lock_round()
    rep = locked_rep(by)
    row = locked(lead)
    at = clock.now()
    require(permissions.may_take(rep, row, at), row, by, at)
    require_state(row, at, State.MQL)
    # Who let it pass does not take it back, or two could keep its 24 h from ever ending.
    if row.owner_id == rep.pk or was_called(row) or rep.pk in passed_by(row.pk):
        raise TransitionNotAllowed(row.state)
    require_rep(rep)
    missed = row.owner_id
    end_holding(row, Ended.PASSED_ON, at, "not_called")
    events.record(fact("taken", row, at, by, row.state, data={"from": str(missed)}))
    notify([missed], "taken_by_next", row, at=at, by=str(rep.pk))
    return hand_over(row, rep, by=by, at=at, began=Began.TAKEN)


def pass_on_unjudged(at: datetime) -> int:
    """Move MQLs that nobody judged in time to the next rep; when all have passed, to the team's queue (R3.2)."""
    due = Lead.objects.filter(state=State.MQL, judge_by__lte=at).order_by("judge_by", "id")
    done = 0
    for pk in list(due.values_list("pk", flat=True)[:BATCH]):
        done += _pass_on(pk, at)
    return done


@verb
def _pass_on(pk: Any, at: datetime) -> int:
    lock_round()
    rep = pick_rep(at, exclude=passed_by(pk), only=chosen_reps(Lead.objects.get(pk=pk)))
    found = lock(leads(), [pk], skip_locked=True)
    due = found[0].judge_by if found and found[0].state == State.MQL else None
    if due is None or due > at:
        return 0
    row = found[0]
    before = row.owner_id
    end_holding(row, Ended.PASSED_ON, due, "not_judged")
    if before:
        notify([before], "passed_on", row, at=due)
    events.record(fact("passed_on", row, due, None, row.state, data={"from": str(before)}))
    # Waiting for the locks took time: what happens now does not carry an older time than what was waited for.
    hand_over(row, rep, by=None, at=max(at, clock.now()), team=row.team)
    return 1
