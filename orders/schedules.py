"""Usual schedules of payments, exact to the cent (R9.3): pure."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

CENT = Decimal("0.01")
MONTHS_WITHOUT_TERM = 12
MOST = 120


class Split(models.TextChoices):
    """How a total is usually split."""

    ONCE = "once", lazy("All at once")
    HALF = "half", lazy("Half now, half on delivery")
    QUARTERLY = "quarterly", lazy("Quarterly")
    MONTHLY = "monthly", lazy("Monthly")


@dataclass(frozen=True)
class Part:
    """One part of a schedule."""

    due_on: date
    amount: Decimal
    note: str = ""


def split(total: Decimal, parts: int) -> list[Decimal]:
    """A total in equal parts to the cent; the cents that are left over go to the first ones. Parts of nothing fall away."""
    whole, left = divmod(int(total / CENT), parts)
    found = [(whole + (1 if n < left else 0)) * CENT for n in range(parts)]
    return [amount for amount in found if amount]


def months_later(day: date, months: int) -> date:
    """The same day some months later, or the last of a month that has no such day."""
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def usual(kind: str, total: Decimal, today: date, starts_on: date | None, months: int | None) -> list[Part]:
    """The parts of a usual schedule: they add up to the total, to the cent (R9.3)."""
    start = max(starts_on or today, today) if kind == Split.HALF else starts_on or today
    if kind == Split.HALF:
        days = [today, start if start > today else months_later(today, 1)]
        notes = [_("now"), _("on delivery")]
    elif kind in (Split.MONTHLY, Split.QUARTERLY):
        step = 1 if kind == Split.MONTHLY else 3
        many = min(-(-(months or MONTHS_WITHOUT_TERM) // step), MOST)
        days = [months_later(start, n * step) for n in range(many)]
        notes = [""] * many
    else:
        days, notes = [start], [""]
    amounts = split(total, len(days))
    return [Part(day, amount, note) for day, amount, note in zip(days, amounts, notes, strict=False)]
