"""Notices that also come by e-mail, to who is away from the page (R3.2).

A notice is marked before it is sent and outside of every verb's transaction, so none goes twice and no verb waits for
a mail server. What certainly did not leave is tried again, a few times; what may have left is not.
"""

from __future__ import annotations

import smtplib
import time
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Notice, User
from core import clock, rulebook
from core.locking import lock, verb
from core.web.notices import WORDS, hidden_kinds, lines

log = structlog.get_logger(__name__)

HERE = timedelta(minutes=3)  # who looked at a page so lately sees the notice there
OLD = timedelta(days=1)
PAUSE = timedelta(minutes=1)  # a burst of notices is one mail
PEOPLE = 100
MOST = 500
SHOWN = 30
SLOT = 30.0  # seconds of one run
TRIES = 3
CLOSING = 421


def mail_due(at: datetime | None = None) -> int:
    """Send what is due, one mail a person; answers how many mails left. Safe twice and from two workers at once."""
    at = at or clock.now()
    real = clock.real_now()
    people = _waiting(at, real)
    if not people:
        return 0
    until = time.monotonic() + SLOT
    server = get_connection()
    try:
        server.open()
    except (
        OSError
    ) as error:  # smtplib's errors are OSErrors, too; nothing is marked, so it is simply tried again
        log.warning("notice_mail_no_server", error=type(error).__name__)
        return 0
    sent = 0
    try:
        for user in people:
            if (taken := _take(user, at, real)) and _send(server, user, taken):
                sent += 1
            if time.monotonic() > until:
                break
    except OSError as error:
        # The line broke while one was on its way: that one may have left and stays marked, the rest is for next time.
        # Or the server took its leave: nobody else is marked for a line that is closed.
        log.warning("notice_mail_broken", error=type(error).__name__)
    finally:
        _close(server)
    return sent


def _due(at: datetime) -> QuerySet[Notice]:
    rows = Notice.objects.unread().filter(mailed_at__isnull=True, mail_tries__lt=TRIES)
    known = set(WORDS) - hidden_kinds()
    return rows.filter(at__gt=at - OLD, at__lte=at, kind__in=known, user__mail_kinds__contains=[F("kind")])


def _waiting(at: datetime, real: datetime) -> list[User]:
    """Who is away, has an address, and got no mail in the last minute."""
    away = Q(last_seen_at__isnull=True) | Q(last_seen_at__lt=real - HERE) | Q(away_until__gt=at)
    people = User.objects.active().filter(away, pk__in=_due(at).values("user")).exclude(email="")
    return list(people.exclude(Exists(_lately(OuterRef("pk"), at, real))).order_by("pk")[:PEOPLE])


def _lately(user: Any, at: datetime, real: datetime) -> QuerySet[Notice]:
    return Notice.objects.filter(user=user, at__gt=at - 2 * OLD, mailed_at__gt=real - PAUSE)


@verb
def _take(user: User, at: datetime, real: datetime) -> list[Notice]:
    """Mark what goes into this person's mail; nothing if another worker is at it or has just been."""
    if not lock(User.objects.active(), [user.pk], skip_locked=True):
        return []
    if _lately(user, at, real).exists():
        return []
    rows = list(_due(at).filter(user=user).order_by("-at", "-id")[:MOST])
    Notice.objects.filter(pk__in=[row.pk for row in rows]).update(
        mailed_at=real, mail_tries=F("mail_tries") + 1
    )
    return rows


def _send(server: Any, user: User, rows: list[Notice]) -> bool:
    ids = [row.pk for row in rows]
    with translation.override(user.language):
        told = lines(rows, user)
        if not told:
            return False
        message = _message(user, told)
    try:
        server.send_messages([message])
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _said in error.recipients.values()]
        _not_sent(ids, error, again=all(code < 500 for code in codes))
        if CLOSING in codes:
            raise
        return False
    except smtplib.SMTPResponseException as error:
        _not_sent(ids, error, again=error.smtp_code < 500)
        if error.smtp_code == CLOSING:
            raise
        return False
    except ValueError as error:  # an address or a header that cannot be one
        return _not_sent(ids, error, again=False)
    return True


def _close(connection: Any) -> None:
    try:
        connection.close()
    except OSError as error:
        log.warning("notice_mail_close", error=type(error).__name__)


def _not_sent(ids: list[Any], error: Exception, again: bool) -> bool:
    log.warning("notice_mail_failed", notices=len(ids), error=type(error).__name__, again=again)
    if again:
        Notice.objects.filter(pk__in=ids).update(mailed_at=None)
    return False


def _message(user: User, told: list[dict[str, Any]]) -> EmailMessage:
    """One notice is the subject itself; several are counted there and listed below."""
    firm = rulebook.get("firm_name")
    subject = told[0]["text"]
    if len(told) > 1:
        more = ngettext("and %(n)s more notice", "and %(n)s more notices", len(told) - 1)
        subject = f"{subject} · {more % {'n': len(told) - 1}}"
    parts = [_paragraph(line) for line in told[:SHOWN]]
    if len(told) > SHOWN:
        parts.append(_("… and %(n)s more.") % {"n": len(told) - SHOWN})
    every = f"{settings.SITE_URL}/notices/"
    choose = f"{settings.SITE_URL}/me/"
    foot = _("All notices: %(every)s\nWhat comes by e-mail: %(choose)s") % {"every": every, "choose": choose}
    body = "\n\n".join([*parts, f"-- \n{foot}"])
    headers = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}
    return EmailMessage(_one_line(f"{subject} – {firm}"), body + "\n", to=[user.email], headers=headers)


def _paragraph(line: dict[str, Any]) -> str:
    """The sentence, the company, the way to the record; no number: a mail lies about for long (R15.5)."""
    said = [line["text"], line["note"], f"{settings.SITE_URL}{line['url']}" if line["url"] else ""]
    return "\n".join(_one_line(part) for part in said if part)


def _one_line(text: str) -> str:
    """What somebody typed as a name cannot begin a header of its own."""
    return " ".join(text.split())[:200]
