"""Sending what is due, one kind of channel at a time; each message is marked before it leaves, never a batch (R11.4).

A crash leaves at most one message of which nobody knows whether it left: a provider that honours keys is given it again
under the same key, else it is `unknown` until a person says what became of it.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db.models import QuerySet

from contacts.models import Contact
from contacts.selectors import wants_no_email
from core import clock, hooks, rulebook
from core.locking import lock, verb
from outreach.channels.base import Driver, Later, MayHaveLeft, NotSent
from outreach.channels.registry import channel_in_use, driver_of
from outreach.gate import NEVER, Limits, Verdict, facts_of, judge
from outreach.letters import TEST, outgoing
from outreach.models import Channel, Message, Touch
from outreach.rules import ChannelKind
from outreach.services import settling
from outreach.services.channels import note_result

log = structlog.get_logger(__name__)

BATCH = 500
SLOT = 30.0  # seconds of one run
TOLD = 50  # so many at once are told to those who count silence
# A worker that has held a message so long is gone.
GONE = timedelta(minutes=10)
TOMORROW = timedelta(days=1)
ENOUGH = 3  # a provider that says "later" so often in a row is left alone until the next run
PASSED = Message()


def send_due(kind: str, at: datetime, *, most: int = BATCH, driver: Driver | None = None) -> int:
    """Send what is due on one kind of channel, one after the other, by the channel in use (with another driver where one
    is named); answers how many were taken on. Safe twice and from two machines."""
    waiting = Message.objects.filter(channel=kind)
    if not waiting.filter(state__in=[Message.State.QUEUED, Message.State.SENDING], due_at__lte=at).exists():
        return 0
    channel = channel_in_use(kind)
    if channel is not None and channel.closed_until is not None and channel.closed_until > at:
        _hold(kind, at)
        return 0
    way = driver if driver is not None else driver_of(channel, kind)
    try:
        settling.give_up(kind, at - GONE, channel, again=way.keyed)
        return _Run(kind, at, channel, way).go(most)
    finally:
        way.close()


@verb
def _hold(kind: str, at: datetime) -> None:
    """The breaker is open: what is due waits, and says why. Nothing is tried, nothing is lost."""
    rows = _due(kind, at).exclude(held="breaker").order_by("due_at", "id")
    ids = rows.select_for_update(no_key=True, skip_locked=True).values_list("pk", flat=True)[:BATCH]
    Message.objects.filter(pk__in=list(ids)).update(held="breaker")


def _due(kind: str, at: datetime) -> QuerySet[Message]:
    return Message.objects.due(at).filter(channel=kind)


class _Run:
    """One run of one worker on one kind of channel."""

    def __init__(self, kind: str, at: datetime, channel: Channel | None, driver: Driver) -> None:
        self.kind, self.at, self.channel, self.driver = kind, at, channel, driver
        self.passed: set[Any] = set()  # looked at and left alone in this run
        self.left: list[Message] = []
        self.well = False  # the channel's health is known to be good
        self.slowed = 0  # so many in a row were asked to come later

    def go(self, most: int) -> int:
        self.until = time.monotonic() + SLOT
        done = 0
        with rulebook.snapshot():
            self.limits = Limits.now()
            try:
                while done < most and (row := self._next()) is not None:
                    done += 1
                    if not self._send(row):
                        break
                    if len(self.left) >= TOLD:
                        self._tell()
            finally:
                self._tell()
        return done

    def _next(self) -> Message | None:
        """The next message, marked as being sent; those that may not leave now are put back on the way."""
        row: Message | None = PASSED
        while row is PASSED and time.monotonic() < self.until:
            row = _take(self)
        return None if row is PASSED else row

    def _send(self, row: Message) -> bool:
        """Hand one over; answers whether the line to the provider still holds."""
        try:
            sent = self.driver.send(outgoing(row))
        except NotSent as refused:
            settling.failed(row, str(refused), dead=refused.dead)
        except Later as later:
            settling.later(row, str(later), after=later.after, down=later.down)
            self.slowed += 1
            if later.down:
                self._ill(str(later))
            return not later.down and self.slowed < ENOUGH
        except MayHaveLeft as error:
            settling.perhaps(row, str(error), again=self.driver.keyed)
            self._ill(str(error))
            return False
        except Exception as error:
            # Not foreseen by the driver, so nobody can say how far it came.
            log.exception("driver_failed", kind=self.kind, error=type(error).__name__)
            settling.perhaps(row, type(error).__name__, again=self.driver.keyed)
            self._ill(type(error).__name__)
            return False
        else:
            if settling.sent(row, sent.provider_id, self.channel):
                self.left.append(row)
            if not self.well and self.channel is not None:
                note_result(self.channel.pk, None, clock.now())
            self.well, self.slowed = True, 0
        return True

    def _ill(self, error: str) -> None:
        self.well = False
        if self.channel is not None:
            note_result(self.channel.pk, error, clock.now())

    def _tell(self) -> None:
        rows, self.left = [row for row in self.left if row.contact_id and not row.asked_for], []
        if rows:
            tell(rows)


@verb
def tell(messages: list[Message]) -> None:
    """Tell the layers above that these have left (R10.1), in a transaction of its own: it may wait for leads."""
    hooks.message_left(messages, clock.now())


@verb
def _take(run: _Run) -> Message | None:
    """Mark the next one as being sent, if the gate lets it through; PASSED for one that was passed over, None at the end.

    Contact and message are locked without waiting for either: who opts out holds them the other way round.
    """
    waiting = _due(run.kind, run.at).exclude(pk__in=run.passed).order_by("due_at", "id")
    row = waiting.select_for_update(no_key=True, skip_locked=True, of=("self",)).first()
    if row is None:
        return None
    contact = None
    if row.contact_id is not None:
        contact = next(iter(lock(Contact.objects.all(), [row.contact_id], skip_locked=True)), None)
        if contact is None:  # somebody works on the person in this moment: the next run asks again
            run.passed.add(row.pk)
            return PASSED
    at = clock.now()
    verdict = _verdict(row, contact, at, run.limits)
    if not verdict.ok:
        _put_back(row, verdict, at)
        if row.due_at <= run.at:
            run.passed.add(row.pk)
        return PASSED
    row.again = row.taken_at is not None  # an earlier try may have left
    row.state, row.held, row.to = Message.State.SENDING, "", verdict.address
    row.taken_at, row.tries, row.via = at, row.tries + 1, run.channel
    row.save(update_fields=["state", "held", "to", "taken_at", "tries", "via"])
    if not row.asked_for:
        # Counted from here on: another message to the same person, marked a moment later, sees it (R11.3).
        Touch.objects.filter(message=row).update(done=True, at=at)
    return row


def _verdict(row: Message, contact: Contact | None, at: datetime, limits: Limits) -> Verdict:
    """The gate, asked again in the moment it leaves (R11.2, R11.3)."""
    if contact is None:
        refused = row.channel == ChannelKind.EMAIL and row.kind != TEST and wants_no_email(row.to)
        return Verdict(not refused, row.to, "do_not_email" if refused else "")
    facts = facts_of([contact], at, but=[row.pk], done_only=True)[contact.pk]
    # What may have left before is not held back by the hour or the cap: its touch is counted already.
    free = row.asked_for or row.taken_at is not None
    verdict = judge(facts, row.channel, at, limits, asked_for=free)
    if row.asked_for and (verdict.ok or verdict.why in ("no_address", "dead_address")):
        # It goes where the person asked for it to go.
        refused = row.channel == ChannelKind.EMAIL and wants_no_email(row.to)
        return Verdict(not refused, row.to, "do_not_email" if refused else "")
    return verdict


def _put_back(row: Message, verdict: Verdict, at: datetime) -> None:
    """What may not leave now waits for its hour; what never may is taken back."""
    if verdict.until is None and verdict.why in NEVER:
        settling.take_back([row], verdict.why)
        return
    row.held, row.due_at = verdict.why, verdict.until or at + TOMORROW
    row.save(update_fields=["held", "due_at"])
    Touch.objects.filter(message=row).update(done=False, at=row.due_at)
