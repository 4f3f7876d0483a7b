"""What comes back: reports of providers, answers of people. Any of it may come twice, late, out of order, or never."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog

from contacts.models import Contact, ContactPoint
from contacts.rules import NotAPoint, parse_point
from core import hooks, rulebook
from core.locking import lock, lock_one, verb
from outreach.channels.base import Inbound, Receipt
from outreach.models import Channel, Consent, Message, Reaction
from outreach.rules import POINT_OF, ChannelKind
from outreach.services import reactions, settling
from outreach.services.consent import WHAT_OF, set_consent

log = structlog.get_logger(__name__)

UUID_IN = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
# An answer that names no message is one to the last that was sent within this time.
LATELY = timedelta(days=30)
ON_THE_WAY = (Message.State.SENDING, Message.State.UNKNOWN, Message.State.QUEUED)
# What mail programs answer by themselves while somebody is away: no reaction of a person.
BY_ITSELF = re.compile(
    r"^\s*((re|回复|答复)\s*[:：]\s*)*"
    r"(out of (the )?office|automatic reply|auto[- ]?reply|auto(matic)? response|autoreply|vacation|abwesen|"
    r"undeliver|delivery status|mail delivery|自动回复|自动答复|休假|外出|不在办公室|系统退信|退信)",
    re.IGNORECASE,
)


def take_receipts(channel: Channel | None, receipts: Iterable[Receipt], at: datetime) -> int:
    """Keep what a provider reports of messages; answers how many reports were of a message of ours (R11.5)."""
    known = 0
    for receipt in receipts:
        pk = _message_of(channel, receipt)
        if pk is None:
            log.info("receipt_of_nothing", what=receipt.what)
        else:
            known += 1
            left = _take_receipt(pk, receipt, at)
            if left is not None and left.contact_id and not left.asked_for:
                hooks.message_left([left], at)
    return known


def _message_of(channel: Channel | None, receipt: Receipt) -> Any:
    """The message that a report is of: by our key, else by the provider's id on that channel."""
    if found := UUID_IN.search(receipt.key):
        pk = Message.objects.filter(pk=UUID(found.group())).values_list("pk", flat=True).first()
        if pk is not None:
            return pk
    if not receipt.provider_id:
        return None
    rows = Message.objects.filter(provider_id=receipt.provider_id[:200])
    if channel is not None:
        rows = rows.filter(channel=channel.kind)
    return rows.order_by("-created_at").values_list("pk", flat=True).first()


@verb
def _take_receipt(pk: Any, receipt: Receipt, at: datetime) -> Message | None:
    """Answers the message if only this report says that it left."""
    contact_id = Message.objects.values_list("contact_id", flat=True).get(pk=pk)
    lock(Contact.objects.all(), [contact_id] if contact_id else [])
    row = lock_one(Message.objects.all(), pk)
    # A provider's clock is not ours: nothing was delivered before it was sent, or after we heard of it.
    moment = min(max(receipt.at or at, row.taken_at or row.created_at), at)
    if row.state == Message.State.RECALLED or (row.state == Message.State.QUEUED and row.taken_at is None):
        return None  # it never left us: the report is of something else
    news = False
    if receipt.what in ("delivered", "bounced", "complaint", "opened") and row.state in ON_THE_WAY:
        # Whoever reports on it has had it: nothing is unknown any more.
        row.state, row.error, row.held = Message.State.SENT, "", ""
        row.sent_at = row.sent_at or row.taken_at or moment
        row.save(update_fields=["state", "error", "held", "sent_at"])
        settling.tell_timeline(row, moment)
        news = True
    if receipt.what == "delivered":
        reactions.mark(row, "delivered", moment)
    elif receipt.what == "bounced":
        _bounced(row, receipt, moment)
    elif receipt.what == "complaint":
        _complained(row)
    elif receipt.what == "opened":
        reactions.react(row, Reaction.Kind.OPEN, at=moment)
    return row if news else None


def _bounced(row: Message, receipt: Receipt, at: datetime) -> None:
    if row.bounced_at is None:
        row.bounced_at, row.error = at, receipt.why[:300]
        row.save(update_fields=["bounced_at", "error"])
    if receipt.dead and row.contact_id is not None:
        settling.bury(row)


def _complained(row: Message) -> None:
    """Marked as spam: never again on this channel (R11.2)."""
    what = WHAT_OF.get(ChannelKind(row.channel))
    contact = row.contact
    if what is not None and contact is not None and contact.erased_at is None:
        set_consent(contact, what, given=False, way=Consent.Way.COMPLAINT, message=row)


def take_inbound(channel: Channel | None, inbound: Iterable[Inbound], at: datetime, *, kind: str = "") -> int:
    """Keep what people answer: a reply is a reaction, an opt-out word is an opt-out (R10.2, R11.2); answers how many
    came from people we know."""
    way = channel.kind if channel is not None else kind or ChannelKind.EMAIL
    return sum(_take_answer(way, one, at) for one in inbound)


def _take_answer(kind: str, answer: Inbound, at: datetime) -> bool:
    if kind == ChannelKind.EMAIL and BY_ITSELF.match(answer.subject):
        return False
    message = _answered(answer.answers)
    contact_id = message.contact_id if message is not None else None
    contact_id = contact_id or _sender(kind, answer.sender)
    if contact_id is None:
        log.info("answer_of_nobody", kind=kind)
        return False
    _keep_answer(contact_id, kind, answer, message.pk if message else None, at)
    return True


@verb
def _keep_answer(contact_id: Any, kind: str, answer: Inbound, message_id: Any, at: datetime) -> None:
    contact = lock_one(Contact.objects.all(), contact_id)
    if contact.erased_at is not None:
        return
    moment = min(answer.at or at, at)
    message = _latest(contact, kind, moment) if message_id is None else message_id
    row = lock_one(Message.objects.all(), message) if message is not None else None
    if kind == ChannelKind.SMS and is_opt_out(answer.text):
        set_consent(contact, "sms", given=False, way=Consent.Way.KEYWORD, text=answer.text, message=row)
        return
    if answer.id and Reaction.objects.filter(contact=contact, kind="reply", data__id=answer.id).exists():
        return
    if row is not None:
        reactions.mark(row, "reply", moment)
    data = {"id": answer.id, "channel": kind}
    text = "\n\n".join(part for part in (answer.subject if row is None else "", answer.text) if part)
    reactions.write(contact.pk, Reaction.Kind.REPLY, at=moment, message=row, text=text, data=data)


def is_opt_out(text: str) -> bool:
    """Whether a whole message is one of the words that opt out, in any case or width (R11.2)."""
    said = _plain(text)
    return bool(said) and said in {_plain(word) for word in rulebook.get("opt_out_words")}


def _plain(text: str) -> str:
    """Without case, width, spaces, and the marks that people put around a word."""
    wide = unicodedata.normalize("NFKC", text).casefold()
    return "".join(sign for sign in wide if unicodedata.category(sign)[0] not in "ZPSC")


def _answered(answers: Sequence[str]) -> Message | None:
    """The message that an answer names, by our key in it or by the provider's id."""
    keys = [UUID(found.group()) for text in answers if (found := UUID_IN.search(text))]
    rows = {row.pk: row for row in Message.objects.filter(pk__in=keys[:20])} if keys else {}
    for key in keys:
        if key in rows:
            return rows[key]
    ids = [text[:200] for text in answers if text][:20]
    return Message.objects.filter(provider_id__in=ids).order_by("-created_at").first() if ids else None


def _sender(kind: str, sender: str) -> Any:
    """Whose number or address it is."""
    point_kind = POINT_OF[ChannelKind(kind)]
    if not point_kind or not sender:
        return None
    try:
        point = parse_point(point_kind, sender, region=rulebook.get("default_region"), field="sender")
    except NotAPoint:
        return None
    rows = ContactPoint.objects.filter(kind=point_kind, value=point.value).order_by("extension")
    return rows.values_list("contact_id", flat=True).first()


def _latest(contact: Contact, kind: str, at: datetime) -> Any:
    rows = Message.objects.filter(contact=contact, channel=kind, state=Message.State.SENT)
    rows = rows.filter(sent_at__lte=at, sent_at__gt=at - LATELY)
    return rows.order_by("-sent_at").values_list("pk", flat=True).first()
