"""Quotes and contracts numbered at the same instant: no gap, no double, also when some are given up (R9.1, R9.5)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import transaction

from core.errors import Invalid
from core.models import Counter
from core.services import next_number
from opportunities.models import Opportunity, Quote
from opportunities.services import draft_quote, quoting, revise_quote
from orders.models import Order
from orders.services import draft, drafting
from tests import invariants
from tests.races import scene
from tests.races.harness import Outcome, race, tally
from tests.races.test_orders import chances

pytestmark = pytest.mark.django_db(transaction=True)

MANY = 16


def a_quote(firm: scene.Firm, chance: Opportunity) -> Quote:
    return draft_quote(chance, by=firm.rita)


def a_contract(firm: scene.Firm, chance: Opportunity) -> Order:
    return draft(chance, by=firm.rita)


def numbers(rows: Any) -> list[int]:
    return sorted(int(number[-5:]) for number in rows.values_list("number", flat=True))


def given_up(make: Callable[[], Any]) -> Any:
    """The number was taken already when the transaction is rolled back."""
    with transaction.atomic():
        make()
        raise Invalid()


KINDS = pytest.mark.parametrize(("make", "model"), [(a_quote, Quote), (a_contract, Order)])


@KINDS
def test_R9_5_sixteen_at_once_from_the_first_of_the_year_on(make: Any, model: Any) -> None:
    firm = scene.firm()
    outcomes = race(partial(make, firm, chance) for chance in chances(firm, MANY))
    assert tally(outcomes) == {"won": MANY}
    assert numbers(model.objects.all()) == list(range(1, MANY + 1))
    invariants.check()


@KINDS
def test_R9_5_what_is_rolled_back_leaves_no_gap(make: Any, model: Any) -> None:
    firm = scene.firm()
    calls: list[Callable[[], Any]] = []
    for n, chance in enumerate(chances(firm, MANY)):
        call = partial(make, firm, chance)
        calls.append(partial(given_up, call) if n % 3 == 0 else call)
    outcomes = race(calls)
    assert tally(outcomes) == {"won": 10, "invalid": 6}
    assert numbers(model.objects.all()) == list(range(1, 11))
    invariants.check()


def test_R9_5_sixteen_quotes_of_one_opportunity_have_sixteen_numbers() -> None:
    firm = scene.firm()
    (chance,) = chances(firm, 1)
    race(partial(a_quote, firm, chance) for _ in range(MANY))
    assert numbers(Quote.objects.all()) == list(range(1, MANY + 1))
    invariants.check()


def test_R9_5_a_revision_clicked_sixteen_times_is_one_and_keeps_its_number() -> None:
    firm = scene.firm()
    (chance,) = chances(firm, 1)
    quote = a_quote(firm, chance)
    outcomes = race(partial(revise_quote, quote, by=firm.rita) for _ in range(MANY))
    assert tally(outcomes) == {"won": 1, "transition_not_allowed": MANY - 1}
    found = Quote.objects.order_by("revision").values_list("number", "revision", "state")
    assert list(found) == [(quote.number, 1, "revised"), (quote.number, 2, "draft")]
    invariants.check()


def unguarded(series: str) -> int:
    """Read, add, write: what `next_number` would be without its lock."""
    counter, _made = Counter.objects.get_or_create(name=series)
    counter.value += 1
    counter.save(update_fields=["value"])
    return counter.value


def test_R9_5_without_the_lock_the_same_race_gives_numbers_twice() -> None:
    """The twin: if this shows no double, the races above prove nothing."""

    def given(how: Callable[[str], int], series: str) -> list[Outcome]:
        def one() -> int:
            with transaction.atomic():
                return how(series)

        return race([one] * MANY)

    for n in range(40):
        found = [outcome.value for outcome in given(unguarded, f"twin-{n}")]
        if len(set(found)) < MANY:
            break
    else:
        raise AssertionError("never a double: the race is none")
    guarded = sorted(outcome.value for outcome in given(next_number, "guarded"))
    assert guarded == list(range(1, MANY + 1))


@pytest.mark.parametrize(
    ("make", "module", "wall"),
    [(a_quote, quoting, "quote_revision_once"), (a_contract, drafting, "orders_order_number")],
)
def test_R9_5_without_the_lock_the_database_still_refuses_a_double(
    make: Any, module: Any, wall: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second wall: a forgotten lock is an error, never two papers with one number."""
    firm = scene.firm()
    monkeypatch.setattr(module, "next_number", unguarded)
    with pytest.raises(ExceptionGroup) as caught:
        while True:  # until two have met, which is at once
            race(partial(make, firm, chance) for chance in chances(firm, MANY, companies=MANY))
    assert wall in str(caught.value.exceptions[0])
