"""What happened with a campaign or a template: the entries of its history (R15.4)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from accounts.models import User
from contacts.selectors import Entry, timeline
from core.models import Event

LIMIT = 20


def history_of(ids: Iterable[Any], user: User, *, texts: bool = True) -> list[Entry]:
    """The latest that happened with these records, newest first; without the old and new words if they are long."""
    entries = timeline(user=user, rows=Event.objects.filter(subject_id__in=list(ids)), limit=LIMIT)
    if not texts:
        for entry in entries:
            entry.texts = {}
    return entries
