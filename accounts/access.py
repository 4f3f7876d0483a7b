"""Verbs on how people and their programs get in: keys, log-ins, and the end of both (R15.3, Q22)."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts import permissions
from accounts.models import ApiKey, Hat, Notice, SavedView, Session, User
from core import clock, events
from core.errors import FieldError, Forbidden, NotFound, RuleRefused
from core.locking import lock_one, verb

MOST_KEYS = 20
MOST_DAYS = 730


def make_key(
    user: User, *, scope: str = ApiKey.Scope.READ, name: str = "", expires_at: datetime | None = None
) -> str:
    """A new API key for a user; the answer is the only time it can be read."""
    secret = f"trunk_{secrets.token_urlsafe(32)}"
    ApiKey.objects.create(
        user=user, name=name, scope=scope, expires_at=expires_at, prefix=secret[:12], digest=digest_of(secret)
    )
    return secret


def digest_of(secret: str) -> str:
    """What is stored of a key: it is long and random, so a plain digest is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()


@verb
def issue_key(user: User, *, by: User, name: str, scope: str, days: int) -> str:
    """A key for a person's program, until so many days from now; the answer is the only time it can be read.

    Raises Forbidden, RuleRefused with every field that is wrong.
    """
    person = lock_one(User.objects.all(), user.pk)
    if not permissions.may_hold_keys(by, person):
        raise Forbidden()
    name, errors = name.strip(), []
    message: Any
    if not name or len(name) > 80 or "\x00" in name:
        message = _("Say what the key is for, in at most 80 letters.")
        errors.append(FieldError("key_name", "required" if not name else "invalid", message))
    if scope not in ApiKey.Scope.values:
        errors.append(FieldError("scope", "unknown", _("There is no such scope.")))
    elif scope == ApiKey.Scope.ADMIN and not person.wears(Hat.ADMIN):
        errors.append(FieldError("scope", "not_allowed", _("Only an administrator's key administers.")))
    if type(days) is not int or not 1 <= days <= MOST_DAYS:
        message = _("A key lasts 1 to %(most)s days.") % {"most": MOST_DAYS}
        errors.append(FieldError("days", "out_of_range", message))
    if not person.is_active:
        message = _("%(name)s has left already.") % {"name": person.name}
        errors.append(FieldError("key_name", "left", message))
    elif person.keys.filter(revoked_at__isnull=True).count() >= MOST_KEYS:
        message = _("At most %(most)s keys a person: withdraw one first.") % {"most": MOST_KEYS}
        errors.append(FieldError("key_name", "too_many", message))
    if errors:
        raise RuleRefused(errors=errors)
    until = clock.real_now() + timedelta(days=days)
    secret = make_key(person, scope=scope, name=name, expires_at=until)
    data = {"prefix": secret[:12], "scope": scope, "expires_at": until.isoformat()}
    events.record(events.Fact("key_made", person, clock.now(), by, data=data, texts={"key_name": name}))
    return secret


@verb
def revoke_key(key: ApiKey, *, by: User) -> ApiKey:
    """From now on the key opens nothing; twice is once. Raises Forbidden, NotFound."""
    row = ApiKey.objects.select_related("user").filter(pk=key.pk).first()
    if row is None:
        raise NotFound
    if not permissions.may_hold_keys(by, row.user):
        raise Forbidden()
    row = lock_one(ApiKey.objects.select_related("user"), row.pk)
    if row.revoked_at is None:
        row.revoked_at = clock.real_now()
        row.save(update_fields=["revoked_at"])
        data = {"prefix": row.prefix, "scope": row.scope}
        events.record(events.Fact("key_revoked", row.user, clock.now(), by, data=data))
    return row


@verb
def end_session(session: Session, *, by: User) -> None:
    """A log-in ends at once: its next request is at the door. Raises Forbidden, NotFound."""
    row = Session.objects.select_related("user").filter(pk=session.pk, user__isnull=False).first()
    if row is None or row.user is None:
        raise NotFound
    if not permissions.may_hold_keys(by, row.user):
        raise Forbidden()
    if Session.objects.filter(pk=row.pk).delete()[0]:
        events.record(events.Fact("session_ended", row.user, clock.now(), by))


def shut_out(user: User, at: datetime) -> dict[str, Any]:
    """Who leaves has no log-in, key, view or unread notice any more; answers how many of each there were (R15.3)."""
    # Keys live in real time, as their use does.
    keys = user.keys.filter(revoked_at__isnull=True).update(revoked_at=clock.real_now())
    sessions = Session.objects.filter(user=user).delete()[0]
    # What was shared is everybody's and stays.
    SavedView.objects.filter(user=user, shared=False).delete()
    Notice.objects.visible_to(user).unread().update(read_at=at)
    return {"keys": keys, "sessions": sessions}
