"""When which price of a product holds, and what is wrong with one more (R9.5).

Of the prices of a list that hold on a day the one that began last is the price: one without an end gives way to the
next, and comes back after one with an end (an action of a month). No price begins within one that has an end.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby

from django.utils.translation import gettext_lazy as _

from catalogue.models import Price
from catalogue.rules import MONEY_MOST, Basis, cents
from core.errors import FieldError
from core.web.words import full_day

NAME_MOST = 60
DAY = timedelta(days=1)
BASES = list(Basis.values)


def price_errors(
    basis: str, amount: Decimal | None, valid_from: date | None, valid_until: date | None, name: str
) -> list[FieldError]:
    """What is wrong with a price by itself."""
    errors = []
    if basis not in BASES:
        message = _("“%(value)s” is not a basis of a price.") % {"value": str(basis)[:20]}
        errors.append(FieldError("basis", "invalid", message))
    if amount is None or not amount.is_finite():
        errors.append(FieldError("price", "required", _("A price of 0 or more.")))
    elif not 0 <= amount <= MONEY_MOST or cents(amount) != amount:
        message = _("“%(value)s”: a price is 0 or more, with at most two places.") % {"value": amount}
        errors.append(FieldError("price", "out_of_range", message))
    if valid_from is None:
        errors.append(FieldError("valid_from", "required", _("From which day on?")))
    elif valid_until is not None and valid_until < valid_from:
        message = _("“%(value)s” lies before the first day.") % {"value": valid_until}
        errors.append(FieldError("valid_until", "out_of_range", message))
    if len(name) > NAME_MOST:
        message = _("At most %(most)s characters.") % {"most": NAME_MOST}
        errors.append(FieldError("name", "too_long", message))
    return errors


def clashes(others: Iterable[Price], valid_from: date, valid_until: date | None) -> list[FieldError]:
    """Why a price cannot stand beside the others of its product, list and basis: the first that is in the way."""
    for other in others:
        known = {"price": f"{other.price:,.2f}", "from": full_day(other.valid_from)}
        if other.valid_until:
            known["until"] = full_day(other.valid_until)
        if other.valid_from == valid_from:
            message = _("There is a price from that day on already, %(price)s: change that one.") % known
            return [FieldError("valid_from", "taken", message)]
        if other.valid_until and other.valid_from <= valid_from <= other.valid_until:
            message = (
                _(
                    "%(price)s holds from %(from)s until %(until)s: begin after it, or change how long it holds."
                )
                % known
            )
            return [FieldError("valid_from", "overlaps", message)]
        if valid_until and valid_from <= other.valid_from <= valid_until:
            message = _("%(price)s begins on %(from)s: end before it, or name no last day.") % known
            return [FieldError("valid_until", "overlaps", message)]
    return []


@dataclass(frozen=True)
class Span:
    """A price as one reads it on a day: `last` is the day on which it really ends, for whatever reason."""

    price: Price
    last: date | None
    state: str  # now, ahead, past, or under: it holds again when another one ends


@dataclass(frozen=True)
class PriceList:
    """The prices of one basis in one list: what holds, what comes, what was."""

    name: str
    basis: str
    now: Span | None
    ahead: list[Span]
    past: list[Span]

    @property
    def label(self) -> str:
        """Its basis in words."""
        return str(Basis(self.basis).label)


def lists_of(prices: Iterable[Price], today: date) -> list[PriceList]:
    """The prices of a product as lists, the firm's own first, each basis apart."""
    rows = sorted(prices, key=lambda p: (p.name, BASES.index(p.basis), p.valid_from))
    return [
        _list(name, basis, list(group), today)
        for (name, basis), group in groupby(rows, key=lambda p: (p.name, p.basis))
    ]


def _list(name: str, basis: str, rows: list[Price], today: date) -> PriceList:
    valid = [p for p in rows if p.valid_from <= today and (p.valid_until is None or today <= p.valid_until)]
    current = valid[-1] if valid else None
    spans = [_span(row, rows, current, today) for row in rows]
    return PriceList(
        name,
        basis,
        next((s for s in spans if s.state == "now"), None),
        [s for s in spans if s.state in ("ahead", "under")],
        [s for s in reversed(spans) if s.state == "past"],
    )


def _span(row: Price, rows: list[Price], current: Price | None, today: date) -> Span:
    if row.valid_until:
        last: date | None = row.valid_until
    else:
        later = [p for p in rows if p.valid_from > row.valid_from and p.valid_until is None]
        last = later[0].valid_from - DAY if later else None
    if row is current:
        return Span(row, last, "now")
    if row.valid_from > today:
        return Span(row, last, "ahead")
    return Span(row, last, "past" if last is not None and last < today else "under")


def by_name(prices: Iterable[Price], today: date) -> list[tuple[str, list[PriceList]]]:
    """The lists of a product by their name, the firm's own first even while it is empty."""
    found: dict[str, list[PriceList]] = {"": []}
    for one in lists_of(prices, today):
        found.setdefault(one.name, []).append(one)
    return list(found.items())
