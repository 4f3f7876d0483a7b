"""What the timeline says of quotes, experience and presales (R8.1, R8.6, R9.5)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from core import clock
from core.web.phrases import chosen, phrase
from core.web.words import exact, full_day, money
from opportunities.rules import ExperienceKind

Data = dict[str, Any]
Say = Any


def _quote(sentence: Any) -> Say:
    def say(data: Data, names: dict[str, str]) -> str:
        total = data.get("total")
        known = {"number": data.get("number", ""), "total": "–" if total in (None, "None") else money(total)}
        return str(sentence) % known

    return say


def _experience(sentence: Any) -> Say:
    def say(data: Data, names: dict[str, str]) -> str:
        known = {
            "kind": chosen(ExperienceKind.choices, data.get("kind", "")),
            "when": _when(data.get("starts_at")),
        }
        return str(sentence) % known

    return say


def _when(text: Any) -> str:
    """A moment of an event's data: day and time, the time only where it says something."""
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        return str(text or "")
    return f"{full_day(clock.firm_day(at))} {exact(at)[-5:]}"


def _asked(data: Data, names: dict[str, str]) -> str:
    from opportunities.phrases import spoken_day

    return _("Presales asked for a solution, needed by %(day)s") % {"day": spoken_day(data.get("due_on"))}


def declare() -> None:
    """Tell core.web.phrases."""
    phrase("quoted", "file-text", _quote(lazy("Quote %(number)s for %(total)s written")))
    phrase("quote_changed", "edit", _quote(lazy("Quote %(number)s changed: %(total)s")))
    phrase("quote_sent", "mail", _quote(lazy("Quote %(number)s for %(total)s sent")))
    phrase("quote_accepted", "thumb-up", _quote(lazy("Quote %(number)s accepted")))
    phrase("experience_planned", "calendar", _experience(lazy("Planned: %(kind)s, %(when)s")))
    phrase("experience_changed", "calendar", _experience(lazy("Moved to another time: %(kind)s, %(when)s")))
    phrase("experience_held", "calendar-check", _experience(lazy("Took place: %(kind)s, %(when)s")))
    phrase("experience_fell_through", "calendar", _experience(lazy("Fell through: %(kind)s, %(when)s")))
    phrase("presales_asked", "message-circle", _asked)
    phrase("presales_taken", "hand-grab", lazy("Presales took on the request"))
    phrase("presales_answered", "message", lazy("Presales answered"))
    phrase("calendar_renewed", "calendar", lazy("New address of the calendar"))
    phrase("letterhead_changed", "settings", lazy("The letterhead changed"))
