"""R10.9: who claims, who lets go, how soon they call, what it became; the numbers agree."""

from __future__ import annotations

from datetime import timedelta

import pytest

from leads.services import add_note, expire_due, release
from orders.services import sign
from pool import fairness, fairness_views
from pool.fairness import OUTCOMES
from pool.services import claim
from tests.cast import Firm, Watch, fresh
from tests.pages import MOST_QUERIES, browser, queries_of, words


def scene(firm: Firm, watch: Watch) -> None:
    """Wei claims five: an order, an opportunity, neglected, given back, still held; Rob one, worked on and expired."""
    firm.set_rules(fairness=True)
    leads = [firm.pooled("released", rep=firm.rita) for _n in range(6)]
    watch.go(days=1)
    mine = [claim(lead, by=firm.wei) for lead in leads[:5]]
    robs = claim(leads[5], by=firm.rob)
    watch.go(hours=2)
    order = firm.an_order(firm.wei, firm.an_opportunity(firm.wei, lead=mine[0]))
    sign(order, by=firm.wei)
    firm.an_opportunity(firm.wei, lead=mine[1])
    release(mine[3], reason="no_fit", by=firm.wei)
    add_note(mine[4], text="They visit", by=firm.wei)
    add_note(robs, text="Called", by=firm.rob)
    watch.go(hours=1)
    firm.call(robs, "interested", by=firm.rob)
    expire_due([mine[2].pk, robs.pk], fresh(robs).due_at)
    watch.go(days=8)


def report(firm: Firm, watch: Watch, login: str = "max", *, claimed: bool = True) -> list[fairness.Stretch]:
    since = watch.now - timedelta(days=90)
    return fairness.stretches(firm.people[login], since, watch.now, claimed=claimed)


def test_R10_9_what_claims_became_by_rep(firm: Firm, watch: Watch) -> None:
    scene(firm, watch)
    found = {one.key.login: one for one in fairness.by_rep(report(firm, watch))}
    assert found["wei"].counts == {
        "opportunity": 2,
        "neglected": 1,
        "worked": 0,
        "released": 1,
        "other": 0,
        "held": 1,
        "order": 1,
        "pool": 2,
    }
    assert (found["rob"].taken, found["rob"].counts["worked"], found["rob"].counts["pool"]) == (1, 1, 1)
    assert found["rob"].first_touch == 2 * 3600 and found["rob"].untouched == 0
    assert found["wei"].first_touch == 2 * 3600 and found["wei"].untouched == 4


def test_R10_9_the_numbers_agree_with_each_other(firm: Firm, watch: Watch) -> None:
    scene(firm, watch)
    for claimed in (True, False):
        rows = report(firm, watch, claimed=claimed)
        all_ = fairness.total(rows)
        for one in (all_, *fairness.by_rep(rows), *fairness.by_holder(rows)):
            assert sum(one.counts[outcome] for outcome in OUTCOMES) == one.taken
        for table in (fairness.by_rep(rows), fairness.by_holder(rows)):
            for outcome, n in all_.counts.items():
                assert sum(one.counts[outcome] for one in table) == n
            assert sum(one.taken for one in table) == all_.taken == len(rows)


def test_R10_9_by_the_how_manieth_holder(firm: Firm, watch: Watch) -> None:
    scene(firm, watch)
    assert [(one.key, one.taken) for one in fairness.by_holder(report(firm, watch))] == [(2, 6)]
    everything = fairness.by_holder(report(firm, watch, claimed=False))
    assert [(one.key, one.taken) for one in everything] == [(1, 6), (2, 6)]


WHO = {"mark": {"rob"}, "olga": {"wei"}, "max": {"rob", "wei"}, "ada": {"rob", "wei"}}


@pytest.mark.parametrize("login", WHO)
def test_R10_9_a_manager_sees_the_own_teams(firm: Firm, watch: Watch, login: str) -> None:
    scene(firm, watch)
    assert {row.holding.user.login for row in report(firm, watch, login)} == WHO[login]
    assert browser(firm.people[login]).get("/pool/fairness/").status_code == 200


@pytest.mark.parametrize("login", ["rita", "tina", "pia", "sue"])
def test_R10_9_others_do_not(firm: Firm, watch: Watch, login: str) -> None:
    client = browser(firm.people[login])
    assert client.get("/pool/fairness/").status_code == 404
    firm.set_rules(fairness=True)
    assert client.get("/pool/fairness/").status_code == 403


def test_R0_1_R10_9_off_there_is_no_report(firm: Firm, watch: Watch) -> None:
    client = browser(firm.ada)
    assert client.get("/pool/fairness/").status_code == 404 and "Fairness" not in words(client.get("/pool/"))
    firm.set_rules(fairness=True)
    assert "Fairness" in words(client.get("/pool/"))


def test_R10_9_each_number_leads_to_its_leads(firm: Firm, watch: Watch) -> None:
    scene(firm, watch)
    client = browser(firm.max)

    def rows(query: str) -> int:
        page = client.get(f"/pool/fairness/?{query}").content.decode()
        return page.partition('id="rows"')[2].count("<tr data-row")

    found = {one.key.login: one for one in fairness.by_rep(report(firm, watch))}
    for outcome, n in found["wei"].counts.items():
        assert rows(f"rep=wei&outcome={outcome}") == n, outcome
    assert (rows(""), rows("holder=2"), rows("holder=1"), rows("of=all&holder=1"), rows("days=30")) == (
        6,
        6,
        0,
        6,
        6,
    )
    assert rows("rep=nobody") == 0 and rows("outcome=nonsense&holder=x&days=7") == 6


def test_R10_9_the_rows_come_a_few_at_first_and_all_when_asked(
    firm: Firm, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene(firm, watch)
    monkeypatch.setattr(fairness_views, "FIRST", 2)
    client = browser(firm.max)
    page = client.get("/pool/fairness/?days=30")
    assert page.content.decode().partition('id="rows"')[2].count("<tr data-row") == 2
    assert (
        "and 4 more" in words(page) and "/pool/fairness/?days=30&amp;rows=all#rows" in page.content.decode()
    )
    whole = client.get("/pool/fairness/?days=30&rows=all")
    assert whole.content.decode().partition('id="rows"')[2].count("<tr data-row") == 6
    assert "more" not in words(whole).partition("What became of it")[2]


def test_R10_9_a_fixed_number_of_queries(firm: Firm, watch: Watch) -> None:
    firm.set_rules(fairness=True, claims_a_day=100)
    client = browser(firm.max)
    claim(firm.pooled("released"), by=firm.wei)
    watch.go(hours=1)
    one = queries_of(client, "/pool/fairness/")
    for _n in range(29):
        claim(firm.pooled("released"), by=firm.wei)
    watch.go(hours=1)
    assert queries_of(client, "/pool/fairness/") == one <= MOST_QUERIES
