"""From a message to a mail; and our Message-IDs, by which replies and bounces find their message again."""

from __future__ import annotations

import re
from collections.abc import Iterable
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.message import sanitize_address

from outreach.channels.base import Outgoing

ID = re.compile(r"<([^<>\s@]{1,120})@[^<>\s@]{1,200}>")
OURS = "X-Trunk-Message"


def letter(message: Outgoing, sender: str = "") -> EmailMessage:
    """The mail, with the text part first; `sender` instead of the site's own. Raises ValueError for what is no address
    or header."""
    sender = sender or settings.DEFAULT_FROM_EMAIL
    if not is_address(message.to):
        raise ValueError(f"“{message.to[:80]}”")
    mail = EmailMultiAlternatives(
        message.subject,
        message.text,
        from_email=sender,
        to=[message.to],
        reply_to=[message.reply_to] if message.reply_to else None,
        headers={"Message-ID": message_id(message.key, sender), OURS: message.key, **message.headers},
    )
    if message.html:
        mail.attach_alternative(message.html, "text/html")
    for file in message.files:
        mail.attach(file.name, bytes(file.data), file.content_type)
    return mail


def is_address(text: str) -> bool:
    """Whether a text is an e-mail address, with or without a name."""
    try:
        address = parseaddr(sanitize_address(text, "utf-8"))[1]
    except (ValueError, IndexError):
        return False
    local, _at, domain = address.rpartition("@")
    return bool(local and domain) and not any(sign.isspace() for sign in address)


def message_id(key: str, sender: str) -> str:
    """Our Message-ID of a message: its key, at the sender's own domain."""
    domain = parseaddr(sender)[1].rpartition("@")[2] or "trunk.invalid"
    return f"<{re.sub(r'[^A-Za-z0-9._-]', '_', key)}@{domain}>"


def keys_in(*texts: str) -> list[str]:
    """The keys that Message-IDs in headers name, in their order, each once."""
    return list(dict.fromkeys(found for text in texts for found in ID.findall(text)))


def first_line(said: Iterable[bytes | str] | bytes | str) -> str:
    """What a server said, as one short line."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return " ".join(text.split())[:200]
