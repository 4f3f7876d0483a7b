"""Changing a cadence: a new version of its steps, starting and stopping it (R10.10)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import connection
from django.db.models import Count
from django.utils.translation import gettext as _

from accounts.models import User
from core import clock, events
from core.errors import FieldError, Forbidden, NotFound, RuleRefused
from core.locking import lock_one, verb
from leads.rules import Segment
from outreach.models import Template
from outreach.rules import ChannelKind, Goal
from pool.cadence import checks, entries
from pool.cadence.facts import plan_of
from pool.cadence.permissions import may_edit
from pool.cadence.plan import Place, Plan, Step, standing
from pool.models import Cadence, CadenceStep, CadenceVersion, Entry, StepWay


@dataclass
class WayIn:
    """One way of a step as somebody wants it; `template` is a Template or its id."""

    channel: str
    template: Any


@dataclass
class StepIn:
    """A step as somebody wants it; `key` says which one of the version before it was."""

    wait_minutes: int
    ways: Sequence[WayIn] = ()
    condition: str = CadenceStep.Condition.ALWAYS
    key: Any = None


@dataclass(frozen=True)
class Standing:
    """How many entries stand before a step."""

    position: int
    key: Any
    entries: int


@dataclass(frozen=True)
class Change:
    """Where entries stand now, where they would after a change, and how many would be through all steps."""

    now: list[Standing]
    then: list[Standing]
    ends: int


# Those whom stopping had ended go on where they were, unless something else has happened to their leads since.
_RESUME = """
UPDATE pool_entry e SET state = 'running', ended_at = NULL, ended_why = ''
FROM leads_lead l
WHERE e.cadence_id = %s AND e.ended_why = 'stopped' AND l.id = e.lead_id AND l.state = 'pooled'
AND l.pool_segment = e.segment AND l.pooled_at <= e.started_at
AND NOT EXISTS (SELECT 1 FROM pool_entry o WHERE o.lead_id = e.lead_id AND o.id <> e.id
                AND (o.state = 'running' OR o.started_at > e.started_at))
"""


@verb
def save_cadence(
    cadence: Cadence | None,
    *,
    by: User,
    name: str,
    goal: str,
    segment: str,
    steps: Sequence[StepIn],
    repeat_from: int | None = None,
    then_segment: str = "",
) -> Cadence:
    """Change a cadence, or make one that does not run yet; its steps become a new version where they differ (R10.10).

    Running entries keep their place, by the step's key, and their due time. Raises Forbidden, NotFound, RuleRefused (all
    that is wrong).
    """
    if not may_edit(by):
        raise Forbidden()
    row = _locked(cadence) if cadence is not None else None
    templates = _templates(steps)
    fixed = row.segment if row is not None and row.entries.exists() else None
    errors = checks.head_errors(name, goal, segment, fixed)
    errors += checks.step_errors(steps, templates)
    errors += checks.end_errors(steps, segment, repeat_from, then_segment)
    if errors:
        raise RuleRefused("invalid", errors=errors)
    at = clock.now()
    if row is None:
        row = Cadence.objects.create(
            name=name.strip(), goal=Goal(goal), segment=Segment(segment), active=False, created_at=at
        )
        events.record(events.Fact("cadence_made", row, at, by, data={"segment": segment, "goal": goal}))
    elif (row.name, row.goal, row.segment) != (name.strip(), goal, segment):
        was = {"goal": row.goal, "segment": row.segment}
        row.name, row.goal, row.segment = name.strip(), Goal(goal), Segment(segment)
        row.store("name", "goal", "segment")
        data = {"from": was, "to": {"goal": goal, "segment": segment}}
        events.record(events.Fact("cadence_changed", row, at, by, data=data))
    _new_version(row, steps, templates, repeat_from, then_segment, by, at)
    return row


@verb
def start_cadence(cadence: Cadence | Any, *, by: User) -> Cadence:
    """A cadence serves its segment from now on; entries that were stopped go on from their place (R10.10).

    Raises Forbidden, NotFound, RuleRefused (another one serves the segment).
    """
    if not may_edit(by):
        raise Forbidden()
    row = _locked(cadence)
    if row.active:
        return row
    other = Cadence.objects.filter(active=True, segment=row.segment).exclude(pk=row.pk).first()
    if other is not None:
        message = _("“%(name)s” serves these leads: stop it first.") % {"name": other}
        raise RuleRefused("segment_served", errors=[FieldError("segment", "taken", message)])
    at = clock.now()
    row.active = True
    row.store("active")
    with connection.cursor() as cursor:
        cursor.execute(_RESUME, [str(row.pk)])
        resumed = cursor.rowcount
    events.record(events.Fact("cadence_started", row, at, by, data={"entries": resumed}))
    return row


@verb
def stop_cadence(cadence: Cadence | Any, *, by: User) -> Cadence:
    """A cadence writes to nobody any more; what it had not sent is withdrawn (R10.10). Raises Forbidden, NotFound."""
    if not may_edit(by):
        raise Forbidden()
    row = _locked(cadence)
    if not row.active:
        return row
    at = clock.now()
    row.active = False
    row.store("active")
    running = Entry.objects.filter(cadence=row, state=Entry.State.RUNNING).order_by("pk")
    ids = list(running.select_for_update(no_key=True).values_list("pk", flat=True))
    Entry.objects.filter(pk__in=ids).update(
        state=Entry.State.ENDED, ended_at=at, ended_why=Entry.Ended.STOPPED
    )
    withdrawn = entries.recall(ids)
    data = {"entries": len(ids), "withdrawn": withdrawn}
    events.record(events.Fact("cadence_stopped", row, at, by, data=data))
    return row


def preview_change(
    cadence: Cadence, steps: Sequence[StepIn], repeat_from: int | None = None, then_segment: str = ""
) -> Change:
    """Where the running entries stand, and where they would stand after a change (R10.8)."""
    running = Entry.objects.filter(cadence=cadence, state=Entry.State.RUNNING)
    groups = list(running.values_list("step_key", "position").annotate(n=Count("pk")).order_by())
    now = plan_of(cadence)
    then = Plan(
        cadence.pk,
        cadence.segment,
        tuple(Step(_key(s.key) or uuid4(), n, checks.wait_of(s)) for n, s in enumerate(steps, start=1)),
        repeat_from,
        then_segment,
    )
    return Change(_standing(now, groups)[0], *_standing(then, groups))


def _standing(plan: Plan | None, groups: list[tuple[Any, int, int]]) -> tuple[list[Standing], int]:
    if plan is None or not plan.steps:
        return [], sum(many for _key_, _position, many in groups)
    found: Counter[int] = Counter()
    ends = 0
    for key, position, many in groups:
        step = standing(plan, Place(key, position, 1, _NEVER))
        if step is not None:
            found[step.position] += many
        elif plan.repeat_from is not None:
            found[plan.repeat_from] += many
        else:
            ends += many
    return [Standing(step.position, step.key, found[step.position]) for step in plan.steps], ends


_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def _locked(cadence: Cadence | Any) -> Cadence:
    try:
        return lock_one(Cadence.objects.all(), getattr(cadence, "pk", cadence))
    except Cadence.DoesNotExist:
        raise NotFound() from None


def _templates(steps: Sequence[StepIn]) -> dict[Any, Template]:
    ids = {_key(getattr(way.template, "pk", way.template)) for step in steps for way in step.ways}
    return Template.objects.filter(pk__in=[pk for pk in ids if pk]).prefetch_related("texts").in_bulk()


def _key(value: Any) -> UUID | None:
    try:
        return value if isinstance(value, UUID) or value is None else UUID(str(value))
    except ValueError:
        return None


def _new_version(
    row: Cadence,
    steps: Sequence[StepIn],
    templates: dict[Any, Template],
    repeat_from: int | None,
    then_segment: str,
    by: User,
    at: datetime,
) -> None:
    last = row.versions.order_by("-number").first()
    known = {step.key for step in CadenceStep.objects.filter(version__cadence=row)}
    keys: list[UUID] = []
    for step in steps:
        key = _key(step.key)
        keys.append(key if key in known and key not in keys else uuid4())
    wanted = [
        (key, step.wait_minutes, step.condition, [(w.channel, _template_id(w)) for w in step.ways])
        for key, step in zip(keys, steps, strict=True)
    ]
    ending = (repeat_from, then_segment)
    if last is not None and (last.repeat_from, last.then_segment) == ending and _as_stored(last) == wanted:
        return
    version = CadenceVersion.objects.create(
        cadence=row,
        number=last.number + 1 if last else 1,
        repeat_from=repeat_from,
        then_segment=then_segment,
        by=by,
        at=at,
    )
    for position, (key, wait, condition, ways) in enumerate(wanted, start=1):
        made = CadenceStep.objects.create(
            version=version, key=key, position=position, wait_minutes=wait, condition=condition
        )
        StepWay.objects.bulk_create(
            StepWay(step=made, position=n, channel=ChannelKind(channel), template=templates[template_id])
            for n, (channel, template_id) in enumerate(ways, start=1)
        )
    # Whoever opened the steps before sees by the version of the cadence that they are others now.
    row.store()
    data = {"number": version.number, "steps": len(wanted)}
    events.record(events.Fact("cadence_edited", row, at, by, data=data))


def _template_id(way: WayIn) -> UUID | None:
    return _key(getattr(way.template, "pk", way.template))


def _as_stored(version: CadenceVersion) -> list[tuple[Any, ...]]:
    return [
        (s.key, s.wait_minutes, s.condition, [(w.channel, w.template_id) for w in s.ways.all()])
        for s in version.steps.prefetch_related("ways").all()
    ]
