"""The mailbox to which bounces and replies come, read over IMAP; and what is found in it."""

from __future__ import annotations

import imaplib
import re
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from outreach.channels.base import Later, Plain, Setting

TIMEOUT = 10.0
MOST, LARGEST = 50, 2 * 1024 * 1024
NUMBER = re.compile(rb"\bUID (\d+)")
SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)")


class MailboxDriver(Plain):
    """An e-mail driver to whose mailbox one can look."""

    settings: ClassVar[tuple[Setting, ...]] = (
        Setting(
            "imap_host",
            lazy("Mailbox (IMAP): server"),
            required=False,
            help=lazy("Where replies and bounces arrive. They are read each minute and stay in the mailbox."),
        ),
        Setting("imap_port", lazy("Mailbox: port"), required=False, default="993", most=5),
        Setting("imap_user", lazy("Mailbox: log-in"), required=False),
        Setting("imap_password", lazy("Mailbox: password"), secret=True, required=False),
        Setting("imap_folder", lazy("Mailbox: folder"), required=False, default="INBOX"),
        Setting(
            "imap_safety",
            lazy("Mailbox: encryption"),
            required=False,
            default="tls",
            choices=(("tls", "TLS"), ("none", lazy("none, inner net only"))),
        ),
    )

    @classmethod
    def faults(cls, values: Mapping[str, str]) -> list[tuple[str, Any]]:
        """A mailbox without a log-in, or a port that is none."""
        wrong: list[tuple[str, Any]] = []
        if not values.get("imap_host"):
            return wrong
        port = values.get("imap_port", "")
        if not (port.isascii() and port.isdecimal() and 0 < int(port) < 65536):
            wrong.append(("imap_port", _("“%(value)s” is no port.") % {"value": port}))
        for name in ("imap_user", "imap_password"):
            if not values.get(name):
                wrong.append((name, _("A mailbox needs a log-in and a password.")))
        return wrong

    @property
    def has_mailbox(self) -> bool:
        """Whether there is one to look into."""
        return bool(self.values["imap_host"])

    def fetch(self, mark: str) -> tuple[list[bytes], str]:
        """Mails that have come since `mark`, at most MOST, and the mark after them. The first time only what is new from
        now on. Raises Later."""
        try:
            with self._mailbox() as box:
                return _since(box, mark)
        except (OSError, imaplib.IMAP4.error, ValueError) as error:
            raise Later(str(error)[:200] or _("The mailbox cannot be reached."), down=True) from error

    @contextmanager
    def _mailbox(self) -> Iterator[imaplib.IMAP4]:
        host, port = self.values["imap_host"], int(self.values["imap_port"])
        if self.values["imap_safety"] == "tls":
            box: imaplib.IMAP4 = imaplib.IMAP4_SSL(
                host, port, ssl_context=ssl.create_default_context(), timeout=TIMEOUT
            )
        else:
            box = imaplib.IMAP4(host, port, timeout=TIMEOUT)
        try:
            box.login(self.values["imap_user"], self.values["imap_password"])
            folder = self.values["imap_folder"].replace("\\", "").replace('"', "")
            said, _count = box.select(f'"{folder}"', readonly=True)
            if said != "OK":
                raise Later(_("There is no folder “%(name)s” in the mailbox.") % {"name": folder}, down=True)
            yield box
        finally:
            try:
                box.logout()
            except (OSError, imaplib.IMAP4.error):
                box.shutdown()


def _since(box: imaplib.IMAP4, mark: str) -> tuple[list[bytes], str]:
    _said, found = box.response("UIDVALIDITY")
    validity = int(found[0] or 0) if found else 0
    known, _colon, last = mark.partition(":")
    if not mark or known != str(validity):
        return [], f"{validity}:{_newest(box)}"
    after = int(last or 0)
    # `n:*` answers the last mail even where it is older than n.
    waiting = [number for number in _numbers(box, f"{after + 1}:*") if number > after][:MOST]
    mails = [raw for number in waiting if (raw := _mail(box, number))]
    return mails, f"{validity}:{max(waiting, default=after)}"


def _newest(box: imaplib.IMAP4) -> int:
    return max(_numbers(box, "*"), default=0)


def _numbers(box: imaplib.IMAP4, span: str) -> list[int]:
    _said, rows = box.uid("SEARCH", "UID", span)
    return sorted(int(word) for row in rows if row for word in row.split())


def _mail(box: imaplib.IMAP4, number: int) -> bytes:
    """One mail, without marking it as read; empty for one that is too large to be a reply or a bounce."""
    _said, sizes = box.uid("FETCH", str(number), "(RFC822.SIZE)")
    size = next((int(m.group(1)) for row in sizes if (m := SIZE.search(_bytes(row)))), 0)
    if size > LARGEST:
        return b""
    _said, rows = box.uid("FETCH", str(number), "(BODY.PEEK[])")
    return next((row[1] for row in rows if isinstance(row, tuple)), b"")


def _bytes(row: Any) -> bytes:
    return row[0] if isinstance(row, tuple) else (row or b"")
