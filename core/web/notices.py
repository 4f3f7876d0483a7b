"""What a notice says and where it leads. Apps fill it in their `notices.py`: kind → sign, sentence, for whom."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from core import rulebook

Say = Callable[[dict[str, Any], str], Any]
# Whose page tells of which records: who opens one has read what was said of it.
ABOUT = {"leads": "lead", "opportunities": "opportunity", "orders": "order", "intake": "import"}


@dataclass(frozen=True)
class Words:
    """`say(data, name)` is the sentence: `name` is what the record is called. `loud` ones come as a toast at once.

    `hats` are those who get it (for the choice of what comes by e-mail); `branch` is the rule that switches it (R0.1).
    """

    sign: str
    label: Any
    say: Say
    loud: bool = False
    hats: tuple[str, ...] = ()
    branch: str = ""


@dataclass(frozen=True)
class Called:
    """A record as its reader may see it: an empty `url` where it is out of sight, a `phone` where it may be dialled."""

    name: str
    note: str = ""
    url: str = ""
    phone: str = ""


@dataclass(frozen=True)
class Offer:
    """Something that a notice offers to do with one click: a form post."""

    label: Any
    url: str
    fields: dict[str, str] = field(default_factory=dict)


Names = Callable[[list[Any], Any], dict[Any, Called]]
WORDS: dict[str, Words] = {}
NAMES: dict[str, Names] = {}
OFFERS: dict[str, Callable[[Any], list[Offer]]] = {}
NOBODY = Called("")


def notice(kind: str, sign: str, label: Any, say: Say, **more: Any) -> None:
    """Declare what a kind of notice is called and says."""
    WORDS[kind] = Words(sign, label, say, **more)


def named(subject_type: str, names: Names) -> None:
    """Declare how records of a type are called: ids and who reads → names, in a fixed number of queries."""
    NAMES[subject_type] = names


def offered(kind: str, offers: Callable[[Any], list[Offer]]) -> None:
    """Declare what a kind of notice offers to do."""
    OFFERS[kind] = offers


def hidden_kinds() -> set[str]:
    """The kinds whose branch is off: nobody is shown one (R0.1)."""
    branched = {kind: words.branch for kind, words in WORDS.items() if words.branch}
    values = rulebook.values() if branched else {}
    return {kind for kind, key in branched.items() if not values.get(key)}


def lines(notices: Iterable[Any], user: Any) -> list[dict[str, Any]]:
    """Notices as the centre, the toast and the mail show them to this person; names in a few queries a type."""
    hidden = hidden_kinds()
    listed = [n for n in notices if n.kind in WORDS and n.kind not in hidden]
    called: dict[tuple[str, Any], Called] = {}
    for subject_type, names in NAMES.items():
        ids = list({n.subject_id for n in listed if n.subject_type == subject_type})
        found = names(ids, user) if ids else {}
        called.update(((subject_type, pk), name) for pk, name in found.items())
    return [_line(n, called.get((n.subject_type, n.subject_id), NOBODY)) for n in listed]


def _line(notice: Any, called: Called) -> dict[str, Any]:
    words = WORDS[notice.kind]
    return {
        "id": str(notice.pk),
        "kind": notice.kind,
        "at": notice.at,
        "icon": words.sign,
        "label": words.label,
        "text": str(words.say(notice.data, called.name)),
        "name": called.name,
        "note": called.note,
        "phone": called.phone,
        "url": called.url,
        "unread": notice.read_at is None,
        "loud": words.loud,
        "offers": OFFERS[notice.kind](notice) if notice.kind in OFFERS and called.url else [],
    }
