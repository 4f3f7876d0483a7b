"""Forms of people."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.models import Hat, Team, User


class PersonForm(forms.Form):
    """A person of the firm; who may not be two, and what else a rule says, is said by the verb."""

    name = forms.CharField(label=_("Name"), max_length=80)
    login = forms.CharField(
        label=_("Login"), max_length=40, validators=User._meta.get_field("login").validators
    )
    hats = forms.MultipleChoiceField(
        label=_("Roles"), choices=Hat.choices, widget=forms.CheckboxSelectMultiple, required=False
    )
    team = forms.ModelChoiceField(
        label=_("Team"), queryset=Team.objects.all(), required=False, empty_label="–"
    )
    capacity = forms.IntegerField(
        label=_("Capacity"),
        required=False,
        min_value=0,
        max_value=100_000,
        help_text=_("Empty: as in the rulebook"),
    )
    email = forms.EmailField(label=_("E-mail"), required=False)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    password = forms.CharField(
        label=_("Password"),
        max_length=128,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
