"""The form that makes an SQL an opportunity, on the lead's page and on Today (R5)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from catalogue.models import Product
from core.web.answers import Done, action, cleaned
from core.web.panels import Panel
from leads import rules
from leads.actions import actionable
from leads.models import Lead
from opportunities import permissions, services
from opportunities.services import Need


class ConvertForm(forms.Form):
    """What is needed to quote; the verb says all that is missing at once."""

    company = forms.CharField(label=lazy("Correct company name"), max_length=200, required=False)
    headcount = forms.IntegerField(
        label=lazy("How many people"),
        required=False,
        widget=forms.NumberInput(attrs={"min": 1, "inputmode": "numeric"}),
    )
    products = forms.ModelMultipleChoiceField(
        label=lazy("Which products"),
        queryset=Product.objects.filter(active=True),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    purpose = forms.CharField(label=lazy("What for"), max_length=200, required=False)
    amount = forms.DecimalField(
        label=lazy("Amount"),
        required=False,
        max_digits=14,
        decimal_places=2,
        help_text=lazy("Empty: list price times people"),
    )
    expected_close = forms.DateField(
        label=lazy("Expected close"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )


def panels(lead: Lead, user: Any, at: datetime) -> list[Panel]:
    """Make an opportunity, for the owner of a running SQL."""
    if (
        lead.state != "sql"
        or rules.is_overdue(lead.state, lead.due_at, at)
        or not permissions.may_convert(user, lead)
    ):
        return []
    post = reverse("opportunities:convert", args=[lead.pk])
    return [
        Panel(
            "convert",
            lazy("Make an opportunity"),
            "layout-kanban",
            post,
            10,
            "opportunities/convert.html",
            lambda: {"form": ConvertForm(initial={"company": lead.contact.company_name})},
            key="o",
            first=True,
        )
    ]


@action
def convert(request: HttpRequest, pk: Any) -> Done:
    """SQL → opportunity (R5.1)."""
    lead = actionable(request, pk)
    data = cleaned(ConvertForm(request.POST))
    purpose = data.pop("purpose")
    needs = [Need(product, purpose) for product in data.pop("products")]
    opportunity = services.convert(lead, by=request.user, products=needs, **data)
    try:
        url = reverse("opportunities:opportunity", args=[opportunity.pk])
    except NoReverseMatch:
        url = reverse("leads:lead", args=[lead.pk])
    return Done(_("An opportunity now: the clock has stopped."), url=url)
