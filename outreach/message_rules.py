"""Who may do what with a message: the button and the verb ask the same predicate."""

from __future__ import annotations

from functools import reduce
from operator import or_

from django.db.models import Q

from accounts.models import Hat, User
from contacts.models import Contact
from core import hooks
from outreach.models import Message


def may_handle(user: User, message: Message) -> bool:
    """Send again, withdraw: marketing and administrators everything, others what they wrote themselves."""
    return user.wears(Hat.MARKETER, Hat.ADMIN) or message.by_id == user.pk


def tasks_for(user: User) -> Q:
    """Which tasks are this person's: those given to them; of what nobody was given all for marketing, and those of people
    they talk to and see unmasked for the others: a task is no way around the claim (R10.4)."""
    if user.wears(Hat.ADMIN):
        return Q()
    if user.wears(Hat.MARKETER):
        return Q(assigned_to=user) | Q(assigned_to=None)
    if not user.wears(Hat.TELEMARKETER, Hat.REP, Hat.MANAGER):
        return Q(assigned_to=user)
    people = Contact.objects.visible_to(user).exclude(reduce(or_, hooks.masked_rows(), Q(pk__in=[])))
    return Q(assigned_to=user) | Q(assigned_to=None, contact__in=people.values("pk"))


def may_do(user: User, message: Message) -> bool:
    """Do a task: whose it is."""
    return Message.objects.filter(tasks_for(user), pk=message.pk).exists()
