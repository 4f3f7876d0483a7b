"""Who may bring in files of leads, make forms, and stand at the door of an event."""

from __future__ import annotations

from typing import Any


def may_import(user: Any) -> bool:
    """Marketing, managers and administrators."""
    return bool(user.wears("marketer", "manager", "admin"))


def may_edit_forms(user: Any) -> bool:
    """Marketing and administrators make forms and events."""
    return bool(user.wears("marketer", "admin"))


def may_see_forms(user: Any) -> bool:
    """Managers read what comes of them."""
    return may_edit_forms(user) or bool(user.wears("manager"))


def may_check_in(user: Any) -> bool:
    """Whoever stands at the door of an event: marketing, sales and those above."""
    return may_see_forms(user) or bool(user.wears("rep", "telemarketer"))
