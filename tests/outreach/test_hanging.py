"""Q13: a provider that hangs holds up its own kind of channel, and no other."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from typing import Any

import pytest
from django.db import connections

from outreach import sending, tasks
from outreach.channels.base import MayHaveLeft, Outgoing
from outreach.models import Message
from outreach.tasks import send_mail, send_sms
from tests import invariants
from tests.cast import Firm
from tests.outreach.people import Provider, somebody, written
from tests.races.processes import PATIENCE, until

pytestmark = pytest.mark.django_db(transaction=True)
WORKERS = 2  # as many as a worker of the product has


class Hanging(Provider):
    """Takes a message and says nothing until it is let go."""

    def __init__(self) -> None:
        super().__init__(self._hang)
        self.held, self.free = threading.Semaphore(0), threading.Event()

    def _hang(self, message: Outgoing) -> None:
        self.held.release()
        if not self.free.wait(PATIENCE):
            raise AssertionError("nobody let it go")
        raise MayHaveLeft("timed out")


@contextmanager
def worker() -> Iterator[Callable[[Any], Future[Any]]]:
    """A worker with its few places."""
    with ThreadPoolExecutor(WORKERS) as pool:

        def run(task: Any) -> Any:
            try:
                return task()
            finally:
                connections.close_all()

        yield lambda task: pool.submit(run, task)


@pytest.fixture
def ways(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    found: dict[str, Any] = {"sms": Hanging(), "email": Provider()}
    monkeypatch.setattr(sending, "driver_of", lambda channel, kind: found[kind])
    firm.set_rules(touch_hours="00:00-23:59")
    for _n in range(5):
        written(somebody(firm), "sms"), written(somebody(firm), "email")
    return found


def states(kind: str) -> list[str]:
    return sorted(Message.objects.filter(channel=kind).values_list("state", flat=True))


def test_Q13_a_provider_that_hangs_slows_no_other_and_loses_nothing(ways: dict[str, Any]) -> None:
    with worker() as ask:
        hung = ask(send_sms)
        assert ways["sms"].held.acquire(timeout=PATIENCE)
        # Beat asks again and again while it hangs: none of these takes the place of the mails.
        assert [ask(send_sms).result(PATIENCE) for _n in range(4)] == [0] * 4
        assert ask(send_mail).result(PATIENCE) == 5
        assert states("email") == ["sent"] * 5 and states("sms") == ["queued"] * 4 + ["sending"]
        ways["sms"].free.set()
        assert hung.result(PATIENCE) == 1
    ways["sms"].answer = None
    assert send_sms() == 4
    assert states("sms") == ["sent"] * 4 + ["unknown"]
    invariants.check()


def test_Q13_without_a_place_of_its_own_the_mails_wait_for_the_provider_that_hangs(
    ways: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin: if the mails left here, the test above proves nothing."""
    monkeypatch.setattr(tasks, "place", lambda kind: nullcontext(1))
    with worker() as ask:
        hung = [ask(send_sms) for _n in range(WORKERS)]
        for _n in range(WORKERS):
            assert ways["sms"].held.acquire(timeout=PATIENCE)
        mails = ask(send_mail)
        assert not mails.done() and states("email") == ["queued"] * 5
        ways["sms"].free.set()
        assert [one.result(PATIENCE) for one in hung] == [1, 1] and mails.result(PATIENCE) == 5


def test_Q13_a_place_is_free_again_when_its_worker_is_gone(firm: Firm) -> None:
    taken, gone = threading.Event(), threading.Event()

    def dies() -> None:
        with tasks.place("sms") as free:
            assert free is not None
            taken.set()
            gone.wait(PATIENCE)
            connections.close_all()  # as if the process were gone: nothing is given back

    thread = threading.Thread(target=dies, daemon=True)
    thread.start()
    assert taken.wait(PATIENCE)
    with tasks.place("sms") as free:
        assert free is None
    with tasks.place("email") as free:
        assert free is not None, "each kind has its own"
    gone.set()
    thread.join()

    def is_free() -> bool:
        with tasks.place("sms") as free:
            return free is not None

    until(is_free, "the place is free again")
