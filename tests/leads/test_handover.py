"""R3: to whom a new MQL goes."""

from __future__ import annotations

from collections import Counter

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Notice, User
from accounts.services import set_duty
from core.errors import RuleRefused
from leads.models import Holding
from leads.rules import Began, State
from leads.services import accept, hand_out_waiting, release
from tests.cast import Firm, Watch, fresh, person
from tests.content import Log, nothing_changes, refused


def interested(firm: Firm) -> User | None:
    return firm.call(firm.capture(), "interested")[1].owner


def test_R3_1_the_round_is_fair(firm: Firm, watch: Watch) -> None:
    owners = []
    for _n in range(12):
        owners.append(interested(firm))
        watch.go(minutes=1)
    assert Counter(owners) == {firm.rita: 3, firm.rob: 3, firm.wei: 3, firm.wang: 3}
    assert owners[:4] == owners[4:8] == owners[8:]


def test_R3_1_the_round_goes_on_within_one_instant(firm: Firm, watch: Watch) -> None:
    assert len({interested(firm) for _n in range(4)}) == 4


def test_R3_1_off_duty_gets_nothing(firm: Firm, watch: Watch) -> None:
    for rep in (firm.rob, firm.wei):
        set_duty(rep, False, by=rep)
    assert {interested(firm) for _n in range(6)} == {firm.rita, firm.wang}


def test_R3_1_who_has_left_gets_nothing(firm: Firm, watch: Watch) -> None:
    User.objects.filter(login__in=["rita", "rob", "wei"]).update(is_active=False)
    assert interested(firm) == firm.wang


def test_R3_1_reps_at_work_now_come_first(firm: Firm, watch: Watch) -> None:
    User.objects.filter(login="wang").update(last_seen_at=timezone.now())
    assert {interested(firm) for _n in range(3)} == {firm.wang}


@pytest.mark.parametrize("kind", ["mql", "sql", "converted"])
def test_R3_1_every_open_record_counts_against_the_capacity(firm: Firm, watch: Watch, kind: str) -> None:
    firm.set_rules(capacity=1)
    firm.in_state(kind, firm.rita)
    firm.duty("rita", "rob")
    assert interested(firm) == firm.rob
    assert interested(firm) is None


def test_R3_1_what_is_closed_or_scheduled_counts_no_more(firm: Firm, watch: Watch) -> None:
    firm.set_rules(capacity=1)
    firm.duty("rita")
    firm.a_signed_order(firm.rita, term_months=12)
    assert interested(firm) == firm.rita


def test_R3_1_a_capacity_of_ones_own_goes_before_the_firms(firm: Firm, watch: Watch) -> None:
    User.objects.filter(login="rita").update(capacity=2)
    User.objects.filter(login="rob").update(capacity=0)
    firm.duty("rita", "rob")
    assert [interested(firm) for _n in range(3)] == [firm.rita, firm.rita, None]


def test_R3_1_no_rep_free_the_mql_waits_and_the_manager_is_told(firm: Firm, watch: Watch, log: Log) -> None:
    User.objects.filter(login="tina").update(team=firm.west)
    firm.duty()
    lead = firm.call(firm.capture(), "interested", by=person(firm.tina))[1]
    assert (lead.state, lead.owner, lead.team, lead.judge_by) == (State.MQL, None, firm.west, None)
    assert not Holding.objects.filter(lead=lead).exists()
    assert [(n.user, n.subject_id) for n in Notice.objects.filter(kind="queue_waiting")] == [
        (firm.olga, lead.pk)
    ]
    assert log.only("handed_over").data == {"rep": None, "team": str(firm.west.pk)}


def test_R3_1_the_queue_goes_to_the_team_with_reps_that_waits_for_least(firm: Firm, watch: Watch) -> None:
    teams = [firm.a_waiting_mql().team for _n in range(4)]
    assert Counter(teams) == {firm.east: 2, firm.west: 2}


def test_R3_1_the_queue_empties_longest_waiting_first_when_there_is_room(
    firm: Firm, watch: Watch, log: Log
) -> None:
    first = firm.a_waiting_mql()
    watch.go(minutes=1)
    second = firm.a_waiting_mql()
    firm.set_rules(capacity=1)
    firm.duty("rob")
    watch.go(minutes=1)
    assert hand_out_waiting(watch.now) == 1
    assert (fresh(first).owner, fresh(second).owner) == (firm.rob, None)
    assert fresh(first).team == firm.east
    assert log.new()[-1].verb == "handed_over"
    with nothing_changes():
        assert hand_out_waiting(watch.now) == 0


def test_R3_2_a_hand_over_is_told_and_has_a_time_to_judge(firm: Firm, watch: Watch, log: Log) -> None:
    firm.duty("rita")
    lead = firm.call(firm.capture(), "interested")[1]
    assert (lead.owner, lead.team, lead.handed_at) == (firm.rita, firm.east, watch.now)
    assert (lead.judge_by - watch.now).total_seconds() == 24 * 3600
    assert (lead.qualified_by, lead.qualified_at) == (firm.tina, watch.now)
    notice = Notice.objects.get(kind="call_now")
    assert (notice.user, notice.subject_id, notice.at) == (firm.rita, lead.pk, watch.now)
    assert log.verbs() == ["captured", "called", "qualified", "handed_over"]
    held = Holding.objects.get(lead=lead)
    assert (held.user, held.stage, held.began, held.from_at, held.to_at, held.due_at) == (
        firm.rita,
        "mql",
        Began.HANDED_OVER,
        watch.now,
        None,
        lead.judge_by,
    )


def both_hats(firm: Firm, login: str = "rita") -> User:
    User.objects.filter(login=login).update(hats=["rep", "telemarketer"])
    return person(firm.people[login])


def test_R3_3_who_wears_both_hats_keeps_the_lead_with_one_key(firm: Firm, watch: Watch, log: Log) -> None:
    rita = both_hats(firm)
    lead = firm.call(firm.capture(), "interested", by=rita)[1]
    assert (lead.state, lead.owner, lead.qualified_by, lead.accepted_at) == (State.SQL, rita, rita, watch.now)
    assert (lead.due_at - watch.now).days == 7
    assert log.verbs() == ["captured", "called", "qualified", "handed_over", "accepted"]
    assert [(h.stage, h.ended) for h in Holding.objects.filter(lead=lead).order_by("stage")] == [
        ("mql", "accepted"),
        ("sql", ""),
    ]


def test_R3_3_with_both_hats_and_no_room_it_goes_to_the_round(firm: Firm, watch: Watch) -> None:
    User.objects.filter(login="rita").update(capacity=0)
    rita = both_hats(firm)
    lead = firm.call(firm.capture(), "interested", by=rita)[1]
    assert lead.state == State.MQL
    assert lead.owner in (firm.rob, firm.wei, firm.wang)


def test_R3_3_a_telemarketer_does_not_accept_what_was_handed_to_another(firm: Firm, watch: Watch) -> None:
    rita = both_hats(firm)
    lead = firm.call(firm.capture(), "interested", by=rita, rep=firm.rob)[1]
    assert (lead.state, lead.owner) == (State.MQL, firm.rob)


@pytest.mark.parametrize("named", [False, True])
def test_R10_3_with_both_hats_a_call_is_no_way_around_the_cool_down(
    firm: Firm, watch: Watch, named: bool
) -> None:
    rita = both_hats(firm)
    lead = firm.pooled("expired")
    if named:
        with refused(RuleRefused, "claim_cooldown"), nothing_changes():
            firm.call(lead, "interested", by=rita, rep=rita)
        return
    row = firm.call(lead, "interested", by=rita)[1]
    assert row.state == State.MQL and row.owner in (firm.rob, firm.wei, firm.wang)
    other = firm.call(firm.pooled("expired", rep=firm.wei), "interested", by=rita)[1]
    assert (other.state, other.owner) == (State.SQL, rita)


def test_R3_1_where_a_queue_has_no_manager_the_administrators_are_told(firm: Firm, watch: Watch) -> None:
    User.objects.filter(hats__contains=["manager"]).update(is_active=False)
    one = firm.a_waiting_mql()
    User.objects.filter(hats__contains=["rep"]).update(hats=["success"])
    other = firm.a_waiting_mql()
    assert (fresh(one).team is None, fresh(other).team) == (False, None)
    told = Notice.objects.filter(kind="queue_waiting")
    assert {(n.user, n.subject_id) for n in told} == {(firm.ada, one.pk), (firm.ada, other.pk)}


def test_R3_1_a_long_queue_is_not_asked_through_when_nobody_has_room(firm: Firm, watch: Watch) -> None:
    for _n in range(12):
        firm.a_waiting_mql()
    firm.duty("rob")
    User.objects.filter(login="rob").update(capacity=1)
    watch.go(minutes=1)
    with CaptureQueriesContext(connection) as asked:
        assert hand_out_waiting(watch.now) == 1
    assert len(asked) < 60


def test_R3_1_a_freed_place_is_filled_by_the_next_sweep(firm: Firm, watch: Watch) -> None:
    firm.set_rules(capacity=1)
    held = firm.an_sql(firm.rita)
    waiting = firm.a_waiting_mql()
    firm.duty("rita")
    assert hand_out_waiting(watch.now) == 0
    release(held, reason="no_fit", by=firm.rita)
    assert hand_out_waiting(watch.now) == 1
    assert accept(fresh(waiting), by=firm.rita).state == State.SQL
