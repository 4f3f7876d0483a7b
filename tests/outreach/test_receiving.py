"""R11.5, R10.2: reports and answers come out of order, twice, late, or never; each is taken once."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from contacts.models import Contact, ContactPoint
from core import clock
from core.models import Event
from outreach.channels.base import Inbound, Receipt
from outreach.models import Channel, Consent, Message, Reaction, Touch
from outreach.sending import send_due
from outreach.services.receiving import is_opt_out, take_inbound, take_receipts
from tests.cast import Firm, Watch, fresh
from tests.content import nothing_changes
from tests.outreach.people import Provider, somebody, written

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


def sent(firm: Firm, channel: str = "email", contact: Contact | None = None) -> Message:
    message = written(contact or somebody(firm), channel)
    send_due(channel, clock.now(), driver=Provider())
    return fresh(message)


def the_channel(kind: str = "sms") -> Channel:
    return Channel.objects.create(kind=kind, driver="file", name="Ours", in_use=True, created_at=clock.now())


def test_R11_5_receipts_in_any_order_and_twice_end_the_same(firm: Firm, watch: Watch) -> None:
    ends = []
    for order in permutations(["delivered", "opened", "bounced"]):
        message = sent(firm)
        at = watch.now
        for what in order * 2:
            receipt = Receipt(what, key=str(message.pk), at=at + SECOND, why="late")
            assert take_receipts(None, [receipt], at + SECOND) == 1
        message = fresh(message)
        ends.append((message.state, message.delivered_at, message.opened_at, message.bounced_at))
        assert Reaction.objects.filter(message=message, kind="open").count() == 1
    assert len(set(ends)) == 1 and ends[0] == ("sent", *[watch.now + SECOND] * 3)


def test_R11_5_a_message_is_found_by_the_providers_id_on_its_channel(firm: Firm, watch: Watch) -> None:
    channel = the_channel("sms")
    message = sent(firm, "sms")
    with nothing_changes():
        assert take_receipts(channel, [Receipt("delivered", provider_id="somebody else's")], watch.now) == 0
    take_receipts(channel, [Receipt("delivered", provider_id=message.provider_id)], watch.go(minutes=1))
    assert fresh(message).delivered_at == watch.now


def test_R11_4_a_report_says_that_what_was_unknown_has_left(firm: Firm, watch: Watch) -> None:
    message = written(somebody(firm))
    Message.objects.filter(pk=message.pk).update(state="unknown", taken_at=watch.now, tries=1)
    Touch.objects.filter(message=message).update(done=True)
    take_receipts(None, [Receipt("delivered", key=str(message.pk))], watch.go(minutes=1))
    message = fresh(message)
    assert message.state == "sent" and message.sent_at is not None
    assert Event.objects.filter(verb="message_sent", subject_id=message.pk).count() == 1


def test_R11_5_a_report_of_what_never_left_changes_nothing(firm: Firm, watch: Watch) -> None:
    waiting, back = written(somebody(firm)), written(somebody(firm))
    Message.objects.filter(pk=back.pk).update(state="recalled")
    Touch.objects.filter(message=back).delete()
    with nothing_changes():
        for row in (waiting, back):
            take_receipts(
                None, [Receipt("delivered", key=str(row.pk)), Receipt("opened", key=str(row.pk))], watch.now
            )


def test_R11_5_a_bounce_buries_the_address_only_if_it_is_dead(firm: Firm, watch: Watch) -> None:
    full, dead = sent(firm), sent(firm)
    take_receipts(None, [Receipt("bounced", key=str(full.pk), why="mailbox full")], watch.now)
    take_receipts(None, [Receipt("bounced", key=str(dead.pk), why="no such user", dead=True)], watch.now)
    assert (fresh(full).error, fresh(full).bounced_at) == ("mailbox full", watch.now)
    gone = ContactPoint.objects.filter(dead_at__isnull=False)
    assert [point.contact_id for point in gone] == [dead.contact_id]


def test_R11_2_who_marks_us_as_spam_gets_no_more(firm: Firm, watch: Watch) -> None:
    message = sent(firm)
    for _n in range(2):
        take_receipts(None, [Receipt("complaint", key=str(message.pk))], watch.now)
    assert fresh(message.contact).do_not_email
    said = Consent.objects.get()
    assert (said.what, said.given, said.way, said.message_id) == ("email", False, "complaint", message.pk)


@pytest.mark.parametrize(
    "text", ["T", "td", " 退订 ", "stop", "Stop.", "ＳＴＯＰ", "【退订】", "“unsubscribe”"]
)
def test_R11_2_a_word_that_opts_out_in_any_case_and_width(firm: Firm, watch: Watch, text: str) -> None:
    channel, message = the_channel(), None
    message = sent(firm, "sms")
    waiting = written(message.contact, "sms")
    number = message.to.removeprefix("+86")
    assert take_inbound(channel, [Inbound(sender=number, text=text)], watch.go(minutes=5)) == 1
    assert fresh(message.contact).do_not_sms and not fresh(message.contact).do_not_email
    said = Consent.objects.get()
    assert (said.way, said.text, said.message_id) == ("keyword", text.strip(), message.pk)
    assert fresh(waiting).state == "recalled" and not Reaction.objects.exists()


@pytest.mark.parametrize("text", ["", "Stop calling, write", "T 恤多少钱", "我要退订吗", "not", "Tt"])
def test_R11_2_another_text_is_no_opt_out(firm: Firm, watch: Watch, text: str) -> None:
    assert not is_opt_out(text)


def test_R11_2_the_words_are_those_of_the_rulebook(firm: Firm, watch: Watch) -> None:
    firm.set_rules(opt_out_words=["ENOUGH"])
    assert is_opt_out("enough!") and not is_opt_out("STOP")


def test_R10_2_an_answer_is_a_reaction_once(firm: Firm, watch: Watch) -> None:
    message = sent(firm)
    answer = Inbound(
        sender=message.to.upper(),
        text="Call me on Monday",
        answers=[f"<{message.pk}@crm.example>"],
        id="<1@x>",
    )
    watch.go(minutes=5)
    for _n in range(2):
        take_inbound(None, [answer], watch.now, kind="email")
    reaction = Reaction.objects.get()
    assert (reaction.kind, reaction.message_id, reaction.text) == ("reply", message.pk, "Call me on Monday")
    assert fresh(message).replied_at == watch.now
    event = Event.objects.get(verb="reacted")
    assert event.contact_id == message.contact_id and event.texts.get().new == "Call me on Monday"


def test_R10_2_an_answer_from_another_address_belongs_to_who_was_written_to(firm: Firm, watch: Watch) -> None:
    message = sent(firm)
    answer = Inbound(sender="private@example.org", text="Yes", answers=[str(message.pk)])
    assert take_inbound(None, [answer], watch.now) == 1
    assert Reaction.objects.get().contact_id == message.contact_id


def test_R10_2_an_answer_that_names_none_is_one_to_the_last_lately(firm: Firm, watch: Watch) -> None:
    message = sent(firm, "sms")
    take_inbound(the_channel(), [Inbound(sender=message.to, text="How much?")], watch.go(days=2))
    assert Reaction.objects.get().message_id == message.pk
    old = sent(firm, "sms")
    take_inbound(None, [Inbound(sender=old.to, text="How much?")], watch.go(days=60), kind="sms")
    assert Reaction.objects.get(contact=old.contact).message_id is None


@pytest.mark.parametrize(
    "subject", ["Out of office: Re: An offer", "自动回复: 报价", "Automatic reply: hi", "Re: Out of Office"]
)
def test_R10_2_what_a_mail_program_answers_is_no_reaction(firm: Firm, watch: Watch, subject: str) -> None:
    message = sent(firm)
    answer = Inbound(sender=message.to, text="I am away", subject=subject, answers=[str(message.pk)])
    with nothing_changes():
        assert take_inbound(None, [answer], watch.now) == 0


@pytest.mark.parametrize("sender", ["", "nobody@example.org", "not an address", "\x00", "＋" * 300])
def test_R11_5_an_answer_of_nobody_is_left_alone(firm: Firm, watch: Watch, sender: str) -> None:
    sent(firm)
    with nothing_changes():
        assert take_inbound(None, [Inbound(sender=sender, text="Hello")], watch.now) == 0


def test_R11_5_hostile_reports_change_nothing(firm: Firm, watch: Watch) -> None:
    message = sent(firm)
    reports: list[Any] = [
        Receipt("exploded", key=str(message.pk)),
        Receipt("delivered", key="0' OR 1=1"),
        Receipt("delivered"),
        Receipt("delivered", provider_id="x" * 5000),
    ]
    with nothing_changes():
        take_receipts(None, reports, watch.now)


def test_R11_5_a_clock_that_is_wrong_bends_nothing(firm: Firm, watch: Watch) -> None:
    message = sent(firm)
    for at in (watch.now - timedelta(days=400), watch.now + timedelta(days=400)):
        Message.objects.filter(pk=message.pk).update(delivered_at=None)
        take_receipts(None, [Receipt("delivered", key=str(message.pk), at=at)], watch.now)
        assert fresh(message).delivered_at == watch.now
