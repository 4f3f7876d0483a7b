"""Verbs on people: notices here; persons, teams, keys and log-ins in their own rooms, all called from here."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from accounts.access import digest_of, end_session, issue_key, make_key, revoke_key
from accounts.models import Notice, User
from accounts.persons import save_person, set_away, set_duty
from accounts.teams import drop_team, save_team
from core import clock
from core.locking import verb

__all__ = [
    "digest_of",
    "drop_team",
    "end_session",
    "issue_key",
    "make_key",
    "notify",
    "read_notices",
    "revoke_key",
    "save_person",
    "save_team",
    "set_away",
    "set_duty",
]


def notify(users: Iterable[User | Any], kind: str, subject: Any, /, *, at: datetime, **data: Any) -> None:
    """Tell people something about a record; with `once=…` the same notice is written only once (R6.3)."""
    subject_type, subject_id = (
        subject if isinstance(subject, tuple) else (subject._meta.model_name, subject.pk)
    )
    rows = [
        Notice(
            user_id=getattr(user, "pk", user),
            kind=kind,
            subject_type=subject_type,
            subject_id=subject_id,
            data=data,
            at=at,
        )
        for user in users
    ]
    Notice.objects.bulk_create(rows, ignore_conflicts=True)


@verb
def read_notices(user: User, ids: Iterable[Any] | None = None) -> int:
    """Mark a person's notices as read, all or these; answers how many."""
    rows = Notice.objects.visible_to(user).unread()
    if ids is not None:
        rows = rows.filter(pk__in=list(ids))
    return rows.update(read_at=clock.now())
