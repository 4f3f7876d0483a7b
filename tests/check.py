"""`make check`: everything that is not the quick suite, each step with its time, all of them even if one fails.

`python -m tests.check [lint|types|all]`; names of single steps work too.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

BASE = Path(__file__).resolve().parent.parent
BIN = BASE / ".venv" / "bin"
MANAGE = [str(BIN / "python"), "manage.py"]
SAFE = {
    "TRUNK_HTTPS": "1",
    "TRUNK_DEMO": "0",
    "SECRET_KEY": "a-key-for-this-check-only-0123456789-abcdefghijklmnopqrstuvwxyz",
    "ALLOWED_HOSTS": "trunk.example",
}

APPS = [
    "core",
    "accounts",
    "catalogue",
    "contacts",
    "outreach",
    "leads",
    "calling",
    "intake",
    "pool",
    "opportunities",
    "orders",
]
# A unique constraint more on a table of a handful of rows.
SMALL = ["--ignore-name", "0007_one_group_in_use"]
LINT = [*SMALL, "--quiet", "ok", "ignore", "warning", "--include-apps", *APPS]

# The longest ones come last: who has nothing left takes from the other.
STEAL = ["--dist", "worksteal", "--durations", "8"]

STEPS: dict[str, tuple[list[str], dict[str, str]]] = {
    "ruff": ([str(BIN / "ruff"), "check", "."], {}),
    "format": ([str(BIN / "ruff"), "format", "--check", "."], {}),
    "contracts": ([str(BIN / "lint-imports"), "--no-cache"], {}),
    "templates": ([str(BIN / "djlint"), "--lint", "--quiet", "templates"], {}),
    "security": ([str(BIN / "bandit"), "-q", "-r", "-lll", "-c", "pyproject.toml", "."], {}),
    "mypy": ([str(BIN / "mypy"), "."], {}),
    "migrations": ([*MANAGE, "makemigrations", "--check", "--dry-run"], {}),
    "migration-lint": ([*MANAGE, "lintmigrations", *LINT], {"LINT_MIGRATIONS": "1", "LOG_LEVEL": "WARNING"}),
    "graph": ([*MANAGE, "graph", "--check"], {}),
    "deploy-settings": ([*MANAGE, "check", "--deploy", "--fail-level", "WARNING"], SAFE),
    "schema": ([*MANAGE, "spectacular", "--validate", "--fail-on-warn", "--file", os.devnull], {}),
    "translations": ([str(BIN / "python"), "-m", "tests.translations"], {}),
    "longer-tests": ([str(BIN / "pytest"), "-q", "-n", "2", *STEAL, "-m", "slow and not deploy"], {}),
    "other-servers": ([str(BIN / "python"), "-m", "tests.other_servers"], {}),
    "deployment": ([str(BIN / "pytest"), "-q", "tests/deploy", "-m", "deploy"], {}),
}
GROUPS = {"lint": ["ruff", "format", "contracts", "templates"], "types": ["mypy"], "all": list(STEPS)}
NOTHING_COLLECTED = 5
LONGEST = 40 * 60  # seconds of one step: what hangs is ended, and the others still have their say


def run(name: str) -> bool:
    """Run one step and tell how it went."""
    args, env = STEPS[name]
    print(f"\n== {name}", flush=True)
    started = time.monotonic()
    step = subprocess.Popen(
        args, cwd=BASE, env=os.environ | env, stdin=subprocess.DEVNULL, start_new_session=True
    )
    try:
        code = step.wait(LONGEST)
    except subprocess.TimeoutExpired:
        print(f"== {name}: longer than {LONGEST} s, ended", flush=True)
        code = end(step)
    except BaseException:
        os.killpg(step.pid, signal.SIGTERM)
        raise
    good = code == 0 or (code == NOTHING_COLLECTED and "pytest" in args[0])
    how = "good" if good else f"FAILED, killed by signal {-code}" if code < 0 else "FAILED"
    print(f"== {name}: {how} ({time.monotonic() - started:.0f} s)", flush=True)
    return good


def end(step: subprocess.Popen[bytes]) -> int:
    """End a step: first as Ctrl-C does, so that it still says what it has found, then for good."""
    step.send_signal(signal.SIGINT)
    try:
        return step.wait(60)
    except subprocess.TimeoutExpired:
        os.killpg(step.pid, signal.SIGKILL)
        return step.wait()


def main(wanted: list[str]) -> None:
    """Run the wanted steps; end with an error if one failed."""
    names = [name for word in wanted or ["all"] for name in GROUPS.get(word, [word])]
    bad = [name for name in names if not run(name)]
    print(
        f"\n== {len(names) - len(bad)} of {len(names)} steps good"
        + (f"; failed: {', '.join(bad)}" if bad else "")
    )
    sys.exit(bool(bad))


if __name__ == "__main__":
    main(sys.argv[1:])
