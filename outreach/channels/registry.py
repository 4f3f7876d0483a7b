"""Which driver sends on which kind of channel."""

from __future__ import annotations

import smtplib
from collections.abc import Mapping
from typing import Any, ClassVar

from django.core.mail import EmailMultiAlternatives, get_connection

from outreach.channels.base import (
    DeadAddress,
    Inbound,
    Incoming,
    Later,
    MayHaveLeft,
    NotSent,
    Outgoing,
    Receipt,
    Sent,
)
from outreach.models import Channel

CLOSING = 421


class DjangoMail:
    """E-mail by the way that the deployer named (EMAIL_URL)."""

    kind: ClassVar[str] = "email"
    code: ClassVar[str] = "django"
    label: ClassVar[Any] = "EMAIL_URL"
    settings: ClassVar[tuple[Any, ...]] = ()
    keyed: ClassVar[bool] = False

    def __init__(self, values: Mapping[str, str]) -> None:
        self.server = get_connection()
        self.is_open = False

    def send(self, message: Outgoing) -> Sent:
        """Hand one over. Raises NotSent, Later, MayHaveLeft."""
        if not self.is_open:
            try:
                self.server.open()
            except OSError as error:
                raise Later(str(error), down=True) from error
            self.is_open = True
        try:
            self.server.send_messages([_letter(message)])
        except smtplib.SMTPRecipientsRefused as refused:
            codes = [code for code, _said in refused.recipients.values()]
            if all(code < 500 for code in codes):
                raise Later(str(refused), down=CLOSING in codes) from refused
            raise (DeadAddress if 550 in codes else NotSent)(str(refused)) from refused
        except smtplib.SMTPResponseException as refused:
            if refused.smtp_code < 500:
                raise Later(str(refused), down=refused.smtp_code == CLOSING) from refused
            raise NotSent(str(refused)) from refused
        except ValueError as error:
            raise NotSent(str(error)) from error
        except OSError as error:
            raise MayHaveLeft(str(error)) from error
        return Sent()

    def receipts(self, request: Incoming) -> list[Receipt]:
        """Nothing reports here."""
        return []

    def inbound(self, request: Incoming) -> list[Inbound]:
        """Nobody answers here."""
        return []

    def close(self) -> None:
        """Let go of the line."""
        try:
            self.server.close()
        except OSError:
            self.is_open = False


def _letter(message: Outgoing) -> EmailMultiAlternatives:
    mail = EmailMultiAlternatives(
        message.subject,
        message.text,
        to=[message.to],
        reply_to=[message.reply_to] if message.reply_to else None,
        headers=dict(message.headers),
    )
    if message.html:
        mail.attach_alternative(message.html, "text/html")
    for file in message.files:
        mail.attach(file.name, file.data, file.content_type)
    return mail


def channel_in_use(kind: str) -> Channel | None:
    """The channel of this kind that an administrator has put to use."""
    return Channel.objects.filter(kind=kind, in_use=True).first()


def driver_of(channel: Channel | None, kind: str) -> Any:
    """What sends on it."""
    return DjangoMail({})
