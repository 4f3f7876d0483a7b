"""What is read of the pool: segments with counts, what may be claimed and why not."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Count, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Hat, User
from core import clock, rulebook
from leads.models import Holding, Lead
from leads.rules import Reason, Segment, State
from pool import permissions
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
    limits, planned = _limits(pooled, user, at), next_touches([lead.pk for lead in pooled])
    return {lead.pk: {"pool": part(lead, limits, planned)} for lead in pooled}


def _limits(pooled: list[Lead], user: User, at: datetime) -> Limits:
    """The limits of a page's leads: its parts and its buttons ask for the same ones, so the rows remember them."""
    key = (user.pk, at)
    known = [getattr(lead, "_limits", (None, None)) for lead in pooled]
    if all(of == key and limits is known[0][1] for of, limits in known):
        return known[0][1]  # type: ignore[return-value]
    limits = limits_of(user, [lead.pk for lead in pooled], at)
    for lead in pooled:
        lead._limits = (key, limits)  # type: ignore[attr-defined]
    return limits


def next_touches(lead_ids: Iterable[Any]) -> dict[Any, datetime]:
    """When the cadence of each of these leads is due next; none where none runs. One query."""
    running = Entry.objects.filter(lead_id__in=list(lead_ids), state=Entry.State.RUNNING)
    return dict(running.values_list("lead_id", "due_at"))


def actions(leads: Iterable[Lead], user: User, at: datetime) -> dict[Any, list[str]]:
    """What this user may do with each pooled lead: a rep claims, marketing lets a worn one be claimed (R10.3, R10.7)."""
    pooled = [lead for lead in leads if lead.state == State.POOLED]
    if not pooled or not user.wears(Hat.REP, Hat.MARKETER, Hat.ADMIN):
        return {}
    limits = _limits(pooled, user, at)
    freeing = permissions.may_hand_out(user)
    return {
        lead.pk: [
            *([] if limits.why_not(lead) else ["claim"]),
            *(["free_worn"] if freeing and lead.pk in limits.worn else []),
        ]
        for lead in pooled
    }


def part(lead: Lead, limits: Limits, planned: dict[Any, datetime]) -> dict[str, Any]:
    """The `pool` part of one lead; the next touch is its cadence's, or the day when that begins (R4.2)."""
    code = limits.why_not(lead)
    return {
        "segment": lead.pool_segment,
        "reason": lead.pool_reason,
        "entered_at": lead.pooled_at,
        "next_touch_at": planned.get(lead.pk, lead.next_touch_at),
        "silent_touches": lead.silent_touches,
        "claimable_by_me": not code,
        "why_not": code or None,
    }


def words_for(code: str) -> Any:
    """The sentence for a reason why a lead cannot be claimed."""
    return REASONS.get(code, "")


# The same in two or three words, as they fit into a row.
SHORT = {
    "claim_cooldown": _("you let it go"),
    "not_claimable": _("desk first"),
    "claim_limit_day": _("no claims left today"),
    "capacity_reached": _("you are full"),
    "claiming_off": _("claiming is off"),
    "lead_worn": _("rests: worn"),
}


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
