"""The tabs of the place "Campaigns": apps add theirs, in the order of the work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse


@dataclass(frozen=True)
class Tab:
    """One page of the place: `url` is a URL name; it shows where that page exists and the person may open it."""

    name: str
    label: Any
    url: str
    order: int
    allowed: Callable[[Any], bool]

    @property
    def address(self) -> str:
        """Where it leads; empty as long as the page does not exist."""
        try:
            return reverse(self.url)
        except NoReverseMatch:
            return ""


TABS: dict[str, Tab] = {}


def tab(name: str, label: Any, url: str, order: int, allowed: Callable[[Any], bool]) -> None:
    """Add a tab; called in `AppConfig.ready()`."""
    TABS[name] = Tab(name, label, url, order, allowed)


def tabs_for(user: Any) -> list[Tab]:
    """The tabs whose page exists and this person may open, in order."""
    known = [row for row in TABS.values() if row.allowed(user) and row.address]
    return sorted(known, key=lambda row: row.order)


def tabs(request: HttpRequest, here: str) -> dict[str, Any]:
    """What the head of every page of the place needs: its tabs, and which one is open."""
    return {"tabs": tabs_for(request.user), "tab": here}
