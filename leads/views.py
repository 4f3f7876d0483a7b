"""Pages of leads: the list, one lead, and the forms that open in place."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from contacts.rules import KINDS
from contacts.selectors import Entry, timeline
from core import hooks, rulebook
from core.errors import NotFound
from core.models import Event
from core.web import panels, phrases
from core.web.answers import page
from core.web.context import moment
from leads import approvals, holdings, permissions, rules, selectors, services
from leads.actions import actionable
from leads.models import Lead
from leads.rules import State
from leads.services.common import require, require_state
from leads.trunk import bar

TIMELINE, TIMELINE_ALL = 60, 1000


@page
@require_safe
def lead(request: HttpRequest, pk: Any) -> HttpResponse:
    """One lead: where it stands, what is known, what happened, what may be done."""
    at = moment(request)
    seen = Lead.objects.visible_to(request.user)
    row = selectors.for_lists(seen).filter(pk=pk).first()
    if row is None:  # merged away: the person is found with who stays (R1.6)
        stays = seen.filter(contact__merged_from__leads=pk).first()
        if stays is None:
            raise NotFound
        return redirect(reverse("leads:lead", args=[stays.pk]))
    masked = permissions.is_masked(row)
    approvals.read_asked(row)
    acts = panels.of_lead(row, request.user, at)
    sections = [part for answer in hooks.lead_page_parts(row, request.user, at) for part in answer]
    limit = TIMELINE_ALL if request.GET.get("history") == "all" else TIMELINE
    entries = timeline(row.contact_id, user=request.user, masked=masked, limit=limit)
    parts = hooks.lead_parts.merged([row], request.user, at).get(row.pk, {})
    context = {
        "lead": row,
        "contact": row.contact,
        "masked": masked,
        "reach": selectors.reach(row),
        "silent": not selectors.may_ring(row, at),
        "points": [] if masked else sorted(row.contact.points.all(), key=lambda p: KINDS.index(p.kind)),
        "parts": parts,
        "sections": sorted(sections, key=lambda part: part.order),
        "bar": bar(row.contact_id, {e.by.pk: e.by for e in entries if e.by}, _own(row, entries, limit)),
        "entries": phrases.lines(entries),
        "older": len(entries) == TIMELINE,
        "same": services.suggestions_for(row, request.user),
        "acts": [act for act in acts if act.first] + [act for act in acts if not act.first],
        "overdue": rules.is_overdue(row.state, row.due_at, at),
        "risk": _risk(row, parts.get("opportunity"), at),
        "asked": approvals.of_lead(row, request.user),
        "holdings": holdings.of_lead(row),
    }
    return render(request, "leads/lead.html", context)


def _risk(row: Lead, chance: Any, at: datetime) -> int | None:
    """Days over; of a converted lead while its new business is open, for who has signed is not at risk (R8.5)."""
    if row.state == State.CONVERTED and not (chance and chance.is_open and chance.kind == "new_business"):
        return None
    return selectors.risk(row, at, rulebook.get("at_risk_days"))


def _own(row: Lead, entries: list[Entry], limit: int) -> list[Event] | None:
    """The events of this very contact, oldest first, if the timeline holds them all."""
    if len(entries) >= limit:
        return None
    mine = [e.event for e in entries if e.event.contact_id == row.contact_id]
    own = [e for e in mine if e.subject_type == "lead" or (e.subject_type, e.verb) == ("order", "signed")]
    return own[::-1]


@page
@require_safe
def panel(request: HttpRequest, pk: Any, name: str) -> HttpResponse:
    """The form of one action, in place (htmx) or as a page."""
    row = actionable(request, pk)
    known = {panel.name: panel for panel in panels.of_lead(row, request.user, moment(request))}
    if name not in known:
        _require_still_theirs(row, request.user, moment(request))
        raise NotFound
    chosen = known[name]
    if not chosen.template:
        return redirect(reverse("leads:lead", args=[pk]))
    context = {"lead": row, "panel": chosen, **(chosen.build() if chosen.build else {})}
    if not request.htmx:
        return render(request, "leads/do.html", context)
    return render(request, chosen.template, context)


def _require_still_theirs(row: Lead, user: Any, at: datetime) -> None:
    """Who has lost a lead since the page was drawn is told so, not that there is no such form (R6.2)."""
    require_state(row, at, *State)
    require(Lead.objects.visible_to(user).filter(pk=row.pk).exists(), row, user, at)
