"""What people do about what they were sent, kept as it happens; the layer above moves leads by it (R10.2)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from contacts.models import Contact
from core import clock, events
from core.locking import lock, lock_one, verb
from outreach.models import Message, Reaction

# The same again within this time is the same: a page loaded twice, a mail opened on two devices.
AGAIN = timedelta(hours=1)
MARKS = {"open": "opened_at", "click": "clicked_at", "reply": "replied_at", "delivered": "delivered_at"}
LONGEST = 20_000
# Opening alone is no news for a timeline: programs do it, too.
TOLD = ("click", "reply", "call_me")


@verb
def react(message: Message | Any, kind: str, *, at: datetime | None = None) -> Reaction | None:
    """A person opened, clicked or asked for a call; None when that is no news, or nobody's message."""
    contact_id = Message.objects.filter(pk=getattr(message, "pk", message)).values_list(
        "contact_id", flat=True
    )
    lock(Contact.objects.all(), [pk for pk in contact_id if pk])
    row = lock_one(Message.objects.all(), getattr(message, "pk", message))
    at = at or clock.now()
    mark(row, kind, at)
    if row.contact_id is None or (row.asked_for and kind == Reaction.Kind.OPEN):
        return None
    if Reaction.objects.filter(message=row, kind=kind, at__gt=at - AGAIN).exists():
        return None
    return write(row.contact_id, kind, at=at, message=row)


def mark(row: Message, kind: str, at: datetime) -> None:
    """Keep on the message when this happened first; whoever clicks has opened it. The message is locked."""
    wanted = [MARKS[kind]] if kind in MARKS else []
    if kind in ("click", "call_me") and row.channel == "email":
        wanted.append("opened_at")
    new = [name for name in wanted if getattr(row, name) is None]
    for name in new:
        setattr(row, name, at)
    if new:
        row.save(update_fields=new)


def write(
    contact_id: Any,
    kind: str,
    *,
    at: datetime,
    message: Message | None = None,
    text: str = "",
    data: dict[str, Any] | None = None,
) -> Reaction:
    """Write one down, with its line on the timeline; the caller made sure that it is news."""
    row = Reaction.objects.create(
        contact_id=contact_id,
        kind=kind,
        at=at,
        message=message,
        campaign_id=message.campaign_id if message else None,
        text=text[:LONGEST],
        data=data or {},
    )
    if kind in TOLD:
        said = {"kind": kind, "channel": message.channel if message else (data or {}).get("channel", "")}
        fact = events.Fact("reacted", message or row, at, contact=contact_id, data=said)
        if text:
            fact.texts["text"] = text[:2000]
        events.record(fact)
    return row
