"""Verbs are transactions, tried once more when a deadlock broke them; hooks are called in order, in batches."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from core.hooks import Point
from core.locking import BUCKETS, lock, lock_one, lock_words, tried_twice, verb
from core.models import Heartbeat
from leads.models import Lead
from tests.cast import Firm


class Broken(Exception):
    def __init__(self, pgcode: str) -> None:
        self.pgcode = pgcode


def failing(times: int, pgcode: str = "40P01") -> tuple[Any, list[int]]:
    tries: list[int] = []

    @verb
    def run() -> str:
        tries.append(1)
        Heartbeat.objects.update_or_create(name=f"try {len(tries)}", defaults={"at": "2026-03-02T00:00Z"})
        if len(tries) <= times:
            raise OperationalError("deadlock detected") from Broken(pgcode)
        return "done"

    return run, tries


@pytest.mark.django_db(transaction=True)
def test_a_verb_broken_by_a_deadlock_is_tried_once_more() -> None:
    run, tries = failing(1)
    assert run() == "done"
    assert len(tries) == 2
    assert set(Heartbeat.objects.values_list("name", flat=True)) == {"try 2"}
    run, tries = failing(2)
    with pytest.raises(OperationalError):
        run()
    assert len(tries) == 2
    run, tries = failing(1, pgcode="57014")
    with pytest.raises(OperationalError):
        run()
    assert len(tries) == 1
    assert set(Heartbeat.objects.values_list("name", flat=True)) == {"try 2"}


def test_inside_another_verb_it_is_not_tried_again(db: None) -> None:
    run, tries = failing(1)
    with pytest.raises(OperationalError):
        run()
    assert len(tries) == 1
    assert not Heartbeat.objects.exists()


def locks() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()")
        return cursor.fetchone()[0]


def test_thousands_of_words_need_no_more_locks_than_buckets(db: None) -> None:
    with transaction.atomic():
        lock_words(1, [])
        assert locks() == 0
        lock_words(1, [f"word {n}" for n in range(5_000)])
        assert 0 < locks() <= BUCKETS
        lock_words(2, ["word"])
        assert locks() <= BUCKETS + 1


def test_rows_are_locked_and_read_by_id(firm: Firm) -> None:
    ids = firm.captures(5)
    with transaction.atomic():
        assert [lead.pk for lead in lock(Lead.objects.all(), reversed(ids))] == sorted(ids)
        assert lock(Lead.objects.all(), []) == []
        assert lock_one(Lead.objects.all(), ids[0]).pk == ids[0]
        with pytest.raises(Lead.DoesNotExist):
            lock_one(Lead.objects.all(), firm.rita.pk)


def test_a_point_asks_everybody_in_order_and_adds_up() -> None:
    point: Point[Any] = Point("(x) -> {id: something}")
    point.register(lambda x: {"a": 1, "b": {"n": 1}, "c": ["call"]})
    filler = point.register(lambda x: {"a": x, "b": {"m": 2}, "c": ["claim"], "d": 5})
    assert point.register(filler) is filler
    assert len(point(2)) == 2
    assert point.merged(2) == {"a": 3, "b": {"n": 1, "m": 2}, "c": ["call", "claim"], "d": 5}
    assert Point("nobody").merged() == {}


@pytest.mark.django_db(transaction=True)
def test_around_a_verb_the_one_outside_tries_again() -> None:
    """A request with a key wraps the verb in a savepoint of its own, and that one is tried twice."""
    run, tries = failing(1)
    with transaction.atomic():
        assert tried_twice(run) == "done"
    assert len(tries) == 2
    assert set(Heartbeat.objects.values_list("name", flat=True)) == {"try 2"}
