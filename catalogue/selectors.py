"""What is read of the catalogue: the price of a day, the cases that fit."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet

from catalogue.models import Case, Price, Product
from catalogue.rules import Basis


def price_on(product: Product, basis: str, day: date, *, name: str = "") -> Decimal | None:
    """What a product costs on a basis that day, by the named price list or else the firm's; None if it has no price.

    A product without any price of its own costs its list price, once.
    """
    rows = Price.objects.filter(product=product, basis=basis, name__in={name, ""}).on(day)
    found = rows.order_by("-name", "-valid_from").first()
    if found is not None:
        return found.price
    return product.price if basis == Basis.ONCE else None


def prices_on(products: Collection[Any], day: date) -> dict[tuple[Any, str], Decimal]:
    """The firm's prices of a day, in one query: (product id, basis) → price."""
    rows = Price.objects.filter(product__in=products, name="").on(day).order_by("valid_from")
    return {(row.product_id, row.basis): row.price for row in rows}


def cases_for(products: Collection[Any], industry: str) -> QuerySet[Case]:
    """What marketing filed for these products, that of the same industry first (R8.6)."""
    fits = Q(product__in=list(products)) | Q(product__isnull=True)
    rows = Case.objects.filter(active=True).filter(fits).select_related("product")
    if industry:
        rows = rows.filter(Q(industry=industry) | Q(industry=""))
    return rows


def gaps(waiting: Iterable[tuple[Any, str]]) -> list[tuple[Any, str, int]]:
    """Of (product id, industry) of the opportunities in the first stages, those for which nothing is filed, with how
    many wait: marketing's list (R8.6); one query."""
    counted: dict[tuple[Any, str], int] = {}
    for key in waiting:
        counted[key] = counted.get(key, 0) + 1
    filed = set(Case.objects.filter(active=True).values_list("product", "industry"))

    def has(product: Any, industry: str) -> bool:
        wanted = {(p, i) for p in (product, None) for i in (industry, "")}
        return bool(filed & wanted)

    missing = [(p, i, n) for (p, i), n in counted.items() if not has(p, i)]
    return sorted(missing, key=lambda row: (-row[2], str(row[0]), row[1]))
