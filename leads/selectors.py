"""What is read of leads: what may be done now, where they stand, what a page and the API show of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet

from accounts.models import Hat, User
from accounts.permissions import manages
from contacts import search
from contacts.models import ContactPoint
from contacts.rules import KINDS, masked, may_be_phoned
from core import hooks, rulebook
from leads import permissions, rules
from leads.models import Lead
from leads.rules import State
from leads.special import special_actions


def for_lists(rows: QuerySet[Lead]) -> QuerySet[Lead]:
    """Leads with all that a row shows, in a fixed number of queries."""
    points = ContactPoint.objects.order_by("kind", "dead_at", "-first_choice", "id")
    return rows.select_related("contact", "contact__company", "owner", "team", "campaign").prefetch_related(
        Prefetch("contact__points", queryset=points)
    )


def allowed_actions(leads: Iterable[Lead], user: User, at: datetime) -> dict[Any, list[str]]:
    """The actions this user may take on each lead at this moment; an overdue SQL allows none (R6.2)."""
    listed = list(leads)
    found: dict[Any, list[str]] = {}
    for lead in listed:
        if rules.is_overdue(lead.state, lead.due_at, at) or lead.state in (State.INVALID, State.MERGED):
            found[lead.pk] = []
            continue
        actions = []
        if lead.state == State.MQL and permissions.may_judge(user, lead):
            actions += ["accept", "return"]
        if permissions.may_release(user, lead):
            actions.append("release")
        if lead.state in (State.MQL, State.SQL, State.CONVERTED) and permissions.may_assign(user, lead):
            actions.append("assign")
        if permissions.may_note(user, lead):
            actions.append("note")
        if permissions.may_edit(user, lead):
            actions.append("edit")
        found[lead.pk] = actions
    gone = (State.INVALID, State.MERGED)
    live = [x for x in listed if x.state not in gone and not rules.is_overdue(x.state, x.due_at, at)]
    for answer in (special_actions(live, user, at), hooks.lead_actions.merged(live, user, at)):
        for pk, more in answer.items():
            found[pk] = found.get(pk, []) + more
    return found


def reach(lead: Lead) -> dict[str, str]:
    """The first living way of each kind to reach a lead's contact, masked in the pool (R10.4): kind → text."""
    shown = dict.fromkeys(KINDS, "")
    for point in sorted(lead.contact.points.all(), key=lambda p: (p.dead_at is not None, not p.first_choice)):
        if not shown[point.kind] and point.dead_at is None:
            hidden = permissions.is_masked(lead)
            shown[point.kind] = masked(point.kind, point.value) if hidden else point.whole
    return shown


def may_ring(lead: Lead, at: datetime) -> bool:
    """Whether a lead's number is offered to be dialled: its details are seen and the person may be phoned (R2.3)."""
    if permissions.is_masked(lead):
        return False
    return may_be_phoned(lead.contact, at, promised=lead.call_back_at is not None)


def risk(lead: Lead, at: datetime, limit_days: int) -> int | None:
    """Days over the limit after which an unsigned customer is at risk, or None (R8.5)."""
    if lead.state not in (State.MQL, State.SQL, State.CONVERTED):
        return None
    return rules.days_over(lead.back_at or lead.acquired_at, at, limit_days)


def matching(rows: QuerySet[Lead], text: str) -> QuerySet[Lead]:
    """Leads whose name, company, phone, e-mail or WeChat id holds the text; masked ones only by name, company or the
    whole exact detail."""
    return rows.filter(search.matching(text, "contact__", Q(state=State.POOLED))) if text.strip() else rows


def open_load(user_ids: list[Any]) -> dict[Any, int]:
    """MQLs and SQLs that each user holds (R3.1)."""
    rows = Lead.objects.filter(owner_id__in=user_ids, state__in=[State.MQL, State.SQL])
    return dict(rows.values_list("owner_id").annotate(n=Count("pk")))


def me(user: User, at: datetime) -> dict[str, Any]:
    """The part of /me that belongs here: capacity used."""
    load = hooks.open_load.merged([user.pk]).get(user.pk, 0)
    of = user.capacity if user.capacity is not None else rulebook.get("capacity")
    if not user.wears(Hat.REP):
        return {}
    extensions = {
        "used": Lead.objects.on_extension().filter(owner=user, due_at__gt=at).count(),
        "of": rulebook.get("extensions_a_rep"),
    }
    return {"capacity": {"used": load, "of": of}, "extensions": extensions}


def assignable_reps(lead: Lead, by: User) -> QuerySet[User]:
    """The reps to whom this user may give a lead."""
    reps = User.objects.active().wearing(Hat.REP).exclude(pk=lead.owner_id).select_related("team")
    if by.wears(Hat.ADMIN, Hat.MARKETER) or manages(by, lead.team_id):
        return reps
    return reps.none()
