"""What one person would read at each step of a cadence, by the very code that writes the messages (R10.10)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse

from contacts.models import Contact
from outreach.rendering import Rendered, language_of, render, text_for, values_of
from outreach.rules import ChannelKind
from outreach.sms import Length, length_of
from pool.cadence_reading import Way, way_of
from pool.models import CadenceVersion, StepWay

NUMBER = 0  # no message: the addresses in a preview lead nowhere


@dataclass
class Reading:
    """One way of a step as the person reads it; `text` is None where the template has none; `url` is its page."""

    way: Way
    text: Rendered | None
    length: Length | None = None
    url: str = ""


@dataclass
class Step:
    """A step with its ways, the one that is tried first in front."""

    position: int
    ways: list[Reading]


def readings(version: CadenceVersion | None, contact: Contact | None) -> list[Step]:
    """Every step, its ways filled in for this person."""
    if version is None:
        return []
    values = values_of(contact) if contact else {}
    language = language_of(contact) if contact else ""
    return [
        Step(step.position, [_reading(way, values, language) for way in step.ways.all()])
        for step in version.steps.all()
    ]


def _reading(way: StepWay, values: dict[str, str], language: str) -> Reading:
    text = text_for(way.template, language)
    rendered = render(text, values, NUMBER) if text else None
    length = length_of(rendered.text) if rendered and way.channel == ChannelKind.SMS else None
    return Reading(way_of(way.channel, way.template), rendered, length, _page_of(way.template_id))


def _page_of(template_id: Any) -> str:
    """The page of a template, where a test is sent from; empty as long as there is none."""
    try:
        return reverse("outreach:template", args=[template_id])
    except NoReverseMatch:
        return ""
