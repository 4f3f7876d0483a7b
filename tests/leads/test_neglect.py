"""R12.3: of what expired, neglected or worked, and how many open records the rep held then."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import clock
from leads import neglect, services
from leads.models import Lead
from leads.neglect import Expired
from opportunities import services as selling
from tests.cast import Firm, Watch, fresh
from tests.pages import browser, queries_of, words


def expired(user, days: int = 7) -> list[Expired]:
    at = clock.now()
    return neglect.expired_rows(user, at - timedelta(days=days), at + timedelta(seconds=1))


def let_go(watch: Watch, lead: Lead) -> Lead:
    watch.to(fresh(lead).due_at)
    services.expire_due(None, watch.now)
    return fresh(lead)


@pytest.mark.parametrize(
    ("calls", "notes", "neglected"), [(0, 0, True), (1, 0, True), (1, 1, False), (2, 0, False)]
)
def test_R12_3_fewer_than_two_touches_is_neglected(
    firm: Firm, watch: Watch, calls: int, notes: int, neglected: bool
) -> None:
    lead = firm.an_sql()
    for _n in range(calls):
        watch.go(hours=3)
        firm.call(lead, "no_answer", by=firm.rita)
    for _n in range(notes):
        watch.go(hours=3)
        services.add_note(lead, text="wrote on WeChat", by=firm.rita)
    let_go(watch, lead)
    (row,) = expired(firm.mark)
    assert (row.touches, row.neglected, row.rep, row.lead) == (calls + notes, neglected, firm.rita, lead)
    sets = neglect.sets(firm.mark, watch.now - timedelta(days=1), watch.now + timedelta(seconds=1))
    assert {name: rows.count() for name, rows in sets.items()} == {"expired": 1, "neglected": neglected}


def test_R12_3_the_number_is_the_rulebooks(firm: Firm, watch: Watch) -> None:
    lead = firm.an_sql()
    firm.call(lead, "no_answer", by=firm.rita)
    let_go(watch, lead)
    assert expired(firm.mark)[0].neglected
    firm.set_rules(neglected_touches=1)
    assert not expired(firm.mark)[0].neglected


def test_R12_3_only_what_was_done_in_its_week_counts(firm: Firm, watch: Watch) -> None:
    mql = firm.an_mql()
    firm.call(mql, "call_back", by=firm.rita, call_back_at=watch.now + timedelta(hours=1))
    firm.call(mql, "interested", by=firm.rita)
    watch.go(hours=1)
    lead = let_go(watch, services.accept(mql, by=firm.rita))
    services.add_note(lead, text="what a pity", by=firm.max)
    watch.go(minutes=1)
    assert expired(firm.mark)[0].touches == 0


def test_R6_5_what_the_rep_before_did_counts_for_the_lead(firm: Firm, watch: Watch) -> None:
    lead = firm.an_sql(firm.rita)
    for _n in range(2):
        watch.go(hours=2)
        firm.call(lead, "no_answer", by=firm.rita)
    services.assign(lead, rep=firm.rob, by=firm.mark)
    let_go(watch, lead)
    (row,) = expired(firm.mark)
    assert (row.rep, row.touches, row.neglected) == (firm.rob, 2, False)


def test_R12_3_a_second_run_starts_anew(firm: Firm, watch: Watch) -> None:
    from pool.services import claim

    lead = firm.an_sql(firm.rita)
    firm.call(lead, "no_answer", by=firm.rita)
    firm.call(lead, "interested", by=firm.rita)
    let_go(watch, lead)
    watch.go(days=1)
    lead = claim(lead, by=firm.rob)
    let_go(watch, lead)
    found = {row.rep.login: row.touches for row in expired(firm.mark, days=30)}
    assert found == {"rita": 2, "rob": 0}


def test_R12_3_open_records_are_counted_at_that_instant(firm: Firm, watch: Watch) -> None:
    lead = firm.an_sql()
    released = firm.an_sql()
    services.release(released, reason="no_time", by=firm.rita)
    won = firm.an_opportunity()
    watch.go(days=3)
    selling.lose(won, reason="price", by=firm.rita)
    kept = firm.an_opportunity()
    firm.an_sql()
    firm.an_sql(firm.rob)
    let_go(watch, lead)
    watch.go(hours=1)
    firm.an_sql()
    selling.lose(kept, reason="price", by=firm.rita)
    (row,) = expired(firm.mark)
    assert row.held == 3, "itself, another SQL, one opportunity; not what came or went since"


def test_R15_2_a_manager_judges_the_own_teams_a_rep_only_the_own(firm: Firm, watch: Watch) -> None:
    east, west = firm.an_sql(firm.rita), firm.an_sql(firm.wei)
    let_go(watch, east)
    watch.go(minutes=1)
    seen = {
        user.login: {row.lead for row in expired(user)} for user in (firm.mark, firm.olga, firm.rob, firm.max)
    }
    assert seen == {"mark": {east}, "olga": {west}, "rob": set(), "max": {east, west}}


def test_R12_3_the_page_tells_by_rep_and_by_lead(firm: Firm, watch: Watch) -> None:
    for rep, touches in ((firm.rita, 0), (firm.rob, 2)):
        lead = firm.an_sql(rep)
        for _n in range(touches):
            firm.call(lead, "no_answer" if not _n else "interested", by=rep)
    let_go(watch, lead)
    watch.go(hours=1)
    client = browser(firm.mark)
    page = words(client.get("/leads/expired/"))
    assert "2 leads expired" in page and "1 neglected (50 %)" in page
    assert page.index("Rita") < page.index("Rob"), "who neglected most stands first"
    only = words(client.get("/leads/expired/?days=30&rep=rob&kind=worked"))
    assert "worked" in only
    assert client.get("/leads/expired/?days=x&kind=y&rep=%00").status_code == 200
    assert browser(firm.rita).get("/leads/expired/").status_code == 404
    assert browser(firm.tina).get("/leads/expired/").status_code == 404


def test_R12_3_the_page_asks_as_often_for_thirty_as_for_one(firm: Firm, watch: Watch) -> None:
    leads = [firm.an_sql() for _n in range(30)]
    services.release(leads.pop(), reason="no_time", by=firm.rita)
    let_go(watch, leads[0])
    watch.go(hours=1)
    many = queries_of(browser(firm.mark), "/leads/expired/")
    assert many <= 15
    with CaptureQueriesContext(connection) as caught:
        assert len(expired(firm.mark)) == 29
    assert len(caught) <= 5
