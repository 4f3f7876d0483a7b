"""Verbs on one's own notices."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from accounts.models import Notice, User
from core import clock
from core.errors import NotFound
from core.locking import lock_one, verb


@verb
def read(notice: Notice, *, by: User) -> Notice:
    """A person has seen a notice; the first time counts. Raises NotFound for somebody else's."""
    held = lock_one(Notice.objects.all(), notice.pk)
    if held.user_id != by.pk:
        raise NotFound
    if held.read_at is None:
        held.read_at = clock.now()
        held.save(update_fields=["read_at"])
    return held


@verb
def unread(notice: Notice, *, by: User) -> Notice:
    """Put a notice back among the unread ones. Raises NotFound for somebody else's."""
    held = lock_one(Notice.objects.all(), notice.pk)
    if held.user_id != by.pk:
        raise NotFound
    if held.read_at is not None:
        held.read_at = None
        held.save(update_fields=["read_at"])
    return held


@verb
def read_about(user: User | Any, subject_type: str, subject_id: Any) -> int:
    """Who opens a record, or acts on it, has read what was said of it; answers how many notices that were."""
    rows = Notice.objects.filter(user=user, subject_type=subject_type, subject_id=subject_id).unread()
    return rows.update(read_at=clock.now())


@verb
def over(kinds: Iterable[str], subject: Any, /, *, at: datetime) -> int:
    """What these notices of a record asked for is done or gone: nobody needs to be told any more."""
    about = {"subject_type": subject._meta.model_name, "subject_id": subject.pk}
    return Notice.objects.filter(kind__in=list(kinds), **about).unread().update(read_at=at)
