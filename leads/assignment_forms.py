"""The form of an assignment rule."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Hat, User
from catalogue.models import Product
from core import rulebook
from leads.assignment import LISTS, MOST_SIZE, SIZES
from leads.models import AssignmentRule
from outreach.models import Campaign
from outreach.rules import MEDIUM_NAMES

CAMPAIGNS = 60
SEVERAL = _("Several: with commas between. Empty: any.")


class Several(forms.CharField):
    """A few words with commas between, Chinese commas too."""

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]
        text = super().to_python(value) or ""
        for comma in "，、；;\n":
            text = text.replace(comma, ",")
        return [word.strip() for word in text.split(",") if word.strip()]

    def run_validators(self, value: Any) -> None:
        super().run_validators(", ".join(value))


class RuleForm(forms.Form):
    """Name, conditions and reps of a rule; what is not said does not matter."""

    name = forms.CharField(label=pgettext_lazy("thing", "Name"), max_length=80)
    channel = Several(label=_("Source"), required=False, max_length=2000, help_text=SEVERAL)
    region = Several(label=_("Region"), required=False, max_length=2000, help_text=SEVERAL)
    industry = Several(label=_("Industry"), required=False, max_length=2000, help_text=SEVERAL)
    size_from = forms.IntegerField(label=_("Staff from"), required=False, min_value=0, max_value=MOST_SIZE)
    size_to = forms.IntegerField(label=_("Staff to"), required=False, min_value=0, max_value=MOST_SIZE)
    medium = forms.MultipleChoiceField(
        label=_("Came by"), required=False, widget=forms.CheckboxSelectMultiple
    )
    product = forms.MultipleChoiceField(
        label=_("Product"), required=False, widget=forms.CheckboxSelectMultiple
    )
    campaign = forms.MultipleChoiceField(
        label=_("Campaign"), required=False, widget=forms.CheckboxSelectMultiple
    )
    reps = forms.MultipleChoiceField(label=_("Goes to"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, rule: AssignmentRule | None = None, **kwargs: Any) -> None:
        if rule is not None:
            kwargs["initial"] = _initial(rule)
        super().__init__(*args, **kwargs)
        said = rule.conditions if rule else {}
        media = rulebook.get("media")
        products = Product.objects.filter(active=True) | Product.objects.filter(
            pk__in=said.get("product", [])
        )
        latest = Campaign.objects.order_by("-created_at")[:CAMPAIGNS]
        named = [
            *latest,
            *Campaign.objects.filter(pk__in=said.get("campaign", [])).exclude(pk__in=latest.values("pk")),
        ]
        reps = User.objects.active().wearing(Hat.REP).order_by("name")
        self.people = {str(rep.pk): rep for rep in reps}
        choices = {
            "medium": [(code, MEDIUM_NAMES.get(code, code)) for code in media],
            "product": [(str(row.pk), row.name) for row in products.order_by("name")],
            "campaign": [(str(row.pk), row.name) for row in named],
            "reps": [(pk, rep.name) for pk, rep in self.people.items()],
        }
        for name, listed in choices.items():
            self.fields[name].choices = listed  # type: ignore[attr-defined]
            if not listed and name != "reps":
                del self.fields[name]

    def values(self) -> dict[str, Any]:
        """What the verb takes; for a valid form."""
        data = self.cleaned_data
        conditions: dict[str, Any] = {key: data.get(key) or [] for key in LISTS}
        conditions |= {key: data[key] for key in SIZES if data[key] is not None}
        return {
            "name": data["name"],
            "conditions": conditions,
            "reps": [self.people[pk] for pk in data["reps"]],
        }


def _initial(rule: AssignmentRule) -> dict[str, Any]:
    said = rule.conditions
    found: dict[str, Any] = {"name": rule.name, "reps": [str(rep.pk) for rep in rule.reps.all()]}
    found |= {key: ", ".join(said.get(key, [])) for key in ("channel", "region", "industry")}
    found |= {key: said.get(key, []) for key in ("medium", "product", "campaign")}
    return found | {key: said[key][0] for key in SIZES if key in said}
