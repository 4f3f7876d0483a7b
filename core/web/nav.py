"""The navigation: places in the order of the trunk, each with the one count that matters to this person.

Apps fill it through `hooks.nav` in `AppConfig.ready()`, with what a person's hats allow.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.urls import NoReverseMatch, reverse

from core import hooks

TRUNK, WORK, FIRM, BELL = "trunk", "work", "firm", "bell"
GROUPS = (TRUNK, WORK, FIRM, BELL)
CAP = 1000
ON_PHONE = 4


@dataclass(frozen=True)
class Entry:
    """One place: `url` is a URL name, `order` its place on the trunk, `count` the rows that wait there."""

    name: str
    label: Any
    url: str
    icon: str
    order: int
    group: str = TRUNK
    count: models.QuerySet[Any] | None = None
    key: str = ""

    @property
    def address(self) -> str:
        """Where it leads; empty as long as the page does not exist."""
        try:
            return reverse(self.url)
        except NoReverseMatch:
            return ""


@dataclass(frozen=True)
class Hit:
    """One thing that Ctrl-K found."""

    title: str
    url: str
    icon: str = "search"
    note: str = ""
    kind: Any = ""


def entries(user: Any) -> list[Entry]:
    """All places this person may go to, in the order of the trunk."""
    known = [entry for answer in hooks.nav(user) for entry in answer]
    return sorted((e for e in known if e.address), key=lambda e: (GROUPS.index(e.group), e.order))


def count_many(sets: dict[str, models.QuerySet[Any]]) -> dict[str, int]:
    """How many rows each set holds, at most CAP each, all in one query."""
    parts: list[str] = []
    params: list[Any] = []
    names: list[str] = []
    counts = dict.fromkeys(sets, 0)
    for name, rows in sets.items():
        try:
            sql, args = rows.order_by().values("pk")[:CAP].query.sql_with_params()
        except EmptyResultSet:
            continue
        parts.append(f"(SELECT count(*) FROM ({sql}) AS counted)")  # noqa: S608 - compiled by Django
        params.extend(args)
        names.append(name)
    if parts:
        with connection.cursor() as cursor:
            cursor.execute("SELECT " + ", ".join(parts), params)
            counts.update(zip(names, cursor.fetchone(), strict=True))
    return counts


def shown(number: int | None) -> str:
    """A count as the navigation writes it: nothing for none."""
    if not number:
        return ""
    return f"{CAP - 1}+" if number >= CAP else str(number)


def tree(user: Any, path: str) -> dict[str, Any]:
    """What base.html draws: groups of places, the current one marked, and the few of the phone's bar."""
    places = entries(user)
    counts = count_many({place.name: place.count for place in places if place.count is not None})
    rows = [
        {"entry": e, "url": e.address, "count": shown(counts.get(e.name)), "here": _here(e.address, path)}
        for e in places
    ]
    groups = [[row for row in rows if row["entry"].group == group] for group in (TRUNK, WORK, FIRM)]
    bell = next((row for row in rows if row["entry"].group == BELL), None)
    rows = [row for row in rows if row is not bell]
    return {
        "groups": [g for g in groups if g],
        "phone": rows[:ON_PHONE],
        "rest": rows[ON_PHONE:],
        "bell": bell,
    }


def _here(address: str, path: str) -> bool:
    return path == address if address == "/" else path.startswith(address)
