"""What can be done with an order, and what orders add to an opportunity's page."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Hat
from core import clock, rulebook
from core.web.panels import Panel
from opportunities.forms import FirstNeed
from opportunities.models import Opportunity
from opportunities.permissions import may_open_next
from opportunities.rules import OPEN, Stage
from opportunities.selectors import STANDING
from opportunities.selectors import allowed_actions as allowed_on_opportunity
from orders import forms, selectors
from orders.approvals import plain
from orders.models import Order
from orders.rules import SIGNED, State

FORM = "leads/panels/form.html"
SIGN = "orders/panels/sign.html"


def of_order(order: Order, user: Any) -> list[Panel]:
    """All that this user may do with an order now, in order."""
    allowed = selectors.allowed_actions(order, user)
    found = _decisions(order, allowed)
    if "sign" in allowed:
        found.append(
            Panel(
                "sign", _("Sign"), "signature", _url(order, "sign"), 10, SIGN,
                lambda: {"form": forms.SignForm(initial=forms.signed_today())}, key="s", first=True,
            )
        )  # fmt: skip
    elif "submit" in allowed:
        found.append(
            Panel(
                "submit", _("Ask for approval"), "signature", _url(order, "submit"), 10, key="b", first=True
            )
        )
    if "edit" in allowed:
        found.append(
            Panel(
                "edit", _("Edit"), "edit", _url(order, "edit"), 20, "orders/panels/edit.html",
                lambda: {"form": _term(order), "lines": forms.lines_as_in(order)}, key="e",
            )
        )  # fmt: skip
    if "cancel" in allowed:
        found.append(
            Panel(
                "cancel",
                _("Cancel"),
                "circle-x",
                _url(order, "cancel"),
                80,
                "orders/panels/cancel.html",
                dict,
            )
        )
    if "terminate" in allowed:
        found.append(
            Panel(
                "terminate", _("Terminate"), "circle-x", _url(order, "terminate"), 80,
                "orders/panels/terminate.html", lambda: _terminate(order, user),
            )
        )  # fmt: skip
    if order.state in SIGNED and may_open_next(user, order.company):
        found.append(
            Panel(
                "chance", _("Open an upsell or repurchase"), "plus", _url(order, "chance"), 30,
                "orders/panels/chance.html", lambda: _chance(order), key="o",
            )
        )  # fmt: skip
    return sorted(found, key=lambda panel: panel.order)


def _decisions(order: Order, allowed: list[str]) -> list[Panel]:
    """A manager's yes or no (R9.2)."""
    if "approve" not in allowed:
        return []
    return [
        Panel(
            "approve", _("Approve"), "check", f"{_url(order, 'approve')}?version={order.version}", 10,
            key="a", first=True,
        ),
        Panel(
            "reject", _("Reject"), "x", _url(order, "reject"), 11, FORM,
            lambda: {"form": forms.RejectForm()}, key="r",
        ),
    ]  # fmt: skip


def _term(order: Order) -> forms.TermForm:
    initial = {
        "term_months": order.term_months,
        "term_days": order.term_days,
        "starts_on": order.starts_on,
        "discount": plain(order.discount) if order.discount else None,
        "other_terms": order.other_terms,
    }
    return forms.TermForm(initial=initial)


def _terminate(order: Order, user: Any) -> dict[str, Any]:
    """The form, with what will happen: the next chance, waiting or open, is closed (R9.4)."""
    waits = Opportunity.objects.filter(signed_before=order.opportunity_id, stage__in=[Stage.SCHEDULED, *OPEN])
    return {"form": forms.TerminateForm(), "chances": list(waits.order_by("pk"))}


def _chance(order: Order) -> dict[str, Any]:
    needs = [{"product": x.product_id, "quantity": x.quantity} for x in order.lines.all() if x.product.active]
    return {
        "form": forms.ChanceForm(initial={"headcount": order.opportunity.headcount}),
        "lines": FirstNeed(prefix="products", initial=needs[:1] or [{}]),
    }


def of_opportunity(row: Opportunity, user: Any, at: datetime) -> list[Panel]:
    """The contract of an opportunity: drafted or signed in one step, or the one that is there signed."""
    if "order" not in allowed_on_opportunity(row, user, at):
        return []
    there = contract_of(row)
    if there is None:
        post = reverse("orders:draft", args=[row.pk])
        return [
            Panel(
                "contract", _("Contract"), "signature", post, 20, "orders/panels/contract.html",
                lambda: contract_context(row), key="s", first=row.stage not in OPEN[:-1],
            )
        ]  # fmt: skip
    if "sign" not in selectors.allowed_actions(there, user):
        return []
    return [
        Panel(
            "contract", _("Sign the contract"), "signature", _url(there, "sign"), 20, SIGN,
            lambda: {"form": forms.SignForm(initial=forms.signed_today())}, key="s", first=True,
        )
    ]  # fmt: skip


def contract_context(row: Opportunity) -> dict[str, Any]:
    """The form of a new contract, filled from the needs, and the quotes that can be one as they are."""
    today = clock.firm_day(clock.now())
    return {
        "form": forms.ContractForm(initial=forms.signed_today()),
        "lines": forms.lines_for(row),
        # What was quoted needs no typing again (R9.5).
        "quotes": [q for q in row.quotes.all() if q.state in STANDING and q.valid_until >= today][:4],
        "approval": rulebook.get("order_approval"),
        "limit": rulebook.get("discount_limit"),
    }


def contract_of(row: Opportunity) -> Order | None:
    """The one contract of an opportunity that is not cancelled."""
    return next((order for order in row.orders.all() if order.state != State.CANCELLED), None)


def beside_opportunity(row: Opportunity, user: Any, at: datetime) -> list[dict[str, Any]]:
    """The contracts of an opportunity, beside its page."""
    # Who sees the opportunity sees its contracts: both go by owner, team and customer (R15.2). Not so presales, who
    # sees the opportunity for which a solution is asked.
    rows = sorted(row.orders.all(), key=lambda order: order.created_at, reverse=True)
    if rows and user.wears(Hat.PRESALES):
        seen = set(Order.objects.visible_to(user).filter(opportunity=row).values_list("pk", flat=True))
        rows = [order for order in rows if order.pk in seen]
    if not rows:
        return []
    return [{"template": "orders/beside.html", "context": {"orders": rows}}]


def _url(order: Order, name: str) -> str:
    return reverse(f"orders:{name}", args=[order.pk])
