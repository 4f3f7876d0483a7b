"""R10.3: how much a rep may claim, and what of it; R10.7: every holding is kept."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction

from accounts.models import User
from core import clock
from core.errors import (
    RuleRefused,
)
from leads.models import Holding, Lead
from leads.services import accept, assign, expire_due, release
from pool.selectors import me, pool_parts
from pool.services import claim, claim_many
from tests.cast import TICK, Firm, Watch, fresh, person
from tests.content import refused


def why_not(lead: Lead, by: User, watch: Watch) -> str | None:
    return pool_parts([fresh(lead)], by, watch.now)[lead.pk]["pool"]["why_not"]


def test_R10_3_at_most_so_many_a_day(firm: Firm, watch: Watch) -> None:
    firm.set_rules(claims_a_day=2)
    leads = [firm.pooled("released") for _n in range(4)]
    claim(leads[0], by=firm.wei)
    claim(leads[1], by=firm.wei)
    with refused(RuleRefused, "claim_limit_day"):
        claim(leads[2], by=firm.wei)
    assert why_not(leads[2], firm.wei, watch) == "claim_limit_day"
    assert me(firm.wei, watch.now)["claims_today"] == {"used": 2, "of": 2}
    # The day is the firm's: it ends at midnight in Shanghai.
    midnight = clock.day_starts(clock.firm_day(watch.now) + timedelta(days=1))
    watch.to(midnight - TICK)
    with refused(RuleRefused, "claim_limit_day"):
        claim(leads[2], by=firm.wei)
    watch.to(midnight)
    assert claim(leads[2], by=firm.wei).owner == firm.wei


def test_R10_3_giving_a_lead_back_frees_no_claim_of_the_day(firm: Firm, watch: Watch) -> None:
    firm.set_rules(claims_a_day=1)
    first, second = firm.pooled("released"), firm.pooled("released")
    release(claim(first, by=firm.wei), reason="no_fit", by=firm.wei)
    with refused(RuleRefused, "claim_limit_day"):
        claim(second, by=firm.wei)


def test_R10_3_only_below_capacity(firm: Firm, watch: Watch) -> None:
    firm.set_rules(capacity=2)
    leads = [firm.pooled("released", rep=firm.rob) for _n in range(2)]
    firm.an_mql(firm.wei)
    claim(leads[0], by=firm.wei)
    with refused(RuleRefused, "capacity_reached"):
        claim(leads[1], by=firm.wei)
    assert why_not(leads[1], firm.wei, watch) == "capacity_reached"


def test_R10_3_one_switch_turns_claiming_off(firm: Firm, watch: Watch) -> None:
    lead = firm.pooled("expired")
    firm.set_rules(claiming=False)
    assert why_not(lead, firm.wei, watch) == "claiming_off"
    with refused(RuleRefused, "not_claimable"):
        claim(lead, by=firm.wei)
    firm.set_rules(claiming=True)
    assert claim(lead, by=firm.wei).owner == firm.wei


@pytest.mark.parametrize("how", ["expired", "released"])
def test_R10_3_who_let_it_go_waits_30_days_to_the_microsecond(firm: Firm, watch: Watch, how: str) -> None:
    lead = firm.pooled(how, rep=firm.rita)
    let_go = fresh(lead).pooled_at
    watch.to(let_go + timedelta(days=30) - TICK)
    assert why_not(lead, firm.rita, watch) == "claim_cooldown"
    with refused(RuleRefused, "claim_cooldown"):
        claim(lead, by=firm.rita)
    watch.to(let_go + timedelta(days=30))
    assert claim(lead, by=firm.rita).owner == firm.rita


def test_R10_3_whoever_held_it_in_between(firm: Firm, watch: Watch) -> None:
    lead = firm.pooled("released", rep=firm.rita)
    let_go = watch.now
    watch.go(days=1)
    release(claim(lead, by=firm.wei), reason="no_fit", by=firm.wei)
    watch.go(days=8)
    taken = claim(lead, by=firm.rob)
    expire_due([taken.pk], taken.due_at)
    watch.to(let_go + timedelta(days=20))
    for rep in (firm.rita, firm.wei, firm.rob):
        assert why_not(lead, rep, watch) == "claim_cooldown"
    assert why_not(lead, firm.wang, watch) is None
    watch.to(let_go + timedelta(days=30))
    assert [why_not(lead, rep, watch) for rep in (firm.rita, firm.wei, firm.rob)] == [
        None,
        "claim_cooldown",
        "claim_cooldown",
    ]


def test_R10_3_a_manager_who_gives_it_back_cools_the_owner_down(firm: Firm, watch: Watch) -> None:
    lead = release(firm.an_sql(firm.rita), reason="no_time", by=firm.mark)
    assert why_not(lead, firm.rita, watch) == "claim_cooldown"


@pytest.mark.parametrize("how", ["given", "returned", "lost", "refused"])
def test_R10_3_who_lost_it_another_way_does_not_wait(firm: Firm, watch: Watch, how: str) -> None:
    lead = firm.an_sql(firm.rita)
    if how == "given":
        lead = release(assign(lead, rep=firm.rob, by=firm.mark), reason="no_time", by=firm.rob)
    elif how == "lost":
        lead = firm.pooled("lost", rep=firm.rita)
    elif how == "refused":
        lead = firm.call(lead, "refused", by=firm.rita)[1]
    else:
        lead = firm.pooled("returned", rep=firm.rita)
    assert why_not(lead, firm.rita, watch) == ("not_claimable" if how == "returned" else None)


def test_R10_3_a_batch_does_not_pass_the_capacity(firm: Firm, watch: Watch) -> None:
    firm.set_rules(capacity=2)
    leads = [firm.pooled("released", rep=firm.rita).pk for _n in range(4)]
    answers = claim_many(leads, by=firm.wei)
    assert [a.error.code if a.error else "ok" for a in answers] == [
        "ok",
        "ok",
        "capacity_reached",
        "capacity_reached",
    ]


def test_R10_7_every_holding_is_kept(firm: Firm, watch: Watch) -> None:
    start = watch.now
    lead = accept(firm.an_mql(firm.rita), by=firm.rita)
    watch.go(days=2)
    assign(lead, rep=firm.rob, by=firm.mark)
    expire_due([lead.pk], start + timedelta(days=7))
    watch.to(start + timedelta(days=8))
    claim(lead, by=firm.wei)
    watch.go(days=1)
    firm.an_opportunity(firm.wei, lead=fresh(lead))
    rows = Holding.objects.filter(lead=lead).order_by("from_at", "id")
    day = timedelta(days=1)
    assert [
        (h.user.login, h.stage, h.run, h.began, h.ended, h.from_at - start, h.to_at - start) for h in rows
    ] == [
        ("rita", "mql", 1, "handed_over", "accepted", 0 * day, 0 * day),
        ("rita", "sql", 1, "accepted", "given", 0 * day, 2 * day),
        ("rob", "sql", 1, "given", "expired", 2 * day, 7 * day),
        ("wei", "sql", 2, "claimed", "converted", 8 * day, 9 * day),
    ]
    assert [h.due_at - start for h in rows] == [day, 7 * day, 7 * day, 15 * day]


def test_R10_3_capacity_of_ones_own(firm: Firm, watch: Watch) -> None:
    lead = firm.pooled("expired")
    User.objects.filter(login="wei").update(capacity=0)
    with transaction.atomic(), refused(RuleRefused, "capacity_reached"):
        claim(lead, by=person(firm.wei))
