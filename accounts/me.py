"""Verbs on one's own settings: where mail goes, what comes by mail, language, look, password."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core import clock, events
from core.errors import FieldError, RuleRefused
from core.locking import lock_one, verb
from core.web.notices import WORDS, hidden_kinds

THEMES = ("auto", "light", "dark")


def kinds_for(user: User) -> list[str]:
    """The kinds of notices that somebody with these hats gets, without those of a branch that is off (R0.1)."""
    hidden = hidden_kinds()
    mine = [kind for kind, words in WORDS.items() if not words.hats or user.wears(*words.hats)]
    return [kind for kind in mine if kind not in hidden]


@verb
def save_settings(
    user: User, *, email: str, language: str, theme: str, mail_kinds: Collection[str], by: User
) -> User:
    """A person changes the own settings (R3.2: what comes by e-mail). Raises RuleRefused."""
    held = lock_one(User.objects.all(), user.pk)
    own = kinds_for(held)
    errors = []
    if by.pk != held.pk:
        errors.append(FieldError("", "not_allowed", _("Everybody sets this for themselves.")))
    try:
        if email:
            validate_email(email)
    except ValidationError:
        message = _("“%(value)s” is not an e-mail address.") % {"value": email[:60]}
        errors.append(FieldError("email", "invalid", message))
    if language not in dict(settings.LANGUAGES):
        errors.append(FieldError("language", "unknown", _("This language does not exist here.")))
    if theme not in THEMES:
        errors.append(FieldError("theme", "unknown", _("This look does not exist here.")))
    if not set(mail_kinds) <= set(own):
        errors.append(FieldError("mail_kinds", "unknown", _("You do not get such notices.")))
    if errors:
        raise RuleRefused(errors=errors)
    before = {"language": held.language, "email": held.email}
    # What another hat or a branch that is off would bring stays as it was chosen.
    kept = [kind for kind in held.mail_kinds if kind not in own]
    held.email, held.language, held.theme = email, language, theme
    held.mail_kinds = sorted({*mail_kinds, *kept})
    held.save(update_fields=["email", "language", "theme", "mail_kinds"])
    _record(held, by, before)
    return held


@verb
def change_password(user: User, *, old: str, new: str, by: User) -> User:
    """A new password, by who knows the old one; other sessions end with it (R15.4). Raises RuleRefused."""
    held = lock_one(User.objects.all(), user.pk)
    if by.pk != held.pk or not held.check_password(old):
        raise RuleRefused(errors=[FieldError("old", "wrong", _("This is not your password."))])
    try:
        password_validation.validate_password(new, held)
    except ValidationError as refused:
        raise RuleRefused(errors=[FieldError("new", "weak", " ".join(refused.messages))]) from None
    held.set_password(new)
    held.save(update_fields=["password"])
    events.record(events.Fact("person_changed", held, clock.now(), by, data={"password": True}))
    return held


def _record(person: User, by: User, before: dict[str, Any]) -> None:
    """One event with what changed; the address itself as a text, which can be erased."""
    data: dict[str, Any] = {}
    texts: dict[str, Any] = {}
    if before["language"] != person.language:
        data["language"] = [before["language"], person.language]
    if before["email"] != person.email:
        texts["email"] = (before["email"], person.email)
    if data or texts:
        events.record(events.Fact("person_changed", person, clock.now(), by, data=data, texts=texts))
