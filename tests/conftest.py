"""The suite's database and servers; what a test needs beyond that stands beside it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.test import TransactionTestCase
from hypothesis import settings as hypothesis_settings

from crm import servers
from tests import testdb
from tests.cast import firm, watch  # noqa: F401
from tests.content import log  # noqa: F401

# The same examples in every run, however busy the machine is.
hypothesis_settings.register_profile("suite", deadline=None, database=None, derandomize=True)
hypothesis_settings.load_profile("suite")


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: Any, worker_id: str) -> Iterator[None]:
    """A database of this run's own, used as the application's role."""
    servers.start()
    with django_db_blocker.unblock():
        name = testdb.create(worker_id)
        testdb.use(name, "app")
    yield
    with django_db_blocker.unblock():
        testdb.drop(name)


def _reset(self: TransactionTestCase) -> None:
    """Between tests that commit: as the owner, since the application may not delete events."""
    testdb.reset()


TransactionTestCase._fixture_teardown = _reset  # type: ignore[method-assign]


@pytest.fixture(autouse=True)
def _own_cache(request: pytest.FixtureRequest) -> Iterator[None]:
    """What a test leaves in the cache is not seen by the next one."""
    yield
    if "django_db_setup" in request.fixturenames:
        cache.clear()
