"""How a message will read for one person: filled in, how long it is, what stands in where nothing is known (ui.md)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from accounts.models import User
from contacts.models import Contact
from contacts.search import matching
from core import hooks, rulebook
from outreach import gate
from outreach.models import TemplateText
from outreach.rendering import VARIABLE, VARIABLES, Rendered, language_of, render, values_of
from outreach.rules import POINT_OF, WHY_HELD, ChannelKind
from outreach.services.templates import LANGUAGES, Wording, hints
from outreach.sms import Length, length_of

# Nobody has the number 0; its links get the length that those of a real message have, and lead nowhere.
NUMBER, DIGITS = 0, 5
_OWN = re.compile(r"(?<=/[lcu]/)[0-9A-Za-z]+")
SHOWN = 8


@dataclass
class Preview:
    """One message as it would be; `missing` tells what is not known of the person and what stands there instead, `held`
    why this person would not get it now."""

    channel: str
    language: str
    rendered: Rendered
    contact: Contact | None
    missing: list[tuple[Any, str]] = field(default_factory=list)
    hints: list[Any] = field(default_factory=list)
    held: Any = ""
    until: datetime | None = None

    @property
    def length(self) -> Length | None:
        """How long it is as an SMS; None for other ways."""
        return length_of(self.rendered.text) if self.channel == ChannelKind.SMS else None


def preview(
    channel: str, language: str, wording: Wording, contact: Contact | None, *, at: datetime
) -> Preview:
    """What this wording becomes for this person (None: for somebody of whom nothing is known)."""
    values = values_of(contact) if contact else {"firm": rulebook.get("firm_name")}
    text = TemplateText(
        language=language,
        subject=wording.subject,
        text=wording.text,
        provider_code=wording.provider_code,
        provider_params=wording.provider_params,
    )
    rendered = render(text, values, NUMBER)
    rendered.text, rendered.subject = lengthened(rendered.text), lengthened(rendered.subject)
    made = Preview(channel, language, rendered, contact)
    made.missing = _missing([wording.subject, wording.text], values)
    made.hints = [message for _code, message in hints(channel, {language: wording})]
    if contact is not None:
        verdict = gate.judge(gate.facts_of([contact], at)[contact.pk], channel, at, gate.Limits.now())
        made.held, made.until = WHY_HELD.get(verdict.why, verdict.why), verdict.until
    return made


def language_for(texts: Mapping[str, Wording], contact: Contact | None, asked: str = "") -> str:
    """In which language this person would get it: their own if it is written, else one that is."""
    written = [code for code in LANGUAGES if code in texts and not texts[code].empty]
    for code in (asked, language_of(contact) if contact else "", *written):
        if code in LANGUAGES and (code in written or (code == asked and not written)):
            return code
    return asked if asked in LANGUAGES else LANGUAGES[0]


def contacts_for(user: User, text: str = "", channel: str = "") -> QuerySet[Contact]:
    """The people on whom this user may try a template: those found, else the latest; first those who could get it."""
    rows = Contact.objects.visible_to(user).filter(erased_at__isnull=True).select_related("company")
    if text.strip():
        masked = hooks.masked_rows()
        hidden = masked[0]
        for more in masked[1:]:
            hidden |= more
        rows = rows.filter(matching(text, "", hidden))
    kind = POINT_OF.get(ChannelKind(channel), "") if channel in ChannelKind.values else ""
    if kind and not text.strip():
        rows = rows.filter(points__kind=kind, points__dead_at__isnull=True, points__first_choice=True)
    return rows.order_by("-created_at", "-pk")


def lengthened(text: str) -> str:
    """A text whose links are as long as those of a message that is sent."""
    return _OWN.sub(lambda found: found.group().rjust(DIGITS + 8, "0"), text)


def _missing(texts: list[str], values: Mapping[str, str]) -> list[tuple[Any, str]]:
    found: dict[str, str] = {}
    for text in texts:
        for match in VARIABLE.finditer(text):
            name, instead = match.group(1), (match.group(2) or "").strip()
            if name in VARIABLES and name not in ("call_me", "unsubscribe") and not values.get(name):
                found[name] = instead or found.get(name, "")
    return [(VARIABLES[name], instead) for name, instead in found.items()]
