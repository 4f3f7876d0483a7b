"""The trunk bar of a person: which stops were reached when and by whom, and where the way went through the pool."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from core.models import Event
from core.web.sources import source_words
from leads.rules import Ended, Reason, State

PLACES: dict[str, int] = {State.NEW: 1, State.MQL: 2, State.SQL: 3, State.CONVERTED: 4}
ORDER = 5
SHOWN = 3
CODES = ("lead", "mql", "sql", "opportunity", "order")


@dataclass
class _Way:
    """The way of one person, told event by event."""

    reached: dict[int, Event] = field(default_factory=dict)
    branches: list[dict[str, Any]] = field(default_factory=list)
    at: int = 0
    pooled: Event | None = None
    ended: bool = False

    def arrive(self, place: int, event: Event) -> None:
        if self.pooled is not None:
            self.branches.append({"from": self.at or 1, "to": place, "out": self.pooled, "back": event})
            self.pooled = None
        self.reached = {n: e for n, e in self.reached.items() if n < place}
        self.reached[place] = event
        self.at, self.ended = place, False

    def take(self, event: Event) -> None:
        if event.subject_type != "lead":
            if event.to_state == "signed":
                self.arrive(ORDER, event)
        elif event.to_state == State.POOLED:
            self.pooled = self.pooled or event
            self.at = self.at or 1
            self.reached.setdefault(1, event)
        elif event.to_state == State.INVALID:
            self.ended, self.pooled = True, None
        elif event.to_state in PLACES and (self.at != PLACES[event.to_state] or self.pooled is not None):
            # Within the same stop (given to a colleague) the day of arrival stays.
            self.arrive(PLACES[event.to_state], event)


def bar(
    contact_id: Any, known: dict[Any, User] | None = None, events: Iterable[Event] | None = None
) -> dict[str, Any]:
    """Stops and branches for the component `trunk_bar`, in two queries; one if all people are `known` (by id), none
    with all the person's `events`, oldest first."""
    way = _Way()
    for event in _moves(contact_id) if events is None else events:
        if event.verb == "captured" or event.from_state != event.to_state or event.subject_type == "order":
            way.take(event)
    people = dict(known or {})
    missing = {e.by_id for e in way.reached.values() if e.by_id} - people.keys()
    if missing:
        people.update(User.objects.in_bulk(missing))
    return {"stops": _stops(way, people), "branches": _branches(way)}


def _moves(contact_id: Any) -> QuerySet[Event]:
    moves = Q(subject_type="lead") & (Q(verb="captured") | ~Q(to_state="")) | Q(
        subject_type="order", verb="signed"
    )
    rows = Event.objects.filter(moves, contact_id=contact_id).order_by("at", "id")
    return rows.only("at", "subject_type", "verb", "from_state", "to_state", "data", "by_id")


def _stops(way: _Way, people: dict[Any, User]) -> list[dict[str, Any]]:
    names = [_("Lead"), _("MQL"), _("SQL"), _("Opportunity"), _("Order")]
    stops: list[dict[str, Any]] = []
    for place, name in enumerate(names, start=1):
        event = way.reached.get(place)
        state = "ahead" if place > way.at else "past"
        if place == way.at and way.pooled is None:
            state = "lost" if way.ended else "now"
        by = people.get(event.by_id) if event else None
        who = source_words(event.data.get("channel", "")) if event and place == 1 else by.name if by else ""
        stops.append(
            {
                "code": CODES[place - 1],
                "name": name,
                "state": state,
                "at": event.at if event else None,
                "who": who,
            }
        )
    return stops


def _branches(way: _Way) -> list[dict[str, Any]]:
    drawn = [
        {
            "from": b["from"],
            "to": b["to"],
            "text": _("Pool: %(why)s, %(how)s") % {"why": _why(b["out"]), "how": _how(b["back"])},
        }
        for b in way.branches[-SHOWN:]
    ]
    if way.pooled is not None:
        text = _("In the pool: %(why)s") % {"why": _why(way.pooled)}
        drawn.append({"from": way.at or 1, "text": text, "now": True})
    return drawn


def _why(event: Event) -> str:
    code = event.data.get("reason", "") if event.verb in ("pooled", "expired") else event.verb
    return str(dict(Reason.choices).get(code) or dict(Ended.choices).get(code) or _("went to the pool"))


def _how(event: Event) -> str:
    return {
        "claimed": _("claimed again"),
        "reactivated": _("back to the desk"),
        "handed_over": _("handed out again"),
    }.get(event.verb, _("back on the trunk"))
