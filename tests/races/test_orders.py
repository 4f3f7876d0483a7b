"""Contracts written and signed at the same instant: one order, numbers without gaps or doubles (R8.8, R9)."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from core import clock
from core.models import Event
from leads.services import assign
from opportunities.models import Opportunity
from opportunities.services import Need, advance, convert, lose
from orders.models import Order
from orders.services import cancel, draft, sign, update
from tests import invariants
from tests.races import scene
from tests.races.harness import race, tally

pytestmark = pytest.mark.django_db(transaction=True)


def chances(firm: scene.Firm, count: int, companies: int = 3) -> list[Opportunity]:
    """Open opportunities of Rita's, with that many companies."""
    due = clock.now() + timedelta(days=3)
    found = scene.leads(scene.sqls(firm, [firm.rita] * count, [due] * count))
    need = [Need(firm.product)]
    return [
        convert(lead, by=firm.rita, company=f"Apex {n % companies} Ltd", products=need, headcount=5)
        for n, lead in enumerate(found)
    ]


def test_R8_8_sign_clicked_sixteen_times_signs_once() -> None:
    firm = scene.firm()
    (chance,) = chances(firm, 1)
    order = draft(chance, by=firm.rita, term_months=12)
    outcomes = race(partial(sign, order, by=firm.rita) for _ in range(16))
    assert tally(outcomes) == {"won": 1, "transition_not_allowed": 15}
    assert Event.objects.filter(verb__in=["signed", "won", "scheduled"]).count() == 3
    invariants.check()


def test_R9_1_one_contract_an_opportunity_however_often_it_is_clicked() -> None:
    firm = scene.firm()
    (chance,) = chances(firm, 1)
    outcomes = race(partial(draft, chance, by=firm.rita) for _ in range(16))
    assert tally(outcomes) == {"won": 1, "transition_not_allowed": 15}
    assert Order.objects.get().number.endswith("-00001")
    invariants.check()


def test_R9_1_numbers_have_no_gap_and_no_double() -> None:
    """Sixteen at once from the very first number of the year on, of three companies, half of them refused."""
    firm = scene.firm()
    found = chances(firm, 16)

    def write_and_sign(chance: Opportunity, number: int) -> Order:
        months = 12 if number % 2 else 9999
        return sign(draft(chance, by=firm.rita, term_months=months), by=firm.rita)

    outcomes = race(partial(write_and_sign, chance, n) for n, chance in enumerate(found))
    assert tally(outcomes) == {"won": 8, "invalid": 8}
    numbers = sorted(int(number[5:]) for number in Order.objects.values_list("number", flat=True))
    assert numbers == list(range(1, 9))
    assert Opportunity.objects.filter(stage="won").count() == 8
    invariants.check()


@pytest.mark.parametrize("other", ["cancel", "lose", "change", "assign", "advance"])
def test_Q3_signing_against_another_hand(other: str) -> None:
    """Signed, or cancelled, lost, changed, given away, moved: each ends in one legal state, the loser reads why."""
    firm = scene.firm()
    for n, chance in enumerate(chances(firm, 10)):
        order = draft(chance, by=firm.rita)
        against = {
            "cancel": partial(cancel, order, by=firm.mark),
            "lose": partial(lose, chance, reason="price", by=firm.mark),
            "change": partial(update, order, by=firm.mark, term_months=24),
            "assign": partial(assign, chance.lead, rep=firm.rob, by=firm.mark),
            "advance": partial(advance, chance, by=firm.mark),
        }[other]
        calls = [partial(sign, order, by=firm.rita), against]
        signed, beside = race(calls) if n % 2 else reversed(race(calls[::-1]))
        order.refresh_from_db()
        chance.refresh_from_db()
        assert (order.state == "signed") == (chance.stage == "won") == signed.won
        assert {signed.code, beside.code} <= {"won", "transition_not_allowed", "forbidden", "already_claimed"}
        assert signed.won or beside.won
        if other in ("cancel", "lose"):
            assert signed.won != beside.won
    invariants.check()
