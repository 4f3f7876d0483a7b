"""Q8, R11.4: a worker is killed while its message is in the air, again and again: none lost, none stuck, none doubled."""

from __future__ import annotations

import socketserver
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest

from outreach.models import Message
from tests import invariants
from tests.cast import Firm
from tests.outreach.people import somebody, written
from tests.races.processes import BASE, environment, until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
MANY, KILLS = 60, 5


class Provider(socketserver.ThreadingTCPServer):
    """Keeps the keys it gets; at every `each`-th one it answers nothing and calls for the sender's death."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, each: int) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.each, self.got = each, 0
        self.keys: Counter[str] = Counter()
        self.kill, self.dead = threading.Event(), threading.Event()
        self.kills = 0


class _Talk(socketserver.StreamRequestHandler):
    server: Provider

    def handle(self) -> None:
        key = self.rfile.readline().decode().strip()
        if not key:
            return
        self.server.keys[key] += 1
        self.server.got += 1
        if self.server.got % self.server.each == 0 and self.server.kills < KILLS:
            self.server.kills += 1
            self.server.dead.clear()
            self.server.kill.set()
            self.server.dead.wait()
            return
        self.wfile.write(b"ok\n")


@contextmanager
def provider(each: int) -> Iterator[Provider]:
    with Provider(each) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.dead.set()
            server.shutdown()
            thread.join()


def waiting() -> bool:
    return Message.objects.filter(state__in=["queued", "sending"]).exists()


def _over(server: Provider, process: Any) -> bool:
    return server.kill.is_set() or not waiting() or process.poll() is not None


def killed_again_and_again(server: Provider, *, keyed: bool, marked: bool = True) -> None:
    """Senders, one after the other: each is killed when the provider has its message and has not answered."""
    while True:
        command = [sys.executable, "-m", "tests.outreach.sender", str(server.server_address[1])]
        arguments = ["1" if keyed else "0", "1" if marked else "0"]
        process: Any = subprocess.Popen([*command, *arguments], cwd=BASE, env=environment())
        try:
            until(partial(_over, server, process), "a kill or the end")
            assert process.poll() is None, "the sender fell over by itself"
        finally:
            process.kill()
            process.wait()
        if not server.kill.is_set():
            return
        server.kill.clear()
        server.dead.set()


def outbox(firm: Firm) -> set[str]:
    firm.set_rules(touch_hours="00:00-23:59")
    return {str(written(somebody(firm), "sms").pk) for _n in range(MANY)}


def test_Q8_with_keys_every_message_is_sent_and_none_twice(firm: Firm) -> None:
    asked = outbox(firm)
    with provider(each=9) as server:
        killed_again_and_again(server, keyed=True)
        assert server.kills == KILLS and set(server.keys) == asked
    assert set(Message.objects.values_list("state", flat=True)) == {"sent"}
    again = [key for key, times in server.keys.items() if times > 1]
    assert len(again) == KILLS, "the same key went out again, and a provider that honours it sent it once"
    invariants.check()


def test_Q8_without_keys_each_is_sent_or_unknown_and_none_goes_twice(firm: Firm) -> None:
    asked = outbox(firm)
    with provider(each=9) as server:
        killed_again_and_again(server, keyed=False)
        assert server.kills == KILLS and server.keys == Counter(asked)
    states = Counter(Message.objects.values_list("state", flat=True))
    assert states == {"sent": MANY - KILLS, "unknown": KILLS}
    invariants.check()


def test_Q8_without_the_mark_before_it_leaves_a_kill_sends_twice(firm: Firm) -> None:
    """The twin: who marks afterwards sends again what was in the air."""
    outbox(firm)
    with provider(each=9) as server:
        killed_again_and_again(server, keyed=False, marked=False)
        assert max(server.keys.values()) > 1
