"""One program that the supervisor keeps running."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from crm import config

PR_SET_PDEATHSIG = 1
LONGEST_PAUSE = 30.0


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
