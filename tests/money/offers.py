"""Any offer, and what it comes to: reckoned a second time, in whole numbers, by nothing of the product's.

Prices are cents, percentages are hundredths of a percent; what falls between two cents goes to the nearer one, a half
away from zero. The rounding is that of each line, of the discount on all, and of the tax; the rest are differences, so
that nothing is left over.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from catalogue.pricing import Line
from catalogue.rules import Basis

CENTS_MOST = 99_999_999_999_999
BASES = ("once", "user_month", "user_year")


def half_up(value: Fraction) -> int:
    """The nearer whole number, a half away from zero; what is not negative."""
    return int(value + Fraction(1, 2))


def money(cents: int) -> Decimal:
    """Cents as an amount with two places."""
    return Decimal(cents).scaleb(-2)


@dataclass(frozen=True)
class Item:
    """One line as it is asked for: cents, hundredths of a percent."""

    quantity: int
    price: int | None
    off: int
    basis: str
    periods: int

    def line(self, product: Any) -> Line:
        """The same as the verbs take it."""
        price = None if self.price is None else money(self.price)
        return Line(product, self.quantity, price, money(self.off), self.basis, self.periods)

    def cents(self, usual: dict[str, int]) -> int:
        """What it comes to."""
        price = usual[self.basis] if self.price is None else self.price
        whole = Fraction(self.quantity * self.periods * price)
        return half_up(whole * (10_000 - self.off) / 10_000)

    def listed(self, usual: dict[str, int]) -> int:
        """What it would come to by the list."""
        return self.quantity * self.periods * usual[self.basis]


@dataclass(frozen=True)
class Offer:
    """Lines, a discount on all of them, a tax rate, and whether the prices hold it already."""

    items: tuple[Item, ...]
    off: int
    tax: int
    with_tax: bool

    def sums(self, totals: list[int]) -> tuple[int, int, int, int, int]:
        """(lines, discount, net, tax, gross) in cents."""
        lines = sum(totals)
        off = half_up(Fraction(lines * self.off, 10_000))
        left = lines - off
        if self.with_tax:
            net = half_up(Fraction(left * 10_000, 10_000 + self.tax))
            return lines, off, net, left - net, left
        tax = half_up(Fraction(left * self.tax, 10_000))
        return lines, off, left, tax, left + tax

    def of(self, usual: dict[str, int]) -> tuple[int, int, int, int, int]:
        """The same from the prices of the day on."""
        return self.sums([item.cents(usual) for item in self.items])

    def listed(self, usual: dict[str, int]) -> int:
        """What is to be paid by the list prices, without any discount."""
        bare = Offer(self.items, 0, self.tax, self.with_tax)
        return bare.sums([item.listed(usual) for item in self.items])[4]

    @property
    def terms(self) -> dict[str, Any]:
        """What the verbs of a quote take."""
        return {"discount": money(self.off), "tax_rate": money(self.tax)}


# The awkward ones often: a third, a half cent, all and nothing.
OFF = st.one_of(st.sampled_from([0, 0, 1, 333, 500, 1250, 5000, 9999, 10_000]), st.integers(0, 10_000))
TAX = st.sampled_from([0, 600, 900, 1300, 1, 1725, 10_000])
PRICES = st.one_of(
    st.sampled_from([0, 1, 3, 5, 33, 99, 100, 3333, 99_995]), st.integers(0, 10_000_000), st.just(None)
)
COUNTS = st.one_of(st.sampled_from([1, 3, 7, 33]), st.integers(1, 2000))


@st.composite
def items(draw: Any) -> Item:
    basis = draw(st.sampled_from(BASES))
    periods = 1 if basis == Basis.ONCE else draw(st.integers(1, 36))
    return Item(draw(COUNTS), draw(PRICES), draw(OFF), basis, periods)


def offers(most: int = 6) -> Any:
    """Any offer of at most so many lines."""
    lines = st.lists(items(), min_size=1, max_size=most).map(tuple)
    return st.builds(Offer, lines, OFF, TAX, st.booleans())
