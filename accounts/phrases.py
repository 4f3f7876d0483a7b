"""What a person's history says, in a seller's words."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from accounts.models import ApiKey, Hat
from core.web import words
from core.web.phrases import chosen, phrase

Data = dict[str, Any]
Names = dict[str, str]
NAMES = {
    "hats": lazy("Roles"),
    "team_id": lazy("Team"),
    "capacity": lazy("Capacity"),
    "language": lazy("Language"),
}


def _changed(data: Data, names: Names) -> str:
    if "on_duty" in data:
        return _("On duty again") if data["on_duty"][1] == "True" else _("Off duty")
    if "away_until" in data:
        until = data["away_until"][1]
        return _("Away until %(when)s") % {"when": _moment(until)} if until else _("Back at work")
    parts = [words.labelled(NAMES[field], _value(field, data[field][1])) for field in NAMES if field in data]
    if data.get("password"):
        parts.append(_("New password"))
    return " · ".join(parts) or _("Details changed")


def _value(field: str, value: Any) -> str:
    if value in (None, "", []):
        return "–"
    if field == "hats":
        # Older entries hold the list as a text.
        return (
            words.listed(chosen(Hat.choices, hat) for hat in value) if isinstance(value, list) else str(value)
        )
    if field == "language":
        return str(dict(settings.LANGUAGES).get(value, value))
    return str(value)


def _moment(text: str) -> str:
    try:
        at = localtime(datetime.fromisoformat(text))
        return f"{words.full_day(at.date())} {at:%H:%M}"
    except ValueError:
        return text


def _left(data: Data, names: Names) -> str:
    if data.get("to") == "pool":
        return _("Left: what was held went to the pool")
    if data.get("to") == "person":
        return _("Left: what was held went to a colleague")
    return _("Left: what was held went to colleagues in turn")


def _key(text: Any) -> Any:
    def say(data: Data, names: Names) -> str:
        scope = chosen(ApiKey.Scope.choices, data.get("scope", ""))
        return text % {"prefix": data.get("prefix", ""), "scope": scope}

    return say


def declare() -> None:
    """Tell core.web.phrases."""
    phrase("person_made", "user-plus", lazy("Added to the firm"))
    phrase("person_changed", "edit", _changed)
    phrase("person_left", "user-x", _left)
    phrase("key_made", "lock", _key(lazy("Key %(prefix)s… made: %(scope)s")))
    phrase("key_revoked", "lock", _key(lazy("Key %(prefix)s… withdrawn")))
    phrase("session_ended", "logout", lazy("A log-in was ended"))
