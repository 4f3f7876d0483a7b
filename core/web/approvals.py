"""Approvals: each app adds what a manager decides of its own; one page shows all of it, the same keys decide."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


class Case(Protocol):
    """One thing to decide: `ends` is when it is lost undecided, `template` how it is drawn in the list."""

    kind: str
    template: str
    asked_at: datetime
    ends: datetime | None

    @property
    def pk(self) -> Any:
        """The id of what is decided."""


@dataclass(frozen=True)
class Section:
    """One kind of what is decided: `waiting(user, at)` are its cases, `decided(user, most)` its rows of the past (kind,
    url, title, note, asker, said, result, lost, at, by, comment), `ids(user)` the ids of what waits, for the count."""

    kind: str
    name: Any
    waiting: Callable[[Any, datetime], list[Any]]
    decided: Callable[[Any, int], list[dict[str, Any]]]
    ids: Callable[[Any], Any]
