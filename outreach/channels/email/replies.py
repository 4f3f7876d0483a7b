"""What a mail server's reply codes mean (RFC 5321, RFC 3463)."""

from __future__ import annotations

import re

from outreach.channels.base import DeadAddress, Later, NotSent
from outreach.channels.email.letter import first_line

CLOSING = 421  # the server takes its leave: nothing more goes over this line
ENHANCED = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
# No such mailbox or domain, moved without an address, mailbox switched off.
DEAD = {"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"}
NO_MAILBOX = {550, 551, 553}
# It is our log-in or our line that is refused, not this mail.
OURS = {530, 534, 535, 538, 454, 432}
BUSY = 60.0


def refused(code: int, said: bytes | str, *, to: bool = False) -> NotSent | Later:
    """The meaning of a refusal; `to`: it is the answer to the address of the person."""
    line = first_line(said)
    why = f"{code} {line}"
    if code in OURS:
        return Later(why, down=True)
    if code == CLOSING:
        return Later(why, after=BUSY)
    if code < 500:
        return Later(why)
    status = status_in(line)
    if to and (status in DEAD or (not status and code in NO_MAILBOX)):
        return DeadAddress(why)
    return NotSent(why)


def status_in(text: str) -> str:
    """The enhanced status code in a line; empty where there is none."""
    found = ENHANCED.search(text)
    return found.group() if found else ""
