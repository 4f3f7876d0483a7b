"""One process that runs all of Trunk CRM on this machine: web, worker and beat, on servers of our own if none
are set.

`python -m crm.supervisor demo|run`. Ctrl-C or SIGTERM stop all of it, a part that dies is started again, and
should this process itself be killed, the kernel tells its parts to stop.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TextIO

from crm import config, embedded
from crm.parts import Part, dies_with_parent, say

BIN = Path(sys.executable).parent
READY_SECONDS = 60
STOP_SECONDS = 12
ADDRESSES = ("127.0.0.1", "::1")


class StopAsked(Exception):
    """Somebody wants it to end."""


class Supervisor:
    """Web, worker and beat of one data folder."""

    def __init__(self, demo: bool) -> None:
        self.demo = demo
        if demo:
            os.environ["TRUNK_DEMO"] = "1"
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
        os.environ.setdefault("CLOCK_OFFSET", "0")
        self.config = config.load()
        self.var = self.config.var
        self.own_servers = not (self.config.database_url and self.config.redis_url)
        self.address = f"http://127.0.0.1:{self.config.port}"
        self.parts: list[Part] = []
        self.logs = self.var / "log"
        self.logs.mkdir(parents=True, exist_ok=True)

    # -- before

    def only_one(self) -> TextIO:
        """Take this data folder's supervisor lock, or say who has it."""
        lock = open(self.var / "supervisor.lock", "a+")  # noqa: SIM115 - held for life
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise SystemExit(f"It runs already: {lock.read().strip() or 'starting'}") from None
        lock.truncate(0)
        lock.write(f"{self.address} (process {os.getpid()}, data in {self.var})")
        lock.flush()
        return lock

    def port_is_free(self) -> None:
        """End with a hint when somebody else listens there."""
        with socket.socket() as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                sock.bind((ADDRESSES[0], self.config.port))
            except OSError as error:
                hint = f"Choose another: PORT={self.config.port + 1} make {'demo' if self.demo else 'run'}"
                raise SystemExit(
                    f"Port {self.config.port} cannot be used ({error.strerror}). {hint}"
                ) from None

    def command(self, *args: str, interactive: bool = False) -> None:
        """Run one of the project's commands and end if it fails."""
        process = subprocess.Popen(
            [sys.executable, "manage.py", *args],
            cwd=config.BASE,
            env=self.env(),
            stdin=None if interactive else subprocess.DEVNULL,
            start_new_session=not interactive,  # Ctrl-C is ours to hand on, without a traceback
            preexec_fn=dies_with_parent(signal.SIGTERM),
        )
        try:
            code = process.wait()
        except BaseException:
            process.terminate()
            process.wait()
            raise
        if code:
            raise SystemExit(f"`manage.py {' '.join(args)}` failed.")

    def env(self) -> dict[str, str]:
        """What the parts are told: the same folder, port and clock as ours."""
        given = {"TRUNK_VAR": str(self.var), "PORT": str(self.config.port), "PYTHONUNBUFFERED": "1"}
        return os.environ | given | {"CLOCK_OFFSET": str(self.config.clock_offset)}

    def prepare(self) -> None:
        """Servers, tables, and the demo firm or the first administrator."""
        if self.own_servers:
            try:
                embedded.start(self.config.servers)
            except embedded.EmbeddedError as error:
                raise SystemExit(str(error)) from None
        marker = self.var / "demo"
        where = hashlib.sha256(self.config.database_url.encode()).hexdigest()[:8]
        done, begun = f"done {where}", f"begun {where}"
        found = marker.read_text() if marker.exists() else ""
        if self.demo and found == begun and not self.config.database_url:
            say("· The demo firm was not finished last time: beginning again with an empty database")
            embedded.empty_database(self.config.servers)
        self.migrate()
        if self.demo and found != done:
            say("· Making the demo firm")
            marker.write_text(begun)
            os.environ["PGOPTIONS"] = (
                "-c synchronous_commit=off"  # should it be killed now, it begins again anyway
            )
            self.command("seed_demo")
            del os.environ["PGOPTIONS"]
            marker.write_text(done)
        elif not self.demo:
            self.command("first_admin", interactive=True)

    def migrate(self) -> None:
        """Bring the tables up to date; on servers of our own only when the migrations changed since."""
        digest = hashlib.sha256()
        for path in sorted(config.BASE.glob("*/migrations/*.py")):
            digest.update(path.read_bytes())
        digest.update((config.BASE / "requirements.txt").read_bytes())
        marker = embedded.places(self.config.servers).home / "migrated"  # it goes where the data go
        if not self.config.database_url and marker.exists() and marker.read_text() == digest.hexdigest():
            return
        self.command("migrate", "--no-input", "-v", "0")
        if not self.config.database_url:
            marker.write_text(digest.hexdigest())

    # -- while

    def build_parts(self) -> None:
        """The very programs that the compose file starts too."""
        binds = [
            word for host in ADDRESSES if can_bind(host) for word in ("--bind", bind(host, self.config.port))
        ]
        programs = {
            "web": ["gunicorn", "--config", "crm/gunicorn.py", *binds, "crm.wsgi"],
            "worker": ["celery", "-A", "crm.celery", "worker", *WORKER, "--queues", "rules,imports,bulk"],
            # Of its own: providers that hang hold up senders, never a rule that is due (Q13).
            "sender": ["celery", "-A", "crm.celery", "worker", *WORKER, "--queues", "outbox"],
            "beat": ["celery", "-A", "crm.celery", "beat", "--pidfile="],
        }
        for name, args in programs.items():
            command = [str(BIN / args[0]), *args[1:]]
            self.parts.append(Part(name, command, self.logs / f"{name}.log", self.env()))

    def ready(self) -> bool:
        """Whether pages, worker and beat all work."""
        try:
            with urllib.request.urlopen(f"{self.address}/readyz", timeout=5) as answer:  # noqa: S310 - our own
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False

    def run(self) -> None:
        """Run until somebody wants it to end."""
        for part in self.parts:
            part.start()
        until, told, checked = time.monotonic() + READY_SECONDS, False, 0.0
        while True:
            for part in self.parts:
                part.watch()
            if not told and (self.ready() or time.monotonic() > until):
                told = True
                self.greet(late=time.monotonic() > until)
            if self.own_servers and time.monotonic() - checked > 2:
                checked = time.monotonic()
                embedded.start(self.config.servers)  # joins; only makes a new guard if ours was killed
            time.sleep(0.3 if told else 0.1)

    def greet(self, late: bool) -> None:
        """The address, and for the demo one log-in per hat."""
        if late:
            say(f"· Not everything is ready yet, see {self.logs}")
        say(f"\nTrunk CRM runs at {self.address}")
        if self.demo:
            from crm.demo.people import LOGINS, PASSWORD

            say(f"Log in with the password {PASSWORD} as")
            for login, what, page in LOGINS:
                say(f"  {login:<6} {what:<24} {self.address}{page}")
        if self.config.clock_offset:
            say(f"The clock is shifted by {self.config.clock_offset} seconds.")
        say(f"Logs: {self.logs}    Stop: Ctrl-C\n")

    # -- after

    def stop(self) -> None:
        """Stop the parts, gently and then hard, and leave the servers; the last one out stops those."""
        for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(sign, signal.SIG_IGN)
        for part in self.parts:
            part.tell(signal.SIGTERM)
        until = time.monotonic() + STOP_SECONDS
        for part in self.parts:
            if part.process is not None:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    part.process.wait(max(0.1, until - time.monotonic()))
            part.kill()
        embedded.leave(self.config.servers, wait=20)


WORKER = [
    "--without-gossip",
    "--without-mingle",
    "--concurrency",
    "2",
]


def bind(host: str, port: int) -> str:
    """gunicorn's way to write an address."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def can_bind(host: str) -> bool:
    """Whether this machine has that loopback address."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as sock:
        try:
            sock.bind((host, 0))
        except OSError:
            return False
    return True


def main(which: str) -> None:
    """Prepare, run, stop."""
    if os.environ.get("MAKELEVEL"):
        dies_with_parent(signal.SIGTERM)()

    def wanted(_sign: int, _frame: object) -> None:
        raise StopAsked

    for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(sign, wanted)
    supervisor = Supervisor(demo=which == "demo")
    lock = supervisor.only_one()
    offset = supervisor.var / "clock_offset"
    try:
        supervisor.port_is_free()
        offset.write_text(str(supervisor.config.clock_offset))
        supervisor.prepare()
        supervisor.build_parts()
        supervisor.run()
    except StopAsked:
        say("\n· Stopping")
    finally:
        supervisor.stop()
        offset.unlink(missing_ok=True)
        lock.close()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "run")
