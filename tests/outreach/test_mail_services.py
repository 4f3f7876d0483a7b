"""R11.1, R11.5: mail services through Anymail, against stubs that speak their protocol; what they report is checked."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any
from urllib.parse import urlencode

import pytest

from outreach.channels.base import DeadAddress, Incoming, Later, MayHaveLeft, NotOurs, NotSent, Outgoing
from outreach.channels.email.anymail import SERVICES, EmailAnymail
from tests.outreach.stubs import DROP, HANG, Stub, closed_port

MESSAGE = Outgoing(key="k-1", to="li.lei@example.com", subject="Hello", text="Hello", html="<p>Hello</p>")
TAKEN = {
    "mailgun": {"id": "<m-1@trunk.example>", "message": "Queued. Thank you."},
    "postmark": {"ErrorCode": 0, "Message": "OK", "MessageID": "p-1", "To": "li.lei@example.com"},
    "brevo": {"messageId": "<b-1@brevo>"},
    "mailjet": {"Messages": [{"Status": "success", "To": [
        {"Email": "li.lei@example.com", "MessageUUID": "u", "MessageID": 77, "MessageHref": "x"}], "Cc": [], "Bcc": []}]},
    "resend": {"id": "r-1"},
}  # fmt: skip
IDS = {
    "mailgun": "<m-1@trunk.example>",
    "postmark": "p-1",
    "brevo": "<b-1@brevo>",
    "mailjet": "77",
    "resend": "r-1",
}


def service(name: str, url: str = "", **more: str) -> EmailAnymail:
    values = {
        "service": name,
        "api_key": "s3cret",
        "second_key": "s3cond",
        "sender": "Trunk <sales@trunk.example>",
    }
    return EmailAnymail({**values, "endpoint": url and f"{url}/v3/", **more})


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_R11_1_a_service_takes_a_mail(stub: Stub, name: str) -> None:
    stub.say((200, TAKEN[name]))
    way = service(name, stub.url)
    assert way.send(MESSAGE).provider_id == IDS[name]
    way.close()
    assert b"li.lei@example.com" in stub.asked[0]["body"].replace(b"%40", b"@") and len(stub.asked) == 1
    assert b"k-1" in stub.asked[0]["body"], "the key comes back with the reports"


ANSWERS: list[tuple[Any, type[Exception], bool]] = [
    ((401, {"Message": "bad key"}), Later, True),
    ((402, {"Message": "no money"}), Later, True),
    ((429, {"Message": "slower"}, {"Retry-After": "9"}), Later, False),
    ((422, {"ErrorCode": 300, "Message": "invalid"}), NotSent, False),
    ((500, {}), MayHaveLeft, False),
    ((503, {}), Later, True),
    ((200, b"<html>"), MayHaveLeft, False),
    (HANG, MayHaveLeft, False),
    (DROP, MayHaveLeft, False),
]


@pytest.mark.parametrize(("answer", "meant", "down"), ANSWERS)
@pytest.mark.parametrize("name", ["mailgun", "postmark"])
def test_R11_4_what_a_service_answers_means(
    stub: Stub, name: str, answer: Any, meant: type[Exception], down: bool
) -> None:
    stub.say(answer)
    way = service(name, stub.url)
    with pytest.raises(meant) as caught:
        way.send(MESSAGE)
    way.close()
    assert type(caught.value) is meant and getattr(caught.value, "down", False) is down
    assert len(stub.asked) == 1 and "s3cret" not in str(caught.value)


def test_R11_4_where_no_line_comes_about_nothing_left(stub: Stub) -> None:
    way = service("postmark", f"http://127.0.0.1:{closed_port()}")
    with pytest.raises(Later) as caught:
        way.send(MESSAGE)
    way.close()
    assert caught.value.down


def test_R11_4_what_is_no_address_is_not_asked_for(stub: Stub) -> None:
    way = service("postmark", stub.url)
    with pytest.raises(DeadAddress):
        way.send(Outgoing(key="1", to="nobody", text="x"))
    way.close()
    assert stub.asked == []


def test_an_endpoint_in_the_inner_net_is_not_asked(stub: Stub, settings: Any) -> None:
    settings.INTERNAL_HOSTS = []
    with pytest.raises(Later):
        service("postmark", stub.url).send(MESSAGE)
    assert stub.asked == []


def incoming(body: bytes, kind: str = "application/json", **headers: str) -> Incoming:
    return Incoming("POST", "/hooks/1/k/", {"content-type": kind, **headers}, {}, {}, body)


def of_mailgun(event: dict[str, Any], key: str = "sign") -> Incoming:
    mark = hmac.new(key.encode(), b"1772413200token", hashlib.sha256).hexdigest()
    signature = {"timestamp": "1772413200", "token": "token", "signature": mark}
    return incoming(json.dumps({"signature": signature, "event-data": event}).encode())


FAILED = {
    "event": "failed",
    "severity": "permanent",
    "recipient": "li.lei@example.com",
    "timestamp": 1772413200.5,
    "delivery-status": {"code": 550, "message": "5.1.1 no such user"},
    "message": {"headers": {"message-id": "m-1@trunk.example"}},
    "user-variables": {"key": "k-1"},
}


def test_R11_5_mailgun_is_believed_when_it_signed() -> None:
    way = service("mailgun", signing_key="sign")
    (receipt,) = way.receipts(of_mailgun(FAILED))
    assert (receipt.what, receipt.key, receipt.provider_id) == ("bounced", "k-1", "<m-1@trunk.example>")
    assert receipt.dead and receipt.at is not None
    assert way.inbound(of_mailgun(FAILED)) == []
    assert way.receipts(of_mailgun({**FAILED, "event": "complained"}))[0].what == "complaint"
    assert way.receipts(of_mailgun({**FAILED, "event": "delivered"}))[0].what == "delivered"
    assert way.receipts(of_mailgun({**FAILED, "severity": "temporary"})) == [], "only late"
    with pytest.raises(NotOurs):
        way.receipts(of_mailgun(FAILED, key="guess"))
    with pytest.raises(NotOurs):
        service("mailgun").receipts(of_mailgun(FAILED, key="s3cret"))


def test_R10_2_mailgun_brings_answers_as_they_were_written() -> None:
    raw = b"From: li.lei@example.com\r\nIn-Reply-To: <k-1@trunk.example>\r\nSubject: Re\r\n\r\nCall me\r\n\r\n> Hello"
    mark = hmac.new(b"sign", b"1772413200token", hashlib.sha256).hexdigest()
    form = {"timestamp": "1772413200", "token": "token", "signature": mark, "sender": "li.lei@example.com",
            "recipient": "sales@trunk.example", "body-mime": raw.decode()}  # fmt: skip
    way = service("mailgun", signing_key="sign")
    request = incoming(urlencode(form).encode(), "application/x-www-form-urlencoded")
    (answer,) = way.inbound(request)
    assert (answer.text, answer.answers, answer.sender) == ("Call me", ("k-1",), "li.lei@example.com")
    assert way.receipts(request) == []


def test_R11_5_postmark_reports_bounces_complaints_and_answers() -> None:
    way = service("postmark")
    bounce = {"RecordType": "Bounce", "Type": "HardBounce", "TypeCode": 1, "MessageID": "p-1", "Email": "li@example.com",
              "Description": "gone", "Details": "smtp;550 5.1.1 unknown", "BouncedAt": "2026-03-02T01:00:00Z",
              "Metadata": {"key": "k-1"}}  # fmt: skip
    (receipt,) = way.receipts(incoming(json.dumps(bounce).encode()))
    assert (receipt.what, receipt.provider_id, receipt.key, receipt.dead) == ("bounced", "p-1", "k-1", True)
    spam = {**bounce, "RecordType": "SpamComplaint", "Type": "SpamComplaint"}
    assert way.receipts(incoming(json.dumps(spam).encode()))[0].what == "complaint"
    reply = {"FromFull": {"Email": "li@example.com", "Name": "", "MailboxHash": ""}, "From": "li@example.com",
             "ToFull": [], "CcFull": [], "BccFull": [], "Subject": "Re", "MessageID": "in-1", "TextBody": "Call me",
             "HtmlBody": "", "OriginalRecipient": "sales@trunk.example", "Attachments": [], "Date": "",
             "Headers": [{"Name": "In-Reply-To", "Value": "<k-1@trunk.example>"},
                         {"Name": "Message-ID", "Value": "<theirs@example.com>"}]}  # fmt: skip
    (answer,) = way.inbound(incoming(json.dumps(reply).encode()))
    assert (answer.text, answer.answers) == ("Call me", ("k-1",))


@pytest.mark.parametrize("name", sorted(SERVICES))
@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"[1]", b'"x"', b"\xff", b'{"event-data": 1}', b'{"type": 1, "data": 2}']
)
def test_a_report_that_cannot_be_read_breaks_nothing(name: str, body: bytes) -> None:
    way = service(name, signing_key="whsec_c2lnbg==")
    for read in (way.receipts, way.inbound):
        for kind in ("application/json", "multipart/form-data; boundary=x", "text/plain", ""):
            try:
                assert read(incoming(body, kind)) == []
            except NotOurs:
                continue


def test_mailjet_needs_both_keys() -> None:
    assert EmailAnymail.faults({"service": "mailjet", "second_key": ""}) != []
    assert EmailAnymail.faults({"service": "postmark", "second_key": ""}) == []
