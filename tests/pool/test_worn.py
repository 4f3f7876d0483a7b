"""R10.7: a lead that expired on several reps in a row rests, and marketing decides."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from accounts.models import Notice, User
from core.errors import Forbidden, NotFound, RuleRefused, TransitionNotAllowed
from core.services import run_sweeps
from leads.models import Lead
from leads.rules import State
from leads.services import assign, expire_due, release
from pool.handing import CALLING, hand_out
from pool.selectors import pool_parts
from pool.services import claim
from pool.worn import free_worn, worn
from tests.cast import TICK, Firm, Watch, fresh
from tests.content import Log, nothing_changes, refused
from tests.pages import browser, words


def let_expire(lead: Lead, watch: Watch) -> datetime:
    """Its week runs out; the clock moves on to that instant, which is answered."""
    row = fresh(lead)
    assert row.due_at is not None
    watch.to(row.due_at)
    expire_due([row.pk], row.due_at)
    return row.due_at


def a_worn_lead(firm: Firm, watch: Watch) -> Lead:
    """Expired on Rita, Rob and Wei; just now on Wei."""
    lead = firm.an_sql(firm.rita)
    let_expire(lead, watch)
    for rep in (firm.rob, firm.wei):
        let_expire(claim(lead, by=rep), watch)
    return fresh(lead)


def why_not(lead: Lead, by: User, watch: Watch) -> str | None:
    return pool_parts([fresh(lead)], by, watch.now)[lead.pk]["pool"]["why_not"]


def test_R10_7_nobody_claims_a_worn_lead_for_90_days_to_the_microsecond(firm: Firm, watch: Watch) -> None:
    firm.set_rules(worn_leads=True)
    lead = a_worn_lead(firm, watch)
    expired = watch.now
    for instant in (expired, expired + timedelta(days=90) - TICK):
        watch.to(instant)
        assert why_not(lead, firm.wang, watch) == "lead_worn"
        with nothing_changes(), refused(RuleRefused, "lead_worn"):
            claim(lead, by=firm.wang)
    watch.to(expired + timedelta(days=90))
    assert why_not(lead, firm.wang, watch) is None and not worn(watch.now).exists()
    assert claim(lead, by=firm.wang).owner == firm.wang


def test_R0_1_R10_7_without_the_branch_nothing_is_worn(firm: Firm, watch: Watch) -> None:
    lead = a_worn_lead(firm, watch)
    assert why_not(lead, firm.wang, watch) is None
    with refused(NotFound):
        free_worn(lead, by=firm.max)
    assert claim(lead, by=firm.wang).owner == firm.wang


def test_R10_7_two_reps_are_not_enough_and_the_number_is_the_firms(firm: Firm, watch: Watch) -> None:
    firm.set_rules(worn_leads=True)
    lead = firm.an_sql(firm.rita)
    let_expire(lead, watch)
    let_expire(claim(lead, by=firm.rob), watch)
    assert why_not(lead, firm.wang, watch) is None
    firm.set_rules(worn_reps=2)
    assert why_not(lead, firm.wang, watch) == "lead_worn"
    firm.set_rules(worn_days=1)
    watch.go(days=1)
    assert why_not(lead, firm.wang, watch) is None


def test_R10_7_the_same_rep_twice_is_one_rep(firm: Firm, watch: Watch) -> None:
    firm.set_rules(worn_leads=True, cooldown_days=0)
    lead = firm.an_sql(firm.rita)
    let_expire(lead, watch)
    for rep in (firm.rob, firm.rita):
        watch.go(hours=1)
        let_expire(claim(lead, by=rep), watch)
    assert why_not(lead, firm.wang, watch) is None


@pytest.mark.parametrize("how", ["converted", "released"])
def test_R10_7_what_came_to_something_else_in_between_begins_anew(firm: Firm, watch: Watch, how: str) -> None:
    firm.set_rules(worn_leads=True)
    lead = firm.an_sql(firm.rita)
    let_expire(lead, watch)
    let_expire(claim(lead, by=firm.rob), watch)
    mine = claim(lead, by=firm.wei)
    if how == "released":
        release(mine, reason="no_fit", by=firm.wei)
    else:
        from opportunities.services import lose

        lose(firm.an_opportunity(firm.wei, lead=mine), reason="price", by=firm.wei)
    watch.go(hours=1)
    let_expire(claim(lead, by=firm.wang), watch)
    assert not worn(watch.now).exists()


def test_R10_7_a_week_that_a_colleague_went_on_with_is_one_stretch(firm: Firm, watch: Watch) -> None:
    firm.set_rules(worn_leads=True)
    lead = firm.an_sql(firm.rita)
    let_expire(lead, watch)
    assign(claim(lead, by=firm.wei), rep=firm.wang, by=firm.olga)
    let_expire(lead, watch)
    assert not worn(watch.now).exists(), "on Rita and on Wang: two"
    let_expire(claim(lead, by=firm.rob), watch)
    assert worn(watch.now).get() == lead


def test_R10_7_marketing_frees_it_and_it_rests_again_when_it_expires_again(
    firm: Firm, watch: Watch, log: Log
) -> None:
    firm.set_rules(worn_leads=True)
    lead = a_worn_lead(firm, watch)
    free_worn(lead, by=firm.max)
    event = log.only("worn_freed")
    assert (event.by_id, event.subject_id, event.at) == (firm.max.pk, lead.pk, watch.now)
    assert why_not(lead, firm.wang, watch) is None
    with refused(TransitionNotAllowed):
        free_worn(lead, by=firm.max)
    let_expire(claim(lead, by=firm.wang), watch)
    watch.go(days=31)
    assert why_not(lead, firm.rita, watch) == "lead_worn"


@pytest.mark.parametrize("login", ["tina", "rita", "mark", "pia", "sue", "ivy"])
def test_R10_7_only_marketing_frees(firm: Firm, watch: Watch, login: str) -> None:
    firm.set_rules(worn_leads=True)
    lead = a_worn_lead(firm, watch)
    with nothing_changes(), refused(Forbidden):
        free_worn(lead, by=firm.people[login])
    assert free_worn(lead, by=firm.ada) == lead


def test_R10_7_marketing_may_send_it_to_the_desk_or_to_a_rep(firm: Firm, watch: Watch) -> None:
    firm.set_rules(worn_leads=True)
    one, other = a_worn_lead(firm, watch), a_worn_lead(firm, watch)
    hand_out([one.pk], to=CALLING, by=firm.max)
    hand_out([other.pk], to=firm.rita, by=firm.max)
    assert (fresh(one).state, fresh(other).owner) == (State.NEW, firm.rita)
    assert not worn(watch.now).exists()


def test_R10_7_marketing_is_told_once_that_a_lead_is_worn(firm: Firm, watch: Watch) -> None:
    told = Notice.objects.filter(kind="lead_worn")
    lead = a_worn_lead(firm, watch)
    run_sweeps(watch.now)
    assert not told.exists(), "the branch is off"
    firm.set_rules(worn_leads=True)
    for _n in range(2):
        watch.go(minutes=1)
        assert run_sweeps(watch.now)["worn_told"] == 1 - _n
    assert [(row.user, row.subject_id) for row in told] == [(firm.max, lead.pk)]
    assert "rests: decide what becomes of it" in words(browser(firm.max).get("/notices/"))
    free_worn(lead, by=firm.max)
    assert told.get().read_at == watch.now
    firm.set_rules(worn_leads=False)
    assert "rests: decide" not in words(browser(firm.max).get("/notices/"))
