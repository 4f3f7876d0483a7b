"""Where a lead can be and how it may move; reasons, segments, and the numbers of the week. Pure: no database."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.rulebook import rule

rule(
    "week_days",
    7,
    "R6.1",
    _("Days an SQL lives before it goes back to the pool"),
    unit=_("days"),
    least=1,
    most=365,
)
rule("judge_hours", 24, "R3.2", _("Hours in which a rep judges an MQL"), unit=_("hours"), least=1, most=720)
rule(
    "warn_hours",
    [48, 24, 2],
    "R6.3",
    _("Hours before the end of the week at which the rep is warned"),
    kind="hours",
)
rule(
    "at_risk_days",
    30,
    "R8.5",
    _("Days after which an unsigned customer is at risk"),
    unit=_("days"),
    least=1,
    most=730,
)
rule(
    "no_answer_most",
    3,
    "R2.1",
    _("Calls in a row without an answer that send a lead to the pool"),
    least=1,
    most=20,
)
rule(
    "refused_days",
    180,
    "R2.3",
    _("Days without a phone call after somebody refused"),
    unit=_("days"),
    least=0,
    most=3650,
)
rule(
    "first_call_minutes",
    15,
    "R3.2",
    _("Minutes of business hours in which a rep makes the first call"),
    unit=_("minutes"),
    least=1,
    most=1440,
)
rule("business_hours", "09:00-18:00", "R3.2", _("Business hours"), kind="span")
rule("business_days", [1, 2, 3, 4, 5], "R3.2", _("Business days (1 is Monday)"), kind="weekdays")
rule("holidays_pause", False, "R6.1", _("Firm holidays pause the week"), kind="bool", branch=True)
rule("holidays", [], "R3.2", _("Firm holidays: nobody is at work"), kind="dates", most=400)
rule("labels", False, "R0.2", _("Labels"), kind="bool", branch=True)
rule("labels_most", 20, "R0.2", _("Labels there can be"), least=1, most=100)
rule("contesting", False, "R4.2", _("Marketing may contest a returned MQL"), kind="bool", branch=True)
rule(
    "assignment_rules", False, "R3.1", _("Conditions pick the reps of a hand-over"), kind="bool", branch=True
)
rule(
    "returned_days",
    3,
    "R4.2",
    _("Days marketing has for a returned MQL before its cadence starts"),
    unit=_("days"),
    least=0,
    most=365,
)
rule(
    "neglected_touches",
    2,
    "R12.3",
    _("Touches in its week under which an expired lead was neglected"),
    least=1,
    most=50,
)
rule(
    "extension_days", 7, "R7.2", _("Days that an approved extension adds"), unit=_("days"), least=1, most=365
)
rule("extensions_a_lead", 2, "R7.2", _("Extensions of one holding of a lead"), least=0, most=50)
rule(
    "extensions_a_rep",
    10,
    "R7.3",
    _("Leads that a rep can have on extension at one time"),
    least=0,
    most=1000,
)


class State(models.TextChoices):
    """The places of a lead on the trunk."""

    NEW = "new", _("lead")
    MQL = "mql", _("MQL")
    SQL = "sql", _("SQL")
    CONVERTED = "converted", _("opportunity")
    POOLED = "pooled", _("in the pool")
    INVALID = "invalid", _("invalid")
    MERGED = "merged", _("merged")


# The only moves there are. The FSM, the database trigger (leads/migrations) and the drawn graph say the same;
# a test holds them equal.
MOVES: dict[str, frozenset[str]] = {
    State.NEW: frozenset({State.MQL, State.POOLED, State.INVALID, State.MERGED}),
    State.MQL: frozenset({State.SQL, State.POOLED, State.INVALID, State.MQL, State.MERGED}),
    State.SQL: frozenset({State.CONVERTED, State.POOLED, State.INVALID, State.SQL, State.MERGED}),
    State.CONVERTED: frozenset({State.POOLED, State.INVALID, State.MERGED}),
    State.POOLED: frozenset({State.NEW, State.MQL, State.SQL, State.CONVERTED, State.INVALID, State.MERGED}),
    State.INVALID: frozenset({State.NEW, State.INVALID, State.MERGED}),
    State.MERGED: frozenset({State.INVALID}),
}


class Segment(models.TextChoices):
    """The parts of the pool; the reason picks one (R10.1)."""

    NOT_NOW = "not_now", _("not now")
    SOME_INTEREST = "some_interest", _("some interest")
    LONG_INACTIVE = "long_inactive", _("long inactive")
    DORMANT = "dormant", _("dormant")
    THIRD_PARTY = "third_party", _("third party")


class Reason(models.TextChoices):
    """Why a lead lies in the pool."""

    NO_NEED = "no_need", _("no need for now")
    REFUSED = "refused", _("refused to talk")
    UNREACHABLE = "unreachable", _("nobody answers")
    DEAD_NUMBER = "dead_number", _("number is dead")
    RETURNED = "returned", _("returned by the rep")
    EXPIRED = "expired", _("the week ran out")
    RELEASED = "released", _("given back by the rep")
    LOST = "lost", _("opportunity lost")
    THIRD_PARTY = "third_party", _("third-party list")


SEGMENT_OF = {
    Reason.NO_NEED: Segment.NOT_NOW,
    Reason.REFUSED: Segment.NOT_NOW,
    Reason.UNREACHABLE: Segment.LONG_INACTIVE,
    Reason.DEAD_NUMBER: Segment.LONG_INACTIVE,
    Reason.EXPIRED: Segment.SOME_INTEREST,
    Reason.RELEASED: Segment.SOME_INTEREST,
    Reason.THIRD_PARTY: Segment.THIRD_PARTY,
}
# A returned MQL or a lost opportunity goes by its own reason.
SEGMENT_OF_DETAIL = {
    (Reason.RETURNED, "empty_number"): Segment.LONG_INACTIVE,
    (Reason.RETURNED, "wrong_number"): Segment.LONG_INACTIVE,
    (Reason.RETURNED, "unreachable"): Segment.LONG_INACTIVE,
    (Reason.RETURNED, "no_need"): Segment.NOT_NOW,
    (Reason.RETURNED, "duplicate"): Segment.LONG_INACTIVE,
    (Reason.LOST, "pseudo_need"): Segment.LONG_INACTIVE,
    (Reason.LOST, "no_answer"): Segment.LONG_INACTIVE,
}


class ReturnReason(models.TextChoices):
    """Why an MQL is illegal; nothing else is a reason (R4.1)."""

    EMPTY_NUMBER = "empty_number", _("empty number")
    WRONG_NUMBER = "wrong_number", _("wrong number")
    UNREACHABLE = "unreachable", _("cannot be reached")
    NO_NEED = "no_need", _("no need now")
    DUPLICATE = "duplicate", _("duplicate")


# A manager agreed with what the rep had against it (R4.1): not one of the reasons that a rep may give.
SETTLED = "settled"


class ReleaseReason(models.TextChoices):
    """Why a rep gives a lead back (R6.5); `other` needs a text."""

    NO_TIME = "no_time", _("no time for it")
    NO_FIT = "no_fit", _("not our customer")
    NO_NEED = "no_need", _("no need")
    UNREACHABLE = "unreachable", _("cannot be reached")
    OTHER = "other", _("other")


class Began(models.TextChoices):
    """How a holding began (R10.7)."""

    HANDED_OVER = "handed_over", _("handed over")
    ACCEPTED = "accepted", _("accepted")
    CLAIMED = "claimed", _("claimed")
    GIVEN = "given", _("given by a manager")
    TAKEN = "taken", _("taken after a missed call")


class Ended(models.TextChoices):
    """How a holding ended (R10.7)."""

    ACCEPTED = "accepted", _("accepted")
    RETURNED = "returned", _("returned")
    CONVERTED = "converted", _("became an opportunity")
    EXPIRED = "expired", _("the week ran out")
    RELEASED = "released", _("given back")
    GIVEN = "given", _("given to a colleague")
    PASSED_ON = "passed_on", _("went to the next rep")
    REFUSED = "refused", _("refused to talk")
    INVALID = "invalid", _("nobody can be reached")
    MERGED = "merged", _("merged")
    LEFT = "left", _("the holder left the firm")


LET_GO = (Ended.EXPIRED, Ended.RELEASED)


def segment_of(reason: str, detail: str = "") -> str:
    """The segment of the pool that a reason leads to (R10.1)."""
    return SEGMENT_OF_DETAIL.get((reason, detail)) or SEGMENT_OF.get(reason) or Segment.NOT_NOW  # type: ignore[call-overload,arg-type]


def claimable_after(once_accepted: bool, reason: str) -> bool:
    """Whether reps may claim what goes to the pool: what once was an accepted MQL, an SQL or an opportunity, unless it
    was just returned; the rest goes through the desk first (R10.3, R4.2)."""
    return once_accepted and reason != Reason.RETURNED


def due_at(accepted_at: datetime, days: int, holidays: Iterable[str] = (), tz: tzinfo = UTC) -> datetime:
    """When the week of an SQL ends: days of 24 h after it was accepted or claimed; the firm's holidays, if they count,
    stop the clock (R6.1)."""
    left, at = timedelta(days=days), accepted_at.astimezone(UTC)
    for day in sorted(date.fromisoformat(text) for text in holidays):
        # In UTC: between two times of one zone Python counts what the clock on the wall shows, not hours that pass.
        begins = datetime.combine(day, time(0), tz).astimezone(UTC)
        ends = datetime.combine(day + timedelta(days=1), time(0), tz).astimezone(UTC)
        if ends <= at:
            continue
        if begins >= at + left:
            break
        left -= max(begins - at, timedelta(0))
        at = ends
    return at + left


def is_overdue(state: str, due: datetime | None, at: datetime) -> bool:
    """From the very instant it is due, an SQL is over (R6.2)."""
    return state == State.SQL and due is not None and due <= at


def days_left(due: datetime | None, at: datetime) -> float | None:
    """Days until an SQL is due, two decimals, never below 0 (R6.3)."""
    if due is None:
        return None
    return max(0.0, round((due - at).total_seconds() / 86400, 2))


def days_over(since: datetime | None, at: datetime, limit_days: int) -> int | None:
    """Days over the limit after which an unsigned customer is at risk, or None (R8.5)."""
    if since is None:
        return None
    over = (at - since).total_seconds() / 86400 - limit_days
    return int(over) if over >= 0 else None


class ExtensionState(models.TextChoices):
    """What became of a request for more time (R7)."""

    PENDING = "pending", _("to be decided")
    APPROVED = "approved", _("approved")
    REJECTED = "rejected", _("rejected")
    LAPSED = "lapsed", _("lapsed")


def span_of(text: str) -> tuple[time, time]:
    """The two times of a text like `09:00-18:00`."""
    opens, closes = text.split("-")
    return time.fromisoformat(opens), time.fromisoformat(closes)


def after_business_time(
    start: datetime,
    minutes: int,
    hours: str,
    weekdays: list[int],
    tz: tzinfo,
    holidays: Iterable[str] = (),
) -> datetime:
    """The instant at which so many minutes of business hours have passed since `start`; nobody is at work on the
    firm's holidays (R3.2)."""
    opens, closes = span_of(hours)
    left = timedelta(minutes=minutes)
    day = start.astimezone(tz).date()
    closed = set(holidays)
    for n in range(800):
        today = day + timedelta(days=n)
        if today.isoweekday() not in weekdays or today.isoformat() in closed:
            continue
        begin = max(datetime.combine(today, opens, tz).astimezone(UTC), start.astimezone(UTC))
        end = datetime.combine(today, closes, tz).astimezone(UTC)
        if begin >= end:
            continue
        if begin + left <= end:
            return (begin + left).astimezone(UTC)
        left -= end - begin
    return start + timedelta(minutes=minutes)


DAY_PARTS = (time(0), time(12), time(17, 30))


def another_time_of_day(at: datetime, wait: timedelta, tz: tzinfo) -> datetime:
    """When a number that did not answer is tried again: after the wait, and in another part of the day (R2.2)."""
    local, later = at.astimezone(tz), (at + wait).astimezone(tz)
    if (local.date(), _part(local)) != (later.date(), _part(later)):
        return later.astimezone(UTC)
    part = _part(later) + 1
    if part < len(DAY_PARTS):
        return datetime.combine(later.date(), DAY_PARTS[part], tz).astimezone(UTC)
    return datetime.combine(later.date() + timedelta(days=1), DAY_PARTS[0], tz).astimezone(UTC)


def _part(local: datetime) -> int:
    return max(n for n, begins in enumerate(DAY_PARTS) if local.time() >= begins)
