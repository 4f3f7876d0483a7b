"""What is likely to come in, by expected close month (R8.3): read-only, exact to the cent however it is grouped."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth

from core import clock, rulebook
from opportunities import weighing
from opportunities.models import Opportunity
from opportunities.rates import Rate, by_kind, calibration, measured_rates, wilson
from opportunities.rules import OPEN, Kind

__all__ = ["Forecast", "Group", "Month", "Rate", "calibration", "forecast", "measured_rates", "wilson"]

ZERO = Decimal(0)
# What a forecast is grouped by → (key, name) of a group; the firm is all of it.
GROUPS = {
    "owner": ("owner__login", "owner__name"),
    "team": ("team__name", "team__name"),
    "kind": ("kind", "kind"),
}


@dataclass
class Month:
    """One month of a forecast: stage → (count, sum); weighted by the nominal and the measured rates."""

    month: date
    stages: dict[str, tuple[int, Decimal]] = field(default_factory=dict)
    nominal: Decimal = ZERO
    measured: Decimal = ZERO
    renewals: Decimal = ZERO

    @property
    def count(self) -> int:
        """How many close in it."""
        return sum(count for count, _total in self.stages.values())

    @property
    def total(self) -> Decimal:
        """What all of them together would bring."""
        return sum((total for _count, total in self.stages.values()), ZERO)


@dataclass
class Group:
    """A rep, a team or a kind: month → (nominal, measured)."""

    key: str
    name: str
    count: int = 0
    months: dict[date, tuple[Decimal, Decimal]] = field(default_factory=dict)

    @property
    def nominal(self) -> Decimal:
        """Σ amount × nominal win rate."""
        return sum((pair[0] for pair in self.months.values()), ZERO)

    @property
    def measured(self) -> Decimal:
        """Σ amount × measured win rate."""
        return sum((pair[1] for pair in self.months.values()), ZERO)


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
    left_sums: dict[str, Decimal] = field(default_factory=dict)
    groups: list[Group] = field(default_factory=list)
    rates: dict[tuple[str, str], Rate] = field(default_factory=dict)

    @property
    def share(self) -> float | None:
        """The share of the open opportunities on which it rests."""
        every = self.counted + self.left_out
        return self.counted / every if every else None

    @property
    def nominal(self) -> Decimal:
        """Σ amount × nominal win rate."""
        return sum((m.nominal for m in self.months), ZERO)

    @property
    def measured(self) -> Decimal:
        """Σ amount × measured win rate."""
        return sum((m.measured for m in self.months), ZERO)

    @property
    def renewals(self) -> Decimal:
        """The part of the nominal sum that renewals are."""
        return sum((m.renewals for m in self.months), ZERO)


def without_place(day: date) -> dict[str, Q]:
    """Why an open opportunity is left out of the forecast: reason → condition; the first that holds counts."""
    first = day.replace(day=1)
    return {
        "no_amount": Q(amount__isnull=True),
        "no_month": Q(amount__isnull=False, expected_close__isnull=True),
        "past_month": Q(amount__isnull=False, expected_close__lt=first),
    }


def forecast(
    rows: QuerySet[Opportunity], at: datetime, history: QuerySet[Opportunity], by: str = ""
) -> Forecast:
    """Σ amount × win rate by expected close month of the open ones among these (R8.3), in three queries.

    `history` are those whose decided ones the measured rates rest on; `by` groups as well by owner, team or kind.
    A renewal counts with its own judged probability, else with the rate of its stage.
    """
    opened = rows.filter(stage__in=OPEN).order_by()
    out = without_place(clock.firm_day(at))
    missing = _missing(opened, out)
    rates = by_kind(history)
    values = rulebook.values()
    rest = opened.filter(amount__isnull=False, expected_close__gte=clock.firm_day(at).replace(day=1))
    key, name = GROUPS.get(by, GROUPS["kind"])
    sums = (
        rest.annotate(month=TruncMonth("expected_close"), group_key=F(key), group_name=F(name))
        .values_list("month", "stage", "kind", "group_key", "group_name")
        .annotate(
            n=Count("pk"),
            total=Sum("amount"),
            nominal=Sum(weighing.nominal(values)),
            measured=Sum(weighing.measured(values, rates)),
        )
    )
    months: dict[date, Month] = {}
    groups: dict[str, Group] = {}
    for when, stage, kind, group_key, group_name, n, total, nominal, measured in sums:
        month = months.setdefault(when, Month(when))
        count, held = month.stages.get(stage, (0, ZERO))
        month.stages[stage] = (count + n, held + total)
        month.nominal += nominal
        month.measured += measured
        if kind == Kind.RENEWAL:
            month.renewals += nominal
        group = groups.setdefault(group_key or "", Group(group_key or "", group_name or ""))
        group.count += n
        pair = group.months.get(when, (ZERO, ZERO))
        group.months[when] = (pair[0] + nominal, pair[1] + measured)
    return Forecast(
        months=[months[when] for when in sorted(months)],
        counted=sum(month.count for month in months.values()),
        left_out=sum(missing[reason] for reason in out),
        no_amount=missing["no_amount"],
        no_month=missing["no_month"],
        past_month=missing["past_month"],
        measured_stages={stage: rate for (kind, stage), rate in rates.items() if kind == Kind.NEW_BUSINESS},
        left_sums={reason: missing[f"{reason}_sum"] or ZERO for reason in out},
        groups=sorted(groups.values(), key=lambda g: (-g.nominal, g.name)) if by in GROUPS else [],
        rates=rates,
    )


def _missing(opened: QuerySet[Opportunity], out: dict[str, Q]) -> dict[str, Any]:
    counts: dict[str, Any] = {name: Count("pk", filter=fits) for name, fits in out.items()}
    return opened.aggregate(
        **counts, **{f"{name}_sum": Sum("amount", filter=fits) for name, fits in out.items()}
    )
