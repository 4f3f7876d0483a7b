"""How long an SMS is: GSM 7-bit where its alphabet suffices, else UCS-2; and in how many parts it goes."""

from __future__ import annotations

from dataclasses import dataclass

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("\f^{}\\[~]|€")  # two places each
GSM, UCS2 = "GSM-7", "UCS-2"
# (alone, in each of several): the header that joins parts takes room.
ROOM = {GSM: (160, 153), UCS2: (70, 67)}


@dataclass(frozen=True)
class Length:
    """`places` are septets in GSM-7, UTF-16 units in UCS-2; `left` is the room in the last part."""

    alphabet: str
    places: int
    parts: int
    left: int


def length_of(text: str) -> Length:
    """How long a text is as an SMS. A sign that takes two places is never cut in half between two parts."""
    gsm = all(sign in BASIC or sign in EXTENDED for sign in text)
    alphabet = GSM if gsm else UCS2
    sizes = [_size(sign, gsm) for sign in text]
    places = sum(sizes)
    alone, each = ROOM[alphabet]
    if places <= alone:
        return Length(alphabet, places, 1, alone - places)
    parts, used = 1, 0
    for size in sizes:
        if used + size > each:
            parts, used = parts + 1, 0
        used += size
    return Length(alphabet, places, parts, each - used)


def _size(sign: str, gsm: bool) -> int:
    if gsm:
        return 2 if sign in EXTENDED else 1
    return 2 if ord(sign) > 0xFFFF else 1
