"""What a person allows: the one verb that changes it, and what follows for what waits to be sent (R11.2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from contacts import permissions
from contacts.models import Contact
from core import clock, events
from core.errors import FieldError, Forbidden, NotFound, RuleRefused
from core.locking import lock_one, verb
from outreach.models import Consent, Message
from outreach.rules import ChannelKind
from outreach.services.settling import recall

FLAGS = {"call": "do_not_call", "sms": "do_not_sms", "email": "do_not_email"}
WITHDRAWN = {
    "call": (ChannelKind.PHONE, ChannelKind.CALL),
    "sms": (ChannelKind.SMS,),
    "email": (ChannelKind.EMAIL,),
    "all": tuple(ChannelKind),
}
# What a channel stands for where somebody says "no more of these".
WHAT_OF = {
    ChannelKind.EMAIL: "email",
    ChannelKind.SMS: "sms",
    ChannelKind.PHONE: "call",
    ChannelKind.CALL: "call",
}


@verb
def set_consent(
    contact: Contact | Any,
    what: str,
    *,
    given: bool,
    way: str,
    by: User | None = None,
    text: str = "",
    message: Message | None = None,
) -> bool:
    """Write down that a person allows or forbids something (`call`, `sms`, `email`, `all`); answers whether that was new.

    Forbidding withdraws what waits for them on that channel. Without `by` it was the person; a form that anybody can
    fill in keeps the words that were agreed to, and never lifts what the person forbade. Raises Forbidden, NotFound,
    RuleRefused (allowing again needs who said so, and when).
    """
    if what not in WITHDRAWN:
        raise RuleRefused(errors=[FieldError("what", "invalid_choice", _("Choose one of these."))])
    try:
        row = lock_one(Contact.objects.all(), getattr(contact, "pk", contact))
    except Contact.DoesNotExist:
        raise NotFound() from None
    if row.merged_into_id:
        row = lock_one(Contact.objects.all(), row.merged_into_id)
    if row.erased_at is not None:
        raise NotFound()
    if by is not None and way != Consent.Way.CALL and not may_set(by, row):
        raise Forbidden()
    if given and by is not None and way == Consent.Way.PERSON and not text.strip():
        message_ = _("Write down when and how they said so.")
        raise RuleRefused(errors=[FieldError("text", "required", message_)])
    return set_locked(row, what, given=given, way=way, by=by, text=text, message=message)


def may_set(user: User, contact: Contact) -> bool:
    """Whoever keeps a person's details right keeps their wishes, too; marketing and administrators everybody's."""
    return permissions.may_edit(user, contact)


def set_locked(
    row: Contact,
    what: str,
    *,
    given: bool,
    way: str,
    by: User | None = None,
    text: str = "",
    message: Message | None = None,
    at: datetime | None = None,
) -> bool:
    """`set_consent` of a contact that the caller has locked and checked."""
    at = at or clock.now()
    flags = list(FLAGS.values()) if what == Consent.What.ALL else [FLAGS[what]]
    lifts = given and way != Consent.Way.FORM
    changed = [flag for flag in flags if getattr(row, flag) is given and (lifts or not given)]
    if not given and not changed:
        return False
    if given and not changed and _known(row, what, way, text):
        return False
    for flag in changed:
        setattr(row, flag, not given)
    if changed:
        row.store(*changed)
    Consent.objects.create(
        contact=row, at=at, what=what, given=given, way=way, text=text.strip(), message=message, by=by
    )
    if not given:
        recall(Message.objects.filter(contact=row, channel__in=WITHDRAWN[what]), flags[0])
    if changed or given:
        verb_ = "opted_in" if given else "opted_out"
        data = {"what": what, "way": way}
        events.record(
            events.Fact(
                verb_, row, at, by, contact=row, company=row.company_id, data=data, texts={"note": text}
            )
        )
    return True


def withdraw_forbidden(contact_id: Any, people: Iterable[Contact]) -> None:
    """Withdraw what waits for a person against what any of these records of theirs forbids."""
    known = list(people)
    for what, flag in FLAGS.items():
        if any(getattr(row, flag) for row in known):
            recall(Message.objects.filter(contact=contact_id, channel__in=WITHDRAWN[what]), flag)


def _known(row: Contact, what: str, way: str, text: str) -> bool:
    said = Consent.objects.filter(contact=row, what__in=[what, "all"]).order_by("-at", "-id").first()
    return said is not None and said.given and (said.way, said.text) == (way, text.strip())


def from_flags(contact: Contact, flags: Mapping[str, bool], by: User | None, at: datetime) -> None:
    """The same from the fields of a contact (do_not_call …) that somebody changed; the contact is locked."""
    way = Consent.Way.API if events.current_way()[0] == events.API else Consent.Way.PERSON
    for what, flag in FLAGS.items():
        if flag in flags and flags[flag] is not None and flags[flag] != getattr(contact, flag):
            set_locked(contact, what, given=not flags[flag], way=way, by=by, at=at)
