"""R10.1, R11.2 to R11.4: two simulated years of the pool (the full size is `python -m bench --full reach`)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction

from core import clock
from tests.reach.simulation import Report, Simulation


def run(people: int, seed: int, hours: int = 12) -> Report:
    """The firm of the simulation is gone afterwards: the next one finds an empty database."""
    try:
        with transaction.atomic():
            report = Simulation(people, seed, grid=timedelta(hours=hours)).run()
            transaction.set_rollback(True)
        return report
    finally:
        clock._set.set(None)


@pytest.mark.django_db
def test_two_years_of_the_pool_harass_nobody() -> None:
    report = run(30, 6)
    assert report.wrong == []
    assert len(report.sent) > 3 * report.people
    # The figures mean something: each of these has happened.
    for name in ("open", "click", "optout", "sales", "claimed", "dormant touches"):
        assert report.counts[name], name


@pytest.mark.slow
@pytest.mark.django_db
def test_two_years_of_a_hundred_and_twenty() -> None:
    """Not more: nobody can clear away what one long transaction leaves behind, and the second year would take hours."""
    report = run(120, 7)
    assert report.wrong == []
    assert {"reply", "call_me", "called"} <= {name for name, many in report.counts.items() if many}


@pytest.mark.slow
@pytest.mark.django_db
def test_the_same_seed_writes_the_same_messages() -> None:
    first, again, another = run(8, 11), run(8, 11), run(8, 12)
    assert first.digest == again.digest
    assert first.digest != another.digest
