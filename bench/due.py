"""R10.10, R11.4: the sweep over due steps of cadences, against one hand-written statement that queues as many messages.

The statement knows no consent, cap, hours, languages, links, versions or ways; it is what a screw would do.
"""

from __future__ import annotations

import resource
from collections.abc import Iterator
from datetime import timedelta

from bench.database import analyze
from bench.measure import Figure, stopwatch

BY_HAND = """
WITH due AS (
    SELECT e.id, l.contact_id, p.value, e.cadence_id FROM pool_entry e
    JOIN leads_lead l ON l.id = e.lead_id
    JOIN contacts_contactpoint p ON p.contact_id = l.contact_id AND p.kind = 'phone' AND p.first_choice
    WHERE e.state = 'running' AND e.due_at <= %(at)s
), wrote AS (
    INSERT INTO outreach_message (channel, kind, state, contact_id, "to", subject, text, about_type, about_id, source_id,
        once, created_at, due_at, tries, error, reply_to, provider_id, asked_for, function)
    SELECT 'sms', 'cadence', 'queued', contact_id, value, '', 'Hello, is it still of interest to you?', 'entry', id,
        cadence_id, id || ':1', %(at)s, %(at)s, 0, '', '', '', false, 'cadence' FROM due
    RETURNING id, contact_id, about_id
), touched AS (
    INSERT INTO outreach_touch (contact_id, at, channel, function, done, message_id)
    SELECT contact_id, %(at)s, 'sms', 'cadence', false, id FROM wrote
)
UPDATE pool_entry e SET due_at = e.due_at + interval '7 days', last_message_id = wrote.id FROM wrote
WHERE e.id = wrote.about_id
"""


def run(size: int) -> Iterator[Figure]:
    """As many due steps by hand, then by the sweep."""
    from django.db import connection

    from core import clock
    from outreach.models import Message
    from pool.cadence.run import run_due
    from pool.models import Entry
    from tests.cast import MONDAY, Firm

    at = MONDAY + timedelta(hours=2)
    clock._set.set(MONDAY)
    firm = Firm()
    _fill(firm, size)
    # They begin here, and are due a second later: what is measured is deciding and queueing.
    run_due(MONDAY - timedelta(days=1))
    _begin(at)
    analyze()
    began = Entry.objects.filter(due_at__lte=at).count()
    assert began == size
    with stopwatch() as by_hand, connection.cursor() as cursor:
        cursor.execute(BY_HAND, {"at": at})
    assert Message.objects.count() == size
    _again(at)
    analyze()
    spent = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    with stopwatch() as swept:
        written = run_due(at)["written"]
    spent = resource.getrusage(resource.RUSAGE_SELF).ru_utime - spent
    assert written == size == Message.objects.exclude(template=None).count()
    assert not Entry.objects.filter(state="running", due_at__lte=at).exists()
    clock._set.set(None)
    yield Figure(
        f"{size:,} due steps decided and queued by one sweeper",
        f"{swept():.1f} s, {size / swept():,.0f} steps/s ({spent:.0f} s of them Python)",
        f"one statement: {by_hand():.1f} s",
        swept() / by_hand(),
    )


def _fill(firm, size: int) -> None:  # type: ignore[no-untyped-def]
    from contacts.services import parse_points
    from leads.services import Capture, capture_many

    for start in range(0, size, 5_000):
        rows = [
            Capture(
                parse_points({"phone": f"139{n:08d}", "email": f"person{n}@example.com"})[0],
                channel="list",
                medium="third_party_list",
                name=f"Person {n}",
                company_name="Needful Things Ltd",
            )
            for n in range(start, min(start + 5_000, size))
        ]
        capture_many(rows, by=firm.max)


def _begin(at) -> None:  # type: ignore[no-untyped-def]
    """Entries without their messages: begun by the sweep's own statement."""
    from django.db import transaction

    from pool.cadence import entries, facts

    with transaction.atomic():
        entries.begin_due(at, facts.book(held=True), batch=10_000_000)


def _again(at) -> None:  # type: ignore[no-untyped-def]
    """As if nothing had been written: the same entries due again."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("UPDATE pool_entry SET last_message_id = NULL, due_at = started_at")
        cursor.execute("DELETE FROM outreach_touch")
        cursor.execute("DELETE FROM outreach_message")
