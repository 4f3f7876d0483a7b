"""A message as a driver gets it: for e-mail with a part for browsers, headers to unsubscribe, a picture to be opened."""

from __future__ import annotations

import re

from django.utils import translation
from django.utils.html import escape
from django.utils.translation import gettext as _

from outreach import links
from outreach.channels.base import File, Outgoing
from outreach.models import Message
from outreach.rendering import ADDRESS, CHINESE, TRAILING
from outreach.rules import ChannelKind

TEST = "test"
SHOWN = 60
_STYLE = "margin:0 0 16px;font:15px/1.6 -apple-system,'Segoe UI','PingFang SC','Microsoft YaHei',sans-serif"


def is_tracked(message: Message) -> bool:
    """Whether it carries a way to unsubscribe and a picture: what nobody asked for does, and a trial of it."""
    return not message.asked_for or message.kind == TEST


def outgoing(message: Message) -> Outgoing:
    """The message as it goes to a driver; its id is the key, the same at every try (R11.4)."""
    text, html = message.text, ""
    headers: dict[str, str] = {}
    files: tuple[File, ...] = ()
    if message.channel == ChannelKind.EMAIL:
        if is_tracked(message):
            text = with_way_out(message)
            html = html_of(message, text)
            # RFC 8058: a mail program unsubscribes by one post to this address.
            headers["List-Unsubscribe"] = f"<{_unsubscribe(message)}>"
            headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        else:
            files = tuple(File(f.name, f.content_type, bytes(f.data)) for f in message.files.all())
    return Outgoing(
        key=str(message.pk),
        to=message.to,
        text=text,
        subject=message.subject,
        html=html,
        language=message.language,
        reply_to=message.reply_to,
        params=message.params,
        headers=headers,
        files=files,
        about={
            "kind": message.kind,
            "contact": str(message.contact_id or ""),
            "campaign": str(message.campaign_id or ""),
        },
    )


def with_way_out(message: Message) -> str:
    """The text, with a line on how to unsubscribe where its author wrote none (R11.2)."""
    address = _unsubscribe(message)
    if address in message.text:
        return message.text
    with translation.override(message.language or CHINESE):
        line = _("No more of these: %(address)s") % {"address": address}
    return f"{message.text.rstrip()}\n\n-- \n{line}\n"


def html_of(message: Message, text: str) -> str:
    """The same text for a browser: paragraphs, links with words, and the picture that tells it was opened."""
    words = _words(message)

    def link(before: str, found: re.Match[str]) -> str:
        address = found.group().rstrip(TRAILING)
        rest = found.group()[len(address) :]
        said = words.get(address) or _short(address)
        # "Unsubscribe: <address>" is one link here, not the word twice.
        before = re.sub(re.escape(said) + r"\s*[:：]\s*$", "", before, flags=re.IGNORECASE)
        return f'{escape(before)}<a href="{escape(address)}">{escape(said)}</a>{escape(rest)}'

    parts = []
    for block in re.split(r"\n\s*\n", text.strip()):
        pieces, last = [], 0
        for found in ADDRESS.finditer(block):
            pieces.append(link(block[last : found.start()], found))
            last = found.end()
        pieces.append(escape(block[last:]))
        body = "".join(pieces).replace("\n", "<br>\n")
        parts.append(f'<p style="{escape(_STYLE)}">{body}</p>')
    picture = links.address("o", message.number, links.OPEN)
    return (
        f'<!doctype html>\n<html lang="{escape(message.language or CHINESE)}"><head><meta charset="utf-8">'
        f"<title>{escape(message.subject)}</title></head>\n<body>\n"
        + "\n".join(parts)
        + f'\n<img src="{escape(picture)}" width="1" height="1" alt="">\n</body></html>\n'
    )


def _words(message: Message) -> dict[str, str]:
    """What our own links are called: where they lead, as the author wrote it."""
    words = {links.address("l", message.number, n): _short(target) for n, target in enumerate(message.links)}
    with translation.override(message.language or CHINESE):
        words[links.address("c", message.number, links.CALL_ME)] = _("Please call me")
        words[_unsubscribe(message)] = _("Unsubscribe")
    return words


def _short(address: str) -> str:
    text = address.partition("://")[2] or address
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"


def _unsubscribe(message: Message) -> str:
    return links.address("u", message.number, links.UNSUBSCRIBE)
