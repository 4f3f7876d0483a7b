"""PDF from a Typst template and data: a CJK font is embedded, or the paper is refused, never printed as boxes."""

from __future__ import annotations

import json
import tempfile
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal

import typst
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from core.errors import RuleRefused

PPI = 110
FONT_PACKAGE = "pylopdf_fonts_zh_cn"
SYSTEM_FONTS = ("/usr/share/fonts", "/usr/local/share/fonts", "/Library/Fonts")
KNOWN = ("NotoSansSC*", "NotoSansCJK*", "SourceHanSans*", "wqy-*", "PingFang*")


@cache
def font_folders() -> list[str]:
    """The folders in which a font for Chinese lies: a package's, else the system's."""
    try:
        folder = resources.files(FONT_PACKAGE)
        if any(Path(str(folder)).glob("NotoSansSC*")):
            return [str(folder)]
    except ModuleNotFoundError:
        pass
    for root in SYSTEM_FONTS:
        if any(found for name in KNOWN for found in Path(root).rglob(name)):
            return [root]
    return []


@cache
def fonts() -> typst.Fonts | None:
    """The fonts of a paper, looked for once: finding them again for each paper takes forty times as long."""
    folders = font_folders()
    return typst.Fonts(include_system_fonts=True, font_paths=folders) if folders else None


def make_pdf(template: str, data: dict[str, Any], *, images: dict[str, bytes] | None = None) -> bytes:
    """A PDF of a template in `templates/` with the data as JSON; raises RuleRefused when no font for Chinese is there.

    What people typed is data, never Typst: nothing of it is run.
    """
    return _made(template, data, images or {}, "pdf")[0]


def make_pictures(
    template: str, data: dict[str, Any], *, images: dict[str, bytes] | None = None
) -> list[bytes]:
    """The same paper as pictures (PNG), one a page. Raises RuleRefused when no font for Chinese is there."""
    return _made(template, data, images or {}, "png")


def _made(
    template: str, data: dict[str, Any], images: dict[str, bytes], kind: Literal["pdf", "png"]
) -> list[bytes]:
    known = fonts()
    if known is None:
        message = _("The PDF needs a font for Chinese: install the package “fonts-noto-cjk” on the server.")
        raise RuleRefused("no_font", message)
    folders: Any = settings.TEMPLATES[0]["DIRS"]
    source = next(Path(folder) / template for folder in folders)
    with tempfile.TemporaryDirectory(prefix="trunk-paper-") as work:
        place = Path(work)
        (place / "main.typ").write_text(source.read_text("utf-8"), "utf-8")
        (place / "data.json").write_text(json.dumps(data, ensure_ascii=False, default=str), "utf-8")
        for name, content in images.items():
            (place / name).write_bytes(content)
        # One sheet comes as itself, several as a list.
        made: Any = typst.compile(
            str(place / "main.typ"),
            root=work,
            font_paths=known,
            format=kind,
            ppi=PPI if kind == "png" else None,
        )
        return made if isinstance(made, list) else [made]
