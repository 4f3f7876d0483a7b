"""Pages of cadences: all of them, one drawn as a line with its figures, who stands in it (R10.1, R10.10, R11.6)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from core import rulebook
from core.api.fields import as_uuid
from core.web.answers import Done, action, found, page
from core.web.context import moment
from core.web.listing import Listing, one_of
from leads.models import Lead
from leads.rules import State
from outreach.permissions import may_edit, require_editor, require_reader
from outreach.rules import WHY_HELD, Goal
from outreach.tabs import tabs
from pool import cadence_reading as reading
from pool.cadence.editing import start_cadence, stop_cadence
from pool.cadence.figures import figures
from pool.cadence_diff import differences, end_words, told
from pool.cadence_preview import readings
from pool.models import Cadence, CadenceVersion, Entry

ORDERS = {"name": "name", "created_at": "created_at"}
ENTRY_ORDERS = {"due_at": "due_at", "started_at": "started_at"}
PERIODS = (
    ("", gettext_lazy("since it began")),
    ("90", gettext_lazy("90 days")),
    ("30", gettext_lazy("30 days")),
)
# By which figure each goal is judged (R11.6).
JUDGED_BY = {Goal.SPREAD: "delivered", Goal.ACQUIRE: "back", Goal.ORDER: "orders"}


@page
@require_safe
def cadences(request: HttpRequest) -> HttpResponse:
    """Every cadence with its goal, its segment, its steps as a small line and what it brought."""
    user: Any = request.user
    require_reader(user)
    show = one_of(request, "show", ("stopped", "all"))
    rows = Cadence.objects.visible_to(user)
    if show != "all":
        rows = rows.filter(active=show != "stopped")
    listing = Listing(request, rows, ORDERS, "created_at")
    brought, versions = figures([row.pk for row in listing]), reading.versions_of(listing)
    lines = [
        {
            "cadence": row,
            "line": reading.line_of(versions.get(row.pk)),
            "figures": brought.get(row.pk),
            "judged_by": JUDGED_BY.get(Goal(row.goal), ""),
            "messages": messages_address(row),
        }
        for row in listing
    ]
    context = {
        **tabs(request, "cadences"),
        "listing": listing,
        "lines": lines,
        "counts": {
            "running": Cadence.objects.filter(active=True).count(),
            "stopped": Cadence.objects.filter(active=False).count(),
        },
        "standing": sum(line["figures"].running for line in lines if line["figures"]),
        "currency": rulebook.get("currency"),
        "may_edit": may_edit(user),
    }
    return render(request, "pool/cadences.html", context)


def messages_address(cadence: Cadence, step: Any = None) -> str:
    """Where the messages of a cadence are listed; empty as long as that page does not exist."""
    try:
        address = reverse("outreach:messages")
    except NoReverseMatch:
        return ""
    return f"{address}?source={cadence.pk}" + (f"&step={step}" if step else "")


@page
@require_safe
def cadence(request: HttpRequest, pk: Any) -> HttpResponse:
    """One cadence: its line with who stands where, what it brought, what a person reads, its versions."""
    user: Any = request.user
    row = readable(request, pk)
    period, since = _period(request)
    history = reading.history_of(row)
    version = history[0] if history else None
    person, people = _person(request, row)
    context = {
        **tabs(request, "cadences"),
        "cadence": row,
        "version": version,
        "line": reading.line_of(version, reading.per_step(row)),
        "figures": figures([row.pk], since).get(row.pk),
        "judged_by": JUDGED_BY.get(Goal(row.goal), ""),
        "periods": PERIODS,
        "period": period,
        "messages": messages_address(row),
        "history": _told(history),
        "person": person,
        "people": people,
        "readings": readings(version, person.contact if person else None),
        "currency": rulebook.get("currency"),
        "may_edit": may_edit(user),
    }
    return render(request, "pool/cadence.html", context)


def _period(request: HttpRequest) -> tuple[str, datetime | None]:
    """The days that the figures are told of, and since when; all time where none were chosen."""
    days = one_of(request, "days", [code for code, _label in PERIODS if code])
    return days, moment(request) - timedelta(days=int(days)) if days else None


def readable(request: HttpRequest, pk: Any) -> Cadence:
    """The cadence, for who reads marketing's work. Raises Forbidden, NotFound."""
    require_reader(request.user)  # type: ignore[arg-type]
    return found(Cadence.objects.visible_to(request.user), pk)  # type: ignore[arg-type]


def _person(request: HttpRequest, row: Cadence) -> tuple[Lead | None, list[Lead]]:
    """On whom the texts are tried: who was chosen, else the first of the segment."""
    seen = Lead.objects.visible_to(request.user)
    people = reading.people_for(row, seen)
    asked = as_uuid(request.GET.get("lead", ""))
    chosen = next((lead for lead in people if lead.pk == asked), None)
    if asked and chosen is None:
        chosen = seen.filter(pk=asked, state=State.POOLED).select_related("contact__company").first()
        people = [chosen, *people] if chosen else people
    return chosen or (people[0] if people else None), people


def _told(history: list[CadenceVersion]) -> list[dict[str, Any]]:
    """Each version with what it changed against the one before."""
    rows = []
    for n, version in enumerate(history):
        before = history[n + 1] if n + 1 < len(history) else None
        end = (version.repeat_from, version.then_segment)
        if before is None:
            said = [end_words(*end)]
        else:
            said = differences(told(before), told(version), (before.repeat_from, before.then_segment), end)
        rows.append({"version": version, "said": said})
    return rows


@action
def start(request: HttpRequest, pk: Any) -> Done:
    """Let it run: who was stopped goes on from where they stood."""
    require_editor(request.user)  # type: ignore[arg-type]
    row = start_cadence(found(Cadence.objects.all(), pk), by=request.user)  # type: ignore[arg-type]
    return Done(_("“%(name)s” runs.") % {"name": row}, url=reverse("pool:cadence", args=[row.pk]))


@action
def stop(request: HttpRequest, pk: Any) -> Done:
    """Stop it: nothing more goes out, what was not sent is withdrawn."""
    require_editor(request.user)  # type: ignore[arg-type]
    row = stop_cadence(found(Cadence.objects.all(), pk), by=request.user)  # type: ignore[arg-type]
    text = _("“%(name)s” is stopped. What was not sent is withdrawn.")
    return Done(text % {"name": row}, url=reverse("pool:cadence", args=[row.pk]))


@page
@require_safe
def leads(request: HttpRequest, pk: Any) -> HttpResponse:
    """The leads behind a figure of a cadence."""
    row = readable(request, pk)
    show = one_of(request, "show", dict(reading.SHOWS)) or reading.IN
    step = as_uuid(request.GET.get("step", ""))
    entries = reading.entries_of(row, show, _period(request)[1], step).filter(
        lead__in=Lead.objects.visible_to(request.user)
    )
    if q := request.GET.get("q", "").replace("\x00", "").strip()[:200]:
        entries = entries.filter(Q(lead__contact__name__holds=q) | Q(lead__contact__company_name__holds=q))
    version = reading.version_of(row)
    line = reading.line_of(version)
    listing = Listing(
        request, entries.select_related("lead__contact__company", "lead__owner"), ENTRY_ORDERS, "due_at"
    )
    steps = {stop.key: stop for stop in line.stops}
    context = {
        **tabs(request, "cadences"),
        "cadence": row,
        "listing": listing,
        "rows": [_entry(entry, steps) for entry in listing],
        "shows": reading.SHOWS,
        "show": show,
        "step": steps.get(step),
        "q": q,
    }
    return render(request, "pool/cadence_leads.html", context)


def _entry(entry: Entry, steps: dict[Any, Any]) -> dict[str, Any]:
    return {"entry": entry, "lead": entry.lead, "stop": steps.get(entry.step_key), "why": why(entry.held)}


def why(code: str) -> Any:
    """Why somebody is held back, in words."""
    return WHY_HELD.get(code, code)
