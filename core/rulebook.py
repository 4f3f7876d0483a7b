"""The Rulebook: every italic number of the rules, its default, and what an administrator has set.

An app declares its rules in its `rules.py`; the settings page and the API list them from here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext_lazy as _

from core import clock, hooks
from core.errors import FieldError, Forbidden, RuleRefused
from core.locking import lock_words, verb

SPACE = 71


@dataclass(frozen=True)
class Rule:
    """One setting: `kind` is int, percent, money, bool, text, list or hours; `number` is where the rulebook says it."""

    key: str
    default: Any
    number: str
    label: Any
    kind: str = "int"
    unit: Any = ""
    least: int = 0
    most: int = 100_000
    branch: bool = False
    choices: tuple[tuple[str, Any], ...] = ()
    # of a text: what is wrong with it, or nothing
    proof: Callable[[str], Any] | None = None
    # why it cannot become this value now, or nothing; asked when it is changed, under the lock
    stays: Callable[[Any], Any] | None = None


RULES: dict[str, Rule] = {}

_held: ContextVar[dict[str, Any] | None] = ContextVar("trunk_rulebook", default=None)


def rule(key: str, default: Any, number: str, label: Any, **more: Any) -> Rule:
    """Declare a rule (once, at import of an app's rules.py) and answer it."""
    RULES[key] = Rule(key, default, number, label, **more)
    return RULES[key]


def get(key: str) -> Any:
    """The value in force."""
    return values()[key]


def values() -> dict[str, Any]:
    """All values in force, in one query; inside `snapshot()` that query is asked once."""
    held = _held.get()
    if held:
        return held
    from core.models import RuleValue

    found = {key: known.default for key, known in RULES.items()}
    found.update((k, v) for k, v in RuleValue.objects.values_list("key", "value") if k in RULES)
    if held is not None:
        held.update(found)
    return found


@contextmanager
def snapshot() -> Iterator[None]:
    """Read the Rulebook at most once inside: one request, one batch of a sweep."""
    token = _held.set({})
    try:
        yield
    finally:
        _held.reset(token)


@verb
def change(new: dict[str, Any], *, by: Any) -> dict[str, Any]:
    """Set rules; None puts the default back. Raises Forbidden, RuleRefused (all that is wrong, R0)."""
    from core.models import RuleChange, RuleValue

    clean = _cleaned(new, by)
    lock_words(SPACE, ["rulebook"])
    at = clock.now()
    token = _held.set(None)
    before = values()
    _held.reset(token)
    clean = {key: value for key, value in clean.items() if before[key] != value}
    errors = [
        FieldError(key, "stays", why)
        for key, value in clean.items()
        if (stays := RULES[key].stays) is not None and (why := stays(value))
    ]
    if errors:
        raise RuleRefused("invalid", errors=errors)
    for key, value in clean.items():
        RuleValue.objects.update_or_create(key=key, defaults={"value": value})
        RuleChange.objects.create(key=key, old=before[key], new=value, by=by, at=at)
    if _held.get() is not None:
        _held.get().clear()  # type: ignore[union-attr]
    return values()


def preview(new: dict[str, Any], *, by: Any) -> list[str]:
    """What a change would move, in sentences, before it is saved; nothing where nothing is changed (R10.8).

    Raises Forbidden, RuleRefused, Busy.
    """
    clean, now = _cleaned(new, by), values()
    changed = {key: value for key, value in clean.items() if now[key] != value}
    if not changed:
        return []
    return [line for lines in hooks.rule_preview(changed, by, clock.now()) for line in lines]


def _cleaned(new: dict[str, Any], by: Any) -> dict[str, Any]:
    """The new values as they are stored. Raises Forbidden, RuleRefused."""
    if "admin" not in by.hats:
        raise Forbidden(detail=_("Only an administrator changes the rulebook."))
    errors: list[FieldError] = []
    clean: dict[str, Any] = {}
    for key, value in new.items():
        if key not in RULES:
            errors.append(FieldError(key, "unknown", _("There is no rule with this name.")))
            continue
        try:
            clean[key] = RULES[key].default if value is None else check(RULES[key], value)
        except ValueError as error:
            errors.append(FieldError(key, "invalid", error.args[0]))
    if errors:
        raise RuleRefused("invalid", errors=errors)
    return clean


def check(known: Rule, value: Any) -> Any:
    """The value as it is stored; raises ValueError with a sentence that says what is wrong with it."""
    if known.kind == "bool":
        if not isinstance(value, bool):
            raise ValueError(_("must be on or off"))
        return value
    if known.kind == "list":
        words = value if isinstance(value, list) and len(value) >= known.least else [None]
        if not all(isinstance(v, str) and v.strip() and len(v) <= 200 and "\x00" not in v for v in words):
            raise ValueError(_("must be a list of words"))
        if len(value) > known.most:
            raise ValueError(_("must hold at most %(most)s words") % {"most": known.most})
        return value
    if known.kind == "dates":
        try:
            days = {date.fromisoformat(v) for v in value} if isinstance(value, list) else None
        except (TypeError, ValueError):
            days = None
        # Beyond these years the arithmetic of the week fails.
        if days is None or len(days) > known.most or any(not 1970 <= day.year <= 2199 for day in days):
            raise ValueError(_("must be a list of days such as 2026-10-01"))
        return sorted(day.isoformat() for day in days)
    if known.kind == "weekdays":
        if not isinstance(value, list) or not value or not all(type(v) is int and 1 <= v <= 7 for v in value):
            raise ValueError(_("must be a list of days, 1 for Monday to 7 for Sunday"))
        return sorted(set(value))
    if known.kind == "span":
        found = (
            re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)", value, re.ASCII)
            if isinstance(value, str)
            else None
        )
        if not found or value[:5] >= value[6:]:
            raise ValueError(_("must be two times such as 09:00-18:00"))
        return value
    if known.kind == "hours":
        if (
            not isinstance(value, list)
            or not all(type(v) is int and 0 < v <= 720 for v in value)
            or len(value) > 6
        ):
            raise ValueError(_("must be a list of at most 6 whole numbers of hours"))
        return sorted(set(value), reverse=True)
    if known.kind == "text":
        if not isinstance(value, str) or not value.strip() or len(value) > 200 or "\x00" in value:
            raise ValueError(_("must be a text of at most 200 characters"))
        if known.choices and value not in dict(known.choices):
            raise ValueError(_("“%(value)s” is not one of the choices") % {"value": value})
        if known.proof and (wrong := known.proof(value.strip())):
            raise ValueError(wrong)
        return value.strip()
    if known.kind == "money":
        try:
            amount = Decimal(value) if isinstance(value, str | int) and not isinstance(value, bool) else None
        except InvalidOperation:
            amount = None
        if amount is None or not amount.is_finite() or amount < 0:
            raise ValueError(_("must be an amount"))
        return str(amount)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(_("must be a whole number"))
    if not known.least <= value <= known.most:
        raise ValueError(
            _("%(value)s is not between %(least)s and %(most)s")
            % {"value": value, "least": known.least, "most": known.most}
        )
    return value
