"""What a click on a number opens: the telephone, or the firm's dialler (R2.2)."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import quote

from calling.rules import scheme_of
from contacts.models import Contact, ContactPoint
from core.templatetags.trunk import dial

TELEPHONE = "tel:{phone}"
_WEB = frozenset({"http", "https"})


def link(template: str, phone: str, extension: str = "") -> str:
    """The address that dials a number: by the firm's template, by the telephone if that one is none."""
    scheme = scheme_of(template)
    if not scheme or template.strip() == TELEPHONE:
        return "tel:" + dial(f"{phone} ext {extension}" if extension else phone)
    # In a web address a bare plus would be read as a space.
    safe = "" if scheme in _WEB else "+"
    return (
        template.strip()
        .replace("{phone}", quote(phone, safe=safe))
        .replace("{extension}", quote(extension, safe=""))
    )


def is_web(template: str) -> bool:
    """Whether the dialler is a web page: it opens beside the desk."""
    return scheme_of(template) in _WEB


def may_be_phoned(contact: Contact, at: datetime, *, promised: bool = False) -> bool:
    """Whether this person may be called now: not who asked never to be, nor who refused a while ago, unless a call
    was promised since (R2.3, R11.2)."""
    if contact.do_not_call:
        return False
    return promised or contact.no_phone_until is None or contact.no_phone_until <= at


def numbers(contact: Contact) -> list[ContactPoint]:
    """A contact's phones, the one to dial first, dead ones last."""
    phones = [point for point in contact.points.all() if point.kind == "phone"]
    return sorted(phones, key=lambda p: (p.dead_at is not None, not p.first_choice, str(p.pk)))
