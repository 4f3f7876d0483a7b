"""What a notice says and where it leads. Apps fill it in their `pages.py`: kind → sign, sentence, address."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

Say = Callable[[dict[str, Any], str], Any]
PAGES = {"lead": "leads:lead", "opportunity": "opportunities:opportunity", "order": "orders:order"}


@dataclass(frozen=True)
class Words:
    """`say(data, name)` is the sentence: `name` is what the record is called. `loud` ones come as a toast at once."""

    sign: str
    say: Say
    loud: bool = False
    label: Any = ""


WORDS: dict[str, Words] = {}
NAMES: dict[str, Callable[[list[Any]], dict[Any, str]]] = {}


def notice(kind: str, sign: str, label: Any, say: Say, *, loud: bool = False) -> None:
    """Declare what a kind of notice is called and says."""
    WORDS[kind] = Words(sign, say, loud, label)


def named(subject_type: str, names: Callable[[list[Any]], dict[Any, str]]) -> None:
    """Declare how records of a type are called: ids → names, in one query."""
    NAMES[subject_type] = names


def lines(notices: Iterable[Any]) -> list[dict[str, Any]]:
    """Notices as the centre, the toast and the mail show them; names in one query a type."""
    listed = [n for n in notices if n.kind in WORDS]
    called: dict[str, dict[Any, str]] = {}
    for subject_type, names in NAMES.items():
        ids = [n.subject_id for n in listed if n.subject_type == subject_type]
        called[subject_type] = names(ids) if ids else {}
    return [_line(n, called.get(n.subject_type, {}).get(n.subject_id, "")) for n in listed]


def _line(notice: Any, name: str) -> dict[str, Any]:
    words = WORDS[notice.kind]
    page = PAGES.get(notice.subject_type)
    return {
        "id": str(notice.pk),
        "at": notice.at,
        "icon": words.sign,
        "text": str(words.say(notice.data, name)),
        "url": reverse(page, args=[notice.subject_id]) if page else "",
        "unread": notice.read_at is None,
        "loud": words.loud,
    }
