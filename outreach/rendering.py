"""From a template to what one person reads: variables filled in, links made ours."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import DisallowedRedirect
from django.db import connection
from django.http import HttpResponseRedirect
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact
from core import rulebook
from outreach import links
from outreach.models import Template, TemplateText

VARIABLES = {
    "name": _("the person's name"),
    "company": _("the person's company"),
    "title": _("the person's job title"),
    "firm": _("our firm's name"),
    "call_me": _("a link by which they ask for a call"),
    "unsubscribe": _("a link by which they unsubscribe"),
}
# `{{ name }}` or `{{ name | there }}`: after the bar what stands where nothing is known.
VARIABLE = re.compile(r"\{\{\s*([a-z_]+)\s*(?:\|([^{}]*))?\}\}")
# Sentence marks behind an address, Western and Chinese, do not belong to it.
ADDRESS = re.compile(r"https?://[^\s<>\"'，。；！？、）】》]+", re.IGNORECASE)
TRAILING = ".,;:!?)]}"
CHINESE = "zh-hans"


@dataclass
class Rendered:
    """What one person reads; `links` are the targets of its tracked addresses, in their order."""

    subject: str
    text: str
    links: list[str] = field(default_factory=list)
    params: dict[str, Any] = field(default_factory=dict)
    language: str = ""


def numbers(many: int) -> list[int]:
    """So many message numbers that nobody else has."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('outreach_message_number') FROM generate_series(1, %s)", [many])
        return [number for (number,) in cursor.fetchall()]


def values_of(contact: Contact) -> dict[str, str]:
    """What a template may say of a person."""
    company = contact.company_name or (contact.company.name if contact.company_id and contact.company else "")
    return {
        "name": contact.name,
        "company": company,
        "title": contact.title,
        "firm": rulebook.get("firm_name"),
    }


def text_for(template: Template, language: str) -> TemplateText | None:
    """The template in that language, else in any it has."""
    texts = {text.language: text for text in template.texts.all()}
    return texts.get(language) or next(iter(texts.values()), None)


def language_of(contact: Contact, default: str = CHINESE) -> str:
    """The language in which a person is written to."""
    return contact.language if contact.language in ("en", CHINESE) else default


def render(text: TemplateText, values: Mapping[str, str], number: int) -> Rendered:
    """Fill in a template for one person; every address in it becomes ours, tracked under the message's `number`."""
    targets: list[str] = []

    def tracked(found: re.Match[str]) -> str:
        target = found.group().rstrip(TRAILING)
        rest = found.group()[len(target) :]
        if len(targets) >= links.MOST_LINKS or not leads_somewhere(target):
            return found.group()
        if target not in targets:
            targets.append(target)
        return links.address("l", number, targets.index(target)) + rest

    # First the addresses that the author wrote, then the person's values: a value is never a link of ours.
    body = ADDRESS.sub(tracked, text.text)
    own = {
        **values,
        "call_me": links.address("c", number, links.CALL_ME),
        "unsubscribe": links.address("u", number, links.UNSUBSCRIBE),
    }
    params = {}
    if text.provider_code:
        filled = [(name, _value(name, own)) for name in text.provider_params]
        params = {
            "code": text.provider_code,
            "names": [n for n, _v in filled],
            "values": [v for _n, v in filled],
        }
    return Rendered(
        " ".join(filled_in(text.subject, own).split()), filled_in(body, own), targets, params, text.language
    )


def leads_somewhere(address: str) -> bool:
    """Whether a browser can be sent on to this address: it is one, and not too long."""
    try:
        HttpResponseRedirect(address)
    except (ValueError, DisallowedRedirect):
        return False
    return True


def filled_in(text: str, values: Mapping[str, str]) -> str:
    """The text with its variables filled in; an unknown one stays as it stands, so that the author sees it."""
    return VARIABLE.sub(lambda found: _of(found, values), text)


def at_a_glance(text: str) -> str:
    """The text as a list shows it: with the firm's name, for other variables their default or an ellipsis."""
    known = {"firm": rulebook.get("firm_name")}
    return VARIABLE.sub(
        lambda found: known.get(found.group(1)) or (found.group(2) or "").strip() or "…", text
    )


def unknown_in(text: str) -> list[str]:
    """The variables in a text that nobody knows."""
    return sorted({name for name, _default in VARIABLE.findall(text) if name not in VARIABLES})


def _of(found: re.Match[str], values: Mapping[str, str]) -> str:
    name, default = found.group(1), (found.group(2) or "").strip()
    return found.group() if name not in VARIABLES else values.get(name) or default


def _value(name: str, values: Mapping[str, str]) -> str:
    return values.get(name, "")


def addresses_in(texts: Iterable[str]) -> list[str]:
    """Every address that texts lead to."""
    return [found.rstrip(TRAILING) for text in texts for found in ADDRESS.findall(text)]
