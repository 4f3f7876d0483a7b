"""One action on many leads: what would become of each, and then what became of each (ui.md, Leads).

The preview is the action itself, done and taken back. Each lead is a verb call of its own: a refusal of one does not
touch the others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.db import transaction
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _

from accounts.models import Hat, User
from core import hooks
from core.errors import FieldError, Overdue, RuleRefused, TrunkError
from leads import labels, services
from leads.forms import NextStepForm, ReleaseForm
from leads.models import Label, Lead
from leads.rules import State

MOST = 300


class RepForm(forms.Form):
    """To which rep."""

    rep = forms.ModelChoiceField(label=_("To"), queryset=User.objects.none(), empty_label=None)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reps = User.objects.active().wearing(Hat.REP).select_related("team").order_by("name")
        self.fields["rep"].queryset = reps  # type: ignore[attr-defined]


class LabelForm(forms.Form):
    """Which labels to put on, which to take off."""

    on = forms.ModelMultipleChoiceField(
        label=_("Put on"),
        queryset=Label.objects.all(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    off = forms.ModelMultipleChoiceField(
        label=_("Take off"),
        queryset=Label.objects.all(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


@dataclass(frozen=True)
class Action:
    """What can be done with many leads at once: its form, its verb, and what it makes of a lead, in words."""

    name: str
    label: Any
    sign: str
    form: type[forms.Form]
    run: Callable[[Lead, dict[str, Any], User], Any]
    says: Callable[[Lead, dict[str, Any]], str]


@dataclass
class Row:
    """What becomes of one lead: done or refused, in words."""

    lead: Lead
    was: str
    then: str
    ok: bool
    code: str = ""


ACTIONS = {
    action.name: action
    for action in (
        Action(
            "assign",
            _("Give to a rep"),
            "user-share",
            RepForm,
            lambda lead, data, by: services.assign(lead, rep=data["rep"], by=by),
            lambda lead, data: now_("goes to %(name)s") % {"name": data["rep"].name},
        ),
        Action(
            "next",
            _("Set the next step"),
            "flag",
            NextStepForm,
            lambda lead, data, by: services.set_next_step(
                lead, text=data["next_step"], on=data["next_step_on"], by=by
            ),
            lambda lead, data: data["next_step"] or now_("no next step"),
        ),
        Action(
            "labels",
            _("Labels"),
            "tag",
            LabelForm,
            lambda lead, data, by: labels.put(lead, by=by, labels=data["on"], off=data["off"]),
            lambda lead, data: ", ".join(
                [f"+ {label}" for label in data["on"]] + [f"− {label}" for label in data["off"]]
            ),
        ),
        Action(
            "release",
            _("Give back to the pool"),
            "ripple",
            ReleaseForm,
            lambda lead, data, by: services.release(lead, by=by, **data),
            lambda lead, data: now_("goes to the pool"),
        ),
    )
}


def offered(user: User) -> list[Action]:
    """The actions this person may try on many leads; the verb judges each lead."""
    may = {
        "assign": user.wears(Hat.MANAGER, Hat.MARKETER, Hat.ADMIN),
        "next": user.wears(Hat.REP, Hat.TELEMARKETER, Hat.MANAGER, Hat.MARKETER, Hat.ADMIN),
        "labels": labels.on() and user.wears(*Hat.values),
        "release": user.wears(Hat.REP, Hat.MANAGER, Hat.ADMIN),
    }
    return [action for name, action in ACTIONS.items() if may[name]]


def ids_of(given: Sequence[str]) -> list[UUID]:
    """The ids of the leads that were ticked. Raises RuleRefused for none, too many, or what is no id."""
    if not given or len(given) > MOST:
        message = _("Tick at least one lead, and at most %(most)s.") % {"most": MOST}
        raise RuleRefused(errors=[FieldError("lead", "required", message)])
    try:
        return list(dict.fromkeys(UUID(text) for text in given))
    except ValueError:
        raise RuleRefused(errors=[FieldError("lead", "invalid", _("This is not a lead."))]) from None


def preview(action: Action, ids: Sequence[Any], data: dict[str, Any], *, by: User, at: datetime) -> list[Row]:
    """What would become of each lead: all of it is done as it would be, and taken back."""
    with transaction.atomic():
        rows = _run(action, ids, data, by, at)
        transaction.set_rollback(True)
    return rows


def run(action: Action, ids: Sequence[Any], data: dict[str, Any], *, by: User, at: datetime) -> list[Row]:
    """Do it, lead by lead; what is found overdue leaves at its due time, as where a verb meets it (R6.2)."""
    rows = _run(action, ids, data, by, at)
    if over := [row.lead.pk for row in rows if row.code == Overdue.code]:
        hooks.overdue_met(over)
    return rows


def _run(action: Action, ids: Sequence[Any], data: dict[str, Any], by: User, at: datetime) -> list[Row]:
    seen = Lead.objects.actionable_by(by, at).select_related("contact", "owner", "team").in_bulk(list(ids))
    rows = []
    for lead in (seen[pk] for pk in ids if pk in seen):
        was = _place(lead)
        try:
            action.run(lead, data, by)
            rows.append(Row(lead, was, action.says(lead, data), True))
        except TrunkError as refusal:
            why = refusal.errors[0].message if refusal.errors else refusal.detail
            rows.append(Row(lead, was, str(why), False, refusal.code))
    return rows


def _place(lead: Lead) -> str:
    place = str(State(lead.state).label)
    return f"{place}, {lead.owner.name}" if lead.owner else place
