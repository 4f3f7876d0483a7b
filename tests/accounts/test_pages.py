"""People: who may look, who may change, and that a rule's answer comes back to its field."""

from __future__ import annotations

import pytest

from accounts.models import User
from tests.cast import Firm, fresh
from tests.pages import MOST_QUERIES, browser, queries_of, tap, words


@pytest.mark.parametrize(("login", "status"), [("ada", 200), ("mark", 200), ("rita", 403), ("tina", 403)])
def test_R15_1_administrators_and_managers_look_after_people(firm: Firm, login: str, status: int) -> None:
    assert browser(getattr(firm, login)).get("/people/").status_code == status


def test_the_page_of_people_has_a_fixed_number_of_queries(firm: Firm) -> None:
    assert queries_of(browser(firm.ada), "/people/") <= MOST_QUERIES


def test_an_administrator_makes_a_person(firm: Firm) -> None:
    data = {
        "name": "Nora",
        "login": "nora",
        "hats": ["rep"],
        "language": "en",
        "password": "a-long-enough-one",
    }
    answer = tap(browser(firm.ada), "/people/new/", data, on="/people/")
    assert answer.status_code == 200 and "Nora" in words(answer)
    assert User.objects.get(login="nora").hats == ["rep"]
    again = tap(browser(firm.ada), "/people/new/", data, on="/people/")
    assert again.status_code == 422 and 'data-field="login"' in again.content.decode()
    assert tap(browser(firm.mark), "/people/new/", data, on="/people/").status_code == 403


def test_a_weak_password_is_refused_beside_its_field(firm: Firm) -> None:
    data = {"name": "Nora", "login": "nora", "hats": ["rep"], "language": "en", "password": "12345"}
    answer = tap(browser(firm.ada), "/people/new/", data)
    assert answer.status_code == 422 and 'data-field="password"' in answer.content.decode()


def test_R3_1_a_manager_sets_the_duty_of_the_own_people_only(firm: Firm) -> None:
    client = browser(firm.mark)
    assert tap(client, f"/people/{firm.rita.pk}/duty/", {"on": "no"}, on="/people/").status_code == 200
    assert fresh(firm.rita).on_duty is False
    assert tap(client, f"/people/{firm.wei.pk}/duty/", {"on": "no"}, on="/people/").status_code == 403
