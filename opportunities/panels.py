"""What can be done with an opportunity, as buttons and small forms; orders add theirs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _

from core import rulebook
from core.hooks import Point
from core.web.panels import Panel
from leads.models import Lead
from opportunities import deal_forms, forms, forward, selectors
from opportunities.models import Opportunity
from opportunities.permissions import may_convert, may_work
from opportunities.rules import CLOSED, OPEN

more: Point[Callable[..., Any]] = Point("(opportunity, user, at) -> [Panel] of its page")
parts: Point[Callable[..., Any]] = Point("(opportunity, user, at) -> [(template, context)] beside its page")

FORM = "leads/panels/form.html"


def of_opportunity(row: Opportunity, user: Any, at: datetime) -> list[Panel]:
    """All that this user may do with an opportunity now, in order."""
    allowed = set(selectors.allowed_actions(row, user, at))
    known = {
        "advance": [_forward(row)] if "advance" in allowed else [],
        "edit": [
            Panel(
                "next", _("Next step"), "flag", _url(row, "next"), 50, FORM,
                lambda: {"form": _next(row), "two": True}, key="n", done=_("Save"),
            ),
            Panel(
                "facts", _("Edit"), "edit", _url(row, "facts"), 60, FORM,
                lambda: {"form": _facts(row), "two": True}, key="e", done=_("Save"),
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
    added = [panel for answer in more(row, user, at) for panel in answer]
    if any(panel.first for panel in added):
        # One primary action: a contract that is ready goes before the next stage.
        found = [replace(panel, first=False) for panel in found]
    return sorted(found + added, key=lambda panel: panel.order)


def in_place(row: Opportunity, user: Any, at: datetime) -> list[Panel]:
    """The small forms that open in the parts of the page that they belong to."""
    if not may_work(user, row) or row.stage in CLOSED:
        return []
    found = [
        Panel(
            "needs", _("Save"), "edit", _url(row, "needs"), 1, "opportunities/panels/needs.html",
            lambda: {
                "form": forms.PeopleForm(initial={"headcount": row.headcount}), "lines": forms.needs_of(row)
            },
        ),
        Panel(
            "risks", _("Save"), "edit", _url(row, "risks"), 2, FORM,
            lambda: {"form": deal_forms.risks_of(row)},
        ),
    ]  # fmt: skip
    if row.stage in OPEN:
        found.append(
            Panel(
                "experience", _("Keep"), "calendar", _url(row, "experience"), 3, FORM,
                lambda: {"form": deal_forms.ExperienceForm(), "two": True},
            )
        )  # fmt: skip
    if row.stage in OPEN[1:] and rulebook.get("presales"):
        found.append(
            Panel(
                "presales", _("Ask presales"), "message-circle", _url(row, "ask"), 4, FORM,
                lambda: {"form": deal_forms.AskForm()},
            )
        )  # fmt: skip
    return found


def _forward(row: Opportunity) -> Panel:
    order = list(OPEN)
    to = order[order.index(row.stage) + 1]  # type: ignore[arg-type]
    label = now_("To “%(stage)s”") % {"stage": to.label}
    gates = rulebook.get("stage_gates")
    if forward.asks(row, to, gates):
        return Panel(
            "advance", label, "arrow-right", _url(row, "advance"), 10, "opportunities/panels/forward.html",
            lambda: {"to": to, "to_name": to.label, **forward.context_of(row, to, gates)}, key="a", first=True,
        )  # fmt: skip
    return Panel("advance", label, "arrow-right", _url(row, "advance"), 10, key="a", first=True)


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
    }
