"""R15.1: people, hats, teams, duty, keys and notices."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from accounts import notices
from accounts.models import ApiKey, Notice, Team, User
from accounts.permissions import manages, team_ids
from accounts.services import digest_of, make_key, notify, save_person, set_duty
from core.errors import Forbidden, NotFound, RuleRefused
from tests.cast import CAST, Firm, Watch, fresh, person
from tests.content import Log, faults, nothing_changes, refused


def save(by: User, user: User | None = None, **fields: Any) -> User:
    values = {"login": "neo", "name": "Neo", "hats": ["rep"], "password": "a long one", **fields}
    return save_person(user, by=by, **values)


@pytest.mark.parametrize("login", list(CAST))
def test_R15_1_only_administrators_make_people(firm: Firm, login: str) -> None:
    if login == "ada":
        neo = save(firm.ada, hats=["telemarketer", "rep", "rep"], team=firm.east, login="Neo")
        assert (neo.login, neo.hats, neo.team) == ("neo", ["rep", "telemarketer"], firm.east)
        assert neo.check_password("a long one")
    else:
        with refused(Forbidden):
            save(firm.people[login])


def test_R15_1_what_is_wrong_with_a_person(firm: Firm) -> None:
    with refused(RuleRefused) as caught:
        save(firm.ada, login="RITA", password="")
    assert faults(caught) == [("login", "taken"), ("password", "required")]
    assert "“RITA”" in str(caught.value)
    with refused(RuleRefused) as caught:
        save(firm.ada, firm.ada, login="ada", hats=["rep"])
    assert faults(caught) == [("hats", "last_admin")]


def test_R15_4_a_changed_person_is_an_event(firm: Firm, watch: Watch, log: Log) -> None:
    save(
        firm.ada,
        firm.rita,
        login="rita",
        name="Rita",
        hats=["rep", "telemarketer"],
        team=firm.west,
        password="",
    )
    event = log.only("person_changed")
    assert (event.by_id, event.subject_id, event.at) == (firm.ada.pk, firm.rita.pk, watch.now)
    assert set(event.data) == {"hats", "team_id"}
    assert event.data["team_id"] == [str(firm.east.pk), str(firm.west.pk)]
    rita = fresh(firm.rita)
    assert (rita.hats, rita.team, rita.password) == (["rep", "telemarketer"], firm.west, firm.rita.password)


def test_R3_1_who_sets_whose_duty(firm: Firm, log: Log) -> None:
    for login, by in firm.people.items():
        if login in ("rita", "mark", "ada"):
            assert set_duty(firm.rita, False, by=by).on_duty is False
            assert set_duty(firm.rita, True, by=by).on_duty is True
        else:
            with refused(Forbidden):
                set_duty(firm.rita, False, by=by)
    assert [e.data["on_duty"] for e in log.new()] == [["True", "False"], ["False", "True"]] * 3
    with nothing_changes():
        set_duty(firm.rita, True, by=firm.rita)


@pytest.fixture
def tree(firm: Firm) -> dict[str, Team]:
    """China over South over East; West stands alone."""
    china = Team.objects.create(name="China")
    south = Team.objects.create(name="South", parent=china)
    Team.objects.filter(pk=firm.east.pk).update(parent=south)
    return {"china": china, "south": south, "east": firm.east, "west": firm.west}


@pytest.mark.parametrize(
    ("where", "below"),
    [
        ("china", {"china", "south", "east"}),
        ("south", {"south", "east"}),
        ("east", {"east"}),
        ("west", {"west"}),
    ],
)
def test_R15_2_a_manager_manages_the_own_team_and_those_below(
    firm: Firm, tree: dict[str, Team], where: str, below: set[str]
) -> None:
    User.objects.filter(login="mark").update(team=tree[where])
    mark = person(firm.mark)
    assert set(team_ids(mark)) == {tree[name].pk for name in below}
    assert {name for name, team in tree.items() if manages(mark, team.pk)} == below
    assert not manages(mark, None)
    assert manages(firm.ada, None)
    assert team_ids(firm.rita) == []


def test_R3_1_the_managers_of_a_team_are_the_nearest_above(firm: Firm, tree: dict[str, Team]) -> None:
    def managers(team: Team) -> set[str]:
        return set(User.objects.managers_of(team.pk).values_list("login", flat=True))

    assert managers(tree["east"]) == {"mark"}
    User.objects.filter(login="mark").update(team=tree["china"])
    assert managers(tree["east"]) == {"mark"}
    User.objects.filter(login="sue").update(team=tree["south"], hats=["manager", "success"])
    assert managers(tree["east"]) == {"sue"}
    User.objects.filter(login="sue").update(is_active=False)
    assert managers(tree["east"]) == {"mark"}
    assert not User.objects.managers_of(None).exists()


def test_a_circle_of_teams_does_not_hang(firm: Firm, tree: dict[str, Team]) -> None:
    Team.objects.filter(pk=tree["china"].pk).update(parent=tree["east"])
    assert len(Team.objects.all().at_or_below(tree["east"].pk)) == 3
    assert set(User.objects.managers_of(tree["south"].pk)) == {firm.mark}


@pytest.mark.reduced
def test_the_database_knows_that_no_team_is_its_own_parent(firm: Firm) -> None:
    with pytest.raises(IntegrityError, match="team_not_own_parent"), transaction.atomic():
        Team.objects.filter(pk=firm.east.pk).update(parent=firm.east)
    with pytest.raises(IntegrityError, match="login"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_user SET login = 'rita' WHERE login = 'rob'")


def test_R6_3_a_notice_with_once_is_written_once(firm: Firm, watch: Watch) -> None:
    lead = firm.capture()
    for _n in range(2):
        notify([firm.rita, firm.rob], "due_soon", lead, at=watch.now, once="x/48", hours=48)
        notify([firm.rita], "call_now", lead, at=watch.now)
    notify([firm.rita], "due_soon", lead, at=watch.now, once="x/24", hours=24)
    assert Notice.objects.filter(kind="due_soon", user=firm.rita).count() == 2
    assert Notice.objects.filter(kind="due_soon", user=firm.rob).count() == 1
    assert Notice.objects.filter(kind="call_now").count() == 2
    assert not Notice.objects.visible_to(firm.mark).exists()


def test_a_notice_is_read_by_its_reader_once(firm: Firm, watch: Watch) -> None:
    notify([firm.rita], "call_now", firm.capture(), at=watch.now)
    notice = Notice.objects.get()
    with refused(NotFound):
        notices.read(notice, by=firm.rob)
    first = watch.now
    assert notices.read(notice, by=firm.rita).read_at == first
    watch.go(hours=1)
    assert notices.read(notice, by=firm.rita).read_at == first
    assert not Notice.objects.visible_to(firm.rita).unread().exists()


def test_a_key_is_told_once_and_stored_hashed(firm: Firm) -> None:
    secret = make_key(firm.rita, scope="write", name="phone system")
    key = ApiKey.objects.get()
    assert (key.digest, key.prefix, key.scope) == (digest_of(secret), secret[:12], "write")
    assert secret not in str(ApiKey.objects.values().get())
    assert make_key(firm.rita) != secret


def test_the_command_prints_a_key_and_nothing_else(firm: Firm) -> None:
    out = StringIO()
    call_command("api_key", "Rita", scope="read", stdout=out)
    secret = out.getvalue().strip()
    key = ApiKey.objects.get(digest=digest_of(secret))
    assert (key.user, key.scope, out.getvalue().count("\n")) == (firm.rita, "read", 1)
    assert timedelta(days=364) < key.expires_at - key.created_at <= timedelta(days=365, hours=1)
    with pytest.raises(CommandError, match="nobody"):
        call_command("api_key", "nobody", stdout=out)
    User.objects.filter(login="rob").update(is_active=False)
    with pytest.raises(CommandError, match="rob"):
        call_command("api_key", "rob", stdout=out)
