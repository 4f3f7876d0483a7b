"""R10.1, R10.10: the reason picks the segment, the segment the cadence; who gets what when, by rows that anybody may
change."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.errors import RuleRefused
from core.models import Event
from leads import services as trunk
from leads.models import Lead
from leads.rules import Segment, State
from outreach.models import Message, Template, Touch
from outreach.services import settling
from outreach.services.messages import retry as again
from pool import handing
from pool.cadence.editing import stop_cadence
from pool.cadence.facts import plan_of
from pool.models import Cadence, Entry
from pool.services import claim
from tests.cast import MONDAY, Firm, Watch, fresh
from tests.content import nothing_changes
from tests.pages import browser, words
from tests.pool.cadence_stage import (
    DAY,
    cadence_of,
    contact_of,
    entry_of,
    leave,
    no_need,
    rested,
    sweep,
    ways,
    written,
)

pytestmark = pytest.mark.django_db

STEPS = {
    "not_now": ([30, 7, 7], 1, ""),
    "some_interest": ([0, 14, 14, 14], 2, ""),
    "long_inactive": ([60], 1, ""),
    "dormant": ([180, 180, 365], 3, ""),
    "third_party": ([0, 4, 5, 5], None, "long_inactive"),
}


def test_R10_1_five_cadences_are_shipped_as_rows() -> None:
    assert set(STEPS) == set(Segment.values)
    for segment, (days, repeat_from, then_segment) in STEPS.items():
        plan = plan_of(cadence_of(segment))
        assert plan is not None
        assert [step.wait / DAY for step in plan.steps] == days
        assert (plan.repeat_from, plan.then_segment) == (repeat_from, then_segment)
        for step in plan.steps:
            assert step.ways
            for way in step.ways:
                assert Template.objects.get(pk=way.template_id).channel == way.channel


def test_R10_1_not_now_gets_an_sms_an_email_and_an_invitation_and_again(firm: Firm, watch: Watch) -> None:
    lead = no_need(firm)
    for _minute in range(2):
        sweep(watch.now)
    entry = entry_of(lead)
    assert (entry.segment, entry.started_at, entry.due_at, entry.run) == (
        "not_now", lead.pooled_at, lead.pooled_at + 30 * DAY, 1,
    )  # fmt: skip
    times = []
    for day in (1, 29, 30, 31, 36, 37, 43, 44, 45, 73, 74):
        at = watch.to(MONDAY + day * DAY)
        if sweep(at)["written"]:
            times.append(day)
            leave(at)
    assert times == [30, 37, 44, 74]
    assert written(lead) == [
        ("sms", "not_now_sms"), ("email", "not_now_email"), ("email", "not_now_live"), ("sms", "not_now_sms"),
    ]  # fmt: skip
    entry.refresh_from_db()
    assert (entry.round, entry.position, entry.touches) == (2, 2, 4)
    assert (entry.due_at, entry.last_touch_at) == (MONDAY + 81 * DAY, MONDAY + 74 * DAY)
    assert fresh(lead).silent_touches == 4
    names = Message.objects.order_by("pk").values_list("once", flat=True)
    assert list(names)[:2] == [f"{entry.pk}:1:{key}" for key in _keys("not_now")[:2]]


def _keys(segment: str) -> list[str]:
    plan = plan_of(cadence_of(segment))
    assert plan is not None
    return [str(step.key) for step in plan.steps]


def test_R10_1_it_is_due_to_the_minute_and_not_before(firm: Firm, watch: Watch) -> None:
    no_need(firm)
    assert sweep(watch.to(MONDAY + 30 * DAY - timedelta(seconds=1)))["written"] == 0
    assert sweep(watch.to(MONDAY + 30 * DAY))["written"] == 1


def test_R10_1_some_interest_is_invited_at_once_by_the_first_way_that_there_is(
    firm: Firm, watch: Watch
) -> None:
    by_wechat, by_mail, by_phone = (
        rested(trunk.release(firm.an_sql(lead=firm.capture(**ways(*kinds))), reason="no_time", by=firm.rita))
        for kinds in [("phone", "wechat"), ("phone", "email"), ("phone",)]
    )
    sweep(watch.now)
    assert written(by_wechat) == [("wechat", "interest_wechat")]
    assert written(by_mail) == [("email", "not_now_live")]
    assert written(by_phone) == [("sms", "inactive_sms")]
    task = Message.objects.get(contact=by_wechat.contact)
    assert (task.state, task.to, task.function) == (
        "to_do",
        by_wechat.contact.points.get(kind="wechat").value,
        "cadence",
    )
    assert (task.source_id, task.about_id) == (cadence_of("some_interest").pk, entry_of(by_wechat).pk)
    assert entry_of(by_wechat).due_at == MONDAY + 14 * DAY


def test_R10_1_third_party_in_rhythm_within_fourteen_days_then_long_inactive(
    firm: Firm, watch: Watch
) -> None:
    lead = firm.capture(medium="third_party_list", **ways())
    times = []
    for day in range(16):
        at = watch.to(MONDAY + day * DAY)
        if sweep(at)["written"]:
            times.append(day)
            leave(at)
    assert times == [0, 4, 9, 14]
    assert [channel for channel, _code in written(lead)] == ["sms", "email", "call", "sms"]
    lead = fresh(lead)
    assert (lead.state, lead.pool_segment, lead.silent_touches) == (State.POOLED, "long_inactive", 4)
    old, new = Entry.objects.order_by("started_at")
    assert (old.state, old.ended_why, old.ended_at, old.touches) == ("ended", "moved", MONDAY + 14 * DAY, 4)
    assert (new.segment, new.started_at, new.due_at) == (
        "long_inactive",
        MONDAY + 14 * DAY,
        MONDAY + 74 * DAY,
    )
    event = Event.objects.get(verb="segment_changed")
    assert (event.at, event.way, event.data) == (
        MONDAY + 14 * DAY, "rule", {"from": "third_party", "to": "long_inactive", "why": "finished"},
    )  # fmt: skip
    # Its last message belongs to it: it was not withdrawn.
    assert not Message.objects.exclude(state="sent").exists()


def test_R4_2_a_returned_mql_begins_when_marketings_days_are_over(firm: Firm, watch: Watch) -> None:
    lead = trunk.return_mql(firm.an_mql(lead=firm.capture(**ways())), reason="duplicate", by=firm.rita)
    desk = lead.next_touch_at
    assert desk == MONDAY + 3 * DAY
    assert sweep(watch.to(desk - timedelta(seconds=1)))["begun"] == 0
    assert sweep(watch.to(desk))["begun"] == 1
    entry = entry_of(lead)
    assert (entry.started_at, entry.due_at) == (desk, desk + 60 * DAY)


def test_R4_2_left_to_the_cadence_it_begins_at_once(firm: Firm, watch: Watch) -> None:
    lead = firm.pooled("returned")
    watch.go(hours=5)
    handing.let_cadence(lead, by=firm.max)
    sweep(watch.go(hours=1))
    assert entry_of(lead).started_at == MONDAY + timedelta(hours=5)


def test_Q5_a_late_sweep_begins_at_the_same_times(firm: Firm, watch: Watch) -> None:
    at_once, later = no_need(firm), firm.pooled("returned")
    sweep(watch.to(MONDAY + 20 * DAY))
    assert (entry_of(at_once).started_at, entry_of(at_once).due_at) == (MONDAY, MONDAY + 30 * DAY)
    assert (entry_of(later).started_at, entry_of(later).due_at) == (MONDAY + 3 * DAY, MONDAY + 33 * DAY)


def test_R10_10_an_outage_of_weeks_makes_no_burst(firm: Firm, watch: Watch) -> None:
    lead = no_need(firm)
    at = watch.to(MONDAY + 50 * DAY)
    assert sweep(at)["written"] == 1
    leave(at)
    assert entry_of(lead).due_at == at + 7 * DAY
    for hours in (0, 1, 24, 7 * 24 - 1):
        assert sweep(watch.to(at + timedelta(hours=hours)))["written"] == 0


def test_R10_1_a_sweep_that_is_two_days_late_keeps_the_rhythm(firm: Firm, watch: Watch) -> None:
    lead = no_need(firm)
    assert sweep(watch.to(MONDAY + 32 * DAY))["written"] == 1
    assert entry_of(lead).due_at == MONDAY + 37 * DAY


def test_R10_1_who_cannot_be_reached_by_any_way_is_passed_over_in_the_rhythm(
    firm: Firm, watch: Watch
) -> None:
    lead = no_need(firm)
    contact_of(lead, do_not_email=True)
    leave(sweep_to(watch, 30))
    # The e-mail is passed over, the invitation goes by its second way.
    sweep_to(watch, 37)
    entry = entry_of(lead)
    assert (entry.held, entry.position, entry.due_at) == ("do_not_email", 3, MONDAY + 44 * DAY)
    sweep_to(watch, 44)
    assert written(lead) == [("sms", "not_now_sms"), ("sms", "not_now_sms")]
    assert entry_of(lead).held == ""


def sweep_to(watch: Watch, day: float):  # type: ignore[no-untyped-def]
    at = watch.to(MONDAY + day * DAY)
    sweep(at)
    return at


def test_Q5_what_is_passed_over_late_has_the_times_of_a_punctual_sweep(firm: Firm, watch: Watch) -> None:
    lead = no_need(firm, "phone")
    contact_of(lead, do_not_sms=True)
    sweep_to(watch, 60)
    assert (entry_of(lead).round, entry_of(lead).position) == (2, 1)
    assert entry_of(lead).due_at == MONDAY + 74 * DAY
    assert not Message.objects.exists()


def test_R11_3_a_step_waits_for_the_morning_where_the_person_is(firm: Firm, watch: Watch) -> None:
    lead = no_need(firm)
    contact_of(lead, timezone="America/New_York")  # nine in Shanghai is 20:00 or 21:00 there
    at = watch.to(MONDAY + 30 * DAY)
    assert sweep(at)["written"] == 0
    entry = entry_of(lead)
    assert (entry.held, entry.due_at) == ("quiet", at + timedelta(hours=12))
    assert entry.position == 1
    assert sweep(watch.to(entry.due_at))["written"] == 1
    assert entry_of(lead).due_at == at + timedelta(days=7, hours=12)


def test_R11_3_a_step_waits_for_the_cap_of_all_functions(firm: Firm, watch: Watch) -> None:
    lead = no_need(firm)
    at = watch.to(MONDAY + 30 * DAY)
    for days in (6, 2):
        Touch.objects.create(
            contact_id=lead.contact_id, at=at - days * DAY, channel="email", function="sales", done=True
        )
    assert sweep(at)["written"] == 0
    assert (entry_of(lead).held, entry_of(lead).due_at) == ("cap_week", at + DAY)
    assert sweep(watch.to(at + DAY))["written"] == 1


def test_R11_2_an_erased_or_refusing_person_gets_nothing(firm: Firm, watch: Watch) -> None:
    lead = no_need(firm)
    contact_of(lead, do_not_sms=True, do_not_email=True, do_not_call=True)
    for day in (0, 30, 37, 44, 74):
        sweep_to(watch, day)
    assert not Message.objects.exists()


def test_R10_1_a_template_without_a_text_is_no_way(firm: Firm, watch: Watch) -> None:
    lead = no_need(firm)
    Template.objects.get(code="not_now_sms").texts.all().delete()
    sweep_to(watch, 30)
    assert written(lead) == [("email", "not_now_email")]


def test_R10_5_leaving_the_pool_ends_it_and_withdraws_what_was_not_sent(firm: Firm, watch: Watch) -> None:
    lead = rested(firm.pooled("released"))
    sweep(watch.now)
    entry, message = entry_of(lead), Message.objects.get()
    assert Touch.objects.filter(message=message).exists()
    watch.go(minutes=5)
    claim(lead, by=firm.wei)
    entry.refresh_from_db()
    message.refresh_from_db()
    assert (entry.state, entry.ended_why, entry.ended_at, entry.back_as) == (
        "ended",
        "left_pool",
        watch.now,
        "sql",
    )
    assert (message.state, Touch.objects.filter(message=message).exists()) == ("recalled", False)
    assert sweep(watch.go(days=20))["written"] == 0


def test_R10_5_what_has_left_is_not_withdrawn(firm: Firm, watch: Watch) -> None:
    lead = rested(firm.pooled("released"))
    leave(sweep_to(watch, 0))
    claim(lead, by=firm.wei)
    assert Message.objects.get().state == "sent"
    assert Touch.objects.filter(done=True, message__isnull=False).count() == 1


def test_R10_5_what_a_sender_put_back_is_withdrawn_by_the_next_sweep(firm: Firm, watch: Watch) -> None:
    lead = rested(firm.pooled("released"))
    sweep(watch.now)
    claim(lead, by=firm.wei)
    Message.objects.update(state="queued", held="quiet", due_at=watch.now + DAY)
    sweep(watch.go(minutes=1))
    assert Message.objects.get().state == "recalled"


@pytest.mark.parametrize("over", ["claimed", "stopped"])
def test_R10_5_what_failed_is_not_sent_again_once_the_cadence_is_over(
    firm: Firm, watch: Watch, over: str
) -> None:
    lead = rested(firm.pooled("released"))
    sweep(watch.now)
    message = Message.objects.get()
    settling.failed(_taken(message, watch), "no")
    again(message, by=firm.max)
    settling.failed(_taken(message, watch), "no")
    if over == "claimed":
        claim(lead, by=firm.wei)
    else:
        stop_cadence(cadence_of("some_interest"), by=firm.max)
    with nothing_changes(), pytest.raises(RuleRefused) as refused:
        again(message, by=firm.max)
    assert refused.value.code == "left_pool"


def _taken(message: Message, watch: Watch) -> Message:
    """A worker has it."""
    Message.objects.filter(pk=message.pk).update(state="sending", taken_at=watch.now, tries=1)
    Touch.objects.filter(message=message).update(done=True, at=watch.now)
    return fresh(message)


def test_R10_1_who_comes_back_begins_again_in_another_run(firm: Firm, watch: Watch) -> None:
    lead = firm.pooled("released")
    sweep(watch.now)
    lead = trunk.release(claim(lead, by=firm.wei), reason="no_fit", by=firm.wei)
    sweep(watch.go(days=1))
    assert list(Entry.objects.order_by("started_at", "pk").values_list("run", "state", "back_as")) == [
        (1, "ended", "sql"), (2, "running", ""),
    ]  # fmt: skip


def test_R10_1_five_touches_without_a_reaction_make_dormant(firm: Firm, watch: Watch) -> None:
    lead = no_need(firm)
    sweep(watch.now)
    for _step in range(9):
        assert sweep(watch.to(entry_of(lead).due_at))["written"] == 1
        leave(watch.now)
    sent = Touch.objects.filter(message__isnull=False).order_by("at")
    touched = [round((at - MONDAY) / DAY) for at in sent.values_list("at", flat=True)]
    assert touched == [30, 37, 44, 74, 81, 261, 441, 806, 1171]
    entry = entry_of(lead)
    assert (entry.segment, entry.from_segment, entry.started_at) == ("dormant", "not_now", MONDAY + 81 * DAY)
    event = Event.objects.get(verb="segment_changed")
    assert (event.at, event.data["why"]) == (MONDAY + 81 * DAY, "silent")
    assert fresh(lead).silent_touches == 9


def test_R10_1_the_number_of_silent_touches_is_a_rule(firm: Firm, watch: Watch) -> None:
    firm.set_rules(dormant_after=1)
    lead = no_need(firm)
    leave(sweep_to(watch, 30))
    assert fresh(lead).pool_segment == "dormant"


def test_R10_1_ninety_days_without_a_reaction_make_long_inactive(firm: Firm, watch: Watch) -> None:
    lead = no_need(firm)
    contact_of(lead, do_not_sms=True, do_not_email=True)
    sweep(watch.to(MONDAY + 90 * DAY - timedelta(seconds=1)))
    assert fresh(lead).pool_segment == "not_now"
    sweep(watch.to(MONDAY + 95 * DAY))  # late: the times are those of a punctual sweep
    assert fresh(lead).pool_segment == "long_inactive"
    assert (entry_of(lead).started_at, entry_of(lead).due_at) == (MONDAY + 90 * DAY, MONDAY + 150 * DAY)
    assert Event.objects.get(verb="segment_changed").at == MONDAY + 90 * DAY


def test_R10_1_whom_no_cadence_reaches_grows_inactive_all_the_same(firm: Firm, watch: Watch) -> None:
    lead = no_need(firm)
    sweep_to(watch, 1)
    Entry.objects.update(reacted_at=MONDAY + 5 * DAY)
    stop_cadence(Cadence.objects.get(segment="not_now"), by=firm.max)
    late = no_need(firm)  # comes while it is stopped: no entry at all
    sweep(watch.to(MONDAY + 95 * DAY - timedelta(seconds=1)))
    assert fresh(lead).pool_segment == "not_now"
    sweep(watch.to(MONDAY + 97 * DAY))
    assert fresh(lead).pool_segment == fresh(late).pool_segment == "long_inactive"
    events = Event.objects.filter(verb="segment_changed").order_by("at").values_list("subject_id", "at")
    assert list(events) == [(late.pk, late.pooled_at + 90 * DAY), (lead.pk, MONDAY + 95 * DAY)]
    assert entry_of(lead).started_at == MONDAY + 95 * DAY, "and is in a cadence again"


def test_R10_1_the_ninety_days_count_from_the_latest_reaction(firm: Firm, watch: Watch) -> None:
    lead = no_need(firm)
    contact_of(lead, do_not_sms=True, do_not_email=True)
    sweep_to(watch, 1)
    Entry.objects.update(reacted_at=MONDAY + 50 * DAY)
    sweep_to(watch, 139)
    assert fresh(lead).pool_segment == "not_now"
    sweep_to(watch, 140)
    assert fresh(lead).pool_segment == "long_inactive"


def test_R2_3_an_answered_call_moves_by_its_outcome_and_the_cadence_with_it(firm: Firm, watch: Watch) -> None:
    lead = rested(firm.pooled("released"))
    sweep(watch.now)
    Lead.objects.update(silent_touches=3)
    firm.call(lead, "no_need", by=firm.max)
    lead = fresh(lead)
    assert (lead.pool_segment, lead.silent_touches) == ("not_now", 0)
    assert Message.objects.get().state == "recalled"
    entry = entry_of(lead)
    assert (entry.segment, entry.started_at, entry.reacted_at) == ("not_now", watch.now, watch.now)
    assert Event.objects.get(verb="segment_changed").by_id == firm.max.pk
    for user in (firm.max, firm.rita, firm.mark):  # and the timeline tells it
        assert "Not now" in words(browser(user).get(f"/leads/{lead.pk}/"))
    # Once more, days later: thirty days of peace again, and nothing new on the timeline.
    watch.go(days=20)
    firm.call(lead, "no_need", by=firm.max)
    assert entry_of(lead).due_at == watch.now + 30 * DAY
    assert Event.objects.filter(verb="segment_changed").count() == 1


def test_R10_10_a_condition_asks_for_the_last_message(firm: Firm, watch: Watch) -> None:
    opened, unopened = no_need(firm), no_need(firm)
    cadence = cadence_of("not_now")
    step = cadence.versions.get().steps.get(position=2)
    step.condition = "not_opened"
    step.save()
    leave(sweep_to(watch, 30))
    Message.objects.filter(contact_id=opened.contact_id).update(opened_at=watch.now)
    sweep_to(watch, 37)
    assert [code for _c, code in written(opened)] == ["not_now_sms"]
    assert entry_of(opened).held == "condition"
    assert [code for _c, code in written(unopened)] == ["not_now_sms", "not_now_email"]


def test_R10_1_without_a_running_cadence_nobody_begins(firm: Firm, watch: Watch) -> None:
    Cadence.objects.update(active=False)
    no_need(firm)
    assert sweep_to(watch, 40) and not Entry.objects.exists()


def test_the_api_tells_the_next_touch(firm: Firm, watch: Watch) -> None:
    from pool.selectors import pool_parts

    lead, desk = no_need(firm), firm.pooled("returned")
    sweep(watch.now)
    parts = pool_parts([fresh(lead), fresh(desk)], firm.max, watch.now)
    assert parts[lead.pk]["pool"]["next_touch_at"] == MONDAY + 30 * DAY
    assert parts[desk.pk]["pool"]["next_touch_at"] == MONDAY + 3 * DAY
