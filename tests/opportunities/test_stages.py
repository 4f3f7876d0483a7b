"""R8: stages forward and back, lost and taken back; won only by its order; the database says the same."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from core import clock
from core.errors import AlreadyClaimed, Forbidden, RuleRefused, TransitionNotAllowed, TrunkError
from core.services import run_sweeps
from leads.rules import State
from leads.services import assign
from leads.services.leaving import leave
from opportunities.models import Opportunity
from opportunities.rules import OPEN, LostReason, Stage
from opportunities.selectors import allowed_actions, for_lists
from opportunities.services import advance, back, lose, open_next, reopen, update
from opportunities.services.converting import Need
from orders.services import draft, terminate
from pool.services import claim
from tests.cast import TICK, Firm, Watch, fresh
from tests.content import Log, faults, nothing_changes, refused

STAGES = [str(s) for s in Stage]


FORWARD = [("confirmed", "experience"), ("confirmed", "negotiation"), ("experience", "negotiation")]


@pytest.mark.parametrize(("start", "end"), FORWARD)
def test_R8_2_forward_also_over_one(firm: Firm, watch: Watch, log: Log, start: str, end: str) -> None:
    chance = firm.chance_at(start)
    watch.go(days=1)
    log = type(log)()
    moved = advance(chance, by=firm.rita, to=end)
    assert (moved.stage, moved.stage_since, moved.furthest) == (end, watch.now, end)
    (event,) = log.new()
    assert (event.verb, event.by_id, event.from_state, event.to_state) == (
        "advanced",
        firm.rita.pk,
        start,
        end,
    )


def test_R8_2_without_a_name_it_is_the_next_one(firm: Firm, watch: Watch) -> None:
    chance = firm.an_opportunity()
    assert [advance(chance, by=firm.rita).stage for _n in range(2)] == ["experience", "negotiation"]


@pytest.mark.parametrize(("end", "start"), FORWARD)
def test_R8_2_back_with_a_reason(firm: Firm, watch: Watch, log: Log, start: str, end: str) -> None:
    chance = firm.chance_at(start)
    with refused(RuleRefused, "reason_required") as caught:
        back(chance, reason="  ", by=firm.rita, to=end)
    assert faults(caught) == [("reason", "required")]
    moved = back(chance, reason="the boss has changed", by=firm.rita, to=end)
    assert (moved.stage, moved.furthest) == (end, start)
    event = log.only("moved_back")
    assert (event.from_state, event.to_state) == (start, end)
    assert [t.new for t in event.texts.all()] == ["the boss has changed"]


def test_R8_2_what_is_no_move_is_refused(firm: Firm, watch: Watch) -> None:
    wrong = {
        "confirmed": [("advance", "confirmed"), ("advance", "won"), ("advance", "scheduled"), ("back", "")],
        "experience": [
            ("advance", "confirmed"),
            ("advance", "nonsense"),
            ("back", "experience"),
            ("back", "lost"),
        ],
        "negotiation": [("advance", ""), ("advance", "won"), ("advance", "lost"), ("back", "negotiation")],
        "won": [("advance", ""), ("back", "")],
        "lost": [("advance", ""), ("back", "")],
        "scheduled": [("advance", ""), ("back", "")],
    }
    for stage, moves in wrong.items():
        chance = firm.chance_at(stage)
        for name, to in moves:
            with refused(TransitionNotAllowed):
                (
                    advance(chance, by=firm.rita, to=to)
                    if name == "advance"
                    else back(chance, reason="x", by=firm.rita, to=to)
                )


def test_R8_8_there_is_no_other_way_to_won_than_its_order(firm: Firm, watch: Watch) -> None:
    chance = firm.chance_at("negotiation")
    with refused(TransitionNotAllowed) as caught:
        advance(chance, by=firm.rita)
    assert "signing its order" in str(caught.value)
    assert sorted(allowed_actions(chance, firm.rita, watch.now)) == ["back", "edit", "lose", "order"]


@pytest.mark.parametrize("reason", LostReason.values)
def test_R8_7_lost_with_each_reason(firm: Firm, watch: Watch, log: Log, reason: str) -> None:
    chance = firm.chance_at("experience")
    log = type(log)()
    gone = lose(chance, reason=reason, text=" words ", competitor="Acme", by=firm.rita)
    assert (
        gone.stage,
        gone.lost_reason,
        gone.lost_text,
        gone.lost_from,
        gone.closed_at,
        gone.competitor,
    ) == (
        "lost",
        reason,
        "words",
        "experience",
        watch.now,
        "Acme",
    )
    lead = fresh(chance.lead)
    assert (lead.state, lead.owner, lead.pool_reason, lead.pool_detail, lead.claimable) == (
        State.POOLED,
        None,
        "lost",
        reason,
        True,
    )
    assert [(e.verb, e.from_state, e.to_state) for e in log.new()] == [
        ("lost", "experience", "lost"),
        ("pooled", "converted", "pooled"),
    ]


def test_R8_7_without_a_reason_it_is_not_lost(firm: Firm, watch: Watch) -> None:
    chance = firm.an_opportunity()
    for reason, text, fault in [
        ("", "", ("reason", "required")),
        ("ugly", "", ("reason", "invalid")),
        ("other", " ", ("text", "required")),
    ]:
        with refused(RuleRefused, "reason_required") as caught:
            lose(chance, reason=reason, text=text, by=firm.rita)
        assert faults(caught) == [fault]


@pytest.mark.parametrize("stage", ["won", "lost"])
def test_R8_7_what_is_closed_is_not_lost_again(firm: Firm, watch: Watch, stage: str) -> None:
    chance = firm.chance_at(stage)
    with refused(TransitionNotAllowed):
        lose(chance, reason="price", by=firm.rita)


def test_R8_7_a_lost_next_chance_moves_no_lead(firm: Firm, watch: Watch) -> None:
    chance = firm.chance_at("scheduled")
    lose(chance, reason="timing", by=firm.rita)
    assert fresh(chance.lead).state == State.CONVERTED
    assert fresh(chance.company).customer_since is not None


@pytest.mark.parametrize("stage", OPEN)
def test_R8_7_a_mistake_is_taken_back_within_24_hours_exactly(
    firm: Firm, watch: Watch, log: Log, stage: str
) -> None:
    chance = firm.chance_at(stage)
    lose(chance, reason="price", by=firm.rita)
    lost_at = watch.now
    watch.to(lost_at + timedelta(hours=24) + TICK)
    assert allowed_actions(fresh(chance), firm.rita, watch.now) == []
    with refused(TransitionNotAllowed):
        reopen(chance, by=firm.rita)
    watch.to(lost_at + timedelta(hours=24))
    assert allowed_actions(fresh(chance), firm.rita, watch.now) == ["reopen"]
    log = type(log)()
    again = reopen(chance, by=firm.rita)
    assert (again.stage, again.lost_reason, again.lost_text, again.closed_at) == (stage, "", "", None)
    lead = fresh(chance.lead)
    assert (lead.state, lead.owner, lead.team, lead.pool_reason, lead.run) == (
        State.CONVERTED,
        firm.rita,
        firm.east,
        "",
        1,
    )
    assert [(e.verb, e.from_state, e.to_state) for e in log.new()] == [
        ("regained", "pooled", "converted"),
        ("reopened", "lost", stage),
    ]


def test_R8_7_not_when_the_lead_has_gone_on(firm: Firm, watch: Watch) -> None:
    chance = lose(firm.an_opportunity(), reason="price", by=firm.rita)
    claim(chance.lead_id, by=firm.wei)
    with refused(TransitionNotAllowed):
        reopen(chance, by=firm.rita)
    other = lose(firm.an_opportunity(), reason="price", by=firm.rita)
    firm.capture(phone=other.contact.points.get().value)
    with refused(TransitionNotAllowed):
        reopen(other, by=firm.rita)


@pytest.mark.parametrize("stage", [s for s in STAGES if s != "lost"])
def test_R8_7_only_what_is_lost_is_taken_back(firm: Firm, watch: Watch, stage: str) -> None:
    chance = firm.chance_at(stage)
    with refused(TransitionNotAllowed):
        reopen(chance, by=firm.rita)


WORKERS = {"rita", "mark", "ada"}


@pytest.mark.parametrize("name", ["advance", "back", "lose", "update", "reopen", "draft"])
def test_R15_1_the_owner_or_a_manager_above_works_on_it(firm: Firm, watch: Watch, name: str) -> None:
    verbs: dict[str, Any] = {
        "advance": lambda o, by: advance(o, by=by),
        "back": lambda o, by: back(o, reason="x", by=by),
        "lose": lambda o, by: lose(o, reason="price", by=by),
        "update": lambda o, by: update(o, by=by, competitor="Acme"),
        "reopen": lambda o, by: reopen(o, by=by),
        "draft": lambda o, by: draft(o, by=by),
    }
    chance = firm.chance_at("lost" if name == "reopen" else "experience")
    with nothing_changes():
        for login, by in firm.people.items():
            if login not in WORKERS:
                with pytest.raises(TrunkError) as caught:
                    verbs[name](chance, by)
                assert caught.value.status in (403, 409)
    for login in sorted(WORKERS):
        with transaction.atomic():
            verbs[name](chance, firm.people[login])
            transaction.set_rollback(True)


def test_R15_2_who_sees_it_and_may_not_is_told_403_the_stranger_409(firm: Firm, watch: Watch) -> None:
    chance = firm.an_opportunity()
    for login in ("max", "ivy", "tina"):
        with refused(Forbidden):
            advance(chance, by=firm.people[login])
    with refused(AlreadyClaimed):
        advance(chance, by=firm.wei)


def test_R6_5_an_opportunity_follows_its_lead_to_the_new_owner(firm: Firm, watch: Watch, log: Log) -> None:
    chance = firm.an_opportunity()
    order = draft(chance, by=firm.rita)
    assign(chance.lead, rep=firm.rob, by=firm.mark)
    assert (fresh(chance).owner, fresh(chance.lead).owner, fresh(order).owner) == (
        firm.rob,
        firm.rob,
        firm.rob,
    )
    assert sorted(e.subject_type for e in log.new() if e.verb == "assigned") == [
        "lead",
        "opportunity",
        "order",
    ]


def test_R6_5_an_upsell_with_its_contract_stays_with_who_works_on_it(firm: Firm, watch: Watch) -> None:
    signed = firm.a_signed_order(firm.rita)
    upsell = open_next(
        signed.company, by=firm.rita, kind="upsell", products=[Need(firm.product)], headcount=1
    )
    contract = draft(upsell, by=firm.rita)
    assign(fresh(signed.opportunity.lead), rep=firm.rob, by=firm.mark)
    assert (fresh(upsell).owner, fresh(contract).owner) == (firm.rita, firm.rita)


def test_R8_7_R9_4_what_was_lost_before_its_day_waits_for_that_day_again(
    firm: Firm, watch: Watch, log: Log
) -> None:
    chance = firm.chance_at("scheduled")
    lose(chance, reason="timing", by=firm.rita)
    assert allowed_actions(fresh(chance), firm.rita, watch.now) == ["reopen"]
    log = type(log)()
    again = reopen(chance, by=firm.rita)
    assert (again.stage, again.active_on, again.furthest, again.lost_from) == (
        "scheduled",
        chance.active_on,
        "scheduled",
        "",
    )
    assert [(e.verb, e.from_state, e.to_state) for e in log.new()] == [("reopened", "lost", "scheduled")]
    assert not Opportunity.objects.open().filter(pk=chance.pk).exists()
    watch.to(clock.day_starts(chance.active_on) - TICK)
    run_sweeps()
    assert fresh(chance).stage == "scheduled"
    watch.go(microseconds=1)
    run_sweeps()
    assert fresh(chance).stage == "confirmed"


def test_R8_5_that_its_day_has_come_is_nobody_s_touch(firm: Firm, watch: Watch) -> None:
    chance = firm.chance_at("scheduled")
    watch.go(days=400)
    run_sweeps()
    row = fresh(chance)
    assert (row.stage, row.last_touch_at) == ("confirmed", None)
    assert advance(row, by=firm.rita).last_touch_at == watch.now


@pytest.mark.parametrize("days", [0, 300])
def test_R9_4_what_a_termination_closed_is_not_taken_back(firm: Firm, watch: Watch, days: int) -> None:
    order = firm.a_signed_order(term_months=12)
    chance = Opportunity.objects.get(signed_before=order.opportunity)
    watch.go(days=days)
    run_sweeps()
    terminate(order, reason="Insolvent", by=firm.rita)
    for row in (fresh(chance), for_lists(Opportunity.objects.filter(pk=chance.pk)).get()):
        assert row.stage == "lost" and allowed_actions(row, firm.rita, watch.now) == []
    with refused(TransitionNotAllowed):
        reopen(chance, by=firm.rita)


def test_R8_7_R15_3_a_loss_of_who_has_left_stands(firm: Firm, watch: Watch) -> None:
    chance = lose(firm.an_opportunity(), reason="price", by=firm.rita)
    leave(firm.rita, by=firm.ada, to="person", person=firm.rob)
    assert allowed_actions(fresh(chance), firm.mark, watch.now) == []
    with refused(TransitionNotAllowed):
        reopen(chance, by=firm.mark)
