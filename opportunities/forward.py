"""A move forward with what belongs to the stage, asked for in place (R8.2)."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse

from core.web.answers import cleaned
from opportunities import deal_forms, services
from opportunities.models import Opportunity
from opportunities.rules import OPEN, QuoteState, Stage


def wanted(stage: str, to: str, *, lived: bool, quoted: bool, gates: bool) -> dict[str, bool]:
    """What a move from stage to stage asks for: an experience, a quote, the risks; with the gates on it `must` be
    there."""
    order = list(OPEN)
    if to not in order or stage not in order or order.index(to) <= order.index(stage):  # type: ignore[arg-type]
        return {}
    far = to == Stage.NEGOTIATION
    experience, quote = (gates or not far) and not lived, far and not quoted
    return {"experience": experience, "quote": quote, "risks": far, "must": gates and (experience or quote)}


def wants(row: Opportunity, to: str, gates: bool) -> dict[str, bool]:
    """What a move of this opportunity asks for."""
    lived = any(event.held is not False for event in row.experience_events.all())
    quoted = any(quote.state != QuoteState.REVISED for quote in row.quotes.all())
    return wanted(row.stage, to, lived=lived, quoted=quoted, gates=gates)


def asks(row: Opportunity, to: str, gates: bool) -> bool:
    """Whether a move opens a form before it is done."""
    return any(wants(row, to, gates).values())


def context_of(row: Opportunity, to: str, gates: bool) -> dict[str, Any]:
    """The forms of what a move asks for."""
    asked = wants(row, to, gates)
    return {
        "wants": asked if any(asked.values()) else None,
        "experience": deal_forms.ExperienceForm() if asked.get("experience") else None,
        "risk_form": deal_forms.risks_of(row) if asked.get("risks") else None,
    }


def run(request: HttpRequest, row: Opportunity, to: str) -> tuple[Opportunity, str]:
    """The move with what it asked for in place, or without: all of it or nothing (R8.2).

    Answers the opportunity and where the work goes on: at the quote that was begun, else where one is.
    """
    with transaction.atomic():
        if "skip" in request.POST or "asks" not in request.POST:
            return services.advance(row, to=to, by=request.user), ""
        asked, url = request.POST.getlist("asks"), ""
        if "experience" in asked:
            form = deal_forms.ExperienceForm(request.POST)
            cleaned(form)
            services.plan_experience(row, by=request.user, **form.asked())
        if "risks" in asked:
            services.update(row, by=request.user, **cleaned(deal_forms.RiskForm(request.POST, kind=row.kind)))
        if "quote" in request.POST:
            made = services.draft_quote(row, by=request.user)
            url = reverse("opportunities:quote", args=[made.pk])
        return services.advance(row, to=to, by=request.user), url
