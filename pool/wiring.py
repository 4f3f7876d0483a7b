"""What the pool adds to leads, through core.hooks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from core import hooks


def _parts(leads: list[Any], user: Any, at: datetime) -> dict[Any, Any]:
    from pool.selectors import pool_parts

    return pool_parts(leads, user, at)


def _actions(leads: list[Any], user: Any, at: datetime) -> dict[Any, list[str]]:
    from pool.selectors import actions

    return actions(leads, user, at)


def _me(user: Any, at: datetime) -> dict[str, Any]:
    from pool.selectors import me

    return me(user, at)


def _tell_worn(at: datetime) -> dict[str, int]:
    from pool.worn import is_on, tell_worn

    return {"worn_told": tell_worn(at)} if is_on() else {}


def _rule_preview(changes: dict[str, Any], user: Any, at: datetime) -> list[str]:
    from pool.rule_preview import lines

    return lines(changes, user, at)


def connect() -> None:
    """Fill the points."""
    hooks.lead_parts.register(_parts)
    hooks.lead_actions.register(_actions)
    hooks.me.register(_me)
    hooks.rule_preview.register(_rule_preview)
    hooks.sweeps.register(_tell_worn)
