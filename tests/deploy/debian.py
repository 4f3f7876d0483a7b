"""Debian's PostgreSQL and redis-server, started for a test in a folder of their own on free ports."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType

import psycopg2
import redis

OWNER_PASSWORD, APP_PASSWORD = "owner of a test", "app of a test"


class NotInstalled(RuntimeError):
    """A program of Debian's is missing; the message says which."""


def free_port() -> int:
    """A port on the loopback that nobody uses."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def newest_postgres() -> Path:
    """The folder of Debian's newest PostgreSQL programs; raises NotInstalled."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    if not found:
        raise NotInstalled("Debian's PostgreSQL is not installed: apt-get install postgresql")
    return found[-1]


class Debian:
    """Both servers, as a context."""

    def __init__(self) -> None:
        self.user = "postgres" if os.geteuid() == 0 else None
        self.processes: list[subprocess.Popen[bytes]] = []
        self.pg_port, self.redis_port = free_port(), free_port()
        base = f"127.0.0.1:{self.pg_port}/trunk"
        self.owner_url = f"postgresql://trunk_owner:{OWNER_PASSWORD.replace(' ', '%20')}@{base}"
        self.app_url = f"postgresql://trunk_app:{APP_PASSWORD.replace(' ', '%20')}@{base}"
        self.redis_url = f"redis://127.0.0.1:{self.redis_port}/0"

    def __enter__(self) -> Debian:
        if not shutil.which("redis-server"):
            raise NotInstalled("redis-server is not installed: apt-get install redis-server")
        self.programs = newest_postgres()
        self.folder = Path(tempfile.mkdtemp(prefix="trunk-debian-"))
        if self.user:
            os.chown(self.folder, pwd.getpwnam(self.user).pw_uid, -1)
        try:
            self._postgres()
            self._redis()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _start(self, *args: str) -> subprocess.Popen[bytes]:
        with open(self.folder.with_suffix(".log"), "ab") as log:
            process = subprocess.Popen(
                args,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                user=self.user,
                env={"LC_ALL": "C.UTF-8"},
            )
        self.processes.append(process)
        return process

    def _postgres(self) -> None:
        data = self.folder / "data"
        flags = ["-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "-U", "postgres"]
        if self._start(str(self.programs / "initdb"), "-D", str(data), *flags).wait():
            raise RuntimeError(self.folder.with_suffix(".log").read_text())
        settings = ["listen_addresses=127.0.0.1", "fsync=off", f"unix_socket_directories={self.folder}"]
        options = [word for setting in settings for word in ("-c", setting)]
        self._start(str(self.programs / "postgres"), "-D", str(data), "-p", str(self.pg_port), *options)
        self._sql(
            f"CREATE ROLE trunk_owner LOGIN CREATEDB PASSWORD '{OWNER_PASSWORD}'",
            f"CREATE ROLE trunk_app LOGIN PASSWORD '{APP_PASSWORD}'",
            "CREATE DATABASE trunk OWNER trunk_owner",
        )

    def _sql(self, *statements: str) -> None:
        until = time.monotonic() + 30
        while True:
            try:
                raw = psycopg2.connect(
                    host="127.0.0.1", port=self.pg_port, user="postgres", dbname="postgres"
                )
                break
            except psycopg2.OperationalError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.1)
        raw.autocommit = True
        with raw.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
        raw.close()

    def _redis(self) -> None:
        self._start("redis-server", "--port", str(self.redis_port), "--bind", "127.0.0.1", "--save", "")
        client = redis.Redis.from_url(self.redis_url)
        until = time.monotonic() + 20
        while True:
            try:
                client.ping()
                client.close()
                return
            except redis.ConnectionError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.1)

    def stop(self) -> None:
        """Stop both and remove their data."""
        for process in reversed(self.processes):
            if process.poll() is None:
                process.send_signal(2)
        for process in self.processes:
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.with_suffix(".log").unlink(missing_ok=True)
