"""What outreach adds to the apps below and above, through core.hooks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from core import hooks


def _merged(stays: Any, goes: Any, by: Any) -> None:
    """What a person was sent, did and allowed goes along; what one of both had forbidden is withdrawn of both (R11.2)."""
    from contacts.models import Contact
    from outreach.models import Consent, Message, Reaction, Touch
    from outreach.services.consent import withdraw_forbidden
    from outreach.services.mailings import merged

    kept, gone = stays.contact_id, goes.contact_id
    for rows in (Message, Touch, Reaction, Consent):
        rows.objects.filter(contact=gone).update(contact=kept)
    merged(stays, goes, by)
    withdraw_forbidden(kept, Contact.objects.filter(pk__in=[kept, gone]))


def _erased(contact_ids: list[Any]) -> None:
    """What was written to a person, and what they wrote, is emptied; that something was sent, and when, stays."""
    from outreach.models import Consent, Message, MessageFile, Reaction
    from outreach.services.settling import recall

    theirs = Message.objects.filter(contact__in=contact_ids)
    recall(theirs, "erased")
    MessageFile.objects.filter(message__in=theirs).delete()
    theirs.update(to="", subject="", text="", params={}, reply_to="", error="", links=[], provider_id="")
    Reaction.objects.filter(contact__in=contact_ids).update(text="", data={})
    Consent.objects.filter(contact__in=contact_ids).update(text="")


def _consent(contact: Any, flags: dict[str, bool], by: Any, at: datetime) -> None:
    from outreach.services.consent import from_flags

    from_flags(contact, flags, by, at)


def _over(message: Any) -> str:
    from outreach.services.mailings import over

    return over(message)


def connect() -> None:
    """Fill the points."""
    hooks.merged.register(_merged)
    hooks.erased.register(_erased)
    hooks.consent.register(_consent)
    hooks.message_over.register(_over)
