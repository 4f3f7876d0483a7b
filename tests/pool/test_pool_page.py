"""The pool's page: choices with counts, what is planned, why not, worn leads, all that match handed out (R10.3–R10.7)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from core.ids import uuid7
from leads.models import Lead
from leads.rules import Segment, State
from leads.services import capture, expire_due
from pool.models import Cadence, Entry
from pool.services import claim
from tests.cast import Firm, Watch, a_phone, fresh
from tests.content import nothing_changes
from tests.pages import MOST_QUERIES, browser, queries_of, tap, words
from tests.pool.test_worn import a_worn_lead


def rows(client: Client, query: str = "") -> list[str]:
    """The ids of the rows that are shown."""
    page = client.get(f"/pool/?{query}").content.decode()
    return [part.partition('"')[0] for part in page.split('<tr data-row id="pool-')[1:]]


def ids(*leads: Lead) -> set[str]:
    return {str(lead.pk) for lead in leads}


def test_R10_1_reasons_and_sources_with_counts_and_all_in_the_url(firm: Firm, watch: Watch) -> None:
    expired, other = firm.pooled("expired"), firm.pooled("expired", rep=firm.rob)
    no_need = firm.pooled("no_need")
    salon = capture(by=firm.max, contact={"name": "Xu", "phone": a_phone()}, channel="salon", medium="form")[
        0
    ]
    firm.call(salon, "refused")
    client = browser(firm.max)
    said = words(client.get("/pool/"))
    assert "The week ran out (2)" in said and "No need for now (1)" in said and "Refused to talk (1)" in said
    assert "fair (3)" in said.lower() and "salon (1)" in said.lower()
    assert set(rows(client, "reason=expired")) == ids(expired, other)
    assert set(rows(client, "source=salon")) == ids(salon)
    assert set(rows(client, "segment=not_now&reason=no_need")) == ids(no_need)
    assert "Refused to talk (1)" in words(client.get("/pool/?reason=expired")), "the other choices stay"


def test_R10_3_since_when_and_last_touched(firm: Firm, watch: Watch) -> None:
    old = firm.pooled("released")
    watch.go(days=40)
    new = firm.pooled("released")
    day = (watch.now - timedelta(days=30)).date().isoformat()
    client = browser(firm.rob)
    assert set(rows(client, f"entered_after={day}")) == ids(new)
    Lead.objects.filter(pk=old.pk).update(last_touch_at=watch.now - timedelta(days=40))
    assert set(rows(client, f"last_touch_before={day}")) == ids(old)
    for nonsense in ("entered_after=soon", "reason=none", "worn=x", "claimable=1", "segment=desk"):
        assert set(rows(client, nonsense)) == ids(old, new), nonsense


def test_R10_4_a_part_of_a_number_finds_nobody(firm: Firm, watch: Watch) -> None:
    lead = firm.pooled()
    phone = lead.contact.points.get().value
    client = browser(firm.rob)
    assert rows(client, f"q={phone[-6:]}") == [] and rows(client, f"q={phone.removeprefix('+86')}") == [
        str(lead.pk)
    ]


def an_entry(lead: Lead, due_at: Any, at: Any) -> None:
    """The lead's cadence, due then."""
    cadence = Cadence.objects.create(name="A rhythm", created_at=at)
    Entry.objects.create(
        lead=lead,
        cadence=cadence,
        run=lead.run,
        segment=lead.pool_segment,
        started_at=at,
        step_key=uuid7(),
        due_at=due_at,
    )


def test_R10_10_the_next_touch_is_the_cadences(firm: Firm, watch: Watch) -> None:
    lead = firm.pooled("released")
    an_entry(lead, watch.now + timedelta(days=1, hours=2), watch.now)
    Lead.objects.filter(pk=lead.pk).update(silent_touches=4)
    page = browser(firm.rob).get("/pool/").content.decode()
    assert "tomorrow 11:00" in page and "4 touches without a reaction" in page


EMPTY = {
    "segment=not_now": "Nobody has put us off",
    "segment=some_interest": "Nobody with some interest",
    "segment=long_inactive": "Nobody has been silent for long",
    "segment=dormant": "Nobody sleeps",
    "segment=third_party": "No bought or partner lists",
    "": "The pool is empty",
    "segment=dormant&q=nobody": "Nothing fits",
    "claimable=true": "Nothing fits",
}


@pytest.mark.parametrize("query", EMPTY)
def test_each_empty_part_says_what_belongs_there(firm: Firm, watch: Watch, query: str) -> None:
    assert EMPTY[query] in words(browser(firm.rita).get(f"/pool/?{query}"))
    assert "Nothing on marketing" in words(browser(firm.max).get("/pool/?segment=desk"))


def test_R10_7_worn_leads_are_marked_and_marketing_frees_them_in_the_row(firm: Firm, watch: Watch) -> None:
    lead, other = a_worn_lead(firm, watch), firm.pooled("no_need")
    wang, marketing = browser(firm.wang), browser(firm.max)
    for client in (wang, marketing):
        assert "orn" not in words(client.get("/pool/")).replace("morning", "")
    firm.set_rules(worn_leads=True)
    assert "worn until" in words(wang.get("/pool/")) and "Free it" not in words(wang.get("/pool/"))
    assert "worn until" in words(marketing.get("/pool/")) and "Free it" in words(marketing.get("/pool/"))
    assert rows(marketing, "worn=true") == [str(lead.pk)] and set(rows(marketing)) == ids(lead, other)
    assert "Let it be claimed" in words(marketing.get(f"/leads/{lead.pk}"))
    answer = tap(marketing, f"/pool/{lead.pk}/free/", on="/pool/")
    assert answer.status_code == 200 and rows(marketing, "worn=true") == []
    assert claim(lead, by=firm.wang).owner == firm.wang
    assert tap(wang, f"/pool/{lead.pk}/free/", on="/pool/").status_code == 403


def test_R10_5_all_that_match_are_shown_by_name_before_they_are_handed_out(firm: Firm, watch: Watch) -> None:
    leads = [firm.pooled("no_need") for _n in range(42)]
    firm.pooled("released")
    client = browser(firm.max)
    assert "all 42 that match" in words(client.get("/pool/?segment=not_now"))
    data = {"lead": [str(leads[0].pk)], "all": "yes", "filter": "segment=not_now", "to": "calling"}
    with nothing_changes():
        said = words(tap(client, "/pool/hand/", data, on="/pool/?segment=not_now"))
    assert "Hand on 42 leads" in said and "Li Lei" in said and "and 22 more" in said
    assert said.count("to the calling desk") == 21
    answer = tap(
        client,
        "/pool/hand/",
        {"lead": ids(*leads), "to": "calling", "sure": "yes"},
        on="/pool/?segment=not_now",
    )
    assert answer.status_code == 200 and Lead.objects.filter(state=State.NEW).count() == 42
    assert tap(client, "/pool/hand/", {**data, "filter": "segment=dormant"}).status_code == 422
    assert tap(browser(firm.rita), "/pool/hand/", data).status_code == 403


def test_R10_5_at_most_200_at_once_those_that_lie_there_longest(
    firm: Firm, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pool import rules

    monkeypatch.setattr(rules, "BATCH_MOST", 2)
    first = [firm.pooled("no_need") for _n in range(2)]
    watch.go(days=1)
    firm.pooled("no_need")
    data = {"all": "yes", "filter": "segment=not_now", "to": "calling"}
    page = tap(browser(firm.max), "/pool/hand/", data, on="/pool/").content.decode()
    assert set(page.split('name="lead" value="')[1:]) and ids(*first) == {
        part.partition('"')[0] for part in page.split('name="lead" value="')[1:]
    }


@pytest.mark.parametrize("login", ["rob", "max", "mark"])
def test_R10_3_a_fixed_number_of_queries(firm: Firm, watch: Watch, login: str) -> None:
    firm.set_rules(worn_leads=True)
    firm.pooled("released")
    client = browser(firm.people[login])
    one = queries_of(client, "/pool/")
    for _n in range(29):
        firm.pooled("released")
    cache.clear()
    assert queries_of(client, "/pool/") == one <= MOST_QUERIES


def test_R10_7_the_leads_page_tells_who_held_it_under_which_limits(firm: Firm, watch: Watch) -> None:
    lead = firm.an_sql(firm.rita)
    watch.to(fresh(lead).due_at)
    expire_due([lead.pk], watch.now)
    claim(lead, by=firm.wei)
    said = words(browser(firm.wei).get(f"/leads/{lead.pk}")).partition("Who held it")[2]
    assert "Claimed" in said and "still" in said and "the week ran out" in said and "Rita" in said
    assert said.index("Wei") < said.index("Rita")
    assert Segment.SOME_INTEREST not in said
