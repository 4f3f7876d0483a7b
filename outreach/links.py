"""Our own short signed addresses (R11.5): what a link leads to is kept with its message, so none can be bent elsewhere."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from django.conf import settings

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
SIGNED = 8
PLACES = 64
# What a place beyond the links of the text means.
MOST_LINKS, CALL_ME, UNSUBSCRIBE, OPEN = 60, 60, 61, 62


@dataclass(frozen=True)
class Place:
    """A message by its number, and which of its links."""

    number: int
    index: int


def token(number: int, index: int) -> str:
    """The short text that names one link of one message; only we can make it."""
    body = _digits(number * PLACES + index)
    return body + _sign(body)


def place_of(text: str) -> Place | None:
    """What a token names; None for what we have not made."""
    body, sign = text[:-SIGNED], text[-SIGNED:]
    if not body or len(text) > 24 or not set(text) <= set(DIGITS):
        return None
    if not hmac.compare_digest(sign, _sign(body)):
        return None
    value = 0
    for digit in body:
        value = value * len(DIGITS) + DIGITS.index(digit)
    return Place(*divmod(value, PLACES))


def address(kind: str, number: int, index: int) -> str:
    """The whole address: `l` follows a link, `c` asks for a call, `u` unsubscribes, `o` is the picture of an open."""
    return f"{settings.SITE_URL}/{kind}/{token(number, index)}"


def _sign(body: str) -> str:
    key = f"trunk links {settings.SECRET_KEY}".encode()
    made = hmac.new(key, body.encode(), hashlib.sha256).digest()
    return _digits(int.from_bytes(made[:7], "big")).rjust(SIGNED, "0")[-SIGNED:]


def _digits(value: int) -> str:
    text = ""
    while value or not text:
        value, rest = divmod(value, len(DIGITS))
        text = DIGITS[rest] + text
    return text
