"""One Chromium for the browser tests of a process."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.window import ARGUMENTS
from tests.conftest import CHROMIUM


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium as installed; Playwright brings none of its own."""
    # Playwright's loop runs in this thread, and Django would refuse to ask the database beside it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield found
        found.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
