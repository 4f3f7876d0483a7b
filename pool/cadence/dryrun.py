"""What a cadence would send in the coming days, by the code that sends, in a time that is only thought of (R10.8).

Nobody reacts and nobody opens anything in it; nothing is written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q

from contacts.models import Contact
from core import clock, rulebook
from leads.models import Lead
from leads.rules import Reason, Segment, State
from outreach import gate, rendering
from outreach.models import Message
from pool.cadence import facts, plan, run
from pool.cadence.facts import Book
from pool.cadence.plan import End, Place, Plan
from pool.models import Cadence, Entry

MOST_ENTRIES = 5_000
TURNS = 200  # more steps than that in the days asked for are not looked at
NUMBER = 0  # links of a text that is only shown lead nowhere


@dataclass(frozen=True)
class Row:
    """One message that would go out."""

    lead: Lead
    at: datetime
    position: int
    channel: str
    to: str
    text: rendering.Rendered


@dataclass(frozen=True)
class Held:
    """Who would be held back at a step, and why; `until` is None where the step is passed over."""

    lead: Lead
    at: datetime
    position: int
    why: str
    until: datetime | None


@dataclass
class DryRun:
    """What would happen; rows and held are cut at the limit, the counts are of all entries that were looked at."""

    rows: list[Row] = field(default_factory=list)
    more: int = 0
    held: list[Held] = field(default_factory=list)
    reasons: dict[str, int] = field(default_factory=dict)
    per_day: dict[date, int] = field(default_factory=dict)
    channels: dict[str, int] = field(default_factory=dict)
    moves: dict[str, int] = field(default_factory=dict)
    people: int = 0
    left_out: int = 0


@dataclass
class _Walker:
    """One lead on its way through the days to come."""

    lead: Lead
    place: Place
    since: datetime
    opened: bool
    silent: int


@dataclass
class _Sent:
    walker: _Walker
    at: datetime
    step: plan.Step
    way: plan.Way
    address: str


def dry_run(cadence: Cadence, at: datetime, *, days: int = 30, limit: int = 200) -> DryRun:
    """Who would get what when in the days to come, and who is held back and why (R10.8, R10.10)."""
    found = DryRun()
    mine = facts.plan_of(cadence)
    if mine is None:
        return found
    book = Book({cadence.pk: mine}, templates=facts.templates_of([mine]))
    with rulebook.snapshot():
        walkers, found.people, found.left_out = _walkers(cadence, mine, at, at + timedelta(days=days))
        sent, held = _walk(book, mine, walkers, at, at + timedelta(days=days), found)
        sent.sort(key=lambda one: (one.at, str(one.walker.lead.pk)))
        held.sort(key=lambda one: (one.at, str(one.lead.pk)))
        found.held, found.more = held[:limit], max(len(sent) - limit, 0)
        found.rows = [
            Row(s.walker.lead, s.at, s.step.position, s.way.channel, s.address, _text(book, s))
            for s in sent[:limit]
        ]
    per_day: Counter[date] = Counter(clock.firm_day(one.at) for one in sent)
    found.per_day = dict(sorted(per_day.items()))
    found.channels = dict(Counter(one.way.channel for one in sent).most_common())
    return found


def _text(book: Book, one: _Sent) -> rendering.Rendered:
    return run.rendered(book, one.way, one.walker.lead.contact, NUMBER)


def _walkers(cadence: Cadence, mine: Plan, at: datetime, until: datetime) -> tuple[list[_Walker], int, int]:
    """Those who are in it, and those who would begin, earliest first; how many; how many there was no room for."""
    running = Entry.objects.filter(
        cadence=cadence, state=Entry.State.RUNNING, lead__state=State.POOLED, due_at__lte=until
    )
    entries = list(
        running.select_related("lead__contact__company", "last_message").order_by("due_at", "pk")[
            :MOST_ENTRIES
        ]
    )
    many = running.count() if len(entries) == MOST_ENTRIES else len(entries)
    found = [
        _Walker(
            entry.lead,
            Place(entry.step_key, entry.position, entry.round, entry.due_at),
            entry.reacted_at or entry.started_at,
            _was_opened(entry.last_message),
            entry.lead.silent_touches,
        )
        for entry in entries
    ]
    waiting = _would_begin(cadence, at, until)
    room = MOST_ENTRIES - len(found)
    begins = list(waiting.order_by("pooled_at", "pk")[:room]) if room else []
    many += waiting.count() if room == len(begins) else len(begins)
    for lead in begins:
        began = _begins_at(lead)
        found.append(_Walker(lead, plan.first(mine, began), began, False, lead.silent_touches))
    return found, len(found), many - len(found)


def _would_begin(cadence: Cadence, at: datetime, until: datetime) -> Any:
    """Leads of the segment without an entry: they begin with the next sweep, or when marketing's days are over."""
    others = Cadence.objects.filter(active=True, segment=cadence.segment).exclude(pk=cadence.pk)
    if others.exists():  # another cadence serves them
        return Lead.objects.none()
    free = Lead.objects.filter(state=State.POOLED, pool_segment=cadence.segment)
    free = free.exclude(entries__state=Entry.State.RUNNING)
    free = free.exclude(Q(pool_reason=Reason.RETURNED) & Q(next_touch_at__gt=until))
    through = Entry.objects.filter(cadence=cadence, ended_why=Entry.Ended.FINISHED)
    return free.exclude(pk__in=through.values("lead_id")).select_related("contact__company")


def _begins_at(lead: Lead) -> datetime:
    assert lead.pooled_at is not None
    if lead.pool_reason == Reason.RETURNED and lead.next_touch_at:
        return max(lead.pooled_at, lead.next_touch_at)
    return lead.pooled_at


def _was_opened(message: Message | None) -> bool:
    return message is not None and bool(message.opened_at or message.clicked_at or message.replied_at)


def _walk(
    book: Book, mine: Plan, walkers: Iterable[_Walker], at: datetime, until: datetime, found: DryRun
) -> tuple[list[_Sent], list[Held]]:
    listed = list(walkers)
    contacts: dict[Any, Contact] = {one.lead.contact_id: one.lead.contact for one in listed}
    known = gate.facts_of(contacts.values(), at)
    limits = gate.Limits.now()
    sent: list[_Sent] = []
    held: list[Held] = []
    reasons: Counter[str] = Counter()
    moves: Counter[str] = Counter()
    for one in listed:
        passed: list[Held] = []
        goes = _one(book, mine, one, known[one.lead.contact_id], limits, (at, until), sent, passed)
        held += passed
        reasons.update({row.why for row in passed})
        if goes:
            moves[goes] += 1
    found.reasons, found.moves = dict(reasons.most_common()), dict(moves.most_common())
    return sent, held


def _one(
    book: Book,
    mine: Plan,
    one: _Walker,
    known: gate.Facts,
    limits: gate.Limits,
    span: tuple[datetime, datetime],
    sent: list[_Sent],
    held: list[Held],
) -> str:
    """Go with one lead from step to step; answers the segment it would move to in the end, if any."""
    at, until = span
    grows = plan.grows_inactive_at(mine.segment, one.since, timedelta(days=rulebook.get("inactive_days")))
    for _turn in range(TURNS):
        when = max(one.place.due_at, at)
        if grows is not None and grows <= min(when, until):
            return Segment.LONG_INACTIVE
        if when > until:
            return ""
        step = plan.standing(mine, one.place)
        decision = (
            plan.decide(step, run.judge(book, step, known, when, limits), one.opened)
            if step
            else plan.Decision(plan.PASS)
        )
        if decision.what == plan.WAIT and decision.until is not None:
            if step is not None:
                held.append(Held(one.lead, when, step.position, decision.why, decision.until))
            one.place = Place(one.place.key, one.place.position, one.place.round, decision.until)
            continue
        if decision.way is not None and step is not None:
            sent.append(_Sent(one, when, step, decision.way, decision.address))
            known.touches.append(when)
            one.opened, one.silent = False, one.silent + 1
            if plan.falls_asleep(mine.segment, one.silent, rulebook.get("dormant_after")):
                return Segment.DORMANT
        elif step is not None:
            held.append(Held(one.lead, when, step.position, decision.why, None))
        coming = plan.onward(mine, one.place, when, sent=decision.what == plan.SEND)
        if isinstance(coming, End):
            return coming.segment
        one.place = coming
    return ""
