"""Stages, win rates and reasons (R8), and what converting asks for (R5.1): pure."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.errors import FieldError
from core.rulebook import rule


class Stage(models.TextChoices):
    """Where an opportunity stands; a scheduled one is not on the board yet (R9.4)."""

    SCHEDULED = "scheduled", _("scheduled")
    CONFIRMED = "confirmed", _("opportunity confirmed")
    EXPERIENCE = "experience", _("product experience")
    NEGOTIATION = "negotiation", _("negotiation")
    WON = "won", _("won")
    LOST = "lost", _("lost")


class Kind(models.TextChoices):
    """New business, or one of the next chances with a customer (R9.4)."""

    NEW_BUSINESS = "new_business", _("new business")
    RENEWAL = "renewal", _("renewal")
    UPSELL = "upsell", _("upsell")
    REPURCHASE = "repurchase", _("repurchase")


class LostReason(models.TextChoices):
    """Why an opportunity is lost; `other` needs a text (R8.7)."""

    PSEUDO_NEED = "pseudo_need", _("pseudo need")
    NO_BUDGET = "no_budget", _("no budget")
    PRICE = "price", _("price")
    COMPETITOR = "competitor", _("competitor")
    TIMING = "timing", _("timing")
    NO_ANSWER = "no_answer", pgettext_lazy("lost", "no answer")
    OTHER = "other", _("other")


class ExperienceKind(models.TextChoices):
    """How a customer experiences the product (R8.1)."""

    ONLINE = "online", _("online meeting")
    REMOTE = "remote", _("remote session")
    VISIT = "visit", _("visit")
    TRIAL = "trial", _("trial")


class QuoteState(models.TextChoices):
    """Where a quote stands (R9.5); that its day is over is reckoned, not stored."""

    DRAFT = "draft", _("draft")
    SENT = "sent", pgettext_lazy("quote", "sent")
    ACCEPTED = "accepted", pgettext_lazy("quote", "accepted")
    REVISED = "revised", pgettext_lazy("quote", "revised")


OPEN = (Stage.CONFIRMED, Stage.EXPERIENCE, Stage.NEGOTIATION)
CLOSED = (Stage.WON, Stage.LOST)
# In these the page offers what marketing filed (R8.6).
WITH_CASES = (Stage.CONFIRMED, Stage.EXPERIENCE)

# The only moves there are; FSM, trigger and drawn graph say the same.
MOVES: dict[str, frozenset[str]] = {
    Stage.SCHEDULED: frozenset({*OPEN, Stage.WON, Stage.LOST}),
    Stage.CONFIRMED: frozenset({Stage.EXPERIENCE, Stage.NEGOTIATION, Stage.WON, Stage.LOST}),
    Stage.EXPERIENCE: frozenset({Stage.CONFIRMED, Stage.NEGOTIATION, Stage.WON, Stage.LOST}),
    Stage.NEGOTIATION: frozenset({Stage.CONFIRMED, Stage.EXPERIENCE, Stage.WON, Stage.LOST}),
    Stage.WON: frozenset(),
    Stage.LOST: frozenset({Stage.SCHEDULED, *OPEN}),
}

rule(
    "win_rate_confirmed",
    10,
    "R8.1",
    _("Win rate at “opportunity confirmed”"),
    kind="percent",
    unit="%",
    most=100,
)
rule(
    "win_rate_experience",
    30,
    "R8.1",
    _("Win rate at “product experience”"),
    kind="percent",
    unit="%",
    most=100,
)
rule("win_rate_negotiation", 70, "R8.1", _("Win rate at “negotiation”"), kind="percent", unit="%", most=100)
rule("headcount_word", "people", "R5.1", _("What is counted: people, seats, units"), kind="text")
rule(
    "undo_lost_hours",
    24,
    "R8.7",
    _("Hours in which a lost opportunity can be taken back"),
    unit=_("hours"),
    most=720,
)

rule("stage_gates", False, "R8.2", _("Stages ask for their evidence"), kind="bool", branch=True)
rule("presales", False, "R8.6", _("Reps ask presales for a solution"), kind="bool", branch=True)
rule("quote_days", 30, "R9.5", _("Days a quote is valid"), unit=_("days"), least=1, most=365)

HEADCOUNT_MOST = 10_000_000


def win_rate(stage: str, values: dict[str, Any]) -> int:
    """The firm's nominal win rate of a stage, in percent (R8.1)."""
    if stage == Stage.WON:
        return 100
    return int(values.get(f"win_rate_{stage}", 0))


def chance(kind: str, stage: str, judged: int | None, values: dict[str, Any]) -> int:
    """What an open opportunity weighs with, in percent: a renewal that somebody judged by that judgement, else by the
    win rate of its stage (R8.3)."""
    return judged if kind == Kind.RENEWAL and judged is not None else win_rate(stage, values)


def is_forward(old: str, new: str) -> bool:
    """Whether a move between open stages goes forward (also over one, R8.2)."""
    order = list(OPEN)
    return new in order and (old not in order or order.index(new) > order.index(old))  # type: ignore[arg-type]


def is_back(old: str, new: str) -> bool:
    """Whether a move between open stages goes back."""
    order = list(OPEN)
    return new in order and old in order and order.index(new) < order.index(old)  # type: ignore[arg-type]


def missing_for_conversion(
    products: list[Any], headcount: Any, company_ok: bool, company: str
) -> list[FieldError]:
    """Everything that is missing before an opportunity exists, all at once (R5.1)."""
    errors: list[FieldError] = []
    if not products:
        errors.append(
            FieldError("products", "required", _("Which product does the customer need? Name at least one."))
        )
    if headcount is None:
        errors.append(FieldError("headcount", "required", _("For how many people?")))
    elif headcount < 1 or headcount > HEADCOUNT_MOST:
        errors.append(
            FieldError(
                "headcount",
                "out_of_range",
                _("“%(value)s”: must be a whole number of at least 1.") % {"value": headcount},
            )
        )
    if not company.strip():
        errors.append(FieldError("company", "required", _("What is the company's correct name?")))
    elif not company_ok:
        errors.append(
            FieldError(
                "company", "not_a_name", _("“%(value)s” is not a company name.") % {"value": company[:60]}
            )
        )
    return errors


def renewal_opens_on(starts_on: date, ends_on: date, most_days: int, part: int = 3) -> date:
    """When a renewal becomes active: a third of the term is left, at most `most_days` before the end (R9.4)."""
    days = (ends_on - starts_on).days + 1
    return ends_on + timedelta(days=1) - timedelta(days=min(days // part, most_days))


def weighted(amount: Decimal | None, rate: int) -> Decimal:
    """Amount × win rate, to the cent, half up as every sum of money."""
    return ((amount or Decimal(0)) * rate / 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
