"""Reading what a provider sends to a hook, which may be anything: what cannot be read is refused, never a crash."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from functools import wraps
from typing import Any, TypeVar

from outreach.channels.base import Incoming, NotOurs

T = TypeVar("T")
CHINA = timezone(timedelta(hours=8))
MOST_ROWS = 2_000
TEXT = 10_000


def careful(read: Callable[[Any, Incoming], list[T]]) -> Callable[[Any, Incoming], list[T]]:
    """A reader whose stumbling over what came is said as NotOurs."""

    @wraps(read)
    def run(self: Any, request: Incoming) -> list[T]:
        try:
            return read(self, request)
        except (
            ValueError,
            TypeError,
            KeyError,
            AttributeError,
            LookupError,
            RecursionError,
            OverflowError,
        ) as error:
            raise NotOurs("cannot be read") from error

    return run


def rows_of(request: Incoming) -> list[dict[str, Any]]:
    """The body as a list of JSON objects, one alone too. Raises ValueError."""
    found = json.loads(request.body)
    rows = found if isinstance(found, list) else [found]
    if len(rows) > MOST_ROWS or not all(isinstance(row, dict) for row in rows):
        raise ValueError("not a list of objects")
    return rows


def text_of(value: Any, most: int = 200) -> str:
    """A value as text that the database keeps."""
    return "" if value is None else str(value).replace("\x00", "")[:most].encode("utf-8", "replace").decode()


def china_time(value: Any) -> datetime | None:
    """A wall-clock time of China as an instant; None for what is none."""
    try:
        return datetime.strptime(str(value), "%Y-%m-%d %H:%M:%S").replace(tzinfo=CHINA).astimezone(UTC)
    except ValueError:
        return None


def unix_time(value: Any) -> datetime | None:
    """Seconds since 1970 as an instant; None for what is none."""
    try:
        return datetime.fromtimestamp(int(value), UTC)
    except (ValueError, TypeError, OverflowError, OSError):
        return None


def iso_time(value: Any) -> datetime | None:
    """An ISO time as an instant; None for what is none, or says no zone."""
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return at if at.tzinfo else None
