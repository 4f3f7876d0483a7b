"""Forms of channels: a driver's own settings, and a test. What is missing or wrong the verb says."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Team
from core.web.notices import WORDS
from outreach.channels.base import Setting
from outreach.models import Channel
from outreach.rules import ChannelKind
from outreach.services.groups import kinds_of_groups

BEGIN = "set_"  # a setting's field: none can be mistaken for the channel's name or price


class ChannelForm(forms.Form):
    """Name, price and what the driver wants to know. A secret is never shown again: an empty field keeps it."""

    name = forms.CharField(label=pgettext_lazy("thing", "Name"), required=False, max_length=200)
    price = forms.DecimalField(
        label=_("Price of one message"),
        required=False,
        max_digits=10,
        decimal_places=4,
        widget=forms.NumberInput(attrs={"inputmode": "decimal", "min": "0", "step": "0.0001"}),
        help_text=_("What the provider takes for one, an SMS part by part; campaigns count it as cost."),
    )

    def __init__(self, driver: Any, data: Any = None, *, channel: Channel | None = None) -> None:
        initial: dict[str, Any] = {"name": str(driver.label)}
        kept: dict[str, str] = {}
        if channel is not None:
            kept = channel.secrets
            initial = {"name": channel.name, "price": _plain(channel.price)}
            initial |= {f"{BEGIN}{name}": value for name, value in channel.settings.items()}
        super().__init__(data, initial=initial)
        self.driver = driver
        if driver.kind == ChannelKind.WECHAT:  # telling colleagues costs nothing
            del self.fields["price"]
        for setting in driver.settings:
            self.fields[f"{BEGIN}{setting.name}"] = _field(setting, has=bool(kept.get(setting.name)))

    @property
    def secrets(self) -> bool:
        """Whether the driver has any to keep."""
        return any(setting.secret for setting in self.driver.settings)

    @property
    def own(self) -> list[Any]:
        """The driver's own fields."""
        return [self[f"{BEGIN}{setting.name}"] for setting in self.driver.settings]

    def settings_given(self) -> dict[str, str]:
        """What was filled in for the driver."""
        return {s.name: self.cleaned_data[f"{BEGIN}{s.name}"] for s in self.driver.settings}


def _plain(price: Decimal | None) -> str:
    """A price without idle zeros: 0.045."""
    return "" if price is None else f"{price.normalize():f}"


def _field(setting: Setting, *, has: bool) -> forms.Field:
    label = setting.label
    known: dict[str, Any] = {"label": label, "required": False, "help_text": setting.help}
    if setting.choices:
        choices = list(setting.choices) if setting.default else [("", "–"), *setting.choices]
        return forms.ChoiceField(**known, choices=choices, initial=setting.default)
    if setting.secret:
        hint = _("kept; type a new one to replace it") if has else ""
        attrs = {"autocomplete": "new-password", "placeholder": hint, "spellcheck": "false"}
        return forms.CharField(**known, widget=forms.PasswordInput(attrs=attrs), strip=True)
    attrs = {"placeholder": setting.default, "autocomplete": "off", "spellcheck": "false"}
    return forms.CharField(**known, widget=forms.TextInput(attrs=attrs))


class GroupForm(forms.Form):
    """Whose group it is, and what it hears of."""

    team = forms.ModelChoiceField(
        Team.objects.all(), label=_("Whose group"), required=False, empty_label=_("Everybody's")
    )
    told = forms.MultipleChoiceField(
        label=_("What it is told"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, data: Any = None, *, channel: Channel) -> None:
        super().__init__(data, initial={"team": channel.team_id, "told": channel.told})
        self.fields["told"].choices = [(kind, WORDS[kind].label) for kind in kinds_of_groups()]  # type: ignore[attr-defined]


class TestForm(forms.Form):
    """To whom a test goes, and what it says."""

    to = forms.CharField(label=_("Number or address"), required=False, max_length=254)
    text = forms.CharField(
        label=_("Text"),
        required=False,
        max_length=5_000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
