"""Who may do what with a message: the button and the verb ask the same predicate."""

from __future__ import annotations

from accounts.models import Hat, User
from contacts.models import Contact
from outreach.models import Message


def may_handle(user: User, message: Message) -> bool:
    """Send again, withdraw: marketing and administrators everything, others what they wrote themselves."""
    return user.wears(Hat.MARKETER, Hat.ADMIN) or message.by_id == user.pk


def may_do(user: User, message: Message) -> bool:
    """Do a task: whom it was given to; what nobody was given, whoever talks to people and sees this one."""
    if message.assigned_to_id is not None:
        return message.assigned_to_id == user.pk or user.wears(Hat.ADMIN)
    if user.wears(Hat.MARKETER, Hat.ADMIN):
        return True
    if not user.wears(Hat.TELEMARKETER, Hat.REP, Hat.MANAGER):
        return False
    return Contact.objects.visible_to(user).filter(pk=message.contact_id).exists()
