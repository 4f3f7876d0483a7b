"""R8.1, R8.3, R8.5: win rates, the board, risk; and what an update says."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from core import rulebook
from core.errors import RuleRefused, TransitionNotAllowed
from opportunities import rules
from opportunities.models import Opportunity
from opportunities.rules import Stage
from opportunities.selectors import board, risk
from opportunities.services import Need, open_next, update
from tests.cast import TICK, Firm, Watch
from tests.content import Log, faults, nothing_changes, refused

STAGES = [str(s) for s in Stage]


def test_R8_1_win_rates_are_the_firms(firm: Firm, watch: Watch) -> None:
    values = rulebook.values()
    assert [rules.win_rate(s, values) for s in STAGES] == [0, 10, 30, 70, 100, 0]
    firm.set_rules(win_rate_experience=25)
    assert rules.win_rate("experience", rulebook.values()) == 25


@pytest.mark.parametrize(
    ("amount", "rate", "weighted"),
    [
        ("1000.00", 10, "100.00"),
        ("0.01", 70, "0.01"),
        ("0.05", 10, "0.01"),
        ("0.04", 10, "0.00"),
        ("99.99", 30, "30.00"),
        (None, 70, "0.00"),
    ],
)
def test_R8_3_weighted_to_the_cent(amount: str | None, rate: int, weighted: str) -> None:
    assert rules.weighted(Decimal(amount) if amount else None, rate) == Decimal(weighted)


def test_R8_1_the_board_counts_open_stages(firm: Firm, watch: Watch) -> None:
    for stage in ("confirmed", "experience", "won", "lost"):
        firm.chance_at(stage)
    columns = board(Opportunity.objects.visible_to(firm.rita))
    assert [(c["stage"], c["rate"], c["count"], c["sum"], c["weighted"]) for c in columns] == [
        ("confirmed", 10, 1, Decimal("1000.00"), Decimal("100.00")),
        ("experience", 30, 1, Decimal("1000.00"), Decimal("300.00")),
        ("negotiation", 70, 0, Decimal(0), Decimal("0.00")),
    ]


def test_R8_5_at_risk_after_30_days(firm: Firm, watch: Watch) -> None:
    lead = firm.capture()
    acquired = watch.now
    chance = firm.an_opportunity(lead=firm.an_sql(lead=lead))
    assert risk(chance, acquired + timedelta(days=30) - TICK, 30) is None
    assert risk(chance, acquired + timedelta(days=30), 30) == 0
    assert risk(chance, acquired + timedelta(days=33, hours=1), 30) == 3


def test_an_update_says_what_changed(firm: Firm, watch: Watch, log: Log) -> None:
    chance = firm.an_opportunity()
    update(
        chance,
        by=firm.rita,
        amount=Decimal("900.00"),
        expected_close=date(2026, 4, 30),
        headcount=9,
        next_step="send a quote",
        next_step_on=date(2026, 3, 5),
    )
    event = log.only("opportunity_changed")
    assert event.data == {
        "amount": ["1000.00", "900.00"],
        "expected_close": [None, "2026-04-30"],
        "headcount": [10, 9],
        "next_step_on": [None, "2026-03-05"],
    }
    assert [(t.field, t.new) for t in event.texts.all()] == [("next_step", "send a quote")]
    with nothing_changes():
        update(chance, by=firm.rita, headcount=9)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"amount": Decimal(-1)}, "amount"),
        ({"headcount": 0}, "headcount"),
        ({"headcount": None}, "headcount"),
        ({"next_step_on": date(2026, 3, 5)}, "next_step"),
    ],
    ids=str,
)
def test_an_update_must_be_right(firm: Firm, watch: Watch, wrong: dict[str, Any], field: str) -> None:
    chance = firm.an_opportunity()
    with refused(RuleRefused) as caught:
        update(chance, by=firm.rita, **wrong)
    assert [f for f, _c in faults(caught)] == [field]


@pytest.mark.parametrize("wrong", ["-0.01", "1.005", "NaN", "Infinity", "1000000000000"])
def test_R9_3_an_amount_is_exact_to_the_cent_or_refused(firm: Firm, watch: Watch, wrong: str) -> None:
    sql, chance = firm.an_sql(), firm.an_opportunity()
    customer = firm.a_signed_order().company
    ways = (
        lambda: update(chance, by=firm.rita, amount=Decimal(wrong)),
        lambda: firm.an_opportunity(lead=sql, amount=Decimal(wrong)),
        lambda: open_next(customer, by=firm.rita, kind="upsell", amount=Decimal(wrong), **again),
    )
    again = {"products": [Need(firm.product)], "headcount": 1}
    for way in ways:
        with refused(RuleRefused) as caught:
            way()
        assert faults(caught) == [("amount", "out_of_range")]


@pytest.mark.parametrize("stage", ["won", "lost"])
def test_what_is_closed_is_not_changed(firm: Firm, watch: Watch, stage: str) -> None:
    chance = firm.chance_at(stage)
    with refused(TransitionNotAllowed):
        update(chance, by=firm.rita, headcount=5)


def test_a_day_does_not_stay_without_its_next_step(firm: Firm, watch: Watch) -> None:
    chance = update(firm.an_opportunity(), by=firm.rita, next_step="visit", next_step_on=date(2026, 3, 6))
    with refused(RuleRefused) as caught:
        update(chance, by=firm.rita, next_step="")
    assert faults(caught) == [("next_step", "required")]
    gone = update(chance, by=firm.rita, next_step="", next_step_on=None)
    assert (gone.next_step, gone.next_step_on) == ("", None)
