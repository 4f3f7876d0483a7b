"""Verbs on products."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _

from accounts.models import Hat, User
from catalogue import pricelist
from catalogue.models import Case, Price, Product
from catalogue.rules import is_amount
from core import clock, events, rulebook
from core.errors import FieldError, Forbidden, NotFound, RuleRefused
from core.locking import lock_one, lock_words, verb

SPACE = 87
MOST_TEXT = 10_000


def may_edit(user: User) -> bool:
    """Marketing and administrators keep the catalogue."""
    return user.wears(Hat.MARKETER, Hat.ADMIN)


def _product_errors(row: Product) -> list[FieldError]:
    errors = []
    name = (row.name or "").strip()
    if not name:
        errors.append(FieldError("name", "required", _("A product needs a name.")))
    else:
        # Two people who give two products one name at once do it one after the other.
        lock_words(SPACE, [name.casefold()])
        if Product.objects.filter(name__iexact=name).exclude(pk=row.pk).exists():
            message = _("There is already a product “%(name)s”.") % {"name": name}
            errors.append(FieldError("name", "taken", message))
    if not isinstance(row.price, Decimal) or not row.price.is_finite() or row.price < 0:
        errors.append(FieldError("price", "required", _("A product needs a price of 0 or more.")))
    elif not is_amount(row.price):
        message = _("“%(value)s”: a price is 0 or more, with at most two places.") % {"value": row.price}
        errors.append(FieldError("price", "out_of_range", message))
    return errors


def require_editor(user: User) -> None:
    """Raise Forbidden for who does not keep the catalogue."""
    if not may_edit(user):
        raise Forbidden(detail=_("Marketing and administrators keep the catalogue."))


@verb
def save_product(product: Product | None, *, by: User, **fields: Any) -> Product:
    """Make or change a product (name, price, unit, active). Raises Forbidden, RuleRefused."""
    require_editor(by)
    row = (
        lock_one(Product.objects.all(), product.pk) if product else Product(currency=rulebook.get("currency"))
    )
    before = {name: getattr(row, name) for name in fields}
    for name, value in fields.items():
        setattr(row, name, value)
    if "price" in fields:  # what is typed is in the firm's currency (R9.3)
        row.currency = rulebook.get("currency")
    errors = _product_errors(row)
    if errors:
        raise RuleRefused(errors=errors)
    if product:
        row.store(*fields, "currency")
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
    """Make or change what a product costs on a basis from a day on; what was quoted before keeps its price (R9.5).

    Raises Forbidden, NotFound, RuleRefused (what is missing or wrong, or another price holds on these days).
    """
    require_editor(by)
    # Of one product's prices one is written at a time: two at once cannot overlap unseen.
    held = lock_one(Product.objects.all(), product.pk)
    row = _price_of(held, price.pk) if price else Price(product=held)
    name = name.strip()
    errors = pricelist.price_errors(basis, amount, valid_from, valid_until, name)
    if valid_from is not None and not errors:
        others = Price.objects.filter(product=held, name=name, basis=basis).exclude(pk=row.pk)
        errors = pricelist.clashes(others, valid_from, valid_until)
    if errors or amount is None or valid_from is None:
        raise RuleRefused(errors=errors)
    before = str(row.price) if price else None
    row.basis, row.price, row.name = basis, amount, name
    row.valid_from, row.valid_until = valid_from, valid_until
    if price:
        row.store("basis", "price", "name", "valid_from", "valid_until")
    else:
        row.save()
    _record_price(row, held, by, [before, str(amount)])
    return row


def _price_of(product: Product, pk: Any) -> Price:
    row = Price.objects.select_for_update(no_key=True).filter(pk=pk, product=product).first()
    if row is None:
        raise NotFound()
    return row


def _record_price(row: Price, product: Product, by: User, price: list[str | None]) -> None:
    data = {"price": price, "basis": row.basis, "valid_from": str(row.valid_from), "list": row.name}
    data |= {"valid_until": str(row.valid_until)} if row.valid_until else {}
    events.record(events.Fact("price_set", product, clock.now(), by, data=data))


@verb
def drop_price(price: Price, *, by: User) -> None:
    """Take a price away that was a mistake; what was quoted keeps it (R9.5). Raises Forbidden, NotFound."""
    require_editor(by)
    product = lock_one(Product.objects.all(), price.product_id)
    row = _price_of(product, price.pk)
    gone = str(row.price)
    row.delete()
    _record_price(row, product, by, [gone, None])


def _case_errors(kind: str, *, title: str, summary: str, url: str, industry: str) -> list[FieldError]:
    errors = []
    if not title:
        errors.append(FieldError("title", "required", _("What is it called?")))
    if kind not in Case.Kind.values:
        message = _("“%(value)s” is neither a case nor a video.") % {"value": str(kind)[:20]}
        errors.append(FieldError("kind", "invalid", message))
    for name, text, most in (
        ("title", title, 160),
        ("summary", summary, MOST_TEXT),
        ("url", url, 500),
        ("industry", industry, 80),
    ):
        if len(text) > most:
            message = _("At most %(most)s characters.") % {"most": most}
            errors.append(FieldError(name, "too_long", message))
    if url and not any(error.field == "url" for error in errors):
        try:
            URLValidator(["http", "https"])(url)
        except ValidationError:
            message = _("“%(value)s” is not a link: it begins with https://.") % {"value": url[:80]}
            errors.append(FieldError("url", "invalid", message))
    elif not url and not summary:
        errors.append(
            FieldError("summary", "required", _("A link or a few sentences: at least one of the two."))
        )
    return errors


CASE_TEXTS = ("title", "summary", "url", "industry")
CASE_FIELDS = (*CASE_TEXTS, "kind", "product", "active")


@verb
def save_case(case: Case | None, *, by: User, **fields: Any) -> Case:
    """File a customer case or a video, or change one (title, kind, summary, url, product, industry, active; R8.6).

    Raises Forbidden, NotFound, RuleRefused.
    """
    require_editor(by)
    at = clock.now()
    row = _case_of(case.pk) if case else Case(by=by, created_at=at)
    for name in CASE_FIELDS:
        if name in fields:
            value = fields[name]
            setattr(row, name, value.strip() if name in CASE_TEXTS else value)
    errors = _case_errors(row.kind, **{name: getattr(row, name) for name in CASE_TEXTS})
    if errors:
        raise RuleRefused(errors=errors)
    if case:
        row.store(*CASE_FIELDS)
    else:
        row.save()
    events.record(events.Fact("case_changed" if case else "case_filed", row, at, by))
    return row


def _case_of(pk: Any) -> Case:
    row = Case.objects.select_for_update(no_key=True).filter(pk=pk).first()
    if row is None:
        raise NotFound()
    return row
