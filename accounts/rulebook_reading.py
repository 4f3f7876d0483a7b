"""From what was typed on the Rulebook's page to the value of a rule, and back into words."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

from django.http import QueryDict
from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.rulebook import Rule
from core.web import words

TOLD = 6  # days of a list that are named one by one
LONGEST_RUN = 60


def read_rule(known: Rule, post: QueryDict) -> Any:
    """What was typed, as the kind of rule wants it; what cannot be read is left for the verb to refuse."""
    text = post.get("value", "").strip()
    if known.kind == "bool":
        return {"on": True, "off": False}.get(text, text)
    if known.kind == "list":
        return [line.strip() for line in text.splitlines() if line.strip()]
    if known.kind == "weekdays":
        return [_number(part) for part in post.getlist("value")]
    if known.kind == "dates":
        kept = [day for part in post.getlist("value") for day in re.split(r"[\s,，、]+", part) if day]
        return kept + _run(post.get("from", "").strip(), post.get("to", "").strip())
    if known.kind == "span":
        return "-".join(part.strip() for part in post.getlist("value"))
    if known.kind == "hours":
        return [_number(part) for part in text.replace("，", ",").replace(",", " ").split()]
    return _number(text) if known.kind in ("int", "percent") else text


def _number(text: str) -> Any:
    whole = text.isascii() and text.removeprefix("-").isdigit() and len(text) < 12
    return int(text) if whole else text


def _run(first: str, last: str) -> list[str]:
    """The days from one to another, both included; what is none stays as it is."""
    if not first and not last:
        return []
    try:
        begin, end = date.fromisoformat(first), date.fromisoformat(last or first)
    except ValueError:
        return [first or last]
    days = (end - begin).days
    if not 0 <= days <= LONGEST_RUN:
        return [f"{first} – {last}"]
    return [(begin + timedelta(days=n)).isoformat() for n in range(days + 1)]


def written(known: Rule, value: Any) -> Any:
    """A value as it stands in its field."""
    if known.kind == "list":
        return "\n".join(value)
    if known.kind == "span":
        return value.split("-")
    if known.kind == "weekdays":
        return [{"day": n, "name": WEEKDAYS[n - 1], "on": n in value} for n in range(1, 8)]
    if known.kind == "dates":
        return [{"day": day, "name": _day(day)} for day in value]
    return ", ".join(map(str, value)) if known.kind == "hours" else value


def said(known: Rule, value: Any) -> str:
    """A value in words."""
    if known.kind == "bool":
        return _("on") if value else _("off")
    if known.kind == "weekdays":
        return ", ".join(str(WEEKDAYS_ABBR[day - 1]) for day in value)
    if known.kind == "dates" and len(value) > TOLD:
        return ngettext("%(n)s day", "%(n)s days", len(value)) % {"n": len(value)}
    if known.kind == "dates" and value:
        return ", ".join(_day(day) for day in value)
    if known.kind == "text" and known.choices:
        return str(dict(known.choices).get(value, value))
    if isinstance(value, list):
        return ", ".join(map(str, value)) or _("none")
    if known.kind == "percent":
        return f"{value} %"
    return f"{value} {known.unit}".strip()


def _day(text: str) -> str:
    return words.full_day(date.fromisoformat(text))
