"""The posts of contracts and orders: load → form → verb → answer."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from core.errors import FieldError, TrunkError
from core.web.answers import Done, action, cleaned, found
from core.web.context import moment
from opportunities.actions import actionable, check_lines, placed
from opportunities.forms import NeedLines, needs_in
from opportunities.services import open_next
from orders import forms, services
from orders.models import Order
from orders.services import Line

FIELDS = {"term": "term_months", "term.months": "term_months", "products": "products-0-product"}


def visible_order(request: HttpRequest, pk: Any) -> Order:
    """The order, if this person may see it; else NotFound (R15.2)."""
    rows = Order.objects.visible_to(request.user)
    return found(rows.select_related("company", "contact", "owner", "team", "opportunity"), pk)


def actionable_order(request: HttpRequest, pk: Any) -> Order:
    """The order, if this person may see it or could within the last 24 h; else NotFound."""
    rows = Order.objects.actionable_by(request.user, moment(request))
    return found(rows.select_related("company", "contact", "owner", "team", "opportunity"), pk)


def address(pk: Any) -> str:
    """Where an order is."""
    return reverse("orders:order", args=[pk])


def _lines(request: HttpRequest) -> tuple[list[Line], list[int]]:
    lines = forms.Lines(request.POST, prefix="lines")
    check_lines(lines)
    return forms.lines_in(lines)


@action
def draft(request: HttpRequest, pk: Any) -> Done:
    """A contract for an opportunity, kept as a draft or signed at once, in one step (R9.1)."""
    opportunity = actionable(request, pk)
    data = cleaned(forms.ContractForm(request.POST))
    signed_on = data.pop("signed_on")
    lines, places = _lines(request)
    now = request.POST.get("do") == "sign"
    order = _spoken(
        lambda: placed("lines", places, lambda: _drawn_up(request, opportunity, lines, data, now, signed_on))
    )
    text = _("Signed: %(number)s. It is an order now.") if now else _("Contract %(number)s is drafted.")
    return Done(text % {"number": order.number}, url=address(order.pk))


def _drawn_up(
    request: HttpRequest,
    opportunity: Any,
    lines: list[Line],
    data: dict[str, Any],
    now: bool,
    signed_on: date | None,
) -> Order:
    """Draft, and sign if asked to: both or neither."""
    with transaction.atomic():
        order = services.draft(opportunity, by=request.user, lines=lines, **data)
        if now:
            order = services.sign(order, by=request.user, signed_on=signed_on)
    return order


@action
def edit(request: HttpRequest, pk: Any) -> Done:
    """Another term, other lines, while it is a draft (R9.1)."""
    order = actionable_order(request, pk)
    data = cleaned(forms.TermForm(request.POST))
    lines, places = _lines(request)
    if data["term_months"] is not None:
        data["term_days"] = None
    _spoken(
        lambda: placed("lines", places, lambda: services.update(order, by=request.user, lines=lines, **data))
    )
    return Done(_("Contract changed."), url=address(pk))


@action
def sign(request: HttpRequest, pk: Any) -> Done:
    """→ signed (R9.1)."""
    order = actionable_order(request, pk)
    order = services.sign(order, by=request.user, **cleaned(forms.SignForm(request.POST)))
    return Done(_("Signed: %(number)s. It is an order now.") % {"number": order.number}, url=address(pk))


@action
def cancel(request: HttpRequest, pk: Any) -> Done:
    """Given up before signature (R9.1)."""
    order = services.cancel(actionable_order(request, pk), by=request.user)
    return Done(_("Contract %(number)s is cancelled.") % {"number": order.number}, url=address(pk))


@action
def chance(request: HttpRequest, pk: Any) -> Done:
    """An upsell or a repurchase with the customer of an order (R9.4)."""
    order = visible_order(request, pk)
    data = cleaned(forms.ChanceForm(request.POST))
    lines = NeedLines(request.POST, prefix="products")
    check_lines(lines)
    needs, places = needs_in(lines)
    contact = order.contact if order.contact and order.contact.company_id == order.company_id else None
    row = placed(
        "products",
        places,
        lambda: open_next(order.company, by=request.user, products=needs, contact=contact, **data),
    )
    text = _("%(kind)s opened.") % {"kind": str(row.get_kind_display()).capitalize()}
    return Done(text, url=reverse("opportunities:opportunity", args=[row.pk]))


def _spoken(run: Any) -> Any:
    """Run a verb; what it says of the API's fields is said beside the form's."""
    try:
        return run()
    except TrunkError as refusal:
        refusal.errors = [
            FieldError(FIELDS.get(error.field, error.field), error.code, error.message)
            for error in refusal.errors
        ]
        raise
