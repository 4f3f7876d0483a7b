"""Two simulated years of the public pool under a seeded clock (R10.1, R11.2 to R11.4): not how fast, but that nothing is
wrong; it stops where something is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from bench.measure import Figure, stopwatch

SEED = 2026


def run(size: int) -> Iterator[Figure]:
    """So many people for two years, swept twice a day where something is due."""
    from tests.reach.simulation import Simulation, lines

    with stopwatch() as took:
        report = Simulation(size, SEED, grid=timedelta(hours=12)).run()
    assert not report.wrong, (len(report.wrong), report.wrong[:5])
    said, counts = lines(report)
    yield Figure(
        f"{size:,} people in the pool for two years: nobody over the cap, at night, after an opt-out, or twice; every "
        f"dormant one at its interval ({counts})",
        f"{said}; {took():.0f} s",
    )
