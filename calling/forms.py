"""The form of a conversation (R2.3)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from calling.rules import Channel, NoNeed, Outcome
from contacts.rules import shown_phone
from leads.models import Lead
from leads.permissions import is_masked


class CallForm(forms.Form):
    """How a conversation ended; the verb says what is missing."""

    outcome = forms.ChoiceField(label=_("How did it end?"), choices=Outcome.choices, widget=forms.RadioSelect)
    call_back_at = forms.DateTimeField(
        label=_("Call back at"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    reason = forms.ChoiceField(label=_("Why no need"), required=False, choices=[("", "–"), *NoNeed.choices])
    channel = forms.ChoiceField(label=_("By"), choices=Channel.choices, required=False)
    phone = forms.ChoiceField(label=_("Number"), required=False)
    note = forms.CharField(
        label=_("Note"), max_length=10_000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    do_not_call = forms.BooleanField(label=_("Asked never to be called again"), required=False)

    def __init__(self, *args: Any, lead: Lead, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        numbers = [p for p in lead.contact.points.all() if p.kind == "phone" and p.dead_at is None]
        if len(numbers) < 2 or is_masked(lead):
            del self.fields["phone"]
        else:
            shown = [(shown_phone(p.value, p.extension), shown_phone(p.value, p.extension)) for p in numbers]
            self.fields["phone"].choices = shown  # type: ignore[attr-defined]

    def clean_channel(self) -> str:
        """By phone, unless said otherwise."""
        return self.cleaned_data["channel"] or Channel.PHONE
