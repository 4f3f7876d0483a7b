"""What the pages of people show: rows with load and state, a person's history, log-ins in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from accounts import permissions
from accounts.models import Hat, Session, Team, User
from accounts.querysets import UserQuerySet
from core import clock, hooks, rulebook
from core.models import Event, EventText

HISTORY = 30


@dataclass
class Entry:
    """An event as `core.web.phrases.lines` reads it."""

    event: Event
    by: User | None
    texts: dict[str, tuple[str, str]]


def looked_after(user: User) -> UserQuerySet:
    """The people whose pages this person sees: all for an administrator, else own teams' and the own one (R15.2)."""
    rows = User.objects.all()
    if user.wears(Hat.ADMIN):
        return rows
    return rows.filter(Q(pk=user.pk) | Q(team__in=permissions.team_ids(user)))


def lines(people: list[User], by: User, at: datetime) -> list[dict[str, Any]]:
    """People with what they wear, hold and may; loads in a fixed number of queries."""
    load = hooks.open_load.merged([person.pk for person in people])
    of = rulebook.get("capacity")
    return [
        {
            "person": person,
            "hats": hats_of(person),
            "load": load.get(person.pk, 0),
            "capacity": person.capacity if person.capacity is not None else of,
            "sells": person.wears(Hat.REP),
            "away": person.away_until if person.away_until and person.away_until > at else None,
            "seen": seen(person),
            "may_set_duty": permissions.may_set_duty(by, person),
        }
        for person in people
    ]


def hats_of(person: User) -> list[Any]:
    """What a person wears, in words."""
    return [Hat(hat).label for hat in person.hats if hat in Hat.values]


def seen(person: User) -> datetime | None:
    """When a page of this person was last open, on the clock that the pages show."""
    return person.last_seen_at + clock.offset() if person.last_seen_at else None


def history(person: User) -> list[Entry]:
    """What was changed about a person, and by whom, latest first (R15.4)."""
    rows = Event.objects.filter(subject_type="user", subject_id=person.pk).order_by("-at", "-id")[:HISTORY]
    events = list(rows)
    texts: dict[Any, dict[str, tuple[str, str]]] = {}
    for text in EventText.objects.filter(event__in=[event.pk for event in events]):
        texts.setdefault(text.event_id, {})[text.field] = (text.old, text.new)
    _name_teams(events)
    people = User.objects.in_bulk({event.by_id for event in events if event.by_id})
    return [Entry(event, people.get(event.by_id), texts.get(event.pk, {})) for event in events]


def _name_teams(events: list[Event]) -> None:
    """Put the names of teams in place of their ids, in one query."""
    told = [event.data["team_id"] for event in events if isinstance(event.data.get("team_id"), list)]
    names = {str(pk): name for pk, name in Team.objects.values_list("pk", "name")} if told else {}
    for pair in told:
        pair[:] = [names.get(str(pk), "–") if pk else None for pk in pair]


def sessions(person: User, here: str | None) -> list[dict[str, Any]]:
    """A person's log-ins that are open, the latest first; `here` is the one that asks."""
    rows = Session.objects.filter(user=person, expire_date__gt=clock.real_now())
    found = [
        {
            "session": row,
            "handle": handle(row),
            "device": device(row.agent),
            "since": row.began_at + clock.offset() if row.began_at else None,
            "here": row.session_key == here,
        }
        for row in rows.order_by("-began_at", "session_key")
    ]
    return sorted(found, key=lambda line: not line["here"])


def handle(session: Session) -> str:
    """A name for a log-in that opens nothing."""
    return salted_hmac("trunk.session", session.session_key).hexdigest()


def device(agent: str) -> str:
    """A browser and its machine, as a person would name them."""
    browsers = [("MicroMessenger", "WeChat"), ("Edg", "Edge"), ("Firefox", "Firefox"), ("Chrome", "Chrome")]
    machines = [("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows")]
    browser = next((name for sign, name in [*browsers, ("Safari", "Safari")] if sign in agent), "")
    machine = next(
        (name for sign, name in [*machines, ("Mac OS", "Mac"), ("Linux", "Linux")] if sign in agent), ""
    )
    if browser and machine:
        return _("%(browser)s on %(machine)s") % {"browser": browser, "machine": machine}
    return browser or machine or _("a browser")


def tree() -> list[dict[str, Any]]:
    """The teams in the order of the tree, each with its depth, people and managers."""
    below: dict[Any, list[Team]] = {}
    for team in Team.objects.order_by("name"):
        below.setdefault(team.parent_id, []).append(team)
    people: dict[Any, list[User]] = {}
    for person in User.objects.active().filter(team__isnull=False).order_by("name"):
        people.setdefault(person.team_id, []).append(person)
    found: list[dict[str, Any]] = []

    def walk(parent: Any, depth: int, above: list[User]) -> None:
        for team in below.get(parent, []):
            own = people.get(team.pk, [])
            managers = [person for person in own if person.wears(Hat.MANAGER)]
            found.append(
                {
                    "team": team,
                    "depth": depth,
                    "people": own,
                    "managers": managers,
                    "above": [] if managers else above,
                }
            )
            walk(team.pk, depth + 1, managers or above)

    walk(None, 0, [])
    return found
