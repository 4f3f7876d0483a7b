"""Outcomes of a conversation and what they mean (R2.1, R2.3): pure."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


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
