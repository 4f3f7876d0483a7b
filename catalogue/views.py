"""Pages of the catalogue: products with their prices, one of them with its price lists (R9.5)."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Min, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from catalogue import forms, pricelist, selectors, services
from catalogue.models import Price, Product
from core import clock, rulebook
from core.web import phrases
from core.web.answers import Done, action, cleaned, found, page
from core.web.context import moment
from core.web.listing import Listing, one_of

ORDERS = {"name": "name", "price": "price"}
SHOWS = ("off", "all")
CASES = 12


@page
@require_safe
def products(request: HttpRequest) -> HttpResponse:
    """What is sold and what it costs today."""
    user: Any = request.user
    today = clock.firm_day(moment(request))
    show = one_of(request, "show", SHOWS)
    rows = Product.objects.annotate(
        filed=Count("cases", filter=Q(cases__active=True), distinct=True),
        next_price=Min("prices__valid_from", filter=Q(prices__valid_from__gt=today, prices__name="")),
    )
    if show != "all":
        rows = rows.filter(active=show != "off")
    q = request.GET.get("q", "").replace("\x00", "").strip()[:200]
    if q:
        rows = rows.filter(name__icontains=q)
    listing = Listing(request, rows, ORDERS, "name")
    counts = Product.objects.aggregate(
        sold=Count("pk", filter=Q(active=True)), off=Count("pk", filter=Q(active=False))
    )
    context = {
        **tabs(request, "products"),
        "listing": listing,
        "lines": selectors.listed(list(listing), today, user),
        "counts": counts,
        "q": q,
        "form": forms.ProductForm() if services.may_edit(user) else None,
    }
    return render(request, "catalogue/products.html", context)


def tabs(request: HttpRequest, here: str) -> dict[str, Any]:
    """What stands in the head of every page of the catalogue: where one is, what one may, how many gaps there are."""
    user: Any = request.user
    may = services.may_edit(user)
    return {
        "tab": here,
        "may_edit": may,
        "gap_count": selectors.gap_count(user).count() if may else 0,
    }


@page
@require_safe
def product(request: HttpRequest, pk: Any) -> HttpResponse:
    """One product: what it costs now, what comes, what was; what is filed for it; who changed what."""
    user: Any = request.user
    row = found(Product.objects.all(), pk)
    today = clock.firm_day(moment(request))
    may = services.may_edit(user)
    prices = list(row.prices.all())
    initial = {name: getattr(row, name) for name in ("name", "price", "unit", "active")}
    context = {
        "product": row,
        "line": selectors.listed([row], today, user)[0],
        "lists": pricelist.by_name(prices, today),
        "names": sorted({price.name for price in prices if price.name}),
        "cases": list(row.cases.filter(active=True)[:CASES]),
        "may_edit": may,
        "form": forms.ChangedProductForm(initial=initial) if may else None,
        "price_form": forms.PriceForm(initial={"valid_from": today, "basis": _next_basis(prices)})
        if may
        else None,
        "entries": phrases.lines(selectors.history(row)),
        "currency": rulebook.get("currency"),
    }
    return render(request, "catalogue/product.html", context)


def _next_basis(prices: list[Price]) -> str:
    """The basis that was priced last, else once."""
    own = sorted(prices, key=lambda price: price.pk)
    return own[-1].basis if own else pricelist.BASES[0]


@action
def save_product(request: HttpRequest, pk: Any = None) -> Done:
    """Make or change a product."""
    row = found(Product.objects.all(), pk) if pk else None
    form = forms.ChangedProductForm if row else forms.ProductForm
    saved = services.save_product(row, by=request.user, **cleaned(form(request.POST)))  # type: ignore[arg-type]
    return Done(_("%(name)s is saved.") % {"name": saved.name}, url=address(saved))


def address(row: Product) -> str:
    """The page of a product."""
    return reverse("catalogue:product", args=[row.pk])


@action
def new_price(request: HttpRequest, pk: Any) -> Done:
    """A price of a product from a day on."""
    row = found(Product.objects.all(), pk)
    data = cleaned(forms.PriceForm(request.POST))
    services.save_price(None, by=request.user, product=row, amount=data.pop("price"), **data)  # type: ignore[arg-type]
    return Done(_("The price is kept. Quotes that are written stay as they are."), url=address(row))


@page
@require_safe
def price(request: HttpRequest, pk: Any) -> HttpResponse:
    """The form of one price, in place or as a page."""
    services.require_editor(request.user)  # type: ignore[arg-type]
    row = found(Price.objects.select_related("product"), pk)
    initial = {name: getattr(row, name) for name in ("basis", "price", "name", "valid_from", "valid_until")}
    context = {
        "price": row,
        "product": row.product,
        "form": forms.PriceForm(initial=initial, auto_id=f"id_{row.pk}_%s"),
        "alone": not request.htmx,  # type: ignore[attr-defined]
    }
    template = "catalogue/price_form.html" if request.htmx else "catalogue/price.html"  # type: ignore[attr-defined]
    return render(request, template, context)


@action
def save_price(request: HttpRequest, pk: Any) -> Done:
    """Change a price, or take away one that was a mistake."""
    services.require_editor(request.user)  # type: ignore[arg-type]
    row = found(Price.objects.select_related("product"), pk)
    if request.POST.get("do") == "drop":
        services.drop_price(row, by=request.user)  # type: ignore[arg-type]
        return Done(_("The price is taken away."), url=address(row.product))
    data = cleaned(forms.PriceForm(request.POST))
    services.save_price(row, by=request.user, product=row.product, amount=data.pop("price"), **data)  # type: ignore[arg-type]
    return Done(_("The price is kept. Quotes that are written stay as they are."), url=address(row.product))
