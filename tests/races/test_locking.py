"""A deadlock that PostgreSQL breaks is tried once more and nobody sees it (architecture: a verb)."""

from __future__ import annotations

import threading
from functools import partial

import pytest
from django.db import OperationalError, connection

from accounts.models import User
from core.locking import lock_one, verb
from tests.races import scene
from tests.races.harness import race, tally

pytestmark = pytest.mark.django_db(transaction=True)


class Crossing:
    """Two verbs that lock the same two rows in opposite order, and meet in the middle the first time."""

    def __init__(self, firm: scene.Firm) -> None:
        self.rows = [firm.rita.pk, firm.rob.pk]
        self.middle = threading.Barrier(2)
        self.tries: list[int] = [0, 0]

    def go(self, n: int, *, always: bool = False) -> None:
        self.tries[n] += 1
        lock_one(User.objects.all(), self.rows[n])
        if always or self.tries[n] == 1:
            self.middle.wait()
        person = lock_one(User.objects.all(), self.rows[1 - n])
        person.capacity = (person.capacity or 0) + 1
        person.save(update_fields=["capacity"])


def test_one_of_two_that_lock_crosswise_is_tried_again() -> None:
    crossing = Crossing(scene.firm())
    outcomes = race(partial(verb(crossing.go), n) for n in (0, 1))
    assert tally(outcomes) == {"won": 2}
    assert sorted(crossing.tries) == [1, 2]
    assert list(User.objects.filter(pk__in=crossing.rows).values_list("capacity", flat=True)) == [1, 1]


def test_without_the_verb_the_deadlock_is_an_error() -> None:
    """The twin: the same in a plain transaction."""
    from django.db import transaction

    crossing = Crossing(scene.firm())
    with pytest.raises(ExceptionGroup) as caught:
        race(partial(transaction.atomic(crossing.go), n) for n in (0, 1))
    assert [type(error) for error in caught.value.exceptions] == [OperationalError]
    assert "deadlock" in str(caught.value.exceptions[0])


def test_another_error_of_the_server_is_not_tried_again() -> None:
    calls = []

    @verb
    def fails() -> None:
        calls.append(1)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 1")
            cursor.execute("SELECT pg_sleep(5)")

    with pytest.raises(OperationalError):
        fails()
    assert len(calls) == 1
