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


def _sweep(at: datetime) -> dict[str, int]:
    from pool.cadence.reacting import take_reactions
    from pool.cadence.run import run_due

    # Reactions first: who has just reacted is not written to as if nothing had happened.
    taken = take_reactions(at)
    done = run_due(at)
    return {
        "reactions": taken,
        "cadences_begun": done["begun"],
        "grown_inactive": done["moved"],
        "cadence_messages": done["written"],
    }


def _left(leads: list[Any], at: datetime) -> None:
    from pool.cadence.entries import leave_pool

    leave_pool(leads, at)


def _segment_changed(moves: list[Any]) -> None:
    from pool.cadence.entries import move

    move(moves)


def _message_over(message: Any) -> str:
    from pool.cadence.entries import over

    return over(message)


def _message_left(messages: list[Any], at: datetime) -> None:
    from pool.cadence.silence import message_left

    message_left(messages, at)


def _tell_worn(at: datetime) -> dict[str, int]:
    from pool.worn import is_on, tell_worn

    return {"worn_told": tell_worn(at)} if is_on() else {}


def _rule_preview(changes: dict[str, Any], user: Any, at: datetime) -> list[str]:
    from pool.rule_preview import lines

    return lines(changes, user, at)


def connect() -> None:
    """Fill the points."""
    hooks.sweeps.register(_sweep)
    hooks.pool_left.register(_left)
    hooks.segment_changed.register(_segment_changed)
    hooks.message_left.register(_message_left)
    hooks.message_over.register(_message_over)
    hooks.lead_parts.register(_parts)
    hooks.lead_actions.register(_actions)
    hooks.me.register(_me)
    hooks.rule_preview.register(_rule_preview)
    hooks.sweeps.register(_tell_worn)
