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
    that moves the record forward; `done` what the form's own button says where it is not the label.
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
    done: Any = ""


@dataclass(frozen=True)
class Part:
    """A section of a record's page: `template` draws it with `context` as `part`; `beside` puts it into the column at
    the side."""

    template: str
    context: dict[str, Any]
    order: int = 50
    beside: bool = True


@dataclass(frozen=True)
class Mark:
    """A word beside a record's name, such as its period; `tone` near or lost only tells time and loss."""

    text: Any
    tone: str = ""


def of_lead(lead: Any, user: Any, at: Any) -> list[Panel]:
    """All that this user may do with a lead now, in order: what moves it forward first."""
    found = [panel for answer in hooks.lead_panels(lead, user, at) for panel in answer]
    return sorted(found, key=lambda panel: panel.order)
