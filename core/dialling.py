"""What a click on a number opens: the telephone, or the firm's dialler (R2.2)."""

from __future__ import annotations

import re
from urllib.parse import quote

TELEPHONE = "tel:{phone}"
_WEB = frozenset({"http", "https"})
_SCHEME = re.compile(r"^([a-z][a-z0-9+.-]*):", re.IGNORECASE)
# What runs or shows something in the page instead of dialling.
_NEVER = frozenset({"javascript", "vbscript", "data", "blob", "file", "about", "view-source", "filesystem"})


def scheme_of(template: str) -> str:
    """The scheme of a dialler's address; empty for what no click should open."""
    found = _SCHEME.match(template.strip())
    scheme = found.group(1).lower() if found else ""
    return "" if scheme in _NEVER or "{phone}" not in template else scheme


def link(template: str, phone: str, extension: str = "") -> str:
    """The address that dials a number: by the firm's template, by the telephone if that one is none."""
    scheme = scheme_of(template)
    if not scheme or template.strip() == TELEPHONE:
        return f"tel:{phone};ext={extension}" if extension else f"tel:{phone}"
    # In a web address a bare plus would be read as a space.
    safe = "" if scheme in _WEB else "+"
    return (
        template.strip()
        .replace("{phone}", quote(phone, safe=safe))
        .replace("{extension}", quote(extension, safe=""))
    )


def is_web(template: str) -> bool:
    """Whether the dialler is a web page: it opens beside ours."""
    return scheme_of(template) in _WEB
