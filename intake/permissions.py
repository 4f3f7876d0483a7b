"""Who may bring in files of leads."""

from __future__ import annotations

from typing import Any


def may_import(user: Any) -> bool:
    """Marketing, managers and administrators."""
    return bool(user.wears("marketer", "manager", "admin"))
