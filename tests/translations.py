"""Is every catalogue complete and up to date? Collects the strings anew (needs gettext) and compares."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import polib

BASE = Path(__file__).resolve().parent.parent
LANGUAGES = ("zh_Hans",)
IGNORED = ("node_modules", "build", ".venv", "var", "tests")
SHOWN = 15
Key = tuple[str | None, str, str]


def key(entry: polib.POEntry) -> Key:
    """What makes a message the same."""
    return entry.msgctxt, entry.msgid, entry.msgid_plural


def main() -> None:
    """End with an error for missing, empty, fuzzy or left-over messages."""
    if not shutil.which("msgfmt") or not shutil.which("xgettext"):
        sys.exit("gettext is needed: apt-get install gettext")
    bad = [fault for language in LANGUAGES for fault in faults(language)]
    for fault in bad:
        print(fault)
    sys.exit(bool(bad))


def faults(language: str) -> list[str]:
    """What is wrong with one catalogue."""
    path = Path("locale") / language / "LC_MESSAGES" / "django.po"
    if not (BASE / path).exists():
        return [f"{path} is missing"]
    have = {key(entry): entry for entry in polib.pofile(str(BASE / path)) if not entry.obsolete}
    want = collect(language)
    out = [f"{path}: not in the catalogue: {k[1]!r}" for k in want - have.keys()][:SHOWN]
    out += [f"{path}: no longer used: {k[1]!r}" for k in have.keys() - want][:SHOWN]
    out += [f"{path}: not translated: {k[1]!r}" for k, e in have.items() if not e.translated()][:SHOWN]
    done = subprocess.run(
        ["msgfmt", "-c", "-o", "/dev/null", str(BASE / path)], capture_output=True, text=True, check=False
    )
    return out + done.stderr.splitlines() if done.returncode else out


def collect(language: str) -> set[Key]:
    """The messages of the sources as they are now, collected in a copy so that nothing here changes."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy"
        skip = shutil.ignore_patterns(*IGNORED, ".git", "__pycache__", "*.mo", "*.po", "static")
        shutil.copytree(BASE, copy, ignore=skip)
        (copy / "locale").mkdir(exist_ok=True)
        command = [sys.executable, "manage.py", "makemessages", "-l", language, "--no-location", "-v", "0"]
        subprocess.run(command, cwd=copy, check=True)
        found = polib.pofile(str(copy / "locale" / language / "LC_MESSAGES" / "django.po"))
        return {key(entry) for entry in found if not entry.obsolete}


if __name__ == "__main__":
    main()
