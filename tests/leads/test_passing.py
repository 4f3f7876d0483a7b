"""R3.2: a missed first call, an MQL that nobody judges, and the queue where it ends."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from accounts.models import Notice, User
from core import clock
from core.errors import AlreadyClaimed, Conflict, Forbidden, RuleRefused, TransitionNotAllowed
from core.services import run_sweeps
from leads.models import Holding, Lead
from leads.rules import State, after_business_time
from leads.selectors import allowed_actions
from leads.services import accept, hand_out_waiting, pass_on_unjudged, return_mql, take
from tests.cast import MONDAY, SHANGHAI, TICK, Firm, Watch, fresh, person
from tests.content import Log, nothing_changes, refused

QUARTER, DAY = timedelta(minutes=15), timedelta(days=1)
HOURS, WEEKDAYS = "09:00-18:00", [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("handed", "due"),
    [
        ("2026-03-02 09:00", "2026-03-02 09:15"),
        ("2026-03-02 07:30", "2026-03-02 09:15"),
        ("2026-03-02 17:45", "2026-03-02 18:00"),
        ("2026-03-02 17:50", "2026-03-03 09:05"),
        ("2026-03-02 18:00", "2026-03-03 09:15"),
        ("2026-03-06 17:50", "2026-03-09 09:05"),
        ("2026-03-07 12:00", "2026-03-09 09:15"),
    ],
)
def test_R3_2_the_first_call_is_due_in_fifteen_minutes_of_business_hours(handed: str, due: str) -> None:
    start, end = (datetime.fromisoformat(text).replace(tzinfo=SHANGHAI) for text in (handed, due))
    assert after_business_time(start, 15, HOURS, WEEKDAYS, SHANGHAI) == end


def test_R3_2_the_hand_over_says_when_the_call_is_due(firm: Firm, watch: Watch) -> None:
    assert firm.an_mql().call_by == watch.now + QUARTER
    watch.to(MONDAY.replace(hour=20))
    assert firm.an_mql().call_by == MONDAY + DAY + QUARTER


def test_R3_2_the_next_rep_of_the_team_takes_a_missed_call(firm: Firm, watch: Watch, log: Log) -> None:
    lead = firm.an_mql()
    watch.go(minutes=15)
    log = type(log)()
    assert "take" in allowed_actions([lead], firm.rob, watch.now)[lead.pk]
    row = take(lead, by=firm.rob)
    assert (row.owner, row.handed_at, row.call_by) == (firm.rob, watch.now, watch.now + QUARTER)
    assert row.judge_by == watch.now + DAY
    assert log.verbs() == ["taken", "handed_over"]
    assert [(h.user, h.began, h.ended, h.detail) for h in Holding.objects.filter(lead=lead)] == [
        (firm.rita, "handed_over", "passed_on", "not_called"),
        (firm.rob, "taken", "", ""),
    ]
    assert [n.user for n in Notice.objects.filter(kind="taken_by_next")] == [firm.rita]
    assert not Notice.objects.filter(kind="call_now", user=firm.rob).exists(), "Rob knows"


def test_R3_2_not_before_it_is_missed(firm: Firm, watch: Watch) -> None:
    lead = firm.an_mql()
    watch.to(lead.call_by - TICK)
    assert "take" not in allowed_actions([lead], firm.rob, watch.now)[lead.pk]
    with pytest.raises((Forbidden, Conflict)), nothing_changes():
        take(lead, by=firm.rob)
    watch.to(lead.call_by)
    take(lead, by=firm.rob)


def test_R3_2_not_when_the_call_was_made(firm: Firm, watch: Watch) -> None:
    lead = firm.an_mql()
    watch.go(minutes=5)
    firm.call(lead, "no_answer", by=firm.rita)
    watch.go(minutes=30)
    assert "take" not in allowed_actions([fresh(lead)], firm.rob, watch.now)[lead.pk]
    with refused(TransitionNotAllowed), nothing_changes():
        take(lead, by=firm.rob)


@pytest.mark.parametrize("login", ["rita", "wei", "wang", "mark", "olga", "tina", "max", "pia", "sue", "ada"])
def test_R3_2_only_another_rep_of_the_team_takes_it(firm: Firm, watch: Watch, login: str) -> None:
    lead, by = firm.an_mql(), getattr(firm, login)
    watch.go(hours=1)
    assert "take" not in allowed_actions([lead], by, watch.now)[lead.pk]
    with pytest.raises((Forbidden, Conflict)), nothing_changes():
        take(lead, by=by)


@pytest.mark.parametrize("state", ["new", "waiting", "sql", "converted", "pooled", "invalid"])
def test_R3_2_only_an_mql_is_taken(firm: Firm, watch: Watch, state: str) -> None:
    lead = firm.in_state(state)
    watch.go(days=1)
    with pytest.raises((Forbidden, Conflict)), nothing_changes():
        take(fresh(lead), by=firm.rob)


def test_R3_1_who_is_full_takes_nothing(firm: Firm, watch: Watch) -> None:
    User.objects.filter(login="rob").update(capacity=0)
    lead = firm.an_mql()
    watch.go(hours=1)
    with refused(RuleRefused) as caught, nothing_changes():
        take(lead, by=person(firm.rob))
    assert caught.value.code == "capacity_reached"


def test_R4_3_from_whom_it_was_taken_reads_that_a_colleague_was_faster(firm: Firm, watch: Watch) -> None:
    lead = firm.an_mql()
    watch.go(hours=1)
    take(lead, by=firm.rob)
    assert Lead.objects.actionable_by(firm.rita, watch.now).filter(pk=lead.pk).exists(), "409, not 404"
    for verb in (
        lambda: accept(lead, by=firm.rita),
        lambda: return_mql(lead, reason="no_need", by=firm.rita),
    ):
        with refused(AlreadyClaimed), nothing_changes():
            verb()
    assert accept(lead, by=firm.rob).owner == firm.rob
    watch.go(hours=25)
    assert not Lead.objects.actionable_by(firm.rita, watch.now).filter(pk=lead.pk).exists()


def test_R3_2_unjudged_at_twenty_four_hours_it_goes_to_the_next_rep(
    firm: Firm, watch: Watch, log: Log
) -> None:
    firm.duty("rita", "rob")
    lead = firm.an_mql()
    log = type(log)()
    assert pass_on_unjudged(lead.judge_by - TICK) == 0
    watch.to(lead.judge_by)
    assert pass_on_unjudged(watch.now) == 1
    assert pass_on_unjudged(watch.now) == 0
    row = fresh(lead)
    assert (row.owner, row.judge_by) == (firm.rob, watch.now + DAY)
    assert log.verbs() == ["passed_on", "handed_over"]
    assert Holding.objects.get(lead=lead, user=firm.rita).ended == "passed_on"
    assert [n.user for n in Notice.objects.filter(kind="passed_on")] == [firm.rita]
    assert Notice.objects.filter(kind="call_now", user=firm.rob).exists()
    with refused(AlreadyClaimed), nothing_changes():
        accept(lead, by=firm.rita)


def test_R3_2_when_all_have_passed_it_lies_in_the_teams_queue_and_goes_round_no_more(
    firm: Firm, watch: Watch
) -> None:
    firm.duty("rita", "rob")
    lead = firm.an_mql()
    for _day in range(2):
        watch.go(days=1)
        run_sweeps(watch.now)
    row = fresh(lead)
    assert (row.state, row.owner, row.team, row.judge_by) == (State.MQL, None, firm.east, None)
    assert [n.user for n in Notice.objects.filter(kind="queue_waiting")] == [firm.mark]
    for _day in range(3):
        watch.go(days=1)
        run_sweeps(watch.now)
    assert fresh(lead).owner is None
    firm.duty("rita", "rob", "wei")
    run_sweeps(watch.go(minutes=1))
    assert fresh(lead).owner == firm.wei, "who has not let it pass gets it"


def test_R3_2_what_everybody_let_pass_keeps_nobody_behind_it_waiting(firm: Firm, watch: Watch) -> None:
    firm.duty("rita")
    stuck = firm.an_mql()
    run_sweeps(watch.go(days=1))
    assert fresh(stuck).owner is None
    firm.duty()
    waiting = firm.a_waiting_mql()
    firm.duty("rita")
    assert hand_out_waiting(watch.go(minutes=1), most=1) == 1
    assert (fresh(waiting).owner, fresh(stuck).owner) == (firm.rita, None)


def test_R3_2_a_new_run_goes_round_again(firm: Firm, watch: Watch) -> None:
    firm.duty("rita")
    lead = firm.an_mql()
    return_mql(lead, reason="no_need", by=firm.rita)
    watch.go(days=5)
    firm.call(fresh(lead), "interested")
    assert fresh(lead).owner == firm.rita


def test_R3_2_a_late_sweep_writes_when_it_was_due(firm: Firm, watch: Watch) -> None:
    firm.duty("rita", "rob")
    lead = firm.an_mql()
    watch.go(days=3)
    pass_on_unjudged(watch.now)
    held = Holding.objects.get(lead=lead, user=firm.rita)
    assert held.to_at == lead.judge_by
    assert (fresh(lead).owner, fresh(lead).handed_at) == (firm.rob, watch.now)


def test_R3_2_who_let_it_pass_does_not_take_it_back(firm: Firm, watch: Watch) -> None:
    lead = firm.an_mql()
    watch.go(hours=1)
    taken = take(lead, by=firm.rob)
    watch.go(hours=1)
    assert taken.owner == firm.rob
    assert "take" not in allowed_actions([fresh(taken)], firm.rita, clock.now()).get(lead.pk, [])
    with nothing_changes(), refused(TransitionNotAllowed):
        take(lead, by=firm.rita)
