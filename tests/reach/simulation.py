"""Two years of the public pool under a seeded clock: people of all segments who react, opt out, are claimed and come
back, live in several time zones, and are reached by others of the firm as well. The sender lives in memory.

Whoever watches it asks `Report`: nobody over the cap, nothing at night, nothing after an opt-out, nothing to who is not in
the pool, no step twice, every dormant one at its interval; the same seed the same messages.
"""

from __future__ import annotations

import hashlib
import heapq
import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from contacts.models import Contact
from contacts.rules import Point
from contacts.services import parse_points
from core import clock
from core.errors import TrunkError
from leads import services as trunk
from leads.models import Lead
from leads.rules import Segment, State
from leads.services import Capture, capture_many
from outreach.models import Reaction, Touch
from pool.models import Entry
from pool.services import claim
from tests.cast import MONDAY, Firm
from tests.pool.cadence_stage import leave, sweep

DAY = timedelta(days=1)
WEEK = 7 * DAY
ZONES = [
    "",
    "",
    "Asia/Shanghai",
    "Asia/Shanghai",
    "America/New_York",
    "Europe/Berlin",
    "Australia/Sydney",
    "no/where",
]
LANGUAGES = ["", "zh-hans", "en"]
# Which reasons bring whom into which segment.
REASONS = {
    "not_now": "no_need", "some_interest": "expired", "long_inactive": "unreachable", "dormant": "no_need",
    "third_party": "third_party",
}  # fmt: skip
# How often a message is answered by what; the rest is silence.
ANSWERS = [("open", 0.06), ("click", 0.02), ("reply", 0.006), ("call_me", 0.004), ("optout", 0.006)]
FLAG = {"sms": "do_not_sms", "email": "do_not_email", "call": "do_not_call", "phone": "do_not_call"}
# Over the longest wait for the cap and a night, and the sweep's own grid.
SLACK = 9 * DAY

_PLACE = """
UPDATE leads_lead l SET pool_reason = m.reason, pool_segment = m.segment, pooled_at = m.at, claimable = m.claimable,
    accepted_at = CASE WHEN m.claimable THEN m.at END
FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::timestamptz[], %s::bool[]) AS m(id, reason, segment, at, claimable)
WHERE l.id = m.id
"""
_NEXT = """
SELECT least((SELECT min(due_at) FROM pool_entry WHERE state = 'running'),
             (SELECT min(coalesce(reacted_at, started_at)) + interval '90 days' FROM pool_entry
              WHERE state = 'running' AND segment IN ('not_now', 'some_interest', 'third_party')))
"""


@dataclass(frozen=True)
class Sent:
    """One message that left."""

    person: int
    at: datetime
    channel: str
    template: str
    once: str
    entry: Any
    pooled: bool


@dataclass
class Report:
    """What happened, and what is wrong with it."""

    people: int
    sent: list[Sent] = field(default_factory=list)
    sweeps: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    @property
    def digest(self) -> str:
        """The messages in one number: who got what when by which way."""
        lines = sorted(f"{s.person} {s.at.isoformat()} {s.channel} {s.template}" for s in self.sent)
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


class Simulation:
    """The pool for so many days; `grid` is how often it is swept where something is due."""

    def __init__(
        self, people: int, seed: int, *, days: int = 730, grid: timedelta = timedelta(hours=1)
    ) -> None:
        self.seed, self.days, self.grid = seed, days, grid
        self.start, self.end = MONDAY, MONDAY + days * DAY
        self.report = Report(people)
        self.events: list[tuple[datetime, int, int, str, Any]] = []
        self.drawn: Counter[int] = Counter()
        self.touches: dict[int, list[datetime]] = defaultdict(list)
        self.opted_out: dict[tuple[int, str], datetime] = {}
        self.zones: list[ZoneInfo] = []
        self.held = False
        clock._set.set(self.start)
        self.firm = Firm()
        self._people(people)
        self._plans(people)

    def luck(self, person: int) -> random.Random:
        """The next dice of one person: what others do changes nothing about them."""
        self.drawn[person] += 1
        return random.Random(f"{self.seed}/{person}/{self.drawn[person]}")

    # the beginning

    def _people(self, many: int) -> None:
        made = []
        for start in range(0, many, 2_000):
            rows = [self._capture(n) for n in range(start, min(start + 2_000, many))]
            made += capture_many(rows, by=self.firm.max)
        self.leads = [one.lead_id for one in made]
        self.contacts = [one.contact_id for one in made]
        self.number = {contact: n for n, contact in enumerate(self.contacts)}
        segments = list(Segment.values)
        columns: list[list[Any]] = [[], [], [], [], []]
        changed = []
        for n, lead in enumerate(self.leads):
            luck = self.luck(n)
            segment = segments[n % len(segments)]
            pooled = self.start + timedelta(minutes=luck.randrange(100 * 24 * 60))
            values = (str(lead), REASONS[segment], segment, pooled, segment in ("some_interest", "dormant"))
            for column, value in zip(columns, values, strict=True):
                column.append(value)
            zone = luck.choice(ZONES)
            self.zones.append(ZoneInfo(zone) if zone and zone != "no/where" else clock.firm_tz())
            contact = Contact(pk=self.contacts[n], timezone=zone, language=luck.choice(LANGUAGES))
            for flag in ("do_not_sms", "do_not_email", "do_not_call"):
                if luck.random() < 0.03:
                    setattr(contact, flag, True)
                    self.opted_out[n, flag] = self.start
            changed.append(contact)
        fields = ["timezone", "language", "do_not_sms", "do_not_email", "do_not_call"]
        Contact.objects.bulk_update(changed, fields, batch_size=2_000)
        with connection.cursor() as cursor:
            cursor.execute(_PLACE, columns)

    def _capture(self, n: int) -> Capture:
        luck = self.luck(n)
        kinds = luck.choice(
            ["phone", "phone email", "phone email", "phone email wechat", "email", "phone wechat"]
        )
        known = {"phone": f"139{n:08d}", "email": f"person{n}@example.com", "wechat": f"wx_person_{n}"}
        points: list[Point] = []
        for kind in kinds.split():
            points += parse_points({kind: known[kind]})[0]
        return Capture(points, channel="list", medium="third_party_list", name=f"Person {n}")

    def _plans(self, many: int) -> None:
        """What happens to people whatever we write: sales writes, they opt out, reps try to claim."""
        for n in range(many):
            luck = self.luck(n)
            if luck.random() < 0.1:
                for _time in range(3):
                    self.soon(n, self._some_time(luck), "sales")
            if luck.random() < 0.05:
                self.soon(n, self._some_time(luck), "optout", luck.choice(list(FLAG.values())))
            if luck.random() < 0.1:
                self.soon(n, self._some_time(luck), "claim", luck.choice(["rita", "rob", "wei", "wang"]))

    def _some_time(self, luck: random.Random) -> datetime:
        return self.start + timedelta(minutes=luck.randrange(self.days * 24 * 60))

    def soon(self, person: int, at: datetime, what: str, data: Any = None) -> None:
        """Something happens to a person later."""
        heapq.heappush(self.events, (at, person, self.drawn[person], what, data))

    # the two years

    def run(self) -> Report:
        """Let it happen, then look at it."""
        at = self.start
        self._sweep(at)
        while (at := self._next(at)) < self.end:
            while self.events and self.events[0][0] <= at:
                when, person, _n, what, data = heapq.heappop(self.events)
                clock._set.set(when)
                getattr(self, f"_{what}")(person, when, data)
            self._sweep(at)
        self._dormant()
        self._nobody_stuck()
        return self.report

    def _next(self, at: datetime) -> datetime:
        with connection.cursor() as cursor:
            cursor.execute(_NEXT)
            (due,) = cursor.fetchone()
        times = [self.end if due is None else due, self.end]
        if self.events:
            times.append(self.events[0][0])
        beats = -((self.start - max(min(times), at + self.grid)) // self.grid)
        return self.start + max(beats, 1) * self.grid

    def _sweep(self, at: datetime) -> None:
        clock._set.set(at)
        if self.held:
            trunk.expire_due(None, at)
            self.held = False
        self.report.sweeps += 1
        if not sweep(at)["written"]:
            return
        sent = leave(at)
        pooled = set(
            Lead.objects.filter(state=State.POOLED, contact_id__in=[m.contact_id for m in sent]).values_list(
                "contact_id", flat=True
            )
        )
        for message in sorted(sent, key=lambda m: self.number[m.contact_id]):
            self._left(message, at, message.contact_id in pooled)

    def _left(self, message: Any, at: datetime, pooled: bool) -> None:
        person = self.number[message.contact_id]
        channel, once = message.channel, message.once
        one = Sent(person, at, channel, str(message.template_id), once, message.about_id, pooled)
        self.report.sent.append(one)
        self._judge(one)
        self.touches[person].append(at)
        luck = self.luck(person)
        dice = luck.random()
        for what, share in ANSWERS:
            if dice < share:
                later = at + timedelta(minutes=luck.randrange(1, 3 * 24 * 60))
                flag = FLAG.get(channel, "do_not_email")
                self.soon(
                    person,
                    later,
                    "optout" if what == "optout" else "react",
                    flag if what == "optout" else what,
                )
                break
            dice -= share

    # what people do

    def _react(self, person: int, at: datetime, kind: str) -> None:
        Reaction.objects.create(contact_id=self.contacts[person], kind=kind, at=at)
        self.report.counts[kind] += 1
        if kind in ("reply", "call_me"):
            self.soon(person, at + DAY, "call")

    def _optout(self, person: int, at: datetime, flag: str) -> None:
        Contact.objects.filter(pk=self.contacts[person]).update(**{flag: True})
        self.opted_out.setdefault((person, flag), at)
        self.report.counts["optout"] += 1

    def _sales(self, person: int, at: datetime, _data: Any) -> None:
        Touch.objects.create(
            contact_id=self.contacts[person], at=at, channel="email", function="sales", done=True
        )
        self.touches[person].append(at)
        self.report.counts["sales"] += 1

    def _claim(self, person: int, at: datetime, login: str) -> None:
        try:
            claim(self.leads[person], by=self.firm.people[login])
        except TrunkError as refusal:
            self.report.counts[f"claim {refusal.code}"] += 1
        else:
            self.report.counts["claimed"] += 1
            self.soon(person, at + WEEK, "week")

    def _week(self, _person: int, _at: datetime, _data: Any) -> None:
        """The rep's week is over: the next sweep takes it back."""
        self.held = True

    def _call(self, person: int, _at: datetime, _data: Any) -> None:
        lead = Lead.objects.get(pk=self.leads[person])
        if lead.state == State.NEW:
            outcome = self.luck(person).choice(["no_need", "no_need", "refused"])
            self.firm.call(lead, outcome)
            self.report.counts["called"] += 1

    # what must hold

    def _judge(self, one: Sent) -> None:
        """Each message when it leaves, by a reading of the rules of its own."""
        zone, local = self.zones[one.person], one.at.astimezone(self.zones[one.person])
        before = self.touches[one.person]
        wrong = []
        if not 9 <= local.hour < 21:
            wrong.append("at night")
        if sum(one.at - WEEK < touch for touch in before) >= 2:
            wrong.append("a third in seven days")
        if any(touch.astimezone(zone).date() == local.date() for touch in before):
            wrong.append("a second of the day")
        flag = FLAG.get(one.channel)
        if flag and self.opted_out.get((one.person, flag), self.end) <= one.at:
            wrong.append("after an opt-out")
        if not one.pooled:
            wrong.append("not in the pool")
        self.report.wrong += [f"{one.person} {one.at:%Y-%m-%d %H:%M} {one.channel}: {what}" for what in wrong]

    def _dormant(self) -> None:
        """Every dormant one at 180, 180, then 365 days; and no step twice."""
        names = [one.once for one in self.report.sent]
        self.report.wrong += [f"{name} twice" for name, many in Counter(names).items() if many > 1]
        times: dict[Any, list[datetime]] = defaultdict(list)
        for one in self.report.sent:
            times[one.entry].append(one.at)
        for entry in Entry.objects.filter(segment=Segment.DORMANT):
            last, most = entry.started_at, entry.ended_at or self.end
            if not self._reachable(entry):
                continue
            for turn, at in enumerate([*times[entry.pk], None]):
                interval = (180 if turn < 2 else 365) * DAY
                late = (at or most) - last - interval
                if (at is not None and late < timedelta(0)) or late > SLACK:
                    self.report.wrong.append(f"dormant {entry.pk} turn {turn}: {late} off its interval")
                self.report.counts["dormant touches"] += at is not None
                last = at or last

    def _reachable(self, entry: Entry) -> bool:
        person = self._of_lead()[entry.lead_id]
        kinds = self._kinds()[self.contacts[person]]
        ways = {"phone": "do_not_sms", "email": "do_not_email"}
        return any(kind in kinds and (person, flag) not in self.opted_out for kind, flag in ways.items())

    @cache  # noqa: B019 - lives as long as the simulation
    def _of_lead(self) -> dict[Any, int]:
        return {lead: n for n, lead in enumerate(self.leads)}

    @cache  # noqa: B019 - lives as long as the simulation
    def _kinds(self) -> dict[Any, set[str]]:
        found: dict[Any, set[str]] = defaultdict(set)
        with connection.cursor() as cursor:
            cursor.execute("SELECT contact_id, kind FROM contacts_contactpoint WHERE dead_at IS NULL")
            for contact, kind in cursor.fetchall():
                found[contact].add(kind)
        return found

    def _nobody_stuck(self) -> None:
        """At the end nobody who is in the pool stands still."""
        late = Entry.objects.filter(state="running", due_at__lt=self.end - 2 * self.grid - DAY)
        self.report.wrong += [f"entry {pk} stands still" for pk in late.values_list("pk", flat=True)[:20]]
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT l.id FROM leads_lead l WHERE l.state = 'pooled' AND NOT EXISTS "
                "(SELECT 1 FROM pool_entry e WHERE e.lead_id = l.id AND e.state = 'running') LIMIT 20"
            )
            self.report.wrong += [f"lead {pk} has no entry" for (pk,) in cursor.fetchall()]


def lines(report: Report) -> Iterator[str]:
    """What to tell of it."""
    yield f"{report.people:,} people, {len(report.sent):,} messages in {report.sweeps:,} sweeps, hash {report.digest}"
    yield ", ".join(f"{name} {many:,}" for name, many in sorted(report.counts.items()))
