"""What something costs: bases of a price, the sum of a line and of a whole offer, exact to the cent. Pure.

Every sum of the product comes from here, so that page, PDF, API and report cannot disagree.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.errors import FieldError
from core.rulebook import rule

rule(
    "tax_rate",
    6,
    "R9.5",
    _("Value-added tax on what is sold"),
    kind="percent",
    unit="%",
    most=100,
)
rule("prices_include_tax", True, "R9.5", _("Prices include the tax"), kind="bool")

CENT = Decimal("0.01")
MONEY_MOST = Decimal("999999999999.99")
QUANTITY_MOST = 10_000_000
PERIODS_MOST = 600
YEAR = 12


class Basis(models.TextChoices):
    """For what a price is."""

    ONCE = "once", _("once")
    USER_MONTH = "user_month", _("per user and month")
    USER_YEAR = "user_year", _("per user and year")


@dataclass(frozen=True)
class Sums:
    """Money of an offer: Σ of the lines, the discount on all, what is left without tax, the tax, what is to be paid.

    `net + tax == gross` and `lines - discount` is `gross` (prices with tax) or `net` (without), to the cent.
    """

    lines: Decimal
    discount: Decimal
    net: Decimal
    tax: Decimal
    gross: Decimal


def cents(value: Decimal) -> Decimal:
    """Round to the cent, half away from zero."""
    return value.quantize(CENT, ROUND_HALF_UP)


def line_total(quantity: int, unit_price: Decimal, discount: Decimal, periods: int = 1) -> Decimal:
    """Quantity × periods × unit price less the discount in percent, to the cent."""
    return cents(quantity * periods * unit_price * (100 - discount) / 100)


def usual_periods(basis: str, term_months: int | None) -> int:
    """How many months or years a line is for, if nobody says: those of the term, of a year without one."""
    months = term_months if term_months and term_months > 0 else YEAR
    if basis == Basis.USER_MONTH:
        return months
    return -(-months // YEAR) if basis == Basis.USER_YEAR else 1


def sums(totals: Iterable[Decimal], *, discount: Decimal, tax_rate: Decimal, with_tax: bool) -> Sums:
    """What an offer of these line totals comes to, with a discount and a tax rate in percent (R9.5)."""
    lines = sum(totals, Decimal("0.00"))
    off = cents(lines * discount / 100)
    left = lines - off
    if with_tax:
        net = cents(left * 100 / (100 + tax_rate))
        return Sums(lines, off, net, left - net, left)
    tax = cents(left * tax_rate / 100)
    return Sums(lines, off, left, tax, left + tax)


def effective_discount(listed: Decimal, agreed: Decimal) -> Decimal:
    """How much less than the list prices is asked, in percent with two places; 0 when it is not less (R9.2)."""
    if listed <= 0 or agreed >= listed:
        return Decimal("0.00")
    return cents((listed - agreed) * 100 / listed)


def is_more_off(listed: Decimal, agreed: Decimal, limit: Decimal, lines: int) -> bool:
    """Whether more than so many percent are off the list prices, be it a cent (R9.2). What rounding takes is not off: half
    a cent of each line, of the discount on all, of the tax and of the list's."""
    return agreed < listed * (100 - limit) / 100 - (lines + 3) * CENT / 2


def is_amount(value: Decimal) -> bool:
    """Whether this can be an amount: 0 or more, two places, no more than a field holds; no infinity, no NaN."""
    return value.is_finite() and 0 <= value <= MONEY_MOST and cents(value) == value


def check_percent(field: str, value: Decimal | None, *, what: Any) -> list[FieldError]:
    """What is wrong with a percentage: 0 to 100, two places."""
    if value is None or (value.is_finite() and 0 <= value <= 100 and cents(value) == value):
        return []
    return [FieldError(field, "out_of_range", what % {"value": value})]


def check_lines(lines: Sequence[Any]) -> list[FieldError]:
    """What is wrong with lines (quantity, periods, unit_price, discount) and with their sum."""
    errors = []
    for n, line in enumerate(lines):
        if not 1 <= line.quantity <= QUANTITY_MOST:
            message = _("“%(value)s”: must be a whole number of at least 1.") % {"value": line.quantity}
            errors.append(FieldError(f"lines.{n}.quantity", "out_of_range", message))
        if not 1 <= line.periods <= PERIODS_MOST:
            message = _("“%(value)s”: 1 to 600 months or years.") % {"value": line.periods}
            errors.append(FieldError(f"lines.{n}.periods", "out_of_range", message))
        price = line.unit_price
        if price is not None and not is_amount(price):
            message = _("“%(value)s”: a price is 0 or more, with at most two places.") % {"value": price}
            errors.append(FieldError(f"lines.{n}.unit_price", "out_of_range", message))
        errors += check_percent(
            f"lines.{n}.discount", line.discount, what=_("“%(value)s”: a discount is 0 to 100 %%.")
        )
    return errors
