"""A mailing: everybody in a saved view, once each, through the one gate; stopped and preview honest (R11.3, R11.4)."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from accounts.models import SavedView
from core import clock
from core.errors import Forbidden, RuleRefused, TransitionNotAllowed
from core.models import Event
from core.services import run_sweeps
from leads.services import merging
from outreach.channels.base import NotSent, Outgoing, Sent
from outreach.models import Addressee, Mailing, Message, Template, Touch
from outreach.outlook import outlook, standing
from outreach.sending import send_due
from outreach.services import mailing_sweep
from outreach.services.mailing_sweep import decide_due
from outreach.services.mailings import drop, save_mailing, start, stop
from outreach.services.messages import retry
from tests import invariants
from tests.cast import Firm, Watch, fresh
from tests.content import content, nothing_changes
from tests.outreach.mailings import a_mailing
from tests.outreach.people import Provider
from tests.races.harness import race

TRANSACTION = pytest.mark.django_db(transaction=True)
pytestmark = pytest.mark.django_db


def states(mailing: Mailing) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in mailing.addressees.all():
        key = ("waits " if row.due_at else "") + (row.held or ("got it" if row.message_id else "open"))
        found[key] = found.get(key, 0) + 1
    return found


def test_R11_4_everybody_in_the_view_gets_it_once(firm: Firm, watch: Watch) -> None:
    firm.captures(3)
    other = firm.capture(medium="conference", name="Not in it", phone="13700000001")
    mailing = start(a_mailing(firm, query="medium=form&state=all"), by=firm.max)
    assert (mailing.state, mailing.addressees.count(), mailing.audience) == (
        "running",
        3,
        "medium=form&state=all",
    )
    assert [decide_due(watch.now), decide_due(watch.now), decide_due(watch.go(days=30))] == [3, 0, 0]
    assert states(mailing) == {"got it": 3} and fresh(mailing).state == "done"
    messages = Message.objects.all()
    assert {m.once for m in messages} == {
        f"mail:{mailing.pk}:{a.contact_id}" for a in mailing.addressees.all()
    }
    for message in messages:
        assert (message.kind, message.function, message.state, message.channel) == (
            "campaign",
            "campaign",
            "queued",
            "sms",
        )
        assert (message.source_id, message.about_type, message.about_id) == (
            mailing.pk,
            "mailing",
            mailing.pk,
        )
        assert (message.campaign_id, message.template_id) == (mailing.campaign_id, mailing.template_id)
        assert message.links == ["https://example.com/a"] and "example.com" not in message.text
        assert not message.asked_for and message.to.startswith("+86138")
    assert Touch.objects.filter(done=False).count() == 3
    assert not Message.objects.filter(contact=other.contact).exists()
    verbs = list(
        Event.objects.filter(subject_id=mailing.pk).order_by("at", "id").values_list("verb", flat=True)
    )
    assert sorted(verbs) == ["mailing_done", "mailing_made", "mailing_started"]


def test_R11_1_each_is_written_to_in_their_language(firm: Firm, watch: Watch) -> None:
    for language in ("en", "zh-hans", ""):
        contact = firm.capture().contact
        contact.language = language
        contact.store("language")
    start(a_mailing(firm), by=firm.max)
    decide_due(watch.now)
    assert sorted(Message.objects.values_list("language", flat=True)) == ["en", "zh-hans", "zh-hans"]


def test_R11_2_R11_3_who_may_not_is_kept_with_the_reason_and_who_is_over_the_cap_waits(
    firm: Firm, watch: Watch
) -> None:
    firm.captures(1)
    no = firm.capture().contact
    no.do_not_sms = True
    no.store("do_not_sms")
    firm.capture(name="Mail only", email="only@example.com")
    today = firm.capture().contact
    Touch.objects.create(contact=today, at=watch.now, channel="email", function="sales", done=True)
    mailing = start(a_mailing(firm), by=firm.max)
    assert decide_due(watch.now) == 4
    assert states(mailing) == {"got it": 1, "do_not_sms": 1, "no_address": 1, "waits cap_day": 1}
    waiting = mailing.addressees.get(due_at__isnull=False)
    assert waiting.due_at == watch.now + timedelta(days=1) and fresh(mailing).state == "running"
    seen = standing(mailing)
    assert (seen.total, seen.now, seen.later, seen.never) == (4, 1, 1, 2)
    assert {group.why: [str(p) for p in group.people] for group in seen.held}["no_address"] == ["Mail only"]
    assert decide_due(watch.go(hours=23)) == 0
    assert decide_due(watch.go(hours=1)) == 1
    assert states(mailing)["got it"] == 2 and fresh(mailing).state == "done"


def test_R11_3_nothing_at_night(firm: Firm, watch: Watch) -> None:
    firm.captures(2)
    watch.go(hours=13)  # ten in the evening
    mailing = start(a_mailing(firm), by=firm.max)
    decide_due(watch.now)
    assert states(mailing) == {"waits quiet": 2} and not Message.objects.exists()
    decide_due(watch.go(hours=11))
    assert states(mailing) == {"got it": 2}


def test_R11_3_two_campaigns_do_not_both_reach_one_person_on_a_day(firm: Firm, watch: Watch) -> None:
    firm.captures(2)
    first, second = (start(a_mailing(firm), by=firm.max) for _n in range(2))
    decide_due(watch.now)
    assert states(first) == {"got it": 2} and states(second) == {"waits cap_day": 2}


def test_R11_3_what_cannot_go_in_time_is_left_out_with_its_reason(firm: Firm, watch: Watch) -> None:
    contact = firm.capture().contact
    contact.no_phone_until = watch.now + timedelta(days=100)
    contact.store("no_phone_until")
    firm.captures(1)
    mailing = start(a_mailing(firm, channel="call"), by=firm.max)
    decide_due(watch.now)
    assert states(mailing) == {"no_phone": 1, "got it": 1} and fresh(mailing).state == "done"
    # Nothing is sent after the last day of its campaign.
    today = clock.firm_day(watch.now)
    short = start(a_mailing(firm, starts_on=today, ends_on=today), by=firm.max)
    decide_due(watch.now)
    assert states(short) == {"cap_day": 1, "got it": 1}
    other = start(
        a_mailing(firm, channel="wechat", ends_on=today), by=firm.max, starts_at=watch.now + timedelta(days=3)
    )
    firm.capture(name="We", wechat="wechat_one")
    decide_due(watch.go(days=3))
    assert states(other)["late"] == 1


def test_R11_4_phone_and_wechat_are_tasks_for_who_sent_it(firm: Firm, watch: Watch) -> None:
    firm.capture(name="We", wechat="wechat_one")
    start(a_mailing(firm, channel="wechat"), by=firm.max)
    decide_due(watch.now)
    (task,) = Message.objects.all()
    assert (task.state, task.assigned_to_id, task.to) == ("to_do", firm.max.pk, "wechat_one")


def test_R11_4_one_that_begins_later_asks_the_view_then(firm: Firm, watch: Watch) -> None:
    firm.captures(1)
    mailing = start(a_mailing(firm), by=firm.max, starts_at=watch.now + timedelta(days=2))
    assert mailing.addressees.count() == 0 and decide_due(watch.now) == 0
    firm.captures(2)
    assert decide_due(watch.go(days=2)) == 3
    firm.captures(1)
    assert decide_due(watch.go(days=1)) == 0 and fresh(mailing).state == "done"


def test_R11_4_an_empty_view_is_done_at_once(firm: Firm, watch: Watch) -> None:
    mailing = start(a_mailing(firm, query="source=nowhere"), by=firm.max)
    assert decide_due(watch.now) == 0 and fresh(mailing).state == "done"


def test_R10_5_stopping_withdraws_what_was_not_sent(firm: Firm, watch: Watch) -> None:
    firm.captures(3)
    blocked = firm.capture().contact
    Touch.objects.create(contact=blocked, at=watch.now, channel="sms", function="sales", done=True)
    mailing = start(a_mailing(firm), by=firm.max)
    decide_due(watch.now)
    gone = Message.objects.order_by("pk")[0]
    gone.state, gone.taken_at = "sending", watch.now
    gone.save()
    stop(mailing, by=firm.max)
    assert sorted(Message.objects.values_list("state", flat=True)) == ["recalled", "recalled", "sending"]
    assert Touch.objects.filter(function="campaign").count() == 1
    assert states(mailing) == {"got it": 3, "stopped": 1} and fresh(mailing).state == "stopped"
    assert decide_due(watch.go(days=2)) == 0
    event = Event.objects.get(verb="mailing_stopped")
    assert event.data["withdrawn"] == 2 and event.data["left_out"] == 1


@pytest.mark.parametrize("state", Mailing.State.values)
def test_R11_4_each_state_allows_only_what_belongs_there(firm: Firm, watch: Watch, state: str) -> None:
    firm.captures(1)
    mailing = a_mailing(firm)
    if state != "draft":
        start(mailing, by=firm.max)
    if state == "done":
        decide_due(watch.now)
    if state == "stopped":
        stop(mailing, by=firm.max)
    verbs = {
        "edit": lambda: save_mailing(
            mailing, by=firm.max, template=fresh(mailing).template, view=fresh(mailing).view
        ),
        "start": lambda: start(mailing, by=firm.max),
        "stop": lambda: stop(mailing, by=firm.max),
        "drop": lambda: drop(mailing, by=firm.max),
    }
    allowed = {"draft": {"edit", "start", "drop"}, "running": {"stop"}}.get(state, set())
    for name, call in verbs.items():
        if name in allowed:
            continue
        with nothing_changes(), pytest.raises(TransitionNotAllowed) as refused:
            call()
        assert set(refused.value.extra["allowed"]) == allowed, name


def test_R15_1_marketing_and_administrators_send_nobody_else(firm: Firm) -> None:
    mailing = a_mailing(firm)
    for user in firm.people.values():
        if user.wears("marketer", "admin"):
            continue
        for call in (
            partial(start, mailing),
            partial(stop, mailing),
            partial(drop, mailing),
            partial(save_mailing, mailing, template=None, view=None),
        ):
            with nothing_changes(), pytest.raises(Forbidden):
                call(by=user)


def test_R11_6_what_a_mailing_needs_is_said_at_once(firm: Firm, watch: Watch) -> None:
    mailing = a_mailing(firm)
    foreign = SavedView.objects.create(user=firm.rita, page="leads", name="Hers", query="state=sql")
    for view in (None, foreign):
        with nothing_changes(), pytest.raises(RuleRefused) as refused:
            save_mailing(mailing, by=firm.max, template=None, view=view)
        assert {error.field for error in refused.value.errors} == {"template", "view"}
    shared = SavedView.objects.create(user=firm.mark, page="leads", name="Ours", query="", shared=True)
    assert save_mailing(mailing, by=firm.max, template=mailing.template, view=shared).view == shared
    with nothing_changes(), pytest.raises(RuleRefused) as refused:
        start(mailing, by=firm.max, starts_at=watch.now + timedelta(days=400))
    assert [error.field for error in refused.value.errors] == ["starts_at"]
    shared.delete()
    with nothing_changes(), pytest.raises(RuleRefused) as refused:
        start(mailing, by=firm.max)
    assert [error.field for error in refused.value.errors] == ["view"]
    drop(mailing, by=firm.max)
    assert not Mailing.objects.exists()


def test_R15_2_a_view_shows_whom_its_user_sees(firm: Firm, watch: Watch) -> None:
    firm.captures(2)
    firm.an_sql(firm.wei)
    assert outlook("state=all", "sms", firm.max, watch.now).total == 3
    assert outlook("state=sql", "sms", firm.mark, watch.now).total == 0
    assert outlook("state=sql", "sms", firm.olga, watch.now).total == 1


def test_R10_8_the_preview_is_what_then_happens(firm: Firm, watch: Watch) -> None:
    firm.captures(3)
    no = firm.capture().contact
    no.do_not_sms = True
    no.store("do_not_sms")
    late = firm.capture().contact
    Touch.objects.create(contact=late, at=watch.now, channel="sms", function="sales", done=True)
    before = outlook("state=all", "sms", firm.max, watch.now)
    mailing = start(a_mailing(firm), by=firm.max)
    decide_due(watch.now)
    after = standing(mailing)
    assert (before.total, before.now, before.later, before.never) == (5, 3, 1, 1)
    assert (after.total, after.now, after.later, after.never) == (5, 3, 1, 1)
    assert [(g.why, g.number, g.later) for g in before.held] == [
        (g.why, g.number, g.later) for g in after.held
    ]
    assert before.first is not None


def test_R1_6_who_was_merged_gets_it_once(firm: Firm, watch: Watch) -> None:
    one, other = firm.capture(), firm.capture()
    mailing = start(a_mailing(firm), by=firm.max)
    merging.merge(one, other=other, by=firm.max)
    decide_due(watch.now)
    assert Message.objects.count() == 1 and states(mailing)["got it"] == 1
    assert fresh(mailing).state == "done"


def test_R10_5_what_failed_of_a_stopped_mailing_is_not_sent_again(firm: Firm, watch: Watch) -> None:
    firm.capture()
    mailing = start(a_mailing(firm), by=firm.max)
    decide_due(watch.now)
    Mailing.objects.update(state="running")
    message = Message.objects.get()
    send_due("sms", watch.now, driver=Provider(refusing))
    stop(mailing, by=firm.max)
    with nothing_changes(), pytest.raises(RuleRefused) as refused:
        retry(message, by=firm.max)
    assert (fresh(message).state, refused.value.code) == ("failed", "stopped")


def refusing(_message: Outgoing) -> Sent:
    raise NotSent("no")


@pytest.mark.parametrize("sent", [0, 1, 2])
def test_R1_6_R11_4_who_was_merged_after_it_was_decided_gets_it_once(
    firm: Firm, watch: Watch, sent: int
) -> None:
    """Of both messages none, one or both have left, or the one who stays still waits for the cap."""
    one, other = firm.capture(), firm.capture()
    mailing = start(a_mailing(firm), by=firm.max)
    if sent == 1:
        mailing.addressees.filter(contact=one.contact_id).update(due_at=watch.now + timedelta(days=2))
    decide_due(watch.now)
    provider = Provider()
    send_due("sms", watch.now, driver=provider) if sent else None
    merging.merge(one, other=other, by=firm.max)
    for _day in range(4):
        decide_due(watch.go(days=1))
        send_due("sms", watch.now, driver=provider)
    assert len(provider.tried) == (2 if sent == 2 else 1)
    row = mailing.addressees.get()
    assert (row.contact_id, row.message.state, row.held) == (one.contact_id, "sent", "")
    assert fresh(mailing).state == "done"


def test_R11_4_who_has_it_by_any_way_does_not_get_it_again(firm: Firm, watch: Watch) -> None:
    firm.captures(2)
    mailing = start(a_mailing(firm), by=firm.max)
    decide_due(watch.now)
    kept = set(Message.objects.values_list("pk", flat=True))
    Touch.objects.all().delete()
    Addressee.objects.update(due_at=watch.now, message=None)
    Mailing.objects.update(state="running")
    assert decide_due(watch.go(minutes=1)) == 2
    assert set(Message.objects.values_list("pk", flat=True)) == kept
    assert set(mailing.addressees.values_list("message_id", flat=True)) == kept


def test_P1_a_batch_costs_the_same_few_queries(firm: Firm, watch: Watch) -> None:
    def cost(many: int) -> int:
        Touch.objects.all().delete()
        mailing = start(a_mailing(firm), by=firm.max)
        assert mailing.addressees.count() == many
        with CaptureQueriesContext(connection) as caught:
            assert mailing_sweep.decide_batch(mailing.pk, watch.now) == many
        return len(caught)

    firm.captures(1)
    few = cost(1)
    firm.captures(29)
    assert cost(30) == few <= 20


# Twice, late, at once


@pytest.mark.parametrize("later", [{"minutes": 1}, {"hours": 48}, {"days": 20}], ids=str)
def test_Q5_the_sweep_twice_or_late_is_the_same_as_once(
    firm: Firm, watch: Watch, later: dict[str, int]
) -> None:
    firm.captures(4)
    held = firm.capture().contact
    Touch.objects.create(contact=held, at=watch.now, channel="sms", function="sales", done=True)
    start(a_mailing(firm), by=firm.max)
    at = watch.now + timedelta(**later)
    run_sweeps(at)
    once = content()
    assert run_sweeps(at)["mailed"] == 0
    assert content() == once


@TRANSACTION
def test_Q6_eight_sweeps_at_once_write_each_message_once(monkeypatch: pytest.MonkeyPatch) -> None:
    firm = Firm()
    monkeypatch.setattr(mailing_sweep, "BATCH", 5)
    firm.set_rules(touch_hours="00:00-23:59", touches_a_day=9, touches_a_week=9)
    firm.captures(40)
    mailings = [start(a_mailing(firm), by=firm.max) for _n in range(2)]
    at = max(fresh(m).starts_at for m in mailings) + timedelta(seconds=1)
    race([partial(decide_due, at)] * 8)
    for _again in range(3):
        decide_due(at)
    assert Message.objects.count() == 80 and Touch.objects.count() == 80
    assert all(states(m) == {"got it": 40} and fresh(m).state == "done" for m in mailings)
    invariants.check()


@TRANSACTION
def test_Q3_stop_against_the_sweep_leaves_nothing_waiting() -> None:
    firm = Firm()
    firm.set_rules(touch_hours="00:00-23:59")
    firm.captures(30)
    for _round in range(5):
        # What was planned before lies so long ago that the cap does not count it any more.
        Touch.objects.update(at=F("at") - timedelta(days=8))
        mailing = start(a_mailing(firm), by=firm.max)
        at = fresh(mailing).starts_at + timedelta(seconds=1)
        race([partial(decide_due, at), partial(stop, mailing, by=firm.max), partial(decide_due, at)])
        state = fresh(mailing).state
        left = Message.objects.filter(source_id=mailing.pk).unsent().count()
        assert (state, left) in (("stopped", 0), ("done", 30)), (state, left)
        assert not mailing.addressees.filter(due_at__isnull=False).exists()


def _template_of(code: str) -> Template:
    return Template.objects.get(code=code)


def test_R10_1_a_shipped_template_can_be_mailed(firm: Firm, watch: Watch) -> None:
    firm.capture(name="Li Lei", phone="13800138099")
    mailing = a_mailing(firm)
    save_mailing(mailing, by=firm.max, template=_template_of("not_now_sms"), view=mailing.view)
    start(mailing, by=firm.max)
    decide_due(watch.now)
    assert "Li Lei您好" in Message.objects.get().text


def test_R11_4_mailings_are_told_from_their_start(firm: Firm, watch: Watch) -> None:
    mailing = start(a_mailing(firm), by=firm.max, starts_at=datetime(2026, 1, 1, tzinfo=watch.now.tzinfo))
    assert mailing.starts_at == watch.now, "never in the past"
