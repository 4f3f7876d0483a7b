"""Servers on loopback that speak the providers' protocols, as the tests tell them to."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

HANG, DROP = "hang", "drop"


class Stub:
    """An HTTP server that answers what it was told, one answer after the other, the last one for ever; it keeps what it
    was asked."""

    def __init__(self) -> None:
        self.answers: list[Any] = [(200, {})]
        self.asked: list[dict[str, Any]] = []
        self.over = threading.Event()
        stub = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                stub.asked.append({"path": self.path, "headers": dict(self.headers), "body": body})
                answer = stub.answers.pop(0) if len(stub.answers) > 1 else stub.answers[0]
                if answer == HANG:
                    stub.over.wait(30)
                    return
                if answer == DROP:
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return
                status, said, *headers = answer
                content = said if isinstance(said, bytes) else json.dumps(said).encode()
                self.send_response(status)
                for name, value in (headers[0] if headers else {}).items():
                    self.send_header(name, value)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def do_GET(self) -> None:
                self.do_POST()

            def log_message(self, *args: Any) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def say(self, *answers: Any) -> None:
        self.answers = list(answers)

    def form(self, number: int = -1) -> dict[str, str]:
        """A request's form, or query where it has none."""
        row = self.asked[number]
        text = row["body"].decode() or row["path"].partition("?")[2]
        return {name: values[0] for name, values in parse_qs(text, keep_blank_values=True).items()}

    def json(self, number: int = -1) -> Any:
        return json.loads(self.asked[number]["body"])


@contextmanager
def stub_server() -> Iterator[Stub]:
    stub = Stub()
    thread = threading.Thread(target=stub.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield stub
    finally:
        stub.over.set()
        stub.server.shutdown()
        stub.server.server_close()
        thread.join()


def closed_port() -> int:
    """A port at which nobody listens."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]
