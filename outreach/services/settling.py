"""What becomes of a message that a worker had: sent, failed, later, or nobody knows (R11.4)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from contacts.models import Contact, ContactPoint
from contacts.services import mark_dead
from core import clock, events
from core.locking import lock, verb
from outreach.models import Channel, Message, Touch
from outreach.rules import POINT_OF, ChannelKind

# A provider that is busy is asked again for some seven hours.
MOST_TRIES, LONGEST = 12, timedelta(hours=1)
SOON = timedelta(minutes=1)
BATCH = 200
BOUNCED = "bounced"


@verb
def sent(row: Message, provider_id: str, channel: Channel | None) -> bool:
    """The provider took it; answers whether that is news, for a report may be faster than the answer."""
    row.state, row.error, row.sent_at = Message.State.SENT, "", clock.now()
    row.provider_id = provider_id[:200]
    if channel is not None and channel.price is not None:
        row.cost = channel.price * Decimal(row.parts)
    known = {"provider_id": row.provider_id, "cost": row.cost}
    news = Message.objects.filter(pk=row.pk).exclude(state=Message.State.SENT)
    if news.update(state=row.state, error="", sent_at=row.sent_at, **known):
        tell_timeline(row, row.sent_at)
        return True
    Message.objects.filter(pk=row.pk).update(**known)
    return False


def tell_timeline(row: Message, at: datetime) -> None:
    """Put onto the person's timeline that they were reached (R15.4); what they asked for has a line of its own."""
    if row.contact_id is None or row.asked_for:
        return
    data = {"channel": row.channel, "kind": row.kind, "function": row.function}
    fact = events.Fact("message_sent", row, at, row.by_id, contact=row.contact_id, data=data)
    if row.subject:
        fact.texts["text"] = row.subject
    events.record(fact)


def _is_open(row: Message) -> bool:
    """Whether nobody has settled this try yet; locks the message. A report of the provider may be faster than its answer,
    and a person may have decided about what a worker held for too long."""
    now = Message.objects.select_for_update(no_key=True).filter(pk=row.pk, taken_at=row.taken_at)
    return now.filter(state__in=[Message.State.SENDING, Message.State.UNKNOWN]).exists()


@verb
def failed(row: Message, error: str, *, dead: bool = False) -> None:
    """It did not leave and never will: nothing was done to the person. A dead address is never used again (R2.3)."""
    if dead and row.contact_id is not None:
        lock(Contact.objects.all(), [row.contact_id])
        bury(row)
    if not _is_open(row):
        return
    row.state, row.error = Message.State.FAILED, error[:300]
    row.save(update_fields=["state", "error"])
    Touch.objects.filter(message=row).delete()


def bury(row: Message) -> None:
    """The address of this message is dead; the caller holds the contact's lock."""
    kind = POINT_OF[ChannelKind(row.channel)]
    points = ContactPoint.objects.live().filter(contact_id=row.contact_id, kind=kind, value=row.to)
    at = clock.now()
    for point in points:
        mark_dead(point, BOUNCED, at=at)
        data = {"reason": BOUNCED, "channel": row.channel}
        events.record(events.Fact("address_dead", row, at, contact=row.contact_id, data=data))


@verb
def later(row: Message, error: str, *, after: float | None, down: bool) -> None:
    """It did not leave; it may later. A provider that is out of order costs the message no try."""
    if not _is_open(row):
        return
    at = clock.now()
    if down:
        row.tries -= 1
    if row.tries >= MOST_TRIES:
        if row.again:
            _unknown(row, error)
        else:
            failed(row, error)
        return
    row.held = "breaker" if down else "limit"
    row.due_at = at + (timedelta(seconds=after) if after is not None else SOON if down else _pause(row))
    _wait(row, error, left=row.again)


@verb
def perhaps(row: Message, error: str, *, again: bool) -> None:
    """It may have left. Under the same key it may be sent again where the provider honours keys, else never by itself."""
    if not _is_open(row):
        return
    if not again or row.tries >= MOST_TRIES:
        _unknown(row, error)
        return
    row.due_at = clock.now() + _pause(row)
    _wait(row, error, left=True)


def _pause(row: Message) -> timedelta:
    return min(timedelta(minutes=2**row.tries), LONGEST)


def _wait(row: Message, error: str, *, left: bool) -> None:
    """Back into the queue; `left` keeps the mark that an earlier try may have left."""
    row.state, row.error = Message.State.QUEUED, error[:300]
    if not left:
        row.taken_at = None
        Touch.objects.filter(message=row).update(done=False, at=row.due_at)
    row.save(update_fields=["state", "error", "held", "due_at", "taken_at", "tries"])


def _unknown(row: Message, error: str) -> None:
    row.state, row.error = Message.State.UNKNOWN, error[:300]
    row.save(update_fields=["state", "error", "tries"])


@verb
def give_up(kind: str, before: datetime, channel: Channel | None, *, again: bool) -> None:
    """What a worker took before that moment and never settled: the worker is gone. The same key may go out again by the
    same channel where the provider honours keys; else nobody knows."""
    gone = Message.objects.filter(channel=kind, state=Message.State.SENDING, taken_at__lt=before)
    for row in lock(Message.objects.all(), list(gone.values_list("pk", flat=True)[:BATCH]), skip_locked=True):
        if row.state != Message.State.SENDING:
            continue
        if again and row.via_id == (channel.pk if channel else None) and row.tries < MOST_TRIES:
            row.state = Message.State.QUEUED
        else:
            row.state = Message.State.UNKNOWN
        row.save(update_fields=["state"])


def take_back(rows: Iterable[Message], why: str) -> int:
    """Withdraw messages that are locked and wait, with the touches they planned; one that may have left already stays
    `unknown`. Answers how many were withdrawn."""
    known = list(rows)
    back = [row.pk for row in known if row.taken_at is None]
    left = [row.pk for row in known if row.taken_at is not None]
    Message.objects.filter(pk__in=back).update(state=Message.State.RECALLED, held=why)
    Touch.objects.filter(message__in=back).delete()
    if left:
        Message.objects.filter(pk__in=left).update(state=Message.State.UNKNOWN, held=why)
    return len(back)


@verb
def recall(messages: Any, why: str) -> int:
    """Withdraw of these messages (a query) what was not sent; answers how many (R10.5, R11.2)."""
    ids = list(messages.unsent().values_list("pk", flat=True))
    waiting = (Message.State.QUEUED, Message.State.TO_DO)
    return take_back([row for row in lock(Message.objects.all(), ids) if row.state in waiting], why)
