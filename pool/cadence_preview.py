"""What one person would read at each step of a cadence, by the very code that writes the messages (R10.10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import NoReverseMatch, reverse

from contacts.models import Contact
from core import rulebook
from outreach import gate
from outreach.previews import NUMBER, lengthened
from outreach.rendering import Rendered, language_of, render, text_for, values_of
from outreach.rules import WHY_HELD, ChannelKind
from outreach.sms import Length, length_of
from pool.cadence_reading import Way, way_of
from pool.models import CadenceVersion, StepWay


@dataclass
class Reading:
    """One way of a step as the person reads it; `text` is None where the template has none; `held` says why this
    person would not get it now; `url` is the template's page."""

    way: Way
    text: Rendered | None
    length: Length | None = None
    held: Any = ""
    waits: bool = False
    url: str = ""


@dataclass
class Step:
    """A step with its ways, the one that is tried first in front."""

    position: int
    ways: list[Reading]


def readings(version: CadenceVersion | None, contact: Contact | None, at: datetime) -> list[Step]:
    """Every step, its ways filled in for this person; whether they may be reached is what the gate says (R11.2)."""
    if version is None:
        return []
    values = values_of(contact) if contact else {"firm": rulebook.get("firm_name")}
    language = language_of(contact) if contact else ""
    facts = gate.facts_of([contact], at)[contact.pk] if contact else None
    limits = gate.Limits.now()
    found = []
    for step in version.steps.all():
        ways = [_reading(way, values, language) for way in step.ways.all()]
        for one in ways:
            if facts is not None:
                said = gate.judge(facts, one.way.channel, at, limits)
                one.held, one.waits = WHY_HELD.get(said.why, said.why), said.until is not None
        found.append(Step(step.position, ways))
    return found


def _reading(way: StepWay, values: dict[str, str], language: str) -> Reading:
    text = text_for(way.template, language)
    rendered = render(text, values, NUMBER) if text else None
    if rendered is not None:
        rendered.subject, rendered.text = lengthened(rendered.subject), lengthened(rendered.text)
    length = length_of(rendered.text) if rendered and way.channel == ChannelKind.SMS else None
    return Reading(way_of(way.channel, way.template), rendered, length, url=_page_of(way.template_id))


def _page_of(template_id: Any) -> str:
    """The page of a template, where a test is sent from; empty as long as there is none."""
    try:
        return reverse("outreach:template", args=[template_id])
    except NoReverseMatch:
        return ""
