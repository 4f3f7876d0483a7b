"""Lines as they are asked for, and what they come to at the prices of a day (R9.2, R9.5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from catalogue import rules
from catalogue.models import Product
from catalogue.rules import Basis
from catalogue.selectors import prices_on
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


def price_lines(lines: Sequence[Line], day: date) -> tuple[list[Priced], list[FieldError]]:
    """The lines at the prices of a day, and everything that is wrong with them; one query however many they are."""
    errors = [] if lines else [FieldError("lines", "required", _("At least one line is needed."))]
    errors += rules.check_lines(lines)
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
            priced.append(_priced(line, usual))
    if not errors and sum((p.listed for p in priced), Decimal(0)) > rules.MONEY_MOST:
        errors.append(FieldError("lines", "out_of_range", _("The total is too large.")))
    if not errors and sum((p.total for p in priced), Decimal(0)) > rules.MONEY_MOST:
        errors.append(FieldError("lines", "out_of_range", _("The total is too large.")))
    return priced, errors


def _priced(line: Line, usual: Decimal | None) -> Priced:
    price = line.unit_price if line.unit_price is not None else usual
    assert price is not None
    return Priced(
        line,
        # What has no list price is sold at what was agreed: no discount is hidden in it.
        usual if usual is not None else price,
        price,
        rules.line_total(line.quantity, price, line.discount, line.periods),
        rules.line_total(line.quantity, usual if usual is not None else price, Decimal(0), line.periods),
    )
