"""What one person would read at each step of a cadence, by the very code that writes the messages (R10.10)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from contacts.models import Contact
from outreach.rendering import Rendered, language_of, render, text_for, values_of
from outreach.rules import ChannelKind
from outreach.sms import Length, length_of
from pool.cadence_reading import Way, way_of
from pool.models import CadenceVersion

NUMBER = 0  # no message: the addresses in a preview lead nowhere


@dataclass
class Reading:
    """One way of a step as the person reads it; `text` is None where the template has none."""

    position: int
    first: bool
    way: Way
    text: Rendered | None
    length: Length | None = None


def readings(version: CadenceVersion | None, contact: Contact | None) -> list[Reading]:
    """Every way of every step, filled in for this person."""
    if version is None:
        return []
    values = values_of(contact) if contact else {}
    language = language_of(contact) if contact else ""
    found = []
    for step in version.steps.all():
        for n, way in enumerate(step.ways.all()):
            text = text_for(way.template, language)
            rendered: Any = render(text, values, NUMBER) if text else None
            length = length_of(rendered.text) if rendered and way.channel == ChannelKind.SMS else None
            found.append(Reading(step.position, not n, way_of(way.channel, way.template), rendered, length))
    return found
