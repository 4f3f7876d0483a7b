"""Locks in one order (team, users, contacts, leads, opportunities, orders; by id) and the transaction of a verb."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable
from functools import partial, wraps
from typing import Any, ParamSpec, TypeVar

from django.db import OperationalError, connection, models, transaction

P = ParamSpec("P")
T = TypeVar("T")
M = TypeVar("M", bound=models.Model)

DEADLOCK = "40P01"
BUCKETS = 1024


def lock(rows: models.QuerySet[M], ids: Iterable[Any], *, skip_locked: bool = False) -> list[M]:
    """Lock rows by id and read them as they are under the lock.

    `FOR NO KEY UPDATE`: `FOR UPDATE` on a user would deadlock with any verb that points a foreign key at that user.
    """
    wanted = rows.filter(pk__in=list(ids)).order_by("pk")
    return list(wanted.select_for_update(no_key=True, of=("self",), skip_locked=skip_locked))


def lock_one(rows: models.QuerySet[M], pk: Any) -> M:
    """Lock one row and read it under the lock; raises the model's DoesNotExist."""
    return rows.select_for_update(no_key=True, of=("self",)).get(pk=pk)


def lock_words(space: int, words: Iterable[str]) -> None:
    """Take transaction-long advisory locks on words, in sorted order.

    Words fall into buckets, so that a batch of thousands needs no more locks than PostgreSQL's table holds.
    """
    buckets = sorted({zlib.crc32(word.encode()) % BUCKETS for word in words})
    if buckets:
        with connection.cursor() as cursor:
            # A VALUES list with ORDER BY would not promise the order of evaluation; a materialised, sorted set does.
            cursor.execute(
                "SELECT pg_advisory_xact_lock(%s, b) FROM unnest(%s::int[]) WITH ORDINALITY AS t(b, n) ORDER BY n",
                [space, buckets],
            )


def tried_twice(function: Callable[[], T]) -> T:
    """Run in a transaction (or savepoint), and once more when PostgreSQL broke a deadlock with it."""
    try:
        with transaction.atomic():
            return function()
    except OperationalError as error:
        if getattr(error.__cause__, "pgcode", None) != DEADLOCK:
            raise
    with transaction.atomic():
        return function()


def verb(function: Callable[P, T]) -> Callable[P, T]:
    """Run a verb in a transaction; outermost, it is tried once more when PostgreSQL broke a deadlock with it."""

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        if connection.in_atomic_block:
            with transaction.atomic():
                return function(*args, **kwargs)
        return tried_twice(partial(function, *args, **kwargs))

    return run
