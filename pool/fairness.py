"""Who takes leads, who lets them go, how soon they are touched, and what became of them, by holder (R10.9, a branch).

Everything is counted from the same rows, one for each stretch in which a rep held an SQL, by when it began: each ended
one way or goes on, so that the columns add up to what was taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Any

from django.db.models import Count, DateTimeField, Exists, IntegerField, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.models import User
from accounts.permissions import team_ids
from contacts.querysets import ALL_SEEING
from core import rulebook
from core.models import Event
from core.web import words
from leads.models import Holding
from leads.neglect import TOUCHES, is_neglected, with_touches
from leads.rules import Began, Ended

OPPORTUNITY, NEGLECTED, WORKED, RELEASED, OTHER, HELD = (
    "opportunity",
    "neglected",
    "worked",
    "released",
    "other",
    "held",
)
OUTCOMES = (OPPORTUNITY, NEGLECTED, WORKED, RELEASED, OTHER, HELD)
ORDER, POOL = "order", "pool"  # of the opportunities those signed; of all what lies in the pool again
LATER = 3  # the third holder and all after


@dataclass(frozen=True)
class Stretch:
    """One stretch in which a rep held an SQL: as the how-manieth holder, touched when, and what became of it."""

    holding: Holding
    nth: int
    first_touch: float | None
    outcome: str
    ordered: bool

    def is_a(self, outcome: str) -> bool:
        """Whether it counts under this heading."""
        if outcome == ORDER:
            return self.ordered
        if outcome == POOL:
            return self.outcome in (NEGLECTED, WORKED, RELEASED)
        return self.outcome == outcome


@dataclass(frozen=True)
class Figures:
    """Some stretches, counted."""

    key: Any
    name: Any
    stretches: tuple[Stretch, ...]

    @property
    def taken(self) -> int:
        return len(self.stretches)

    def _of(self, outcome: str) -> int:
        return sum(one.is_a(outcome) for one in self.stretches)

    @property
    def counts(self) -> dict[str, int]:
        """How many under each heading."""
        return {outcome: self._of(outcome) for outcome in (*OUTCOMES, ORDER, POOL)}

    @property
    def first_touch(self) -> float | None:
        """Seconds until the first call, message or note, in the middle of those that had one."""
        touched = [one.first_touch for one in self.stretches if one.first_touch is not None]
        return median(touched) if touched else None

    @property
    def touched_in(self) -> str:
        """The same in words; empty where nobody was touched."""
        seconds = self.first_touch
        return "" if seconds is None else words.left(max(1.0, seconds))

    @property
    def untouched(self) -> int:
        """How many had none."""
        return sum(one.first_touch is None for one in self.stretches)


def stretches(user: User, since: datetime, until: datetime, *, claimed: bool) -> list[Stretch]:
    """What began in this time on the people of whom one may judge, latest first: claims, or all SQLs. One query."""
    rows = Holding.objects.filter(stage=Holding.Stage.SQL, from_at__gte=since, from_at__lt=until)
    if claimed:
        rows = rows.filter(began=Began.CLAIMED)
    if not user.wears(*ALL_SEEING):
        rows = rows.filter(Q(user=user) | Q(user__team__in=team_ids(user)))
    found = _told(with_touches(rows)).select_related("lead__contact", "user__team")
    least = rulebook.get("neglected_touches")
    return [_stretch(row, least) for row in found.order_by("-from_at", "-id")]


def _told(rows: QuerySet[Any]) -> QuerySet[Any]:
    """The same with `before` (holders of the lead before), `touched_at` and `ordered`."""
    earlier = Holding.objects.filter(lead=OuterRef("lead"), stage=Holding.Stage.SQL).filter(
        Q(from_at__lt=OuterRef("from_at")) | Q(from_at=OuterRef("from_at"), id__lt=OuterRef("id"))
    )
    before = earlier.order_by().values("lead").annotate(n=Count("pk")).values("n")
    events = Event.objects.filter(
        subject_id=OuterRef("lead_id"),
        verb__in=TOUCHES,
        by_id=OuterRef("user_id"),
        at__gte=OuterRef("from_at"),
    )
    first = events.order_by().values("subject_id").annotate(first=Min("at")).values("first")
    signed = Event.objects.filter(
        contact_id=OuterRef("lead__contact"), subject_type="order", verb="signed", at__gte=OuterRef("to_at")
    )
    return rows.annotate(
        before=Coalesce(Subquery(before, output_field=IntegerField()), 0),
        touched_at=Subquery(first, output_field=DateTimeField()),
        ordered=Exists(signed),
    )


def _stretch(row: Any, least: int) -> Stretch:
    outcome = OTHER
    if row.to_at is None:
        outcome = HELD
    elif row.ended == Ended.CONVERTED:
        outcome = OPPORTUNITY
    elif row.ended == Ended.RELEASED:
        outcome = RELEASED
    elif row.ended == Ended.EXPIRED:
        outcome = NEGLECTED if is_neglected(row.touches, least) else WORKED
    touch = row.touched_at
    if touch is not None and row.to_at is not None and touch >= row.to_at:
        touch = None  # theirs again by then, or only written down later
    seconds = (touch - row.from_at).total_seconds() if touch else None
    return Stretch(row, row.before + 1, seconds, outcome, outcome == OPPORTUNITY and row.ordered)


def total(rows: Iterable[Stretch]) -> Figures:
    """All of them."""
    return Figures("", "", tuple(rows))


def by_rep(rows: Iterable[Stretch]) -> list[Figures]:
    """By who held, who took most first."""
    found = _grouped(rows, lambda one: one.holding.user)
    return sorted(found, key=lambda one: (-one.taken, str(one.name)))


def by_holder(rows: Iterable[Stretch]) -> list[Figures]:
    """By the how-manieth holder: first, second, third and later."""
    return sorted(_grouped(rows, lambda one: min(one.nth, LATER)), key=lambda one: one.key)


def _grouped(rows: Iterable[Stretch], key: Callable[[Stretch], Any]) -> list[Figures]:
    groups: dict[Any, list[Stretch]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return [Figures(name, name, tuple(listed)) for name, listed in groups.items()]
