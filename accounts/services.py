"""Verbs on people: notices, keys, being at work."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts import permissions
from accounts.models import ApiKey, Notice, User
from core import clock, events
from core.errors import FieldError, Forbidden, RuleRefused
from core.locking import lock_one, verb


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
def set_duty(user: User, on_duty: bool, *, by: User) -> User:
    """Go on duty or off; off duty no hand-over comes (R3.1). Raises Forbidden."""
    locked = lock_one(User.objects.all(), user.pk)
    if not permissions.may_set_duty(by, locked):
        raise Forbidden()
    if locked.on_duty != on_duty:
        locked.on_duty = on_duty
        locked.save(update_fields=["on_duty"])
        _changed(locked, by, on_duty=(not on_duty, on_duty))
    return locked


@verb
def save_person(
    user: User | None,
    *,
    by: User,
    login: str,
    name: str,
    hats: list[str],
    team: Any = None,
    email: str = "",
    capacity: int | None = None,
    language: str = "en",
    password: str = "",
) -> User:
    """Make or change a person (R15.1). Raises Forbidden, RuleRefused."""
    if not permissions.may_manage_people(by):
        raise Forbidden(detail=_("Only an administrator changes people."))
    errors = []
    if User.objects.filter(login=login.lower()).exclude(pk=user.pk if user else None).exists():
        errors.append(
            FieldError("login", "taken", _("“%(login)s” is already somebody's login.") % {"login": login})
        )
    if user is None and not password:
        errors.append(FieldError("password", "required", _("A new person needs a password.")))
    if user is not None and user.pk == by.pk and "admin" not in hats:
        errors.append(
            FieldError("hats", "last_admin", _("You cannot take the administrator's hat off yourself."))
        )
    if errors:
        raise RuleRefused(errors=errors)
    person = lock_one(User.objects.all(), user.pk) if user else User()
    before = {f: getattr(person, f) for f in ("login", "name", "hats", "team_id", "capacity")} if user else {}
    person.login, person.name, person.email, person.hats = login.lower(), name, email, sorted(set(hats))
    person.team, person.capacity, person.language = team, capacity, language
    if password:
        person.set_password(password)
    person.save()
    after = {f: getattr(person, f) for f in ("login", "name", "hats", "team_id", "capacity")}
    changed = {f: (before.get(f), after[f]) for f in after if before.get(f) != after[f]}
    _changed(person, by, **changed)
    return person


def _changed(user: User, by: User, **fields: Any) -> None:
    data = {
        name: [str(old) if old is not None else None, str(new) if new is not None else None]
        for name, (old, new) in fields.items()
    }
    events.record(events.Fact("person_changed", user, clock.now(), by, data=data))


@verb
def set_away(user: User, until: datetime | None, *, by: User) -> User:
    """Be away until then; until then no hand-over comes (R3.1). Raises Forbidden, RuleRefused."""
    locked = lock_one(User.objects.all(), user.pk)
    if not permissions.may_set_duty(by, locked):
        raise Forbidden()
    if until is not None and until <= clock.now():
        raise RuleRefused(errors=[FieldError("away_until", "past", _("That moment is past."))])
    if locked.away_until != until:
        before, locked.away_until = locked.away_until, until
        locked.save(update_fields=["away_until"])
        _changed(locked, by, away_until=(before, until))
    return locked


def read_notices(user: User, ids: Iterable[Any] | None = None) -> int:
    """Mark a person's notices as read, all or these; answers how many."""
    rows = Notice.objects.visible_to(user).unread()
    if ids is not None:
        rows = rows.filter(pk__in=list(ids))
    return rows.update(read_at=clock.now())
