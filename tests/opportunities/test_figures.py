"""R8.1, R8.3, R8.5: win rates, the board, risk; and what an update says."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from core import rulebook
from core.errors import RuleRefused, TransitionNotAllowed
from opportunities import rates, rules
from opportunities.models import Opportunity
from opportunities.rules import Stage
from opportunities.selectors import board, risk
from opportunities.services import Need, lose, open_next, update
from opportunities.todo import todos
from orders.services import draft, sign
from pool.services import claim
from tests.cast import TICK, Firm, Watch
from tests.content import Log, faults, nothing_changes, refused
from tests.pages import browser, words

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


def test_R8_5_the_measured_average_cycle_stands_beside(firm: Firm, watch: Watch) -> None:
    """From the person's coming to the signature: 4, 8, 12, 16 and 20 days; a renewal and a loss say nothing of it."""
    late = firm.an_opportunity()
    for n in range(1, 6):
        assert rates.cycle() is None, "too few are won"
        chance = firm.an_opportunity()
        watch.go(days=4 * n)
        sign(draft(chance, by=firm.rita, term_days=9), by=firm.rita)
    renewal = Opportunity.objects.filter(kind="renewal").order_by("created_at").first()
    assert renewal is not None
    sign(draft(renewal, by=firm.rita), by=firm.rita)
    lose(firm.an_opportunity(), reason="price", by=firm.rita)
    assert rates.cycle() == 12
    said = "signed after 12 days on average"
    assert said in words(browser(firm.rita).get(f"/opportunities/{late.pk}/"))
    assert said in words(browser(firm.rita).get("/pipeline/"))
    (line,) = [
        todo for todo in todos(firm.mark, watch.now, watch.now.date(), False) if todo.key == "line-risk"
    ]
    assert said in line.why
    fresh_one = firm.an_opportunity()
    assert said not in words(browser(firm.rita).get(f"/opportunities/{fresh_one.pk}/")), "it is not at risk"


def test_R8_5_who_came_back_is_measured_from_then_on(firm: Firm, watch: Watch) -> None:
    for _n in range(5):
        lead = firm.pooled("lost")
        watch.go(days=40)
        lead = claim(lead.pk, by=firm.wei)
        watch.go(days=3)
        sign(draft(firm.an_opportunity(firm.wei, lead=lead), by=firm.wei), by=firm.wei)
    assert rates.cycle() == 3


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
