"""Who may change what is known of people and companies."""

from __future__ import annotations

from accounts.models import Hat, User
from contacts.models import Company, Contact
from core import hooks


def may_create(user: User) -> bool:
    """Everybody who talks to customers may add a person or a company."""
    return user.wears(
        Hat.TELEMARKETER,
        Hat.REP,
        Hat.MARKETER,
        Hat.MANAGER,
        Hat.SUCCESS,
        Hat.SERVICE,
        Hat.ADMIN,
        Hat.INTEGRATION,
    )


def may_edit(user: User, contact: Contact) -> bool:
    """Whoever works on a person, and sees them unmasked, keeps the details right; others only read (R15.2)."""
    if user.wears(Hat.MARKETER, Hat.ADMIN):
        return True
    if not may_create(user) or any(contact.pk in ids for ids in hooks.masked_contacts([contact.pk])):
        return False
    if not Contact.objects.visible_to(user).filter(pk=contact.pk).exists():
        return False
    return any(contact.pk in ids for ids in hooks.contact_keepers(user, [contact.pk]))


def may_edit_company(user: User, company: Company) -> bool:
    """Whoever sees a company may keep its details right."""
    return may_create(user) and Company.objects.visible_to(user).filter(pk=company.pk).exists()
