"""R11.5: the address at which providers report: who knows it, what is taken, what is refused; and the mailbox."""

from __future__ import annotations

import json
import time
from functools import partial
from typing import Any

import pytest
from django.test import Client
from twilio.request_validator import RequestValidator

from core import clock
from core.api.throttle import counter
from outreach import channel_hooks
from outreach.channels.base import Receipt
from outreach.channels.registry import hook_address
from outreach.models import Channel
from outreach.sending import send_due
from outreach.services import channels as verbs
from outreach.services import mailboxes, receiving
from tests.cast import Firm, Watch, fresh
from tests.outreach.mail_servers import mailbox
from tests.outreach.people import Provider, somebody, written
from tests.outreach.test_arrived import KEY, a_reply, a_report
from tests.races.harness import race

pytestmark = pytest.mark.django_db
ALIYUN = {"access_key_id": "a", "access_key_secret": "b", "sign_name": "Trunk"}
REPORT = [{"phone_number": "13800000001", "success": True, "biz_id": "b1", "out_id": "k-1"}]
REPLY = [{"phone_number": "13800000001", "content": "T", "sequence_id": 1}]


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any, list[Any], Any]]:
    """What is handed on."""
    kept: list[tuple[str, Any, list[Any], Any]] = []

    def keeper(name: str) -> Any:
        return lambda channel, rows, at: kept.append((name, channel.pk, list(rows), at))

    monkeypatch.setattr(receiving, "take_receipts", keeper("receipts"))
    monkeypatch.setattr(receiving, "take_inbound", keeper("inbound"))
    return kept


@pytest.fixture
def aliyun(firm: Firm) -> Channel:
    return verbs.save_channel(None, by=firm.ada, kind="sms", driver="aliyun", name="SMS", values=ALIYUN)


def at(channel: Channel, key: str = "") -> str:
    return f"/hooks/{channel.pk}/{key or channel.hook_key}/"


def post(path: str, body: Any, kind: str = "application/json", **headers: str) -> Any:
    content = body if isinstance(body, bytes | str) else json.dumps(body)
    return Client(enforce_csrf_checks=True).post(path, content, content_type=kind, headers=headers)


def test_R11_5_reports_and_answers_are_handed_on(aliyun: Channel, taken: list[Any], watch: Watch) -> None:
    answer = post(at(aliyun), REPORT)
    assert (answer.status_code, answer.json()) == (200, {"code": 0, "msg": "OK"})
    assert post(at(aliyun), REPLY).status_code == 200
    (first, second) = taken
    assert first[:2] == ("receipts", aliyun.pk) and first[2][0].key == "k-1" and first[3] == watch.now
    assert second[0] == "inbound" and second[2][0].text == "T"


def test_R11_5_who_does_not_know_the_key_finds_nothing(aliyun: Channel, taken: list[Any]) -> None:
    other = "01890000-0000-7000-8000-000000000000"
    for path in (at(aliyun, "guess"), at(aliyun, aliyun.hook_key[:-1]), f"/hooks/{other}/{aliyun.hook_key}/"):
        assert post(path, REPORT).status_code == 404
        assert Client().get(path).status_code == 404
    assert taken == []


def test_R11_5_who_only_looks_changes_nothing(aliyun: Channel, taken: list[Any]) -> None:
    assert Client().get(at(aliyun)).content == b"ok"
    assert Client().head(at(aliyun)).status_code == 200
    assert Client().delete(at(aliyun)).status_code == 405
    assert taken == []


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b"\xff\xfe", b"null", b"[" * 200_000])
def test_what_cannot_be_read_is_refused(aliyun: Channel, taken: list[Any], body: bytes) -> None:
    assert post(at(aliyun), body).status_code == 400
    assert taken == []


def test_what_is_too_long_is_refused_unread(aliyun: Channel, taken: list[Any]) -> None:
    assert post(at(aliyun), b"x" * (1024 * 1024 + 1)).status_code == 413
    assert taken == []


def test_a_flood_is_told_to_come_back(
    aliyun: Channel, taken: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(counter, "wait", lambda ident, limit: asked.append((ident, limit)) or 7)
    answer = post(at(aliyun), REPORT)
    assert (answer.status_code, answer["Retry-After"]) == (429, "7") and taken == []
    assert asked == [(f"hook:{aliyun.pk}", 6_000)]
    assert post(at(aliyun, "guess"), REPORT).status_code == 404 and len(asked) == 1


def test_R11_5_a_report_is_taken_whole_or_not_at_all(
    aliyun: Channel, taken: list[Any], monkeypatch: pytest.MonkeyPatch, firm: Firm
) -> None:
    """What fails in between is asked for again by the provider."""

    def fail(channel: Channel, rows: Any, at: Any) -> None:
        Channel.objects.filter(pk=channel.pk).update(name="half done")
        raise RuntimeError("the database is gone")

    monkeypatch.setattr(receiving, "take_receipts", fail)
    client = Client(raise_request_exception=False)
    assert client.post(at(aliyun), json.dumps(REPORT), content_type="application/json").status_code == 500
    assert fresh(aliyun).name == "SMS"


def test_R11_5_twilio_signs_the_address_that_people_see(firm: Firm, taken: list[Any], settings: Any) -> None:
    settings.SITE_URL = "https://crm.example.com"
    values = {"account_sid": "AC1", "auth_token": "t0ken", "sender": "+15550001"}
    row = verbs.save_channel(None, by=firm.ada, kind="sms", driver="twilio", name="Twilio", values=values)
    form = {"MessageSid": "SM1", "MessageStatus": "delivered", "To": "+8613800000001"}
    body = "MessageSid=SM1&MessageStatus=delivered&To=%2B8613800000001"
    mark = RequestValidator("t0ken").compute_signature(hook_address(row), form)
    kind = "application/x-www-form-urlencoded"
    answer = post(at(row), body, kind, **{"X-Twilio-Signature": mark})
    assert answer.status_code == 200 and answer.content.endswith(b"<Response/>")
    assert [kept[0] for kept in taken] == ["receipts"]
    for wrong in ({}, {"X-Twilio-Signature": mark[:-2] + "x="}):
        assert post(at(row), body, kind, **wrong).status_code == 403
    assert post(at(row), body + "&ErrorCode=1", kind, **{"X-Twilio-Signature": mark}).status_code == 403
    assert len(taken) == 1


def test_R11_5_a_channel_that_cannot_be_made_still_answers(aliyun: Channel, taken: list[Any]) -> None:
    Channel.objects.filter(pk=aliyun.pk).update(driver="gone")
    assert post(at(aliyun), REPORT).status_code == 200 and taken == []


@pytest.fixture
def mail(firm: Firm) -> Any:
    """A channel with a mailbox: what lies in it, and the channel."""
    with mailbox() as (box, port):
        values = {
            "host": "127.0.0.1", "sender": "Trunk <a@b.example>", "imap_host": "127.0.0.1", "imap_port": str(port),
            "imap_user": "me", "imap_password": "s3cret", "imap_safety": "none",
        }  # fmt: skip
        row = verbs.save_channel(None, by=firm.ada, kind="email", driver="smtp", name="Mail", values=values)
        yield box, verbs.use_channel(row, by=firm.ada)


def test_R11_5_the_mailbox_is_looked_into_each_minute_and_each_mail_is_taken_once(
    mail: Any, taken: list[Any], watch: Watch
) -> None:
    box, row = mail
    assert mailboxes.poll_due(watch.now) == 0 and fresh(row).poll_mark == "7:0"
    box.put(a_report())
    box.put(a_reply())
    box.put(b"\x00 no mail")
    assert mailboxes.poll_due(watch.go(seconds=10)) == 0, "somebody looked a moment ago"
    assert mailboxes.poll_due(watch.go(seconds=50)) == 3
    assert [
        (name, rows[0].key if name == "receipts" else rows[0].answers[0]) for name, _pk, rows, _at in taken
    ] == [
        ("receipts", KEY),
        ("inbound", KEY),
    ]
    assert mailboxes.poll_due(watch.go(seconds=60)) == 0 and len(taken) == 2


def test_R11_5_what_could_not_be_taken_is_read_again(
    mail: Any, taken: list[Any], watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    box, row = mail
    mailboxes.poll_due(watch.now)
    box.put(a_report())

    def fail(channel: Channel, rows: Any, at: Any) -> None:
        raise RuntimeError("the database is gone")

    with monkeypatch.context() as broken:
        broken.setattr(receiving, "take_receipts", fail)
        with pytest.raises(RuntimeError):
            mailboxes.poll_due(watch.go(minutes=1))
    assert fresh(row).poll_mark == "7:0" and mailboxes.poll_due(watch.go(minutes=1)) == 1
    assert len(taken) == 1


def test_R11_5_of_two_who_read_the_same_mail_one_hands_it_on(
    mail: Any, taken: list[Any], watch: Watch
) -> None:
    box, row = mail
    mailboxes.poll_due(watch.now)
    box.put(a_report())
    seen_before = fresh(row)
    assert mailboxes.poll(fresh(row), watch.now) == 1
    assert mailboxes.poll(seen_before, watch.now) == 0 and len(taken) == 1


def test_R11_5_a_mailbox_out_of_reach_is_tried_again(mail: Any, taken: list[Any], watch: Watch) -> None:
    box, _row = mail
    mailboxes.poll_due(watch.now)
    box.put(a_reply())
    box.broken = True
    assert mailboxes.poll_due(watch.go(minutes=1)) == 0
    box.broken = False
    assert mailboxes.poll_due(watch.go(minutes=1)) == 1 and len(taken) == 1


def test_without_a_mailbox_nobody_looks(firm: Firm, watch: Watch) -> None:
    assert mailboxes.poll_due(watch.now) == 0
    row = verbs.save_channel(None, by=firm.ada, kind="email", driver="file", name="Files", values={})
    verbs.use_channel(row, by=firm.ada)
    assert mailboxes.poll_due(watch.now) == 0 and mailboxes.poll(row, watch.now) == 0


@pytest.mark.django_db(transaction=True)
def test_Q3_two_reports_that_name_the_same_people_cross_each_other_and_both_are_taken(
    firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [written(somebody(firm), asked_for=True, kind="quote", function="sales") for _n in range(2)]
    send_due("email", clock.now(), driver=Provider())
    channel = Channel.objects.create(kind="email", driver="file", name="Ours", created_at=clock.now())
    take = receiving._take_receipt

    def slowly(*args: Any) -> Any:
        found = take(*args)
        time.sleep(0.3)  # each holds the first of its people when it wants the other
        return found

    monkeypatch.setattr(receiving, "_take_receipt", slowly)
    told = [Receipt("delivered", key=str(row.pk)) for row in rows]
    race([partial(channel_hooks._keep, channel, order, []) for order in (told, told[::-1])])
    assert all(fresh(row).delivered_at for row in rows)
