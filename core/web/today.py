"""Today (R12.1): one list of what to do now, what is lost first on top. Apps fill it through `todos`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_safe

from core import clock, hooks
from core.hooks import Point
from core.web import nav
from core.web.context import moment

SHOWN = 120
NOBODY = UUID(int=0)

todos: Point[Callable[..., Any]] = Point(
    "(user, at, day, tomorrow) -> [Todo]: to do now, or on that other day"
)

# The parts of the list, in the order in which something is lost. OFFER and KNOW are nobody's duty, REST needs nothing
# today: they are not counted, and whoever has done the others is done for the day.
NOW, OFFER, LAST, DAY, SOON, STEP, RISK, KNOW, REST = (
    "now",
    "offer",
    "last",
    "day",
    "soon",
    "step",
    "risk",
    "know",
    "rest",
)
NAMES = {
    NOW: _("Now"),
    OFFER: _("A colleague has not called: may be taken"),
    LAST: _("Lost within 24 hours"),
    DAY: pgettext_lazy("day", "Today"),
    SOON: _("Lost within 48 hours"),
    STEP: _("No next step"),
    RISK: _("At risk"),
    KNOW: _("Worth a look"),
    REST: _("Nothing due today"),
}
NAMES_TOMORROW = {LAST: _("Lost tomorrow"), DAY: _("Tomorrow")}
ORDER = list(NAMES)
NO_DUTY = (OFFER, KNOW, REST)
SHOWS = ("steps", "rest")


@dataclass(frozen=True)
class Todo:
    """One thing to do: `lost_at` is when something is lost if nobody does it, `why` says so in words.

    `week` is (due_at, started_at, extensions) of an SQL, `at` or `on` the time of what has no week; `acts` are buttons
    (see `act`); `about` is the lead it speaks of, so that one customer stands once; `missing` says that it has no next
    step (R12.2), `risk` how many days it is over (R8.5).
    """

    key: str
    title: str
    url: str
    why: Any
    lost_at: datetime
    note: str = ""
    week: tuple[datetime, datetime, int] | None = None
    at: datetime | None = None
    on: date | None = None
    phone: str = ""
    acts: list[dict[str, Any]] = field(default_factory=list)
    owner: Any = None
    urgent: bool = False
    part: str = ""
    about: str = ""
    mark: str = ""
    sign: str = ""
    missing: bool = False
    risk: int | None = None


@cache
def _pattern(view: str, *rest: str) -> str:
    return reverse(view, args=[NOBODY, *rest])


def address(view: str, pk: Any, *rest: str) -> str:
    """Where something of a record is. Today asks for hundreds of addresses, so each pattern is resolved once."""
    return _pattern(view, *rest).replace(str(NOBODY), str(pk))


def act(
    name: str, label: Any, sign: str, key: str = "", *, url: str = "", post: str = "", first: bool = False
) -> dict[str, Any]:
    """A button of a row: `url` is a form that opens in place, `post` is done with one click; `key` works on the row."""
    return {
        "name": name,
        "label": label,
        "sign": sign,
        "key": key,
        "url": url,
        "post": post,
        "first": first,
    }


@require_safe
def today(request: HttpRequest) -> HttpResponse:
    """The first page of whoever has something to do here; others land on their own first place."""
    if not request.user.wears("rep", "telemarketer", "manager"):
        places = [entry for entry in nav.entries(request.user) if entry.address != "/"]
        if places:
            return redirect(places[0].address)
    at = moment(request)
    this_day = clock.firm_day(at)
    tomorrow = request.GET.get("day") == "tomorrow"
    show = request.GET.get("show", "") if not tomorrow else ""
    show = show if show in SHOWS else ""
    day = this_day + timedelta(days=1) if tomorrow else this_day
    items = collect(request.user, at, day, tomorrow)
    context = {
        "tomorrow": tomorrow,
        "show": show,
        "day": day,
        "figures": {key: value for answer in hooks.me(request.user, at) for key, value in answer.items()},
        **(counted(items) if not tomorrow else {**counted(items), "steps": 0, "rest": 0}),
        **laid_out(chosen(items, show), tomorrow),
    }
    return render(request, "leads/today.html", context)


def collect(user: Any, at: datetime, day: date, tomorrow: bool) -> list[Todo]:
    """All there is, each customer once, ordered by what is lost first; what needs nothing now stands last."""
    found = [item for answer in todos(user, at, day, tomorrow) for item in answer]
    ordered = sorted((_placed(item, at) for item in found), key=_rank)
    once: dict[str, Todo] = {}
    for item in ordered:
        key = item.about or item.key
        once[key] = _joined(once[key], item) if key in once else item
    return list(once.values())


def _rank(item: Todo) -> tuple[int, datetime, str]:
    return ORDER.index(item.part), item.lost_at, item.key


def _placed(item: Todo, at: datetime) -> Todo:
    if item.part:
        return item
    if item.urgent or item.lost_at <= at:
        return replace(item, part=NOW)
    return replace(item, part=LAST if item.lost_at <= at + timedelta(hours=24) else DAY)


def _joined(first: Todo, other: Todo) -> Todo:
    """One customer with two reasons: the more pressing one stands, with what can be done about either."""
    if other.part == REST or first.part == OFFER:
        return first
    names = {found["name"] for found in first.acts}
    return replace(
        first,
        acts=first.acts + [found for found in other.acts if found["name"] not in names],
        missing=first.missing or other.missing,
        risk=first.risk if first.risk is not None else other.risk,
    )


def counted(items: list[Todo]) -> dict[str, Any]:
    """The figures of the head: what is to do, what is lost first, what has no next step, what runs on."""
    mine = [item for item in items if item.part not in NO_DUTY]
    return {
        "count": len(mine),
        "at_once": sum(item.part == NOW for item in mine),
        "last": sum(item.part == LAST for item in mine),
        "steps": sum(item.missing for item in items),
        "risky": sum(item.risk is not None for item in items),
        "rest": sum(item.part == REST for item in items),
    }


def chosen(items: list[Todo], show: str) -> list[Todo]:
    """What is asked for: what is to do, or only what has no next step, or what runs on by itself."""
    if show == "steps":
        return [item for item in items if item.missing]
    return [item for item in items if (item.part == REST) == (show == "rest")]


def laid_out(items: list[Todo], tomorrow: bool) -> dict[str, Any]:
    """The parts with a heading and a count each, at most SHOWN rows in all."""
    names = {**NAMES, **NAMES_TOMORROW} if tomorrow else NAMES
    parts = []
    for part in ORDER:
        rows = [item for item in items[:SHOWN] if item.part == part]
        if rows:
            whole = sum(item.part == part for item in items)
            parts.append({"part": part, "name": names[part], "items": rows, "count": whole})
    return {"parts": parts, "more": max(0, len(items) - SHOWN)}
