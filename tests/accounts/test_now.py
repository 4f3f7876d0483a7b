"""What an open page asks every few seconds: one statement, without session, and nothing for who has left."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core import signing
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import now
from accounts.models import User
from accounts.services import notify
from core import clock
from tests.cast import Firm, fresh

pytestmark = pytest.mark.django_db


def ask(firm: Firm, who: str = "rita", **more: str) -> dict:
    answer = Client().get(now.address(getattr(firm, who)), more)
    assert answer.status_code == 200
    return answer.json()


def test_R3_2_asking_what_is_new_costs_one_statement_and_reads_no_session(firm: Firm) -> None:
    for _n in range(3):
        firm.an_mql()
    address = now.address(firm.rita)
    with CaptureQueriesContext(connection) as caught:
        answer = Client().get(address)
    assert len(caught) == 1, [q["sql"] for q in caught]
    assert answer.json()["unread"] == 3 and len(answer.json()["loud"]) == 3
    assert answer["Cache-Control"] == "no-store" and not answer.cookies


def test_R3_2_a_hand_over_is_new_and_calls_until_it_is_read(firm: Firm) -> None:
    before = ask(firm)
    assert before == {"unread": 0, "newest": "", "loud": []}
    lead = firm.an_mql()
    after = ask(firm)
    notice = firm.rita.notices.get(subject_id=lead.pk)
    assert after == {"unread": 1, "newest": str(notice.pk), "loud": [str(notice.pk)]}
    assert ask(firm, "rob")["unread"] == 0
    notice.read_at = clock.now()
    notice.save()
    assert ask(firm) == before


def test_R3_2_what_was_urgent_an_hour_ago_calls_no_more(firm: Firm) -> None:
    firm.an_mql()
    firm.rita.notices.update(at=clock.now() - timedelta(minutes=61))
    assert (ask(firm)["unread"], ask(firm)["loud"]) == (1, [])


def test_R0_1_a_branch_that_is_off_is_not_counted(firm: Firm) -> None:
    lead = firm.pooled("returned")
    notify([firm.mark], "contested", lead, at=clock.now())
    assert ask(firm, "mark")["unread"] == 0
    firm.set_rules(contesting=True)
    assert ask(firm, "mark")["unread"] == 1


def test_R3_1_who_has_a_page_open_is_seen_at_most_once_a_minute(firm: Firm) -> None:
    ask(firm)
    seen = fresh(firm.rita).last_seen_at
    assert seen is not None
    ask(firm)
    assert fresh(firm.rita).last_seen_at == seen
    User.objects.filter(pk=firm.rita.pk).update(last_seen_at=seen - timedelta(minutes=2))
    ask(firm)
    assert fresh(firm.rita).last_seen_at > seen
    assert fresh(firm.rob).last_seen_at is None


def test_R3_2_a_page_that_nobody_looks_at_does_not_count_as_seen(firm: Firm) -> None:
    firm.an_mql()
    assert ask(firm, away="1")["unread"] == 1
    assert fresh(firm.rita).last_seen_at is None


def test_R15_3_who_has_left_is_told_nothing(firm: Firm) -> None:
    address = now.address(firm.rita)
    User.objects.filter(pk=firm.rita.pk).update(is_active=False)
    assert Client().get(address).status_code == 404
    assert fresh(firm.rita).last_seen_at is None


@pytest.mark.parametrize("who", ["x", "abc:def:ghi", "😀"])
def test_a_bad_signature_is_nothing(firm: Firm, who: str) -> None:
    assert Client().get(f"/now/{who}/").status_code == 404


def test_a_signature_of_something_else_is_nothing(firm: Firm) -> None:
    assert Client().get(f"/now/{signing.dumps(str(firm.rita.pk), salt='other')}/").status_code == 404


def test_an_address_lives_for_a_day_and_the_page_gets_a_new_one(firm: Firm) -> None:
    with time_machine.travel(timezone.now() - timedelta(hours=25), tick=False):
        old = now.address(firm.rita)
    assert Client().get(old).status_code == 404
    client = Client()
    client.force_login(firm.rita)
    fresh_one = client.get("/notices/news/")["X-Trunk-Now"]
    assert Client().get(fresh_one).status_code == 200
    assert Client().get("/notices/news/").status_code == 302, "who is logged out gets none"
    assert Client().post(fresh_one).status_code == 405
