"""What is read of the pool: segments with counts, what may be claimed and why not."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Count, QuerySet

from accounts.models import Hat, User
from core import clock, rulebook
from leads.models import Holding, Lead
from leads.rules import Reason, Segment, State
from pool.models import Entry
from pool.rules import REASONS
from pool.services import Limits, limits_of


def segments(user: User) -> list[tuple[str, Any, int]]:
    """The segments of the pool with what lies in each: (code, name, count)."""
    rows = Lead.objects.visible_to(user).filter(state=State.POOLED).values_list("pool_segment")
    counts = dict(rows.annotate(n=Count("pk")).order_by())
    return [(code, name, counts.get(code, 0)) for code, name in Segment.choices]


def pool_parts(leads: Iterable[Lead], user: User, at: datetime) -> dict[Any, dict[str, Any]]:
    """The `pool` part of each pooled lead: segment, reason, since when, claimable by the user, and why not."""
    pooled = [lead for lead in leads if lead.state == State.POOLED]
    if not pooled:
        return {}
    ids = [lead.pk for lead in pooled]
    limits = limits_of(user, ids, at)
    running = Entry.objects.filter(lead_id__in=ids, state=Entry.State.RUNNING)
    due = dict(running.values_list("lead_id", "due_at"))
    return {lead.pk: {"pool": part(lead, limits, due.get(lead.pk))} for lead in pooled}


def part(lead: Lead, limits: Limits, due_at: datetime | None = None) -> dict[str, Any]:
    """The `pool` part of one lead; the next touch is its cadence's, or the day when that begins (R4.2)."""
    code = limits.why_not(lead)
    return {
        "segment": lead.pool_segment,
        "reason": lead.pool_reason,
        "entered_at": lead.pooled_at,
        "next_touch_at": due_at or lead.next_touch_at,
        "silent_touches": lead.silent_touches,
        "claimable_by_me": not code,
        "why_not": code or None,
    }


def words_for(code: str) -> Any:
    """The sentence for a reason why a lead cannot be claimed."""
    return REASONS.get(code, "")


def me(user: User, at: datetime) -> dict[str, Any]:
    """The part of /me that belongs here: claims of the day."""
    if not user.wears(Hat.REP):
        return {}
    used = Holding.objects.claims_since(user.pk, clock.day_starts(clock.firm_day(at))).count()
    return {"claims_today": {"used": used, "of": rulebook.get("claims_a_day")}}


def marketings_desk(user: User, at: datetime) -> QuerySet[Lead]:
    """Returned MQLs on marketing's desk: a view of the pool, until their cadence begins (R4.2)."""
    rows = Lead.objects.visible_to(user).filter(state=State.POOLED, pool_reason=Reason.RETURNED)
    return rows.filter(next_touch_at__gt=at)
