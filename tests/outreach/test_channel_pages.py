"""The pages of channels: what each hat reads, what an administrator does there, and that no secret is ever shown (R11.1)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from outreach.channels.registry import DRIVERS, hook_address
from outreach.models import Channel
from outreach.services import channels as verbs
from outreach.services.breaker import note_result
from tests.cast import CAST, Firm, Watch, fresh
from tests.pages import MOST_QUERIES, browser, queries_of, tap, words

pytestmark = pytest.mark.django_db
LIST = "/campaigns/channels/"
SECRET = "t0ken-of-twilio"
READERS = {"mark", "olga", "max", "ada", "ivy"}
NEW = LIST + "new/?kind=sms&driver=twilio"
FORM = {
    "name": "Twilio",
    "price": "0.05",
    "set_account_sid": "AC1",
    "set_auth_token": SECRET,
    "set_sender": "+15550001",
}


@pytest.fixture
def row(firm: Firm) -> Channel:
    values = {"account_sid": "AC1", "auth_token": SECRET, "sender": "+15550001"}
    return verbs.save_channel(None, by=firm.ada, kind="sms", driver="twilio", name="Twilio", values=values)


@pytest.mark.parametrize("login", sorted(CAST))
def test_R15_1_each_hat_and_each_address(firm: Firm, row: Channel, login: str, outbox: Path) -> None:
    client, page = browser(firm.people[login]), f"{LIST}{row.pk}/"
    reads, admin = login in READERS, login == "ada"
    assert client.get(LIST).status_code == (200 if reads else 403)
    assert client.get(NEW).status_code == (200 if admin else 403)
    assert client.get(page).status_code == (200 if admin else 403)
    for path in (NEW, page + "save/", page + "test/"):
        assert tap(client, path).status_code == (422 if admin else 403), path
    for path in (page + "use/", page + "rest/", page + "drop/"):
        assert tap(client, path).status_code == (200 if admin else 403), path
        assert client.get(path).status_code == 405
    assert Channel.objects.exists() is not admin


def test_R11_1_no_page_shows_a_secret(firm: Firm, row: Channel) -> None:
    note_result(row.pk, "401 not let in", row.created_at)
    for login in sorted(READERS):
        client = browser(firm.people[login])
        for path in (LIST, f"{LIST}{row.pk}/"):
            text = client.get(path).content.decode()
            assert SECRET not in text and row.sealed not in text
            assert (row.hook_key in text) is (login == "ada" and path != LIST), (login, path)


def test_R11_1_the_list_tells_each_kind_and_its_light(firm: Firm, row: Channel, watch: Watch) -> None:
    text = words(browser(firm.max).get(LIST))
    for kind in ("E-mail", "SMS", "Phone call", "Robot call", "WeChat", "Webhook"):
        assert kind in text
    assert "writes files, nothing leaves" in text and "EMAIL_URL" in text and "Twilio" in text
    assert "Put to use" not in text and "Set up" not in text, "marketing reads and does not set up"
    verbs.use_channel(row, by=firm.ada)
    for _time in range(5):
        note_result(row.pk, "the provider is gone", watch.now)
    text = words(browser(firm.max).get(LIST))
    assert "1 is down" in text and "the provider is gone" in text


def test_R11_1_a_driver_that_is_not_installed_is_offered_greyed(
    firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DRIVERS["sms", "twilio"], "needs", ("no_such_package", "sms-twilio"))
    text = browser(firm.ada).get(LIST).content.decode()
    assert "sms-twilio" in text and "driver=twilio" not in text and "driver=aliyun" in text
    page = words(browser(firm.ada).get(NEW))
    assert "requirements-channels.txt" in page and "Secret" not in page
    assert tap(browser(firm.ada), NEW, FORM).status_code == 422


def test_R11_1_an_administrator_sets_up_tries_and_puts_to_use(firm: Firm, outbox: Path) -> None:
    ada = browser(firm.ada)
    assert (
        ada.get(LIST + "new/").status_code == 302
        and ada.get(LIST + "new/?kind=phone&driver=x").status_code == 302
    )
    answer = tap(ada, NEW, {**FORM, "name": "", "set_auth_token": ""})
    assert answer.status_code == 422
    assert (
        'data-field="name"' in answer.content.decode()
        and 'data-field="set_auth_token"' in answer.content.decode()
    )
    answer = tap(ada, NEW, FORM, on=LIST)
    assert answer.status_code == 200
    row = Channel.objects.get()
    page = f"{LIST}{row.pk}/"
    assert (row.name, str(row.price), row.secrets["auth_token"]) == ("Twilio", "0.0500", SECRET)
    assert hook_address(row) in ada.get(page).content.decode()
    tap(ada, page + "save/", {**FORM, "name": "SMS abroad", "set_auth_token": ""}, on=page)
    assert (fresh(row).name, fresh(row).secrets["auth_token"]) == ("SMS abroad", SECRET)
    tap(ada, page + "use/", on=page)
    assert fresh(row).in_use and tap(ada, page + "drop/").status_code == 409
    tap(ada, page + "rest/", on=page)
    tap(ada, page + "drop/", on=page)
    assert not Channel.objects.exists()


def test_R11_1_a_test_is_told_in_words_where_it_was_asked_for(firm: Firm, outbox: Path) -> None:
    row = verbs.save_channel(None, by=firm.ada, kind="sms", driver="file", name="Files", values={})
    answer = tap(browser(firm.ada), f"{LIST}{row.pk}/test/", {"to": "138 0000 0001", "text": "Hello"})
    assert "Sent." in words(answer) and 'id="tried"' in answer.content.decode()
    assert 'id="light"' in answer.content.decode() and "writes files" in words(answer), (
        "the light at the head"
    )
    assert len(list((outbox / "sms").iterdir())) == 1
    answer = tap(browser(firm.ada), f"{LIST}{row.pk}/test/", {"to": "nobody", "text": "Hello"})
    assert answer.status_code == 422 and "nobody" in words(answer)
    answer = browser(firm.ada).post(
        f"{LIST}{row.pk}/test/", {"to": "13800000001", "text": "Hello"}, follow=True
    )
    assert "Sent." in words(answer)


def test_R11_1_the_light_at_the_head_follows_the_test(firm: Firm) -> None:
    values = {"host": "127.0.0.1", "port": "9", "safety": "none", "sender": "a@firm.example"}
    row = verbs.save_channel(None, by=firm.ada, kind="email", driver="smtp", name="Ours", values=values)
    ada = browser(firm.ada)
    assert "not tried yet" in words(ada.get(f"{LIST}{row.pk}/"))
    answer = tap(ada, f"{LIST}{row.pk}/test/", {"to": "ada@firm.example", "text": "Hello"})
    assert "failed the last time" in words(answer)
    assert "Connection refused" in words(answer) and "Errno" not in words(answer)


@pytest.mark.parametrize("price", ["x", "-1", "1e9", "0.00001"])
def test_a_price_that_is_none_is_named(firm: Firm, price: str) -> None:
    answer: Any = tap(browser(firm.ada), NEW, {**FORM, "price": price})
    assert answer.status_code == 422 and 'data-field="price"' in answer.content.decode()


@pytest.mark.parametrize("driver", sorted(DRIVERS))
def test_every_driver_has_a_form_and_an_empty_one_breaks_nothing(
    firm: Firm, driver: tuple[str, str], outbox: Path
) -> None:
    path = f"{LIST}new/?kind={driver[0]}&driver={driver[1]}"
    ada = browser(firm.ada)
    assert ada.get(path).status_code == 200
    status = tap(ada, path, {"name": "One"}).status_code
    needed = any(setting.required and not setting.default for setting in DRIVERS[driver].settings)
    assert status == (422 if needed else 200)


def test_Q4_the_list_needs_as_many_queries_for_many(firm: Firm) -> None:
    ada = browser(firm.ada)

    def some(many: int) -> None:
        for number in range(many):
            verbs.save_channel(
                None, by=firm.ada, kind="sms", driver="file", name=f"Files {number}", values={}
            )

    some(1)
    one = queries_of(ada, LIST)
    some(29)
    assert queries_of(ada, LIST) == one <= MOST_QUERIES
