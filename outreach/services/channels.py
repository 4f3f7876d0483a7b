"""The health of channels."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from core.locking import lock, verb
from outreach.models import Channel

MOST, REST = 3, timedelta(minutes=5)


@verb
def note_result(channel_id: Any, error: str | None, at: datetime) -> None:
    """What the last send said of a channel: after several failures in a row it is left alone for a while."""
    for row in lock(Channel.objects.all(), [channel_id]):
        if error is None:
            row.ok_at, row.failures, row.error, row.closed_until = at, 0, "", None
        else:
            row.failed_at, row.failures, row.error = at, row.failures + 1, error[:300]
            if row.failures >= MOST:
                row.closed_until = at + REST
        row.store("ok_at", "failed_at", "failures", "error", "closed_until")
