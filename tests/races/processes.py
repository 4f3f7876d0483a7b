"""Commands of ours as processes of their own, on the database of the running test."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import connection

BASE = Path(__file__).resolve().parents[2]
PATIENCE = 60  # seconds after which waiting for a condition is a failure


def environment(**more: str) -> dict[str, str]:
    """The environment in which a process meets this test's database."""
    at = connection.settings_dict
    where = {key: str(value) for key, value in (("host", at["HOST"]), ("port", at["PORT"])) if value}
    who = f"{quote(at['USER'])}:{quote(at['PASSWORD'])}"
    url = f"postgresql://{who}@/{quote(at['NAME'])}?{urlencode(where | at['OPTIONS'])}"
    ours = {"TRUNK_TEST": "1", "DATABASE_URL": url, "REDIS_URL": settings.REDIS_URL}
    return {key: value for key, value in os.environ.items() if key != "DATABASE_OWNER_URL"} | ours | more


@contextmanager
def running(*arguments: str, **env: str) -> Iterator[subprocess.Popen[str]]:
    """`manage.py` with these arguments, killed at the end if it still runs."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", *arguments],
        cwd=BASE,
        env=environment(**env),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def until(condition: Callable[[], bool], what: str) -> None:
    """Wait for a condition, asking often; fails when it never comes."""
    pause = threading.Event()
    for _ in range(PATIENCE * 50):
        if condition():
            return
        pause.wait(0.02)
    raise AssertionError(f"never happened: {what}")
