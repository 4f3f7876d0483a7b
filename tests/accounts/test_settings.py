"""One's own settings: address, what comes by mail, language, look, password."""

from __future__ import annotations

import pytest

from accounts import me
from accounts.models import User
from core.errors import RuleRefused
from core.models import Event
from tests.cast import PASSWORD, Firm, Watch, fresh
from tests.pages import MOST_QUERIES, browser, queries_of, tap, words

NEW = "a quite new pass-phrase"
PLAIN = {"email": "", "language": "en", "theme": "auto"}


def test_R3_2_a_person_chooses_what_comes_by_mail(firm: Firm, watch: Watch) -> None:
    data = {"email": "rita@example.com", "language": "zh-hans", "theme": "dark", "mail_kinds": ["given"]}
    answer = tap(browser(firm.rita), "/me/settings/", data, on="/me/")
    assert answer.status_code == 200 and answer["HX-Redirect"] == "/me/", (
        "language and look are the whole page's"
    )
    rita = fresh(firm.rita)
    assert (rita.email, rita.language, rita.theme) == ("rita@example.com", "zh-hans", "dark")
    assert set(rita.mail_kinds) & set(me.kinds_for(rita)) == {"given"}
    event = Event.objects.get(verb="person_changed")
    assert event.by_id == rita.pk and event.data == {"language": ["en", "zh-hans"]}
    assert "rita@example.com" not in str(event.data)


def test_the_choice_of_another_hat_is_kept(firm: Firm, watch: Watch) -> None:
    assert "extension_asked" in firm.rita.mail_kinds and "extension_asked" not in me.kinds_for(firm.rita)
    me.save_settings(firm.rita, **PLAIN, mail_kinds=[], by=firm.rita)
    assert fresh(firm.rita).mail_kinds == ["extension_asked"]


def test_each_hat_is_offered_what_it_gets(firm: Firm, watch: Watch) -> None:
    assert "call_now" in me.kinds_for(firm.rita) and "queue_waiting" not in me.kinds_for(firm.rita)
    assert {"extension_asked", "objected"} <= set(me.kinds_for(firm.mark))
    assert "contested" not in me.kinds_for(firm.mark)
    firm.set_rules(contesting=True)
    assert "contested" in me.kinds_for(firm.mark)
    assert "Marketing contests a return" in words(browser(firm.mark).get("/me/"))


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("email", "no address"),
        ("email", "x@y.z\r\nBcc: a@b.c"),
        ("language", "tlh"),
        ("theme", "neon"),
        ("mail_kinds", ["queue_waiting"]),
        ("mail_kinds", ["nothing"]),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(
    firm: Firm, watch: Watch, field: str, wrong: object
) -> None:
    client = browser(firm.rita)
    before = User.objects.filter(pk=firm.rita.pk).values().get()
    answer = tap(client, "/me/settings/", {**PLAIN, field: wrong}, on="/me/")
    assert answer.status_code == 422 and f'data-field="{field}"' in answer.content.decode()
    with pytest.raises(RuleRefused):
        me.save_settings(firm.rita, **{**PLAIN, "mail_kinds": [], field: wrong}, by=firm.rita)
    assert User.objects.filter(pk=firm.rita.pk).values().get() == before


def test_nobody_sets_it_for_another(firm: Firm, watch: Watch) -> None:
    with pytest.raises(RuleRefused):
        me.save_settings(firm.rita, **{**PLAIN, "email": "x@example.com"}, mail_kinds=[], by=firm.ada)
    with pytest.raises(RuleRefused):
        me.change_password(firm.rita, old=PASSWORD, new=NEW, by=firm.ada)
    assert fresh(firm.rita).email == "" and fresh(firm.rita).check_password(PASSWORD)


def test_a_new_password_by_who_knows_the_old_one_ends_the_other_sessions(firm: Firm, watch: Watch) -> None:
    here, elsewhere = browser(firm.rita), browser(firm.rita)
    assert tap(here, "/me/password/", {"old": PASSWORD, "new": NEW}, on="/me/").status_code == 200
    assert fresh(firm.rita).check_password(NEW)
    assert here.get("/me/").status_code == 200
    assert elsewhere.get("/me/").status_code == 302
    assert Event.objects.get(verb="person_changed").data == {"password": True}


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"old": "wrong", "new": NEW}, "old"),
        ({"old": PASSWORD, "new": "short"}, "new"),
        ({"old": PASSWORD, "new": "password123"}, "new"),
        ({"old": "", "new": ""}, "old"),
    ],
)
def test_a_wrong_or_weak_password_changes_nothing(
    firm: Firm, watch: Watch, data: dict[str, str], field: str
) -> None:
    answer = tap(browser(firm.rita), "/me/password/", data, on="/me/")
    assert answer.status_code == 422 and f'data-field="{field}"' in answer.content.decode()
    assert fresh(firm.rita).check_password(PASSWORD)


def test_Q22_only_a_few_tries_at_the_old_password_in_a_minute(firm: Firm, watch: Watch) -> None:
    client = browser(firm.rita)
    answers = [
        tap(client, "/me/password/", {"old": f"wrong {n}", "new": NEW}, on="/me/").status_code
        for n in range(8)
    ]
    assert answers[0] == 422 and answers[-1] == 429 and answers.count(422) <= 5
    assert tap(client, "/me/password/", {"old": PASSWORD, "new": NEW}, on="/me/").status_code == 429


def test_duty_and_being_away_are_set_from_here(firm: Firm, watch: Watch) -> None:
    client = browser(firm.rita)
    tap(client, f"/people/{firm.rita.pk}/duty/", {"on": "no"}, on="/me/")
    assert not fresh(firm.rita).on_duty and "You are off duty" in words(client.get("/me/"))
    tap(client, f"/people/{firm.rita.pk}/duty/", {"on": "yes"}, on="/me/")
    tap(client, f"/people/{firm.rita.pk}/away/", {"away_until": "2026-03-05T09:00"}, on="/me/")
    assert "Away until 2026-03-05 09:00" in words(client.get("/me/"))
    tap(client, f"/people/{firm.rita.pk}/away/", {"do": "back"}, on="/me/")
    assert fresh(firm.rita).away_until is None
    assert queries_of(client, "/me/") <= MOST_QUERIES
