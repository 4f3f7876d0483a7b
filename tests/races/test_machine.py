"""Q7: the whole trunk, its verbs in any order by anybody, with jumps in time; after each step all invariants hold."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.races.machine import Frame, seen
from tests.races.moves_money import Money
from tests.races.moves_selling import Selling
from tests.races.moves_trunk import Trunk
from tests.races.moves_week import Week

SOLD = {
    *("quoted", "quote_changed", "quote_sent", "quote_accepted", "order_changed", "submitted", "approved"),
    *("rejected", "signed", "in_force", "ended", "terminated", "activated", "scheduled_payments", "paid"),
    *("refunded", "cancelled"),
}
VERBS = SOLD | {
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
    *(
        "quoted",
        "quote_changed",
        "quote_sent",
        "quote_accepted",
        "order_changed",
        "submitted",
        "approved",
        "rejected",
    ),
    *("in_force", "ended", "terminated", "activated", "scheduled_payments", "paid", "refunded"),
    *("put_back", "extension_asked", "extension_approved", "extension_rejected", "objected", "contested"),
    *("settled", "taken", "passed_on", "merged", "merged_away", "contacts_merged", "person_left"),
}


class Trade(Selling, Money):
    """What comes after the conversion only: deeper into contracts and money than a walk over all of it."""


class Everything(Trunk, Week, Selling, Money):
    """The firm at work, with all that can be done."""


def walk(machine: type[Frame], examples: int, steps: int, **more: Any) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],  # a failure prints its steps; making them fewer would take minutes
            **more,
        ),
    )


@pytest.fixture(autouse=True)
def _no_printing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A paper takes longer to draw than all the rest of a life."""
    monkeypatch.setattr("opportunities.paper.quote_pdf", lambda quote: b"%PDF-")


@pytest.mark.django_db
def test_Q7_the_trunk_holds_whatever_is_done() -> None:
    walk(Everything, 10, 50)
    assert len(VERBS & set(seen)) >= 36, "the walk has been nearly everywhere"


@pytest.mark.django_db
@pytest.mark.slow
def test_Q7_from_the_quote_to_the_money_it_holds_too() -> None:
    walk(Trade, 8, 50)
    assert len(SOLD & set(seen)) >= 11, "the walk has been nearly everywhere"


@pytest.mark.slow
@pytest.mark.django_db
def test_Q7_the_trunk_holds_through_two_hundred_lives() -> None:
    """Other examples in every run; a failure prints the steps that lead to it."""
    walk(Everything, 200, 50, derandomize=False, print_blob=True)
    assert len(VERBS & set(seen)) >= 50, "the walk has been nearly everywhere"


@pytest.mark.slow
@pytest.mark.django_db
def test_Q7_from_the_quote_to_the_money_through_sixty_lives() -> None:
    walk(Trade, 60, 50, derandomize=False, print_blob=True)
    assert len(SOLD & set(seen)) >= len(SOLD) - 5, SOLD - set(seen)
