"""What leaves whom tonight and tomorrow, and why: the sweeps themselves are run ahead of time and taken back (R10.8)."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db.models import Min

from core import clock, rulebook
from core.events import RULE
from core.ids import first_of
from core.models import Event, RuleValue
from core.services import run_sweeps
from core.trial import trial
from leads.models import Extension, Lead
from leads.rules import ExtensionState, State
from pool.worn import is_on, rests

EXPIRED, PASSED_ON, SEGMENT, LAPSED = "expired", "passed_on", "segment", "lapsed"
HANDED = "handed"  # out of a team's queue: leaves nobody, and is only counted
TOLD = ("expired", "passed_on", "handed_over", "segment_changed")
KINDS = (EXPIRED, PASSED_ON, LAPSED, SEGMENT)
# Moves within the pool are nobody's loss: beyond so many they are only counted.
KEPT_OF_POOL = 5_000
# A trial holds what it moves: after so much real time it says how far it came.
SECONDS = 3.0
STEP = timedelta(hours=6)
FRESH = 60
CACHE = "pool:ahead"


@dataclass(frozen=True)
class Move:
    """One thing that will happen by itself: when, to which lead, whom it leaves, who gets it, from where to where."""

    kind: str
    at: datetime
    lead_id: Any
    who: str = ""
    to: str = ""
    was: str = ""
    becomes: str = ""


@dataclass
class Ahead:
    """What will move between `at` and `until`; `reached` is earlier where the trial had no time for all."""

    at: datetime
    until: datetime
    reached: datetime
    moves: list[Move] = field(default_factory=list)
    # (kind, from, to) of all, also of those that are only counted: until now, and until the end
    now: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    all: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    resting: int = 0  # worn leads

    @property
    def complete(self) -> bool:
        return self.reached >= self.until


def end_of_tomorrow(at: datetime) -> datetime:
    """The end of the firm's next day."""
    return clock.day_starts(clock.firm_day(at) + timedelta(days=2))


def held() -> Ahead:
    """What will move until tomorrow night, at most a minute old. Raises Busy."""
    found = cache.get(CACHE)
    if found is None or not _still_true(found):
        found = look(clock.now())
        cache.set(CACHE, found, FRESH)
    return found


def _still_true(found: Ahead) -> bool:
    # By business time, too: a clock that was set moves on without the cache.
    return timedelta(0) <= clock.now() - found.at < timedelta(seconds=FRESH)


def look(at: datetime, rules: dict[str, Any] | None = None) -> Ahead:
    """Run every rule that will be due until tomorrow night, with these rules changed, and take it all back.

    Raises Busy when real work was in the way.
    """
    until = end_of_tomorrow(at)
    stop = time.monotonic() + SECONDS
    with trial():
        since = clock.real_now()
        for key, value in (rules or {}).items():
            RuleValue.objects.update_or_create(key=key, defaults={"value": value})
        with rulebook.snapshot():
            resting = Lead.objects.filter(rests()).count() if is_on() else 0
        pending = set(Extension.objects.pending().values_list("pk", flat=True))
        found = Ahead(at, until, at, resting=resting)
        for instant in _instants(at, until):
            with clock.at(instant):
                run_sweeps(instant)
            found.reached = until if instant >= until - timedelta(microseconds=1) else instant
            if instant == at:
                found.now = Counter(_key(move) for move in _moves(since, pending))
            if time.monotonic() > stop:
                break
        _fill(found, _moves(since, pending))
    return found


def _instants(at: datetime, until: datetime) -> Iterator[datetime]:
    """Now, every few hours, and the last instant of tomorrow. What leaves carries its own due time whenever it is swept;
    but who gets an MQL that nobody judged has a time of their own from that moment on, so it is swept within the hour.
    """
    last = until - timedelta(microseconds=1)
    yield at
    while at < last:
        mark = clock.day_starts(clock.firm_day(at))
        while mark <= at:
            mark += STEP
        judged = Lead.objects.filter(state=State.MQL, judge_by__gt=at, judge_by__lt=mark)
        first = judged.aggregate(first=Min("judge_by"))["first"]
        at = min(mark, last, _next_hour(first) if first else mark)
        yield at


def _next_hour(at: datetime) -> datetime:
    hour = at.replace(minute=0, second=0, microsecond=0)
    return hour if hour == at else hour + timedelta(hours=1)


def _key(move: Move) -> tuple[str, str, str]:
    return move.kind, move.was, move.becomes


def _fill(found: Ahead, moves: list[Move]) -> None:
    in_pool = 0
    for move in sorted(moves, key=lambda one: (one.at, str(one.lead_id))):
        found.all[_key(move)] += 1
        in_pool += move.kind == SEGMENT
        if move.kind in (EXPIRED, PASSED_ON, LAPSED) or (move.kind == SEGMENT and in_pool <= KEPT_OF_POOL):
            found.moves.append(move)


def _moves(since: datetime, pending: set[Any]) -> list[Move]:
    """What the trial wrote, as moves: its own events, and the requests for more time that ended with the week."""
    events = Event.objects.filter(
        id__gte=first_of(since - timedelta(minutes=1)), recorded_at__gte=since, way=RULE, verb__in=TOLD
    )
    found = []
    passed: dict[tuple[Any, str], int] = {}  # who gets what was passed on is told by the event behind it
    for verb, at, lead, data in events.order_by("at", "id").values_list("verb", "at", "subject_id", "data"):
        if verb == "expired":
            found.append(Move(EXPIRED, at, lead, data["owner"], becomes=data["segment"]))
        elif verb == "segment_changed":
            found.append(Move(SEGMENT, at, lead, was=data["from"], becomes=data["to"]))
        elif verb == "passed_on":
            passed[lead, data["from"]] = len(found)
            found.append(Move(PASSED_ON, at, lead, data["from"]))
        elif (place := passed.pop((lead, data.get("from")), None)) is not None:
            found[place] = replace(found[place], to=data["rep"] or "")
        elif data["rep"]:
            found.append(Move(HANDED, at, lead, to=data["rep"]))
    lapsed = Extension.objects.filter(pk__in=pending, state=ExtensionState.LAPSED)
    asked = lapsed.values_list("decided_at", "lead_id", "rep_id")
    return found + [Move(LAPSED, at or since, lead, str(rep)) for at, lead, rep in asked]
