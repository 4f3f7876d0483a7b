"""R15.4: the application's role adds and reads events and cannot change them."""

import pytest
from django.conf import settings
from django.db import ProgrammingError, connection, transaction

from tests import testdb

pytestmark = [pytest.mark.django_db, pytest.mark.reduced]


def run(sql: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.skipif(
    not settings.DATABASE_APP_ROLE, reason="one role only: the trigger alone guards the events"
)
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE core_event SET verb = 'x'",
        "DELETE FROM core_event",
        "TRUNCATE core_event CASCADE",
        "ALTER TABLE core_event DISABLE TRIGGER ALL",
        "DROP TABLE core_event",
        "DELETE FROM django_migrations",
    ],
)
def test_R15_4_the_application_cannot_change_events(sql: str) -> None:
    with pytest.raises(ProgrammingError):
        run(sql)


def test_the_application_reads_and_writes_the_rest() -> None:
    run("SELECT count(*) FROM core_event")
    run("DELETE FROM core_heartbeat")


def test_the_ctype_knows_chinese() -> None:
    from core import health

    assert health.database() == ""


@pytest.mark.django_db(transaction=True)
def test_what_a_committing_test_leaves_is_emptied_and_what_migrations_made_is_kept() -> None:
    run("INSERT INTO core_heartbeat (name, at, data) VALUES ('left', now(), '{}')")
    run("DELETE FROM auth_permission; DELETE FROM django_content_type")
    testdb.reset()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM core_heartbeat), (SELECT count(*) FROM django_content_type)"
        )
        left, kept = cursor.fetchone()
    assert left == 0
    assert kept > 0
