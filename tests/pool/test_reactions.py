"""R10.2, R10.6: any reaction ends the silence; a strong one goes straight back to the desk, and people are told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Notice
from calling.services import next_lead
from contacts.models import ContactPoint
from core.models import Event
from leads.models import Lead
from leads.rules import State
from outreach.models import Message, Reaction, Touch
from outreach.services import settling
from pool.models import Entry
from pool.services import claim
from tests.cast import MONDAY, Firm, Watch, fresh
from tests.pool.cadence_stage import DAY, contact_of, entry_of, leave, no_need, react, rested, sweep, ways

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


def told() -> list[tuple[str, str, Any]]:
    rows = Notice.objects.filter(kind__in=["reacted", "back_on_desk", "cannot_be_called"])
    return sorted(rows.values_list("user__login", "kind", "data__reaction"))


def silent(lead: Lead, many: int = 3) -> Lead:
    Lead.objects.filter(pk=lead.pk).update(silent_touches=many)
    return fresh(lead)


def asleep(firm: Firm, watch: Watch) -> Lead:
    """Somebody who had no need and then slept."""
    firm.set_rules(dormant_after=1)
    lead = no_need(firm)
    sweep(watch.now)
    sweep(watch.to(MONDAY + 30 * DAY))
    leave(watch.now)
    assert fresh(lead).pool_segment == "dormant"
    return fresh(lead)


@pytest.mark.parametrize("kind", ["answered", "open", "click", "event"])
def test_R10_2_any_reaction_ends_the_silence(firm: Firm, watch: Watch, kind: str) -> None:
    lead = silent(no_need(firm))
    sweep(watch.go(days=1))
    react(lead, kind, watch.now)
    sweep(watch.go(minutes=1))
    assert fresh(lead).silent_touches == 0
    assert entry_of(lead).reacted_at == watch.now - MINUTE
    assert Reaction.objects.get().taken_at == watch.now
    assert not told()


@pytest.mark.parametrize("kind", ["click", "event"])
def test_R10_2_a_click_or_an_event_shows_interest(firm: Firm, watch: Watch, kind: str) -> None:
    lead = no_need(firm)
    sweep(watch.now)
    when = watch.go(days=1)
    react(lead, kind, when)
    sweep(watch.go(minutes=1))
    old, new = Entry.objects.order_by("started_at")
    assert (fresh(lead).pool_segment, fresh(lead).state) == ("some_interest", State.POOLED)
    assert (old.ended_why, old.ended_at, new.segment, new.started_at) == (
        "moved",
        when,
        "some_interest",
        when,
    )
    event = Event.objects.get(verb="segment_changed")
    assert (event.at, event.data) == (when, {"from": "not_now", "to": "some_interest", "why": kind})
    # The invitation that some interest brings goes at once.
    assert Message.objects.get().template.code == "not_now_live"


def test_R10_2_another_click_does_not_begin_anew(firm: Firm, watch: Watch) -> None:
    lead = firm.pooled("released")
    sweep(watch.now)
    before = entry_of(lead)
    react(lead, "click", watch.go(minutes=5))
    sweep(watch.go(minutes=1))
    after = entry_of(lead)
    assert (after.pk, after.due_at, after.position) == (before.pk, before.due_at, before.position)
    assert after.reacted_at == MONDAY + 5 * MINUTE


@pytest.mark.parametrize("kind", ["open", "answered"])
def test_R10_2_an_open_alone_never_moves(firm: Firm, watch: Watch, kind: str) -> None:
    lead = no_need(firm)
    sweep(watch.now)
    react(lead, kind, watch.go(days=1))
    sweep(watch.go(minutes=1))
    assert fresh(lead).pool_segment == "not_now"
    assert entry_of(lead).due_at == MONDAY + 30 * DAY


def test_R10_2_a_dormant_one_wakes_up_where_it_came_from(firm: Firm, watch: Watch) -> None:
    lead = asleep(firm, watch)
    when = watch.go(days=3)
    react(lead, "open", when)
    sweep(watch.go(minutes=1))
    lead = fresh(lead)
    assert (lead.pool_segment, lead.silent_touches) == ("not_now", 0)
    assert (entry_of(lead).segment, entry_of(lead).due_at) == ("not_now", when + 30 * DAY)


def test_R10_2_a_click_wakes_a_dormant_one_to_some_interest(firm: Firm, watch: Watch) -> None:
    lead = asleep(firm, watch)
    react(lead, "click", watch.go(days=3))
    sweep(watch.go(minutes=1))
    assert fresh(lead).pool_segment == "some_interest"


@pytest.mark.parametrize("kind", ["form", "reply", "call_me"])
def test_R10_6_a_strong_reaction_goes_straight_back_to_the_desk(firm: Firm, watch: Watch, kind: str) -> None:
    lead = silent(rested(firm.pooled("released")))
    sweep(watch.now)
    firm.capture()
    react(lead, kind, watch.go(minutes=30))
    sweep(watch.go(minutes=1))
    lead = fresh(lead)
    assert (lead.state, lead.run, lead.back_at, lead.silent_touches) == (State.NEW, 2, watch.now, 0)
    entry = Entry.objects.get()
    assert (entry.ended_why, entry.back_as, entry.reacted_at) == ("left_pool", "new", watch.now - MINUTE)
    assert Message.objects.get().state == "recalled"
    event = Event.objects.get(verb="reactivated")
    assert (event.way, event.data) == ("rule", {"why": kind, "run": 2})
    assert told() == [("max", "back_on_desk", kind), ("rita", "back_on_desk", kind)]
    assert next_lead(by=firm.tina).pk == lead.pk  # first in the queue
    sweep(watch.go(minutes=1))
    assert Event.objects.filter(verb="reactivated").count() == 1


def test_R10_6_who_asked_never_to_be_called_stays_and_marketing_is_told(firm: Firm, watch: Watch) -> None:
    lead = no_need(firm)
    contact_of(lead, do_not_call=True)
    sweep(watch.now)
    react(lead, "reply", watch.go(days=1))
    sweep(watch.go(minutes=1))
    assert (fresh(lead).state, fresh(lead).pool_segment) == (State.POOLED, "some_interest")
    assert told() == [("max", "cannot_be_called", "reply")]
    assert Notice.objects.get(kind="cannot_be_called").data["why"] == "do_not_call"


def test_R10_6_without_a_living_number_the_desk_is_no_help(firm: Firm, watch: Watch) -> None:
    lead = no_need(firm)
    ContactPoint.objects.filter(contact=lead.contact, kind="phone").update(
        dead_at=watch.now, first_choice=False
    )
    sweep(watch.now)
    react(lead, "form", watch.go(days=1))
    sweep(watch.go(minutes=1))
    assert (fresh(lead).state, fresh(lead).pool_segment) == (State.POOLED, "some_interest")
    assert Notice.objects.get(kind="cannot_be_called").data["why"] == "no_number"


def test_R10_6_who_refused_the_phone_stays_unless_they_ask_for_a_call(firm: Firm, watch: Watch) -> None:
    replied, asked = (firm.call(firm.capture(**ways()), "refused")[1] for _n in range(2))
    sweep(watch.now)
    react(replied, "reply", watch.go(days=1))
    react(asked, "call_me", watch.now)
    sweep(watch.go(minutes=1))
    assert (fresh(replied).state, fresh(replied).pool_segment) == (State.POOLED, "some_interest")
    assert fresh(asked).state == State.NEW
    assert contact_of(asked).no_phone_until is None


def test_R1_3_what_was_captured_does_nothing_twice(firm: Firm, watch: Watch) -> None:
    details = ways()
    lead = firm.call(firm.capture(**details), "no_need")[1]
    sweep(watch.now)
    watch.go(days=1)
    firm.capture(medium="form", **details)
    react(lead, "form", watch.now)
    assert fresh(lead).state == State.NEW
    sweep(watch.go(minutes=1))
    assert (fresh(lead).state, fresh(lead).run) == (State.NEW, 2)
    assert Event.objects.filter(verb="reactivated").count() == 1
    assert not told()


def test_R1_3_a_captured_form_of_a_reps_lead_is_told_once(firm: Firm, watch: Watch) -> None:
    details = ways()
    lead = firm.an_sql(lead=firm.capture(**details))
    watch.go(days=1)
    firm.capture(medium="form", **details)
    react(lead, "form", watch.now)
    sweep(watch.go(minutes=1))
    assert [n.kind for n in Notice.objects.filter(user=firm.rita, kind__in=["arrived_again", "reacted"])] == [
        "arrived_again"
    ]


@pytest.mark.parametrize("kind", ["click", "reply", "call_me", "event"])
def test_R10_2_whoever_has_the_lead_is_told(firm: Firm, watch: Watch, kind: str) -> None:
    lead = firm.an_sql()
    react(lead, kind, watch.go(hours=1))
    sweep(watch.go(minutes=1))
    assert told() == [("rita", "reacted", kind)]
    assert (fresh(lead).state, fresh(lead).owner) == (State.SQL, firm.rita)


@pytest.mark.parametrize("kind", ["open", "answered"])
def test_R10_2_an_open_is_not_worth_a_notice(firm: Firm, watch: Watch, kind: str) -> None:
    react(firm.an_sql(), kind, watch.go(hours=1))
    sweep(watch.go(minutes=1))
    assert not told()


def test_R2_2_who_asks_for_a_call_and_waits_on_the_desk_is_called_first(firm: Firm, watch: Watch) -> None:
    lead, _other = firm.capture(), firm.capture()
    react(lead, "call_me", watch.go(hours=1))
    sweep(watch.go(minutes=1))
    assert fresh(lead).call_back_at == MONDAY + timedelta(hours=1)
    assert next_lead(by=firm.tina).pk == lead.pk


def test_R10_2_what_happened_before_the_pool_moves_nothing_but_an_answer_is_not_lost(
    firm: Firm, watch: Watch
) -> None:
    clicked, replied = firm.an_sql(), firm.an_sql()
    react(clicked, "click", watch.go(hours=1))
    react(replied, "reply", watch.now)
    watch.go(hours=1)
    for lead in (clicked, replied):
        firm.call(lead, "refused", by=firm.rita)
    contact_of(replied, no_phone_until=None)
    sweep(watch.go(minutes=1))
    assert fresh(clicked).pool_segment == "not_now"
    assert fresh(replied).state == State.NEW


def test_R10_2_reactions_are_taken_in_their_order(firm: Firm, watch: Watch) -> None:
    lead = no_need(firm)
    sweep(watch.now)
    watch.go(days=1)
    react(lead, "reply", watch.now + 2 * MINUTE)
    react(lead, "click", watch.now)
    sweep(watch.go(minutes=5))
    verbs = Event.objects.filter(verb__in=["segment_changed", "reactivated"]).order_by("at", "pk")
    assert list(verbs.values_list("verb", flat=True)) == ["segment_changed", "reactivated"]


def test_Q5_reactions_taken_late_move_at_the_same_time(firm: Firm, watch: Watch) -> None:
    lead = no_need(firm)
    sweep(watch.now)
    when = watch.go(days=1)
    react(lead, "click", when)
    sweep(watch.go(days=2))
    assert entry_of(lead).started_at == when
    assert Event.objects.get(verb="segment_changed").at == when


def test_Q5_a_reaction_taken_after_the_lead_has_moved_begins_no_earlier(firm: Firm, watch: Watch) -> None:
    lead = no_need(firm, "phone")
    contact_of(lead, do_not_sms=True)
    sweep(watch.now)
    sweep(watch.to(MONDAY + 90 * DAY))
    assert fresh(lead).pool_segment == "long_inactive"
    react(lead, "click", MONDAY + 89 * DAY)
    sweep(watch.go(minutes=1))
    assert (fresh(lead).pool_segment, entry_of(lead).started_at) == ("some_interest", MONDAY + 90 * DAY)


def test_R10_1_silence_is_counted_when_a_message_leaves_not_when_it_is_written(
    firm: Firm, watch: Watch
) -> None:
    lead = rested(firm.pooled("released"))
    sweep(watch.now)
    assert (fresh(lead).silent_touches, entry_of(lead).touches) == (0, 0)
    leave(watch.go(minutes=1))
    assert (fresh(lead).silent_touches, entry_of(lead).touches, entry_of(lead).last_touch_at) == (
        1,
        1,
        watch.now,
    )
    assert fresh(lead).last_touch_at != watch.now  # that is what people of ours did


def test_R10_1_what_left_after_the_claim_is_no_silence_of_the_pool(firm: Firm, watch: Watch) -> None:
    from core import hooks

    lead = rested(firm.pooled("released"))
    sweep(watch.now)
    message = Message.objects.get()
    Message.objects.update(state="sending", tries=1, taken_at=watch.now)
    Touch.objects.filter(message=message).update(done=True)
    claim(lead, by=firm.wei)
    settling.sent(fresh(message), "", None)
    hooks.message_left([message], watch.go(minutes=1))
    assert fresh(lead).silent_touches == 0
    assert Entry.objects.get().touches == 1
