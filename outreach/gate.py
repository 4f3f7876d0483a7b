"""May this person be reached on this channel now? The one function that every sender goes through (R11.2, R11.3).

Asked when a message is decided on, and again in the moment it leaves: what was allowed yesterday may be forbidden now.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from contacts.models import Contact, ContactPoint
from core import clock, rulebook
from outreach.models import Touch
from outreach.rules import POINT_OF, ChannelKind

WEEK = timedelta(days=7)
NEVER = frozenset(
    ["erased", "do_not_call", "do_not_sms", "do_not_email", "no_address", "dead_address"]
)  # what no waiting mends
_CONSENT = {
    ChannelKind.EMAIL: "do_not_email",
    ChannelKind.SMS: "do_not_sms",
    ChannelKind.PHONE: "do_not_call",
    ChannelKind.CALL: "do_not_call",
}


@dataclass
class Facts:
    """What the gate knows of one person: consent, living and dead addresses by kind, time zone, touches of the last
    seven days (oldest first)."""

    erased: bool = False
    refused: frozenset[str] = frozenset()
    no_phone_until: datetime | None = None
    zone: tzinfo = field(default_factory=clock.firm_tz)
    addresses: dict[str, str] = field(default_factory=dict)
    dead: frozenset[str] = frozenset()
    touches: list[datetime] = field(default_factory=list)


@dataclass(frozen=True)
class Limits:
    """The numbers of the cap and the hours, read once for a batch."""

    a_day: int
    a_week: int
    opens: time
    closes: time

    @classmethod
    def now(cls) -> Limits:
        """The numbers in force (R11.3)."""
        values = rulebook.values()
        opens, closes = values["touch_hours"].split("-")
        return cls(
            values["touches_a_day"],
            values["touches_a_week"],
            time.fromisoformat(opens),
            time.fromisoformat(closes),
        )


@dataclass(frozen=True)
class Verdict:
    """`ok` with the address; else why not, and from when on it may be asked again (None: not on this channel)."""

    ok: bool
    address: str = ""
    why: str = ""
    until: datetime | None = None


def judge(facts: Facts, channel: str, at: datetime, limits: Limits, *, asked_for: bool = False) -> Verdict:
    """Whether a person may be reached on a channel at that moment (R11.2, R11.3); pure.

    What a person asked for passes hours and cap, never consent.
    """
    if facts.erased:
        return Verdict(False, why="erased")
    kind = POINT_OF[ChannelKind(channel)]
    flag = _CONSENT.get(ChannelKind(channel))
    if flag in facts.refused:
        return Verdict(False, why=flag or "")
    address = facts.addresses.get(kind, "")
    if kind and not address:
        return Verdict(False, why="dead_address" if kind in facts.dead else "no_address")
    if asked_for:
        return Verdict(True, address)
    if flag == "do_not_call" and facts.no_phone_until is not None and facts.no_phone_until > at:
        return Verdict(False, why="no_phone", until=facts.no_phone_until)
    why, until = _free_at(facts, at, limits)
    return Verdict(until is None and not why, address if not why else "", why, until)


def _free_at(facts: Facts, at: datetime, limits: Limits) -> tuple[str, datetime | None]:
    """Why it has to wait, and until when: the first moment at which cap and hours both allow it, seen from now."""
    why, free = "", at
    for _turn in range(
        4
    ):  # a later hour may lie at night, and the morning after it may still be over the cap
        reason, later = _over_cap(facts, free, limits)
        if not reason:
            reason, later = _at_night(facts.zone, free, limits)
        if not reason:
            break
        why = why or reason
        if later is None:
            return why, None
        free = later
    return why, free if why else None


def _over_cap(facts: Facts, at: datetime, limits: Limits) -> tuple[str, datetime | None]:
    if not limits.a_week:
        return "cap_week", None
    if not limits.a_day:
        return "cap_day", None
    week = sorted(touch for touch in facts.touches if touch > at - WEEK)
    if len(week) >= limits.a_week:
        return "cap_week", week[-limits.a_week] + WEEK
    today = at.astimezone(facts.zone).date()
    if sum(touch.astimezone(facts.zone).date() == today for touch in week) >= limits.a_day:
        return "cap_day", datetime.combine(today + timedelta(days=1), limits.opens, facts.zone).astimezone(
            at.tzinfo
        )
    return "", None


def _at_night(zone: tzinfo, at: datetime, limits: Limits) -> tuple[str, datetime | None]:
    local = at.astimezone(zone)
    if limits.opens <= local.time() < limits.closes:
        return "", None
    day = local.date() + timedelta(days=0 if local.time() < limits.opens else 1)
    return "quiet", datetime.combine(day, limits.opens, zone).astimezone(at.tzinfo)


@lru_cache(maxsize=600)
def zone_of(name: str) -> tzinfo:
    """A contact's time zone; the firm's where none, or none that exists, is known."""
    try:
        return ZoneInfo(name) if name else clock.firm_tz()
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return clock.firm_tz()


def facts_of(
    contacts: Iterable[Contact],
    at: datetime,
    *,
    but: Collection[Any] = (),
    done_only: bool = False,
) -> dict[Any, Facts]:
    """What the gate has to know of these people: contact id → facts, in two queries.

    `but` names messages whose own touch is not counted; `done_only` leaves out what is only planned. For a decision the
    caller holds the contacts' locks, or two decisions could each count without the other.
    """
    found = {row.pk: _facts(row) for row in contacts}
    _addresses(found)
    touches = Touch.objects.filter(contact_id__in=list(found), at__gt=at - WEEK)
    if done_only:
        touches = touches.filter(done=True)
    if but:
        touches = touches.exclude(message_id__in=list(but))
    for contact_id, moment in touches.order_by("at").values_list("contact_id", "at"):
        found[contact_id].touches.append(moment)
    return found


def _facts(contact: Contact) -> Facts:
    flags = ("do_not_call", "do_not_sms", "do_not_email")
    return Facts(
        erased=contact.erased_at is not None or contact.merged_into_id is not None,
        refused=frozenset(flag for flag in flags if getattr(contact, flag)),
        no_phone_until=contact.no_phone_until,
        zone=zone_of(contact.timezone),
    )


def _addresses(found: Mapping[Any, Facts]) -> None:
    rows = ContactPoint.objects.filter(contact_id__in=list(found)).order_by("kind", "-first_choice", "id")
    dead: dict[Any, set[str]] = {}
    for contact_id, kind, value, dead_at in rows.values_list("contact_id", "kind", "value", "dead_at"):
        if dead_at is None:
            found[contact_id].addresses.setdefault(kind, value)
        else:
            dead.setdefault(contact_id, set()).add(kind)
    for contact_id, kinds in dead.items():
        found[contact_id].dead = frozenset(kinds)
