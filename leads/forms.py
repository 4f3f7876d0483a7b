"""Forms of a lead. What a rule has to say is said by the verb; a form only reads what was typed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core import rulebook
from core.web.fields import sane_year
from leads.rules import ReleaseReason, ReturnReason
from outreach.rules import MEDIUM_NAMES, channel_of

TEXT = 10_000


# What is typed here is looked up while one types (R1.5).
ASKING = ("phone", "email", "wechat", "company_name")


def _asks(form: forms.Form, target: str) -> None:
    for name in ASKING:
        form.fields[name].widget.attrs.update(
            {
                "hx-post": reverse_lazy("leads:check"),
                "hx-trigger": "input changed delay:350ms",
                "hx-target": f"#{target}",
                "hx-swap": "innerHTML",
                "hx-sync": f"#{target}:queue last",
                "autocomplete": "off",
            }
        )


class CheckForm(forms.Form):
    """Is somebody known (R1.5)?"""

    phone = forms.CharField(
        label=_("Phone"), required=False, widget=forms.TextInput(attrs={"inputmode": "tel"})
    )
    email = forms.CharField(
        label=_("E-mail"), required=False, widget=forms.TextInput(attrs={"inputmode": "email"})
    )
    wechat = forms.CharField(label=_("WeChat"), required=False)
    company_name = forms.CharField(label=_("Company"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="check_%s", **kwargs)
        _asks(self, "check-known")


class CaptureForm(forms.Form):
    """A new lead (R1.1): one way to reach the person is enough."""

    name = forms.CharField(label=_("Name"), max_length=120, required=False)
    company_name = forms.CharField(label=_("Company"), max_length=200, required=False)
    phone = forms.CharField(
        label=_("Phone"), max_length=60, required=False, widget=forms.TextInput(attrs={"inputmode": "tel"})
    )
    email = forms.CharField(
        label=_("E-mail"),
        max_length=254,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "email"}),
    )
    wechat = forms.CharField(label=_("WeChat"), max_length=60, required=False)
    title = forms.CharField(label=_("Job title"), max_length=120, required=False)
    medium = forms.ChoiceField(label=_("Came by"))
    channel = forms.CharField(
        label=_("Channel"),
        max_length=60,
        required=False,
        help_text=_("Where exactly: spring salon, search ads"),
    )
    campaign = forms.CharField(label=_("Campaign"), max_length=120, required=False)
    note = forms.CharField(
        label=_("Note"), max_length=TEXT, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        media = rulebook.get("media")
        _asks(self, "new-known")
        self.fields["medium"].choices = [(code, MEDIUM_NAMES.get(code, code)) for code in media]  # type: ignore[attr-defined]

    def clean_channel(self) -> str:
        """Free text becomes the channel's code; without any, the medium says enough."""
        return channel_of(self.cleaned_data["channel"]) or self.data.get("medium", "")


class ReturnForm(forms.Form):
    """Why an MQL is illegal (R4.1)."""

    reason = forms.ChoiceField(label=_("Why"), choices=ReturnReason.choices, widget=forms.RadioSelect)
    text = forms.CharField(
        label=_("More"), max_length=TEXT, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


class AskForm(forms.Form):
    """What another week is for (R7.1); without a reason the verb refuses."""

    reason = forms.CharField(
        label=_("What the extra week is for"),
        max_length=TEXT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class ObjectForm(forms.Form):
    """What a rep has against an MQL that is none of the five reasons (R4.1)."""

    text = forms.CharField(
        label=_("What is wrong with it"),
        max_length=TEXT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class ContestForm(forms.Form):
    """Why a return was not right (R4.2)."""

    text = forms.CharField(
        label=_("Why it was a correct MQL"),
        max_length=TEXT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class DecideForm(forms.Form):
    """A word with a decision; may be empty."""

    comment = forms.CharField(label=_("Comment"), max_length=TEXT, required=False)


class SettleForm(forms.Form):
    """What a manager settles, with a word; may be empty (R4.1, R4.2)."""

    verdict = forms.CharField(max_length=10, required=False)
    comment = forms.CharField(label=_("Comment"), max_length=TEXT, required=False)


class ReleaseForm(forms.Form):
    """Why a lead is given back (R6.5)."""

    reason = forms.ChoiceField(label=_("Why"), choices=ReleaseReason.choices, widget=forms.RadioSelect)
    text = forms.CharField(
        label=_("More"), max_length=TEXT, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


class NoteForm(forms.Form):
    """Something worth keeping."""

    text = forms.CharField(label=_("Note"), max_length=TEXT, widget=forms.Textarea(attrs={"rows": 3}))


class NextStepForm(forms.Form):
    """What to do next and when (R12.2)."""

    next_step = forms.CharField(label=_("Next step"), max_length=200, required=False)
    next_step_on = forms.DateField(
        label=_("On"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        validators=[sane_year],
    )


class AssignForm(forms.Form):
    """To which colleague."""

    rep = forms.ModelChoiceField(label=_("To"), queryset=User.objects.none(), empty_label=None)

    def __init__(self, *args: Any, reps: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rep"].queryset = reps  # type: ignore[attr-defined]


class ContactForm(forms.Form):
    """What is known of the person; an empty way to reach them changes nothing."""

    name = forms.CharField(label=_("Name"), max_length=120, required=False)
    company_name = forms.CharField(label=_("Company"), max_length=200, required=False)
    title = forms.CharField(label=_("Job title"), max_length=120, required=False)
    phone = forms.CharField(label=_("Phone"), max_length=60, required=False)
    email = forms.CharField(label=_("E-mail"), max_length=254, required=False)
    wechat = forms.CharField(label=_("WeChat"), max_length=60, required=False)
    language = forms.ChoiceField(
        label=_("Written to in"), choices=[("", _("not known: Chinese")), *settings.LANGUAGES], required=False
    )
