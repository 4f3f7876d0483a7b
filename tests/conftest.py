"""The suite's database and servers; what a test needs beyond that stands beside it."""

from __future__ import annotations

import shutil
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


@pytest.fixture(autouse=True)
def _lawful(request: pytest.FixtureRequest) -> Iterator[None]:
    """What the last test of a module leaves in the database keeps every law of the trunk (tests/invariants.py)."""
    last = getattr(request.node, "last_of_module", False)
    if last:
        request.getfixturevalue(
            "_django_db_helper"
        )  # before this one, so that its rows are still there afterwards
    yield
    if last:
        from tests import invariants

        invariants.check()


CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
WITHOUT = (
    "Browser tests were left out: no Chromium is installed (Debian: apt-get install chromium fonts-noto-cjk)."
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave the browser tests out where there is no browser; know the last test of each module with a database."""
    last = {}
    for item in items:
        # The twin of a race is there to break a law.
        twin = "_without_" in item.name
        if not twin and (item.get_closest_marker("django_db") or "db" in getattr(item, "fixturenames", ())):
            last[item.location[0]] = item
    for item in last.values():
        item.last_of_module = True  # type: ignore[attr-defined]
    for item in items:
        # That a race is lost without its guard need not be shown anew with every change.
        if "tests/races/" in item.nodeid and "without_the_" in item.name:
            item.add_marker(pytest.mark.slow)
        if not CHROMIUM and item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason="no Chromium is installed"))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say so, plainly."""
    if not CHROMIUM:
        terminalreporter.write_line(WITHOUT)
