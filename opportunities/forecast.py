"""What is likely to come in, and what the firm's win rates really are (R8.3, R8.4): read-only, one selector a number."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth

from core import clock, rulebook
from opportunities import rules
from opportunities.models import Opportunity
from opportunities.rules import CLOSED, OPEN, Kind, Stage

Z95 = 1.959963984540054
ENOUGH = 5  # a share of fewer decided ones says nothing yet


@dataclass(frozen=True)
class Rate:
    """A measured win rate of a stage: won of decided, with the Wilson interval of 95 %; shares from 0 to 1."""

    stage: str
    kind: str
    decided: int
    won: int
    nominal: int

    @property
    def share(self) -> float | None:
        """Won of decided, or None when nothing is decided."""
        return self.won / self.decided if self.decided else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The Wilson interval of 95 %."""
        return wilson(self.won, self.decided)

    @property
    def verdict(self) -> str:
        """below, above or within the nominal rate, as far as the interval tells; few when there is too little."""
        if self.decided < ENOUGH or self.interval is None:
            return "few"
        low, high = self.interval
        if high < self.nominal / 100:
            return "below"
        return "above" if low > self.nominal / 100 else "within"


def wilson(won: int, decided: int, z: float = Z95) -> tuple[float, float] | None:
    """The Wilson score interval of a share, or None of nothing."""
    if decided <= 0:
        return None
    share = won / decided
    spread = 1 + z * z / decided
    middle = (share + z * z / (2 * decided)) / spread
    half = z * math.sqrt(share * (1 - share) / decided + z * z / (4 * decided * decided)) / spread
    return max(0.0, middle - half), min(1.0, middle + half)


def calibration(rows: QuerySet[Opportunity]) -> list[Rate]:
    """For each kind and stage: of the decided ones that ever reached the stage, how many were won (R8.4).

    `furthest` is the furthest open stage ever reached; one query.
    """
    counted = (
        rows.filter(stage__in=CLOSED)
        .order_by()
        .values_list("kind", "furthest")
        .annotate(decided=Count("pk"), won=Count("pk", filter=Q(stage=Stage.WON)))
    )
    found: dict[tuple[str, str], list[int]] = {}
    order = list(OPEN)
    for kind, furthest, decided, won in counted:
        reached = order[: order.index(Stage(furthest)) + 1] if furthest in order else order[:1]
        for stage in reached:
            pair = found.setdefault((kind, stage), [0, 0])
            pair[0] += decided
            pair[1] += won
    values = rulebook.values()
    return [
        Rate(stage, kind, *found.get((kind, stage), [0, 0]), rules.win_rate(stage, values))
        for kind in Kind.values
        for stage in OPEN
        if kind == Kind.NEW_BUSINESS or (kind, stage) in found
    ]


def measured_rates(rows: QuerySet[Opportunity]) -> dict[str, Rate]:
    """New business: stage → its measured rate."""
    return {rate.stage: rate for rate in calibration(rows.filter(kind=Kind.NEW_BUSINESS))}


@dataclass
class Month:
    """One month of a forecast: stage → (count, sum); weighted by the nominal and the measured rates."""

    month: date
    stages: dict[str, tuple[int, Decimal]] = field(default_factory=dict)
    nominal: Decimal = Decimal(0)
    measured: Decimal = Decimal(0)
    renewals: Decimal = Decimal(0)


@dataclass
class Forecast:
    """Months in order, what was left out and why, and the share of open opportunities that it rests on (R8.3)."""

    months: list[Month]
    counted: int
    left_out: int
    no_amount: int
    no_month: int
    past_month: int
    measured_stages: dict[str, Rate]

    @property
    def share(self) -> float | None:
        """The share of the open opportunities on which it rests."""
        every = self.counted + self.left_out
        return self.counted / every if every else None

    @property
    def nominal(self) -> Decimal:
        """Σ amount × nominal win rate."""
        return sum((m.nominal for m in self.months), Decimal(0))

    @property
    def measured(self) -> Decimal:
        """Σ amount × measured win rate."""
        return sum((m.measured for m in self.months), Decimal(0))


def without_place(day: date) -> dict[str, Q]:
    """Why an open opportunity is left out of the forecast: reason → condition; the first that holds counts."""
    first = day.replace(day=1)
    return {
        "no_amount": Q(amount__isnull=True),
        "no_month": Q(amount__isnull=False, expected_close__isnull=True),
        "past_month": Q(amount__isnull=False, expected_close__lt=first),
    }


def forecast(rows: QuerySet[Opportunity], at: datetime, history: QuerySet[Opportunity]) -> Forecast:
    """Σ amount × win rate by expected close month of these open opportunities (R8.3), in three queries.

    `history` are the decided ones that the measured rates rest on. A renewal counts with its own judged probability,
    else with the nominal rate of its stage.
    """
    day = clock.firm_day(at)
    out = without_place(day)
    opened = rows.open().order_by()
    missing = opened.aggregate(**{name: Count("pk", filter=fits) for name, fits in out.items()})
    rest = opened
    for fits in out.values():
        rest = rest.exclude(fits)
    measured = measured_rates(history)
    values = rulebook.values()
    sums = (
        rest.annotate(month=TruncMonth("expected_close"))
        .values_list("month", "stage", "kind", "probability")
        .annotate(n=Count("pk"), total=Sum("amount"))
    )
    months: dict[date, Month] = {}
    for when, stage, kind, probability, n, total in sums:
        month = months.setdefault(when, Month(when))
        count, held = month.stages.get(stage, (0, Decimal(0)))
        month.stages[stage] = (count + n, held + total)
        nominal, real = _rates(stage, kind, probability, values, measured)
        # Exact until it is shown, so that months, people and teams add up to the firm.
        month.nominal += total * nominal / 100
        month.measured += total * Decimal(repr(real))
        if kind == Kind.RENEWAL:
            month.renewals += total * nominal / 100
    counted = sum(count for m in months.values() for count, _total in m.stages.values())
    return Forecast(
        [months[key] for key in sorted(months)],
        counted,
        sum(missing.values()),
        missing["no_amount"],
        missing["no_month"],
        missing["past_month"],
        measured,
    )


def _rates(
    stage: str, kind: str, probability: int | None, values: dict[str, Any], measured: dict[str, Rate]
) -> tuple[int, float]:
    """(nominal in percent, measured as a share): what was judged by a person holds on both sides."""
    nominal = rules.win_rate(stage, values)
    if probability is not None and kind == Kind.RENEWAL:
        return probability, probability / 100
    if kind != Kind.NEW_BUSINESS:
        return nominal, nominal / 100
    rate = measured.get(stage)
    if rate is None or rate.share is None or rate.decided < ENOUGH:
        return nominal, nominal / 100
    return nominal, rate.share
