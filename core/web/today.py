"""Today (R12.1): one list of what to do now, what is lost first on top. Apps fill it through `todos`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from core import clock, hooks
from core.hooks import Point
from core.web import nav
from core.web.context import moment

SHOWN = 100

todos: Point[Callable[..., Any]] = Point(
    "(user, at, day, tomorrow) -> [Todo]: to do now, or on that other day"
)


@dataclass(frozen=True)
class Todo:
    """One thing to do: `lost_at` is when something is lost if nobody does it, `why` says so in words.

    `week` is (due_at, started_at, extensions) of an SQL; `acts` the names of panels, `panel_url` with `{act}` in it.
    """

    key: str
    title: str
    url: str
    why: Any
    lost_at: datetime
    note: str = ""
    week: tuple[datetime, datetime, int] | None = None
    at: datetime | None = None
    phone: str = ""
    acts: list[dict[str, Any]] = field(default_factory=list)
    owner: Any = None
    urgent: bool = False


@require_GET
def today(request: HttpRequest) -> HttpResponse:
    """The first page of whoever has something to do here; others land on their own first place."""
    if not request.user.wears("rep", "telemarketer", "manager"):
        places = [entry for entry in nav.entries(request.user) if entry.address != "/"]
        if places:
            return redirect(places[0].address)
    at = moment(request)
    this_day = clock.firm_day(at)
    tomorrow = request.GET.get("day") == "tomorrow"
    day = this_day + timedelta(days=1) if tomorrow else this_day
    items = collect(request.user, at, day, tomorrow)
    figures = {key: value for answer in hooks.me(request.user, at) for key, value in answer.items()}
    context = {
        "items": items[:SHOWN],
        "more": max(0, len(items) - SHOWN),
        "tomorrow": tomorrow,
        "urgent": sum(item.urgent for item in items),
        "count": len(items),
        "figures": figures,
        "day": day,
    }
    return render(request, "leads/today.html", context)


def collect(user: Any, at: datetime, day: date, tomorrow: bool) -> list[Todo]:
    """All there is to do, ordered by what is lost first."""
    found = [item for answer in todos(user, at, day, tomorrow) for item in answer]
    return sorted(found, key=lambda item: item.lost_at)
