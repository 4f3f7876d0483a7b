"""The rules of the house that a reader would otherwise have to remember."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

BASE = Path(__file__).resolve().parents[2]
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
    "crm",
]
LONGEST = 500
# Real time, never the shifted clock: sessions, keys, heartbeats, the machinery.
REAL_TIME = {
    "core/clock.py",
    "core/health.py",
    "core/tasks.py",
    "accounts/keys.py",
    "accounts/management/commands/api_key.py",
    "core/api/throttle.py",
}
# Written so that this file does not name them itself.
REGISTRIES = [
    "pypi" + ".org",
    "python" + "hosted",
    "npm" + "js.org",
    "deb.debian" + ".org",
    "/work" + "/",
    ".py" + "env/",
]
LEFT_OVER = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|HA" + r"CK)\b")


def committed() -> list[Path]:
    """The files that git knows; all files where there is no git."""
    done = subprocess.run(["git", "ls-files", "-z"], cwd=BASE, capture_output=True, text=True, check=False)
    names = [name for name in done.stdout.split("\0") if name]
    found = [BASE / name for name in names] or [path for app in APPS for path in (BASE / app).rglob("*.py")]
    return [path for path in found if path.is_file()]


FILES = committed()
SOURCES = [path for path in FILES if path.suffix == ".py" and "migrations" not in path.parts]
OURS = [path for path in SOURCES if path.relative_to(BASE).parts[0] in APPS]
WRITTEN = [
    path
    for path in FILES
    if path.suffix in {".py", ".html", ".js", ".css", ".md", ".yml", ".toml", ".txt", ""}
]


def name(path: Path) -> str:
    return str(path.relative_to(BASE))


def test_no_file_is_longer_than_a_reader_bears() -> None:
    kinds = {".py", ".html", ".js", ".css"}
    long = {name(path): len(path.read_text().splitlines()) for path in FILES if path.suffix in kinds}
    assert {path: lines for path, lines in long.items() if lines > LONGEST} == {}


def test_no_registry_and_no_path_of_a_machine_is_named() -> None:
    found = {
        (name(path), word)
        for path in WRITTEN
        for word in REGISTRIES
        if word in path.read_text(errors="replace")
    }
    assert found == set()


def test_nothing_is_left_over() -> None:
    skip = {"package-lock.json"}
    found = {
        name(path)
        for path in WRITTEN
        if path.name not in skip and LEFT_OVER.search(path.read_text(errors="replace"))
    }
    assert found == set()


def test_nothing_minified_and_nothing_compiled_is_committed() -> None:
    assert [name(path) for path in FILES if re.search(r"\.min\.|\.mo$|\.pyc$|\.map$|\.woff", path.name)] == []


def calls(tree: ast.AST) -> set[str]:
    """Every `a.b` that is called."""
    return {
        f"{node.func.value.id}.{node.func.attr}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
    }


def clocks(path: Path) -> set[str]:
    """The clocks other than the one that a file asks."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    keywords = {node.arg for node in ast.walk(tree) if isinstance(node, ast.keyword)}
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    found = calls(tree) & {"timezone.now", "datetime.now", "datetime.utcnow", "datetime.today", "date.today"}
    return found | (keywords & {"auto_now", "auto_now_add"}) | (names & {"Now"})


def test_business_time_comes_from_the_one_clock() -> None:
    asked = {name(path): clocks(path) for path in OURS if name(path) not in REAL_TIME}
    assert {path: found for path, found in asked.items() if found} == {}


def test_sql_asks_no_clock_of_its_own() -> None:
    sql = re.compile(r"(?i)[\s(,=<>+-](now\(\)|current_timestamp|localtimestamp|statement_timestamp\(\))")
    found = {name(path) for path in OURS if name(path) not in REAL_TIME and sql.search(path.read_text())}
    assert found == set()
