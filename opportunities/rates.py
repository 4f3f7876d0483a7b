"""What the firm's win rates really are: won of decided, by kind and stage, with the interval of 95 % (R8.4)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Avg, Count, DateTimeField, DurationField, ExpressionWrapper, F, Q, QuerySet
from django.db.models.functions import Coalesce

from core import rulebook
from opportunities import rules
from opportunities.models import Opportunity
from opportunities.rules import CLOSED, OPEN, Kind, Stage

Z95 = 1.959963984540054
DAY = timedelta(days=1)
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
    def says(self) -> bool:
        """Whether enough are decided for the share to be reckoned with."""
        return self.decided >= ENOUGH

    @property
    def verdict(self) -> str:
        """below, above or within the nominal rate, as far as the interval tells; few when there is too little."""
        if not self.says or self.interval is None:
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

    `furthest` is the furthest open stage ever reached: a way back, a loss or its undo does not lower it. Who went over
    a stage has reached it, too; who was closed while still scheduled has reached none. One query.
    """
    counted = (
        rows.filter(stage__in=CLOSED, furthest__in=OPEN)
        .order_by()
        .values_list("kind", "furthest")
        .annotate(decided=Count("pk"), won=Count("pk", filter=Q(stage=Stage.WON)))
    )
    found: dict[tuple[str, str], tuple[int, int]] = {}
    order = list(OPEN)
    for kind, furthest, decided, won in counted:
        for stage in order[: order.index(Stage(furthest)) + 1]:
            before = found.get((kind, stage), (0, 0))
            found[(kind, stage)] = (before[0] + decided, before[1] + won)
    values = rulebook.values()
    return [
        Rate(stage, kind, *found.get((kind, stage), (0, 0)), rules.win_rate(stage, values))
        for kind in Kind.values
        for stage in OPEN
        if kind == Kind.NEW_BUSINESS or (kind, stage) in found
    ]


def cycle() -> int | None:
    """How many days the firm's new business really takes from the person's coming, or latest return, to the signature, on
    average; None before enough are won (R8.5). One query."""
    since = Coalesce("lead__back_at", "lead__acquired_at", output_field=DateTimeField())
    took = ExpressionWrapper(F("closed_at") - since, output_field=DurationField())
    won = Opportunity.objects.filter(kind=Kind.NEW_BUSINESS, stage=Stage.WON).order_by()
    found = won.aggregate(n=Count("pk"), mean=Avg(took))
    return round(found["mean"] / DAY) if found["n"] >= ENOUGH else None


def by_kind(rows: QuerySet[Opportunity]) -> dict[tuple[str, str], Rate]:
    """(kind, stage) → its measured rate."""
    return {(rate.kind, rate.stage): rate for rate in calibration(rows)}


def measured_rates(rows: QuerySet[Opportunity]) -> dict[str, Rate]:
    """New business: stage → its measured rate."""
    return {rate.stage: rate for rate in calibration(rows.filter(kind=Kind.NEW_BUSINESS))}
