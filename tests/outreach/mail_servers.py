"""A real mail server and a small mailbox on loopback, as the tests tell them to behave."""

from __future__ import annotations

import re
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.outreach.stubs import closed_port

DROP = "drop"


class Post:
    """Keeps what arrives. `rcpt`, `data`, `mail`: what it says to each; DROP hangs up there."""

    def __init__(self) -> None:
        self.mails: list[Any] = []
        self.rcpt: dict[str, str] = {}
        self.mail = self.data = ""
        self.lines = 0

    async def handle_EHLO(
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> Any:
        session.host_name = hostname
        self.lines += 1
        return responses

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.mail == DROP:
            server.transport.abort()
        envelope.mail_from = address
        return self.mail or "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        said = self.rcpt.get(address, "250 OK")
        if said == DROP:
            server.transport.abort()
        if said.startswith("2"):
            envelope.rcpt_tos.append(address)
        return said

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.data == DROP:
            self.mails.append(envelope)
            server.transport.abort()
            return "250 OK"
        if not self.data:
            self.mails.append(envelope)
        return self.data or "250 OK"


@contextmanager
def post_office(**more: Any) -> Iterator[tuple[Post, int]]:
    """A mail server: what it keeps, and its port."""
    post = Post()
    port = closed_port()
    controller = Controller(post, hostname="127.0.0.1", port=port, **more)
    controller.start()
    try:
        yield post, port
    finally:
        controller.stop()


def may_enter(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    """Who may send: `me` with `s3cret`."""
    return AuthResult(success=(data.login, data.password) == (b"me", b"s3cret"), handled=False)


def a_certificate(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's TLS for 127.0.0.1 by a CA that nobody knows, and the context of who trusts it all the same."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    cert = folder / "cert.pem"
    cert.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = folder / "key.pem"
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(cert, private)
    return server, ssl.create_default_context(cafile=str(cert))


class Mailbox:
    """A mailbox over IMAP: mails by their UID."""

    def __init__(self) -> None:
        self.mails: dict[int, bytes] = {}
        self.validity = 7
        self.asked: list[str] = []
        self.broken = False

    def put(self, raw: bytes) -> int:
        number = max(self.mails, default=0) + 1
        self.mails[number] = raw
        return number


@contextmanager
def mailbox() -> Iterator[tuple[Mailbox, int]]:
    """A mailbox and its port."""
    box = Mailbox()

    class Handler(socketserver.StreamRequestHandler):
        def say(self, text: str) -> None:
            self.wfile.write(text.encode() + b"\r\n")

        def handle(self) -> None:
            self.say("* OK IMAP4rev1 ready")
            while line := self.rfile.readline().decode().strip():
                box.asked.append(line)
                tag, _space, rest = line.partition(" ")
                if box.broken and rest.startswith("UID"):
                    return
                if not self.answer(tag, rest):
                    return

        def answer(self, tag: str, rest: str) -> bool:
            word = rest.split()[0].upper()
            if word == "CAPABILITY":
                self.say("* CAPABILITY IMAP4rev1")
            elif word == "LOGIN" and '"s3cret"' not in rest:
                self.say(f"{tag} NO no such log-in")
                return True
            elif word in ("SELECT", "EXAMINE"):
                if "INBOX" not in rest:
                    self.say(f"{tag} NO no such folder")
                    return True
                self.say(f"* {len(box.mails)} EXISTS")
                self.say(f"* OK [UIDVALIDITY {box.validity}] valid")
            elif word == "LOGOUT":
                self.say("* BYE")
                self.say(f"{tag} OK")
                return False
            elif "SEARCH" in rest.upper():
                self.say(f"* SEARCH {' '.join(map(str, self.found(rest.split()[-1])))}")
            elif "FETCH" in rest.upper():
                self.fetch(int(rest.split()[2]), rest)
            self.say(f"{tag} OK done")
            return True

        def found(self, span: str) -> list[int]:
            last = max(box.mails, default=0)
            first = last if span == "*" else int(span.partition(":")[0])
            # As the protocol has it: `n:*` always holds the last one.
            return [n for n in sorted(box.mails) if n >= first] or ([last] if last else [])

        def fetch(self, number: int, rest: str) -> None:
            raw = box.mails[number]
            if "RFC822.SIZE" in rest:
                self.say(f"* 1 FETCH (UID {number} RFC822.SIZE {len(raw)})")
                return
            assert re.search(r"BODY\.PEEK\[\]", rest), "a look must not mark it as read"
            self.wfile.write(f"* 1 FETCH (UID {number} BODY[] {{{len(raw)}}}\r\n".encode() + raw + b")\r\n")

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield box, server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
