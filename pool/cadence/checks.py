"""What is wrong with a cadence that somebody wants: every field with its value and the reason (R10.10)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.utils.translation import gettext as _

from core.errors import FieldError
from leads.rules import Segment
from outreach.models import Template
from outreach.rules import ChannelKind, Goal
from pool.models import CadenceStep

if TYPE_CHECKING:
    from pool.cadence.editing import StepIn

MOST_STEPS, MOST_WAYS = 30, 6
DAY = 24 * 60
MOST_WAIT = 3 * 365 * DAY
NAME_MOST = Template._meta.get_field("name").max_length or 80


def _not_one(value: Any) -> str:
    return _("“%(value)s” is not one of the choices.") % {"value": str(value)[:40]}


def head_errors(name: str, goal: str, segment: str, fixed: str | None) -> list[FieldError]:
    """Name, goal and segment; `fixed` is the segment of a cadence that has been at work already."""
    errors = []
    if "\x00" in name or len(name.strip()) > NAME_MOST:
        message = _("The name may have at most %(most)s characters.") % {"most": NAME_MOST}
        errors.append(FieldError("name", "invalid", message))
    if goal not in Goal.values:
        errors.append(FieldError("goal", "invalid_choice", _not_one(goal)))
    if segment not in Segment.values:
        errors.append(FieldError("segment", "invalid_choice", _not_one(segment)))
    elif fixed is not None and segment != fixed:
        message = _("It has served “%(segment)s” already: make another cadence for other leads.")
        label = Segment(fixed).label if fixed in Segment.values else fixed
        errors.append(FieldError("segment", "fixed", message % {"segment": label}))
    return errors


def step_errors(steps: Sequence[StepIn], templates: Mapping[Any, Template]) -> list[FieldError]:
    """The steps, each with its ways."""
    if not 1 <= len(steps) <= MOST_STEPS:
        message = _("A cadence has 1 to %(most)s steps, not %(value)s.")
        return [FieldError("steps", "invalid", message % {"most": MOST_STEPS, "value": len(steps)})]
    errors: list[FieldError] = []
    for position, step in enumerate(steps, start=1):
        at = f"steps.{position}"
        wait = step.wait_minutes
        if isinstance(wait, bool) or not isinstance(wait, int) or not 0 <= wait <= MOST_WAIT:
            message = _("“%(value)s” is no time to wait: 0 minutes to 3 years.")
            errors.append(FieldError(f"{at}.wait_minutes", "invalid", message % {"value": str(wait)[:40]}))
        if step.condition not in CadenceStep.Condition.values:
            errors.append(FieldError(f"{at}.condition", "invalid_choice", _not_one(step.condition)))
        errors += _way_errors(at, step, templates)
    return errors


def _way_errors(at: str, step: StepIn, templates: Mapping[Any, Template]) -> list[FieldError]:
    if not 1 <= len(step.ways) <= MOST_WAYS:
        message = _("A step has 1 to %(most)s ways, not %(value)s.")
        known = {"most": MOST_WAYS, "value": len(step.ways)}
        return [FieldError(f"{at}.ways", "invalid", message % known)]
    errors = []
    for n, way in enumerate(step.ways, start=1):
        if way.channel not in ChannelKind.values:
            errors.append(FieldError(f"{at}.ways.{n}.channel", "invalid_choice", _not_one(way.channel)))
            continue
        template = _found(way.template, templates)
        if template is None:
            message = _("There is no such template.")
        elif template.channel != way.channel:
            told = {"name": str(template), "channel": template.get_channel_display()}
            message = _("“%(name)s” is a template for %(channel)s.") % told
        elif not template.active or not template.texts.all():
            message = _("“%(name)s” is not in use, or has no text.") % {"name": str(template)}
        else:
            continue
        errors.append(FieldError(f"{at}.ways.{n}.template", "invalid", message))
    return errors


def _found(wanted: Any, templates: Mapping[Any, Template]) -> Template | None:
    pk = getattr(wanted, "pk", wanted)
    try:
        return templates.get(pk if isinstance(pk, UUID) else UUID(str(pk)))
    except ValueError:
        return None


def end_errors(
    steps: Sequence[StepIn], segment: str, repeat_from: int | None, then_segment: str
) -> list[FieldError]:
    """What comes after the last step: again from a step, another segment, or nothing."""
    errors = []
    if then_segment and then_segment not in Segment.values:
        errors.append(FieldError("then_segment", "invalid_choice", _not_one(then_segment)))
    elif then_segment and then_segment == segment:
        message = _("They lie in this part of the pool already: repeat the steps instead.")
        errors.append(FieldError("then_segment", "same", message))
    if repeat_from is None:
        return errors
    if then_segment:
        message = _("After the last step it either begins again or goes on elsewhere, not both.")
        errors.append(FieldError("repeat_from", "both", message))
    elif (
        isinstance(repeat_from, bool)
        or not isinstance(repeat_from, int)
        or not 1 <= repeat_from <= len(steps)
    ):
        message = _("There is no step “%(value)s” to begin again from.") % {"value": str(repeat_from)[:40]}
        errors.append(FieldError("repeat_from", "invalid", message))
    elif _round(steps[repeat_from - 1 :]) < DAY:
        message = _("What repeats has to take at least a day, or it would never come to rest.")
        errors.append(FieldError("repeat_from", "too_short", message))
    return errors


def _round(steps: Sequence[StepIn]) -> int:
    return sum(step.wait_minutes for step in steps if isinstance(step.wait_minutes, int))


def wait_of(step: StepIn) -> timedelta:
    """How long a step waits; nothing where it says nonsense."""
    good = isinstance(step.wait_minutes, int) and 0 <= step.wait_minutes <= MOST_WAIT
    return timedelta(minutes=step.wait_minutes if good else 0)
