"""A mail server on the loopback that keeps what it gets, or refuses it as told."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage


class Mailbox(socketserver.ThreadingTCPServer):
    """What came in is in `mails`; with `refuse` it answers so to every recipient whose address holds `only`.

    With `gone` the line breaks there: at `RCPT`, or after the whole message was read and before it was answered for.
    """

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.mails: list[EmailMessage] = []
        self.refuse = b""
        self.only = b""
        self.gone = b""

    @property
    def port(self) -> int:
        return self.server_address[1]


class _Talk(socketserver.StreamRequestHandler):
    server: Mailbox

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline():
            word = line.split()[0].upper() if line.split() else b""
            if word == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            if word == b"RCPT" == self.server.gone:
                return
            if word == b"RCPT" and self.server.refuse and self.server.only in line:
                self.wfile.write(self.server.refuse + b"\r\n")
            elif word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                self._take()
                if self.server.gone:
                    return
                self.wfile.write(b"250 taken\r\n")
            else:
                self.wfile.write(b"250 ok\r\n")

    def _take(self) -> None:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b"..") else line)
        self.server.mails.append(message_from_bytes(b"".join(lines), policy=policy.default))


@contextmanager
def mailbox() -> Iterator[Mailbox]:
    """Run one."""
    with Mailbox() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
