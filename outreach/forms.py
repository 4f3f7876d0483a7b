"""Forms of campaigns, mailings and templates. What a rule has to say is said by the verb; a form only reads."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from catalogue.forms import day_field, price_field
from core.web.fields import sane_year
from outreach.models import Campaign, Template
from outreach.rules import ChannelKind, Goal
from outreach.services.templates import LANGUAGES, Wording

TEXT = 10_000


class CampaignForm(forms.Form):
    """What a campaign is called, what it is for, what it may cost and when it is."""

    name = forms.CharField(label=pgettext_lazy("thing", "Name"), max_length=120, required=False)
    kind = forms.ChoiceField(
        label=_("What is it"), choices=Campaign.Kind.choices, initial="campaign", widget=forms.RadioSelect
    )
    goal = forms.ChoiceField(
        label=_("What is it for"),
        choices=Goal.choices,
        initial="acquire",
        widget=forms.RadioSelect,
        help_text=_("It is judged by the figure of its goal."),
    )
    budget = price_field(_("Budget"))
    cost = price_field(
        _("Spent so far"), help_text=_("What a lead and an order have cost is reckoned from it.")
    )
    starts_on = day_field(_("First day"))
    ends_on = day_field(_("Last day"), help_text=_("After it no mailing of this campaign goes out."))
    note = forms.CharField(
        label=_("Note"), max_length=TEXT, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class MailingForm(forms.Form):
    """To whom, and with which words."""

    view = forms.ChoiceField(label=_("To whom"), required=False)
    template = forms.ModelChoiceField(
        label=_("Template"), queryset=Template.objects.none(), required=False, empty_label=_("– choose –")
    )

    def __init__(self, *args: Any, views: list[Any], templates: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.views = {str(view.pk): view for view in views}
        names = [(pk, view.name) for pk, view in self.views.items()]
        self.fields["view"].choices = [("", _("– choose a saved view of leads –")), *names]  # type: ignore[attr-defined]
        self.fields["template"].queryset = templates  # type: ignore[attr-defined]
        self.fields["template"].label_from_instance = lambda row: f"{row.get_channel_display()} · {row}"  # type: ignore[attr-defined]

    def clean_view(self) -> Any:
        """The view itself."""
        return self.views.get(self.cleaned_data["view"])


class StartForm(forms.Form):
    """When a mailing begins; empty is now."""

    starts_at = forms.DateTimeField(
        label=_("When"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
        help_text=_("Empty: at once."),
        validators=[sane_year],
    )

    def clean_starts_at(self) -> datetime | None:
        """In the firm's time."""
        value = self.cleaned_data["starts_at"]
        return timezone.make_aware(value) if value is not None and timezone.is_naive(value) else value


class TemplateForm(forms.Form):
    """A template: its name, its way while it is new, and what it says in each language."""

    name = forms.CharField(label=pgettext_lazy("thing", "Name"), max_length=80, required=False)

    def __init__(self, *args: Any, channel: str, new: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.channel, self.new = channel, new
        for code in LANGUAGES:
            if channel == ChannelKind.EMAIL:
                self.fields[f"subject_{code}"] = forms.CharField(
                    label=_("Subject"), max_length=200, required=False
                )
            self.fields[f"text_{code}"] = forms.CharField(
                label=_("Text"),
                max_length=TEXT,
                required=False,
                widget=forms.Textarea(attrs={"rows": 12 if channel == ChannelKind.EMAIL else 5}),
            )
            if channel in (ChannelKind.SMS, ChannelKind.CALL):
                self.fields[f"provider_code_{code}"] = forms.CharField(
                    label=_("Code of the text that the provider approved"), max_length=80, required=False
                )
                self.fields[f"provider_params_{code}"] = forms.CharField(
                    label=_("What fills it in, in order"),
                    max_length=400,
                    required=False,
                    widget=forms.TextInput(attrs={"placeholder": "name, call_me"}),
                )

    def parts(self) -> list[tuple[str, Any, list[Any], list[Any]]]:
        """The fields of each language: (code, name of the language, what it says, what the provider approved)."""
        from django.conf import settings

        found = []
        for code, label in settings.LANGUAGES:
            names = [name for name in self.fields if name.endswith(f"_{code}")]
            own = [self[name] for name in names if not name.startswith("provider")]
            found.append((code, label, own, [self[name] for name in names if name.startswith("provider")]))
        return found

    def wordings(self) -> dict[str, Wording]:
        """What was typed, by language."""
        data = self.cleaned_data
        return {
            code: Wording(
                data.get(f"text_{code}", ""),
                data.get(f"subject_{code}", ""),
                data.get(f"provider_code_{code}", ""),
                [word.strip() for word in data.get(f"provider_params_{code}", "").split(",") if word.strip()],
            )
            for code in LANGUAGES
        }


def initial_of(template: Template, wordings: dict[str, Wording]) -> dict[str, str]:
    """A template as its form shows it."""
    found = {"name": str(template)}
    for code, wording in wordings.items():
        found |= {
            f"subject_{code}": wording.subject,
            f"text_{code}": wording.text,
            f"provider_code_{code}": wording.provider_code,
            f"provider_params_{code}": ", ".join(wording.provider_params),
        }
    return found
