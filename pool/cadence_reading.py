"""What is read of cadences for their pages: the steps in force, who stands before which, what each step brought."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from core.models import Event
from leads.rules import Segment, State
from outreach.models import Message, Reaction
from outreach.rules import ChannelKind
from pool import cadence_words as words
from pool.models import Cadence, CadenceStep, CadenceVersion, Entry

WITH_STEPS = ("steps__ways__template__texts",)


@dataclass
class Way:
    """One way of a step as it is drawn."""

    channel: str
    label: Any
    sign: str
    template: Any


@dataclass
class Stop:
    """A step as a station of the line, with who stands before it and what it brought so far."""

    position: int
    key: Any
    after: Any
    wait: str
    ways: list[Way]
    condition: Any = ""
    standing: int = 0
    sent: int = 0
    reacted: int = 0

    @property
    def first(self) -> Way | None:
        """The way that is tried first."""
        return self.ways[0] if self.ways else None


@dataclass
class Line:
    """The steps of a cadence as a picture: stations, and where it goes after the last one."""

    stops: list[Stop]
    repeat_from: int = 0
    then: Any = ""

    @property
    def last(self) -> int:
        return len(self.stops)

    @property
    def span(self) -> int:
        """How many stations the way back passes."""
        return self.last - self.repeat_from + 1


def versions_of(cadences: Iterable[Cadence]) -> dict[Any, CadenceVersion]:
    """The version in force of each cadence, with steps, ways and templates: cadence id → version."""
    rows = CadenceVersion.objects.filter(cadence__in=[row.pk for row in cadences])
    latest = rows.order_by("cadence_id", "-number").distinct("cadence_id").prefetch_related(*WITH_STEPS)
    return {version.cadence_id: version for version in latest}


def version_of(cadence: Cadence) -> CadenceVersion | None:
    """The version in force of one cadence."""
    return versions_of([cadence]).get(cadence.pk)


def history_of(cadence: Cadence, most: int = 50) -> list[CadenceVersion]:
    """All versions of a cadence with their steps, the latest first."""
    rows = cadence.versions.select_related("by").prefetch_related(*WITH_STEPS)
    return list(rows.order_by("-number")[:most])


def line_of(version: CadenceVersion | None, per_step: dict[Any, tuple[int, int, int]] | None = None) -> Line:
    """A version as a picture; `per_step`: key of a step → (stand before it, sent, reacted)."""
    if version is None:
        return Line([])
    known = per_step or {}
    stops = []
    for n, step in enumerate(version.steps.all()):
        standing, sent, reacted = known.get(step.key, (0, 0, 0))
        stops.append(
            Stop(
                position=step.position,
                key=step.key,
                after=words.after(step.wait_minutes, first=not n),
                wait=words.wait(step.wait_minutes) if step.wait_minutes or not n else "",
                ways=[way_of(way.channel, way.template) for way in step.ways.all()],
                condition=_condition(step),
                standing=standing,
                sent=sent,
                reacted=reacted,
            )
        )
    then = Segment(version.then_segment).label if version.then_segment else ""
    return Line(stops, version.repeat_from or 0, then)


def way_of(channel: str, template: Any) -> Way:
    """One way of a step as it is drawn."""
    label = dict(ChannelKind.choices).get(channel, channel)
    return Way(channel, label, words.sign_of(channel), template)


def _condition(step: CadenceStep) -> Any:
    return "" if step.condition == CadenceStep.Condition.ALWAYS else step.get_condition_display()


def per_step(cadence: Cadence) -> dict[Any, tuple[int, int, int]]:
    """Of each step: who stands before it now, how often it was sent, how many people reacted to it."""
    standing = dict(_standing(cadence).values_list("step_key").annotate(n=Count("pk")))
    messages = Message.objects.filter(source_id=cadence.pk, kind="cadence", state=Message.State.SENT)
    sent = dict(messages.order_by().values_list("step_id").annotate(n=Count("pk")))
    reactions = Reaction.objects.filter(message__source_id=cadence.pk, message__kind="cadence")
    reacted = dict(
        reactions.order_by().values_list("message__step_id").annotate(n=Count("contact", distinct=True))
    )
    keys = standing.keys() | sent.keys() | reacted.keys()
    return {key: (standing.get(key, 0), sent.get(key, 0), reacted.get(key, 0)) for key in keys}


def _standing(cadence: Cadence) -> QuerySet[Entry]:
    return Entry.objects.filter(cadence=cadence, state=Entry.State.RUNNING).order_by()


IN, REACTED, BACK, ORDERED, HELD = "in", "reacted", "back", "ordered", "held"
SHOWS = (
    (IN, _("stand in it now")),
    (HELD, _("held back")),
    (REACTED, _("reacted")),
    (BACK, _("back on the trunk")),
    (ORDERED, _("ordered")),
)
ON_THE_TRUNK = (State.NEW, State.MQL, State.SQL, State.CONVERTED)


def entries_of(
    cadence: Cadence, show: str, since: datetime | None = None, step: Any = None
) -> QuerySet[Entry]:
    """The entries behind a figure of a cadence, counted as the figure is."""
    rows = Entry.objects.filter(cadence=cadence)
    if show == REACTED:
        reactions = Reaction.objects.filter(message__kind="cadence", message__about_id=OuterRef("pk"))
        rows = rows.filter(Exists(reactions.filter(at__gte=since) if since else reactions))
    elif show in (BACK, ORDERED):
        rows = rows.filter(ended_why=Entry.Ended.LEFT_POOL, back_as__in=ON_THE_TRUNK)
        rows = rows.filter(ended_at__gte=since) if since else rows
        if show == ORDERED:
            signed = Event.objects.filter(verb="signed", contact_id=OuterRef("lead__contact_id"))
            rows = rows.filter(Exists(signed.filter(at__gte=OuterRef("ended_at"))))
    else:
        rows = rows.filter(state=Entry.State.RUNNING)
        rows = rows.exclude(held="") if show == HELD else rows
    return rows.filter(step_key=step) if step else rows


DELIVERED = "delivered"
MESSAGES = ((DELIVERED, _("delivered")), (REACTED, _("reacted")))


def messages_of(
    cadence: Cadence, show: str, since: datetime | None = None, step: Any = None
) -> QuerySet[Message]:
    """The messages of a cadence that left, counted as its figures are."""
    rows = Message.objects.filter(source_id=cadence.pk, kind="cadence", state=Message.State.SENT)
    if since:
        rows = rows.filter(sent_at__gte=since)
    if show == DELIVERED:
        rows = rows.filter(delivered_at__isnull=False)
    elif show == REACTED:
        rows = rows.filter(Exists(Reaction.objects.filter(message=OuterRef("pk"))))
    return rows.filter(step_id=step) if step else rows


def people_for(cadence: Cadence, seen: QuerySet[Any], text: str = "", most: int = 20) -> list[Any]:
    """Leads on whom a message can be tried: those of the cadence's segment first come, else any of the pool."""
    rows = seen.filter(state="pooled").select_related("contact", "contact__company")
    if text:
        rows = rows.filter(Q(contact__name__holds=text) | Q(contact__company_name__holds=text))
    elif cadence.segment and (own := list(rows.filter(pool_segment=cadence.segment).order_by("pk")[:most])):
        return own
    return list(rows.order_by("pk")[:most])
