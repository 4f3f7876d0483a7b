"""R11.1, R11.4: e-mail over a real mail server: what arrives, what is refused at which step, what a broken line means."""

from __future__ import annotations

from contextlib import closing
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from django.core import mail as django_mail

from outreach.channels.base import DeadAddress, File, Later, MayHaveLeft, NotSent, Outgoing
from outreach.channels.email import smtp
from outreach.channels.email.django import EmailDjango
from outreach.channels.email.smtp import EmailSmtp
from tests.outreach.mail_servers import DROP, a_certificate, may_enter, post_office
from tests.outreach.stubs import closed_port

TO = "li.lei@example.com"
MESSAGE = Outgoing(
    key="0190-k",
    to=TO,
    subject="您好 Li Lei",
    text="Hello\n.\n..dots\n再见",
    html="<p>Hello</p>",
    reply_to="rita@example.com",
    headers={"List-Unsubscribe": "<https://crm.example.com/u/x>"},
    files=(File("offer.pdf", "application/pdf", b"%PDF-1.7 x"),),
)


def driver(port: int, **more: str) -> EmailSmtp:
    values = {
        "host": "127.0.0.1",
        "port": str(port),
        "safety": "none",
        "sender": "Trunk <sales@trunk.example>",
    }
    return EmailSmtp({**values, **more})


def test_R11_1_a_mail_arrives_whole() -> None:
    with post_office() as (post, port):
        way = driver(port, bounces="bounces@trunk.example")
        sent = way.send(MESSAGE)
        way.close()
    (envelope,) = post.mails
    assert envelope.mail_from == "bounces@trunk.example" and envelope.rcpt_tos == [TO]
    got = message_from_bytes(envelope.content, policy=policy.default)
    assert got["Subject"] == MESSAGE.subject and got["From"] == "Trunk <sales@trunk.example>"
    assert got["Message-ID"] == "<0190-k@trunk.example>" == sent.provider_id
    assert (
        got["Reply-To"] == "rita@example.com"
        and got["List-Unsubscribe"]
        and got["X-Trunk-Message"] == "0190-k"
    )
    text = got.get_body(("plain",)).get_content().replace("\r\n", "\n")
    assert text.strip() == MESSAGE.text, "lone dots arrive as they were"
    assert "<p>Hello</p>" in got.get_body(("html",)).get_content()
    assert [part.get_filename() for part in got.iter_attachments()] == ["offer.pdf"]


def test_R11_1_one_line_carries_a_batch_and_a_refusal_does_not_end_it() -> None:
    with post_office() as (post, port):
        post.rcpt = {"gone@example.com": "550 5.1.1 no such user"}
        way = driver(port)
        way.send(Outgoing(key="1", to=TO, text="one"))
        with pytest.raises(DeadAddress):
            way.send(Outgoing(key="2", to="gone@example.com", text="two"))
        way.send(Outgoing(key="3", to=TO, text="three"))
        way.close()
    assert len(post.mails) == 2 and post.lines == 1


AT_RCPT = [
    ("550 5.1.1 no such user", DeadAddress, False),
    ("550 no such user here", DeadAddress, False),
    ("553 mailbox name not allowed", DeadAddress, False),
    ("550 5.2.1 mailbox disabled", DeadAddress, False),
    ("550 5.7.1 spam is not welcome", NotSent, False),
    ("552 5.2.2 mailbox full", NotSent, False),
    ("450 4.2.1 mailbox busy", Later, False),
    ("451 4.3.0 greylisted, come back", Later, False),
    ("421 4.3.2 shutting down", Later, False),
    ("530 5.7.0 authentication required", Later, True),
    (DROP, Later, True),
]


@pytest.mark.parametrize(("said", "meant", "down"), AT_RCPT)
def test_R11_4_a_refusal_of_the_address_means_what_the_server_says(
    said: str, meant: type[Exception], down: bool
) -> None:
    with post_office() as (post, port):
        post.rcpt = {TO: said}
        way = driver(port)
        with pytest.raises(meant) as caught:
            way.send(MESSAGE)
        assert type(caught.value) is meant and getattr(caught.value, "down", False) is down
        # Whatever it was, the next one goes, over a new line where the old one broke.
        way.send(Outgoing(key="n", to="other@example.com", text="next"))
        way.close()
    assert [envelope.rcpt_tos for envelope in post.mails] == [["other@example.com"]]


AT_DATA = [
    ("554 5.6.0 content refused", NotSent, False),
    ("452 4.3.1 no room", Later, False),
    (DROP, MayHaveLeft, False),
]


@pytest.mark.parametrize(("said", "meant", "down"), AT_DATA)
def test_R11_4_a_line_that_breaks_after_the_text_may_have_sent_it(
    said: str, meant: type[Exception], down: bool
) -> None:
    with post_office() as (post, port):
        post.data = said
        way = driver(port)
        with pytest.raises(meant) as caught:
            way.send(MESSAGE)
        assert type(caught.value) is meant and getattr(caught.value, "down", False) is down
        way.close()
    assert bool(post.mails) is (said == DROP)


@pytest.mark.parametrize(
    ("said", "meant", "down"), [("550 5.7.1 not you", NotSent, False), (DROP, Later, True)]
)
def test_R11_4_a_refusal_of_the_sender_kills_no_address(
    said: str, meant: type[Exception], down: bool
) -> None:
    with post_office() as (post, port):
        post.mail = said
        with pytest.raises(meant) as caught, closing(driver(port)) as way:
            way.send(MESSAGE)
        assert type(caught.value) is meant and getattr(caught.value, "down", False) is down


def test_R11_4_without_a_server_nothing_left() -> None:
    with pytest.raises(Later) as caught:
        driver(closed_port()).send(MESSAGE)
    assert caught.value.down


def test_R11_4_a_server_that_hangs_after_the_text_may_have_sent_it(monkeypatch: pytest.MonkeyPatch) -> None:
    import asyncio

    monkeypatch.setattr(smtp, "TIMEOUT", 0.4)
    with post_office() as (post, port):

        async def wait(server: Any, session: Any, envelope: Any) -> str:
            await asyncio.sleep(1.5)
            return "250 OK"

        post.handle_DATA = wait  # type: ignore[method-assign]
        way = driver(port)
        with pytest.raises(MayHaveLeft):
            way.send(MESSAGE)
        way.close()


@pytest.mark.parametrize("to", ["no address", "a@b@c", "li lei@example.com", "x\ny@example.com", ""])
def test_R11_4_what_is_no_address_never_reaches_the_server(to: str) -> None:
    with post_office() as (post, port), pytest.raises(NotSent), closing(driver(port)) as way:
        way.send(Outgoing(key="1", to=to, text="x"))
    assert post.lines == 0


def test_a_subject_cannot_smuggle_in_a_header() -> None:
    with post_office() as (post, port), pytest.raises(NotSent), closing(driver(port)) as way:
        way.send(Outgoing(key="1", to=TO, text="x", subject="Hi\nBcc: all@example.com"))
    assert post.mails == []


def test_R11_1_with_encryption_and_log_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server, trusting = a_certificate(tmp_path)
    safe = {"safety": "starttls", "user": "me", "password": "s3cret"}
    with post_office(tls_context=server, authenticator=may_enter, auth_required=True) as (post, port):
        # Nobody knows who signed this certificate.
        with pytest.raises(Later) as caught, closing(driver(port, **safe)) as way:
            way.send(MESSAGE)
        assert caught.value.down and post.mails == []
        monkeypatch.setattr(smtp.ssl, "create_default_context", lambda: trusting)
        with pytest.raises(Later) as caught, closing(driver(port, **{**safe, "password": "wrong"})) as way:
            way.send(MESSAGE)
        assert caught.value.down and "535" in str(caught.value) and "wrong" not in str(caught.value)
        with pytest.raises(Later) as caught, closing(driver(port, safety="starttls")) as way:
            way.send(MESSAGE)
        assert caught.value.down, "a server that wants a log-in is ours to set right"
        way = driver(port, **safe)
        way.send(MESSAGE)
        way.close()
    assert len(post.mails) == 1


def test_R11_1_without_a_channel_mail_goes_as_the_site_is_set_up() -> None:
    way = EmailDjango({})
    way.send(MESSAGE)
    way.send(Outgoing(key="2", to=TO, text="two"))
    way.close()
    first, _second = django_mail.outbox
    assert first.to == [TO] and first.extra_headers["X-Trunk-Message"] == "0190-k"
    assert first.alternatives[0][0] == "<p>Hello</p>"


@pytest.mark.parametrize(
    ("said", "meant"), [(AT_RCPT[0][0], DeadAddress), (AT_RCPT[6][0], Later), (DROP, MayHaveLeft)]
)
def test_R11_4_the_sites_own_server_is_understood_too(
    settings: Any, said: str, meant: type[Exception]
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    with post_office() as (post, port):
        settings.EMAIL_PORT = port
        post.rcpt = {TO: said}
        with closing(EmailDjango({})) as way:
            with pytest.raises(meant):
                way.send(MESSAGE)
            way.send(Outgoing(key="n", to="other@example.com", text="next"))
    assert len(post.mails) == 1
    settings.EMAIL_PORT = closed_port()
    with pytest.raises(Later) as caught:
        EmailDjango({}).send(MESSAGE)
    assert caught.value.down


def test_settings_of_a_mail_server_that_cannot_be() -> None:
    good = {"host": "mx.example.com", "port": "587", "sender": "Trunk <a@b.example>"}
    assert EmailSmtp.faults(good) == []
    wrong = EmailSmtp.faults({**good, "port": "70000", "sender": "nobody", "bounces": "x y@z"})
    assert [name for name, _text in wrong] == ["port", "sender", "bounces"]
    mailbox = EmailSmtp.faults({**good, "imap_host": "mx.example.com", "imap_port": "x"})
    assert [name for name, _text in mailbox] == ["imap_port", "imap_user", "imap_password"]
