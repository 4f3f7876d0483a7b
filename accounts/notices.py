"""Verbs on one's own notices."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection

from accounts.models import Notice, User
from core import clock
from core.errors import NotFound
from core.locking import lock_one, verb

# One statement that waits for nobody: a page is not held up by whoever marks the same notice.
_READ_ABOUT = """
UPDATE accounts_notice SET read_at = %s WHERE id IN (
    SELECT id FROM accounts_notice
    WHERE user_id = %s AND subject_type = %s AND subject_id = %s AND read_at IS NULL
    FOR NO KEY UPDATE SKIP LOCKED)
"""


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


def read_about(user: User | Any, subject_type: str, subject_id: Any, *, at: datetime) -> int:
    """Who opens a record, or acts on it, has read what was said of it; answers how many notices that were."""
    with connection.cursor() as cursor:
        cursor.execute(_READ_ABOUT, [at, str(getattr(user, "pk", user)), subject_type, str(subject_id)])
        return cursor.rowcount


def over(kinds: Iterable[str], subject: Any, /, *, at: datetime) -> int:
    """What these notices of a record asked for is done or gone: nobody needs to be told any more. One statement in the
    caller's transaction."""
    about = {"subject_type": subject._meta.model_name, "subject_id": subject.pk}
    return Notice.objects.filter(kind__in=list(kinds), **about).unread().update(read_at=at)
