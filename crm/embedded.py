"""PostgreSQL and Valkey of our own, started when DATABASE_URL or REDIS_URL is unset. No other file knows how.

Whoever uses the servers holds a shared lock on `users.lock` for as long as the process lives; forked children
inherit it. One *guard* process (`crm/embedded_guard.py`) starts the servers, revives one that dies, and waits
for the moment when the lock is free: then the last user is out, however it ended (the kernel frees the lock
even after kill -9), and the guard stops the servers. A guard that is killed takes the servers with it, and
the next user starts a new one.

Data lie in the data folder. Started by root, PostgreSQL must run as somebody else, who may not be able to
enter the folders above; their permissions are not ours to open, so the data then go to a folder of their own,
which a pointer file in the data folder names.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

BASE = Path(__file__).resolve().parent.parent
OWNER, APP, DATABASE = "trunk", "trunk_app", "trunk"
SOCKET_PATH_MAX = 100  # the kernel's limit is 108 with the closing zero, 104 on some systems
START_SECONDS = 60
POINTER = "data-at"

_held: dict[Path, int] = {}


class EmbeddedError(RuntimeError):
    """The servers could not be started; the message says why and where the log is."""


@dataclass(frozen=True)
class Places:
    """Where the servers of one data folder keep their things."""

    servers: Path  # locks, state, logs: always in the data folder
    home: Path  # data and, for root, programs
    run: Path  # sockets

    @property
    def url(self) -> str:
        """The application's database address."""
        return f"postgresql://{APP}@/{DATABASE}?host={self.run}"

    @property
    def owner_url(self) -> str:
        """The migrating role's database address."""
        return f"postgresql://{OWNER}@/{DATABASE}?host={self.run}"

    @property
    def redis_url(self) -> str:
        """The address of Valkey."""
        return f"unix://{self.run}/valkey.sock"


def places(servers: Path) -> Places:
    """Where things are or will be; looks only, makes nothing."""
    home = _roots_home(servers) if os.geteuid() == 0 else servers
    run = home / "run"
    if len(str(run / ".s.PGSQL.5432")) > SOCKET_PATH_MAX:
        run = _short_run(home)
    return Places(servers, home, run)


def _short_run(home: Path) -> Path:
    """A short folder for sockets where the data's own path is longer than a socket path may be."""
    name = f"trunk-{os.geteuid()}-{hashlib.sha256(str(home).encode()).hexdigest()[:12]}"
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    for parent in (runtime, "/tmp", tempfile.gettempdir()):  # noqa: S108 - made 0700 and its owner checked
        if parent and len(parent) + len(name) < SOCKET_PATH_MAX - 20 and os.access(parent, os.W_OK):
            return Path(parent) / name
    raise EmbeddedError("No folder with a short path for the sockets; set TRUNK_VAR to a shorter path.")


def _roots_home(servers: Path) -> Path:
    """Root's data folder: the one that the pointer names if it is ours, else one by the path's hash."""
    with contextlib.suppress(OSError):
        named = Path((servers / POINTER).read_text().strip())
        whose = Path((named / "of").read_text().strip())
        if (
            whose == servers or not (whose / POINTER).exists()
        ):  # a moved checkout keeps its data, a copy gets new
            return named
    name = hashlib.sha256(str(servers).encode()).hexdigest()[:12]
    for parent in ("/var/lib", "/var/tmp", "/tmp"):  # noqa: S108 - the folder is made 0711, its owner is root
        if os.access(parent, os.W_OK):
            return Path(parent) / "trunk-crm" / name
    raise EmbeddedError("No folder for the data: neither /var/lib nor /tmp can be written.")


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)


def is_free(path: Path) -> bool:
    """Whether nobody holds that lock file at this moment."""
    fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        return True
    finally:
        os.close(fd)


def start(servers: Path, *, durable: bool = True) -> Places:
    """Make this process a user of the servers and return when they answer; cheap when they run already.

    Raises EmbeddedError when they cannot be started.
    """
    try:
        servers.mkdir(parents=True, exist_ok=True)
        if servers not in _held:
            fd = os.open(servers / "users.lock", os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(fd, fcntl.LOCK_SH)  # waits only while a guard is stopping the servers
            _held[servers] = fd
        with _locked(servers / "start.lock"):
            _ensure_guard(servers, durable)
    except PermissionError as error:
        raise EmbeddedError(
            f"{error.filename} belongs to another user. Start as that user, or set TRUNK_VAR."
        ) from error
    return places(servers)


def _ensure_guard(servers: Path, durable: bool) -> None:
    ready = servers / "ready.json"
    until = time.monotonic() + START_SECONDS
    spawned = False
    while is_free(servers / "guard.lock") or not ready.exists():
        if is_free(servers / "guard.lock"):
            if spawned:
                raise EmbeddedError(f"The embedded servers did not start:\n{log_tail(servers)}")
            ready.unlink(missing_ok=True)
            _spawn_guard(servers, durable)
            spawned = True
        if time.monotonic() > until:
            raise EmbeddedError(f"The embedded servers were not ready in time:\n{log_tail(servers)}")
        time.sleep(0.03)


def _spawn_guard(servers: Path, durable: bool) -> None:
    """Start a guard; returns when it holds its lock, since only then it leaves its first process."""
    with open(servers / "guard.log", "ab") as log:
        subprocess.run(
            [sys.executable, "-m", "crm.embedded_guard", str(servers), "durable" if durable else "fast"],
            cwd=BASE,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl-C in the terminal is not for it
            check=False,
        )


def log_tail(servers: Path, lines: int = 12) -> str:
    """The last lines of the guard's and PostgreSQL's logs, for messages."""
    out = []
    for path in (servers / "guard.log", places(servers).home / "postgres.log"):
        with contextlib.suppress(OSError):
            out += [f"{path}:", *path.read_text(errors="replace").splitlines()[-lines:]]
    return "\n".join(out)


def leave(servers: Path, *, wait: float = 0) -> None:
    """Stop being a user; with `wait`, until the servers are down or somebody else is seen to use them."""
    fd = _held.pop(servers, None)
    if fd is None:
        return
    os.close(fd)
    until = time.monotonic() + wait
    while time.monotonic() < until and not is_free(servers / "guard.lock"):
        time.sleep(0.05)


def state(servers: Path) -> dict[str, int]:
    """The process ids of guard and servers as last written; empty when they are not ready."""
    try:
        return json.loads((servers / "ready.json").read_text())
    except (OSError, ValueError):
        return {}


def empty_database(servers: Path) -> None:
    """Throw the database away and make an empty one; for a demo firm that was not finished."""
    import psycopg2

    connection = psycopg2.connect(host=str(places(servers).run), user=OWNER, dbname="postgres")
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            (places(servers).home / "migrated").unlink(missing_ok=True)
            cursor.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
            cursor.execute(f"CREATE DATABASE {DATABASE}")
    finally:
        connection.close()


def clean(var: Path) -> None:
    """Stop the servers of a data folder and remove root's data, which lie outside of it."""
    for servers in (var / "servers", var / "test" / "servers"):
        with contextlib.suppress(KeyError, ProcessLookupError, PermissionError):
            os.kill(state(servers)["guard"], 15)
        for _ in range(200):
            if not servers.exists() or is_free(servers / "guard.lock"):
                break
            time.sleep(0.1)
        home = places(servers).home
        if home != servers and (home / "of").exists():
            shutil.rmtree(home)


if __name__ == "__main__" and sys.argv[1:] == ["clean"]:
    clean(Path(os.environ.get("TRUNK_VAR") or BASE / "var").resolve())
