"""Q7: the whole trunk, its verbs in any order by anybody, with jumps in time; after each step all invariants hold."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.races.machine import seen
from tests.races.moves_selling import Selling
from tests.races.moves_trunk import Trunk
from tests.races.moves_week import Week

VERBS = {
    *(
        "captured",
        "arrived",
        "reactivated",
        "called",
        "do_not_call",
        "number_dead",
        "qualified",
        "handed_over",
    ),
    *("accepted", "returned", "released", "expired", "pooled", "invalidated", "assigned", "claimed", "noted"),
    *(
        "converted",
        "opened",
        "advanced",
        "moved_back",
        "lost",
        "drafted",
        "signed",
        "won",
        "scheduled",
        "cancelled",
    ),
    *("put_back", "extension_asked", "extension_approved", "extension_rejected", "objected", "contested"),
    *("settled", "taken", "passed_on", "merged", "merged_away", "contacts_merged", "person_left"),
}


class Everything(Trunk, Week, Selling):
    """The firm at work, with all that can be done."""


def walk(examples: int, steps: int, **more: Any) -> None:
    run_state_machine_as_test(
        Everything,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],  # a failure prints its steps; making them fewer would take minutes
            **more,
        ),
    )


@pytest.mark.django_db
def test_Q7_the_trunk_holds_whatever_is_done() -> None:
    walk(16, 50)
    assert len(VERBS & set(seen)) >= 30, "the walk has been nearly everywhere"


@pytest.mark.slow
@pytest.mark.django_db
def test_Q7_the_trunk_holds_through_two_hundred_lives() -> None:
    """Other examples in every run; a failure prints the steps that lead to it."""
    walk(200, 50, derandomize=False, print_blob=True)
    assert len(VERBS & set(seen)) >= 38, "the walk has been nearly everywhere"
