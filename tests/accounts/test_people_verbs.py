"""R15.1, R15.4: what a person, a team, a key may be, who may say so, and what the history keeps of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import ApiKey, Session, User
from accounts.services import (
    drop_team,
    end_session,
    issue_key,
    revoke_key,
    save_person,
    save_team,
    set_away,
)
from core import clock
from core.errors import Forbidden, NotFound, RuleRefused
from core.models import EventText
from tests.cast import CAST, Firm, Watch, fresh
from tests.content import Log, faults, nothing_changes, refused
from tests.pages import browser


def fields(person: User | None = None, **more: Any) -> dict[str, Any]:
    """What `save_person` takes, as the person is."""
    found: dict[str, Any] = {"login": "neo", "name": "Neo", "hats": ["rep"], "password": "a long one"}
    if person:
        names = ("login", "name", "hats", "team", "email", "capacity", "language")
        found = {name: getattr(person, name) for name in names}
    return found | more


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"login": ""}, ("login", "invalid")),
        ({"login": "two words"}, ("login", "invalid")),
        ({"login": "-dash"}, ("login", "invalid")),
        ({"login": "李雷"}, ("login", "invalid")),
        ({"login": "x" * 41}, ("login", "invalid")),
        ({"login": " Rita "}, ("login", "taken")),
        ({"name": "  "}, ("name", "required")),
        ({"name": "x" * 81}, ("name", "invalid")),
        ({"name": "a\x00b"}, ("name", "invalid")),
        ({"hats": ["king"]}, ("hats", "unknown")),
        ({"email": "nowhere"}, ("email", "invalid")),
        ({"capacity": -1}, ("capacity", "out_of_range")),
        ({"capacity": 100_001}, ("capacity", "out_of_range")),
        ({"capacity": True}, ("capacity", "out_of_range")),
        ({"language": "tlh"}, ("language", "unknown")),
        ({"password": ""}, ("password", "required")),
    ],
)
def test_R15_1_what_a_person_cannot_be(firm: Firm, wrong: dict[str, Any], expected: tuple[str, str]) -> None:
    with refused(RuleRefused) as caught:
        save_person(None, by=firm.ada, **fields(**wrong))
    assert faults(caught) == [expected]


def test_R15_1_all_that_is_wrong_is_said_at_once(firm: Firm) -> None:
    with refused(RuleRefused) as caught:
        save_person(None, by=firm.ada, **fields(login="?", name="", hats=["x"], email="x", capacity=-5))
    assert {field for field, _code in faults(caught)} == {"login", "name", "hats", "email", "capacity"}


def test_R15_1_nobody_takes_the_last_administrators_hat(firm: Firm) -> None:
    with refused(RuleRefused) as caught:
        save_person(firm.ada, by=firm.ada, **fields(firm.ada, hats=["rep"]))
    assert faults(caught) == [("hats", "last_admin")]
    User.objects.filter(login="mark").update(hats=["admin"])
    save_person(firm.ada, by=fresh(firm.mark), **fields(firm.ada, hats=["rep"]))
    with refused(Forbidden):  # what Ada's browser still believes does not count
        save_person(firm.mark, by=firm.ada, **fields(firm.mark, hats=["rep"]))
    assert User.objects.wearing("admin").count() == 1


def test_R15_4_each_field_of_a_person_is_kept_old_and_new(firm: Firm, watch: Watch, log: Log) -> None:
    new = {"login": "rita2", "name": "Rita B", "email": "r@example.com", "hats": ["rep", "manager"]}
    new |= {"team": firm.west, "capacity": 5, "language": "zh-hans", "password": "another long one"}
    save_person(firm.rita, by=firm.ada, **new)
    event = log.only("person_changed")
    assert event.data == {
        "hats": [["rep"], ["manager", "rep"]],
        "team_id": [str(firm.east.pk), str(firm.west.pk)],
        "capacity": [None, "5"],
        "language": ["en", "zh-hans"],
        "password": True,
    }
    texts = {t.field: (t.old, t.new) for t in EventText.objects.filter(event=event)}
    assert texts == {
        "login": ("rita", "rita2"),
        "name": ("Rita", "Rita B"),
        "email": ("", "r@example.com"),
    }
    with nothing_changes():
        save_person(fresh(firm.rita), by=firm.ada, **{**new, "password": ""})


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"hats": ["rep", "admin"]}, "hats"),
        ({"login": "other"}, "login"),
        ({"password": "another long one"}, "password"),
        ({"team": None}, "team"),
        ({"team": "west"}, "team"),
    ],
)
def test_R15_1_what_a_manager_does_not_change(firm: Firm, change: dict[str, Any], field: str) -> None:
    if change.get("team") == "west":
        change = {"team": firm.west}
    with refused(RuleRefused) as caught:
        save_person(firm.rita, by=firm.mark, **fields(firm.rita, **change))
    assert faults(caught) == [(field, "not_allowed")]


@pytest.mark.parametrize("login", list(CAST))
def test_R15_1_who_changes_a_person(firm: Firm, login: str) -> None:
    new = fields(firm.rita, capacity=7)
    if login in ("ada", "mark"):
        assert save_person(firm.rita, by=firm.people[login], **new).capacity == 7
    else:
        with refused(Forbidden):
            save_person(firm.rita, by=firm.people[login], **new)


def test_R15_1_a_manager_does_not_change_an_administrator_of_the_team(firm: Firm) -> None:
    User.objects.filter(login="ada").update(team=firm.east)
    with refused(Forbidden):
        save_person(firm.ada, by=firm.mark, **fields(fresh(firm.ada), capacity=1))


def test_R15_3_who_has_left_is_not_changed_any_more(firm: Firm) -> None:
    User.objects.filter(login="rob").update(is_active=False)
    with refused(RuleRefused) as caught:
        save_person(firm.rob, by=firm.ada, **fields(firm.rob, capacity=1))
    assert faults(caught) == [("name", "left")]


def test_R15_2_what_is_open_goes_along_to_another_team(firm: Firm, watch: Watch) -> None:
    """The manager of the new team sees it, the old one does not any more; what is closed stays where it was."""
    mql, sql, draft = firm.an_mql(firm.rita), firm.an_sql(firm.rita), firm.an_order(firm.rita)
    won = firm.a_signed_order(firm.rita)
    others = firm.an_sql(firm.rob)
    save_person(firm.rita, by=firm.ada, **fields(firm.rita, team=firm.west))
    for row in (mql, sql, draft, draft.opportunity):
        assert fresh(row).team == firm.west, row
        rows = type(row).objects
        assert rows.visible_to(firm.olga).filter(pk=row.pk).exists()
        assert not rows.visible_to(firm.mark).filter(pk=row.pk).exists()
    assert fresh(won).team == fresh(won.opportunity).team == fresh(others).team == firm.east


def test_R3_1_away_has_to_lie_ahead(firm: Firm, watch: Watch) -> None:
    for until in (watch.now, watch.now - timedelta(days=1)):
        with refused(RuleRefused) as caught:
            set_away(firm.rita, until, by=firm.rita)
        assert faults(caught) == [("away_until", "past")]
    for login in ("rob", "olga", "tina"):
        with refused(Forbidden):
            set_away(firm.rita, watch.now + timedelta(days=1), by=firm.people[login])
    set_away(firm.rita, watch.now + timedelta(days=1), by=firm.mark)
    firm.duty("rita")
    assert firm.call(firm.capture(), "interested")[1].owner is None
    watch.go(days=1)
    assert firm.call(firm.capture(), "interested")[1].owner == firm.rita


def test_R15_4_a_team_is_an_event_and_stands_never_below_itself(firm: Firm, log: Log) -> None:
    china = save_team(None, by=firm.ada, name=" China ")
    assert (china.name, log.only("team_made").data["name"]) == ("China", [None, "China"])
    save_team(firm.east, by=firm.ada, name="East", parent=china)
    for parent in (firm.east, china):
        with refused(RuleRefused) as caught:
            save_team(china, by=firm.ada, name="China", parent=parent)
        assert faults(caught) == [("parent", "circle")]
    with refused(RuleRefused) as caught:
        save_team(None, by=firm.ada, name="EAST")
    assert faults(caught) == [("name", "taken")]
    with refused(RuleRefused) as caught:
        drop_team(china, by=firm.ada)
    assert faults(caught) == [("name", "in_use")]
    for login in ("mark", "rita"):
        with refused(Forbidden):
            save_team(firm.east, by=firm.people[login], name="Mine")
    gone = save_team(None, by=firm.ada, name="Mistake")
    drop_team(gone, by=firm.ada)
    assert log.only("team_dropped").data["name"] == ["Mistake", None]
    with refused(NotFound):
        drop_team(gone, by=firm.ada)


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"name": " "}, ("key_name", "required")),
        ({"name": "x" * 81}, ("key_name", "invalid")),
        ({"scope": "root"}, ("scope", "unknown")),
        ({"scope": "admin"}, ("scope", "not_allowed")),
        ({"days": 0}, ("days", "out_of_range")),
        ({"days": 731}, ("days", "out_of_range")),
    ],
)
def test_what_a_key_cannot_be(firm: Firm, wrong: dict[str, Any], expected: tuple[str, str]) -> None:
    with refused(RuleRefused) as caught:
        issue_key(firm.rita, by=firm.rita, **{"name": "phone", "scope": "read", "days": 30, **wrong})
    assert faults(caught) == [expected]


def test_R15_4_keys_are_events_without_the_key(firm: Firm, log: Log) -> None:
    secret = issue_key(firm.rita, by=firm.ada, name="phone", scope="write", days=30)
    made = log.only("key_made")
    assert (made.by_id, made.subject_id, made.data["prefix"]) == (firm.ada.pk, firm.rita.pk, secret[:12])
    assert secret not in str(made.data)
    key = ApiKey.objects.get()
    assert timedelta(days=29) < key.expires_at - clock.real_now() <= timedelta(days=30)
    for login in ("mark", "rob"):
        with refused(Forbidden):
            issue_key(firm.rita, by=firm.people[login], name="x", scope="read", days=1)
        with refused(Forbidden):
            revoke_key(key, by=firm.people[login])
    revoke_key(key, by=firm.rita)
    with nothing_changes():
        revoke_key(key, by=firm.rita)
    assert log.only("key_revoked").by_id == firm.rita.pk


def test_a_person_has_so_many_keys_and_no_more(firm: Firm) -> None:
    for n in range(20):
        issue_key(firm.rita, by=firm.rita, name=f"k{n}", scope="read", days=30)
    with refused(RuleRefused) as caught:
        issue_key(firm.rita, by=firm.rita, name="one more", scope="read", days=30)
    assert faults(caught) == [("key_name", "too_many")]
    revoke_key(ApiKey.objects.first(), by=firm.rita)
    assert issue_key(firm.rita, by=firm.rita, name="one more", scope="read", days=30)


def test_Q22_who_ends_whose_log_in(firm: Firm) -> None:
    browser(firm.rita)
    row = Session.objects.get(user=firm.rita)
    for login in ("mark", "rob", "tina"):
        with refused(Forbidden):
            end_session(row, by=firm.people[login])
    end_session(row, by=firm.ada)
    with refused(NotFound):
        end_session(row, by=firm.ada)
