"""What comes next for a lead in a cadence, and when. Pure: no database, no clock of its own (R10.1, R10.10).

The rhythm is counted from the moment at which a step was due, so that a sweep that comes late sets the same times. A
step that had to wait for the cap or the morning counts from when it could go. After an outage the rhythm begins anew
where its next beat is past as well: nobody gets two at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from leads.rules import Segment

ALWAYS, OPENED, NOT_OPENED = "always", "opened", "not_opened"
SEND, WAIT, PASS = "send", "wait", "pass"
# What time mends soon; anything else (refused on the phone, no address …) does not stop the rhythm.
WAITED_FOR = frozenset(["cap_day", "cap_week", "quiet"])
# Where ninety days without a reaction lead to long inactive.
GROWS_INACTIVE = (Segment.NOT_NOW, Segment.SOME_INTEREST, Segment.THIRD_PARTY)


@dataclass(frozen=True)
class Way:
    """A channel and its template."""

    channel: str
    template_id: Any


@dataclass(frozen=True)
class Step:
    """So long after the one before, by the first of its ways that reaches the person, if its condition holds."""

    key: Any
    position: int
    wait: timedelta
    condition: str = ALWAYS
    ways: tuple[Way, ...] = ()


@dataclass(frozen=True)
class Plan:
    """The steps of a cadence in force; positions count from 1 without a gap."""

    cadence_id: Any
    segment: str
    steps: tuple[Step, ...]
    repeat_from: int | None = None
    then_segment: str = ""


@dataclass(frozen=True)
class Place:
    """Where a lead stands: before this step, due then."""

    key: Any
    position: int
    round: int
    due_at: datetime


@dataclass(frozen=True)
class End:
    """The cadence is through: on to another segment, or, with none, no more."""

    segment: str = ""


@dataclass(frozen=True)
class Decision:
    """Send by a way to an address; wait until then; or pass the step over. `why` says what stands in the way."""

    what: str
    way: Way | None = None
    address: str = ""
    why: str = ""
    until: datetime | None = None


def first(plan: Plan, began: datetime) -> Place:
    """Where somebody begins whose clock starts at `began`."""
    step = plan.steps[0]
    return Place(step.key, step.position, 1, began + step.wait)


def standing(plan: Plan, place: Place) -> Step | None:
    """The step before which somebody stands: by its key; where it is gone, the one at its position; None behind the
    last (R10.10)."""
    for step in plan.steps:
        if step.key == place.key:
            return step
    return plan.steps[place.position - 1] if 0 < place.position <= len(plan.steps) else None


def onward(plan: Plan, place: Place, at: datetime, *, sent: bool) -> Place | End:
    """Where somebody stands after a step that was sent or passed over at `at`."""
    step = standing(plan, place)
    if step is None:
        return _around(plan, place.round, place.due_at, timedelta(0))
    if step.position < len(plan.steps):
        coming = plan.steps[step.position]
        due = _beat(place.due_at, coming.wait, at, sent)
        return Place(coming.key, coming.position, place.round, due)
    if plan.repeat_from is None:
        return End(plan.then_segment)
    coming = plan.steps[plan.repeat_from - 1]
    return _around(plan, place.round, _beat(place.due_at, coming.wait, at, sent), timedelta(0))


def _around(plan: Plan, was_round: int, due: datetime, wait: timedelta) -> Place | End:
    if plan.repeat_from is None:
        return End(plan.then_segment)
    step = plan.steps[plan.repeat_from - 1]
    return Place(step.key, step.position, was_round + 1, due + wait)


def _beat(due: datetime, wait: timedelta, at: datetime, sent: bool) -> datetime:
    """The next beat of the rhythm; after something was sent it never lies in the past."""
    return due + wait if due + wait > at or not sent else at + wait


def decide(step: Step, verdicts: Iterable[tuple[Way, Any]], opened: bool) -> Decision:
    """What is done about a step that is due: `verdicts` are the gate's, one a way, in order (R11.2, R11.3).

    The first way that is free is taken; else it waits for the earliest that time mends; else it is passed over.
    """
    if step.condition != ALWAYS and opened != (step.condition == OPENED):
        return Decision(PASS, why="condition")
    why, waits = "", []
    for way, verdict in verdicts:
        if verdict.ok:
            return Decision(SEND, way, verdict.address)
        why = why or verdict.why
        if verdict.why in WAITED_FOR and verdict.until is not None:
            waits.append((verdict.until, verdict.why))
    if waits:
        until, reason = min(waits)
        return Decision(WAIT, why=reason, until=until)
    return Decision(PASS, why=why)


def grows_inactive_at(segment: str, since: datetime, after: timedelta) -> datetime | None:
    """When somebody who does not react becomes long inactive (R10.1)."""
    return since + after if segment in GROWS_INACTIVE else None


def falls_asleep(segment: str, silent: int, limit: int) -> bool:
    """So many touches in a row without a reaction make a lead dormant (R10.1)."""
    return segment != Segment.DORMANT and silent >= limit


def wakes_to(segment: str, from_segment: str, otherwise: str) -> str:
    """Where a reaction leaves a lead: a dormant one wakes up where it came from (R10.2)."""
    if segment != Segment.DORMANT:
        return segment
    return from_segment if from_segment and from_segment != Segment.DORMANT else otherwise
