"""A lead's way through a cadence: it begins, moves on to another one, ends (R10.1, R10.5)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef

from leads.models import Lead
from leads.rules import Segment
from leads.services import Move
from outreach.models import Message
from outreach.querysets import MessageQuerySet
from outreach.services.settling import take_back
from pool.cadence import facts
from pool.cadence.facts import Book
from pool.cadence.plan import Place, first
from pool.models import Entry

# Who lies in the pool without a running entry begins when they came there: a returned MQL when marketing's days are
# over (R4.2), who was moved or stopped where the last entry ended. Who was through a cadence does not begin it again.
# Ids are in order of time: who waits longer comes first in a batch.
_BEGIN = """
WITH plan AS (
    SELECT * FROM unnest(%(segments)s::text[], %(cadences)s::uuid[], %(keys)s::uuid[], %(waits)s::interval[])
        AS p(segment, cadence_id, key, wait)
), free AS (
    SELECT l.id, l.run, l.pool_segment, p.cadence_id, p.key, p.wait, greatest(
        l.pooled_at, CASE WHEN l.pool_reason = 'returned' THEN l.next_touch_at END,
        (SELECT max(e.ended_at) FROM pool_entry e WHERE e.lead_id = l.id AND e.started_at >= l.pooled_at)) AS began
    FROM leads_lead l JOIN plan p ON p.segment = l.pool_segment
    WHERE l.state = 'pooled' AND l.pooled_at <= %(at)s
    AND NOT EXISTS (SELECT 1 FROM pool_entry e WHERE e.lead_id = l.id AND e.state = 'running')
    AND NOT EXISTS (SELECT 1 FROM pool_entry e WHERE e.lead_id = l.id AND e.cadence_id = p.cadence_id
                    AND e.ended_why = 'finished' AND e.started_at >= l.pooled_at)
    AND (l.pool_reason <> 'returned' OR l.next_touch_at IS NULL OR l.next_touch_at <= %(at)s)
    LIMIT %(batch)s
    FOR NO KEY UPDATE OF l SKIP LOCKED
)
INSERT INTO pool_entry (lead_id, cadence_id, run, segment, from_segment, state, started_at, step_key, position, round,
                        due_at, held, touches, ended_why, back_as)
SELECT id, cadence_id, run, pool_segment, '', 'running', began, key, 1, 1, began + wait, '', 0, '', ''
FROM free ORDER BY began, id
ON CONFLICT (lead_id) WHERE state = 'running' DO NOTHING
"""

_ANY = """
SELECT EXISTS (SELECT 1 FROM leads_lead l WHERE l.state = 'pooled' AND l.pooled_at <= %s
               AND NOT EXISTS (SELECT 1 FROM pool_entry e WHERE e.lead_id = l.id AND e.state = 'running'))
"""

_MOVE_OUT = """
UPDATE pool_entry e SET state = 'ended', ended_at = m.at, ended_why = 'moved'
FROM unnest(%s::uuid[], %s::timestamptz[]) AS m(lead_id, at)
WHERE e.lead_id = m.lead_id AND e.state = 'running'
RETURNING e.id, e.lead_id, e.reacted_at
"""


def any_without(at: datetime) -> bool:
    """Whether anybody lies in the pool without a running entry."""
    with connection.cursor() as cursor:
        cursor.execute(_ANY, [at])
        (found,) = cursor.fetchone()
    return found


def begin_due(at: datetime, book: Book, *, batch: int) -> int:
    """Begin entries of leads that lie in the pool without one; answers how many. The caller opens the transaction."""
    plans = book.by_segment.values()
    if not plans:
        return 0
    heads = [(plan, plan.steps[0]) for plan in plans]
    with connection.cursor() as cursor:
        cursor.execute(
            _BEGIN,
            {
                "segments": [plan.segment for plan, _step in heads],
                "cadences": [str(plan.cadence_id) for plan, _step in heads],
                "keys": [str(step.key) for _plan, step in heads],
                "waits": [step.wait for _plan, step in heads],
                "at": at,
                "batch": batch,
            },
        )
        return cursor.rowcount


def move(moves: Sequence[Move]) -> None:
    """Leads of the pool, locked, came into another segment: there the cadence begins anew (R10.1, R10.2).

    What the old cadence had not sent is withdrawn; not where it was through, its last message belongs to it.
    """
    plans = facts.book(held=True).by_segment
    with connection.cursor() as cursor:
        cursor.execute(_MOVE_OUT, [[str(m.lead.pk) for m in moves], [m.at for m in moves]])
        ended = {lead_id: (pk, reacted_at) for pk, lead_id, reacted_at in cursor.fetchall()}
    through = {m.lead.pk for m in moves if m.why == "finished"}
    recall([pk for lead_id, (pk, _at) in ended.items() if lead_id not in through])
    rows = []
    for one in moves:
        plan = plans.get(one.segment)
        if plan is None:
            continue
        dormant = one.segment == Segment.DORMANT
        rows.append(
            Entry(
                lead=one.lead,
                cadence_id=plan.cadence_id,
                run=one.lead.run,
                segment=one.segment,
                from_segment=one.was if dormant and one.was != Segment.DORMANT else "",
                started_at=one.at,
                reacted_at=one.at if one.reacted else ended.get(one.lead.pk, (None, None))[1],
                **at_place(first(plan, one.at)),
            )
        )
    Entry.objects.bulk_create(rows)


def leave_pool(leads: Iterable[Lead], at: datetime) -> None:
    """These leads have just left the pool: their cadence ends, what was not sent is withdrawn (R10.5)."""
    for lead in leads:
        Entry.objects.filter(lead=lead, state=Entry.State.RUNNING).update(
            state=Entry.State.ENDED, ended_at=at, ended_why=Entry.Ended.LEFT_POOL, back_as=lead.state
        )
        recall(Entry.objects.filter(lead=lead).values_list("pk", flat=True))


def recall(entry_ids: Collection[Any] | Any) -> int:
    """Withdraw what these entries' cadences have written and nobody has sent; answers how many messages.

    What a sender holds at this moment is leaving: it is not waited for, or two would wait for each other. Should the
    sender put it back, `recall_leftovers` finds it.
    """
    ids = list(entry_ids)
    if not ids:
        return 0
    return _withdraw(Message.objects.filter(about_type="entry", about_id__in=ids))


def over(message: Message) -> str:
    """Whether a message's entry has ended otherwise than by being through: nothing of it goes out any more (R10.5)."""
    if message.about_type != "entry" or message.about_id is None:
        return ""
    ended = Entry.objects.filter(pk=message.about_id, state=Entry.State.ENDED)
    return "left_pool" if ended.exclude(ended_why=Entry.Ended.FINISHED).exists() else ""


def recall_leftovers() -> int:
    """Withdraw what still waits of entries that have left the pool or were stopped; answers how many messages."""
    over = Entry.objects.filter(ended_why__in=[Entry.Ended.LEFT_POOL, Entry.Ended.STOPPED])
    waiting = Message.objects.filter(kind="cadence", about_type="entry")
    return _withdraw(waiting.filter(Exists(over.filter(pk=OuterRef("about_id")))))


def _withdraw(rows: MessageQuerySet) -> int:
    free = rows.unsent().select_for_update(no_key=True, skip_locked=True)
    return take_back(free.order_by("pk"), "left_pool")


def at_place(place: Place) -> dict[str, Any]:
    """The columns of an entry that say where it stands."""
    return {
        "step_key": place.key,
        "position": place.position,
        "round": place.round,
        "due_at": place.due_at,
    }
