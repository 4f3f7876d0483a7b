"""The plans in force and the texts of their templates, read once for a batch."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import connection

from outreach.models import Template
from pool.cadence.plan import Plan, Step, Way
from pool.models import Cadence, CadenceStep, CadenceVersion, StepWay


@dataclass
class Book:
    """The plans of the running cadences: by cadence, by segment; templates with their texts, by id."""

    plans: dict[Any, Plan] = field(default_factory=dict)
    by_segment: dict[str, Plan] = field(default_factory=dict)
    templates: dict[Any, Template] = field(default_factory=dict)

    def text_ready(self, template_id: Any) -> bool:
        """Whether a template can be written from."""
        template = self.templates.get(template_id)
        return template is not None and template.active and bool(template.texts.all())


def book(*, held: bool = False) -> Book:
    """All that a sweep has to know of the cadences that run: six queries.

    `held`: nobody starts, stops or changes one until the transaction is over; others may hold them so as well.
    """
    rows = Cadence.objects.filter(active=True)
    if held:
        with connection.cursor() as cursor:
            cursor.execute("SELECT id FROM pool_cadence WHERE active ORDER BY id FOR SHARE")
            rows = Cadence.objects.filter(pk__in=[pk for (pk,) in cursor.fetchall()])
    running = list(rows)
    plans = plans_of(cadence.pk for cadence in running)
    found = Book(plans)
    found.by_segment = {c.segment: plans[c.pk] for c in running if c.segment and c.pk in plans}
    found.templates = templates_of(plans.values())
    return found


def templates_of(plans: Iterable[Plan]) -> dict[Any, Template]:
    """The templates that plans are written from, with their texts."""
    ids = {way.template_id for plan in plans for step in plan.steps for way in step.ways}
    return Template.objects.filter(pk__in=ids).prefetch_related("texts").in_bulk()


def plans_of(cadence_ids: Iterable[Any]) -> dict[Any, Plan]:
    """The steps in force of these cadences: cadence id → plan; none where there are no steps. Three queries."""
    latest = CadenceVersion.objects.filter(cadence_id__in=list(cadence_ids))
    versions = list(latest.select_related("cadence").order_by("cadence_id", "-number").distinct("cadence_id"))
    steps = list(CadenceStep.objects.filter(version__in=versions).order_by("version_id", "position"))
    ways: dict[Any, list[Way]] = {}
    for way in StepWay.objects.filter(step__in=steps).order_by("step_id", "position"):
        ways.setdefault(way.step_id, []).append(Way(way.channel, way.template_id))
    of_version: dict[Any, list[Step]] = {}
    for row in steps:
        made = of_version.setdefault(row.version_id, [])
        wait = timedelta(minutes=row.wait_minutes)
        # Their order is what counts: positions are numbered here.
        made.append(Step(row.key, len(made) + 1, wait, row.condition, tuple(ways.get(row.pk, ()))))
    return {
        version.cadence_id: Plan(
            version.cadence_id,
            version.cadence.segment,
            tuple(of_version[version.pk]),
            version.repeat_from,
            version.then_segment,
        )
        for version in versions
        if version.pk in of_version
    }


def plan_of(cadence: Cadence) -> Plan | None:
    """The steps of one cadence in force."""
    return plans_of([cadence.pk]).get(cadence.pk)
