"""Outcomes of a conversation and what they mean (R2.1, R2.3): pure."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.errors import FieldError
from core.rulebook import rule


class Outcome(models.TextChoices):
    """How a conversation ended."""

    INTERESTED = "interested", _("interested")
    CALL_BACK = "call_back", _("call back")
    NO_ANSWER = "no_answer", _("no answer")
    EMPTY_NUMBER = "empty_number", _("empty number")
    WRONG_NUMBER = "wrong_number", _("wrong number")
    NO_NEED = "no_need", _("no need for now")
    REFUSED = "refused", _("refused")


class Channel(models.TextChoices):
    """By what the conversation was."""

    PHONE = "phone", _("phone")
    EMAIL = "email", pgettext_lazy("channel", "e-mail")
    WECHAT = "wechat", _("WeChat")


class NoNeed(models.TextChoices):
    """An optional word on why there is no need; a step never asks for it."""

    NOT_NOW = "not_now", _("not now")
    OTHER_SUPPLIER = "other_supplier", _("other supplier")
    TOO_EXPENSIVE = "too_expensive", _("too expensive")
    WRONG_AUDIENCE = "wrong_audience", _("not our audience")
    PRIVATE_PERSON = "private_person", _("private person")


# Somebody was there: the count of unanswered calls starts again (R2.3).
ANSWERED = frozenset({Outcome.INTERESTED, Outcome.CALL_BACK, Outcome.NO_NEED, Outcome.REFUSED})
DEAD = frozenset({Outcome.EMPTY_NUMBER, Outcome.WRONG_NUMBER})
STEPS = (1, 2, 3)
LONGEST_CALL = 24 * 3600

rule(
    "lease_minutes",
    10,
    "R2.2",
    _("Minutes that a lead stays with the telemarketer who got it"),
    unit=_("minutes"),
    least=1,
    most=240,
)
rule(
    "no_answer_wait_hours",
    2,
    "R2.2",
    _("Hours before a lead that did not answer is offered again"),
    unit=_("hours"),
    least=0,
    most=240,
)
rule(
    "dialler_url",
    "tel:{phone}",
    "R2.2",
    _("What a click on a number opens; {phone} is the number"),
    kind="text",
)


def steps_errors(steps: Any) -> list[FieldError]:
    """What is wrong with the steps of a script: three, each with a title and a text (R2.4)."""
    if not isinstance(steps, list) or len(steps) != len(STEPS):
        return [FieldError("steps", "invalid", _("A script has three steps."))]
    errors = []
    keys: set[str] = set()
    for n, step in enumerate(steps, start=1):
        if not isinstance(step, dict) or not str(step.get("text", "")).strip():
            errors.append(FieldError(f"steps.{n}.text", "required", _("Step %(n)s says nothing.") % {"n": n}))
            continue
        for question in step.get("questions", []):
            key = str(question.get("key", "")).strip()
            if not key or not str(question.get("text", "")).strip() or key in keys:
                message = _("Each question of step %(n)s needs a short name of its own and a text.") % {
                    "n": n
                }
                errors.append(FieldError(f"steps.{n}.questions", "invalid", message))
            keys.add(key)
    return errors
