"""Forms of what happens on the way to an order: experience, risks, presales (R8.1, R8.6)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.web.fields import sane_year
from opportunities.forms import TEXT, count_field, day_field
from opportunities.models import ExperienceEvent, Opportunity
from opportunities.rules import ExperienceKind, Kind


def time_field(label: Any, **more: Any) -> forms.DateTimeField:
    """A day and a time, picked by the browser's own calendar; whether it is missing is the verb's to say."""
    more.setdefault("required", False)
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(
        label=label,
        widget=widget,
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
        validators=[sane_year],
        **more,
    )


def text_field(label: Any, rows: int = 2, **more: Any) -> forms.CharField:
    """A few lines of text."""
    more.setdefault("required", False)
    return forms.CharField(label=label, max_length=TEXT, widget=forms.Textarea(attrs={"rows": rows}), **more)


class ExperienceForm(forms.Form):
    """An online meeting, remote session, visit or trial: planned, or held already (R8.1)."""

    kind = forms.ChoiceField(
        label=_("What is it"), choices=ExperienceKind.choices, widget=forms.RadioSelect,
        initial=ExperienceKind.ONLINE, required=False,
    )  # fmt: skip
    starts_at = time_field(_("Begins"))
    ends_at = time_field(pgettext_lazy("experience", "Ends"), help_text=_("A trial needs its end."))
    note = text_field(_("Note"))
    held = forms.BooleanField(label=_("It has taken place already"), required=False)

    def asked(self) -> dict[str, Any]:
        """What the verb is told: not held yet means planned."""
        return {**self.cleaned_data, "held": True if self.cleaned_data["held"] else None}


class MovedForm(forms.Form):
    """Another time for what is planned."""

    starts_at = time_field(_("Begins"))
    ends_at = time_field(pgettext_lazy("experience", "Ends"))
    note = text_field(_("Note"))


class RiskForm(forms.Form):
    """What may go wrong in the negotiation (R8.6); a renewal is judged by a person (R8.3)."""

    competitor = forms.CharField(label=_("Competitor"), max_length=120, required=False)
    risk = forms.CharField(label=_("Other risk"), max_length=300, required=False)
    over_expectation = forms.BooleanField(label=_("The price is over their expectation"), required=False)
    probability = count_field(_("Your own judgement, %"), help_text=_("Empty: the win rate of the stage."))

    def __init__(self, *args: Any, kind: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if kind != Kind.RENEWAL:
            del self.fields["probability"]
        else:
            self.fields["probability"].widget.attrs.update({"min": "0", "max": "100"})


class AskForm(forms.Form):
    """What presales is asked for, and by when (R8.6)."""

    text = text_field(_("What should presales work out?"), rows=3)
    due_on = day_field(_("Needed by"))


class AnswerForm(forms.Form):
    """What presales answers."""

    answer = text_field(_("Answer"), rows=4)


def risks_of(row: Opportunity) -> RiskForm:
    """The risks as they are known."""
    names = ("competitor", "risk", "over_expectation", "probability")
    return RiskForm(initial={name: getattr(row, name) for name in names}, kind=row.kind)


def moved(event: ExperienceEvent) -> MovedForm:
    """The time of an event, to be changed."""
    names = ("starts_at", "ends_at", "note")
    return MovedForm(initial={name: getattr(event, name) for name in names}, auto_id=f"{event.pk}-%s")
