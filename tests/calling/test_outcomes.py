"""R2.1, R2.3, R2.5: what each outcome does to a lead in each state."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from calling.models import Call
from calling.rules import Outcome
from contacts.services import update_contact
from core import clock
from core.errors import Forbidden, RuleRefused, TransitionNotAllowed, TrunkError
from leads.models import Holding
from leads.rules import Segment, State
from tests.cast import Firm, Watch, a_phone, fresh
from tests.content import Log, faults, nothing_changes, refused

STATES = ["new", "mql", "waiting", "sql", "converted", "pooled", "invalid"]
# What becomes of a lead with one number: state, or state and reason in the pool. None: stays where it is.
SAME = None
TABLE: dict[str, dict[str, Any]] = {
    "interested": {"new": "mql", "pooled": "mql"},
    "call_back": {"pooled": "new"},
    "no_answer": {},
    "empty_number": dict.fromkeys(["new", "mql", "waiting", "sql", "pooled"], "invalid"),
    "wrong_number": dict.fromkeys(["new", "mql", "waiting", "sql", "pooled"], "invalid"),
    "no_need": {"new": ("pooled", "no_need")},
    "refused": dict.fromkeys(["new", "mql", "waiting", "sql"], ("pooled", "refused")),
}


def details(outcome: str, watch: Watch) -> dict[str, Any]:
    return {"call_back_at": watch.now + timedelta(days=1)} if outcome == "call_back" else {}


@pytest.mark.parametrize("state", [s for s in STATES if s != "invalid"])
@pytest.mark.parametrize("outcome", Outcome.values)
def test_R2_3_outcome_by_state(firm: Firm, watch: Watch, log: Log, outcome: str, state: str) -> None:
    lead = fresh(firm.in_state(state))
    log = type(log)()
    caller = firm.rita if state in ("mql", "sql", "converted") else firm.tina
    watch.go(minutes=5)
    call, after = firm.call(lead, outcome, by=caller, **details(outcome, watch))
    expected = TABLE[outcome].get(state, SAME)
    if expected is SAME:
        assert (after.state, after.owner_id, after.due_at) == (lead.state, lead.owner_id, lead.due_at)
    else:
        want = expected if isinstance(expected, tuple) else (expected, "")
        assert (after.state, after.pool_reason) == want
    assert fresh(after).state == after.state
    called = log.only("called")
    assert (called.by_id, called.from_state, called.data["outcome"]) == (caller.pk, lead.state, outcome)
    assert (call.state_before, call.run, call.at) == (lead.state, lead.run, watch.now)
    assert after.last_touch_at == watch.now


@pytest.mark.parametrize("outcome", Outcome.values)
def test_R2_3_nobody_calls_an_invalid_lead(firm: Firm, watch: Watch, outcome: str) -> None:
    lead = firm.an_invalid()
    for login in ("tina", "rita", "max"):
        with nothing_changes(), pytest.raises((Forbidden, TransitionNotAllowed)):
            firm.call(lead, outcome, by=firm.people[login], **details(outcome, watch))


CALLERS = {
    "new": {"tina", "theo", "max"},  # Max captured it
    "mql": {"tina", "theo", "rita", "mark", "ada"},
    "waiting": {"tina", "theo", "ada"},
    "sql": {"tina", "theo", "rita", "mark", "ada"},
    "converted": {"tina", "theo", "rita", "mark", "ada"},
    "pooled": {"tina", "theo", "max"},
}


@pytest.mark.parametrize("state", CALLERS)
def test_R15_1_who_may_log_a_conversation(firm: Firm, watch: Watch, state: str) -> None:
    lead = firm.in_state(state)
    may = set(CALLERS[state])
    if state == "waiting":
        may.add("mark" if lead.team == firm.east else "olga")
    with nothing_changes():
        for person in firm.people.values():
            if person.login not in may:
                with pytest.raises(TrunkError) as caught:
                    firm.call(lead, "no_answer", by=person)
                assert caught.value.status in (403, 409)
    for login in sorted(may):
        with transaction.atomic():
            assert firm.call(lead, "no_answer", by=firm.people[login])[0].by.login == login
            transaction.set_rollback(True)


def test_R2_3_who_captured_a_lead_may_talk_to_it(firm: Firm, watch: Watch) -> None:
    lead = firm.capture(by=firm.rob)
    assert firm.call(lead, "interested", by=firm.rob, rep=firm.rita)[1].owner == firm.rita
    other = firm.capture(by=firm.rob)
    with refused(Forbidden):
        firm.call(other, "interested", by=firm.ada)


def test_R2_1_three_calls_in_a_row_without_an_answer(firm: Firm, watch: Watch, log: Log) -> None:
    lead = firm.capture()
    states = [firm.call(lead, "no_answer")[1].state for _n in range(3)]
    assert states == ["new", "new", "pooled"]
    after = fresh(lead)
    assert (after.pool_reason, after.pool_segment, after.claimable) == (
        "unreachable",
        Segment.LONG_INACTIVE,
        False,
    )
    event = log.only("pooled")
    assert (event.from_state, event.to_state, event.by_id) == ("new", "pooled", firm.tina.pk)
    assert event.data == {"reason": "unreachable", "detail": "", "segment": "long_inactive"}


@pytest.mark.parametrize("answered", ["call_back"])
def test_R2_3_any_answered_call_sets_the_count_to_zero(firm: Firm, watch: Watch, answered: str) -> None:
    lead = firm.capture()
    for outcome in ("no_answer", "no_answer", answered, "no_answer", "no_answer"):
        lead = firm.call(lead, outcome, **details(outcome, watch))[1]
    assert (lead.state, lead.no_answer_streak) == (State.NEW, 2)
    assert firm.call(lead, "no_answer")[1].state == State.POOLED


def test_R2_1_the_number_of_calls_is_the_rulebooks(firm: Firm, watch: Watch) -> None:
    firm.set_rules(no_answer_most=1)
    assert firm.call(firm.capture(), "no_answer")[1].state == State.POOLED


def test_R2_1_another_living_number_is_dialled_before_the_lead_goes(firm: Firm, watch: Watch) -> None:
    lead = firm.capture(phone="13800138000")
    update_contact(lead.contact, by=firm.max, points={"phone": "13900139000"})
    for _n in range(3):
        lead = firm.call(lead, "no_answer")[1]
    assert lead.state == State.NEW
    assert lead.contact.points.get(first_choice=True).value == "+8613800138000"
    for _n in range(3):
        lead = firm.call(lead, "no_answer")[1]
    assert (lead.state, lead.pool_reason) == (State.POOLED, "unreachable")


def test_R2_1_calls_are_counted_per_number(firm: Firm, watch: Watch) -> None:
    lead = firm.capture(phone="13800138000")
    update_contact(lead.contact, by=firm.max, points={"phone": "13900139000"})
    for phone in ("13800138000", "13900139000", "13800138000", "13900139000"):
        lead = firm.call(lead, "no_answer", phone=phone)[1]
    assert lead.state == State.NEW
    assert set(lead.contact.points.values_list("no_answer_streak", flat=True)) == {2}


@pytest.mark.parametrize("outcome", ["empty_number", "wrong_number"])
def test_R2_3_a_dead_number_with_another_way_goes_to_the_pool(
    firm: Firm, watch: Watch, log: Log, outcome: str
) -> None:
    lead = firm.capture(phone=a_phone(), email="li@example.com")
    call, after = firm.call(lead, outcome)
    assert (after.state, after.pool_reason, after.pool_segment) == (
        "pooled",
        "dead_number",
        Segment.LONG_INACTIVE,
    )
    point = after.contact.points.get(kind="phone")
    assert (point.dead_reason, point.dead_at, point.first_choice) == (outcome, watch.now, False)
    assert call.point_id == point.pk
    assert log.only("number_dead").data == {"reason": outcome}


def test_R2_3_a_dead_number_is_never_used_again(firm: Firm, watch: Watch) -> None:
    lead = firm.capture(phone="13800138000")
    update_contact(lead.contact, by=firm.max, points={"phone": "13900139000"})
    call, lead = firm.call(lead, "empty_number")
    assert (call.point.value, lead.state) == ("+8613900139000", State.NEW)
    call, lead = firm.call(lead, "no_answer")
    assert call.point.value == "+8613800138000"


def test_R2_3_a_dead_number_leaves_mql_and_sql_that_have_another_way(firm: Firm, watch: Watch) -> None:
    lead = firm.an_sql(lead=firm.capture(phone=a_phone(), email="li@example.com"))
    assert firm.call(lead, "wrong_number", by=firm.rita)[1].state == State.SQL
    assert firm.call(lead, "wrong_number", by=firm.rita, channel="email")[1].state == State.INVALID
    assert Holding.objects.get(lead=lead, stage="sql").ended == "invalid"


def test_R2_3_refused_means_no_phone_for_180_days(firm: Firm, watch: Watch) -> None:
    lead = firm.call(firm.an_sql(), "refused", by=firm.rita)[1]
    contact = fresh(lead.contact)
    assert (contact.no_phone_until - watch.now).days == 180
    assert contact.do_not_call is False
    assert (lead.pool_segment, lead.claimable, lead.owner) == (Segment.NOT_NOW, True, None)
    assert Holding.objects.get(lead=lead, stage="sql").ended == "refused"


def test_R11_2_do_not_call_is_for_who_asks(firm: Firm, watch: Watch, log: Log) -> None:
    lead = firm.call(firm.capture(), "refused", do_not_call=True)[1]
    assert fresh(lead.contact).do_not_call is True
    assert log.verbs().count("opted_out") == 1
    converted = firm.in_state("converted")
    after = firm.call(converted, "refused", by=firm.rita, do_not_call=True)[1]
    assert (after.state, fresh(after.contact).do_not_call) == (State.CONVERTED, True)


def test_R2_3_no_need_takes_one_key_and_a_word_if_one_likes(firm: Firm, watch: Watch) -> None:
    lead = firm.call(firm.capture(), "no_need")[1]
    assert (lead.pool_reason, lead.pool_detail, lead.pool_segment) == ("no_need", "", Segment.NOT_NOW)
    lead = firm.call(firm.capture(), "no_need", reason="too_expensive")[1]
    assert lead.pool_detail == "too_expensive"


def test_R2_3_a_call_back_keeps_its_time(firm: Firm, watch: Watch) -> None:
    when = watch.now + timedelta(hours=3)
    call, lead = firm.call(firm.capture(), "call_back", call_back_at=when)
    assert (call.call_back_at, lead.call_back_at) == (when, when)
    assert firm.call(lead, "no_need")[1].call_back_at is None


def test_R2_3_everything_of_a_conversation_is_kept(firm: Firm, watch: Watch, log: Log) -> None:
    lead = firm.capture(email="li@example.com")
    call, _lead = firm.call(lead, "no_need", channel="email", step=2, duration=95, note="maybe in May")
    kept = Call.objects.get(pk=call.pk)
    assert (kept.channel, kept.step, kept.duration, kept.note, kept.point.value) == (
        "email",
        2,
        95,
        "maybe in May",
        "li@example.com",
    )
    event = log.only("called")
    assert event.data["duration"] == 95
    assert "maybe" not in str(event.data)
    assert [t.new for t in event.texts.all()] == ["maybe in May"]


WRONG: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
    ({"outcome": ""}, [("outcome", "required")]),
    ({"outcome": "happy"}, [("outcome", "invalid")]),
    ({"outcome": "no_need", "channel": "smoke"}, [("channel", "invalid")]),
    ({"outcome": "no_need", "step": 0}, [("step", "out_of_range")]),
    ({"outcome": "no_need", "step": 4}, [("step", "out_of_range")]),
    ({"outcome": "no_need", "duration": -1}, [("duration", "out_of_range")]),
    ({"outcome": "no_need", "duration": 86_401}, [("duration", "out_of_range")]),
    ({"outcome": "call_back"}, [("call_back_at", "required")]),
    ({"outcome": "no_need", "reason": "ugly"}, [("reason", "invalid")]),
    ({"outcome": "no_need", "phone": "12"}, [("phone", "not_a_phone")]),
    ({"outcome": "no_need", "phone": "13700000000"}, [("phone", "unknown")]),
    ({"outcome": "no_answer", "channel": "wechat"}, [("channel", "no_point")]),
    ({"outcome": "empty_number", "channel": "email"}, [("channel", "no_point")]),
    ({"outcome": "call_back", "step": 9, "duration": -5, "reason": "x"},
     [("step", "out_of_range"), ("duration", "out_of_range"), ("call_back_at", "required"), ("reason", "invalid")]),
]  # fmt: skip


@pytest.mark.parametrize(("values", "errors"), WRONG, ids=[str(w) for w, _e in WRONG])
def test_R2_3_what_is_wrong_with_a_conversation(
    firm: Firm, watch: Watch, values: dict[str, Any], errors: list[tuple[str, str]]
) -> None:
    lead = firm.capture()
    with refused(RuleRefused) as caught:
        firm.call(lead, values["outcome"], **{k: v for k, v in values.items() if k != "outcome"})
    assert faults(caught) == errors


def test_R2_3_a_call_back_lies_in_the_future(firm: Firm, watch: Watch) -> None:
    lead = firm.capture()
    with refused(RuleRefused) as caught:
        firm.call(lead, "call_back", call_back_at=watch.now - timedelta(hours=1))
    assert faults(caught) == [("call_back_at", "past")]


def test_R3_1_a_named_rep_must_be_one_and_have_room(firm: Firm, watch: Watch) -> None:
    lead = firm.capture()
    with refused(RuleRefused) as caught:
        firm.call(lead, "interested", rep=firm.max)
    assert faults(caught) == [("rep", "not_a_rep")]
    firm.set_rules(capacity=1)
    firm.an_mql(firm.rita)
    with refused(RuleRefused, "capacity_reached"):
        firm.call(lead, "interested", rep=firm.rita)


def test_R10_6_interested_in_the_pool_goes_straight_to_a_rep(firm: Firm, watch: Watch, log: Log) -> None:
    lead = firm.pooled("no_need")
    log = type(log)()
    after = firm.call(lead, "interested", rep=firm.rob)[1]
    assert (after.state, after.owner, after.run, after.back_at) == (State.MQL, firm.rob, 2, watch.now)
    assert log.verbs() == ["called", "reactivated", "qualified", "handed_over"]


def test_R10_2_an_answered_call_in_the_pool_moves_by_its_outcome(firm: Firm, watch: Watch) -> None:
    lead = firm.pooled("released")
    type(lead).objects.filter(pk=lead.pk).update(silent_touches=4)
    after = firm.call(lead, "no_need")[1]
    assert (after.state, after.pool_segment, after.silent_touches) == (State.POOLED, Segment.NOT_NOW, 0)
    expired = firm.pooled("expired")
    watch.go(days=8)
    after = firm.call(expired, "refused")[1]
    assert (after.state, after.pool_segment) == (State.POOLED, Segment.NOT_NOW)


def test_R2_1_a_dead_address_leaves_a_lead_with_a_living_phone_at_the_desk(firm: Firm, watch: Watch) -> None:
    lead = firm.capture(phone=a_phone(), email="gone@example.com")
    firm.call(lead, "wrong_number", channel="email")
    assert fresh(lead).state == "new"
    assert not fresh(lead).contact.points.filter(kind="email", dead_at=None).exists()


def test_R2_3_a_call_back_lies_within_a_year(firm: Firm, watch: Watch) -> None:
    lead = firm.capture(phone=a_phone())
    with nothing_changes(), refused(RuleRefused) as caught:
        firm.call(lead, "call_back", call_back_at=clock.now() + timedelta(days=400))
    assert [e.field for e in caught.value.errors] == ["call_back_at"]
