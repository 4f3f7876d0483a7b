"""Pages of opportunities: one of them, and the forms that open in place. The pipeline is in `board`."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from contacts.selectors import of_company, timeline
from core import hooks, rulebook
from core.errors import NotFound
from core.web import phrases
from core.web.answers import found, page
from core.web.context import moment
from core.web.panels import Panel
from leads.trunk import bar
from opportunities import deal, deal_forms, forms, forward, panels, permissions, rates, rules, selectors
from opportunities.actions import address
from opportunities.models import ExperienceEvent, Opportunity
from opportunities.rules import OPEN, Stage

TIMELINE = 60
WITH = ("orders", "experience_events", "quotes")


@page
@require_GET
def opportunity(request: HttpRequest, pk: Any) -> HttpResponse:
    """One opportunity: where it stands, what is needed, what happened, what may be done."""
    at = moment(request)
    rows = selectors.for_lists(Opportunity.objects.visible_to(request.user))
    row = found(rows.select_related("signed_before").prefetch_related(*WITH), pk)
    masked = is_masked(row.contact_id)
    values = rulebook.values()
    over = selectors.risk(row, at, values["at_risk_days"])
    points = [] if masked or row.contact is None else list(row.contact.points.live())
    context = {
        "opportunity": row,
        "company": row.company,
        "contact": row.contact,
        "points": points,
        "phone": next((point.whole for point in points if point.kind == "phone"), ""),
        "masked": masked,
        "silent": not selectors.may_ring(row, at),
        "bar": bar(row.contact_id) if row.contact_id else None,
        "stages": _stages(row, request.user, values),
        "rate": rules.win_rate(row.stage, values),
        "weighted": rules.weighted(row.amount, rules.chance(row.kind, row.stage, row.probability, values)),
        "acts": panels.of_opportunity(row, request.user, at),
        "parts": [part for answer in panels.parts(row, request.user, at) for part in answer],
        "risk": over,
        "cycle": rates.cycle() if over is not None else None,
        "days": (at - row.stage_since).days,
        "counted": forms.counted_word(),
        **deal.context_of(row, request.user, at, values, permissions.may_work(request.user, row)),
        "entries": story(row.contact_id, row.company_id, masked, request.user),
    }
    return render(request, "opportunities/opportunity.html", context)


def is_masked(contact_id: Any) -> bool:
    """Whether the person lies in the pool, so that nobody sees the details (R10.4)."""
    return bool(contact_id) and any(contact_id in ids for ids in hooks.masked_contacts([contact_id]))


def story(contact_id: Any, company_id: Any, masked: bool, user: Any) -> list[dict[str, Any]]:
    """What happened with this person, from the first touch on; without one, with the company."""
    if contact_id:
        return phrases.lines(timeline(contact_id, user=user, masked=masked, limit=TIMELINE))
    return phrases.lines(timeline(rows=of_company(company_id, user), user=user, limit=TIMELINE))


def _stages(row: Opportunity, user: Any, values: dict[str, Any]) -> list[dict[str, Any]]:
    """The open stages as a strip: where it stands, and where it may go from here."""
    may = permissions.may_work(user, row)
    order = list(OPEN)
    here = order.index(row.stage) if row.stage in order else -1  # type: ignore[arg-type]
    if row.stage == Stage.WON:
        here = len(order)
    return [
        {
            "code": stage,
            "name": stage.label,
            "rate": rules.win_rate(stage, values),
            "state": "now" if n == here else "past" if n < here else "ahead",
            "move": ("back" if n < here else "forward" if n > here else "") if may and row.is_open else "",
            "asks": may and n > here and forward.asks(row, stage, values["stage_gates"]),
        }
        for n, stage in enumerate(order)
    ]


def _actionable(request: HttpRequest, pk: Any) -> Opportunity:
    rows = Opportunity.objects.visible_to(request.user)
    return found(rows.select_related("company", "contact", "lead", "owner", "team"), pk)


@page
@require_GET
def panel(request: HttpRequest, pk: Any, name: str) -> HttpResponse:
    """The form of one action, in place (htmx) or as a page."""
    row = _actionable(request, pk)
    at = moment(request)
    offered = panels.of_opportunity(row, request.user, at) + panels.in_place(row, request.user, at)
    known = {panel.name: panel for panel in offered}
    if name not in known:
        raise NotFound
    chosen = known[name]
    if not chosen.template:
        return redirect(address(pk))
    context = {"opportunity": row, "panel": chosen, **(chosen.build() if chosen.build else {})}
    if not request.htmx:
        return render(request, "opportunities/do.html", context)
    return render(request, chosen.template, context)


@page
@require_GET
def move(request: HttpRequest, pk: Any) -> HttpResponse:
    """What a move asks for (R8.2): a reason back, a reason for a loss; without a stage, where it may go."""
    row = _actionable(request, pk)
    to = request.GET.get("stage", "")
    allowed = selectors.allowed_actions(row, request.user, moment(request))
    if "lose" not in allowed:
        raise NotFound
    values = rulebook.values()
    asks = "lose" if to == Stage.LOST else "back" if rules.is_back(row.stage, to) else "forward"
    context = {
        "opportunity": row,
        "to": to if to in OPEN or to == Stage.LOST else "",
        "to_name": Stage(to).label if to in Stage.values else "",
        "asks": asks if to else "",
        "form": forms.LoseForm(initial={"competitor": row.competitor})
        if asks == "lose"
        else forms.BackForm(),
        "stages": _stages(row, request.user, values),
        **forward.context_of(row, to, values["stage_gates"]),
        "post": reverse("opportunities:move", args=[pk]),
        "next": "" if request.htmx else request.GET.get("next") or address(pk),
    }
    template = "opportunities/move_form.html" if request.htmx else "opportunities/move.html"
    return render(request, template, context)


@page
@require_GET
def other_time(request: HttpRequest, pk: Any) -> HttpResponse:
    """The time of a planned experience, to be changed, in place."""
    rows = ExperienceEvent.objects.filter(opportunity__in=Opportunity.objects.visible_to(request.user))
    event = found(rows.select_related("opportunity__company", "opportunity__team"), pk)
    row = event.opportunity
    if not permissions.may_work(request.user, row) or not row.is_open:
        raise NotFound
    post = reverse("opportunities:change_experience", args=[pk])
    chosen = Panel("other_time", _("Keep"), "calendar", post, template=panels.FORM)
    context = {"opportunity": row, "panel": chosen, "form": deal_forms.moved(event), "two": True}
    return render(request, panels.FORM if request.htmx else "opportunities/do.html", context)
