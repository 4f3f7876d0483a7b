"""While somebody types what converting asks for: what is still missing, and which company is known already (R5.1, R1.5)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from contacts.models import Company
from contacts.rules import core_name, exact_name, is_company_name
from core.errors import Forbidden
from core.web.answers import page
from core.web.context import moment
from leads.actions import actionable as actionable_lead
from leads.known import companies_called
from opportunities import forms
from opportunities.actions import made_of
from opportunities.permissions import may_convert
from opportunities.rules import missing_for_conversion
from opportunities.services.converting import check_needs

LEAST, MOST = 2, 5


@page
@require_POST
def check(request: HttpRequest, pk: Any) -> HttpResponse:
    """What is missing now, all of it; companies under their short or legal name; the company that was picked."""
    lead = actionable_lead(request, pk)
    context: dict[str, Any] = {"lead": lead, "made": made_of(request, lead)}
    if context["made"] is None:
        if not may_convert(request.user, lead):
            raise Forbidden
        picked = request.POST.get("pick", "").strip()[:200]
        name = picked or request.POST.get("company", "").strip()[:200]
        context |= {"missing": _missing(request, name), "known": [] if picked else known(name, request.user)}
        if picked:
            context["form"] = forms.ConvertForm(initial={"company": picked})
    context["at"] = moment(request)
    return render(request, "opportunities/convert_check.html", context)


def _missing(request: HttpRequest, name: str) -> list[Any]:
    lines = forms.NeedLines(request.POST, prefix="products")
    form = forms.ConvertForm(request.POST)
    form.is_valid()
    needs = []
    if lines.management_form.is_valid():
        lines.is_valid()
        filled = [f.cleaned_data for f in lines.forms if hasattr(f, "cleaned_data")]
        needs = [x for x in filled if x.get("product")]
    headcount = form.cleaned_data.get("headcount")
    errors = missing_for_conversion(needs, headcount, is_company_name(name), name)
    wanted = [forms.Need(x["product"], x.get("purpose", ""), x.get("quantity")) for x in needs]
    return [error.message for error in errors + check_needs(wanted)]


def known(name: str, user: Any) -> list[Company]:
    """Companies that this may mean: by the short or the legal name, and while typing those that one may see."""
    if len(name) < LEAST:
        return []
    found = {one.company.pk: one.company for one in companies_called(name)}
    begun = core_name(name)
    if begun:
        rows = Company.objects.visible_to(user).filter(core_name__startswith=begun)
        found |= {row.pk: row for row in rows.distinct().order_by("name")[:MOST]}
    exact = exact_name(name)
    rows = [row for row in found.values() if row.exact_name != exact]
    return sorted(rows, key=lambda row: row.name)[:MOST]
