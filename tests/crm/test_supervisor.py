"""One command runs all of it, revives what dies, and leaves nothing behind, however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from crm import embedded
from tests.deploy.debian import free_port

pytestmark = pytest.mark.slow
FIRST = b"ada\nAda Adams\na-long-password-of-ada\n"


class Running:
    """A supervisor in a data folder of its own."""

    def __init__(self, var: Path) -> None:
        self.var, self.port = var, free_port()
        own = {"TRUNK_VAR": str(var), "PORT": str(self.port), "TRUNK_DEMO": "0"}
        self.env = {
            key: value for key, value in os.environ.items() if key not in {"TRUNK_TEST", "MAKELEVEL"}
        } | own

    def start(self) -> subprocess.Popen[bytes]:
        args = [sys.executable, "-m", "crm.supervisor", "run"]
        process = subprocess.Popen(
            args,
            cwd=embedded.BASE,
            env=self.env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        assert process.stdin
        process.stdin.write(FIRST)
        process.stdin.close()
        process.stdin = None  # communicate() would close it again
        return process

    def ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False

    def processes(self) -> dict[int, str]:
        """Everything that belongs to this data folder: told by what each was started with."""
        found = {}
        marks = (f"TRUNK_VAR={self.var}".encode(), str(embedded.places(self.var / "servers").home).encode())
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                command, env = (folder / "cmdline").read_bytes(), (folder / "environ").read_bytes()
            except OSError:
                continue
            if command and (
                marks[0] in env.split(b"\0") or marks[1] in command or str(self.var).encode() in command
            ):
                found[int(folder.name)] = command.replace(b"\0", b" ").decode()
        return found


def soon(condition: Callable[[], bool], seconds: float = 90) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.2)
    return False


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    one = Running(tmp_path / "var")
    yield one
    for pid in one.processes():
        os.kill(pid, signal.SIGKILL)
    embedded.clean(one.var)


def pid_of(running: Running, what: str) -> int:
    return min(pid for pid, command in running.processes().items() if what in command)


def test_it_runs_revives_and_ends_without_a_trace(running: Running) -> None:
    process = running.start()
    assert soon(running.ready)
    second = subprocess.run(
        [sys.executable, "-m", "crm.supervisor", "run"],
        cwd=embedded.BASE,
        env=running.env,
        capture_output=True,
        check=False,
    )
    assert b"It runs already" in second.stderr
    for part in ("gunicorn", "worker", "beat", "embedded_guard"):
        os.kill(pid_of(running, part), signal.SIGKILL)
    time.sleep(1)
    assert soon(running.ready)
    assert soon(lambda: len([c for c in running.processes().values() if "worker" in c]) >= 3)
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0, out.decode()
    assert soon(lambda: running.processes() == {}, 30)
    assert not (running.var / "clock_offset").exists()


def test_a_killed_supervisor_takes_everything_along(running: Running) -> None:
    process = running.start()
    assert soon(running.ready)
    process.kill()
    process.communicate()
    assert soon(lambda: running.processes() == {}, 40), running.processes()


def test_a_taken_port_is_told_with_a_way_out(running: Running) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", running.port))
        taken.listen()
        process = running.start()
        out, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert f"PORT={running.port + 1} make run" in out.decode()
