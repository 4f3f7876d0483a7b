"""Verbs on people and teams: who works here, what they wear, whether they are at work (R15.1, R15.4)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts import permissions
from accounts.models import Hat, Team, User
from core import clock, events, hooks
from core.errors import FieldError, Forbidden, NotFound, RuleRefused
from core.locking import lock, lock_one, verb

MOST_CAPACITY = 100_000
# What only an administrator changes: a manager looks after the rest of the own people.
ADMINS = ("login", "hats", "password")
# Of a person, told to the timeline as texts, which can be erased; the rest are codes and numbers.
TEXTS = ("login", "name", "email")
FIELDS = ("login", "name", "email", "hats", "team_id", "capacity", "language")


@verb
def save_person(
    user: User | None,
    *,
    by: User,
    login: str,
    name: str,
    hats: list[str],
    team: Team | None = None,
    email: str = "",
    capacity: int | None = None,
    language: str = "en",
    password: str = "",
) -> User:
    """Make a person, which an administrator does, or change one, which a manager may do with own people but for
    log-in, hats and password (R15.1).

    Raises Forbidden, NotFound, RuleRefused with every field that is wrong.
    """
    held = {row.pk: row for row in lock(User.objects.all(), [by.pk, *([user.pk] if user else [])])}
    # Looked at again under the lock: two administrators taking each other's hat at once leave one of them.
    by, person = held[by.pk], held.get(user.pk) if user else User()
    if person is None:
        raise NotFound
    _require_editor(by, person if user else None)
    new: dict[str, Any] = {
        "login": login.strip().lower(),
        "name": name.strip(),
        "email": email.strip(),
        "hats": hats,
    }
    new |= {"team": team, "capacity": capacity, "language": language, "password": password}
    new["typed"] = login.strip()
    errors = [*_wrong(new), *_wrong_of(person if user else None, by, new)]
    if errors:
        raise RuleRefused(errors=errors)
    before = {field: getattr(person, field) for field in FIELDS} if user else {}
    person.login, person.name, person.email = new["login"], new["name"], new["email"]
    person.hats, person.team, person.capacity, person.language = sorted(set(hats)), team, capacity, language
    if password:
        person.set_password(password)
    try:
        with transaction.atomic():
            person.save()
    except IntegrityError:
        raise RuleRefused(errors=[_taken(login)]) from None
    if before and before["team_id"] != person.team_id:
        hooks.moved(person)
    _changed(person, by, before, {field: getattr(person, field) for field in FIELDS}, bool(user and password))
    return person


def _require_editor(by: User, person: User | None) -> None:
    if not by.is_active:
        # Let go in this very moment: two administrators must not take each other away.
        raise Forbidden()
    if person is None and not permissions.may_manage_people(by):
        raise Forbidden(detail=_("Only an administrator adds people."))
    if person is not None and not permissions.may_edit_person(by, person):
        raise Forbidden(detail=_("Only an administrator or a manager above changes this person."))


def _wrong(new: dict[str, Any]) -> list[FieldError]:
    """What cannot be, whoever it is."""
    errors = []
    message: Any
    login, name, capacity = new["login"], new["name"], new["capacity"]
    try:
        User._meta.get_field("login").clean(login, None)  # type: ignore[arg-type]
    except ValidationError:
        message = _("A login has 1 to 40 small letters, digits, dots, dashes and underscores.")
        errors.append(FieldError("login", "invalid", message))
    if not name or len(name) > 80 or "\x00" in name:
        errors.append(
            FieldError("name", "required" if not name else "invalid", _("A name of 1 to 80 letters."))
        )
    unknown = [hat for hat in new["hats"] if hat not in Hat.values]
    if unknown:
        message = _("There is no role “%(value)s”.") % {"value": str(unknown[0])[:40]}
        errors.append(FieldError("hats", "unknown", message))
    try:
        if new["email"]:
            validate_email(new["email"])
    except ValidationError:
        message = _("“%(value)s” is not an e-mail address.") % {"value": new["email"][:60]}
        errors.append(FieldError("email", "invalid", message))
    if capacity is not None and (type(capacity) is not int or not 0 <= capacity <= MOST_CAPACITY):
        message = _("A capacity is a whole number from 0 to %(most)s.") % {"most": MOST_CAPACITY}
        errors.append(FieldError("capacity", "out_of_range", message))
    if new["language"] not in dict(settings.LANGUAGES):
        errors.append(FieldError("language", "unknown", _("This language does not exist here.")))
    return errors


def _wrong_of(person: User | None, by: User, new: dict[str, Any]) -> list[FieldError]:
    """What cannot be for this person, or not by this one."""
    errors = []
    message: Any
    rows = User.objects.exclude(pk=person.pk) if person else User.objects.all()
    if rows.filter(login=new["login"]).exists():
        errors.append(_taken(new["typed"]))
    if person is None:
        if not new["password"]:
            errors.append(FieldError("password", "required", _("A new person needs a password.")))
        return errors
    if not person.is_active:
        message = _("%(name)s has left already.") % {"name": person.name}
        errors.append(FieldError("name", "left", message))
    if permissions.may_manage_people(by):
        if person.pk == by.pk and Hat.ADMIN not in new["hats"]:
            message = _("You cannot take the administrator's hat off yourself.")
            errors.append(FieldError("hats", "last_admin", message))
        return errors
    was = {"login": person.login, "hats": sorted(person.hats), "password": ""}
    for field in ADMINS:
        value = sorted(set(new[field])) if field == "hats" else new[field]
        if value != was[field]:
            errors.append(FieldError(field, "not_allowed", _("Only an administrator changes this.")))
    team = new["team"]
    if (team.pk if team else None) != person.team_id and (
        team is None or not permissions.manages(by, team.pk)
    ):
        errors.append(FieldError("team", "not_allowed", _("Only to a team of your own.")))
    return errors


def _taken(login: str) -> FieldError:
    return FieldError("login", "taken", _("“%(login)s” is already somebody's login.") % {"login": login})


def _changed(
    person: User, by: User, before: dict[str, Any], after: dict[str, Any], password: bool = False
) -> None:
    """One event with what changed from what to what; none if nothing did."""
    changed = {f: (before.get(f), after[f]) for f in after if not before or before.get(f) != after[f]}
    if before and not changed and not password:
        return
    data: dict[str, Any] = {
        f: [_code(old), _code(new)] for f, (old, new) in changed.items() if f not in TEXTS
    }
    texts = {f: (old or "", new or "") for f, (old, new) in changed.items() if f in TEXTS}
    if password:
        data["password"] = True
    name = "person_changed" if before else "person_made"
    events.record(events.Fact(name, person, clock.now(), by, data=data, texts=texts))


def _code(value: Any) -> Any:
    if value is None or isinstance(value, list):
        return value
    return value.isoformat() if isinstance(value, datetime) else str(value)


@verb
def set_duty(user: User, on_duty: bool, *, by: User) -> User:
    """Go on duty or off; off duty no hand-over comes (R3.1). Raises Forbidden."""
    person = lock_one(User.objects.all(), user.pk)
    if not permissions.may_set_duty(by, person):
        raise Forbidden()
    if person.on_duty != on_duty:
        person.on_duty = on_duty
        person.save(update_fields=["on_duty"])
        _changed(person, by, {"on_duty": not on_duty}, {"on_duty": on_duty})
    return person


@verb
def set_away(user: User, until: datetime | None, *, by: User) -> User:
    """Be away until then; until then no hand-over comes (R3.1). Raises Forbidden, RuleRefused."""
    person = lock_one(User.objects.all(), user.pk)
    if not permissions.may_set_duty(by, person):
        raise Forbidden()
    if until is not None and until <= clock.now():
        raise RuleRefused(errors=[FieldError("away_until", "past", _("That moment is past."))])
    if person.away_until != until:
        before, person.away_until = person.away_until, until
        person.save(update_fields=["away_until"])
        _changed(person, by, {"away_until": before}, {"away_until": until})
    return person
