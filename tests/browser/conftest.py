"""One Chromium for the browser tests of a process."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
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
