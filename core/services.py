"""Verbs without business words: the sweep that runs every rule that is due, numbers of a series."""

from __future__ import annotations

from datetime import datetime

from core import clock, events, hooks, rulebook
from core.models import Counter


def run_sweeps(at: datetime | None = None) -> dict[str, int]:
    """Run every rule that is due, once, and answer how much each moved (R6.2). Safe twice and from two machines."""
    instant = at or clock.now()
    done: dict[str, int] = {}
    with events.way(events.RULE), rulebook.snapshot():
        for sweep in hooks.sweeps.fillers:
            for name, count in sweep(instant).items():
                done[name] = done.get(name, 0) + count
    return done


def next_number(series: str) -> int:
    """The next number of a series, without gaps or doubles: the row stays locked until the caller commits."""
    Counter.objects.get_or_create(name=series)
    counter = Counter.objects.select_for_update(no_key=True).get(name=series)
    counter.value += 1
    counter.save(update_fields=["value"])
    return counter.value
