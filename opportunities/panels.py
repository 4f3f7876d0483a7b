"""What can be done with an opportunity, as buttons and small forms; orders add theirs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core import rulebook
from core.hooks import Point
from core.web.panels import Panel
from leads.models import Lead
from opportunities import forms, selectors
from opportunities.models import Opportunity
from opportunities.permissions import may_convert

more: Point[Callable[..., Any]] = Point("(opportunity, user, at) -> [Panel] of its page")
parts: Point[Callable[..., Any]] = Point("(opportunity, user, at) -> [(template, context)] beside its page")

FORM = "leads/panels/form.html"


def of_opportunity(row: Opportunity, user: Any, at: datetime) -> list[Panel]:
    """All that this user may do with an opportunity now, in order."""
    allowed = set(selectors.allowed_actions(row, user, at))
    known = {
        "edit": [
            Panel(
                "next", _("Next step"), "flag", _url(row, "next"), 50, FORM,
                lambda: {"form": _next(row), "two": True}, key="n",
            ),
            Panel(
                "facts", _("Edit"), "edit", _url(row, "facts"), 60, FORM,
                lambda: {"form": _facts(row), "two": True}, key="e",
            ),
        ],
        "lose": [
            Panel(
                "lose", _("Lost"), "circle-x", _url(row, "lose"), 80, "opportunities/panels/lose.html",
                lambda: {"form": forms.LoseForm(initial={"competitor": row.competitor})}, key="l",
            )
        ],
        "reopen": [Panel("reopen", _("Take back: it is not lost"), "rotate", _url(row, "reopen"), 10, first=True)],
    }  # fmt: skip
    found = [panel for name, panels in known.items() if name in allowed for panel in panels]
    found += [panel for answer in more(row, user, at) for panel in answer]
    return sorted(found, key=lambda panel: panel.order)


def _next(row: Opportunity) -> forms.NextStepForm:
    return forms.NextStepForm(initial={"next_step": row.next_step, "next_step_on": row.next_step_on})


def _facts(row: Opportunity) -> forms.FactsForm:
    names = ("amount", "expected_close", "headcount", "competitor")
    return forms.FactsForm(initial={name: getattr(row, name) for name in names})


def _url(row: Opportunity, name: str) -> str:
    return reverse(f"opportunities:{name}", args=[row.pk])


def of_lead(lead: Lead, user: Any, at: datetime) -> list[Panel]:
    """SQL → opportunity, on the lead's page and on Today (R5)."""
    if lead.state != "sql" or lead.due_at is None or lead.due_at <= at or not may_convert(user, lead):
        return []
    post = reverse("opportunities:convert", args=[lead.pk])
    return [
        Panel(
            "convert", _("Make an opportunity"), "layout-kanban", post, 15, "opportunities/panels/convert.html",
            lambda: convert_context(lead), key="o", first=True,
        )
    ]  # fmt: skip


def convert_context(lead: Lead) -> dict[str, Any]:
    """The form of R5.1; whoever comes back finds the old facts in it (R8.7)."""
    old = selectors.old_facts(lead)
    needs: list[dict[str, Any]] = []
    initial: dict[str, Any] = {"company": lead.contact.company_name}
    if old is not None:
        initial = {"company": old.company.name, "headcount": old.headcount, "amount": old.amount}
        needs = [
            {"product": need.product_id, "purpose": need.purpose, "quantity": need.quantity}
            for need in old.needs.select_related("product")
            if need.product.active
        ]
    lines = (forms.FirstNeed if needs else forms.NeedLines)(prefix="products", initial=needs)
    return {
        "form": forms.ConvertForm(initial=initial),
        "lines": lines,
        "old": old,
        "counted": rulebook.get("headcount_word"),
    }
