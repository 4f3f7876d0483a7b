"""Stages forward and back, lost and taken back, won by its order (R8)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.services import notify
from core import clock, events, hooks, rulebook
from core.errors import FieldError, RuleRefused, TransitionNotAllowed
from core.locking import lock, verb
from leads.rules import Reason, State
from leads.services import to_pool
from leads.services.common import fact as lead_fact
from leads.services.common import locked as locked_lead
from leads.services.common import store as store_lead
from opportunities import permissions, rules
from opportunities.models import Opportunity
from opportunities.rules import MOVES, OPEN, Kind, LostReason, Stage
from opportunities.selectors import followed_terminated
from opportunities.services.common import fact, locked, opportunities, require
from opportunities.services.converting import check_amount
from opportunities.services.evidence import gate_errors

MOVED = ["stage", "stage_since", "furthest", "closed_at", "lost_reason", "lost_text", "lost_from"]


@verb
def advance(opportunity: Opportunity, *, by: User, to: str = "") -> Opportunity:
    """Forward to the next stage, or to a later one (R8.2). Raises Forbidden, TransitionNotAllowed, RuleRefused."""
    row = locked(opportunity)
    at = clock.now()
    require(permissions.may_work(by, row), row, by)
    if row.stage not in OPEN:
        raise TransitionNotAllowed(row.stage, MOVES[row.stage])
    order = list(OPEN)
    target = to or (order[order.index(row.stage) + 1] if row.stage != order[-1] else "")  # type: ignore[arg-type]
    if target == Stage.WON or not target:
        raise TransitionNotAllowed(
            row.stage,
            MOVES[row.stage],
            _("An opportunity is won by signing its order; there is no other way."),
        )
    if not rules.is_forward(row.stage, target):
        raise TransitionNotAllowed(row.stage, [s for s in OPEN if rules.is_forward(row.stage, s)])
    missing = gate_errors(row, target)
    if missing:
        raise RuleRefused(
            "gate_not_met", _("Something that belongs to this stage is missing."), errors=missing
        )
    return _move(row, target, "advanced", by, at)


@verb
def back(opportunity: Opportunity, *, reason: str, by: User, to: str = "") -> Opportunity:
    """Back to the stage before, or an earlier one, with a reason (R8.2).

    Raises Forbidden, TransitionNotAllowed, RuleRefused (reason_required).
    """
    row = locked(opportunity)
    at = clock.now()
    require(permissions.may_work(by, row), row, by)
    order = list(OPEN)
    if row.stage not in OPEN:
        raise TransitionNotAllowed(row.stage, MOVES[row.stage])
    target = to or (order[order.index(row.stage) - 1] if row.stage != order[0] else "")  # type: ignore[arg-type]
    if not rules.is_back(row.stage, target):
        raise TransitionNotAllowed(row.stage, [s for s in OPEN if rules.is_back(row.stage, s)])
    if not reason.strip():
        message = _("Say in a few words why it goes back.")
        raise RuleRefused("reason_required", errors=[FieldError("reason", "required", message)])
    return _move(row, target, "moved_back", by, at, reason)


def _move(
    row: Opportunity, target: str, verb_name: str, by: User | None, at: datetime, reason: str = ""
) -> Opportunity:
    was = row.stage
    if target == Stage.SCHEDULED:
        row.wait_again(at=at)
    else:
        row.move(target, at=at)
    if by is not None:  # its day is no touch of anybody's
        row.last_touch_at = at
    row.store(*MOVED, "last_touch_at")
    events.record(fact(verb_name, row, at, by, was, texts={"reason": reason} if reason else {}))
    return row


@verb
def lose(
    opportunity: Opportunity, *, reason: str, text: str = "", competitor: str = "", by: User
) -> Opportunity:
    """→ lost, with a reason; the lead of new business goes to the pool (R8.7, R10.1).

    Raises Forbidden, TransitionNotAllowed, RuleRefused (reason_required).
    """
    lead = (
        locked_lead(opportunity.lead_id)
        if opportunity.lead_id and opportunity.kind == Kind.NEW_BUSINESS
        else None
    )
    row = locked(opportunity)
    at = clock.now()
    require(permissions.may_work(by, row), row, by)
    if row.stage not in OPEN and row.stage != Stage.SCHEDULED:
        raise TransitionNotAllowed(row.stage, MOVES[row.stage])
    errors = []
    if reason not in LostReason.values:
        errors.append(FieldError("reason", "invalid" if reason else "required", _("Say why it was lost.")))
    elif reason == LostReason.OTHER and not text.strip():
        errors.append(FieldError("text", "required", _("“Other” needs a few words.")))
    if errors:
        raise RuleRefused("reason_required", errors=errors)
    was = row.stage
    row.lose(reason=reason, text=text.strip(), at=at)
    if competitor.strip():
        row.competitor = competitor.strip()[:120]
    row.store(*MOVED, "competitor")
    events.record(
        fact(
            "lost",
            row,
            at,
            by,
            was,
            data={"reason": reason},
            texts={"text": text.strip(), "competitor": competitor.strip()},
        )
    )
    hooks.opportunity_lost(row, by, at)
    if lead is not None and lead.state == State.CONVERTED:
        to_pool(lead, Reason.LOST, detail=reason, by=by, at=at)
    return row


@verb
def reopen(opportunity: Opportunity, *, by: User) -> Opportunity:
    """Take a loss back that was a mistake, within 24 h and while the lead lies in the pool; one that was scheduled waits
    for its day again (R8.7, R9.4). Raises Forbidden, TransitionNotAllowed.
    """
    lead = (
        locked_lead(opportunity.lead_id)
        if opportunity.lead_id and opportunity.kind == Kind.NEW_BUSINESS
        else None
    )
    row = locked(opportunity)
    at = clock.now()
    require(permissions.may_work(by, row), row, by)
    limit = timedelta(hours=rulebook.get("undo_lost_hours"))
    if row.stage != Stage.LOST or row.closed_at is None or at > row.closed_at + limit:
        raise TransitionNotAllowed(row.stage, (), _("Only a loss of the last 24 hours can be taken back."))
    if followed_terminated(row):
        raise TransitionNotAllowed(
            row.stage, (), _("The contract before it was terminated: the loss stands.")
        )
    if not row.owner.is_active:
        raise TransitionNotAllowed(row.stage, (), _("Its owner has left: the loss stands."))
    if lead is not None:
        if lead.state != State.POOLED or lead.pooled_at != row.closed_at:
            raise TransitionNotAllowed(
                row.stage, (), _("The lead has gone on from the pool: the loss stands.")
            )
        lead.regain(owner=row.owner, at=at)
        store_lead(lead)
        events.record(lead_fact("regained", lead, at, by, State.POOLED, data={"opportunity": str(row.pk)}))
    return _move(row, row.lost_from or Stage.CONFIRMED, "reopened", by, at)


@verb
def update(opportunity: Opportunity, *, by: User, **fields: Any) -> Opportunity:
    """Change amount, expected close, headcount, competitor, risks, own judgement, next step of one that is not closed.

    Raises Forbidden, TransitionNotAllowed, RuleRefused.
    """
    row = locked(opportunity)
    at = clock.now()
    require(permissions.may_work(by, row), row, by)
    if row.stage in rules.CLOSED:
        raise TransitionNotAllowed(row.stage, MOVES[row.stage])
    errors = check_amount(fields.get("amount"))
    headcount = fields.get("headcount", row.headcount)
    if headcount is None or not 1 <= headcount <= rules.HEADCOUNT_MOST:
        message = _("“%(value)s”: must be a whole number of at least 1.") % {"value": headcount}
        errors.append(FieldError("headcount", "out_of_range", message))
    probability = fields.get("probability")
    if probability is not None and not 0 <= probability <= 100:
        message = _("“%(value)s”: 0 to 100 %%.") % {"value": probability}
        errors.append(FieldError("probability", "out_of_range", message))
    step, on = (fields.get(name, getattr(row, name)) for name in ("next_step", "next_step_on"))
    if on and not step.strip():
        errors.append(FieldError("next_step", "required", _("A day without a next step says nothing.")))
    if errors:
        raise RuleRefused(errors=errors)
    changed = {
        name: (getattr(row, name), value) for name, value in fields.items() if getattr(row, name) != value
    }
    for name, value in fields.items():
        setattr(row, name, value)
    if changed:
        row.store(*changed)
        texts = {n: v for n, v in changed.items() if n in ("next_step", "competitor", "risk")}
        data = {n: [_plain(old), _plain(new)] for n, (old, new) in changed.items() if n not in texts}
        events.record(fact("opportunity_changed", row, at, by, row.stage, data=data, texts=texts))
    return row


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Decimal | date) else value


def win(row: Opportunity, *, by: User, at: datetime, order_id: Any) -> Opportunity:
    """→ won of a locked opportunity whose order was signed: there is no other way (R8.8)."""
    was = row.stage
    row.win(at=at)
    row.store(*MOVED)
    events.record(fact("won", row, at, by, was, data={"order": str(order_id), "amount": str(row.amount)}))
    return row


def take_over(lead_ids: list[Any], owner: User, by: User, at: datetime) -> None:
    """Open opportunities of converted leads follow their lead to the new owner."""
    ids = (
        Opportunity.objects.open()
        .filter(lead_id__in=lead_ids, kind=Kind.NEW_BUSINESS)
        .exclude(owner=owner)
        .values_list("pk", flat=True)
    )
    for row in lock(opportunities(), list(ids)):
        before, row.owner, row.team = row.owner_id, owner, owner.team
        row.store("owner", "team")
        events.record(
            fact("assigned", row, at, by, row.stage, data={"from": str(before), "rep": str(owner.pk)})
        )


def activate_due(at: datetime) -> int:
    """Scheduled opportunities whose day has come become active and their owner is told (R9.4); answers how many."""
    day = clock.firm_day(at)
    done = 0
    while True:
        count = _activate(day)
        done += count
        if count < 500:
            return done


@verb
def _activate(day: date) -> int:
    ids = list(
        Opportunity.objects.due_to_open(day).order_by("active_on", "id").values_list("pk", flat=True)[:500]
    )
    rows = [r for r in lock(opportunities(), ids, skip_locked=True) if r.stage == Stage.SCHEDULED]
    for row in rows:
        # The day it was due, not the day of the sweep: a late sweep writes the same (Q5). What was due before its
        # contract was entered becomes active when that was.
        at = max(clock.day_starts(row.active_on), row.created_at)  # type: ignore[arg-type]
        _move(row, Stage.CONFIRMED, "activated", None, at)
        notify([row.owner], "next_chance", row, at=at, kind=row.kind)
    return len(rows)
