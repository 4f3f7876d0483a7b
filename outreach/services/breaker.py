"""The health of channels: what the last sends said, and when a channel that is down is left alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from core.locking import lock, verb
from outreach.models import Channel

IN_A_ROW = 5
SHORTEST, LONGEST = timedelta(seconds=30), timedelta(minutes=10)
SEEN = timedelta(seconds=30)  # that it works is written so often at most


def pause_after(failures: int) -> timedelta | None:
    """How long a channel rests after so many failures in a row: 30 seconds, then twice as long each time up to 10 minutes;
    None while it does not."""
    if failures < IN_A_ROW:
        return None
    return min(SHORTEST * 2 ** min(failures - IN_A_ROW, 10), LONGEST)


def note_result(channel_id: Any, error: str | None, at: datetime) -> None:
    """Note what the last send said: None that the provider took it, else in what way it is out of order.

    After several failures in a row the breaker opens: nothing is tried until `closed_until`. The first one that goes
    through closes it.
    """
    if error is not None:
        _failed(channel_id, error, at)
        return
    news = Q(failures__gt=0) | Q(closed_until__isnull=False) | Q(ok_at__isnull=True) | Q(ok_at__lt=at - SEEN)
    Channel.objects.filter(news, pk=channel_id).update(ok_at=at, failures=0, error="", closed_until=None)


@verb
def _failed(channel_id: Any, error: str, at: datetime) -> None:
    for row in lock(Channel.objects.all(), [channel_id]):
        row.failed_at, row.failures, row.error = at, row.failures + 1, error.replace("\x00", "")[:300]
        pause = pause_after(row.failures)
        row.closed_until = at + pause if pause else None
        row.save(update_fields=["failed_at", "failures", "error", "closed_until"])
