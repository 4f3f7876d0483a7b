"""Claiming from the public pool: one lead, one winner; no limit passed however many are clicked (R10.3)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from accounts.models import Hat, User
from core import clock, events, hooks, rulebook
from core.errors import (
    AlreadyClaimed,
    Forbidden,
    NotFound,
    Overdue,
    RuleRefused,
    TransitionNotAllowed,
    TrunkError,
)
from core.locking import lock, verb
from leads import rules as lead_rules
from leads.models import Holding, Lead
from leads.rules import Began, State
from leads.services.common import begin_holding, fact, leads, store
from leads.services.handover import load_of
from leads.services.week import week_ends
from pool.rules import REASONS
from pool.worn import resting


@dataclass
class Answer:
    """What became of one claim of a batch."""

    lead_id: Any
    lead: Lead | None = None
    error: TrunkError | None = None

    @property
    def ok(self) -> bool:
        """Whether the lead is the claimer's now."""
        return self.error is None


@dataclass
class Limits:
    """What one rep may still claim at this moment, and what not."""

    user: User
    claiming: bool
    claims_of: int
    claims_used: int
    capacity_of: int
    capacity_used: int
    cooling: set[Any]
    worn: dict[Any, datetime]

    def why_not(self, lead: Lead) -> str:
        """The code of the rule that forbids claiming this pooled lead, or an empty string."""
        if not self.user.wears(Hat.REP):
            return "forbidden"
        if not self.claiming:
            return "claiming_off"
        if not lead.claimable:
            return "not_claimable"
        if lead.pk in self.worn:
            return "lead_worn"
        if lead.pk in self.cooling:
            return "claim_cooldown"
        if self.claims_used >= self.claims_of:
            return "claim_limit_day"
        if self.capacity_used >= self.capacity_of:
            return "capacity_reached"
        return ""


def limits_of(user: User, lead_ids: Collection[Any], at: datetime) -> Limits:
    """The limits of a rep for these leads, counted from what happened (R10.3, R10.7): three queries, and one
    more where worn leads rest."""
    values = rulebook.values()
    day = clock.day_starts(clock.firm_day(at))
    since = at - timedelta(days=values["cooldown_days"])
    capacity = user.capacity if user.capacity is not None else values["capacity"]
    if not user.wears(Hat.REP):  # only reps claim: nothing to count; marketing sees what rests
        worn = resting(lead_ids, at)
        return Limits(user, values["claiming"], values["claims_a_day"], 0, capacity, 0, set(), worn)
    cooling = Holding.objects.let_go_since(user.pk, since).filter(lead_id__in=list(lead_ids))
    return Limits(
        user=user,
        claiming=values["claiming"],
        claims_of=values["claims_a_day"],
        claims_used=Holding.objects.claims_since(user.pk, day).count(),
        capacity_of=capacity,
        capacity_used=load_of([user.pk]).get(user.pk, 0),
        cooling=set(cooling.values_list("lead_id", flat=True)),
        worn=resting(lead_ids, at),
    )


@verb
def claim(lead: Lead | Any, *, by: User) -> Lead:
    """pooled → sql: the lead becomes the rep's, with a fresh week (R10.3).

    Raises Forbidden, NotFound, AlreadyClaimed, TransitionNotAllowed, RuleRefused (claim_limit_day, capacity_reached,
    claim_cooldown, lead_worn, not_claimable).
    """
    answer = _claim_many([getattr(lead, "pk", lead)], by=by)[0]
    if answer.error is not None:
        raise answer.error
    assert answer.lead is not None
    return answer.lead


def claim_many(lead_ids: Sequence[Any], *, by: User) -> list[Answer]:
    """Claim several leads; an answer for each, in the order asked (R10.3). Raises Forbidden.

    What is found overdue leaves at its due time, as where a verb refuses because of it (R6.2).
    """
    answers = _claim_many(lead_ids, by=by)
    if over := [answer.lead_id for answer in answers if isinstance(answer.error, Overdue)]:
        hooks.overdue_met(over)
    return answers


@verb
def _claim_many(lead_ids: Sequence[Any], *, by: User) -> list[Answer]:
    if not by.wears(Hat.REP):
        raise Forbidden()
    # The rep's own row is the lock under which day's claims and capacity are counted: no two batches of one rep at once.
    (rep,) = lock(User.objects.select_related("team"), [by.pk])
    if not rep.is_active:  # left while this claim was on its way (R15.3)
        raise Forbidden()
    real = [pk for pk in lead_ids if isinstance(pk, UUID)]
    found = {row.pk: row for row in lock(leads(), real)}
    at = clock.now()
    limits = limits_of(rep, real, at)
    answers: list[Answer] = []
    for pk in lead_ids:
        row = found.get(pk)
        error = _refusal(row, limits, rep, at)
        if error is None and row is not None:
            _take(row, rep, at)
            limits.claims_used += 1
            limits.capacity_used += 1
            answers.append(Answer(pk, row))
        else:
            answers.append(Answer(pk, error=error))
    return answers


def _refusal(lead: Lead | None, limits: Limits, rep: User, at: datetime) -> TrunkError | None:
    if lead is None or lead.state == State.MERGED:
        return NotFound()
    if lead.state != State.POOLED:
        seen = Lead.objects.actionable_by(rep, at).filter(pk=lead.pk).exists()
        if not seen:
            return NotFound()
        if lead_rules.is_overdue(lead.state, lead.due_at, at):
            return Overdue([lead.pk])
        return AlreadyClaimed() if lead.owner_id else TransitionNotAllowed(lead.state)
    code = limits.why_not(lead)
    if code == "forbidden":
        return Forbidden()
    if code:
        return RuleRefused("not_claimable" if code == "claiming_off" else code, REASONS[code])
    return None


def _take(lead: Lead, rep: User, at: datetime) -> None:
    reason, segment = lead.pool_reason, lead.pool_segment
    lead.claim(rep=rep, at=at, due_at=week_ends(at))
    store(lead)
    begin_holding(lead, rep, State.SQL, Began.CLAIMED, at)
    data = {"reason": reason, "segment": segment, "due_at": lead.due_at.isoformat(), "run": lead.run}  # type: ignore[union-attr]
    events.record(fact("claimed", lead, at, rep, State.POOLED, data=data))
