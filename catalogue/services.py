"""Verbs on products."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _

from accounts.models import Hat, User
from catalogue.models import Case, Price, Product
from catalogue.rules import MONEY_MOST, Basis, cents
from core import clock, events, rulebook
from core.errors import FieldError, Forbidden, NotFound, RuleRefused
from core.locking import lock_one, verb


def may_edit(user: User) -> bool:
    """Marketing and administrators keep the catalogue."""
    return user.wears(Hat.MARKETER, Hat.ADMIN)


@verb
def save_product(product: Product | None, *, by: User, **fields: Any) -> Product:
    """Make or change a product (name, price, unit, active). Raises Forbidden, RuleRefused."""
    if not may_edit(by):
        raise Forbidden()
    row = (
        lock_one(Product.objects.all(), product.pk) if product else Product(currency=rulebook.get("currency"))
    )
    before = {name: getattr(row, name) for name in fields}
    for name, value in fields.items():
        setattr(row, name, value)
    errors = []
    if not (row.name or "").strip():
        errors.append(FieldError("name", "required", _("A product needs a name.")))
    elif Product.objects.filter(name__iexact=row.name).exclude(pk=row.pk if product else None).exists():  # type: ignore[misc]
        errors.append(
            FieldError("name", "taken", _("There is already a product “%(name)s”.") % {"name": row.name})
        )
    if not isinstance(row.price, Decimal) or row.price < 0:
        errors.append(FieldError("price", "required", _("A product needs a price of 0 or more.")))
    if errors:
        raise RuleRefused(errors=errors)
    if product:
        row.store(*fields)
    else:
        row.save()
    data = {n: [str(before[n]), str(fields[n])] for n in fields if before[n] != fields[n]} if product else {}
    events.record(
        events.Fact("product_changed" if product else "product_made", row, clock.now(), by, data=data)
    )
    return row


@verb
def save_price(
    price: Price | None,
    *,
    by: User,
    product: Product,
    basis: str,
    amount: Decimal | None,
    valid_from: date | None,
    valid_until: date | None = None,
    name: str = "",
) -> Price:
    """Make or change what a product costs on a basis from a day on; what was quoted before keeps its price.

    Raises Forbidden, RuleRefused.
    """
    if not may_edit(by):
        raise Forbidden()
    held = lock_one(Product.objects.all(), product.pk)
    row = lock_one(Price.objects.all(), price.pk) if price else Price(product=held)
    errors = []
    if basis not in Basis.values:
        message = _("“%(value)s” is not a basis of a price.") % {"value": str(basis)[:20]}
        errors.append(FieldError("basis", "invalid", message))
    if amount is None or not 0 <= amount <= MONEY_MOST or cents(amount) != amount:
        message = _("“%(value)s”: a price is 0 or more, with at most two places.") % {"value": amount}
        errors.append(FieldError("price", "required" if amount is None else "out_of_range", message))
    if valid_from is None:
        errors.append(FieldError("valid_from", "required", _("From which day on?")))
    elif valid_until is not None and valid_until < valid_from:
        message = _("“%(value)s” lies before the first day.") % {"value": valid_until}
        errors.append(FieldError("valid_until", "out_of_range", message))
    same = Price.objects.filter(product=held, name=name.strip(), basis=basis, valid_from=valid_from)
    if valid_from is not None and same.exclude(pk=price.pk if price else None).exists():
        message = _("There is a price from that day on already: change it.")
        errors.append(FieldError("valid_from", "taken", message))
    if errors:
        raise RuleRefused(errors=errors)
    before = str(row.price) if price else None
    row.basis, row.price, row.name = basis, amount, name.strip()[:60]  # type: ignore[assignment]
    row.valid_from, row.valid_until = valid_from, valid_until  # type: ignore[assignment]
    if price:
        row.store("basis", "price", "name", "valid_from", "valid_until")
    else:
        row.save()
    data = {"price": [before, str(amount)], "basis": basis, "valid_from": str(valid_from)}
    events.record(events.Fact("price_set", held, clock.now(), by, data=data))
    return row


@verb
def drop_price(price: Price, *, by: User) -> None:
    """Take a price away that was a mistake; what was quoted keeps it. Raises Forbidden, NotFound."""
    if not may_edit(by):
        raise Forbidden()
    row = Price.objects.select_related("product").filter(pk=price.pk).first()
    if row is None:
        raise NotFound()
    data = {"price": [str(row.price), None], "basis": row.basis, "valid_from": str(row.valid_from)}
    product = row.product
    row.delete()
    events.record(events.Fact("price_set", product, clock.now(), by, data=data))


@verb
def save_case(
    case: Case | None,
    *,
    by: User,
    title: str,
    kind: str = Case.Kind.CASE,
    summary: str = "",
    url: str = "",
    product: Product | None = None,
    industry: str = "",
    active: bool = True,
) -> Case:
    """File a customer case or a video for a product and an industry (R8.6). Raises Forbidden, RuleRefused."""
    if not may_edit(by):
        raise Forbidden()
    at = clock.now()
    row = lock_one(Case.objects.all(), case.pk) if case else Case(by=by, created_at=at)
    errors = []
    if not title.strip():
        errors.append(FieldError("title", "required", _("What is it called?")))
    if kind not in Case.Kind.values:
        message = _("“%(value)s” is neither a case nor a video.") % {"value": str(kind)[:20]}
        errors.append(FieldError("kind", "invalid", message))
    if url.strip():
        try:
            URLValidator(["http", "https"])(url.strip())
        except ValidationError:
            message = _("“%(value)s” is not a link: it begins with https://.") % {"value": url.strip()[:80]}
            errors.append(FieldError("url", "invalid", message))
    elif not summary.strip():
        errors.append(FieldError("summary", "required", _("A link, or a few sentences: one of the two.")))
    if errors:
        raise RuleRefused(errors=errors)
    row.title, row.kind, row.summary, row.url = title.strip()[:160], kind, summary.strip(), url.strip()[:500]
    row.product, row.industry, row.active = product, industry.strip()[:80], active
    if case:
        row.store("title", "kind", "summary", "url", "product", "industry", "active")
    else:
        row.save()
    events.record(events.Fact("case_changed" if case else "case_filed", row, at, by))
    return row
