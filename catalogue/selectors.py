"""What is read of the catalogue: the price of a day, the cases that fit, and where none is filed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import CharField, Count, Exists, F, Min, Q, QuerySet, Sum, TextField, Value, Window
from django.db.models.functions import Cast, Concat, Lower, RowNumber, Trim

from accounts.models import User
from accounts.selectors import Entry
from catalogue.models import Case, Price, Product
from catalogue.rules import Basis
from core import hooks
from core.models import Event

MOST_GAPS = 300
MOST_WORDS = 500
HISTORY = 30


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


def currencies() -> set[str]:
    """The currencies of products that have prices of their own."""
    return set(Product.objects.filter(prices__isnull=False).order_by().values_list("currency", flat=True))


def folded(industry: str) -> str:
    """An industry as it is compared: “Retail ” and “retail” are one."""
    return industry.strip().lower()


def cases_for(products: Collection[Any], industry: str) -> QuerySet[Case]:
    """What marketing filed for these products and this industry, or for all of them (R8.6)."""
    fits = Q(product__in=list(products)) | Q(product__isnull=True)
    rows = Case.objects.filter(active=True).filter(fits).select_related("product")
    if folded(industry):
        rows = rows.alias(theirs=_fold("industry")).filter(Q(theirs=folded(industry)) | Q(theirs=""))
    return rows


def _fold(path: str) -> Any:
    return Lower(Trim(path), output_field=CharField())


def _needs(user: User) -> QuerySet[Any]:
    """What open opportunities that this user sees need, a row for each and product."""
    found: list[QuerySet[Any]] = hooks.needs(user)
    return found[0]


def used_in(user: User) -> dict[Any, int]:
    """How many open opportunities that this user sees need each product, in one query."""
    rows = _needs(user).order_by().values_list("product")
    return dict(rows.annotate(n=Count("opportunity", distinct=True)))


@dataclass(frozen=True)
class Gap:
    """A product and an industry for which nothing is filed: how many opportunities wait, since when, what they come to."""

    product_id: Any
    product: str
    industry: str
    waiting: int
    since: datetime
    amount: Decimal | None


def missing(user: User) -> QuerySet[Any]:
    """The needs of opportunities in the first stages for which no case and no video is offered (R8.6).

    Every set of cases is asked for once and hashed: asked for each need, it would cost every page of marketing dearly.
    """
    filed = Case.objects.filter(active=True).annotate(fold=_fold("industry"), pair=_pair())
    own, for_all = filed.filter(product__isnull=False), filed.filter(product__isnull=True)
    waiting = _needs(user).filter(early=True).annotate(fold=_fold("industry"), pair=_pair())
    return (
        waiting.exclude(pair__in=own.values("pair"))
        .exclude(product__in=own.filter(fold="").values("product"))
        .exclude(fold__in=for_all.values("fold"))
        .exclude(Exists(for_all.filter(fold="")))
        # Whose industry nobody knows is shown what is filed for any.
        .exclude(Q(fold="") & (Q(product__in=own.values("product")) | Q(Exists(for_all))))
    )


def _pair() -> Any:
    """Product and industry in one word, to be compared at once."""
    return Concat(Cast("product_id", TextField()), Value(":"), _fold("industry"), output_field=TextField())


def gaps(user: User) -> list[Gap]:
    """Product × industry for which nothing is filed, what most wait for first: marketing's list (R8.6); one query."""
    rows = missing(user).order_by().values("product_id", "fold")
    rows = rows.annotate(
        name=F("product__name"),
        spelt=Min(Trim("industry")),
        n=Count("opportunity", distinct=True),
        first=Min("since"),
        worth=Sum("amount"),
    )
    return [
        Gap(row["product_id"], row["name"], row["spelt"], row["n"], row["first"], row["worth"])
        for row in rows.order_by("-n", "name", "fold")[:MOST_GAPS]
    ]


def gap_count(user: User) -> QuerySet[Any]:
    """One row for each gap, to be counted with the other figures of the navigation."""
    nth = Window(RowNumber(), partition_by=[F("product_id"), F("fold")], order_by="pk")
    firsts = missing(user).order_by().annotate(nth=nth).filter(nth=1).values("pk")
    return firsts.model._default_manager.filter(pk__in=firsts)


def industries(user: User) -> list[str]:
    """The industries that are known by now: of what is filed and of what customers ask for."""
    filed = Case.objects.exclude(industry="").values_list("industry", flat=True).distinct()
    asked = _needs(user).exclude(industry="").order_by().values_list("industry", flat=True).distinct()
    found = {folded(word): word.strip() for word in [*asked[:MOST_WORDS], *filed[:MOST_WORDS]]}
    return sorted(found.values(), key=str.lower)


def history(product: Product) -> list[Any]:
    """What was changed about a product and its prices, and by whom, latest first (R15.4)."""
    rows = Event.objects.filter(subject_type="product", subject_id=product.pk).order_by("-at", "-id")
    events = list(rows[:HISTORY])
    people = User.objects.in_bulk({event.by_id for event in events if event.by_id})
    return [Entry(event, people.get(event.by_id), {}) for event in events]


def listed(products: list[Product], day: date, user: User) -> list[dict[str, Any]]:
    """Products with what they cost on a day by basis (once is the list price unless a price holds), and in how many open
    opportunities that this user sees they are needed; two queries."""
    prices, used = prices_on([row.pk for row in products], day), used_in(user)
    return [
        {
            "product": row,
            "once": prices.get((row.pk, Basis.ONCE), row.price),
            "month": prices.get((row.pk, Basis.USER_MONTH)),
            "year": prices.get((row.pk, Basis.USER_YEAR)),
            "used": used.get(row.pk, 0),
        }
        for row in products
    ]
