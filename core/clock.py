"""The one clock: the database's, shifted by CLOCK_OFFSET, or the instant a simulation has set."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

_set: ContextVar[datetime | None] = ContextVar("trunk_clock", default=None)


def firm_tz() -> ZoneInfo:
    """The firm's time zone: a day is the firm's day."""
    return ZoneInfo(settings.TIME_ZONE)


def now() -> datetime:
    """The business time (aware, UTC): ask it after the last lock, or a verb that waited carries an older time
    than the one that committed before it."""
    fixed = _set.get()
    if fixed is not None:
        return fixed
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (real,) = cursor.fetchone()
    return real + offset()


def real_now() -> datetime:
    """The real time of the database: for sign of life, throttling and what was sent when."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]


def offset() -> timedelta:
    """How far this process is shifted from real time (CLOCK_OFFSET, demo and tests only)."""
    return timedelta(seconds=settings.CLOCK_OFFSET)


@contextmanager
def at(instant: datetime) -> Iterator[datetime]:
    """Hold the clock at an instant; for the demo firm, replays, simulations and tests only."""
    token = _set.set(instant)
    try:
        yield instant
    finally:
        _set.reset(token)


def firm_day(instant: datetime) -> date:
    """The firm's calendar day of an instant."""
    return instant.astimezone(firm_tz()).date()


def day_starts(day: date) -> datetime:
    """The instant at which a day of the firm begins."""
    return datetime(day.year, day.month, day.day, tzinfo=firm_tz())
