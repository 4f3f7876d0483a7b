"""The outbox of e-mail: written in the transaction that decides, sent by a sweep, never twice by itself (R11.4)."""

from __future__ import annotations

import smtplib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import QuerySet

from core import clock
from core.locking import lock, verb
from outreach.models import Message, MessageFile

log = structlog.get_logger(__name__)

BATCH = 50
SLOT = 30.0  # seconds of one run
# A server that is busy is asked again for some seven hours.
MOST_TRIES, LONGEST = 12, timedelta(hours=1)
CLOSING = 421  # the server takes its leave: nothing more goes over this line
# A worker that has held a message so long is gone; whether its message left, nobody knows.
GONE = timedelta(minutes=10)


@dataclass(frozen=True)
class Attachment:
    """A file to go along."""

    name: str
    content_type: str
    data: bytes


def queue_mail(
    *,
    to: str,
    subject: str,
    text: str,
    at: datetime,
    kind: str,
    by: Any = None,
    about: Any = None,
    contact_id: Any = None,
    reply_to: str = "",
    attachments: Sequence[Attachment] = (),
) -> Message:
    """Put an e-mail into the outbox, in the caller's transaction."""
    message = Message.objects.create(
        channel="email",
        kind=kind,
        contact_id=contact_id,
        to=to,
        subject=" ".join(subject.split())[:200],
        text=text,
        reply_to=reply_to,
        about_type=about._meta.model_name if about is not None else "",
        about_id=about.pk if about is not None else None,
        by=by,
        created_at=at,
        due_at=at,
    )
    MessageFile.objects.bulk_create(
        MessageFile(message=message, name=a.name, content_type=a.content_type, data=a.data)
        for a in attachments
    )
    return message


def send_due(at: datetime, *, most: int = BATCH, through: BaseEmailBackend | None = None) -> int:
    """Send what is due, one after the other, `through` another way than the usual if one is named; answers how many
    were taken on. Safe twice and from two machines."""
    _give_up_on(at)
    if not _due(at).exists():
        return 0
    until = time.monotonic() + SLOT
    server = through or get_connection()
    try:
        server.open()
    except OSError as error:
        # smtplib's errors are OSErrors, too. Nothing was taken yet: all of it waits, however long, and costs no try.
        log.warning("mail_no_server", error=type(error).__name__)
        return 0
    done = 0
    try:
        # Each is marked just before it is sent: a crash leaves one that may have left, not a batch of them.
        while done < most and time.monotonic() < until and (message := _take(at)) is not None:
            done += 1
            if not _send(server, message):
                break
    finally:
        _close(server)
    return done


def _close(server: Any) -> None:
    try:
        server.close()
    except OSError as error:
        log.warning("mail_close", error=type(error).__name__)


def _due(at: datetime) -> QuerySet[Message]:
    return Message.objects.filter(channel="email", state=Message.State.QUEUED, due_at__lte=at)


@verb
def _give_up_on(at: datetime) -> None:
    gone = Message.objects.filter(state=Message.State.SENDING, taken_at__lt=at - GONE)
    for row in lock(Message.objects.all(), list(gone.values_list("pk", flat=True)[:BATCH]), skip_locked=True):
        if row.state == Message.State.SENDING:
            row.state = Message.State.UNKNOWN
            row.save(update_fields=["state"])


@verb
def _take(at: datetime) -> Message | None:
    """Mark the next one as being sent: from here on a crash leaves `unknown`, never a second mail."""
    waiting = _due(at).order_by("due_at", "id")
    row = waiting.select_for_update(no_key=True, skip_locked=True).first()
    if row is not None:
        row.state, row.taken_at, row.tries = Message.State.SENDING, clock.now(), row.tries + 1
        row.save(update_fields=["state", "taken_at", "tries"])
    return row


def _send(server: Any, message: Message) -> bool:
    """Hand one over; answers whether the line to the server still holds."""
    try:
        server.send_messages([_letter(message)])
    except smtplib.SMTPRecipientsRefused as refused:
        codes = [code for code, _said in refused.recipients.values()]
        _not_sent(message, refused, again=all(code < 500 for code in codes))
        return CLOSING not in codes
    except smtplib.SMTPResponseException as refused:
        _not_sent(message, refused, again=refused.smtp_code < 500)
        return refused.smtp_code != CLOSING
    except ValueError as error:  # an address or a header that cannot be one
        _not_sent(message, error, again=False)
        return True
    except OSError as error:  # the line broke in the middle: it may have left
        _store(message, Message.State.UNKNOWN, str(error))
        return False
    _store(message, Message.State.SENT, "")
    return True


def _letter(message: Message) -> EmailMessage:
    mail = EmailMessage(
        message.subject,
        message.text,
        to=[message.to],
        reply_to=[message.reply_to] if message.reply_to else None,
        headers={"X-Trunk-Message": str(message.pk)},
    )
    for file in message.files.all():
        mail.attach(file.name, bytes(file.data), file.content_type)
    return mail


def _not_sent(message: Message, error: Exception, *, again: bool) -> None:
    if again and message.tries < MOST_TRIES:
        message.due_at = clock.now() + min(timedelta(minutes=2**message.tries), LONGEST)
        _store(message, Message.State.QUEUED, str(error))
    else:
        _store(message, Message.State.FAILED, str(error))


def _store(message: Message, state: str, error: str) -> None:
    message.state, message.error = state, error[:300]
    if state == Message.State.SENT:
        message.sent_at = clock.now()
    with transaction.atomic():
        message.save(update_fields=["state", "error", "due_at", "sent_at"])
