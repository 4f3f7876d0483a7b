"""Pages of cadences: all of them, one drawn as a line with its figures, who stands in it (R10.1, R10.10, R11.6)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from core import rulebook
from core.ids import as_uuid
from core.web.answers import Done, action, found, page
from core.web.context import moment
from core.web.listing import Listing, one_of
from leads.models import Lead
from leads.rules import State
from outreach.permissions import may_edit, require_reader
from outreach.rules import WHY_HELD, Goal
from outreach.tabs import tabs
from pool import cadence_reading as reading
from pool.cadence.editing import start_cadence, stop_cadence
from pool.cadence.figures import figures
from pool.cadence_diff import differences, end_words, told
from pool.cadence_preview import readings
from pool.models import Cadence, CadenceVersion

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


@page
@require_safe
def cadence(request: HttpRequest, pk: Any) -> HttpResponse:
    """One cadence: its line with who stands where, what it brought, what a person reads, its versions."""
    user: Any = request.user
    row = readable(request, pk)
    days, since = period(request)
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
        "period": days,
        "history": _told(history),
        "person": person,
        "people": people,
        "readings": readings(version, person.contact if person else None, moment(request)),
        "currency": rulebook.get("currency"),
        "may_edit": may_edit(user),
    }
    return render(request, "pool/cadence.html", context)


def period(request: HttpRequest) -> tuple[str, datetime | None]:
    """The days that the figures are told of, and since when; all time where none were chosen."""
    days = one_of(request, "days", [code for code, _label in PERIODS if code])
    return days, moment(request) - timedelta(days=int(days)) if days else None


def readable(request: HttpRequest, pk: Any) -> Cadence:
    """The cadence, for who reads marketing's work. Raises NotFound."""
    return found(Cadence.objects.visible_to(request.user), pk)


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
    row = start_cadence(readable(request, pk), by=request.user)
    return Done(_("“%(name)s” runs.") % {"name": row}, url=reverse("pool:cadence", args=[row.pk]))


@action
def stop(request: HttpRequest, pk: Any) -> Done:
    """Stop it: nothing more goes out, what was not sent is withdrawn."""
    row = stop_cadence(readable(request, pk), by=request.user)
    text = _("“%(name)s” is stopped. What was not sent is withdrawn.")
    return Done(text % {"name": row}, url=reverse("pool:cadence", args=[row.pk]))


def why(code: str) -> Any:
    """Why somebody is held back, in words."""
    return WHY_HELD.get(code, code)
