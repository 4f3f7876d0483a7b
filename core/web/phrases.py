"""What a timeline says of an event. Apps fill it in their `pages.py`: verb → sign and sentence in a seller's words."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.utils.translation import gettext_lazy as _

from core.ids import as_uuid

Say = Callable[[dict[str, Any], dict[str, str]], Any]


@dataclass(frozen=True)
class Phrase:
    """`say` is a sentence, or a function of the event's data and of the names of the people in it."""

    sign: str
    say: Any


PHRASES: dict[str, Phrase] = {}
WAYS = {
    "api": _("by another program"),
    "import": _("by import"),
    "rule": _("by rule"),
    "form": _("by a form"),
}
PEOPLE = ("rep", "owner", "from")


def phrase(verb: str, sign: str, say: Any) -> None:
    """Declare what the timeline says of a verb."""
    PHRASES[verb] = Phrase(sign, say)


def chosen(choices: Any, code: str) -> str:
    """The word for a code of a TextChoices, or the code itself when it is gone."""
    return str(dict(choices).get(code, code))


def lines(entries: Iterable[Any]) -> list[dict[str, Any]]:
    """Timeline entries (event, by, texts) as the component draws them; names in one query."""
    listed = [e for e in entries if e.event.verb in PHRASES]
    names = {str(e.by.pk): e.by.name for e in listed if e.by}
    asked = {pk for e in listed if isinstance(e.event.data, dict) for pk in _people(e.event.data)}
    missing = asked - names.keys()
    if missing:
        people = get_user_model()._default_manager.filter(pk__in=missing)
        names.update({str(person.pk): person.name for person in people})
    return [_line(entry, names) for entry in listed]


def _people(data: dict[str, Any]) -> set[Any]:
    """The ids of people whom an event names, also as [before, after]; `from` may as well be a place."""
    said = [data.get(key) for key in PEOPLE]
    return {pk for value in said for pk in (value if isinstance(value, list) else [value]) if as_uuid(pk)}


def _line(entry: Any, names: dict[str, str]) -> dict[str, Any]:
    known = PHRASES[entry.event.verb]
    data = {"from_state": entry.event.from_state, "to_state": entry.event.to_state, **entry.event.data}
    text = known.say(data, names) if callable(known.say) else known.say
    said = [
        new for field, (_old, new) in entry.texts.items() if new and field in ("note", "text", "next_step")
    ]
    changed = [
        f"{old} → {new}" if old else new
        for field, (old, new) in entry.texts.items()
        if field not in ("note", "text", "next_step")
    ]
    return {
        "at": entry.event.at,
        "event": entry.event,
        "icon": known.sign,
        "text": text,
        "who": entry.by.name if entry.by else "",
        "way": WAYS.get(entry.event.way, ""),
        "said": "\n".join(said + changed),
    }
