"""Forms of one's own settings."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.me import kinds_for
from accounts.models import User
from core.web.notices import WORDS


class SettingsForm(forms.Form):
    """What a person sets for oneself."""

    email = forms.EmailField(
        label=_("E-mail"), required=False, help_text=_("Where notices go while you are away from the page.")
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    theme = forms.ChoiceField(
        label=_("Look"), choices=User._meta.get_field("theme").choices or (), widget=forms.RadioSelect
    )
    mail_kinds = forms.MultipleChoiceField(
        label=_("What also comes by e-mail"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, user: User, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["mail_kinds"].choices = [(kind, WORDS[kind].label) for kind in kinds_for(user)]


class PasswordForm(forms.Form):
    """The old password and a new one."""

    old = forms.CharField(
        label=_("Your password now"),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    new = forms.CharField(
        label=_("New password"),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 10 signs, not a common word."),
    )
