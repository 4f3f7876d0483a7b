"""What can be done with a record, as buttons and small forms that any app above may add to its page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from core import hooks


@dataclass(frozen=True)
class Panel:
    """One action: a form (`template`, with what `build` gives it) that opens in place, or one click that posts.

    `post` is the address the form or the click posts to; `key` the key that opens it; `first` marks the action
    that moves the record forward.
    """

    name: str
    label: Any
    sign: str
    post: str
    order: int = 50
    template: str = ""
    build: Callable[[], dict[str, Any]] | None = None
    key: str = ""
    first: bool = False


def of_lead(lead: Any, user: Any, at: Any) -> list[Panel]:
    """All that this user may do with a lead now, in order: what moves it forward first."""
    found = [panel for answer in hooks.lead_panels(lead, user, at) for panel in answer]
    return sorted(found, key=lambda panel: panel.order)
