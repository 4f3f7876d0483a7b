"""R11.1: channels are set up, tried and put to use by an administrator; their secrets are sealed; their health is noted."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from core import sealing
from core.errors import Conflict, Forbidden, NotFound, RuleRefused
from core.models import Event
from outreach.channel_health import health, health_without
from outreach.channels import registry
from outreach.channels.base import Later, Outgoing
from outreach.channels.registry import (
    DEFAULTS,
    DRIVERS,
    channel_in_use,
    driver_of,
    drivers_of,
    hook_address,
)
from outreach.models import Channel
from outreach.rules import BY_PERSON, ChannelKind
from outreach.services import channels as verbs
from outreach.services.breaker import IN_A_ROW, LONGEST, note_result, pause_after
from tests.cast import CAST, Firm, Watch, fresh
from tests.outreach.mail_servers import post_office
from tests.outreach.stubs import Stub

pytestmark = pytest.mark.django_db
TWILIO = {"account_sid": "AC1", "auth_token": "t0ken-of-twilio", "sender": "+15550001"}


def twilio(firm: Firm, **more: Any) -> Channel:
    values = {**TWILIO, **more.pop("values", {})}
    given = {"kind": "sms", "driver": "twilio", "name": "Twilio", "values": values, **more}
    return verbs.save_channel(None, by=firm.ada, **given)


def faults(refusal: Any) -> dict[str, str]:
    return {error.field: error.code for error in refusal.value.errors}


def test_R11_1_every_kind_has_a_driver_for_trying_out_and_a_default() -> None:
    for kind in ChannelKind.values:
        codes = {driver.code for driver in drivers_of(kind)}
        if kind == ChannelKind.PHONE:
            assert codes == set()
        else:
            assert "file" in codes
        assert (kind in DEFAULTS) is (kind not in BY_PERSON)
    assert len(DRIVERS) == 14


@pytest.mark.parametrize("login", sorted(set(CAST) - {"ada"}))
def test_R15_1_only_an_administrator_holds_the_keys(firm: Firm, login: str) -> None:
    row, other = twilio(firm), firm.people[login]
    for forbidden in (
        lambda: verbs.save_channel(None, by=other, kind="sms", driver="file", name="x", values={}),
        lambda: verbs.save_channel(row, by=other, name="x", values={}),
        lambda: verbs.use_channel(row, by=other),
        lambda: verbs.rest_channel(row, by=other),
        lambda: verbs.drop_channel(row, by=other),
        lambda: verbs.test_send(row, to="+8613800000001", text="x", by=other),
    ):
        with pytest.raises(Forbidden):
            forbidden()
    assert fresh(row).version == row.version and not Event.objects.filter(verb="channel_tried").exists()


def test_R11_1_what_is_missing_or_wrong_is_named(firm: Firm) -> None:
    with pytest.raises(RuleRefused) as refusal:
        verbs.save_channel(
            None,
            by=firm.ada,
            kind="sms",
            driver="twilio",
            name=" ",
            values={"account_sid": "x" * 81, "sender": "a\nb", "nonsense": "1"},
            price=Decimal("-1"),
        )
    assert faults(refusal) == {
        "name": "required",
        "price": "out_of_range",
        "account_sid": "too_long",
        "auth_token": "required",
        "sender": "invalid_characters",
        "nonsense": "unknown_field",
    }
    for kind, driver in (("sms", "nobody"), ("phone", "file"), ("", "")):
        with pytest.raises(RuleRefused) as refusal:
            verbs.save_channel(None, by=firm.ada, kind=kind, driver=driver, name="x", values={})
        assert faults(refusal) == {"driver": "invalid"}
    mail = {"host": "mx.example.com", "port": "0", "sender": "Trunk <a@b.example>", "safety": "rot13"}
    with pytest.raises(RuleRefused) as refusal:
        verbs.save_channel(None, by=firm.ada, kind="email", driver="smtp", name="x", values=mail)
    assert faults(refusal) == {"safety": "invalid_choice"}
    with pytest.raises(RuleRefused) as refusal:
        verbs.save_channel(
            None, by=firm.ada, kind="email", driver="smtp", name="x", values={**mail, "safety": "tls"}
        )
    assert faults(refusal) == {"port": "invalid"}
    assert not Channel.objects.exists()


@pytest.mark.parametrize("price", ["0.00005", "NaN", "Infinity", "1000000"])
def test_R11_1_a_price_has_at_most_four_places(firm: Firm, price: str) -> None:
    with pytest.raises(RuleRefused) as refusal:
        twilio(firm, price=Decimal(price))
    assert faults(refusal) == {"price": "out_of_range"}


def test_R11_1_a_secret_is_sealed_and_an_empty_field_keeps_it(firm: Firm) -> None:
    row = twilio(firm, price=Decimal("0.0450"))
    assert row.secrets == {"auth_token": TWILIO["auth_token"]} and "auth_token" not in row.settings
    changed = verbs.save_channel(row, by=firm.ada, name="SMS abroad", values={**TWILIO, "auth_token": ""})
    assert changed.secrets == row.secrets and changed.name == "SMS abroad" and changed.price is None
    again = verbs.save_channel(
        row, by=firm.ada, name="SMS abroad", values={**TWILIO, "auth_token": "another-0ne"}
    )
    assert again.secrets == {"auth_token": "another-0ne"}
    told = Event.objects.filter(subject_id=row.pk).order_by("at", "id")
    assert [event.verb for event in told] == ["channel_made", "channel_changed", "channel_changed"]
    assert told[1].data["fields"] == ["name", "price"] and told[2].data["fields"] == ["auth_token"]


def test_R15_4_no_secret_stands_in_the_database_as_it_was_typed(firm: Firm) -> None:
    twilio(firm)
    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        tables = [name for (name,) in cursor.fetchall()]
        assert "outreach_channel" in tables
        for table in tables:
            cursor.execute(
                f'SELECT count(*) FROM "{table}" AS row WHERE row::text LIKE %s', ["%t0ken-of-twilio%"]
            )
            assert cursor.fetchone() == (0,), table


def test_a_copy_of_the_database_without_the_sites_key_sends_nothing_and_says_why(
    firm: Firm, settings: Any
) -> None:
    row = twilio(firm)
    settings.SECRET_KEY = "another site's key, long enough to be one, but not the one that sealed"
    sealing._box.cache_clear()
    stolen = fresh(row)
    assert stolen.secrets == {}
    with pytest.raises(Later) as caught:
        driver_of(stolen).send(Outgoing(key="1", to="+8613800000001", text="x"))
    assert caught.value.down and "Token" in str(caught.value)
    assert health(stolen, row.created_at).light == "red"


def test_R11_1_a_driver_whose_sdk_is_missing_is_told_and_never_crashes(
    firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = verbs.use_channel(twilio(firm), by=firm.ada)
    monkeypatch.setattr(DRIVERS["sms", "twilio"], "needs", ("no_such_package.inside", "sms-twilio"))
    with pytest.raises(RuleRefused) as refusal:
        twilio(firm)
    assert faults(refusal) == {"driver": "not_installed"}
    with pytest.raises(Later) as caught:
        driver_of(row).send(Outgoing(key="1", to="+8613800000001", text="x"))
    assert caught.value.down and "sms-twilio" in str(caught.value)
    monkeypatch.delitem(registry.DRIVERS, ("sms", "twilio"))
    with pytest.raises(Later):
        driver_of(row).send(Outgoing(key="1", to="+8613800000001", text="x"))
    assert driver_of(row).receipts(None) == [] == driver_of(row).inbound(None)  # type: ignore[arg-type]


def test_R11_1_one_of_a_kind_is_in_use(firm: Firm) -> None:
    assert channel_in_use("sms") is None and driver_of(channel_in_use("sms"), "sms").code == "file"
    assert driver_of(None, "email").code == "django"
    first, second = twilio(firm), twilio(firm, name="Another")
    files = verbs.save_channel(None, by=firm.ada, kind="email", driver="file", name="Files", values={})
    verbs.use_channel(files, by=firm.ada)
    verbs.use_channel(first, by=firm.ada)
    verbs.use_channel(second, by=firm.ada)
    assert channel_in_use("sms") == second and channel_in_use("email") == files
    assert driver_of(channel_in_use("sms"), "sms").code == "twilio"
    with pytest.raises(IntegrityError), transaction.atomic():
        Channel.objects.filter(pk=first.pk).update(in_use=True)
    with pytest.raises(Conflict):
        verbs.drop_channel(second, by=firm.ada)
    verbs.rest_channel(second, by=firm.ada)
    assert channel_in_use("sms") is None
    verbs.drop_channel(second, by=firm.ada)
    for verb in (verbs.use_channel, verbs.rest_channel, verbs.drop_channel):
        with pytest.raises(NotFound):
            verb(second, by=firm.ada)


def test_R11_1_the_file_driver_writes_what_it_would_send_once_a_key(outbox: Path) -> None:
    message = Outgoing(key="k/../1", to="+8613800000001", text="您好", subject="Hi", params={"code": "S"})
    for kind, ending in (
        ("sms", "json"),
        ("call", "json"),
        ("webhook", "json"),
        ("wechat", "json"),
        ("email", "eml"),
    ):
        way = DRIVERS[kind, "file"]({})
        assert way.keyed
        to = Outgoing(**{**message.__dict__, "to": "a@b.example"}) if kind == "email" else message
        assert way.send(to) == way.send(to)
        (file,) = (outbox / kind).iterdir()
        assert file.name == f"k____1.{ending}"
        if kind != "email":
            said = json.loads(file.read_text("utf-8"))
            assert (said["to"], said["text"], said["params"]) == (message.to, "您好", {"code": "S"})
    assert "Message-ID: <k_.._1@" in (outbox / "email" / "k____1.eml").read_text("utf-8")


def test_R11_1_a_disk_that_refuses_delays_and_loses_nothing(outbox: Path) -> None:
    outbox.parent.joinpath("outbox").write_text("a file where the folder should be")
    with pytest.raises(Later) as caught:
        DRIVERS["sms", "file"]({}).send(Outgoing(key="1", to="x", text="x"))
    assert caught.value.down


def test_R11_1_a_test_is_really_sent_and_told_in_words(firm: Firm, watch: Watch) -> None:
    with post_office() as (post, port):
        values = {"host": "127.0.0.1", "port": str(port), "safety": "none", "sender": "Trunk <a@b.example>"}
        row = verbs.save_channel(None, by=firm.ada, kind="email", driver="smtp", name="Mail", values=values)
        tried = verbs.test_send(row, to="Li@Example.com", text="Hello", by=firm.ada)
        assert tried.ok and [envelope.rcpt_tos for envelope in post.mails] == [["li@example.com"]]
        assert fresh(row).ok_at == watch.now and health(fresh(row), watch.now).light == "green"
        post.rcpt = {"gone@example.com": "550 5.1.1 no such user"}
        tried = verbs.test_send(row, to="gone@example.com", text="Hello", by=firm.ada)
        assert not tried.ok and "no such user" in tried.text
        assert fresh(row).failures == 0, "the channel itself is well"
    tried = verbs.test_send(row, to="li@example.com", text="Hello", by=firm.ada)
    assert not tried.ok and fresh(row).failures == 1 and health(fresh(row), watch.now).light == "amber"
    assert [event.data["ok"] for event in Event.objects.filter(verb="channel_tried").order_by("id")] == [
        True,
        False,
        False,
    ]
    for to, text, field in (
        ("nobody", "x", "to"),
        ("a@b.example", " ", "text"),
        ("a@b.example", "x" * 2001, "text"),
    ):
        with pytest.raises(RuleRefused) as refusal:
            verbs.test_send(row, to=to, text=text, by=firm.ada)
        assert list(faults(refusal)) == [field]


def test_R11_1_no_secret_and_no_number_stands_in_a_log(
    firm: Firm, stub: Stub, caplog: pytest.LogCaptureFixture
) -> None:
    from crm.logs import TALKATIVE

    with caplog.at_level(logging.DEBUG):
        for name in TALKATIVE:  # as crm/logs.py has it, whatever the level of everything else
            caplog.set_level(logging.WARNING, logger=name)
        stub.say((201, {"sid": "SM1"}))
        row = twilio(firm, values={"endpoint": stub.url})
        assert verbs.test_send(row, to="+8613800000001", text="Hello", by=firm.ada).ok
        stub.say((401, {"code": 20003, "message": "bad token", "status": 401}))
        assert not verbs.test_send(row, to="+8613800000001", text="Hello", by=firm.ada).ok
    assert "t0ken-of-twilio" not in caplog.text and "13800000001" not in caplog.text
    assert "t0ken-of-twilio" not in fresh(row).error


def test_R11_4_the_breaker_opens_after_five_failures_and_rests_longer_each_time(
    firm: Firm, watch: Watch
) -> None:
    row = twilio(firm)
    for number in range(1, IN_A_ROW):
        note_result(row.pk, "down", watch.now)
        assert (fresh(row).failures, fresh(row).closed_until) == (number, None)
    pauses = []
    for _time in range(7):
        note_result(row.pk, "still down", watch.now)
        pauses.append((fresh(row).closed_until - watch.now).total_seconds())
    assert pauses == [30, 60, 120, 240, 480, 600, 600]
    ill = fresh(row)
    assert health(ill, watch.now).light == "red" and "still down" in health(ill, watch.now).more
    assert health(ill, watch.now + LONGEST + timedelta(seconds=1)).light == "red"
    note_result(row.pk, None, watch.go(minutes=11))
    well = fresh(row)
    assert (well.failures, well.closed_until, well.error, well.ok_at) == (0, None, "", watch.now)
    assert well.version == row.version, "health is no change that somebody made"


def test_R11_4_what_goes_well_is_written_now_and_then_only(firm: Firm, watch: Watch) -> None:
    row = twilio(firm)
    note_result(row.pk, None, watch.now)
    first = watch.now
    note_result(row.pk, None, watch.go(seconds=10))
    assert fresh(row).ok_at == first
    note_result(row.pk, None, watch.go(seconds=30))
    assert fresh(row).ok_at == watch.now
    note_result("01890000-0000-7000-8000-000000000000", "nobody", watch.now)


def test_R11_4_a_failure_in_between_is_forgotten(firm: Firm, watch: Watch) -> None:
    row = twilio(firm)
    for _time in range(IN_A_ROW - 1):
        note_result(row.pk, "down", watch.now)
    note_result(row.pk, None, watch.now)
    note_result(row.pk, "down", watch.now)
    assert fresh(row).failures == 1
    assert pause_after(10_000) == LONGEST


def test_R11_1_who_saves_or_puts_to_use_has_it_tried_at_once(firm: Firm, watch: Watch) -> None:
    row = twilio(firm)
    for act in (
        lambda: verbs.save_channel(row, by=firm.ada, name="Twilio", values=TWILIO),
        lambda: verbs.use_channel(row, by=firm.ada),
    ):
        for _time in range(IN_A_ROW):
            note_result(row.pk, "down", watch.now)
        act()
        assert (fresh(row).failures, fresh(row).closed_until) == (0, None)


def test_R11_1_a_light_is_told_in_words(firm: Firm, watch: Watch) -> None:
    assert health_without("email").light == "grey" and "EMAIL_URL" in health_without("email").words
    assert health_without("sms").light == "amber" and health_without("wechat").light == "grey"
    assert health(twilio(firm), watch.now).light == "amber"
    files = verbs.save_channel(None, by=firm.ada, kind="sms", driver="file", name="Files", values={})
    assert health(files, watch.now).light == "amber"


def test_R11_5_the_address_for_reports_holds_a_key_of_its_own(firm: Firm, settings: Any) -> None:
    settings.SITE_URL = "https://crm.example.com"
    first, second = twilio(firm), twilio(firm, name="Another")
    assert hook_address(first) == f"https://crm.example.com/hooks/{first.pk}/{first.hook_key}/"
    assert first.hook_key != second.hook_key and len(first.hook_key) == 32
    assert driver_of(first).hook == hook_address(first)  # type: ignore[attr-defined]
