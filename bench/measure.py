"""A measured figure and how it is told."""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any


@dataclass
class Figure:
    """One line of the result: what, how much, and how it stands to the baseline (1.0 is as fast as by hand)."""

    name: str
    said: str
    baseline: str = ""
    ratio: float | None = None

    def row(self) -> str:
        ratio = f"{self.ratio:.1f}" if self.ratio is not None else ""
        return f"| {self.name} | {self.said} | {self.baseline} | {ratio} |"


@contextmanager
def stopwatch() -> Any:
    """Seconds of a block: `with stopwatch() as took: …`, then `took()`."""
    started = time.perf_counter()
    end: list[float] = []
    yield lambda: (end[0] if end else time.perf_counter()) - started
    end.append(time.perf_counter())


def each(calls: Iterable[Callable[[], Any]]) -> list[float]:
    """Milliseconds of each call, one after the other."""
    found = []
    for call in calls:
        with stopwatch() as took:
            call()
        found.append(took() * 1000)
    return found


def spread(milliseconds: list[float]) -> str:
    """Median and 95th percentile."""
    return f"{statistics.median(milliseconds):.1f} ms, p95 {p95(milliseconds):.1f} ms"


def p95(values: list[float]) -> float:
    """The value under which 95 of 100 lie."""
    return sorted(values)[int(len(values) * 0.95) - 1]


def machine() -> str:
    """On what this was measured."""
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, load before {load}"
