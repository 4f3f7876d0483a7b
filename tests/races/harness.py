"""Races with real connections and threads: everybody connects, waits for the others, and goes at once."""

from __future__ import annotations

import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection, connections

from core.errors import TrunkError


@dataclass
class Outcome:
    """What one runner came home with: an answer, or a refusal that a person may get."""

    value: Any = None
    refusal: TrunkError | None = None

    @property
    def won(self) -> bool:
        return self.refusal is None

    @property
    def code(self) -> str:
        return "won" if self.refusal is None else self.refusal.code


def race(calls: Iterable[Callable[[], Any]]) -> list[Outcome]:
    """Run all calls at the same instant, each on a connection of its own; answers in the order of the calls.

    A refusal is an outcome. Anything else that is raised is an unexpected error and fails the test.
    """
    listed = list(calls)
    outcomes: list[Outcome | None] = [None] * len(listed)
    errors: list[Exception] = []
    start = threading.Barrier(len(listed))

    def run(n: int, call: Callable[[], Any]) -> None:
        try:
            connection.ensure_connection()
            start.wait()
            outcomes[n] = Outcome(call())
        except TrunkError as refusal:
            outcomes[n] = Outcome(refusal=refusal)
        except Exception as error:
            errors.append(error)
            start.abort()
        finally:
            connections.close_all()

    pause = sys.getswitchinterval()
    sys.setswitchinterval(0.0005)  # change threads often: more ways to meet
    try:
        threads = [threading.Thread(target=run, args=(n, call), daemon=True) for n, call in enumerate(listed)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(pause)
    if errors:
        raise ExceptionGroup("unexpected errors in a race", errors)
    return [outcome for outcome in outcomes if outcome is not None]


def tally(outcomes: Iterable[Outcome]) -> Counter[str]:
    """How often each end was met: `won`, or the code of the refusal."""
    return Counter(outcome.code for outcome in outcomes)


def refused(call: Callable[[], Any]) -> str:
    """The code of the refusal that a call meets, `won` without one."""
    try:
        call()
    except TrunkError as refusal:
        return refusal.code
    return "won"
