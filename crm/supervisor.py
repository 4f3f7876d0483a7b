"""One process that runs all of Trunk CRM on this machine: web, worker and beat, on servers of our own if none
are set.

`python -m crm.supervisor demo|run`. Ctrl-C or SIGTERM stop all of it, a part that dies is started again, and
should this process itself be killed, the kernel tells its parts to stop.
"""

from __future__ import annotations

import contextlib
import ctypes
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
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from crm import config, embedded

BIN = Path(sys.executable).parent
PR_SET_PDEATHSIG = 1
READY_SECONDS = 60
STOP_SECONDS = 12
LONGEST_PAUSE = 30.0
ADDRESSES = ("127.0.0.1", "::1")


class StopAsked(Exception):
    """Somebody wants it to end."""


def say(text: str) -> None:
    """Tell the terminal."""
    print(text, flush=True)  # noqa: T201 - the supervisor talks to a terminal


class Part:
    """One program that should always run."""

    def __init__(self, name: str, args: list[str], log: Path, env: dict[str, str]) -> None:
        self.name, self.args, self.log, self.env = name, args, log, env
        self.process: subprocess.Popen[bytes] | None = None
        self.pause, self.not_before, self.started = 1.0, 0.0, 0.0

    def start(self) -> None:
        """Start it in a session of its own, so that Ctrl-C is ours alone to hand on."""
        with open(self.log, "ab") as out:
            self.process = subprocess.Popen(
                self.args,
                cwd=config.BASE,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
                preexec_fn=dies_with_parent(signal.SIGTERM),
            )
        self.started = time.monotonic()

    def watch(self) -> None:
        """Start it again if it has died, after a pause that grows while it keeps dying."""
        now = time.monotonic()
        if self.process is not None and self.process.poll() is not None:
            if now - self.started > 60:
                self.pause = 1.0
            say(f"· {self.name} ended ({self.process.returncode}), starting it again; see {self.log}")
            self.kill()  # what is left of its group
            self.process, self.not_before = None, now + self.pause
            self.pause = min(self.pause * 2, LONGEST_PAUSE)
        elif self.process is None and now >= self.not_before:
            self.start()

    def tell(self, sign: signal.Signals) -> None:
        """Send it a signal, if it runs."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(sign)

    def kill(self) -> None:
        """End it and its children at once."""
        if self.process is not None:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                return


def dies_with_parent(sign: signal.Signals) -> Callable[[], None]:
    """A preexec function: the kernel sends that signal when the starter dies. Linux only."""
    if not sys.platform.startswith("linux"):
        return lambda: None
    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(PR_SET_PDEATHSIG, int(sign))


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
        self.command("migrate", "--no-input", "-v", "0")
        if self.demo and found != done:
            say("· Making the demo firm")
            marker.write_text(begun)
            self.command("seed_demo")
            marker.write_text(done)
        elif not self.demo:
            self.command("first_admin", interactive=True)

    # -- while

    def build_parts(self) -> None:
        """The very programs that the compose file starts too."""
        binds = [
            word for host in ADDRESSES if can_bind(host) for word in ("--bind", bind(host, self.config.port))
        ]
        programs = {
            "web": ["gunicorn", "--config", "crm/gunicorn.py", *binds, "crm.wsgi"],
            "worker": ["celery", "-A", "crm.celery", "worker", *WORKER],
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
    "--queues",
    "rules,outbox,imports,bulk",
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
