"""R10.3: who may claim what from the pool, and how much of it."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from accounts.models import User
from core.errors import (
    AlreadyClaimed,
    Forbidden,
    NotFound,
    Overdue,
    RuleRefused,
    TransitionNotAllowed,
    TrunkError,
)
from leads.models import Holding, Lead
from leads.rules import Began, State
from leads.selectors import allowed_actions
from pool.selectors import me, pool_parts, segments, words_for
from pool.services import claim, claim_many
from tests.cast import CAST, Firm, Watch, fresh
from tests.content import Log, nothing_changes, refused


def why_not(lead: Lead, by: User, watch: Watch) -> str | None:
    return pool_parts([fresh(lead)], by, watch.now)[lead.pk]["pool"]["why_not"]


def test_R10_3_a_claim_begins_a_fresh_week(firm: Firm, watch: Watch, log: Log) -> None:
    lead = firm.pooled("expired")
    watch.go(days=9)
    mine = claim(lead, by=firm.wei)
    assert (mine.state, mine.owner, mine.team, mine.run, mine.back_at) == (
        State.SQL,
        firm.wei,
        firm.west,
        2,
        watch.now,
    )
    assert (mine.accepted_at, mine.due_at) == (watch.now, watch.now + timedelta(days=7))
    assert (mine.pool_reason, mine.pool_segment, mine.pooled_at, mine.claimable) == ("", "", None, False)
    event = log.only("claimed")
    assert (event.by_id, event.from_state, event.to_state, event.at) == (
        firm.wei.pk,
        "pooled",
        "sql",
        watch.now,
    )
    assert (event.data["reason"], event.data["segment"], event.data["run"]) == ("expired", "some_interest", 2)
    held = Holding.objects.get(lead=lead, user=firm.wei)
    assert (held.stage, held.began, held.run, held.from_at, held.to_at) == (
        "sql",
        Began.CLAIMED,
        2,
        watch.now,
        None,
    )


CLAIMABLE = {
    "expired": True,
    "released": True,
    "lost": True,
    "returned": False,
    "third_party": False,
    "unreachable": False,
    "dead_number": False,
    "no_need": False,
    "refused": False,
}


@pytest.mark.parametrize(("reason", "may"), CLAIMABLE.items())
def test_R10_3_what_once_was_accepted_is_claimable(firm: Firm, watch: Watch, reason: str, may: bool) -> None:
    lead = firm.pooled(reason)
    assert (
        why_not(lead, firm.wei, watch),
        "claim" in allowed_actions([lead], firm.wei, watch.now)[lead.pk],
    ) == (
        None if may else "not_claimable",
        may,
    )
    if may:
        assert claim(lead, by=firm.wei).owner == firm.wei
    else:
        with refused(RuleRefused, "not_claimable"):
            claim(lead, by=firm.wei)


def test_R10_3_what_was_accepted_once_stays_claimable_after_the_desk(firm: Firm, watch: Watch) -> None:
    lead = firm.pooled("expired")
    firm.capture(phone=lead.contact.points.get().value)
    assert fresh(lead).state == State.NEW
    lead = firm.call(fresh(lead), "no_need")[1]
    assert claim(lead, by=firm.wei).state == State.SQL


@pytest.mark.parametrize("login", list(CAST))
def test_R15_1_reps_claim(firm: Firm, watch: Watch, login: str) -> None:
    lead = firm.pooled("expired")
    if login in ("rob", "wei", "wang"):
        assert claim(lead, by=firm.people[login]).owner.login == login
    elif login == "rita":
        with refused(RuleRefused, "claim_cooldown"):
            claim(lead, by=firm.rita)
    else:
        with refused(Forbidden):
            claim(lead, by=firm.people[login])


REFUSED: dict[str, tuple[type[TrunkError], str]] = {
    "new": (NotFound, "not_found"),
    "mql": (AlreadyClaimed, "already_claimed"),
    "sql": (AlreadyClaimed, "already_claimed"),
    "converted": (AlreadyClaimed, "already_claimed"),
    "invalid": (NotFound, "not_found"),
}


@pytest.mark.parametrize("state", REFUSED)
def test_R10_3_what_is_not_in_the_pool_is_not_claimed(firm: Firm, watch: Watch, state: str) -> None:
    lead = firm.in_state(state)
    with refused(*REFUSED[state]):
        claim(lead, by=firm.rita)
    with refused(NotFound):
        claim(lead, by=firm.wei)


def test_R10_3_one_lead_one_winner_and_the_loser_is_told(firm: Firm, watch: Watch) -> None:
    lead = firm.pooled("expired")
    claim(lead, by=firm.wei)
    for loser in (firm.rob, firm.wang, firm.wei):
        with refused(AlreadyClaimed):
            claim(lead, by=loser)


def test_R10_3_back_on_the_desk_it_is_too_late(firm: Firm, watch: Watch) -> None:
    lead = firm.pooled("expired")
    firm.capture(phone=lead.contact.points.get().value)
    with refused(TransitionNotAllowed):
        claim(lead, by=firm.wei)


def test_R6_2_an_own_lead_whose_week_is_over_is_overdue_swept_or_not(firm: Firm, watch: Watch) -> None:
    lead = firm.an_sql(firm.rita)
    watch.to(lead.due_at)
    with refused(Overdue) as caught:
        claim(lead, by=firm.rita)
    assert caught.value.lead_ids == [lead.pk]


def test_R10_3_there_is_no_such_lead(firm: Firm, watch: Watch) -> None:
    with refused(NotFound):
        claim(uuid4(), by=firm.rita)


def test_R10_3_a_batch_answers_for_each_lead_in_the_order_asked(firm: Firm, watch: Watch) -> None:
    firm.set_rules(claims_a_day=3)
    good = [firm.pooled("released", rep=firm.rita) for _n in range(4)]
    mine = firm.pooled("released", rep=firm.wei)
    taken = firm.pooled("expired", rep=firm.rita)
    claim(taken, by=firm.rob)
    desk = firm.pooled("no_need")
    nobody = uuid4()
    asked = [good[0].pk, mine.pk, nobody, good[1].pk, desk.pk, taken.pk, good[0].pk, good[2].pk, good[3].pk]
    answers = claim_many(asked, by=firm.wei)
    assert [a.lead_id for a in answers] == asked
    assert [a.error.code if a.error else "ok" for a in answers] == [
        "ok",
        "claim_cooldown",
        "not_found",
        "ok",
        "not_claimable",
        "already_claimed",
        "already_claimed",
        "ok",
        "claim_limit_day",
    ]
    assert [a.ok for a in answers].count(True) == 3
    assert Holding.objects.filter(user=firm.wei, began="claimed").count() == 3
    assert fresh(good[3]).state == State.POOLED


def test_R10_3_an_empty_batch_does_nothing(firm: Firm, watch: Watch) -> None:
    with nothing_changes():
        assert claim_many([], by=firm.rita) == []
    with refused(Forbidden):
        claim_many([], by=firm.max)


def test_R10_1_segments_with_their_counts(firm: Firm, watch: Watch) -> None:
    for reason in ("expired", "released", "no_need", "unreachable", "third_party", "third_party"):
        firm.pooled(reason)
    counts = {code: n for code, _name, n in segments(firm.wei)}
    assert counts == {"not_now": 1, "some_interest": 2, "long_inactive": 1, "dormant": 0, "third_party": 2}
    assert {n for _code, _name, n in segments(firm.pia)} == {0}


def test_every_reason_why_not_has_words(firm: Firm, watch: Watch) -> None:
    codes = ["claiming_off", "not_claimable", "claim_cooldown", "claim_limit_day", "capacity_reached"]
    assert all(str(words_for(code)) for code in codes)
    assert words_for("nonsense") == ""


def test_the_pools_part_is_only_for_the_pool(firm: Firm, watch: Watch) -> None:
    lead, other = firm.pooled("expired"), firm.an_sql()
    part = pool_parts([lead, other], firm.wei, watch.now)
    assert set(part) == {lead.pk}
    assert part[lead.pk]["pool"] == {
        "segment": "some_interest",
        "reason": "expired",
        "entered_at": lead.pooled_at,
        "next_touch_at": None,
        "silent_touches": 0,
        "claimable_by_me": True,
        "why_not": None,
    }
    assert me(firm.max, watch.now) == {}


def test_R6_2_a_batch_that_meets_an_overdue_lead_takes_it_back(firm: Firm, watch: Watch) -> None:
    lead, other = firm.an_sql(), firm.pooled(rep=firm.rob)
    due = lead.due_at
    watch.to(due + timedelta(seconds=1))
    answers = claim_many([lead.pk, other.pk], by=firm.rita)
    assert [answer.error.code if answer.error else "" for answer in answers] == ["overdue", ""]
    assert (fresh(lead).state, fresh(lead).pooled_at) == ("pooled", due)
    assert fresh(other).owner == firm.rita
