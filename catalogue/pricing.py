"""Lines as they are asked for, and what they come to at the prices of a day (R9.2, R9.5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from catalogue import rules
from catalogue.models import Product
from catalogue.rules import Basis
from catalogue.selectors import prices_on
from core import rulebook
from core.errors import FieldError


@dataclass(frozen=True)
class Line:
    """One line as it is asked for; without a unit price the price of the day holds, discount is in percent."""

    product: Product
    quantity: int = 1
    unit_price: Decimal | None = None
    discount: Decimal = Decimal(0)
    basis: str = Basis.ONCE
    periods: int = 1
    purpose: str = ""


@dataclass(frozen=True)
class Priced:
    """One line with its prices: `listed` is what it would come to at the list price, without any discount."""

    line: Line
    list_price: Decimal
    unit_price: Decimal
    total: Decimal
    listed: Decimal


def currency_errors(field: str, products: Sequence[Product]) -> list[FieldError]:
    """What is wrong with products that were priced before the firm's currency was another (R9.3)."""
    firm = rulebook.get("currency")
    errors = []
    for n, product in enumerate(products):
        if product.currency != firm:
            known = {"value": product.name, "currency": product.currency, "firm": firm}
            message = _("“%(value)s” is priced in %(currency)s: it needs a price in %(firm)s first.") % known
            errors.append(FieldError(f"{field}.{n}.product", "currency", message))
    return errors


def price_lines(lines: Sequence[Line], day: date) -> tuple[list[Priced], list[FieldError]]:
    """The lines at the prices of a day, and everything that is wrong with them; one query however many they are."""
    errors = [] if lines else [FieldError("lines", "required", _("At least one line is needed."))]
    errors += rules.check_lines(lines)
    errors += currency_errors("lines", [line.product for line in lines])
    prices = prices_on({line.product.pk for line in lines}, day)
    priced = []
    for n, line in enumerate(lines):
        if line.basis not in Basis.values:
            message = _("“%(value)s” is not a basis of a price.") % {"value": str(line.basis)[:20]}
            errors.append(FieldError(f"lines.{n}.basis", "invalid", message))
            continue
        usual = prices.get((line.product.pk, line.basis))
        if usual is None and line.basis == Basis.ONCE:
            usual = line.product.price
        if usual is None and line.unit_price is None:
            message = _("“%(product)s” has no price on this basis: name one.") % {
                "product": line.product.name
            }
            errors.append(FieldError(f"lines.{n}.unit_price", "required", message))
            continue
        if not errors:
            priced.append(_priced(line, usual, prices))
    if not errors and sum((p.listed for p in priced), Decimal(0)) > rules.MONEY_MOST:
        errors.append(FieldError("lines", "out_of_range", _("The total is too large.")))
    if not errors and sum((p.total for p in priced), Decimal(0)) > rules.MONEY_MOST:
        errors.append(FieldError("lines", "out_of_range", _("The total is too large.")))
    return priced, errors


def _priced(line: Line, usual: Decimal | None, prices: Mapping[tuple[Any, str], Decimal]) -> Priced:
    price = line.unit_price if line.unit_price is not None else usual
    assert price is not None
    return Priced(
        line,
        usual if usual is not None else price,
        price,
        rules.line_total(line.quantity, price, line.discount, line.periods),
        _listed(line, price, usual, prices),
    )


def _listed(
    line: Line, price: Decimal, usual: Decimal | None, prices: Mapping[tuple[Any, str], Decimal]
) -> Decimal:
    """A line at the list price. What is not on the list on this basis was agreed at its price, but for no less than the
    cheapest price that the product has: else any discount would hide in an unusual basis (R9.2)."""
    if usual or (line.product.pk, line.basis) in prices:
        return rules.line_total(line.quantity, usual or Decimal(0), Decimal(0), line.periods)
    others = [p for (product, _basis), p in prices.items() if product == line.product.pk and p]
    least = min([*others, *filter(None, [line.product.price])], default=Decimal(0))
    agreed = rules.line_total(line.quantity, price, Decimal(0), line.periods)
    return max(agreed if usual is None else Decimal(0), rules.line_total(line.quantity, least, Decimal(0)))
