"""R11.5: what comes back by mail: bounces (RFC 3464), complaints (RFC 5965), answers; and the mailbox that holds them."""

from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

import pytest

from outreach.channels.base import Later, NotOurs
from outreach.channels.email import mailbox as reading
from outreach.channels.email.arrived import read, written
from outreach.channels.email.smtp import EmailSmtp
from tests.outreach.mail_servers import mailbox
from tests.outreach.stubs import closed_port

KEY = "01928f7e-0000-7000-8000-00000000000a"


def a_report(
    action: str = "failed",
    status: str = "5.1.1",
    said: str = "smtp; 550 5.1.1 <li@example.com>: no such user",
    kind: str = "delivery-status",
    ours: str = f"Message-ID: <{KEY}@trunk.example>\r\nSubject: Hello",
    part: str = "text/rfc822-headers",
) -> bytes:
    """A report as mail servers write it."""
    return (
        "From: MAILER-DAEMON@mx.example.com\r\nTo: bounces@trunk.example\r\nSubject: Undelivered\r\n"
        "Date: Mon, 02 Mar 2026 09:00:00 +0800\r\nMIME-Version: 1.0\r\nAuto-Submitted: auto-replied\r\n"
        f'Content-Type: multipart/report; report-type={kind}; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nI am sorry.\r\n"
        f"--b\r\nContent-Type: message/{kind}\r\n\r\nReporting-MTA: dns; mx.example.com\r\n\r\n"
        f"Final-Recipient: rfc822; li@example.com\r\nAction: {action}\r\nStatus: {status}\r\nDiagnostic-Code: {said}\r\n"
        f"\r\n--b\r\nContent-Type: {part}\r\n\r\n{ours}\r\n\r\n--b--\r\n"
    ).encode()


@pytest.mark.parametrize(
    ("report", "what", "dead"),
    [
        (a_report(), "bounced", True),
        (a_report(status="5.2.1"), "bounced", True),
        (a_report(status="5.2.2", said="smtp; 552 5.2.2 mailbox full"), "bounced", False),
        (a_report(status="5.7.1", said="smtp; 550 5.7.1 spam"), "bounced", False),
        (a_report(status="", said="smtp; 550 5.1.1 no such user"), "bounced", True),
        (a_report(action="delivered", status="2.0.0", said=""), "delivered", False),
        (a_report(ours=f"X-Trunk-Message: {KEY}\r\nMessage-ID: <other@relay.example>"), "bounced", True),
        (
            a_report(part="message/rfc822", ours=f"Message-ID: <{KEY}@trunk.example>\r\n\r\nHello"),
            "bounced",
            True,
        ),
    ],
)
def test_R11_5_a_bounce_finds_its_message(report: bytes, what: str, dead: bool) -> None:
    (receipt,), answers = read(report)
    assert (receipt.what, receipt.key, receipt.dead) == (what, KEY, dead)
    assert receipt.at == datetime(2026, 3, 2, 1, tzinfo=UTC) and answers == []


def test_R11_5_a_bounce_says_why() -> None:
    (receipt,), _answers = read(a_report())
    assert receipt.why == "5.1.1 550 5.1.1 <li@example.com>: no such user"


def test_R11_5_what_is_only_late_is_no_bounce_and_no_answer() -> None:
    assert read(a_report(action="delayed", status="4.4.1")) == ([], [])
    assert read(a_report(ours="Subject: of somebody else")) == ([], [])
    assert read(a_report(kind="disposition-notification")) == ([], [])


def test_R11_2_a_complaint_finds_its_message() -> None:
    (receipt,), answers = read(a_report(kind="feedback-report", part="message/rfc822"))
    assert (receipt.what, receipt.key) == ("complaint", KEY) and answers == []


def a_reply(text: str = "Yes, call me.", html: str = "", **headers: str) -> bytes:
    mail = EmailMessage()
    mail["From"] = "李雷 <Li.Lei@example.com>"
    mail["To"] = "sales@trunk.example"
    mail["Subject"] = "Re: Hello"
    mail["Message-ID"] = "<abc@example.com>"
    mail["Date"] = "Mon, 02 Mar 2026 09:00:00 +0800"
    mail["In-Reply-To"] = f"<{KEY}@trunk.example>"
    mail["References"] = f"<first@trunk.example> <{KEY}@trunk.example>"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    if text:
        mail.set_content(text)
        if html:
            mail.add_alternative(html, subtype="html")
    else:
        mail.set_content(html, subtype="html")
    return mail.as_bytes()


def test_R10_2_an_answer_finds_the_message_that_it_answers() -> None:
    receipts, (answer,) = read(a_reply("好的，请联系我。\n\n> Hello Li Lei\n> we are"))
    assert receipts == [] and answer.sender == "Li.Lei@example.com" and answer.text == "好的，请联系我。"
    assert (
        answer.answers == (KEY, "first")
        and answer.id == "<abc@example.com>"
        and answer.subject == "Re: Hello"
    )
    assert answer.at == datetime(2026, 3, 2, 1, tzinfo=UTC)


def test_R10_2_an_answer_in_html_only_is_read() -> None:
    _receipts, (answer,) = read(a_reply("", "<p>Yes,</p><p>call <b>me</b></p><script>x</script>"))
    assert answer.text.startswith("Yes,\ncall me")


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "auto-generated; x=1"},
        {"Precedence": "bulk"},
        {"Precedence": "auto_reply"},
        {"X_Autoreply": "yes"},
        {"List_Id": "<news.example.com>"},
    ],
)
def test_R10_2_what_a_machine_answers_is_no_reaction(headers: dict[str, str]) -> None:
    assert read(a_reply("I am on holiday", **headers)) == ([], [])


def test_R10_2_a_person_may_say_that_no_machine_wrote() -> None:
    assert read(a_reply(Auto_Submitted="no"))[1] != []


@pytest.mark.parametrize(
    "quote",
    [
        "> Hello",
        "-----Original Message-----",
        "On Mon, 2 Mar 2026 at 09:00, Trunk <sales@trunk.example> wrote:",
        "在 2026年3月2日，Trunk 写道：",
        "发件人: Trunk",
        "From: Trunk <sales@trunk.example>",
        "------------------ 原始邮件 ------------------",
        "________________________________",
    ],
)
def test_R10_2_what_is_quoted_is_not_what_was_written(quote: str) -> None:
    assert written(f"Fine.\r\n\r\n{quote}\r\nold words") == "Fine."


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"\x00\xff\xfe", b"no header at all", b"From: \r\n\r\nx", b"From: nobody\r\n\r\nx",
        b"Content-Type: multipart/report; report-type=delivery-status\r\n\r\nno parts",
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n"
        b"Content-Type: message/delivery-status\r\n\r\nAction\r\n--b--",
        b"From: a@b.example\r\nContent-Type: text/plain; charset=no-such\r\n\r\n\xff",
        b"From: a@b.example\r\nDate: never\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!",
        b"From: =?utf-8?b?//8=?= <a@b.example>\r\nSubject: =?x?q?=00?=\r\n\r\nx\x00y",
    ],
)  # fmt: skip
def test_a_mail_that_is_broken_breaks_nothing(raw: bytes) -> None:
    try:
        receipts, answers = read(raw)
    except NotOurs:
        return
    assert receipts == [] and all("\x00" not in answer.text + answer.subject for answer in answers)


def a_driver(port: int, **more: str) -> EmailSmtp:
    box = {"imap_host": "127.0.0.1", "imap_port": str(port), "imap_user": "me", "imap_password": "s3cret"}
    return EmailSmtp({**box, "imap_safety": "none", "host": "x", "sender": "a@b.example", **more})


def test_R11_5_a_mailbox_is_read_from_where_it_was_left() -> None:
    with mailbox() as (box, port):
        box.put(b"From: old@example.com\r\n\r\nbefore our time")
        first, mark = a_driver(port).fetch("")
        assert first == [] and mark == "7:1", "what lay there before is not read"
        assert a_driver(port).fetch(mark) == ([], mark)
        box.put(a_reply())
        box.put(a_report())
        mails, mark = a_driver(port).fetch(mark)
        assert [len(mail) > 100 for mail in mails] == [True, True] and mark == "7:3"
        assert a_driver(port).fetch(mark) == ([], mark)
        box.validity = 8  # the mailbox was made anew: its numbers mean something else
        assert a_driver(port).fetch(mark) == ([], "8:3")
        assert not any(" STORE " in line or " EXPUNGE" in line for line in box.asked)


def test_R11_5_a_full_mailbox_is_read_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST", 2)
    monkeypatch.setattr(reading, "LARGEST", 1_000)
    with mailbox() as (box, port):
        for size in (10, 20, 2_000, 30):
            box.put(b"x" * size)
        mails, mark = a_driver(port).fetch("7:0")
        assert [len(mail) for mail in mails] == [10, 20] and mark == "7:2"
        mails, mark = a_driver(port).fetch(mark)
        assert [len(mail) for mail in mails] == [30] and mark == "7:4", "what is too large is left lying"


@pytest.mark.parametrize(
    "more",
    [
        {"imap_password": "gu3ss"},
        {"imap_folder": "Nowhere"},
        {"imap_safety": "tls"},
        {"imap_user": 'a"b\r\nc'},
    ],
)
def test_R11_5_a_mailbox_that_does_not_open_waits(more: dict[str, str]) -> None:
    with mailbox() as (_box, port), pytest.raises(Later) as caught:
        a_driver(port, **more).fetch("7:0")
    assert caught.value.down and "s3cret" not in str(caught.value) and "gu3ss" not in str(caught.value)


def test_R11_5_a_mailbox_that_hangs_up_loses_nothing() -> None:
    with mailbox() as (box, port):
        box.put(a_reply())
        box.broken = True
        with pytest.raises(Later):
            a_driver(port).fetch("7:0")
        box.broken = False
        mails, _mark = a_driver(port).fetch("7:0")
        assert len(mails) == 1
    with pytest.raises(Later):
        a_driver(closed_port()).fetch("7:0")


def test_without_a_mailbox_there_is_none() -> None:
    assert not EmailSmtp({"host": "x", "sender": "a@b.example"}).has_mailbox
    driver: Any = a_driver(1)
    assert driver.has_mailbox
