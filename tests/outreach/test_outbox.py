"""R11.4: a message is written with what decides on it and sent once; what may have left is never sent again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import transaction

from core import clock
from core.errors import Invalid
from opportunities.services import draft_quote, send_quote
from outreach import sending
from outreach.mail import Attachment, queue_mail
from outreach.models import Message
from outreach.services import settling
from tests import invariants
from tests.accounts.mailbox import Mailbox, mailbox
from tests.cast import MONDAY, Firm, Watch
from tests.content import nothing_changes
from tests.races.harness import race

TRANSACTION = pytest.mark.django_db(transaction=True)
pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
send_due = partial(sending.send_due, "email")


@pytest.fixture
def box(settings: Any) -> Iterator[Mailbox]:
    with mailbox() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server


def queued(many: int = 1, at: datetime = MONDAY, to: str = "li{n}@example.com", **more: Any) -> list[Message]:
    values = {"subject": "Thank you", "text": "Dear Li", "kind": "note"} | more
    return [queue_mail(to=to.format(n=n), at=at, **values) for n in range(many)]


def states() -> list[tuple[str, int]]:
    return list(Message.objects.order_by("pk").values_list("state", "tries"))


def test_R11_4_it_leaves_once_with_its_paper(box: Mailbox, watch: Watch) -> None:
    paper = Attachment("Q-1.pdf", "application/pdf", b"%PDF-1.7 \x00\xff")
    (message,) = queued(
        subject="Our\r\nBcc: all@example.com offer", reply_to="rita@example.com", attachments=[paper]
    )
    assert [send_due(watch.now) for _n in range(3)] == [1, 0, 0]
    (came,) = box.mails
    assert (came["To"], came["Reply-To"]) == ("li0@example.com", "rita@example.com")
    assert came["Subject"] == "Our Bcc: all@example.com offer" and came["Bcc"] is None
    assert came["X-Trunk-Message"] == str(message.pk)
    (file,) = came.iter_attachments()
    assert (file.get_filename(), file.get_content()) == ("Q-1.pdf", b"%PDF-1.7 \x00\xff")
    message.refresh_from_db()
    assert (message.state, message.sent_at, message.tries) == ("sent", watch.now, 1)


def test_R11_4_what_is_rolled_back_sends_nothing(firm: Firm, watch: Watch, box: Mailbox) -> None:
    quote = draft_quote(firm.an_opportunity(), by=firm.rita, language="en")
    with nothing_changes(), pytest.raises(Invalid), transaction.atomic():
        send_quote(quote, to="li@example.com", by=firm.rita)
        raise Invalid()
    assert send_due(watch.now) == 0 and box.mails == []
    send_quote(quote, to="li@example.com", by=firm.rita)
    assert send_due(watch.now) == 1
    (came,) = box.mails
    (paper,) = came.iter_attachments()
    assert paper.get_filename() == f"{quote.number}-1.pdf" and paper.get_content().startswith(b"%PDF-")


def test_R11_4_only_what_is_due_leaves_the_oldest_first(box: Mailbox, watch: Watch) -> None:
    queued(at=MONDAY + MINUTE, to="late@example.com")
    queued(at=MONDAY, to="second@example.com")
    queued(at=MONDAY - MINUTE, to="first@example.com")
    assert send_due(watch.now) == 2
    assert [came["To"] for came in box.mails] == ["first@example.com", "second@example.com"]
    assert send_due(watch.go(minutes=1), most=5) == 1


def test_R11_4_without_a_server_all_waits_and_costs_no_try(box: Mailbox, watch: Watch, settings: Any) -> None:
    queued(3)
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    for _n in range(30):
        assert send_due(watch.go(hours=1)) == 1, "one is tried, and the rest spared"
    assert states() == [("queued", 0)] * 3 and {m.held for m in Message.objects.all()} == {"breaker"}
    settings.EMAIL_PORT = port
    assert send_due(watch.go(hours=1)) == 3
    assert states() == [("sent", 1)] * 3 and len(box.mails) == 3


def test_R11_4_a_busy_server_is_asked_again_later_and_not_for_ever(box: Mailbox, watch: Watch) -> None:
    box.refuse, box.only = b"451 try again later", b"li0"
    queued(2)
    assert send_due(watch.now) == 2
    assert states() == [("queued", 1), ("sent", 1)]
    assert send_due(watch.now + MINUTE) == 0, "not at once"
    asked = 1
    while Message.objects.filter(state="queued").exists():
        asked += send_due(watch.go(minutes=61))
    assert asked == settling.MOST_TRIES and states()[0] == ("failed", settling.MOST_TRIES)
    assert "451" in Message.objects.get(state="failed").error
    assert len(box.mails) == 1


def test_R11_4_a_busy_server_that_recovers_gets_it_once(box: Mailbox, watch: Watch) -> None:
    box.refuse = b"450 greylisted"
    queued()
    send_due(watch.now)
    box.refuse = b""
    assert [send_due(watch.go(minutes=2)), send_due(watch.go(days=1))] == [1, 0]
    assert states() == [("sent", 2)] and len(box.mails) == 1


@pytest.mark.parametrize("bad", [{"to": "nobody@example.com"}, {"to": "two at@@example.com"}])
def test_R11_4_one_that_cannot_be_delivered_stops_none_of_the_others(
    box: Mailbox, watch: Watch, bad: dict[str, str]
) -> None:
    box.refuse, box.only = b"550 no such user", b"nobody"
    queued(**bad)
    queued(2)
    assert send_due(watch.now) == 3
    assert states() == [("failed", 1), ("sent", 1), ("sent", 1)]
    assert send_due(watch.go(days=1)) == 0


def test_R11_4_a_server_that_takes_its_leave_has_the_rest_later(box: Mailbox, watch: Watch) -> None:
    box.refuse, box.only = b"421 closing", b"li0"
    queued(3)
    assert send_due(watch.now) == 3
    assert [came["To"] for came in box.mails] == ["li1@example.com", "li2@example.com"]
    assert states() == [("queued", 1), ("sent", 1), ("sent", 1)]


@pytest.mark.parametrize(("where", "came"), [(b"RCPT", 0), (b"DATA", 1)])
def test_R11_4_a_line_that_breaks_leaves_one_unknown_and_the_others_waiting(
    box: Mailbox, watch: Watch, where: bytes, came: int
) -> None:
    box.gone = where
    queued(3)
    assert send_due(watch.now) == 1
    assert states() == [("unknown", 1), ("queued", 0), ("queued", 0)] and len(box.mails) == came
    box.gone = b""
    assert send_due(watch.go(days=2)) == 2, "what may have left is not sent again"
    assert states() == [("unknown", 1), ("sent", 1), ("sent", 1)] and len(box.mails) == came + 2


@TRANSACTION
def test_R11_4_a_crash_between_sending_and_marking_is_unknown_never_doubled(
    box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """No handler of ours sees it: as if the process were gone."""

    def killed(*args: Any) -> None:
        raise Killed()

    at = clock.now()
    queued(3, at=at)
    with monkeypatch.context() as dead, pytest.raises(Killed):
        dead.setattr(settling, "sent", killed)
        send_due(at)
    assert states() == [("sending", 1), ("queued", 0), ("queued", 0)] and len(box.mails) == 1
    assert send_due(at) == 2, "another worker goes on with the rest"
    assert states()[0] == ("sending", 1), "perhaps somebody is at it still"
    send_due(at + sending.GONE + MINUTE)
    assert states() == [("unknown", 1), ("sent", 1), ("sent", 1)]
    assert [came["To"] for came in box.mails] == ["li0@example.com", "li1@example.com", "li2@example.com"]
    invariants.check()


@TRANSACTION
def test_R11_4_eight_workers_send_each_message_once(box: Mailbox) -> None:
    at = clock.now()
    queued(40, at=at)
    outcomes = race([partial(send_due, at)] * 8)
    assert sum(outcome.value for outcome in outcomes) == 40
    assert sorted(came["X-Trunk-Message"] for came in box.mails) == sorted(
        str(pk) for pk in Message.objects.values_list("pk", flat=True)
    )
    assert set(states()) == {("sent", 1)}
    invariants.check()


@TRANSACTION
def test_R11_4_without_the_lock_the_same_race_sends_twice(
    box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin: look, then mark. If this shows no double, the race above proves nothing."""

    def unlocked(run: Any) -> Message | None:
        row = Message.objects.filter(state="queued", due_at__lte=run.at).order_by("due_at", "id").first()
        if row is not None:
            row.state, row.taken_at, row.tries = "sending", clock.now(), row.tries + 1
            row.save(update_fields=["state", "taken_at", "tries"])
        return row

    monkeypatch.setattr(sending, "_take", unlocked)
    for _n in range(10):
        at = clock.now()
        queued(20, at=at)
        race([partial(send_due, at)] * 8)
        if len(box.mails) > Message.objects.count():
            return
    raise AssertionError("never a double: the race is none")
