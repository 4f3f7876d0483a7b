"""Verbs on templates: what is written to people again and again, in each language (R11.1, R11.2)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core import clock, events, rulebook
from core.errors import FieldError, RuleRefused
from core.locking import lock_one, lock_words, verb
from outreach.models import Template, TemplateText
from outreach.permissions import require_editor
from outreach.rendering import VARIABLES, unknown_in
from outreach.rules import ChannelKind

SPACE = 92
NAME_MOST, TEXT_MOST, SUBJECT_MOST, CODE_MOST, PARAMS_MOST = 80, 10_000, 200, 80, 20
LANGUAGES = tuple(code for code, _name in settings.LANGUAGES)
_CODE = re.compile(r"[A-Za-z0-9_.:-]+")


@dataclass(frozen=True)
class Wording:
    """A template in one language. `provider_code` and `provider_params` name a text that an SMS provider approved."""

    text: str = ""
    subject: str = ""
    provider_code: str = ""
    provider_params: list[str] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        """Whether nothing at all was written."""
        return not (self.text.strip() or self.subject.strip() or self.provider_code.strip())


@verb
def save_template(
    template: Template | None,
    *,
    by: User,
    name: str | None = None,
    channel: str | None = None,
    texts: Mapping[str, Wording] | None = None,
    active: bool | None = None,
) -> Template:
    """Make or change a template; `texts` are those languages that are written anew, an empty one goes away. What was
    sent keeps its words. Raises Forbidden, RuleRefused (everything that is wrong)."""
    require_editor(by)
    row = lock_one(Template.objects.all(), template.pk) if template else Template(by=by)
    before = {text.language: text for text in row.texts.all()} if template else {}
    said = {code: wording for code, wording in (texts or {}).items() if wording is not None}
    was = {"name": row.name, "active": str(row.active)}
    row.name = " ".join((row.name if name is None else name).split())
    row.channel = row.channel or channel or ""
    if active is not None:
        row.active = active
    errors = _head_errors(row, channel)
    for code, wording in said.items():
        errors += _wording_errors(row.channel, code, wording)
    kept = {code for code in before if code not in said} | {c for c, w in said.items() if not w.empty}
    if not kept:
        errors.append(FieldError("texts", "required", _("Write the text in at least one language.")))
    if errors:
        raise RuleRefused(errors=errors)
    at = clock.now()
    if template:
        row.store("name", "active")
    else:
        row.created_at = at
        row.save()
    changed = _write(row, before, said)
    data = {
        name: [old, str(getattr(row, name))] for name, old in was.items() if old != str(getattr(row, name))
    }
    events.record(
        events.Fact(
            "template_changed" if template else "template_made",
            row,
            at,
            by,
            data=data if template else {"channel": row.channel},
            texts=changed,
        )
    )
    return row


def put_away(template: Template, *, by: User) -> Template:
    """Nobody chooses it any more; what uses it goes on. Raises Forbidden."""
    return save_template(template, by=by, active=False)


def hints(channel: str, texts: Mapping[str, Wording]) -> list[tuple[str, Any]]:
    """What is allowed but unwise, by language: no way out in an e-mail or an SMS (R11.2)."""
    found: list[tuple[str, Any]] = []
    for code, wording in texts.items():
        if wording.empty:
            continue
        if channel == ChannelKind.SMS and not _has_opt_out(wording.text):
            found.append((code, _("Nothing says how to opt out: add “reply STOP” or “回T退订”.")))
        if channel == ChannelKind.EMAIL and "unsubscribe" not in wording.text:
            message = _(
                "There is no {{ unsubscribe }} in the text. Mail programs show their own button anyway."
            )
            found.append((code, message))
    return found


def wordings_of(template: Template) -> dict[str, Wording]:
    """What a template says now, by language."""
    return {
        row.language: Wording(row.text, row.subject, row.provider_code, list(row.provider_params))
        for row in template.texts.all()
    }


def unknown_errors(wording: Wording) -> list[FieldError]:
    """The variables of a text that nobody knows, while it is being typed."""
    return _unknown("text", [wording.subject, wording.text])


def _has_opt_out(text: str) -> bool:
    plain = text.upper()
    long_words = [word.upper() for word in rulebook.get("opt_out_words") if len(word) > 1]
    return any(word in plain for word in long_words) or bool(re.search(r"回复?\s?[TN]", plain))


def _head_errors(row: Template, channel: str | None) -> list[FieldError]:
    errors = []
    message: Any
    if row.channel not in ChannelKind.values:
        errors.append(FieldError("channel", "required", _("By which way does it go?")))
    elif channel is not None and channel != row.channel:
        message = _("The way stays as it is: a text for another way is another template.")
        errors.append(FieldError("channel", "fixed", message))
    if not row.name:
        errors.append(FieldError("name", "required", _("A template needs a name.")))
    elif len(row.name) > NAME_MOST:
        message = _("At most %(most)s characters.") % {"most": NAME_MOST}
        errors.append(FieldError("name", "too_long", message))
    else:
        # Two people who give one name at once do it one after the other.
        lock_words(SPACE, [f"{row.channel} {row.name}"])
        same = Template.objects.filter(channel=row.channel, name=row.name).exclude(pk=row.pk)
        if same.exists():
            message = _("There is already a template “%(name)s” for this way.") % {"name": row.name}
            errors.append(FieldError("name", "taken", message))
    return errors


def _wording_errors(channel: str, code: str, wording: Wording) -> list[FieldError]:
    if code not in LANGUAGES:
        message = _("“%(value)s” is not one of: %(choices)s.") % {
            "value": code[:20],
            "choices": ", ".join(LANGUAGES),
        }
        return [FieldError("texts", "invalid_choice", message)]
    if wording.empty:
        return []
    errors = _unknown(f"text_{code}", [wording.text]) + _unknown(f"subject_{code}", [wording.subject])
    if not wording.text.strip():
        errors.append(FieldError(f"text_{code}", "required", _("What does it say?")))
    if channel == ChannelKind.EMAIL and not wording.subject.strip():
        errors.append(FieldError(f"subject_{code}", "required", _("An e-mail needs a subject.")))
    for name, text, most in (
        ("text", wording.text, TEXT_MOST),
        ("subject", wording.subject, SUBJECT_MOST),
        ("provider_code", wording.provider_code, CODE_MOST),
    ):
        if len(text) > most:
            message = _("At most %(most)s characters.") % {"most": most}
            errors.append(FieldError(f"{name}_{code}", "too_long", message))
    return errors + _provider_errors(code, wording)


def _provider_errors(code: str, wording: Wording) -> list[FieldError]:
    message: Any
    provider = wording.provider_code.strip()
    if provider and not _CODE.fullmatch(provider):
        message = _("Letters, digits, dashes and underscores, as the provider shows it.")
        return [FieldError(f"provider_code_{code}", "invalid", message)]
    unknown = [name for name in wording.provider_params if name not in VARIABLES]
    if unknown:
        return [_no_variable(f"provider_params_{code}", unknown[0])]
    if len(wording.provider_params) > PARAMS_MOST:
        message = _("At most %(most)s values.") % {"most": PARAMS_MOST}
        return [FieldError(f"provider_params_{code}", "too_many", message)]
    if wording.provider_params and not provider:
        message = _("Values without the provider's code: what do they fill in?")
        return [FieldError(f"provider_code_{code}", "required", message)]
    return []


def _unknown(name: str, texts: Iterable[str]) -> list[FieldError]:
    return [_no_variable(name, word) for text in texts for word in unknown_in(text)]


def _no_variable(name: str, word: str) -> FieldError:
    known = ", ".join(VARIABLES)
    message = _("“%(value)s” is nothing that can be filled in. There is: %(known)s.")
    return FieldError(name, "unknown_variable", message % {"value": word[:40], "known": known})


def _write(
    row: Template, before: dict[str, TemplateText], said: Mapping[str, Wording]
) -> dict[str, tuple[str, str]]:
    """Store the languages that were written; answers what changed, for the history."""
    changed: dict[str, tuple[str, str]] = {}
    for code, wording in said.items():
        old = before.get(code)
        if wording.empty:
            if old is not None:
                changed[f"text_{code}"] = (old.text, "")
                old.delete()
            continue
        new = old or TemplateText(template=row, language=code)
        words = (old.subject, old.text) if old else ("", "")
        new.subject, new.text = " ".join(wording.subject.split()), wording.text.strip()
        new.provider_code = wording.provider_code.strip()
        new.provider_params = list(wording.provider_params)
        new.save()
        for name, was, now in (
            ("subject", words[0], new.subject),
            ("text", words[1], new.text),
        ):
            if was != now:
                changed[f"{name}_{code}"] = (was, now)
    return changed
