"""Outcomes of a conversation and what they mean (R2.1, R2.3): pure."""

from __future__ import annotations

from datetime import datetime, time, timedelta, tzinfo
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.dialling import TELEPHONE, scheme_of
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
# Nobody spoke: no step of the script was reached.
SILENT = frozenset({Outcome.NO_ANSWER, Outcome.EMPTY_NUMBER})
LONGEST_ANSWER, LONGEST_KEY = 500, 60


def dialler_fault(template: str) -> Any:
    """What is wrong with a dialler's address, or nothing."""
    return "" if scheme_of(template) else _("must be an address such as tel:{phone} or https://…{phone}")


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
    TELEPHONE,
    "R2.2",
    _("What a click on a number opens; {phone} is the number"),
    kind="text",
    proof=dialler_fault,
)
rule("no_need_reasons", False, "R2.3", _("Ask why there is no need"), kind="bool", branch=True)


class BackIn(models.TextChoices):
    """When people mostly ask to be called again: one key each."""

    HOUR = "hour", _("in an hour")
    LATER = "later", _("later today")
    MORNING = "morning", _("tomorrow morning")
    AFTERNOON = "afternoon", _("tomorrow afternoon")
    MONDAY = "monday", _("next Monday")


FAR = timedelta(days=366)


def call_back_times(at: datetime, tz: tzinfo) -> dict[str, datetime]:
    """The moments that the quick choices mean now; one that is past or said twice is left out."""
    local = at.astimezone(tz)
    tomorrow = local.date() + timedelta(days=1)
    monday = local.date() + timedelta(days=7 - local.weekday())
    found = {BackIn.HOUR.value: (at + timedelta(hours=1)).astimezone(tz).replace(second=0, microsecond=0)}
    later = [datetime.combine(local.date(), time(hour), tz) for hour in (15, 17)]
    later = [moment for moment in later if moment > local + timedelta(minutes=90)]
    if later:
        found[BackIn.LATER.value] = later[0]
    found[BackIn.MORNING.value] = datetime.combine(tomorrow, time(9), tz)
    found[BackIn.AFTERNOON.value] = datetime.combine(tomorrow, time(15), tz)
    if monday != tomorrow:
        found[BackIn.MONDAY.value] = datetime.combine(monday, time(9), tz)
    return found


def call_errors(
    outcome: str,
    channel: str,
    step: int | None,
    duration: int | None,
    call_back_at: datetime | None,
    reason: str,
    at: datetime,
) -> list[FieldError]:
    """All that is missing or wrong in what was said of a conversation (R2.3)."""
    errors = []
    if outcome not in Outcome.values:
        message = _("“%(value)s” is not an outcome of a conversation.") % {"value": str(outcome)[:40]}
        errors.append(FieldError("outcome", "invalid" if outcome else "required", message))
    if channel not in Channel.values:
        errors.append(
            FieldError(
                "channel",
                "invalid",
                _("“%(value)s” is not a channel of conversation.") % {"value": channel[:40]},
            )
        )
    if step is not None and step not in STEPS:
        errors.append(
            FieldError(
                "step", "out_of_range", _("“%(value)s”: the script has steps 1 to 3.") % {"value": step}
            )
        )
    if duration is not None and not 0 <= duration <= LONGEST_CALL:
        message = _("“%(value)s”: a duration is 0 to 86400 seconds.") % {"value": duration}
        errors.append(FieldError("duration", "out_of_range", message))
    if outcome == Outcome.CALL_BACK and call_back_at is None:
        errors.append(FieldError("call_back_at", "required", _("When did you promise to call back?")))
    elif outcome == Outcome.CALL_BACK and call_back_at and call_back_at <= at - timedelta(minutes=1):
        errors.append(FieldError("call_back_at", "past", _("A call-back lies in the future.")))
    elif outcome == Outcome.CALL_BACK and call_back_at and call_back_at > at + FAR:
        errors.append(FieldError("call_back_at", "out_of_range", _("A call-back lies within a year.")))
    if reason and reason not in NoNeed.values:
        errors.append(
            FieldError(
                "reason", "invalid", _("“%(value)s” is not a reason for no need.") % {"value": reason[:40]}
            )
        )
    return errors


def kept_answers(answers: dict[str, str] | None) -> dict[str, str]:
    """What was said to the script's questions, without those that were left open."""
    said = {str(k)[:LONGEST_KEY]: str(v).strip()[:LONGEST_ANSWER] for k, v in (answers or {}).items()}
    return {key: text for key, text in said.items() if text}


def told_answers(steps: list[dict[str, Any]], answers: dict[str, str]) -> dict[str, str]:
    """What was said, with what was asked, for the timeline: the rep who calls next reads it there (R2.4)."""
    asked = {str(q.get("key")): str(q.get("text")) for step in steps for q in step.get("questions", [])}
    told = enumerate(answers.items(), start=1)
    return {f"answer.{n}": f"{asked.get(key, key)} {text}" for n, (key, text) in told}


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
        for place, question in enumerate(step.get("questions", [])):
            field = f"steps.{n}.questions.{place}"
            key = str(question.get("key", "")).strip()
            if not str(question.get("text", "")).strip():
                errors.append(FieldError(f"{field}.text", "required", _("What is asked here?")))
            if not key or len(key) > LONGEST_KEY:
                message: Any = _("A question needs a short name under which its answers are kept.")
                errors.append(FieldError(f"{field}.key", "required", message))
            elif key in keys:
                message = _("“%(key)s” is already the name of another question.") % {"key": key}
                errors.append(FieldError(f"{field}.key", "taken", message))
            keys.add(key)
    return errors
