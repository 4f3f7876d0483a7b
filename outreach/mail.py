"""Writing an e-mail that somebody asked for into the outbox: a quote, a thank-you (R11.3, R11.4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from outreach.models import Message, MessageFile


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
    """Put an e-mail into the outbox, in the caller's transaction; outreach/sending.py sends it."""
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
