"""A worker that sends SMS to a provider on a port, as a process of its own that can be killed (test_killed.py).

`python -m tests.outreach.sender PORT KEYED MARKED`: without MARKED it is the twin that looks, sends, and marks afterwards.
"""

from __future__ import annotations

import os
import socket
import sys
import time
from datetime import timedelta
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
django.setup()

from core import clock  # noqa: E402
from outreach import sending  # noqa: E402
from outreach.channels.base import MayHaveLeft, Outgoing, Plain, Sent  # noqa: E402
from outreach.models import Message  # noqa: E402

# Who is gone is known at once here; the product waits ten minutes.
sending.GONE = timedelta(seconds=2)


class Wire(Plain):
    """One line a message: its key goes out, `ok` comes back."""

    kind, code, label = "sms", "wire", ""

    def __init__(self, port: int, keyed: bool) -> None:
        self.port, self.keyed = port, keyed  # type: ignore[misc]

    def send(self, message: Outgoing) -> Sent:
        """Hand one over. Raises MayHaveLeft."""
        with socket.create_connection(("127.0.0.1", self.port)) as line:
            line.sendall(message.key.encode() + b"\n")
            if line.recv(8) != b"ok\n":
                raise MayHaveLeft("hung up")
        return Sent(message.key)


def unmarked(run: Any) -> Message | None:
    """Look, and mark only when it was sent."""
    row = Message.objects.filter(channel=run.kind, state="queued").order_by("id").first()
    if row is not None:
        row.again, row.tries = False, row.tries + 1
    return row


def main(port: int, keyed: bool, marked: bool) -> None:
    """Send for ever."""
    if not marked:
        sending._take = unmarked
    while True:
        if not sending.send_due("sms", clock.now(), driver=Wire(port, keyed)):
            time.sleep(0.05)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2] == "1", sys.argv[3] == "1")
