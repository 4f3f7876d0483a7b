"""Assets: a few named files of npm packages and one sprite of the icons in use; fetched, copied, never
committed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.finders import AppDirectoriesFinder
from django.core.files.storage import FileSystemStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage

BASE = Path(__file__).resolve().parent.parent
PACKAGES = BASE / "node_modules"
BUILT = BASE / "build" / "assets"
ICONS = BASE / "static" / "icons.txt"

# What the pages use, and nothing else of the packages' thousands of files: address under static/ → file.
FILES = {
    "vendor/tabler.min.css": "@tabler/core/dist/css/tabler.min.css",
    "vendor/sortable.esm.js": "sortablejs/modular/sortable.esm.js",
}
APPS = {"django_htmx", "drf_spectacular_sidecar"}
Ignored = list[str]
SYMBOL = (
    '<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" '
    'stroke-linecap="round" stroke-linejoin="round">{paths}</symbol>'
)


class Storage(CompressedManifestStaticFilesStorage):
    """Names with a hash of the content, compressed once; modules import each other by those names too."""

    support_js_module_import_aggregation = True


class AppFinder(AppDirectoriesFinder):
    """The static files of the few libraries whose files our pages use."""

    def list(self, ignore_patterns: Any) -> Iterable[tuple[str, FileSystemStorage]]:
        ignored = [*(ignore_patterns or []), "*htmx-4*", "*htmax*", "ext", "redoc"]
        for app in APPS & set(self.storages):
            yield from self._of(app, ignored)

    def _of(self, app: str, ignored: Ignored) -> Iterable[tuple[str, FileSystemStorage]]:
        from django.contrib.staticfiles.utils import get_files

        storage = self.storages[app]
        yield from ((path, storage) for path in get_files(storage, ignored))


def build() -> list[str]:
    """Copy the named files and draw the sprite; raises FileNotFoundError for what no package has."""
    for target, source in FILES.items():
        text = (PACKAGES / source).read_text(encoding="utf-8")
        _write(BUILT / target, re.sub(r"/[*/][#@] sourceMappingURL=.*?(\*/)?\s*$", "", text))
    names = icon_names()
    _write(BUILT / "vendor" / "icons.svg", sprite(names))
    return names


def icon_names() -> list[str]:
    """The icons that the pages name, one a line; `#` begins a comment."""
    lines = ICONS.read_text(encoding="utf-8").splitlines() if ICONS.exists() else []
    return sorted({name for line in lines if (name := line.split("#")[0].strip())})


def sprite(names: list[str]) -> str:
    """One SVG with a symbol for each icon."""
    symbols = [SYMBOL.format(name=name, paths=_paths(name)) for name in names]
    return '<svg xmlns="http://www.w3.org/2000/svg">' + "".join(symbols) + "</svg>\n"


def _paths(name: str) -> str:
    source = PACKAGES / "@tabler" / "icons" / "icons" / "outline" / f"{name}.svg"
    if not source.exists():
        raise FileNotFoundError(f"static/icons.txt names {name!r}, which @tabler/icons does not have.")
    inner = re.search(r"<svg[^>]*>(.*)</svg>", source.read_text(encoding="utf-8"), re.DOTALL)
    return re.sub(r"\s*\n\s*", "", inner.group(1)) if inner else ""


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")
