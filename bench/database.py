"""A database of the bench's own on the tests' servers, emptied between figures, dropped at the end."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def opened() -> Iterator[None]:
    """Set Django up and work in an empty, migrated database, as the application's role."""
    os.environ["TRUNK_TEST"] = "1"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
    os.environ.setdefault("LOG_LEVEL", "ERROR")
    import django

    django.setup()
    from crm import servers
    from tests import testdb

    servers.start()
    name = testdb.create("bench")
    testdb.use(name, "app")
    try:
        yield
    finally:
        testdb.drop(name)


def empty() -> None:
    """Begin anew."""
    from tests import testdb

    testdb.reset()


def analyze() -> None:
    """Let the planner know what there is, as autovacuum does after a while."""
    from contextlib import closing

    from django.db import connection

    from tests import testdb

    with closing(testdb.connect(connection.settings_dict["NAME"])) as raw, raw.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
