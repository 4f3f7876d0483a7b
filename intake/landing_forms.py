"""What marketing types to make a form or an event."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from catalogue.models import Product
from core.web.fields import sane_year
from intake import form_rules
from intake.models import LandingForm
from outreach.models import Campaign

NOT_ASKED, ASKED, NEEDED = "", "asked", "needed"
HOW = [(NOT_ASKED, _("not asked")), (ASKED, _("may be left empty")), (NEEDED, _("must be filled in"))]


def moment_field(label: Any) -> forms.DateTimeField:
    """A day and an hour, picked by the browser's own calendar; the firm's time."""
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(label=label, required=False, widget=widget, validators=[sane_year])


class LandingFormForm(forms.Form):
    """A form on the web; whether it makes sense is the verb's to say."""

    kind = forms.ChoiceField(
        label=_("What is it?"), choices=LandingForm.Kind.choices, widget=forms.RadioSelect
    )
    title = forms.CharField(label=_("Title"), max_length=120, required=False)
    text = forms.CharField(
        label=_("Text above the form"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    language = forms.ChoiceField(label=_("Language of the page"), choices=settings.LANGUAGES)
    slug = forms.CharField(
        label=_("End of the address"),
        max_length=60,
        required=False,
        help_text=_("Empty: made from the title."),
    )
    campaign = forms.ModelChoiceField(
        Campaign.objects.filter(active=True), label=_("Campaign"), required=False, empty_label="–"
    )
    channel = forms.CharField(label=_("Channel"), max_length=60, required=False)
    product = forms.ModelChoiceField(
        Product.objects.filter(active=True), label=_("Product"), required=False, empty_label="–"
    )
    starts_at = moment_field(_("Begins"))
    ends_at = moment_field(_("Ends"))
    place = forms.CharField(label=_("Place"), max_length=200, required=False)
    link = forms.CharField(label=_("Link of the live stream"), max_length=500, required=False)
    consent = forms.CharField(
        label=_("What they agree to"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Kept with each person, word by word. Empty: nothing is asked."),
    )
    thanks = forms.CharField(
        label=_("What they read afterwards"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    active = forms.BooleanField(label=_("Open: can be filled in"), required=False, initial=True)

    def __init__(self, *args: Any, form: LandingForm | None = None, **kwargs: Any) -> None:
        initial = (
            _known(form) if form else {"kind": "form", "channel": "official_website", "language": "zh-hans"}
        )
        asked = form.asked if form else form_rules.USUAL
        super().__init__(*args, initial={**initial, **kwargs.pop("initial", {})}, **kwargs)
        for name, label in form_rules.FIELDS.items():
            how = NEEDED if asked.get(name) else ASKED if name in asked else NOT_ASKED
            self.fields[f"ask_{name}"] = forms.ChoiceField(
                label=label, choices=HOW, required=False, initial=how
            )

    def asking(self) -> list[forms.BoundField]:
        """The controls of what is asked, for the page."""
        return [self[f"ask_{name}"] for name in form_rules.FIELDS]

    def told(self) -> dict[str, Any]:
        """What was typed, as the verb takes it."""
        told = dict(self.cleaned_data)
        asked = {name: told.pop(f"ask_{name}") for name in form_rules.FIELDS}
        told["asked"] = {name: how == NEEDED for name, how in asked.items() if how}
        return told


def _known(form: LandingForm) -> dict[str, Any]:
    names = (
        "kind",
        "title",
        "text",
        "language",
        "slug",
        "channel",
        "place",
        "link",
        "consent",
        "thanks",
        "active",
    )
    known = {name: getattr(form, name) for name in names}
    return {
        **known,
        "campaign": form.campaign_id,
        "product": form.product_id,
        "starts_at": form.starts_at,
        "ends_at": form.ends_at,
    }


class AttendedForm(forms.Form):
    """A list of who came."""

    file = forms.FileField(label=_("List of who came"), allow_empty_file=True)
