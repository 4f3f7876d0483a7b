"""People changed by several at once: an administrator always stays, teams never close a circle (R15.1, R15.2, R15.3)."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from accounts import persons
from accounts.models import Team, User
from accounts.services import issue_key, save_person, save_team
from leads.services import leave
from tests.races import scene
from tests.races.harness import race, tally

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 8


def unhat(person: User, by: User) -> Any:
    """Take the administrator's hat off somebody."""
    fields = {"login": person.login, "name": person.name, "hats": ["rep"]}
    return partial(save_person, person, by=by, **fields)


def two_admins(n: int) -> tuple[User, User]:
    make = User.objects.create
    one = make(login=f"one{n}", name="One", hats=["admin"])
    return one, make(login=f"two{n}", name="Two", hats=["admin"])


def test_R15_1_two_administrators_take_each_others_hat_and_one_stays() -> None:
    for n in range(ROUNDS):
        User.objects.filter(hats__contains=["admin"]).update(hats=[])
        one, two = two_admins(n)
        assert tally(race([unhat(one, two), unhat(two, one)])) == {"won": 1, "forbidden": 1}
        assert User.objects.wearing("admin").count() == 1


def test_R15_1_without_the_guard_nobody_administers_any_more(monkeypatch) -> None:
    """The twin: who changes is not looked at again under the lock, but as the page had loaded them."""
    real = persons.lock

    def trusting(rows: Any, ids: Any, **more: Any) -> list[User]:
        by, *others = list(ids)
        loaded = User(pk=by, hats=["admin"])
        return [loaded, *real(rows, [pk for pk in others if pk != by], **more)]

    monkeypatch.setattr(persons, "lock", trusting)
    User.objects.filter(hats__contains=["admin"]).update(hats=[])
    one, two = two_admins(0)
    assert tally(race([unhat(one, two), unhat(two, one)])) == {"won": 2}
    assert not User.objects.wearing("admin").exists()


def test_R15_3_two_administrators_let_each_other_leave_and_one_stays() -> None:
    scene.firm()
    for n in range(ROUNDS):
        one, two = two_admins(n)
        calls = [partial(leave, one, by=two, to="rules"), partial(leave, two, by=one, to="rules")]
        assert tally(race(calls)) == {"won": 1, "forbidden": 1}
        assert User.objects.active().filter(pk__in=[one.pk, two.pk]).count() == 1


def test_R15_2_two_teams_put_below_each_other_close_no_circle() -> None:
    ada = scene.firm().ada
    for n in range(ROUNDS):
        a, b = (Team.objects.create(name=f"{word}{n}") for word in "ab")
        calls = [
            partial(save_team, a, by=ada, name=a.name, parent=b),
            partial(save_team, b, by=ada, name=b.name, parent=a),
        ]
        assert tally(race(calls)) == {"won": 1, "invalid": 1}
        a.refresh_from_db()
        b.refresh_from_db()
        assert (a.parent_id is None) != (b.parent_id is None)


def test_one_login_typed_by_two_administrators_is_one_person() -> None:
    ada = scene.firm().ada
    new = {"name": "Neo", "hats": ["rep"], "password": "a long one"}
    calls = [partial(save_person, None, by=ada, login="neo", **new) for _n in range(4)]
    assert tally(race(calls)) == {"won": 1, "invalid": 3}
    assert User.objects.filter(login="neo").count() == 1


def test_no_more_keys_than_allowed_however_many_ask_at_once() -> None:
    rita = scene.firm().rita
    ask = partial(issue_key, rita, by=rita, name="phone", scope="read", days=30)
    for _n in range(18):
        ask()
    assert tally(race([ask] * 6)) == {"won": 2, "invalid": 4}
    assert rita.keys.count() == 20


def test_R15_1_who_is_let_go_takes_no_hat_off_who_does_it() -> None:
    for n in range(ROUNDS):
        User.objects.filter(hats__contains=["admin"]).update(hats=[])
        one, two = two_admins(n)
        outcomes = race([unhat(one, two), partial(leave, two, by=one, to="rules")])
        assert tally(outcomes) == {"won": 1, "forbidden": 1}
        assert User.objects.active().wearing("admin").count() == 1
