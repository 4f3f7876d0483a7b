"""What the tests of cadences share: people with ways to be reached, the sweep, and a sender that only lives in memory."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from django.db import transaction
from django.db.models import F

from contacts.models import Contact
from core import events, hooks, rulebook
from leads.models import Lead
from outreach.models import Message, Reaction, Touch
from outreach.services.settling import tell_timeline
from pool.cadence.reacting import take_reactions
from pool.cadence.run import run_due
from pool.models import Cadence, Entry
from tests.cast import Firm, a_phone

DAY = timedelta(days=1)
_people = count(1)


def ways(*kinds: str) -> dict[str, str]:
    """Details of somebody of their own, by these ways only (default: phone and e-mail)."""
    n = next(_people)
    known = {"phone": a_phone(), "email": f"reach{n}@example.com", "wechat": f"wx_reach_{n}"}
    return {"name": f"Han {n}"} | {kind: known[kind] for kind in kinds or ("phone", "email")}


def sweep(at: datetime) -> dict[str, int]:
    """Reactions and cadences, as the sweep of the pool runs them."""
    with events.way(events.RULE), rulebook.snapshot():
        return {"reactions": take_reactions(at), **run_due(at)}


@transaction.atomic
def leave(at: datetime, **which: Any) -> list[Message]:
    """Send what waits: every message leaves at that moment, tasks are done, and the layers above are told."""
    waiting = Message.objects.unsent().filter(kind="cadence", **which).order_by("pk")
    with transaction.atomic():  # like the sender: what somebody withdraws in this moment is left alone
        sent = list(waiting.select_for_update(no_key=True, skip_locked=True))
        ids = [message.pk for message in sent]
        Message.objects.filter(pk__in=ids).update(state="sent", sent_at=at, tries=F("tries") + 1, taken_at=at)
        Touch.objects.filter(message_id__in=ids).update(done=True, at=at)
        for message in sent:
            tell_timeline(message, at)
    hooks.message_left(sent, at)
    return sent


def react(lead: Lead, kind: str, at: datetime, message: Message | None = None) -> Reaction:
    """The person did something."""
    return Reaction.objects.create(contact_id=lead.contact_id, kind=kind, at=at, message=message)


def entry_of(lead: Lead) -> Entry:
    """The running entry."""
    return Entry.objects.get(lead=lead, state="running")


def cadence_of(segment: str) -> Cadence:
    """The running cadence of a segment."""
    return Cadence.objects.get(segment=segment, active=True)


def written(lead: Lead) -> list[tuple[str, str]]:
    """Channel and template of what was written to somebody, in order."""
    rows = Message.objects.filter(contact_id=lead.contact_id, kind="cadence").order_by("created_at", "pk")
    return list(rows.values_list("channel", "template__code"))


def rested(lead: Lead) -> Lead:
    """The lead, whose conversations with us lie so long ago that the cap does not count them any more (R11.3)."""
    Touch.objects.filter(contact_id=lead.contact_id, message=None).update(at=F("at") - 8 * DAY)
    return lead


def no_need(firm: Firm, *kinds: str) -> Lead:
    """Somebody who has no need for now: 30 days of peace."""
    return firm.call(firm.capture(**ways(*kinds)), "no_need")[1]


def contact_of(lead: Lead, **values: Any) -> Contact:
    """The person, changed if anything is named."""
    Contact.objects.filter(pk=lead.contact_id).update(**values)
    return Contact.objects.get(pk=lead.contact_id)
