"""R8.3: what is likely to come in: who counts, what a renewal weighs, and that it adds up however it is grouped."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from core import clock, rulebook
from opportunities import rules, services
from opportunities.forecast import GROUPS, forecast, without_place
from opportunities.models import Opportunity
from opportunities.rates import by_kind
from opportunities.rules import OPEN, Kind, Stage
from opportunities.selectors import board
from tests.cast import MONDAY, Firm, Watch
from tests.opportunities.many import decided, opportunity
from tests.pages import MOST_QUERIES, browser, queries_of, words
from tests.sizes import in_turn

CENT = Decimal("0.01")
EVERY = Opportunity.objects.all


def made(firm: Firm, **values: Any) -> Opportunity:
    return opportunity(firm, **{"expected_close": date(2026, 4, 15), "amount": Decimal("1000.00"), **values})


def by_hand(row: Opportunity, rates: dict[tuple[str, str], Any]) -> tuple[Decimal, Decimal]:
    """What one opportunity weighs, nominal and measured, reckoned in plain Python."""
    amount = row.amount or Decimal(0)
    if row.kind == Kind.RENEWAL and row.probability is not None:
        judged = rules.weighted(amount, row.probability)
        return judged, judged
    nominal = rules.weighted(amount, rules.win_rate(row.stage, rulebook.values()))
    rate = rates.get((row.kind, row.stage))
    if rate is None or not rate.says:
        return nominal, nominal
    return nominal, (amount * rate.won / rate.decided).quantize(CENT, ROUND_HALF_UP)


def test_R8_3_what_has_no_amount_or_month_or_a_past_one_is_left_out_and_counted(
    firm: Firm, watch: Watch
) -> None:
    made(firm)
    made(firm, expected_close=date(2026, 3, 1))  # this month, though its day is over
    made(firm, amount=None)
    made(firm, amount=None, expected_close=None)  # counted once, by the first reason
    made(firm, expected_close=None, amount=Decimal("70.00"))
    made(firm, expected_close=date(2026, 2, 28), amount=Decimal("30.00"))
    for stage in ("scheduled", "won", "lost"):
        made(firm, stage=stage)
    found = forecast(EVERY(), watch.now, EVERY())
    assert (found.counted, found.left_out, found.share) == (2, 4, 2 / 6)
    assert (found.no_amount, found.no_month, found.past_month) == (2, 1, 1)
    assert found.left_sums == {"no_amount": 0, "no_month": Decimal("70.00"), "past_month": Decimal("30.00")}
    assert [month.month for month in found.months] == [date(2026, 3, 1), date(2026, 4, 1)]
    assert found.nominal == found.measured == Decimal("200.00")
    fits = without_place(clock.firm_day(watch.now))
    assert sum(EVERY().open().filter(q).count() for q in fits.values()) == 4


def test_R8_3_the_month_is_the_firms_and_turns_at_its_midnight(firm: Firm, watch: Watch) -> None:
    made(firm, expected_close=date(2026, 3, 31))
    watch.to(MONDAY.replace(month=3, day=31, hour=23, minute=59))
    assert forecast(EVERY(), watch.now, EVERY()).past_month == 0
    watch.go(minutes=1)
    assert forecast(EVERY(), watch.now, EVERY()).past_month == 1


def test_R8_3_a_renewal_counts_with_its_own_judgement_on_both_sides(firm: Firm, watch: Watch) -> None:
    decided(firm, 10, won=9, kind=Kind.RENEWAL)
    made(firm, kind=Kind.RENEWAL, probability=80)
    made(firm, kind=Kind.RENEWAL, probability=0)
    found = forecast(EVERY(), watch.now, EVERY())
    assert (found.nominal, found.measured, found.renewals) == (Decimal(800), Decimal(800), Decimal(800))
    made(firm, kind=Kind.RENEWAL)  # nobody judged it: the stage's rate, and what was measured of renewals
    found = forecast(EVERY(), watch.now, EVERY())
    assert (found.nominal, found.measured) == (Decimal(900), Decimal(1700))
    made(firm, probability=80)  # new business is not judged by a person
    assert forecast(EVERY(), watch.now, EVERY()).nominal == Decimal(1000)


def test_R8_3_measured_stands_on_what_was_won_and_on_nominal_where_too_few_are_decided(
    firm: Firm, watch: Watch
) -> None:
    made(firm, stage="experience")
    decided(firm, 4, won=4, furthest="experience")
    assert forecast(EVERY(), watch.now, EVERY()).measured == Decimal("300.00")
    decided(firm, 2, won=0, furthest="experience")
    found = forecast(EVERY(), watch.now, EVERY())
    assert (found.nominal, found.measured) == (Decimal("300.00"), Decimal("666.67"))


CHANCE = st.fixed_dictionaries(
    {
        "stage": st.sampled_from(["scheduled", *OPEN, *OPEN, *OPEN]),
        "kind": st.sampled_from([Kind.NEW_BUSINESS, *Kind.values]),
        "amount": st.none() | st.decimals(0, 10**9, places=2, allow_nan=False),
        "expected_close": st.none() | st.dates(date(2026, 1, 1), date(2027, 6, 30)),
        "probability": st.none() | st.integers(0, 100),
        "owner": st.sampled_from(["rita", "rob", "wei", "wang"]),
        "teamless": st.booleans(),
    }
)


class AddsUp(TestCase):
    """Any opportunities: months, people, teams and kinds add up to the firm, to the cent."""

    @settings(max_examples=25)
    @given(
        chances=st.lists(CHANCE, max_size=14),
        history=st.tuples(st.integers(0, 12), st.integers(0, 12), st.sampled_from(OPEN)),
    )
    def test_R8_3_it_adds_up_however_it_is_grouped(self, chances: list[Any], history: Any) -> None:
        with clock.at(MONDAY):
            firm = Firm()
            every, lost, furthest = history
            decided(firm, every + lost, won=every, furthest=furthest)
            for chance in chances:
                owner = getattr(firm, chance["owner"])
                rest = {k: v for k, v in chance.items() if k not in ("owner", "teamless")}
                team = None if chance["teamless"] else owner.team
                opportunity(firm, owner=owner, team=team, **rest)
            self.check()

    def check(self) -> None:
        rates = by_kind(EVERY())
        firm = forecast(EVERY(), MONDAY, EVERY())
        counted = [
            row
            for row in EVERY().open()
            if row.amount is not None and row.expected_close and row.expected_close >= date(2026, 3, 1)
        ]
        weights = [by_hand(row, rates) for row in counted]
        self.assertEqual(firm.counted, len(counted))
        self.assertEqual(firm.counted + firm.left_out, EVERY().open().count())
        self.assertEqual(firm.nominal, sum((w[0] for w in weights), Decimal(0)))
        self.assertEqual(firm.measured, sum((w[1] for w in weights), Decimal(0)))
        self.assertEqual(sum(m.total for m in firm.months), sum(row.amount for row in counted))
        for by in GROUPS:
            grouped = forecast(EVERY(), MONDAY, EVERY(), by)
            self.assertEqual((grouped.nominal, grouped.measured), (firm.nominal, firm.measured))
            self.assertEqual(sum(g.nominal for g in grouped.groups), firm.nominal)
            self.assertEqual(sum(g.measured for g in grouped.groups), firm.measured)
            self.assertEqual(sum(g.count for g in grouped.groups), firm.counted)
            for month in firm.months:
                pairs = [g.months.get(month.month, (0, 0)) for g in grouped.groups]
                self.assertEqual(sum(p[0] for p in pairs), month.nominal)
                self.assertEqual(sum(p[1] for p in pairs), month.measured)
            for group in grouped.groups:
                alone = forecast(EVERY().filter(**{GROUPS[by][0]: group.key or None}), MONDAY, EVERY())
                self.assertEqual((alone.nominal, alone.measured), (group.nominal, group.measured))
        # The board weighs all that is open, with or without a month, by the same reckoning.
        weighted = sum((by_hand(row, rates)[0] for row in EVERY().open()), Decimal(0))
        self.assertEqual(sum(column["weighted"] for column in board(EVERY())), weighted)


@pytest.mark.parametrize("by", ["", "owner", "team", "kind", "nonsense"])
@pytest.mark.parametrize("login", in_turn(["rita", "mark", "max"], {"mark"}))
def test_the_forecast_needs_as_many_queries_for_many_as_for_one(
    firm: Firm, watch: Watch, login: str, by: str
) -> None:
    client = browser(getattr(firm, login))
    made(firm)
    for values in ({"amount": None}, {"expected_close": None}, {"expected_close": date(2025, 1, 1)}):
        made(firm, **values)
    one = queries_of(client, f"/pipeline/?view=forecast&by={by}")
    for n in range(10):
        made(firm, expected_close=date(2026, 3, 5) + timedelta(days=31 * n))
        made(firm, amount=None)
        made(firm, owner=firm.rob, expected_close=None)
    assert queries_of(client, f"/pipeline/?view=forecast&by={by}") == one <= MOST_QUERIES


def test_the_page_says_what_it_rests_on_and_lists_what_is_left_out(firm: Firm, watch: Watch) -> None:
    made(firm, stage="negotiation", amount=Decimal("1234.50"))
    out = made(firm, expected_close=None)
    client = browser(firm.mark)
    answer = client.get("/pipeline/?view=forecast")
    page = words(answer)
    assert "1 of 2 open" in page and "50 %" in page and "¥864.15" in page and "April 2026" in page
    assert "without an expected close" in page and f"/opportunities/{out.pk}" in answer.content.decode()
    listed = client.get("/pipeline/?view=list&left=no_month").content.decode()
    assert listed.count("<tr data-row>") == 1 and str(out.pk) in listed
    assert client.get("/pipeline/?view=list&left=nonsense").status_code == 200


def test_what_is_chosen_is_kept_over_all_views(firm: Firm, watch: Watch) -> None:
    made(firm, owner=firm.rob)
    client = browser(firm.mark)
    for view in ("", "list", "forecast"):
        page = client.get(f"/pipeline/?owner=rob&kind=new_business&view={view}").content.decode()
        for other in ("view=list", "view=forecast"):
            links = [part.split('"')[0] for part in page.split('href="')[1:] if other in part.split('"')[0]]
            assert any("owner=rob" in link and "kind=new_business" in link for link in links), (view, other)
        assert "<b>1</b> open" in page


def test_R15_2_a_rep_forecasts_the_own_ones_and_a_manager_those_of_the_team(firm: Firm, watch: Watch) -> None:
    made(firm)
    made(firm, owner=firm.rob, team=firm.east)
    made(firm, owner=firm.wei, team=firm.west)
    for login, count in (("rita", 1), ("mark", 2), ("olga", 1), ("max", 3)):
        page = words(browser(getattr(firm, login)).get("/pipeline/?view=forecast&by=owner"))
        assert f"{count} of {count} open" in page, login
        assert ("Wei" in page.split("Forecast")[-1]) == (login in ("olga", "max"))


def test_R8_2_a_move_changes_the_month_of_nothing_but_its_weight(firm: Firm, watch: Watch) -> None:
    chance = firm.an_opportunity()
    services.update(chance, by=firm.rita, expected_close=date(2026, 5, 1))
    assert forecast(EVERY(), watch.now, EVERY()).nominal == Decimal("100.00")
    services.advance(chance, by=firm.rita, to=Stage.NEGOTIATION)
    assert forecast(EVERY(), watch.now, EVERY()).nominal == Decimal("700.00")
