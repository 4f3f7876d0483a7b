"""The clockwork of the demo: a queue of things that will happen, each under its own instant; a transaction a day."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from django.db import transaction

from accounts.models import User
from core import clock, events, rulebook
from core.errors import TrunkError
from core.services import run_sweeps
from crm.demo.persons import Crowd, Person
from crm.demo.texts import say
from outreach.channels.base import Outgoing, Sent
from outreach.rules import BY_PERSON, ChannelKind
from outreach.sending import send_due

OPENS, CLOSES = 9, 18
KINDS = [kind for kind in ChannelKind if kind not in BY_PERSON]
# Once a day: what leaves carries its own due time anyhow, and at night nothing may be sent.
SWEEPS = time(9, 1)
PAST = 420  # days before the days that are told in full: a few customers of then


class Nowhere:
    """A way on which everything leaves and nothing arrives."""

    kind, code, label, settings, keyed = "", "nowhere", "", (), True

    def __init__(self, values: Any = None) -> None:
        pass

    def send(self, message: Outgoing) -> Sent:
        """Taken."""
        return Sent()

    def receipts(self, request: Any) -> list[Any]:
        """None."""
        return []

    def inbound(self, request: Any) -> list[Any]:
        """None."""
        return []

    def close(self) -> None:
        """Nothing is open."""


class World:
    """What the simulation knows: the clock's two ends, who is there, and what will happen when."""

    def __init__(self, seed: int, days: int, end: datetime) -> None:
        self.rng = Random(seed)
        self.end = end
        self.days = days
        self.start = clock.day_starts(clock.firm_day(end) - timedelta(days=days))
        self.opening = self.start - timedelta(days=PAST - days if days < PAST else 0)
        self.now = self.opening
        self.crowd = Crowd(self.rng)
        self.people: dict[str, User] = {}
        self.products: dict[str, Any] = {}
        self.persons: dict[Any, Person] = {}  # by lead
        self.scripts: dict[str, Any] = {}  # the version that is said now, by language
        self.gone: set[str] = set()  # log-ins of those who left
        self.kept: set[Any] = set()  # opportunities that stay until the end where they were put for it
        self.holidays: set[date] = set()
        self.refused: Counter[str] = Counter()
        self.done = 0
        self._queue: list[tuple[datetime, int, Callable[..., None], tuple[Any, ...]]] = []
        self._count = 0

    # -- what will happen

    def at(self, when: datetime, action: Callable[..., None], *args: Any) -> None:
        """Let something happen; what would lie beyond the end never does."""
        if when < self.end:
            self._count += 1
            heapq.heappush(self._queue, (max(when, self.now), self._count, action, args))

    def soon(self, least: float, most: float) -> datetime:
        """An instant in working hours, so many hours of plain time from now."""
        return self.working(self.now + timedelta(hours=self.rng.uniform(least, most)))

    def working(self, when: datetime) -> datetime:
        """The instant itself, or one early on the next working day when nobody works then."""
        local = when.astimezone(clock.firm_tz())
        if self.works(local.date()) and OPENS <= local.hour < CLOSES:
            return when
        day = local.date() if local.hour < OPENS else local.date() + timedelta(days=1)
        while not self.works(day):
            day += timedelta(days=1)
        return self.moment(day, OPENS, OPENS + 3)

    def works(self, day: date) -> bool:
        """Whether the firm's people work on that day."""
        return day.weekday() < 6 and day not in self.holidays

    def moment(self, day: date, least: float, most: float, rng: Random | None = None) -> datetime:
        """An instant of that day between two hours."""
        hours = (rng or self.rng).uniform(least, most)
        return datetime.combine(day, time(), clock.firm_tz()) + timedelta(seconds=int(hours * 3600))

    def day(self, n: int) -> date:
        """The n-th day of the firm."""
        return clock.firm_day(self.start) + timedelta(days=n)

    def chance(self, part: float) -> bool:
        """True in that part of all cases."""
        return self.rng.random() < part

    def draw(self, weights: dict[str, float]) -> str:
        """One of the keys, by weight."""
        return self.rng.choices(list(weights), list(weights.values()))[0]

    def draw_count(self, weights: tuple[int, ...]) -> int:
        """0, 1, 2 … by weight."""
        return self.rng.choices(range(len(weights)), weights)[0]

    def say(self, person: Person, kind: str, **words: Any) -> str:
        """What is written down about this person."""
        return say(self.rng, person.language, kind, person.said, **words)

    # -- and happens

    def run(self) -> None:
        """Let everything happen until the end, sweeps included; each day is one transaction."""
        with events.way(events.PAGE), rulebook.snapshot():
            while self._queue:
                day = clock.firm_day(self._queue[0][0])
                with transaction.atomic():
                    self.at(datetime.combine(day, SWEEPS, clock.firm_tz()), sweep)
                    while self._queue and clock.firm_day(self._queue[0][0]) == day:
                        self._step()

    def _step(self) -> None:
        when, _n, action, args = heapq.heappop(self._queue)
        self.now = when
        if self.gone.intersection(a for a in args if isinstance(a, str)):
            return  # what somebody who left had in mind: the successor plans anew
        try:
            with clock.at(when):
                action(self, *args)
        except TrunkError as error:
            why = " ".join([error.code, *(f"{e.field}={e.code}" for e in error.errors)])
            self.refused[f"{action.__name__}: {why}"] += 1
        self.done += 1


def sweep(world: World) -> None:
    """What beat does every minute happens here once a day, and in the last hours."""
    run_sweeps(world.now)
    # Nobody of the demo has a mailbox: what was written until now counts as sent, and goes nowhere.
    for kind in KINDS:
        send_due(kind, world.now, driver=Nowhere())
