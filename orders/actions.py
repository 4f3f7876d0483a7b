"""The posts of contracts and orders: load → form → verb → answer."""

from __future__ import annotations

from dataclasses import replace
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
from opportunities.models import Opportunity, Quote
from opportunities.services import open_next
from orders import approvals, forms, services
from orders.models import Order
from orders.rules import State
from orders.services import Line

FIELDS = {
    "term": "term_months",
    "term.months": "term_months",
    "term.days": "term_days",
    "products": "products-0-product",
}


def who(request: HttpRequest) -> Any:
    """Who acts; the pages are for people who are logged in."""
    return request.user


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


def _lines(request: HttpRequest, known: Any, term_months: int | None) -> tuple[list[Line], list[int]]:
    """The lines of a form; what each product is for comes from what is `known` of it."""
    lines = forms.Lines(request.POST, prefix="lines")
    check_lines(lines)
    found, places = forms.lines_in(lines, term_months)
    purposes = {row.product_id: row.purpose for row in known}
    return [replace(line, purpose=purposes.get(line.product.pk, "")) for line in found], places


@action
def draft(request: HttpRequest, pk: Any) -> Done:
    """A contract for an opportunity, kept as a draft or signed at once, in one step (R9.1)."""
    opportunity = actionable(request, pk)
    data = cleaned(forms.ContractForm(request.POST))
    signed_on = data.pop("signed_on")
    lines, places = _lines(request, opportunity.needs.all(), data["term_months"])
    do = request.POST.get("do", "")
    order = _spoken(
        lambda: placed("lines", places, lambda: _drawn_up(request, opportunity, lines, data, do, signed_on))
    )
    if do == "submit":
        return Done(_asked(order), url=address(order.pk))
    signed = _("Signed: %(number)s. It is an order now.")
    text = signed if do == "sign" else _("Contract %(number)s is drafted.")
    return Done(text % {"number": order.number}, url=address(order.pk))


def _drawn_up(
    request: HttpRequest,
    opportunity: Any,
    lines: list[Line],
    data: dict[str, Any],
    do: str,
    signed_on: date | None,
) -> Order:
    """Draft, and sign or ask for approval if wanted: both or neither."""
    with transaction.atomic():
        order = services.draft(opportunity, by=request.user, lines=lines, **data)
        if do == "sign":
            order = services.sign(order, by=request.user, signed_on=signed_on)
        elif do == "submit":
            order = services.submit(order, by=request.user)
    return order


@action
def accept(request: HttpRequest, pk: Any) -> Done:
    """A quote becomes a contract without typing again (R9.5)."""
    rows = Opportunity.objects.actionable_by(request.user, moment(request)).order_by().values("pk")
    quote = found(Quote.objects.filter(opportunity__in=rows), pk)
    order = services.accept_quote(quote, by=request.user)
    return Done(_("Accepted: contract %(number)s.") % {"number": order.number}, url=address(order.pk))


@action
def edit(request: HttpRequest, pk: Any) -> Done:
    """Another term, other lines, while it is a draft (R9.1)."""
    order = actionable_order(request, pk)
    data = cleaned(forms.TermForm(request.POST))
    lines, places = _lines(request, order.lines.all(), data["term_months"])
    _spoken(
        lambda: placed("lines", places, lambda: services.update(order, by=request.user, lines=lines, **data))
    )
    return Done(_("Contract changed."), url=address(pk))


@action
def sign(request: HttpRequest, pk: Any) -> Done:
    """→ signed (R9.1)."""
    order = actionable_order(request, pk)
    data = cleaned(forms.SignForm(request.POST, request.FILES))
    scan = data.pop("file")
    with transaction.atomic():  # the signature with its paper: both or neither
        order = services.sign(order, by=request.user, **data)
        if scan is not None:
            services.add_document(order, file=scan, by=request.user)
    return Done(_("Signed: %(number)s. It is an order now.") % {"number": order.number}, url=address(pk))


@action
def submit(request: HttpRequest, pk: Any) -> Done:
    """→ in approval, or approved at once (R9.2)."""
    order = services.submit(actionable_order(request, pk), by=request.user)
    return Done(_asked(order), url=address(pk))


def _asked(order: Order) -> str:
    if order.state == State.APPROVED:
        return _("Standard terms: %(number)s may be signed.") % {"number": order.number}
    names = approvals.names_of(services.deciders_of(order))
    return _("%(names)s will decide on %(number)s.") % {"names": names, "number": order.number}


def seen_version(request: HttpRequest) -> int | None:
    """What the page showed when it was sent, not what it may have become since."""
    seen = request.POST.get("version") or request.GET.get("version") or ""
    return int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else None


@action
def approve(request: HttpRequest, pk: Any) -> Done:
    """A manager agrees (R9.2)."""
    order = services.approve(actionable_order(request, pk), by=request.user, seen=seen_version(request))
    return Done(_("Approved: %(number)s with %(company)s may be signed.") % _names(order))


@action
def reject(request: HttpRequest, pk: Any) -> Done:
    """A manager sends it back, with what has to change (R9.2)."""
    order = actionable_order(request, pk)
    order = services.reject(order, by=request.user, **cleaned(forms.RejectForm(request.POST)))
    return Done(_("Sent back: %(number)s with %(company)s.") % _names(order))


def _names(order: Order) -> dict[str, str]:
    return {"number": order.number, "company": order.company.name}


@action
def terminate(request: HttpRequest, pk: Any) -> Done:
    """→ terminated (R9.1)."""
    order = actionable_order(request, pk)
    data = cleaned(forms.TerminateForm(request.POST))
    services.terminate(order, by=request.user, reason=data["reason"], on=data["terminated_on"])
    return Done(_("Order %(number)s is terminated.") % {"number": order.number}, url=address(pk))


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
