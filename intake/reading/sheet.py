"""XLSX: read by a child process with little memory and time, so that a bad workbook costs only the child."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from .limits import SHEET_WALL_SECONDS
from .table import Refused, Row

_CHILD = Path(__file__).with_name("sheet_child.py")
_REFUSED = 3


def convert(path: Path, scratch: IO[bytes]) -> str:
    """Writes the first visible sheet with values into `scratch`; gives the sheet's name. Raises Refused."""
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(_CHILD), str(path)],
            stdin=subprocess.DEVNULL,
            stdout=scratch,
            stderr=subprocess.PIPE,
            timeout=SHEET_WALL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Refused("file_too_slow") from None
    if done.returncode == 0:
        return json.loads(done.stderr)["sheet"]
    if done.returncode == _REFUSED:
        refusal = json.loads(done.stderr)
        raise Refused(refusal.pop("code"), **refusal)
    if done.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        raise Refused("file_too_slow")
    if done.returncode > 0:
        raise Refused("file_broken")
    raise Refused("file_needs_too_much")


def rows(scratch: IO[bytes]) -> Iterator[Row]:
    """The rows the child wrote: one JSON list a line, its first item the line number in the sheet."""
    scratch.seek(0)
    for line in scratch:
        number, values = json.loads(line)
        yield Row(number, values)
