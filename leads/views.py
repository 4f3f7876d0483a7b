"""Pages of leads: the list, one lead, and the forms that open in place."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from contacts.models import MergeSuggestion
from contacts.rules import KINDS
from contacts.selectors import timeline
from core import hooks, rulebook
from core.errors import NotFound
from core.web import nav, panels, phrases, words
from core.web.answers import found, page
from core.web.context import moment
from core.web.listing import Listing, one_of
from leads import approvals, permissions, rules, selectors
from leads.actions import actionable
from leads.forms import CaptureForm
from leads.models import Lead
from leads.rules import State
from leads.trunk import bar

ORDERS = {"due_at": "due_at", "created_at": "created_at", "last_touch_at": "last_touch_at"}
SHOWN_STATES = (State.NEW, State.MQL, State.SQL, State.CONVERTED, State.POOLED)
OPEN = (State.NEW, State.MQL, State.SQL, State.CONVERTED)
TIMELINE, TIMELINE_ALL = 60, 1000


@page
@require_safe
def leads(request: HttpRequest) -> HttpResponse:
    """All leads that this person may see; what is chosen lies in the URL."""
    seen = Lead.objects.visible_to(request.user)
    rows = _filtered(request, seen)
    default = "due_at" if request.GET.get("state") == State.SQL else "-created_at"
    listing = Listing(request, selectors.for_lists(rows), ORDERS, default)
    counts = _counts(request, seen)
    context = {
        "listing": listing,
        "states": [(code, State(code).label, nav.shown(counts[code]) or None) for code in SHOWN_STATES],
        "open": nav.shown(counts["open"]) or "0",
        "clock": counts[State.SQL],
        "last_day": counts["last_day"],
        "import_url": next((e.address for e in nav.entries(request.user) if e.name == "import"), ""),
        "may_capture": permissions.may_capture(request.user),
        "form": CaptureForm(),
        "q": request.GET.get("q", ""),
    }
    return render(request, "leads/leads.html", context)


def _filtered(request: HttpRequest, seen: QuerySet[Lead]) -> QuerySet[Lead]:
    rows = seen
    state = one_of(request, "state", [*State.values, "all"])
    if state != "all":
        rows = rows.filter(state=state) if state else rows.filter(state__in=OPEN)
    if request.GET.get("owner") == "me":
        rows = rows.filter(owner=request.user)
    text = request.GET.get("q", "").replace("\x00", "")[:200]
    return selectors.matching(rows, text)


def _counts(request: HttpRequest, seen: QuerySet[Lead]) -> dict[str, int]:
    """What stands where, each counted up to a limit, all in one query."""
    sets: dict[str, QuerySet[Lead]] = {code: seen.filter(state=code) for code in SHOWN_STATES}
    sets["open"] = seen.filter(state__in=OPEN)
    last_day = moment(request) + words.LAST_DAY
    sets["last_day"] = seen.filter(state=State.SQL, due_at__lte=last_day)
    return nav.count_many(sets)


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
    limit = TIMELINE_ALL if request.GET.get("history") == "all" else TIMELINE
    entries = timeline(row.contact_id, user=request.user, masked=masked, limit=limit)
    context = {
        "lead": row,
        "contact": row.contact,
        "masked": masked,
        "reach": selectors.reach(row),
        "points": [] if masked else sorted(row.contact.points.all(), key=lambda p: KINDS.index(p.kind)),
        "parts": hooks.lead_parts.merged([row], request.user, at).get(row.pk, {}),
        "bar": bar(row.contact_id, {e.by.pk: e.by for e in entries if e.by}),
        "entries": phrases.lines(entries),
        "older": len(entries) == TIMELINE,
        "same": _same_person(row, request.user),
        "acts": [act for act in acts if act.first] + [act for act in acts if not act.first],
        "overdue": rules.is_overdue(row.state, row.due_at, at),
        "risk": selectors.risk(row, at, rulebook.get("at_risk_days")),
        "asked": approvals.of_lead(row, request.user),
    }
    return render(request, "leads/lead.html", context)


def _same_person(row: Lead, user: Any) -> list[Lead]:
    """Leads of contacts that may be this very person, of those that the user may see (R1.3)."""
    pairs = MergeSuggestion.objects.filter(settled_at=None)
    ids = (
        pairs.filter(one=row.contact_id).values("other_id"),
        pairs.filter(other=row.contact_id).values("one_id"),
    )
    seen = Lead.objects.visible_to(user).select_related("contact")
    return list(seen.filter(Q(contact__in=ids[0]) | Q(contact__in=ids[1]))[:5])


@page
@require_safe
def panel(request: HttpRequest, pk: Any, name: str) -> HttpResponse:
    """The form of one action, in place (htmx) or as a page."""
    row = actionable(request, pk)
    known = {panel.name: panel for panel in panels.of_lead(row, request.user, moment(request))}
    if name not in known:
        raise NotFound
    chosen = known[name]
    if not chosen.template:
        return redirect(reverse("leads:lead", args=[pk]))
    context = {"lead": row, "panel": chosen, **(chosen.build() if chosen.build else {})}
    if not request.htmx:
        return render(request, "leads/do.html", context)
    return render(request, chosen.template, context)
