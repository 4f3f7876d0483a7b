"""Ids are UUIDv7, in Python and in the database alike; numbers of a series have no gaps."""

from __future__ import annotations

import pytest
from django.db import connection, transaction

from core.ids import uuid7
from core.services import next_number


def from_database(many: int) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT core_uuid7() FROM generate_series(1, %s)", [many])
        return [row[0] for row in cursor.fetchall()]


@pytest.mark.parametrize(
    "maker", [lambda n: [uuid7() for _x in range(n)], from_database], ids=["python", "database"]
)
def test_ids_are_version_7_and_differ(db: None, maker) -> None:
    ids = maker(500)
    assert len(set(ids)) == 500
    assert {i.version for i in ids} == {7}
    assert {i.variant for i in ids} == {"specified in RFC 4122"}


def test_both_tell_the_same_time_in_their_first_48_bits(db: None) -> None:
    here, there = uuid7(), from_database(1)[0]
    assert abs((here.int >> 80) - (there.int >> 80)) < 60_000


def test_numbers_of_a_series_have_no_gaps(db: None) -> None:
    assert [next_number("a"), next_number("a"), next_number("b")] == [1, 2, 1]
    with transaction.atomic():
        assert next_number("a") == 3
        transaction.set_rollback(True)
    assert next_number("a") == 3
