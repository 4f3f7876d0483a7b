"""What beat asks for of the outbox; each kind of channel has a task and a place of its own, so that none waits for another
(Q13)."""

from __future__ import annotations

from contextlib import contextmanager
from typing import Any

from celery import shared_task
from django.db import connection

from core import clock, events

# Of one kind so many workers send at once: a provider that hangs holds up these, and no other kind's.
PLACES = 1
SPACE = 1107  # advisory locks of these places
KINDS = ("email", "sms", "call", "webhook", "poll", "group")


@contextmanager
def place(kind: str) -> Any:
    """One of the places of a kind, or None when all are taken; it is free again when its worker dies."""
    for number in range(PLACES):
        key = KINDS.index(kind) * 100 + number
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [SPACE, key])
            (free,) = cursor.fetchone()
        if free:
            try:
                yield key
            finally:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [SPACE, key])
            return
    yield None


def _send(kind: str) -> int:
    from outreach.sending import send_due

    with place(kind) as free, events.way(events.RULE):
        return send_due(kind, clock.now()) if free is not None else 0


@shared_task(name="outreach.tasks.poll_mail")
def poll_mail() -> int:
    """Look into the mailbox for bounces and replies; safe twice, late and from two machines."""
    from outreach.services.mailboxes import poll_due

    with place("poll") as free, events.way(events.RULE):
        return poll_due(clock.now()) if free is not None else 0


@shared_task(name="outreach.tasks.send_mail")
def send_mail() -> int:
    """Send the e-mails that are due; safe twice, late and from two machines."""
    return _send("email")


@shared_task(name="outreach.tasks.send_sms")
def send_sms() -> int:
    """Send the SMS that are due; safe twice, late and from two machines."""
    return _send("sms")


@shared_task(name="outreach.tasks.send_calls")
def send_calls() -> int:
    """Ask for the robot calls that are due; safe twice, late and from two machines."""
    return _send("call")


@shared_task(name="outreach.tasks.send_webhooks")
def send_webhooks() -> int:
    """Send the webhooks that are due; safe twice, late and from two machines."""
    return _send("webhook")


@shared_task(name="outreach.tasks.tell_groups")
def tell_groups() -> int:
    """Tell the teams' groups what is due; safe twice, late and from two machines."""
    from outreach.groups import tell_due

    with place("group") as free, events.way(events.RULE):
        return tell_due(clock.now()) if free is not None else 0
