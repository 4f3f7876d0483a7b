"""Forms around messages. What a rule has to say is said by the verb; a form only reads what was typed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from outreach.models import Consent
from outreach.rules import ChannelKind
from outreach.services.messages import COULD_NOT, DONE

CHANNELS = [(kind.value, kind.label) for kind in (ChannelKind.EMAIL, ChannelKind.SMS)]
STOPS = [("0", _("wants no more of it")), ("1", _("allows it again"))]


class RetryForm(forms.Form):
    sure = forms.BooleanField(label=_("I know that it did not arrive"), required=False)


class DoneForm(forms.Form):
    outcome = forms.ChoiceField(choices=[(DONE, _("done")), (COULD_NOT, _("could not"))])
    note = forms.CharField(label=_("Note"), max_length=280, required=False)


class WriteForm(forms.Form):
    """An e-mail or SMS to one person."""

    channel = forms.ChoiceField(label=_("By"), choices=CHANNELS, initial="email", widget=forms.RadioSelect)
    subject = forms.CharField(
        label=_("Subject"), max_length=200, required=False, help_text=_("Of an e-mail only.")
    )
    text = forms.CharField(
        label=_("Text"),
        max_length=10_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("{{ name }}, {{ company }} and {{ call_me }} are filled in."),
    )
    asked_for = forms.BooleanField(
        label=_("They asked for it"),
        required=False,
        help_text=_(
            "An answer, a brochure: it leaves at once, also at night, and does not count as a touch."
        ),
    )


class ConsentForm(forms.Form):
    """What a person said they want."""

    what = forms.ChoiceField(label=_("What"), choices=Consent.What, initial="email", widget=forms.RadioSelect)
    given = forms.TypedChoiceField(
        label=_("The person"),
        choices=STOPS,
        initial="0",
        coerce=lambda value: value == "1",
        widget=forms.RadioSelect,
    )
    text = forms.CharField(
        label=_("When and how they said so"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


def write_form() -> dict[str, Any]:
    """What the panel of a message by hand needs."""
    return {"form": WriteForm()}


def consent_form() -> dict[str, Any]:
    """What the panel of consent needs."""
    return {"form": ConsentForm()}
