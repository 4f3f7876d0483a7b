"""Forms of people, teams and keys."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import ApiKey, Hat, Team, User
from accounts.persons import ADMINS, MOST_CAPACITY
from core.web.fields import sane_year

DAYS = [(30, _("30 days")), (90, _("90 days")), (365, _("a year")), (730, _("two years"))]


class PersonForm(forms.Form):
    """A person of the firm; who may not be two, and what else a rule says, is said by the verb."""

    name = forms.CharField(label=_("Name"), max_length=80)
    login = forms.CharField(
        label=_("Login"), max_length=40, widget=forms.TextInput(attrs={"autocapitalize": "none"})
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
        max_value=MOST_CAPACITY,
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


class OwnPersonForm(PersonForm):
    """What a manager changes of the own people: log-in, hats and password are an administrator's."""

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ADMINS:
            del self.fields[name]
        self.person = person

    def clean(self) -> dict[str, Any]:
        kept = {"login": self.person.login, "hats": self.person.hats, "password": ""}
        return {**(super().clean() or {}), **kept}


class TeamForm(forms.Form):
    """A team and the one above it."""

    name = forms.CharField(label=pgettext_lazy("thing", "Name"), max_length=80)
    parent = forms.ModelChoiceField(
        label=_("Belongs to"), queryset=Team.objects.all(), required=False, empty_label=_("– no team above –")
    )


class AwayForm(forms.Form):
    """Until when somebody is away; empty is back."""

    away_until = forms.DateTimeField(
        label=_("Away until"),
        required=False,
        validators=[sane_year],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )


class KeyForm(forms.Form):
    """A key for a program."""

    key_name = forms.CharField(label=_("What for"), max_length=80)
    scope = forms.ChoiceField(label=_("May"), choices=ApiKey.Scope.choices)
    days = forms.TypedChoiceField(label=pgettext_lazy("key", "For"), choices=DAYS, coerce=int, initial=365)

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not person.wears(Hat.ADMIN):
            choices = [c for c in ApiKey.Scope.choices if c[0] != ApiKey.Scope.ADMIN]
            self.fields["scope"].choices = choices  # type: ignore[attr-defined]
