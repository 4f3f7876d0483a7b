"""The outbox of e-mail: written in the transaction that decides, sent by a sweep, never twice by itself (R11.4)."""

from __future__ import annotations

import smtplib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.mail import EmailMessage, get_connection
from django.db import transaction

from core import clock
from core.locking import lock, verb
from outreach.models import Message, MessageFile

BATCH = 50
MOST_TRIES = 5
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


def send_due(at: datetime, *, most: int = BATCH) -> int:
    """Send what is due; answers how many were taken on. Safe twice and from two machines."""
    _give_up_on(at)
    taken = _take(at, most)
    for message in taken:
        _send(message)
    return len(taken)


@verb
def _give_up_on(at: datetime) -> None:
    gone = Message.objects.filter(state=Message.State.SENDING, taken_at__lt=at - GONE)
    for row in lock(Message.objects.all(), list(gone.values_list("pk", flat=True)[:BATCH]), skip_locked=True):
        if row.state == Message.State.SENDING:
            row.state = Message.State.UNKNOWN
            row.save(update_fields=["state"])


@verb
def _take(at: datetime, most: int) -> list[Message]:
    """Mark what is due as being sent: from here on a crash leaves `unknown`, never a second mail."""
    due = Message.objects.filter(channel="email", state=Message.State.QUEUED, due_at__lte=at)
    ids = list(due.order_by("due_at", "id").values_list("pk", flat=True)[:most])
    rows = [
        row
        for row in lock(Message.objects.all(), ids, skip_locked=True)
        if row.state == Message.State.QUEUED and row.due_at <= at
    ]
    for row in rows:
        row.state, row.taken_at, row.tries = Message.State.SENDING, clock.now(), row.tries + 1
        row.save(update_fields=["state", "taken_at", "tries"])
    return rows


def _send(message: Message) -> None:
    state, error = Message.State.SENT, ""
    mail = EmailMessage(
        message.subject,
        message.text,
        to=[message.to],
        reply_to=[message.reply_to] if message.reply_to else None,
        headers={"X-Trunk-Message": str(message.pk)},
    )
    for file in message.files.all():
        mail.attach(file.name, bytes(file.data), file.content_type)
    try:
        connection = get_connection()
        connection.open()
    except (smtplib.SMTPException, OSError) as exc:
        # Nothing was handed over yet: it waits and is tried again.
        return _later(message, str(exc))
    try:
        mail.connection = connection
        mail.send()
    except smtplib.SMTPRecipientsRefused as exc:
        state, error = Message.State.FAILED, str(exc)
    except smtplib.SMTPResponseException as exc:
        if 400 <= exc.smtp_code < 500:
            return _later(message, str(exc))
        state, error = Message.State.FAILED, str(exc)
    except (smtplib.SMTPException, OSError) as exc:
        # The line broke in the middle: it may have left.
        state, error = Message.State.UNKNOWN, str(exc)
    finally:
        connection.close()
    _store(message, state, error)


def _later(message: Message, error: str) -> None:
    if message.tries >= MOST_TRIES:
        return _store(message, Message.State.FAILED, error)
    message.due_at = clock.now() + timedelta(minutes=2**message.tries)
    return _store(message, Message.State.QUEUED, error)


def _store(message: Message, state: str, error: str) -> None:
    message.state, message.error = state, error[:300]
    if state == Message.State.SENT:
        message.sent_at = clock.now()
    with transaction.atomic():
        message.save(update_fields=["state", "error", "due_at", "sent_at"])
