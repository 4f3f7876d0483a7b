"""In force and ended by date, terminated by hand (R9.1)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core import clock, events
from core.errors import FieldError, RuleRefused
from core.locking import lock, verb
from opportunities.models import Opportunity
from opportunities.rules import OPEN, LostReason, Stage
from opportunities.services.common import fact as opportunity_fact
from opportunities.services.common import locked as locked_opportunity
from opportunities.services.following import LOST
from orders import permissions
from orders.models import Order
from orders.rules import State
from orders.services.common import fact, locked, orders, require, require_state
from orders.services.drafting import cancel_drafts

BATCH = 500
UNDECIDED = (Stage.SCHEDULED, *OPEN)


def begin_due(at: datetime) -> int:
    """signed → in force of what has begun, at its first day (R9.1); answers how many."""
    return _all(lambda: _begin(clock.firm_day(at)))


def end_due(at: datetime) -> int:
    """in force → ended of what is over, at the day after its last (R9.1); answers how many."""
    return _all(lambda: _end(clock.firm_day(at)))


def _all(batch: Callable[[], int]) -> int:
    done = 0
    while True:
        count = batch()
        done += count
        if count < BATCH:
            return done


@verb
def _begin(today: date) -> int:
    due = Order.objects.filter(state=State.SIGNED, starts_on__lte=today).order_by("starts_on", "id")
    rows = lock(orders(), list(due.values_list("pk", flat=True)[:BATCH]), skip_locked=True)
    rows = [row for row in rows if row.state == State.SIGNED and row.starts_on and row.starts_on <= today]
    for row in rows:
        row.begin()
        row.store("state")
        # The instant it was due, not that of the sweep; never before it was signed.
        at = max(clock.day_starts(row.starts_on), row.signed_at)  # type: ignore[type-var,arg-type]
        events.record(fact("in_force", row, at, None, State.SIGNED))  # type: ignore[arg-type]
    return len(rows)


@verb
def _end(today: date) -> int:
    due = Order.objects.filter(state=State.IN_FORCE, ends_on__lt=today).order_by("ends_on", "id")
    rows = lock(orders(), list(due.values_list("pk", flat=True)[:BATCH]), skip_locked=True)
    rows = [row for row in rows if row.state == State.IN_FORCE and row.ends_on and row.ends_on < today]
    for row in rows:
        at = max(clock.day_starts(row.ends_on + timedelta(days=1)), row.signed_at)  # type: ignore[operator,type-var,arg-type]
        row.end(at=at)
        row.store("state", "closed_at")
        events.record(fact("ended", row, at, None, State.IN_FORCE))  # type: ignore[arg-type]
    return len(rows)


@verb
def terminate(order: Order, *, reason: str, by: User, on: date | None = None) -> Order:
    """→ terminated: ended before its time, with a reason; the next chance, waiting or open, is closed (R9.1, R9.4).

    Raises Forbidden, TransitionNotAllowed, RuleRefused (reason_required).
    """
    waiting = Opportunity.objects.filter(
        signed_before=Order.objects.values("opportunity").get(pk=order.pk)["opportunity"],
        stage__in=UNDECIDED,
    )
    chances = [locked_opportunity(pk) for pk in waiting.order_by("pk").values_list("pk", flat=True)]
    row = locked(order)
    at = clock.now()
    require(permissions.may_work(by, row), row, by, at)
    require_state(row, State.SIGNED, State.IN_FORCE)
    today = clock.firm_day(at)
    errors = []
    if not reason.strip():
        errors.append(FieldError("reason", "required", _("Say why it ends early.")))
    day = on or today
    if row.signed_on and not row.signed_on <= day <= today:
        message = _("“%(value)s”: a day from the signature to today.") % {"value": day}
        errors.append(FieldError("terminated_on", "out_of_range", message))
    if errors:
        raise RuleRefused("reason_required" if not reason.strip() else None, errors=errors)
    was = row.state
    row.terminate(on=day, at=at)
    row.store("state", "terminated_on", "closed_at")
    data = {"terminated_on": str(day)}
    events.record(fact("terminated", row, at, by, was, data=data, texts={"text": reason.strip()}))
    for chance in chances:
        if chance.stage in UNDECIDED:
            stood = chance.stage
            chance.lose(reason=LostReason.OTHER, text=str(_("The contract was terminated.")), at=at)
            chance.store(*LOST)
            gone = {"reason": LostReason.OTHER, "terminated": str(row.pk)}
            events.record(opportunity_fact("lost", chance, at, by, stood, data=gone))
            cancel_drafts(chance, by, at)
    return row
