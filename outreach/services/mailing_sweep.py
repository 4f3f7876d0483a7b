"""What the sweep does with mailings: decide on each person through the gate, in batches, once each (R11.3, R11.4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from contacts.models import Contact
from core import clock, events, rulebook
from core.locking import lock, verb
from outreach import gate, outbox
from outreach.models import Addressee, Mailing, Message, Template
from outreach.rendering import language_of, numbers, render, text_for, values_of
from outreach.rules import BY_PERSON, ChannelKind, Function
from outreach.services.mailings import settle

BATCH = 500
AGAIN = timedelta(hours=24)  # where the rule lets nobody be reached at all, it is looked at again
LATE, NO_TEXT = "late", "no_text"


@dataclass
class _Round:
    """One batch of one mailing: what holds for all of it."""

    mailing: Mailing
    template: Template
    at: datetime
    last: datetime
    limits: gate.Limits


def decide_due(at: datetime) -> int:
    """Decide on everybody whose time has come, in all mailings that run; answers on how many. Safe twice, late and from
    two machines: a mailing is taken by one of them."""
    running = Mailing.objects.filter(state=Mailing.State.RUNNING, starts_at__lte=at)
    done = 0
    for pk in list(running.order_by("starts_at", "pk").values_list("pk", flat=True)):
        while decided := decide_batch(pk, at):
            done += decided
    return done


@verb
def decide_batch(mailing_id: Any, at: datetime) -> int:
    """Decide on the next few of a mailing, holding its row and their contacts; answers on how many."""
    rows = Mailing.objects.select_related("campaign", "template", "by")
    for mailing in lock(rows, [mailing_id], skip_locked=True):
        if mailing.state != Mailing.State.RUNNING:
            continue
        if not mailing.addressees.exists():
            settle(mailing)
        made = Template.objects.prefetch_related("texts").get(pk=mailing.template_id)
        with rulebook.snapshot():
            number = _decide(_Round(mailing, made, at, last_moment(mailing), gate.Limits.now()))
        if not mailing.addressees.filter(due_at__isnull=False).exists():
            _end(mailing, at)
        return number
    return 0


def last_moment(mailing: Mailing) -> datetime:
    """Until when a mailing waits for people who cannot be reached yet: so many days, and no longer than its campaign."""
    starts_at = mailing.starts_at or mailing.created_at
    last = starts_at + timedelta(days=rulebook.get("mailing_days"))
    if mailing.campaign.ends_on is not None:
        last = min(last, clock.day_starts(mailing.campaign.ends_on + timedelta(days=1)))
    return last


def _decide(turn: _Round) -> int:
    waiting = turn.mailing.addressees.filter(due_at__lte=turn.at).order_by("due_at", "pk")
    batch = list(waiting[:BATCH])
    # Whom somebody works on at this moment is left to the next run.
    people = Contact.objects.select_related("company")
    contacts = {row.pk: row for row in lock(people, [a.contact_id for a in batch], skip_locked=True)}
    rows = [addressee for addressee in batch if addressee.contact_id in contacts]
    if not rows:
        return 0
    facts = gate.facts_of(contacts.values(), turn.at)
    going: list[tuple[Addressee, Contact, str]] = []
    for row in rows:
        verdict = gate.judge(facts[row.contact_id], turn.mailing.channel, turn.at, turn.limits)
        row.due_at, row.held = _judged(turn, verdict)
        if not row.held:
            going.append((row, contacts[row.contact_id], verdict.address))
    _write(turn, going)
    Addressee.objects.bulk_update(rows, ["due_at", "held", "message"])
    return len(rows)


def _judged(turn: _Round, verdict: gate.Verdict) -> tuple[datetime | None, str]:
    """When it is looked at again (None: it is decided), and why it does not go now."""
    if verdict.ok:
        return None, LATE if turn.at >= turn.last else ""
    if verdict.why in gate.NEVER:
        return None, verdict.why
    again = max(verdict.until or turn.at + AGAIN, turn.at + timedelta(minutes=1))
    return (again if again < turn.last else None), verdict.why


def _write(turn: _Round, going: Sequence[tuple[Addressee, Contact, str]]) -> None:
    """Write the messages of those who get it now; who has it already keeps that one."""
    before = dict(
        Message.objects.filter(once__in=[_once(row) for row, _c, _to in going]).values_list("once", "pk")
    )
    drafts, theirs = [], []
    fresh = [entry for entry in going if _once(entry[0]) not in before]
    for (row, contact, address), number in zip(fresh, numbers(len(fresh)), strict=True):
        text = text_for(turn.template, language_of(contact))
        if text is None:
            row.held = NO_TEXT
            continue
        rendered = render(text, values_of(contact), number)
        drafts.append(_draft(turn.mailing, row, address, number, rendered))
        theirs.append(row)
    for row, pk in zip(theirs, outbox.write(drafts, at=turn.at), strict=True):
        row.message_id = pk
    for row, _contact, _address in going:
        row.message_id = row.message_id or before.get(_once(row))


def _once(row: Addressee) -> str:
    return f"mail:{row.mailing_id}:{row.contact_id}"


def _draft(mailing: Mailing, row: Addressee, address: str, number: int, text: Any) -> outbox.Draft:
    by_person = ChannelKind(mailing.channel) in BY_PERSON
    return outbox.Draft(
        contact_id=row.contact_id,
        channel=mailing.channel,
        address=address,
        kind="campaign",
        function=Function.CAMPAIGN,
        number=number,
        text=text,
        once=_once(row),
        template_id=mailing.template_id,
        campaign_id=mailing.campaign_id,
        about=("mailing", mailing.pk),
        source_id=mailing.pk,
        by_id=mailing.by_id,
        assigned_to_id=mailing.by_id if by_person else None,
    )


def _end(mailing: Mailing, at: datetime) -> None:
    mailing.state, mailing.ended_at = Mailing.State.DONE, at
    mailing.store("state", "ended_at")
    data = {"campaign": str(mailing.campaign_id), "channel": mailing.channel}
    events.record(events.Fact("mailing_done", mailing, at, None, data=data))
