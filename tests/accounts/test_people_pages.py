"""The pages of people: one's own, those one looks after, teams, keys and log-ins."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client

from accounts.models import ApiKey, Session, Team, User
from accounts.services import issue_key, save_team, set_away
from tests.cast import CAST, PASSWORD, Firm, Watch, fresh
from tests.content import Log, nothing_changes
from tests.pages import MOST_QUERIES, browser, queries_of, tap, words


def page_of(user: User) -> str:
    return f"/people/{user.pk}/"


@pytest.mark.parametrize("login", [login for login in CAST if login != "ivy"])
def test_R15_2_whose_pages_one_sees(firm: Firm, login: str) -> None:
    """One's own, an administrator all, a manager the own teams' and those below."""
    seen = {
        who
        for who, person in firm.people.items()
        if browser(firm.people[login]).get(page_of(person)).status_code == 200
    }
    expected = {"ada": set(CAST), "mark": {"mark", "rita", "rob"}, "olga": {"olga", "wei", "wang"}}
    assert seen == expected.get(login, {login})


def test_a_manager_lists_the_own_people(firm: Firm) -> None:
    page = words(browser(firm.mark).get("/people/"))
    assert "Rita" in page and "Rob" in page and "Wang" not in page and "New person" not in page
    assert "Wang" in words(browser(firm.ada).get("/people/"))


@pytest.mark.parametrize("url", ["/people/", "/people/teams/", "/people/me/", "/people/?state=left"])
def test_nobody_else_lists_people(firm: Firm, url: str) -> None:
    status = 302 if url.endswith("/me/") else 403
    assert browser(firm.rita).get(url).status_code == status


def test_the_pages_need_a_fixed_number_of_queries(firm: Firm, watch: Watch) -> None:
    ada = browser(firm.ada)
    issue_key(firm.rita, by=firm.ada, name="first", scope="read", days=9)
    few = queries_of(ada, "/people/"), queries_of(ada, page_of(firm.rita)), queries_of(ada, "/people/teams/")
    for n in range(20):
        team = save_team(None, by=firm.ada, name=f"Team {n}", parent=firm.east)
        User.objects.create(login=f"p{n}", name=f"P {n}", hats=["rep"], team=team)
        issue_key(firm.rita, by=firm.ada, name=f"key {n}", scope="read", days=9) if n < 15 else None
        set_away(firm.rita, watch.now + timedelta(hours=n + 1), by=firm.ada)
    many = queries_of(ada, "/people/"), queries_of(ada, page_of(firm.rita)), queries_of(ada, "/people/teams/")
    assert many == few and max(few) <= MOST_QUERIES + 3


def test_R3_1_away_until_by_the_person_and_by_the_manager(firm: Firm, watch: Watch) -> None:
    rita, url = browser(firm.rita), f"/people/{firm.rita.pk}/away/"
    until = (watch.now + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    answer = tap(rita, url, {"away_until": until}, on=page_of(firm.rita))
    assert answer.status_code == 200 and "away until" in words(answer)
    assert fresh(firm.rita).away_until == watch.now + timedelta(days=2)
    assert tap(browser(firm.mark), url, {"do": "back"}, on=page_of(firm.rita)).status_code == 200
    assert fresh(firm.rita).away_until is None
    assert tap(browser(firm.olga), url, {"away_until": until}).status_code == 403


@pytest.mark.parametrize("typed", ["", "2020-01-01T10:00", "soon", "9999-12-31T23:59", "0001-01-01T00:00"])
def test_R3_1_a_moment_that_cannot_be_is_said_beside_its_field(firm: Firm, watch: Watch, typed: str) -> None:
    answer = tap(browser(firm.rita), f"/people/{firm.rita.pk}/away/", {"away_until": typed})
    assert answer.status_code == 422 and 'data-field="away_until"' in answer.content.decode()
    assert fresh(firm.rita).away_until is None


def test_R15_1_a_manager_changes_the_own_people_but_not_their_hats(firm: Firm) -> None:
    mark, url = browser(firm.mark), f"/people/{firm.rita.pk}/save/"
    page = mark.get(page_of(firm.rita)).content.decode()
    assert 'name="capacity"' in page and 'name="hats"' not in page and 'name="password"' not in page
    data = {"name": "Rita B", "team": str(firm.east.pk), "capacity": "30", "language": "en"}
    assert (
        tap(mark, url, {**data, "hats": ["admin"], "login": "x", "password": "12345678xx"}).status_code == 200
    )
    rita = fresh(firm.rita)
    assert (rita.name, rita.capacity, rita.hats, rita.login) == ("Rita B", 30, ["rep"], "rita")
    assert rita.password == firm.rita.password
    answer = tap(mark, url, {**data, "team": str(firm.west.pk)})
    assert answer.status_code == 422 and 'data-field="team"' in answer.content.decode()
    assert tap(mark, f"/people/{firm.wei.pk}/save/", data).status_code == 404
    assert tap(browser(firm.rita), url, data).status_code == 403


def test_an_unknown_hat_and_what_else_cannot_be_is_refused_beside_its_field(firm: Firm) -> None:
    data = {
        "name": "",
        "login": "no spaces!",
        "hats": ["king"],
        "language": "xx",
        "capacity": "-1",
        "email": "x@",
    }
    ada = browser(firm.ada)
    with nothing_changes():
        answer = tap(ada, "/people/new/", data)
    said = answer.content.decode()
    assert answer.status_code == 422
    assert set(re.findall(r'data-field="(\w+)"', said)) >= {"name", "hats", "language", "capacity", "email"}


def test_a_key_is_shown_once_and_can_be_withdrawn(firm: Firm, watch: Watch) -> None:
    rita = browser(firm.rita)
    answer = tap(
        rita,
        f"/people/{firm.rita.pk}/keys/",
        {"key_name": "phone", "scope": "write", "days": "90"},
        on=page_of(firm.rita),
    )
    secret = re.search(r"trunk_[\w-]{30,}", answer.content.decode())
    assert secret and answer["Cache-Control"] == "no-store"
    assert secret.group() not in rita.get(page_of(firm.rita)).content.decode()
    program = Client(headers={"Authorization": f"Bearer {secret.group()}"})
    assert program.get("/api/v1/me/").status_code == 200
    key = ApiKey.objects.get()
    assert tap(browser(firm.mark), f"/people/{firm.rita.pk}/keys/{key.pk}/revoke/").status_code == 404
    assert (
        tap(rita, f"/people/{firm.rita.pk}/keys/{key.pk}/revoke/", on=page_of(firm.rita)).status_code == 200
    )
    assert program.get("/api/v1/me/").status_code == 401
    plain = rita.post(f"/people/{firm.rita.pk}/keys/", {"key_name": "b", "scope": "read", "days": "30"})
    assert plain.status_code == 200 and "trunk_" in plain.content.decode()


def test_a_key_that_administers_is_an_administrators(firm: Firm) -> None:
    data = {"key_name": "all", "scope": "admin", "days": "30"}
    answer = tap(browser(firm.rita), f"/people/{firm.rita.pk}/keys/", data)
    assert answer.status_code == 422 and 'data-field="scope"' in answer.content.decode()
    assert tap(browser(firm.ada), f"/people/{firm.ada.pk}/keys/", data, on="/").status_code == 200


def log_in(login: str, agent: str) -> Client:
    client = Client(headers={"User-Agent": agent})
    client.post("/login/", {"login": login, "password": PASSWORD})
    return client


def test_Q22_a_log_in_can_be_ended(firm: Firm) -> None:
    here = log_in("rita", "Mozilla/5.0 (Windows NT 10.0) Chrome/120 Safari/537")
    there = log_in("rita", "Mozilla/5.0 (iPhone; CPU iPhone OS 17) Version/17 Safari/604")
    page = here.get(page_of(firm.rita)).content.decode()
    assert "Chrome on Windows" in page and "Safari on iPhone" in page and "127.0.0.1" in page
    for row in Session.objects.all():
        assert row.session_key not in page, "a page never holds what opens the door"
    (end,) = re.findall(r'action="(/people/[^"]+/end/)"', page)
    assert tap(browser(firm.mark), end).status_code == 404
    assert tap(here, end, on=page_of(firm.rita)).status_code == 200
    assert there.get("/")["Location"].startswith("/login/") and here.get("/").status_code == 200
    assert tap(here, end).status_code == 404


def test_Q22_an_administrator_ends_anybodys(firm: Firm, log: Log) -> None:
    there = log_in("rita", "curl")
    ada = browser(firm.ada)
    (end,) = re.findall(r'action="(/people/[^"]+/end/)"', ada.get(page_of(firm.rita)).content.decode())
    assert tap(ada, end, on=page_of(firm.rita)).status_code == 200
    assert there.get("/")["Location"].startswith("/login/")
    assert log.only("session_ended").by_id == firm.ada.pk


def test_R15_2_teams_are_made_renamed_and_moved(firm: Firm, log: Log) -> None:
    ada = browser(firm.ada)
    assert tap(ada, "/people/teams/new/", {"name": "China"}, on="/people/teams/").status_code == 200
    china = Team.objects.get(name="China")
    answer = tap(ada, f"/people/teams/{firm.east.pk}/", {"name": "East 1", "parent": str(china.pk)})
    assert answer.status_code == 200
    assert (fresh(firm.east).name, fresh(firm.east).parent) == ("East 1", china)
    event = log.only("team_changed")
    assert event.data == {"name": ["East", "East 1"], "parent": [None, str(china.pk)]}
    answer = tap(ada, f"/people/teams/{china.pk}/", {"name": "China", "parent": str(firm.east.pk)})
    assert answer.status_code == 422 and 'data-field="parent"' in answer.content.decode()
    for name in ("", "west", "x" * 81):
        answer = tap(ada, "/people/teams/new/", {"name": name})
        assert answer.status_code == 422 and 'data-field="name"' in answer.content.decode()
    assert tap(ada, f"/people/teams/{firm.west.pk}/", {"name": "West", "do": "drop"}).status_code == 422
    Team.objects.create(name="Mistake")
    row = Team.objects.get(name="Mistake")
    assert tap(ada, f"/people/teams/{row.pk}/", {"name": "x", "do": "drop"}).status_code == 200
    assert not Team.objects.filter(name="Mistake").exists()
    assert tap(browser(firm.mark), "/people/teams/new/", {"name": "Mine"}).status_code == 403


def test_a_team_without_a_manager_says_so(firm: Firm) -> None:
    User.objects.filter(login="mark").update(is_active=False)
    page = words(browser(firm.ada).get("/people/teams/"))
    assert "Nobody manages this team" in page and "Managed by Olga" in page


def test_R15_3_leaving_shows_what_goes_where_and_does_it(firm: Firm, watch: Watch) -> None:
    firm.an_sql(firm.rita)
    firm.an_opportunity(firm.rita)
    ada, mark, url = browser(firm.ada), browser(firm.mark), f"/people/{firm.rita.pk}/leave/"
    with nothing_changes():
        page = words(ada.get(url))
        assert "What goes where" in page and "cannot be undone" in page
        page = words(ada.get(f"{url}?to=person"))
        assert "Choose the one person" in page
        page = words(ada.get(f"{url}?to=person&person={firm.rob.pk}"))
        assert "Rob 1" in page and "Rita leaves now" in page
        assert mark.get(url).status_code == 403
        assert tap(mark, f"{url}now/", {"to": "rules"}).status_code == 403
        assert tap(ada, f"{url}now/", {"to": "person", "person": "x"}).status_code == 422
        assert "cannot let yourself" in words(ada.get(f"/people/{firm.ada.pk}/leave/"))
    answer = tap(ada, f"{url}now/", {"to": "person", "person": str(firm.rob.pk)}, on=url)
    assert answer.status_code == 200 and not fresh(firm.rita).is_active
    assert "Left: what was held went to a colleague" in words(ada.get(page_of(firm.rita)))
    assert "Rita" in words(ada.get("/people/?state=left"))
    assert "has left already" in words(ada.get(url))


def test_R15_3_leaving_says_why_it_cannot_be_done_this_way(firm: Firm, watch: Watch) -> None:
    firm.an_opportunity(firm.rita)
    firm.duty()
    page = words(browser(firm.ada).get(f"/people/{firm.rita.pk}/leave/"))
    assert "It cannot be done this way." in page and "choose who takes over" in page
    assert "leaves now" not in page
