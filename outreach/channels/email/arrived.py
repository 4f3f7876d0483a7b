"""What a mail that came back means: a bounce (RFC 3464), a complaint (RFC 5965), an answer, or nothing."""

from __future__ import annotations

import re
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from email.utils import parseaddr, parsedate_to_datetime
from typing import Any, cast

from django.utils.html import strip_tags

from outreach.channels.base import Inbound, NotOurs, Receipt
from outreach.channels.email.letter import OURS, keys_in
from outreach.channels.email.replies import DEAD, status_in
from outreach.channels.reading import TEXT, text_of

QUIET = {"bulk", "junk", "list", "auto_reply"}
# Where the mail that is answered begins to be quoted.
QUOTED = re.compile(
    r"^(>|-{2,}\s*(Original Message|Forwarded|原始邮件|原邮件|回复的原邮件)|_{10,}$|(From|发件人|寄件者)[:：]\s|"
    r"On .{4,200} wrote:|在.{4,200}(写道|wrote)[:：])",
    re.IGNORECASE,
)
TRIED = {"failed": "bounced", "delivered": "delivered", "relayed": "delivered", "expanded": "delivered"}


def read(raw: bytes) -> tuple[list[Receipt], list[Inbound]]:
    """What one mail tells of our messages and what its sender wrote. Raises NotOurs for what is no mail."""
    try:
        mail = message_from_bytes(raw, policy=policy.default)
        kind = str(mail.get_param("report-type", "") or "").casefold()
        if mail.get_content_type() == "multipart/report":
            if kind == "delivery-status":
                return _bounces(mail), []
            return (_complaints(mail), []) if kind == "feedback-report" else ([], [])
        answer = _answer(mail)
    except (ValueError, TypeError, KeyError, AttributeError, LookupError, RecursionError) as error:
        raise NotOurs("no mail") from error
    return [], [answer] if answer else []


def _bounces(mail: EmailMessage) -> list[Receipt]:
    """One receipt a person: did it arrive, and is the address dead."""
    keys = _ours(mail)
    found = []
    for part in mail.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        for block in cast("list[Message]", part.get_payload()):
            what = TRIED.get(str(block.get("Action", "")).strip().casefold())
            if what is None:  # of the mail as a whole, or only delayed
                continue
            said = str(block.get("Diagnostic-Code", ""))
            status = status_in(str(block.get("Status", ""))) or status_in(said)
            why = text_of(" ".join(f"{status} {said.partition(';')[2] or said}".split()), 300)
            dead = what == "bounced" and status in DEAD
            found += [Receipt(what, key=key, at=_date(mail), why=why, dead=dead) for key in keys[:1]]
    return found


def _complaints(mail: EmailMessage) -> list[Receipt]:
    return [Receipt("complaint", key=key, at=_date(mail)) for key in _ours(mail)[:1]]


def _ours(mail: EmailMessage) -> list[str]:
    """The key of the mail of ours that a report brings along, whole or its headers only."""
    for part in mail.walk():
        if part.get_content_type() in ("text/rfc822-headers", "message/rfc822"):
            got: Any = part.get_payload()
            inner = (
                got[0] if isinstance(got, list) else message_from_bytes(_bytes(part), policy=policy.default)
            )
            if key := str(inner.get(OURS, "")).strip():
                return [text_of(key)]
            if keys := keys_in(str(inner.get("Message-ID", ""))):
                return keys
    return keys_in(str(mail.get("In-Reply-To", "")), str(mail.get("References", "")))


def _bytes(part: Any) -> bytes:
    return part.get_payload(decode=True) or b""


def _answer(mail: EmailMessage) -> Inbound | None:
    """What a person wrote; None for what machines answer."""
    automatic = str(mail.get("Auto-Submitted", "no")).partition(";")[0].strip().casefold()
    loud = mail.get("X-Autoreply") or mail.get("X-Autorespond") or mail.get("List-Id")
    if automatic not in ("", "no") or loud or str(mail.get("Precedence", "")).strip().casefold() in QUIET:
        return None
    sender = parseaddr(str(mail.get("From", "")))[1]
    if "@" not in sender or sender.partition("@")[0].casefold() in ("mailer-daemon", "postmaster"):
        return None
    return Inbound(
        sender=text_of(sender, 254),
        text=written(_text(mail)),
        subject=text_of(" ".join(str(mail.get("Subject", "")).split())),
        answers=tuple(keys_in(str(mail.get("In-Reply-To", "")), str(mail.get("References", ""))))[:50],
        at=_date(mail),
        id=text_of(str(mail.get("Message-ID", "")).strip()),
    )


def _text(mail: EmailMessage) -> str:
    part = mail.get_body(preferencelist=("plain", "html"))
    if part is None:
        return ""
    text = str(part.get_content())
    return (
        strip_tags(re.sub(r"(?i)<br\s*/?>|</(p|div)>", "\n", text))
        if part.get_content_subtype() == "html"
        else text
    )


def written(text: str) -> str:
    """What the person wrote, without the mail that is quoted below it."""
    lines: list[str] = []
    for line in text.replace("\r\n", "\n").split("\n"):
        if QUOTED.match(line.strip()):
            break
        lines.append(line.rstrip())
    return text_of("\n".join(lines).strip(), TEXT)


def _date(mail: EmailMessage) -> datetime | None:
    try:
        at = parsedate_to_datetime(str(mail.get("Date", "")))
    except (ValueError, TypeError, IndexError):
        return None
    return at if at.tzinfo else None
