"""R10.8: what leaves whom tonight and tomorrow and why, by the code that will move it; what a rule's change would move."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache

from core import clock, events, hooks, rulebook, trial
from core.errors import Forbidden, RuleRefused
from core.services import run_sweeps
from leads.models import Lead
from leads.rules import Segment, State
from leads.services import ask_extension
from leads.services.common import fact
from pool import ahead
from pool.leaving import Leaving
from tests.cast import Firm, Watch, fresh
from tests.content import nothing_changes, refused
from tests.pages import MOST_QUERIES, browser, queries_of, tap, words


@pytest.fixture(autouse=True)
def time_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """However busy this machine is, a trial comes to its end."""
    monkeypatch.setattr(ahead, "SECONDS", 60.0)


def told(found: ahead.Ahead) -> list[tuple[str, datetime, str]]:
    return [(move.kind, move.at, move.who) for move in found.moves]


def an_sql_due(firm: Firm, watch: Watch, rep: Any, **left: float) -> Lead:
    """A rep's SQL with so much left of its week."""
    now = watch.now
    watch.to(now - timedelta(days=7) + timedelta(**left))
    lead = firm.an_sql(rep)
    watch.to(now)
    return lead


@pytest.fixture
def silence() -> Iterator[None]:
    """A sweep that moves who has been in the pool for so many days, as the cadences do."""

    def sweep(at: datetime) -> dict[str, int]:
        old = Lead.objects.filter(
            state=State.POOLED,
            pool_segment=Segment.SOME_INTEREST,
            pooled_at__lte=at - timedelta(days=rulebook.get("inactive_days")),
        )
        for lead in old.select_related("contact"):
            data = {"from": lead.pool_segment, "to": str(Segment.LONG_INACTIVE), "why": "silence"}
            lead.pool_segment = Segment.LONG_INACTIVE
            lead.store("pool_segment")
            events.record(fact("segment_changed", lead, at, None, lead.state, data=data))
        return {}

    hooks.sweeps.register(sweep)
    yield
    hooks.sweeps.fillers.remove(sweep)


def test_R10_8_what_expires_and_lapses_is_told_with_its_hour_and_nothing_moves(
    firm: Firm, watch: Watch
) -> None:
    soon = an_sql_due(firm, watch, firm.rita, hours=5, minutes=7)
    later = an_sql_due(firm, watch, firm.wei, hours=30)
    an_sql_due(firm, watch, firm.wei, hours=80)
    ask_extension(soon, reason="a visit", by=firm.rita)
    with nothing_changes():
        found = ahead.look(watch.now)
    rita, wei = str(firm.rita.pk), str(firm.wei.pk)
    assert sorted(told(found)) == sorted(
        [
            ("expired", soon.due_at, rita),
            ("lapsed", soon.due_at, rita),
            ("expired", later.due_at, wei),
        ]
    )
    assert found.complete and not trial.running()


def test_R10_8_the_sweep_moves_just_what_was_told(firm: Firm, watch: Watch) -> None:
    for rep, hours in ((firm.rita, 1), (firm.rob, 20), (firm.wei, 38), (firm.wang, 39.5), (firm.wei, 60)):
        an_sql_due(firm, watch, rep, hours=hours)
    found = ahead.look(watch.now)
    run_sweeps(found.until - timedelta(microseconds=1))
    gone = set(Lead.objects.filter(state=State.POOLED).values_list("pk", "pooled_at"))
    assert gone == {(move.lead_id, move.at) for move in found.moves if move.kind == "expired"}
    assert len(gone) == 3


def test_R10_8_an_mql_that_nobody_judges_passes_on_and_on(firm: Firm, watch: Watch) -> None:
    firm.duty("rob", "wei")
    lead = firm.an_mql(firm.rita)
    watch.go(hours=12)
    first, *more = [move for move in ahead.look(watch.now).moves if move.kind == "passed_on"]
    assert (first.lead_id, first.who, first.at) == (lead.pk, str(firm.rita.pk), fresh(lead).judge_by)
    assert first.to in {str(firm.rob.pk), str(firm.wei.pk)}
    # The next rep has a day as well: the one after that is beyond tomorrow.
    assert all(move.who == first.to for move in more)


def test_R10_8_no_notice_stays_and_the_clock_stands(firm: Firm, watch: Watch) -> None:
    from accounts.models import Notice

    an_sql_due(firm, watch, firm.rita, hours=5)
    before = Notice.objects.count()
    ahead.look(watch.now)
    assert Notice.objects.count() == before and clock.now() == watch.now


def test_R10_8_segments_that_change_are_told(firm: Firm, watch: Watch, silence: None) -> None:
    lead = firm.pooled("released")
    watch.to(fresh(lead).pooled_at + timedelta(days=90) - timedelta(hours=4))
    (move,) = [one for one in ahead.look(watch.now).moves if one.kind == "segment"]
    assert (move.lead_id, move.was, move.becomes) == (lead.pk, "some_interest", "long_inactive")
    assert fresh(lead).pool_segment == Segment.SOME_INTEREST


def test_R10_8_imports_are_not_taken_up_in_a_trial(firm: Firm, watch: Watch) -> None:
    from intake.services import sweep

    with trial.trial():
        assert sweep(watch.now) == {}
    assert set(sweep(watch.now)) == {"imports_taken_up", "imports_let_go"}


WHO = {
    "rita": {"rita"},
    "rob": set(),
    "mark": {"rita"},
    "olga": {"wei"},
    "max": {"rita", "wei"},
    "ada": {"rita", "wei"},
}


@pytest.mark.parametrize("login", WHO)
def test_R10_8_everybody_is_told_of_their_own(firm: Firm, watch: Watch, login: str) -> None:
    an_sql_due(firm, watch, firm.rita, hours=5)
    an_sql_due(firm, watch, firm.wei, hours=6)
    seen = Leaving(ahead.held(), firm.people[login])
    assert {seen.people[move.who].login for move in seen.moves} == WHO[login]
    said = words(browser(firm.people[login]).get("/pool/leaving/"))
    assert ("The week is over: back to the pool" in said) == bool(WHO[login])


def test_R10_8_the_page_narrows_by_day_kind_and_person(firm: Firm, watch: Watch) -> None:
    an_sql_due(firm, watch, firm.rita, hours=5)
    an_sql_due(firm, watch, firm.wei, hours=30)
    client = browser(firm.max)
    rows = {
        query: client.get(f"/pool/leaving/?{query}").content.decode().count("<tr data-row")
        for query in ("", "day=today", "day=tomorrow", "kind=expired", "kind=lapsed", "who=wei", "day=x")
    }
    assert rows == {
        "": 2,
        "day=today": 1,
        "day=tomorrow": 1,
        "kind=expired": 2,
        "kind=lapsed": 0,
        "who=wei": 1,
        "day=x": 2,
    }
    assert "Nothing fits" in words(client.get("/pool/leaving/?kind=lapsed"))
    assert "Nothing leaves until tomorrow night" in words(browser(firm.rob).get("/pool/leaving/"))


def test_R10_8_a_week_that_ends_with_its_request_is_one_line(firm: Firm, watch: Watch) -> None:
    soon = an_sql_due(firm, watch, firm.rita, hours=5)
    an_sql_due(firm, watch, firm.rita, hours=6)
    ask_extension(soon, reason="a visit", by=firm.rita)
    client = browser(firm.mark)
    pages = {query: client.get(f"/pool/leaving/?{query}") for query in ("", "kind=expired", "kind=lapsed")}
    rows = {query: page.content.decode().count("<tr data-row") for query, page in pages.items()}
    assert rows == {"": 2, "kind=expired": 2, "kind=lapsed": 1}
    said = words(pages["kind=lapsed"])
    assert "the request for more time is not decided" in said and "Decide it" in said
    seen = Leaving(ahead.held(), firm.mark)
    assert (seen.kinds["expired"], seen.kinds["lapsed"], sum(seen.days.values())) == (2, 1, 2)
    assert "Ask your manager to decide it" in words(browser(firm.rita).get("/pool/leaving/"))


def test_R10_8_a_fixed_number_of_queries_besides_the_sweep(firm: Firm, watch: Watch) -> None:
    an_sql_due(firm, watch, firm.rita, hours=5)
    client = browser(firm.max)
    one = queries_of(client, "/pool/leaving/")
    cache.clear()
    for _n in range(29):
        an_sql_due(firm, watch, firm.wei, hours=6)
    assert queries_of(client, "/pool/leaving/") == one <= MOST_QUERIES


def test_R10_8_held_for_a_minute_of_the_firms_time(firm: Firm, watch: Watch) -> None:
    an_sql_due(firm, watch, firm.rita, hours=5)
    assert len(ahead.held().moves) == 1
    an_sql_due(firm, watch, firm.rita, hours=6)
    assert len(ahead.held().moves) == 1
    watch.go(minutes=1)
    assert len(ahead.held().moves) == 2


def test_R10_8_when_there_is_no_time_for_all_it_says_how_far_it_came(
    firm: Firm, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ahead, "SECONDS", -1.0)
    found = ahead.look(watch.now)
    assert not found.complete and found.reached == watch.now
    assert "only time to look ahead" in words(browser(firm.max).get("/pool/leaving/"))


def test_R10_8_a_rule_that_would_move_many_says_how_many(firm: Firm, watch: Watch, silence: None) -> None:
    leads = [firm.pooled("released") for _n in range(4)]
    watch.to(fresh(leads[0]).pooled_at + timedelta(days=40))
    with nothing_changes():
        (said,) = rulebook.preview({"inactive_days": 30}, by=firm.ada)
    assert said == (
        "4 leads go from “some interest” to “long inactive” until tomorrow night, 4 of them at once; as it is: 0."
    )
    assert rulebook.get("inactive_days") == 90
    assert rulebook.preview({"inactive_days": 90}, by=firm.ada) == []


def test_R10_8_deadlines_that_are_set_stay(firm: Firm, watch: Watch) -> None:
    an_sql_due(firm, watch, firm.rita, hours=5)
    (said,) = rulebook.preview({"week_days": 3}, by=firm.ada)
    assert said.startswith("Nothing moves: times that are set stay")
    (said,) = rulebook.preview({"claims_a_day": 3}, by=firm.ada)
    assert said == "Nothing moves by this until tomorrow night."


def test_R10_8_more_room_lets_the_queue_out(firm: Firm, watch: Watch) -> None:
    firm.set_rules(capacity=1)
    firm.duty("rita")
    firm.an_mql(firm.rita)
    firm.call(firm.capture(), "interested")
    said = rulebook.preview({"capacity": 2}, by=firm.ada)
    told = "1 MQL goes from a queue to a rep until tomorrow night, 1 of them at once"
    assert any(line.startswith(told) for line in said), said


def test_R10_8_worn_leads_that_a_number_would_let_rest(firm: Firm, watch: Watch) -> None:
    firm.set_rules(worn_leads=True)
    firm.pooled("expired")
    watch.go(days=8)
    (said,) = rulebook.preview({"worn_reps": 1}, by=firm.ada)
    assert said == "1 worn lead rests, not to be claimed; as it is: 0."


@pytest.mark.parametrize("login", ["rita", "mark", "max", "ivy"])
def test_R10_8_only_an_administrator_tries_a_rule(firm: Firm, watch: Watch, login: str) -> None:
    with refused(Forbidden):
        rulebook.preview({"week_days": 3}, by=firm.people[login])
    assert tap(browser(firm.people[login]), "/rulebook/week_days/preview/", {"value": "3"}).status_code == 403


def test_R10_8_what_cannot_be_a_value_is_said_while_it_is_typed(firm: Firm, watch: Watch) -> None:
    with refused(RuleRefused):
        rulebook.preview({"week_days": 0}, by=firm.ada)
    client = browser(firm.ada)
    answer = tap(client, "/rulebook/week_days/preview/", {"value": "0"}, on="/rulebook/")
    assert answer.status_code == 200 and "0 is not between 1 and 365" in words(answer)
    answer = tap(client, "/rulebook/week_days/preview/", {"value": "5"}, on="/rulebook/")
    assert "times that are set stay" in words(answer) and rulebook.get("week_days") == 7
    assert words(tap(client, "/rulebook/week_days/preview/", {"value": "7"})).strip() == ""
    assert tap(client, "/rulebook/nothing/preview/", {"value": "7"}).status_code == 404
