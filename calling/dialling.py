"""The numbers of a contact as the desk offers them (R2.2)."""

from __future__ import annotations

from contacts.models import Contact, ContactPoint
from contacts.rules import may_be_phoned
from core.dialling import is_web, link

__all__ = ["is_web", "link", "may_be_phoned", "numbers"]


def numbers(contact: Contact) -> list[ContactPoint]:
    """A contact's phones, the one to dial first, dead ones last."""
    phones = [point for point in contact.points.all() if point.kind == "phone"]
    return sorted(phones, key=lambda p: (p.dead_at is not None, not p.first_choice, str(p.pk)))
