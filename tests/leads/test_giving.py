"""R6.5: giving a lead back, or to a colleague; R12.2: notes and the next step."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from accounts.models import Notice, User
from core.errors import AlreadyClaimed, Forbidden, RuleRefused, TransitionNotAllowed
from leads.models import Holding, Note
from leads.rules import ReleaseReason, State
from leads.services import add_note, assign, release, set_next_step
from tests.cast import Firm, Watch, fresh
from tests.content import Log, faults, refused


@pytest.mark.parametrize("reason", ReleaseReason.values)
def test_R6_5_given_back_with_a_reason(firm: Firm, watch: Watch, log: Log, reason: str) -> None:
    sql = firm.an_sql()
    log = type(log)()
    watch.go(days=1)
    lead = release(sql, reason=reason, text="words", by=firm.rita)
    assert (lead.state, lead.owner, lead.due_at, lead.pool_reason, lead.pool_detail, lead.claimable) == (
        State.POOLED,
        None,
        None,
        "released",
        reason,
        True,
    )
    (event,) = log.new()
    assert (event.verb, event.by_id, event.from_state, event.to_state) == (
        "released",
        firm.rita.pk,
        "sql",
        "pooled",
    )
    assert event.data == {"reason": "released", "detail": reason, "segment": "some_interest"}
    assert [t.new for t in event.texts.all()] == ["words"]
    held = Holding.objects.get(lead=lead, stage="sql")
    assert (held.ended, held.detail, held.to_at) == ("released", reason, watch.now)


def test_R6_5_not_without_a_reason(firm: Firm, watch: Watch) -> None:
    sql = firm.an_sql()
    for reason, text, fault in [
        ("", "", ("reason", "required")),
        ("expired", "", ("reason", "invalid")),
        ("other", "  ", ("text", "required")),
    ]:
        with refused(RuleRefused, "reason_required") as caught:
            release(sql, reason=reason, text=text, by=firm.rita)
        assert faults(caught) == [fault]


def test_R6_5_a_second_press_is_told_that_it_has_gone(firm: Firm, watch: Watch) -> None:
    sql = firm.an_sql()
    release(sql, reason="no_fit", by=firm.rita)
    with refused(TransitionNotAllowed):
        release(sql, reason="no_fit", by=firm.rita)


def test_R6_5_to_another_rep_the_due_time_and_the_extensions_go_along(
    firm: Firm, watch: Watch, log: Log
) -> None:
    sql = firm.an_sql()
    type(sql).objects.filter(pk=sql.pk).update(extensions_used=1)
    watch.go(days=3)
    log = type(log)()
    lead = assign(sql, rep=firm.wei, by=firm.mark)
    assert (lead.state, lead.owner, lead.team, lead.due_at, lead.extensions_used, lead.accepted_at) == (
        State.SQL,
        firm.wei,
        firm.west,
        sql.due_at,
        1,
        sql.accepted_at,
    )
    (event,) = log.new()
    assert (event.verb, event.by_id, event.data) == (
        "assigned",
        firm.mark.pk,
        {"from": str(firm.rita.pk), "rep": str(firm.wei.pk)},
    )
    was, now = Holding.objects.filter(lead=lead, stage="sql").order_by("from_at")
    assert (was.user, was.ended, was.extensions_used) == (firm.rita, "given", 1)
    assert (now.user, now.began, now.due_at, now.extensions_used, now.to_at) == (
        firm.wei,
        "given",
        sql.due_at,
        1,
        None,
    )
    assert [n.user for n in Notice.objects.filter(kind="given")] == [firm.wei]
    with refused(AlreadyClaimed):
        release(lead, reason="no_fit", by=firm.rita)


def test_R3_1_an_mql_given_to_another_rep_has_a_fresh_time_to_judge(
    firm: Firm, watch: Watch, log: Log
) -> None:
    mql = firm.an_mql()
    watch.go(hours=20)
    lead = assign(mql, rep=firm.rob, by=firm.mark)
    assert (lead.state, lead.owner, lead.judge_by) == (State.MQL, firm.rob, watch.now + timedelta(hours=24))
    assert [(h.user, h.began, h.ended) for h in Holding.objects.filter(lead=lead).order_by("from_at")] == [
        (firm.rita, "handed_over", "given"),
        (firm.rob, "given", ""),
    ]
    event = log.new()[-1]
    assert (event.verb, event.by_id, event.data["from"], event.data["rep"]) == (
        "handed_over",
        firm.mark.pk,
        str(firm.rita.pk),
        str(firm.rob.pk),
    )


def test_R3_1_marketing_hands_out_what_waits(firm: Firm, watch: Watch) -> None:
    lead = assign(firm.a_waiting_mql(), rep=firm.wang, by=firm.max)
    assert (lead.owner, lead.team) == (firm.wang, firm.west)


def test_R3_1_not_to_oneself_again_nor_to_who_is_no_rep_or_has_no_room(firm: Firm, watch: Watch) -> None:
    sql = firm.an_sql()
    User.objects.filter(login="rob").update(capacity=0)
    User.objects.filter(login="wang").update(is_active=False)
    for rep, code, fault in [
        (firm.rita, "invalid", [("rep", "same")]),
        (firm.max, "invalid", [("rep", "not_a_rep")]),
        (firm.wang, "invalid", [("rep", "not_a_rep")]),
        (firm.rob, "capacity_reached", []),
    ]:
        with refused(RuleRefused, code) as caught:
            assign(sql, rep=rep, by=firm.mark)
        assert faults(caught) == fault
    with refused(Forbidden):
        assign(sql, rep=firm.rob, by=firm.max)


@pytest.mark.parametrize("state", ["new", "pooled", "invalid"])
def test_R6_5_only_what_somebody_works_on_is_given(firm: Firm, watch: Watch, state: str) -> None:
    lead = firm.in_state(state)
    with refused(TransitionNotAllowed):
        assign(lead, rep=firm.rob, by=firm.ada)


def test_R15_4_a_note_is_kept_and_touches_the_lead(firm: Firm, watch: Watch, log: Log) -> None:
    sql = firm.an_sql()
    watch.go(hours=2)
    note = add_note(sql, text="  asked for a quote ", by=firm.rita)
    assert (Note.objects.get().text, note.at, fresh(sql).last_touch_at) == (
        "asked for a quote",
        watch.now,
        watch.now,
    )
    event = log.only("noted")
    assert [t.new for t in event.texts.all()] == ["asked for a quote"]
    assert event.data == {"note": str(note.pk)}
    with refused(RuleRefused) as caught:
        add_note(sql, text=" \n", by=firm.rita)
    assert faults(caught) == [("text", "required")]


def test_R12_2_a_next_step_with_a_day(firm: Firm, watch: Watch, log: Log) -> None:
    sql = firm.an_sql()
    lead = set_next_step(sql, text="visit", on=date(2026, 3, 6), by=firm.rita)
    assert (lead.next_step, lead.next_step_on) == ("visit", date(2026, 3, 6))
    assert log.only("next_step").data == {"on": [None, "2026-03-06"]}
    with refused(RuleRefused) as caught:
        set_next_step(sql, text="", on=date(2026, 3, 7), by=firm.rita)
    assert faults(caught) == [("next_step", "required")]
    lead = set_next_step(sql, text="", on=None, by=firm.rita)
    assert (lead.next_step, lead.next_step_on) == ("", None)
