"""The shell: log-in, language, theme, search from everywhere, and what is said when something is wrong."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.utils import translation

from accounts.models import User
from core.web import words as say
from tests.cast import PASSWORD, Firm, Watch, fresh
from tests.pages import browser, tap, words

NOW = datetime(2026, 11, 21, 7, 0, tzinfo=UTC)  # 15:00 in the firm


def test_who_is_not_logged_in_is_sent_to_the_door(firm: Firm) -> None:
    answer = Client().get("/leads/")
    assert answer.status_code == 302 and answer["Location"].startswith("/login/")


def test_logging_in_leads_to_today_and_each_hat_to_its_first_place(firm: Firm) -> None:
    client = Client()
    answer = client.post("/login/", {"login": "rita", "password": PASSWORD}, follow=True)
    assert answer.redirect_chain[-1][0] == "/" and "Today" in words(answer)
    assert browser(firm.max).get("/")["Location"] == "/leads/"


def test_a_wrong_password_says_so(firm: Firm) -> None:
    answer = Client().post("/login/", {"login": "rita", "password": "wrong"})
    assert answer.status_code == 200 and 'role="alert"' in answer.content.decode()


def test_language_and_theme_are_kept_with_the_person(firm: Firm) -> None:
    client = browser(firm.rita)
    client.post("/settings/language/", {"language": "zh-hans", "next": "/leads/"})
    client.post("/settings/theme/", {"theme": "dark"})
    rita = fresh(firm.rita)
    assert (rita.language, rita.theme) == ("zh-hans", "dark")
    page = client.get("/leads/").content.decode()
    assert '<html lang="zh-hans" data-bs-theme="dark">' in page
    client.post("/settings/theme/", {"theme": "neon"})
    assert fresh(firm.rita).theme == "dark"
    assert (
        client.post("/settings/language/", {"language": "en", "next": "https://evil.example"})["Location"]
        == "/"
    )


@pytest.mark.parametrize(
    "wanted",
    ["https://evil.example/", "//evil.example/", "http://testserver//evil.example/", "/\\evil.example/"],
)
def test_nobody_is_sent_to_another_server(firm: Firm, wanted: str) -> None:
    lead = firm.an_sql(firm.rita)
    answer = browser(firm.rita).post(f"/leads/{lead.pk}/notes/", {"text": "Called", "next": wanted})
    assert answer.status_code == 302
    assert urlsplit(answer["Location"]).netloc == "" and not answer["Location"].startswith(("//", "/\\"))


def test_find_finds_pages_and_records_that_one_may_see(firm: Firm, watch: Watch) -> None:
    mine, others = firm.an_sql(firm.rita), firm.an_sql(firm.wei)
    page = browser(firm.rita).get("/find/?q=Li Lei").content.decode()
    assert f"/leads/{mine.pk}" in page and f"/leads/{others.pk}" not in page
    assert "/pool/" in browser(firm.rita).get("/find/?q=pool").content.decode()
    assert browser(firm.rita).get("/find/?q=%00").status_code == 200


@pytest.mark.parametrize("path", ["/nowhere/", "/leads/00000000-0000-0000-0000-000000000000"])
def test_what_is_not_there_is_said_on_a_page_of_ours(firm: Firm, path: str) -> None:
    answer = browser(firm.rita).get(path)
    assert answer.status_code == 404 and "Nothing here" in words(answer)


def test_Q23_no_script_and_no_style_is_written_into_a_page(firm: Firm, watch: Watch) -> None:
    firm.an_sql()
    firm.pooled()
    client = browser(firm.rita)
    for url in ("/", "/leads/", "/pool/"):
        answer = client.get(url)
        page = answer.content.decode()
        assert "'unsafe-inline'" not in answer["Content-Security-Policy"].split("script-src")[1].split(";")[0]
        assert " style=" not in page and " onclick=" not in page and "hx-on" not in page
        assert page.count("<script") == page.count("<script src=") + page.count(
            '<script type="module" src='
        ) + page.count('type="application/json"')


@pytest.mark.parametrize(
    ("seconds", "text", "level"),
    [
        (0, "week over", "over"),
        (59, "under 1 min", "last"),
        (3600 * 5 + 720, "5 h 12 min", "last"),
        (3600 * 30, "1 d 6 h", "near"),
        (3600 * 60, "2 d 12 h", "soon"),
        (3600 * 76, "3 d 4 h", "far"),
    ],
)
def test_R6_3_time_left_in_words(seconds: int, text: str, level: str) -> None:
    assert (say.left(seconds), say.level(seconds)) == (text, level)


def test_dates_as_people_say_them() -> None:
    assert say.when(NOW + timedelta(days=1), NOW) == "tomorrow 15:00"
    assert say.when(NOW - timedelta(minutes=8), NOW) == "8 min ago"
    assert say.due_day(date(2026, 11, 18), date(2026, 11, 21)) == ("3 days over", "over")
    assert say.due_day(date(2026, 11, 21), date(2026, 11, 21)) == ("today", "last")


def test_money_is_short_where_it_is_a_sum() -> None:
    assert say.money(Decimal("1234.50")) == "¥1,234.50"
    assert say.money(Decimal("1240000"), short=True) == "¥1.2 M"
    with translation.override("zh-hans"):
        assert say.money(Decimal("1240000"), short=True) == "¥124 万"


def test_the_clock_has_a_notch_for_each_extension() -> None:
    start, due = NOW - timedelta(days=7), NOW + timedelta(days=7)
    assert say.share(NOW, start, due) == 50.0
    assert say.notches(start, due, 1) == [50.0]


def test_who_has_left_has_no_page(firm: Firm) -> None:
    client = browser(firm.rita)
    User.objects.filter(pk=firm.rita.pk).update(is_active=False)
    assert client.get("/").status_code == 302


def test_who_was_logged_out_meanwhile_gets_the_whole_door(firm: Firm) -> None:
    answer = tap(Client(), "/settings/theme/", {"theme": "dark"}, on="/leads/?state=sql")
    assert answer.status_code == 204
    assert answer["HX-Redirect"] == "/login/?next=/leads/%3Fstate%3Dsql"


def test_a_form_that_is_too_old_says_so_in_place(firm: Firm, watch: Watch) -> None:
    lead = firm.an_mql()
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(firm.rita)
    answer = tap(strict, f"/leads/{lead.pk}/accept/")
    assert (answer.status_code, answer["X-Refused"]) == (403, "forbidden")
    assert "open for too long" in words(answer)
    assert strict.post(f"/leads/{lead.pk}/accept/").status_code == 403
    assert fresh(lead).state == "mql"


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/views/leads/save/", "name"),
        ("/views/leads/columns/", "column"),
        ("/leads/labels/new/", "name"),
        ("/pool/hand/", "to"),
        ("/rulebook/media/", "value"),
        ("/people/teams/new/", "name"),
    ],
)
def test_Q19_what_the_database_cannot_keep_is_refused_by_field(firm: Firm, path: str, field: str) -> None:
    firm.set_rules(labels=True)
    answer = browser(firm.ada).post(path, {field: "a\x00b"}, headers={"hx-request": "true"})
    assert answer.status_code == 422 and "NUL" in answer.content.decode()


@pytest.mark.parametrize("page", ["http://[", "http://testserver/nowhere/", "/pool/x"])
def test_what_is_done_is_done_wherever_the_way_back_leads(firm: Firm, page: str) -> None:
    lead = firm.an_sql(firm.rita)
    headers = {"hx-request": "true", "hx-current-url": page}
    answer = browser(firm.rita).post(f"/leads/{lead.pk}/notes/", {"text": "x", "next": page}, headers=headers)
    assert answer.status_code == 200 and lead.notes.count() == 1


@pytest.mark.parametrize("wanted", ["nowhere", "-1", "shell:today", "a\x00b", "//evil.example/"])
def test_language_and_theme_lead_back_to_a_page_of_ours(firm: Firm, wanted: str) -> None:
    client = browser(firm.rita)
    for path, data in (("theme", {"theme": "dark"}), ("language", {"language": "en"})):
        answer = client.post(f"/settings/{path}/", {**data, "next": wanted})
        assert answer.status_code == 302 and answer["Location"].startswith("/")
        assert not answer["Location"].startswith("//")
