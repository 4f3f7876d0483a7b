"""Pages of quotes: one of them, its sums while one types, its paper (R9.5)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_GET, require_POST

from catalogue.pricing import Line, Priced, price_lines
from catalogue.rules import Sums, sums
from contacts.models import ContactPoint
from core import clock
from core.errors import TrunkError
from core.web.answers import cleaned, found, page
from core.web.context import moment
from opportunities import forms, quote_forms, selectors
from opportunities.actions import check_lines
from opportunities.models import Quote
from opportunities.paper import paper_of
from opportunities.views import is_masked


def visible(request: HttpRequest, pk: Any) -> Quote:
    """The quote, if this person may see it; else NotFound (R15.2)."""
    return found(_rows(Quote.objects.visible_to(request.user)), pk)


def _rows(rows: QuerySet[Quote]) -> QuerySet[Quote]:
    ours = rows.select_related(
        "contact", "by", "opportunity__company", "opportunity__team", "opportunity__owner"
    )
    return ours.prefetch_related("lines__product", "opportunity__orders")


@page
@require_GET
def quote(request: HttpRequest, pk: Any) -> HttpResponse:
    """One quote: a draft is written here, any other is read; what may be done with it."""
    row = visible(request, pk)
    today = clock.firm_day(moment(request))
    can = selectors.allowed_on_quote(row, request.user, today)
    context = {
        "quote": row,
        "opportunity": row.opportunity,
        "can": can,
        "accept": accept_address(row) if "accept" in can else "",
        "expired": row.state in selectors.STANDING and row.valid_until < today,
        "versions": Quote.objects.filter(number=row.number).order_by("-revision"),
        "counted": forms.counted_word(),
        "sums": stored(row),
        "masked": bool(row.sent_to) and is_masked(row.contact_id),
    }
    if "edit" in can:
        context |= {"form": quote_forms.form_of(row), "lines": quote_forms.lines_of(row)}
    if "send" in can:
        context["send"] = quote_forms.SendForm(
            initial={"to": row.sent_to or address_of(row), "amount": True}, auto_id="send-%s"
        )
        context["worth"] = row.opportunity.amount != row.total
    return render(request, "opportunities/quote.html", context)


def accept_address(row: Quote) -> str:
    """Where a quote is accepted into an order; the app above answers it."""
    try:
        return reverse("orders:accept", args=[row.pk])
    except NoReverseMatch:
        return ""


def address_of(row: Quote) -> str:
    """The e-mail address of the person a quote is for, if it may be written to."""
    person = row.contact
    if person is None or person.do_not_email or is_masked(person.pk):
        return ""
    points = ContactPoint.objects.filter(contact=person, kind="email", dead_at__isnull=True)
    first = points.order_by("-first_choice", "id").first()
    return first.value if first else ""


def stored(row: Quote) -> Sums:
    """The sums of a quote as they are kept."""
    return _sums([line.total for line in row.lines.all()], row.discount, row.tax_rate, row.with_tax)


def _sums(totals: list[Decimal], discount: Decimal, tax_rate: Decimal, with_tax: bool) -> Sums:
    return sums(totals, discount=discount, tax_rate=tax_rate, with_tax=with_tax)


@page
@require_POST
def reckon(request: HttpRequest, pk: Any) -> HttpResponse:
    """What the form comes to as it stands, by the very sums of the quote; nothing is kept (R9.5)."""
    row = visible(request, pk)
    today = clock.firm_day(moment(request))
    can = selectors.allowed_on_quote(row, request.user, today)
    context: dict[str, Any] = {"quote": row, "can": can, "unsaved": True, "wrong": ""}
    lines = quote_forms.QuoteLines(request.POST, prefix="lines")
    form = quote_forms.QuoteForm(request.POST)
    try:
        check_lines(lines)
        cleaned(form)
    except TrunkError as refusal:  # what is being typed is often not a number yet
        context["wrong"] = next((str(e.message) for e in refusal.errors), "")
        return render(request, "opportunities/quote_sums.html", context)
    data = form.fields_for_verb()
    asked, places = quote_forms.lines_in(lines, row.headcount, data["term_months"])
    priced, errors = price_lines(asked, today)
    if errors or not 0 <= data["discount"] <= 100 or not 0 <= data["tax_rate"] <= 100:
        context["wrong"] = str(errors[0].message) if errors else ""
        return render(request, "opportunities/quote_sums.html", context)
    reckoned = _sums([p.total for p in priced], data["discount"], data["tax_rate"], row.with_tax)
    context |= {
        "sums": reckoned,
        "discount": data["discount"],
        "tax_rate": data["tax_rate"],
        "lines": _shown(lines, asked, priced, places),
        "unsaved": _differs(row, data, priced),
    }
    if not context["unsaved"] and "accept" in can:
        context["accept"] = accept_address(row)
    return render(request, "opportunities/quote_sums.html", context)


def _shown(lines: Any, asked: list[Line], priced: list[Priced], places: list[int]) -> list[dict[str, Any]]:
    """Each line with its total; one that was filled in for another product gets the price of the day."""
    known = dict(zip(places, zip(asked, priced, strict=True), strict=True))
    rows = []
    for n, form in enumerate(lines.forms):
        line, price = known.get(n, (None, None))
        row: dict[str, Any] = {"n": n, "total": price.total if price else None}
        if line and price and _refills(form, line):
            row["price"] = price.unit_price
            row["filled"] = quote_forms.filled(line.product.pk, line.basis, price.unit_price)
        rows.append(row)
    return rows


def _refills(form: Any, line: Line) -> bool:
    mark = form.cleaned_data.get("filled", "").rpartition("=")[0]
    return line.unit_price is None and mark != f"{line.product.pk}:{line.basis}"


def _differs(row: Quote, data: dict[str, Any], priced: list[Priced]) -> bool:
    """Whether what is typed is not what is kept."""
    if any(getattr(row, name) != value for name, value in data.items()):
        return True
    typed = [
        (
            p.line.product.pk,
            p.line.purpose,
            p.line.basis,
            p.line.quantity,
            p.line.periods,
            p.unit_price,
            p.line.discount,
        )
        for p in priced
    ]
    kept = [
        (x.product_id, x.purpose, x.basis, x.quantity, x.periods, x.unit_price, x.discount)
        for x in row.lines.all()
    ]
    return typed != kept


@page
@require_GET
def pdf(request: HttpRequest, pk: Any) -> HttpResponse:
    """The paper of a quote, for who may see it (R9.5, R15.2)."""
    row = visible(request, pk)
    response = HttpResponse(paper_of(row), content_type="application/pdf")
    name = f"{row.number}-{row.revision}.pdf"
    kind = "attachment" if "download" in request.GET else "inline"
    response["Content-Disposition"] = f'{kind}; filename="{name}"'
    return response
