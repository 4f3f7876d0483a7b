"""One Chromium for the browser tests of a process."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from django.db import connection
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.window import ARGUMENTS
from tests.conftest import CHROMIUM


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Each job is done once in the quick suite; in its other languages, looks and widths in the longer one."""
    seen: set[str] = set()
    for item in items:
        if "tests/browser/" not in item.nodeid:
            continue
        job = item.nodeid.partition("[")[0]
        if job in seen:
            item.add_marker(pytest.mark.slow)
        seen.add(job)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium as installed; Playwright brings none of its own."""
    # Playwright's loop runs in this thread, and Django would refuse to ask the database beside it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    expect.set_options(timeout=20_000)  # however busy the machine is
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield found
        found.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(autouse=True)
def _nothing_left_open(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each window of a test is closed after it; until then none of them keeps a connection to the database.

    The test's server has a thread for each connection that Chromium keeps alive, up to six a window, and a
    thread would keep its own to the database: a long run of browser tests came to PostgreSQL's limit.
    """
    monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", 0)
    yield
    if "browser" in request.fixturenames:
        for context in request.getfixturevalue("browser").contexts:
            context.close()
