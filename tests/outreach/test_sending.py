"""R11: in the moment a message leaves the gate is asked again; what was sent is counted, what was not is not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from contacts.models import Contact, ContactPoint
from core import clock, hooks
from core.models import Event
from outreach import sending
from outreach.channels.base import DeadAddress, Later, MayHaveLeft, NotSent, Outgoing
from outreach.letters import html_of, outgoing
from outreach.mail import queue_mail
from outreach.models import Channel, Message, Touch
from outreach.sending import send_due
from outreach.services import settling
from outreach.services.consent import set_consent
from tests.accounts.mailbox import mailbox
from tests.cast import Firm, Watch, fresh
from tests.outreach.people import Provider, somebody, written

TRANSACTION = pytest.mark.django_db(transaction=True)
pytestmark = pytest.mark.django_db


@pytest.fixture
def told() -> Iterator[list[Any]]:
    """What the layers above hear."""
    heard: list[Any] = []

    def hear(messages: list[Message], at: Any) -> None:
        heard.extend(row.pk for row in messages)

    hooks.message_left.register(hear)
    yield heard
    hooks.message_left.fillers.remove(hear)


def raising(error: Exception) -> Any:
    def answer(message: Outgoing) -> None:
        raise error

    return answer


def touch(message: Message) -> tuple[bool, Any] | None:
    row = Touch.objects.filter(message=message).first()
    return (row.done, row.at) if row else None


def send(way: Provider, kind: str = "email") -> int:
    return send_due(kind, clock.now(), driver=way)


def test_R11_3_what_leaves_is_a_touch_from_that_moment(firm: Firm, watch: Watch, told: list[Any]) -> None:
    message, way = written(somebody(firm)), Provider()
    assert touch(message) == (False, watch.now)
    watch.go(minutes=3)
    assert [send(way), send(way)] == [1, 0]
    message = fresh(message)
    assert (message.state, message.sent_at, message.provider_id) == ("sent", watch.now, f"id-{message.pk}")
    assert touch(message) == (True, watch.now)
    assert told == [message.pk] and way.closed == 1
    event = Event.objects.get(verb="message_sent")
    assert (event.contact_id, event.data["channel"], event.at) == (message.contact_id, "email", watch.now)


def test_R11_2_consent_that_was_taken_back_meanwhile_wins(firm: Firm, watch: Watch, told: list[Any]) -> None:
    contact = somebody(firm)
    message, way = written(contact), Provider()
    Contact.objects.filter(pk=contact.pk).update(do_not_email=True)
    assert send(way) == 0 and way.tried == [] and told == []
    message = fresh(message)
    assert (message.state, message.held) == ("recalled", "do_not_email") and touch(message) is None


@pytest.mark.parametrize("asked_for", [True, False])
def test_R11_2_also_over_what_the_person_asked_for(firm: Firm, watch: Watch, asked_for: bool) -> None:
    contact = somebody(firm)
    message = written(contact, asked_for=asked_for)
    Contact.objects.filter(pk=contact.pk).update(do_not_email=True)
    assert send(Provider()) == 0 and fresh(message).state == "recalled"


def test_R11_2_a_quote_to_another_address_of_who_wants_none(firm: Firm, watch: Watch) -> None:
    other, buyer = somebody(firm), somebody(firm)
    address = other.points.get(kind="email").value
    message = written(buyer, asked_for=True, kind="quote", to=address)
    set_consent(other, "email", given=False, way="link")
    assert send(Provider()) == 0 and fresh(message).state == "recalled"


def test_R11_3_the_cap_is_asked_again_and_what_is_over_waits_for_its_hour(firm: Firm, watch: Watch) -> None:
    contact = somebody(firm)
    first, second = written(contact), written(contact, "sms")
    email, sms = Provider(), Provider()
    assert send(email) == 1 and send(sms, "sms") == 0
    second = fresh(second)
    morning = watch.now + timedelta(days=1)
    assert (second.state, second.held, second.due_at) == ("queued", "cap_day", morning)
    assert touch(second) == (False, morning)
    watch.to(morning)
    assert send(sms, "sms") == 1 and fresh(second).state == "sent" and fresh(second).held == ""
    third = written(contact)
    watch.go(days=1)
    assert send(email) == 0 and fresh(third).held == "cap_week"
    assert fresh(first).state == "sent"


def test_R11_3_what_was_asked_for_is_counted_by_nobody(firm: Firm, watch: Watch, told: list[Any]) -> None:
    contact = somebody(firm)
    for _n in range(4):
        written(contact, asked_for=True, kind="quote")
    later, way = written(contact), Provider()
    assert send(way) == 5 and touch(later) == (True, watch.now)
    assert Touch.objects.count() == 1 and told == [later.pk]


def test_R11_3_nothing_leaves_at_night_where_the_person_is(firm: Firm, watch: Watch) -> None:
    contact = somebody(firm)
    Contact.objects.filter(pk=contact.pk).update(timezone="Europe/London")
    message, way = written(contact), Provider()
    assert send(way) == 0 and fresh(message).held == "quiet"
    watch.to(fresh(message).due_at)
    assert send(way) == 1


def test_R2_3_a_dead_address_is_never_used_again_and_was_no_touch(firm: Firm, watch: Watch) -> None:
    contact = somebody(firm)
    message, other = written(contact), written(contact)
    assert send(Provider(raising(DeadAddress("550 no such user")))) == 1
    message = fresh(message)
    assert (message.state, message.error) == ("failed", "550 no such user") and touch(message) is None
    point = ContactPoint.objects.get(contact=contact, kind="email")
    assert point.dead_at == watch.now and not point.first_choice
    assert send(Provider()) == 0 and (fresh(other).state, fresh(other).held) == ("recalled", "dead_address")


def test_R11_4_a_refusal_that_is_final_is_no_touch_and_harms_no_address(firm: Firm, watch: Watch) -> None:
    message = written(somebody(firm))
    send(Provider(raising(NotSent("554 not allowed"))))
    assert fresh(message).state == "failed" and touch(message) is None
    assert not ContactPoint.objects.filter(dead_at__isnull=False).exists()


def test_R11_4_who_is_asked_to_go_slower_waits_as_long_as_was_said(firm: Firm, watch: Watch) -> None:
    message = written(somebody(firm))
    send(Provider(raising(Later("429", after=90))))
    message = fresh(message)
    assert (message.state, message.held, message.tries) == ("queued", "limit", 1)
    assert message.due_at == watch.now + timedelta(seconds=90)
    assert touch(message) == (False, message.due_at)
    way = Provider()
    assert send(way) == 0 and (watch.go(seconds=90), send(way))[1] == 1


def test_R11_4_a_provider_that_asks_to_go_slower_is_not_asked_by_all_that_wait(
    firm: Firm, watch: Watch
) -> None:
    rows = [written(somebody(firm)) for _n in range(8)]
    way = Provider(raising(Later("429", after=60)))
    assert send(way) == len(way.tried) == sending.ENOUGH
    assert sorted(fresh(row).tries for row in rows) == [0] * 5 + [1] * 3
    way.answer = None
    assert send(way) == 5 and (watch.go(minutes=1), send(way))[1] == 3


def test_R11_4_what_may_have_left_is_unknown_keeps_its_touch_and_is_not_sent_again(
    firm: Firm, watch: Watch, told: list[Any]
) -> None:
    message, way = written(somebody(firm)), Provider(raising(MayHaveLeft("timed out")))
    send(way)
    watch.go(days=3)
    send(way)
    assert len(way.tried) == 1 and told == []
    assert fresh(message).state == "unknown" and touch(message) is not None and touch(message)[0]


def test_R11_4_with_keys_what_may_have_left_goes_again_under_the_same_key(firm: Firm, watch: Watch) -> None:
    message = written(somebody(firm))
    way = Provider(keyed=True)

    def broken(out: Outgoing) -> None:
        if len(way.tried) == 1:
            way.take(out)
            raise MayHaveLeft("timed out")

    way.answer = broken
    send(way)
    message = fresh(message)
    assert (message.state, touch(message)) == ("queued", (True, watch.now))
    watch.go(hours=14)  # night by now: what may have left is not held back any more
    assert send(way) == 1 and fresh(message).state == "sent"
    assert way.tried == [str(message.pk)] * 2 and way.doubles == []


def test_R11_2_with_keys_what_may_have_left_is_not_sent_again_to_who_forbids_it(
    firm: Firm, watch: Watch
) -> None:
    contact = somebody(firm)
    message, way = written(contact), Provider(raising(MayHaveLeft("timed out")), keyed=True)
    send(way)
    set_consent(contact, "email", given=False, way="link")
    watch.go(hours=1)
    assert send(way) == 0 and fresh(message).state == "unknown" and len(way.tried) == 1


def test_R11_4_an_error_that_no_driver_foresaw_is_unknown_too(firm: Firm, watch: Watch) -> None:
    message = written(somebody(firm))
    send(Provider(raising(RuntimeError("a fault of ours"))))
    assert (fresh(message).state, fresh(message).error) == ("unknown", "RuntimeError")


def test_Q13_an_open_breaker_lets_all_wait_and_loses_nothing(
    firm: Firm, watch: Watch, monkeypatch: Any
) -> None:
    channel = Channel.objects.create(
        kind="email", driver="smtp", name="Ours", in_use=True, created_at=watch.now
    )
    way = Provider(raising(Later("no line", down=True)))
    monkeypatch.setattr(sending, "driver_of", lambda channel, kind: way)
    rows = [written(somebody(firm)) for _n in range(3)]
    tries = 0
    while fresh(channel).closed_until is None and tries < 20:
        tries += send_due("email", watch.go(minutes=2))
    assert fresh(channel).closed_until > watch.now
    asked = len(way.tried)
    assert send_due("email", watch.now) == 0 and len(way.tried) == asked
    assert {(fresh(row).state, fresh(row).tries) for row in rows} == {("queued", 0)}
    assert {fresh(row).held for row in rows} == {"breaker"}
    way.answer = None
    watch.to(fresh(channel).closed_until + timedelta(minutes=2))
    assert send_due("email", watch.now) == 3 and fresh(channel).closed_until is None
    assert {fresh(row).state for row in rows} == {"sent"}


def test_R11_4_what_it_cost_is_kept(firm: Firm, watch: Watch, monkeypatch: Any) -> None:
    Channel.objects.create(
        kind="sms", driver="file", name="Ours", in_use=True, price="0.0450", created_at=watch.now
    )
    monkeypatch.setattr(sending, "driver_of", lambda channel, kind: Provider())
    message = written(somebody(firm), "sms", text="短" * 100)
    send_due("sms", watch.now)
    assert str(fresh(message).cost) == "0.0900" and fresh(message).parts == 2


def test_R11_2_a_mail_carries_ways_out_and_a_part_for_browsers(
    firm: Firm, watch: Watch, settings: Any
) -> None:
    with mailbox() as box:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", box.port
        message = written(somebody(firm, name="<b>Li</b>"), reply_to="rita@example.com")
        queue_mail(to="x@example.com", subject="A quote", text="Here", at=watch.now, kind="quote")
        assert send_due("email", watch.now) == 2
    came = next(mail for mail in box.mails if mail["X-Trunk-Message"] == str(message.pk))
    asked = next(mail for mail in box.mails if mail is not came)
    assert came["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = came["List-Unsubscribe"].strip("<>")
    assert address.startswith(f"{settings.SITE_URL}/u/") and came["Reply-To"] == "rita@example.com"
    assert str(message.pk) in came["Message-ID"]
    text = came.get_body(("plain",)).get_content()
    html = came.get_body(("html",)).get_content()
    assert address in text and f'href="{address}"' in html
    assert "https://example.com" not in text and f"{settings.SITE_URL}/l/" in text
    assert "example.com/offer?a=1&amp;b=2</a>" in html and f"{settings.SITE_URL}/o/" in html
    assert "<b>Li</b>" not in html and "&lt;b&gt;Li&lt;/b&gt;" in html
    assert asked["List-Unsubscribe"] is None and asked.get_body(("html",)) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("No more mails: {u}", "No more mails: <a {a}>Unsubscribe</a>"),
        ("To stop: unsubscribe: {u}", "To stop: <a {a}>Unsubscribe</a>"),
        ("Unsubscribe: {u}.", "<a {a}>Unsubscribe</a>."),
    ],
)
def test_R11_2_a_link_is_called_once(firm: Firm, text: str, said: str) -> None:
    message = written(somebody(firm))
    message.language = "en"
    address = outgoing(message).headers["List-Unsubscribe"].strip("<>")
    made = html_of(message, text.format(u=address))
    assert f">{said.format(a=f'href=&quot;{address}&quot;').replace('&quot;', chr(34))}</p>" in made


def test_R10_5_recalled_is_what_was_not_sent_and_nothing_else(firm: Firm, watch: Watch) -> None:
    contact = somebody(firm)
    sent = written(contact)
    send(Provider())
    waiting, call = written(contact), written(contact, "phone")
    assert settling.recall(Message.objects.filter(contact=contact), "") == 2
    assert [fresh(row).state for row in (sent, waiting, call)] == ["sent", "recalled", "recalled"]
    assert Touch.objects.get().message_id == sent.pk
