"""The sweep over the pool's cadences: who begins, who has grown silent, what is due (R10.1, R10.10, R11.4).

Candidates are locked as they are chosen, and what somebody else holds is left for the next time: the sweep waits for
nobody, so several may run at once and share the work. Under the locks of people and entries the gate is asked, the
messages are written and the entries set on in one transaction: a step is decided once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from contacts.models import Contact
from core import rulebook
from core.locking import lock, verb
from leads.rules import Segment, State
from leads.services import Move, change_segments
from leads.services.common import leads
from outreach import gate, outbox, rendering
from outreach.models import Message
from outreach.rules import Function
from pool.cadence import entries, facts, plan
from pool.cadence.facts import Book
from pool.cadence.plan import End, Place, Plan, Step, Way
from pool.models import Entry

BATCH = 2_000

_DUE = """
SELECT e.id, e.lead_id, l.contact_id, e.cadence_id, e.step_key, e.position, e.round, e.due_at, e.last_message_id
FROM pool_entry e JOIN leads_lead l ON l.id = e.lead_id JOIN contacts_contact c ON c.id = l.contact_id
WHERE e.state = 'running' AND e.due_at <= %s AND l.state = 'pooled' AND e.cadence_id = ANY(%s::uuid[])
ORDER BY e.due_at, e.id LIMIT %s
FOR NO KEY UPDATE OF c, l, e SKIP LOCKED
"""
# Who is in no cadence any more, because it is stopped or was gone through, and since when nothing was heard of them.
_SILENT_WITHOUT = """
SELECT id, since FROM (
    SELECT l.id, greatest(
        l.pooled_at, CASE WHEN l.pool_reason = 'returned' THEN l.next_touch_at END,
        (SELECT max(coalesce(e.reacted_at, e.started_at)) FROM pool_entry e
         WHERE e.lead_id = l.id AND e.started_at >= l.pooled_at)) AS since
    FROM leads_lead l
    WHERE l.state = 'pooled' AND l.pool_segment = ANY(%s) AND l.pooled_at <= %s
    AND NOT EXISTS (SELECT 1 FROM pool_entry e WHERE e.lead_id = l.id AND e.state = 'running')
) AS silent WHERE since <= %s ORDER BY id LIMIT %s
"""
_SET_ON = """
UPDATE pool_entry e SET step_key = m.key, position = m.position, round = m.round, due_at = m.due_at, held = m.held,
    last_message_id = coalesce(m.message_id, e.last_message_id)
FROM unnest(%s::uuid[], %s::uuid[], %s::int[], %s::int[], %s::timestamptz[], %s::text[], %s::uuid[])
    AS m(id, key, position, round, due_at, held, message_id)
WHERE e.id = m.id
"""


@dataclass
class Due:
    """An entry whose step is due, with what the batch makes of it."""

    entry_id: Any
    lead_id: Any
    contact_id: Any
    plan: Plan
    place: Place
    last_message_id: Any
    onward: Place | End | None = None
    held: str = ""
    message_id: Any = None

    def once(self, step: Step) -> str:
        """What this step of this round is sent once for (R11.4)."""
        return f"{self.entry_id}:{self.place.round}:{step.key}"


def run_due(at: datetime, *, batch: int = BATCH) -> dict[str, int]:
    """Everything about cadences that is due at `at`; answers how many entries began, moved, and messages were written.

    Safe twice, from two machines at once, and late: what began, moved or was passed over has the same times.
    """
    with rulebook.snapshot():
        _leftovers()
        begun = _until_less(batch, lambda: _begin_batch(at, batch))
        moved = _until_less(batch, lambda: _inactive_batch(at, batch))
        moved += _until_less(batch, lambda: _inactive_without(at, batch))
        written = 0
        while True:
            looked_at, wrote = _due_batch(at, batch)
            written += wrote
            if not looked_at:
                return {"begun": begun, "moved": moved, "written": written}


def _until_less(batch: int, work: Callable[[], int]) -> int:
    done = 0
    while True:
        count = work()
        done += count
        if count < batch:
            return done


@verb
def _leftovers() -> int:
    return entries.recall_leftovers()


@verb
def _begin_batch(at: datetime, batch: int) -> int:
    if not entries.any_without(at):
        return 0
    return entries.begin_due(at, facts.book(held=True), batch=batch)


@verb
def _inactive_batch(at: datetime, batch: int) -> int:
    """So many days without a reaction: long inactive, from that very moment on (R10.1)."""
    days = timedelta(days=rulebook.get("inactive_days"))
    silent = Entry.objects.annotate(since=Coalesce("reacted_at", "started_at")).filter(
        state=Entry.State.RUNNING,
        segment__in=plan.GROWS_INACTIVE,
        since__lte=at - days,
        lead__state=State.POOLED,
        lead__pool_segment=F("segment"),
    )
    rows = silent.select_related("lead__contact").order_by("since", "pk")
    locked = list(rows.select_for_update(no_key=True, of=("lead", "self"), skip_locked=True)[:batch])
    moves = [Move(e.lead, Segment.LONG_INACTIVE, e.since + days, "inactive") for e in locked]
    change_segments(moves, by=None)
    return len(moves)


@verb
def _inactive_without(at: datetime, batch: int) -> int:
    """The same for those whom no cadence reaches at the moment: it is their silence that counts, not ours (R10.1)."""
    days = timedelta(days=rulebook.get("inactive_days"))
    with connection.cursor() as cursor:
        cursor.execute(_SILENT_WITHOUT, [list(plan.GROWS_INACTIVE), at - days, at - days, batch])
        since = dict(cursor.fetchall())
    if not since:
        return 0
    rows = leads().filter(state=State.POOLED, pool_segment__in=plan.GROWS_INACTIVE)
    held = lock(rows, since, skip_locked=True)
    begun = set(
        Entry.objects.filter(lead__in=held, state=Entry.State.RUNNING).values_list("lead_id", flat=True)
    )
    silent = [lead for lead in held if lead.pk not in begun]
    change_segments(
        [Move(lead, Segment.LONG_INACTIVE, since[lead.pk] + days, "inactive") for lead in silent], by=None
    )
    return len(silent)


@verb
def _due_batch(at: datetime, batch: int) -> tuple[int, int]:
    """One batch of due steps; answers how many entries it looked at and how many messages it wrote."""
    if not Entry.objects.filter(state=Entry.State.RUNNING, due_at__lte=at).exists():
        return 0, 0
    book = facts.book(held=True)
    due = _lock_due(at, book, batch)
    if not due:
        return 0, 0
    contacts = Contact.objects.select_related("company").in_bulk([one.contact_id for one in due])
    known = gate.facts_of(contacts.values(), at)
    limits = gate.Limits.now()
    opened = _opened(due)
    done = _done_before(due)
    sending: list[tuple[Due, Step, Way, str]] = []
    for one in due:
        step = plan.standing(one.plan, one.place)
        if step is None or one.once(step) in done:
            one.onward = plan.onward(one.plan, one.place, at, sent=False)
            continue
        verdicts = judge(book, step, known[one.contact_id], at, limits)
        decision = plan.decide(step, verdicts, one.last_message_id in opened)
        one.held = decision.why
        if decision.what == plan.WAIT:
            place = one.place
            one.onward = Place(place.key, place.position, place.round, decision.until)  # type: ignore[arg-type]
            continue
        one.onward = plan.onward(one.plan, one.place, at, sent=decision.what == plan.SEND)
        if decision.way is not None:
            sending.append((one, step, decision.way, decision.address))
    _write(book, sending, contacts, at)
    _set_on(due)
    _finish(due, at)
    return len(due), len(sending)


def judge(
    book: Book, step: Step, known: gate.Facts, at: datetime, limits: gate.Limits
) -> list[tuple[Way, gate.Verdict]]:
    """What the gate says of each way of a step; a way without a text is none."""
    return [
        (
            way,
            gate.judge(known, way.channel, at, limits)
            if book.text_ready(way.template_id)
            else gate.Verdict(False, why="no_text"),
        )
        for way in step.ways
    ]


def _lock_due(at: datetime, book: Book, batch: int) -> list[Due]:
    with connection.cursor() as cursor:
        cursor.execute(_DUE, [at, [str(pk) for pk in book.plans], batch])
        return [
            Due(pk, lead, contact, book.plans[cadence], Place(key, position, turn, due_at), message)
            for pk, lead, contact, cadence, key, position, turn, due_at, message in cursor.fetchall()
        ]


def _opened(due: list[Due]) -> set[Any]:
    """Which last messages were opened, of entries that are asked about it."""
    asked = {
        one.last_message_id
        for one in due
        if one.last_message_id and any(step.condition != plan.ALWAYS for step in one.plan.steps)
    }
    if not asked:
        return set()
    seen = Q(opened_at__isnull=False) | Q(clicked_at__isnull=False) | Q(replied_at__isnull=False)
    return set(Message.objects.filter(seen, pk__in=asked).values_list("pk", flat=True))


def _done_before(due: list[Due]) -> set[str]:
    """What was written before: an editor may have put a step behind one that is still to come (R11.4)."""
    steps = ((one, plan.standing(one.plan, one.place)) for one in due)
    names = [one.once(step) for one, step in steps if step is not None]
    found = Message.objects.filter(once__in=names).values_list("once", flat=True)
    return {name for name in found if name}


def _write(
    book: Book, sending: list[tuple[Due, Step, Way, str]], contacts: dict[Any, Contact], at: datetime
) -> None:
    drafts = []
    numbers = rendering.numbers(len(sending)) if sending else []
    for number, (one, step, way, address) in zip(numbers, sending, strict=True):
        contact = contacts[one.contact_id]
        drafts.append(
            outbox.Draft(
                contact_id=one.contact_id,
                channel=way.channel,
                address=address,
                kind="cadence",
                function=Function.CADENCE,
                number=number,
                text=rendered(book, way, contact, number),
                once=one.once(step),
                template_id=way.template_id,
                about=("entry", one.entry_id),
                source_id=one.plan.cadence_id,
                step_id=step.key,
            )
        )
    for (one, _step, _way, _address), pk in zip(sending, outbox.write(drafts, at=at), strict=True):
        one.message_id = pk


def rendered(book: Book, way: Way, contact: Contact, number: int) -> rendering.Rendered:
    """What this person would read by this way."""
    text = rendering.text_for(book.templates[way.template_id], rendering.language_of(contact))
    assert text is not None  # the gate's answer came with a text that is ready
    return rendering.render(text, rendering.values_of(contact), number)


def _set_on(due: list[Due]) -> None:
    """Where they stand from now on; who is through keeps the place at which that was."""
    rows = [(one, one.onward if isinstance(one.onward, Place) else one.place) for one in due]
    columns: list[Any] = [
        [str(one.entry_id) for one, _place in rows],
        [str(place.key) if place.key else None for _one, place in rows],
        [place.position for _one, place in rows],
        [place.round for _one, place in rows],
        [place.due_at for _one, place in rows],
        [one.held for one, _place in rows],
        [str(one.message_id) if one.message_id else None for one, _place in rows],
    ]
    with connection.cursor() as cursor:
        cursor.execute(_SET_ON, columns)


def _finish(due: list[Due], at: datetime) -> None:
    """Who is through all steps goes to the next segment, or is left in peace."""
    ends = {one.lead_id: (one, one.onward) for one in due if isinstance(one.onward, End)}
    over = [one.entry_id for one, end in ends.values() if not end.segment]
    if over:
        gone = {"state": Entry.State.ENDED, "ended_at": at, "ended_why": Entry.Ended.FINISHED}
        Entry.objects.filter(pk__in=over).update(**gone)
    going = {lead_id: end.segment for lead_id, (_one, end) in ends.items() if end.segment}
    rows = leads().filter(pk__in=going).order_by("pk") if going else []
    # A last step that was passed over counts from its own time, however late the sweep.
    when = {pk: at if one.message_id else one.place.due_at for pk, (one, _end) in ends.items()}
    change_segments([Move(lead, going[lead.pk], when[lead.pk], "finished") for lead in rows], by=None)
