"""What a cell of the list of leads shows."""

from __future__ import annotations

from typing import Any

from django import template

from core.templatetags.trunk import phone
from leads.models import Lead
from leads.selectors import reach
from outreach.rules import MEDIUM_NAMES

register = template.Library()


@register.simple_tag
def way(lead: Lead, kind: str) -> str:
    """The first living way of a kind, masked in the pool (R10.4)."""
    value = reach(lead)[kind]
    return phone(value) if kind == "phone" and value.startswith("+") else value or "–"


@register.simple_tag
def medium_name(code: str) -> Any:
    """A medium in words."""
    return MEDIUM_NAMES.get(code, code)


@register.simple_tag
def pick(values: dict[str, str], name: str, value: str) -> str:
    """Marks the choice of a filter that is set."""
    return "selected" if values.get(name) == value else ""


@register.simple_tag
def held(values: dict[str, str], name: str) -> str:
    """What a filter of a day is set to."""
    return values.get(name, "")[:10]
