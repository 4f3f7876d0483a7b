"""Forms of opportunities. What a rule has to say is said by the verb; a form only reads what was typed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from catalogue.models import Product
from core.web.fields import sane_year
from opportunities.rules import LostReason
from opportunities.selectors import counted_word as counted_word
from opportunities.services import Need

TEXT = 10_000
MOST_NEEDS = 40


def day_field(label: Any, **more: Any) -> forms.DateField:
    """A day, picked by the browser's own calendar."""
    more.setdefault("required", False)
    return forms.DateField(
        label=label,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        validators=[sane_year],
        **more,
    )


def amount_field(label: Any, **more: Any) -> forms.DecimalField:
    """An amount of money."""
    more.setdefault("required", False)
    widget = forms.NumberInput(attrs={"inputmode": "decimal", "min": "0", "step": "0.01"})
    return forms.DecimalField(label=label, max_digits=14, decimal_places=2, widget=widget, **more)


def count_field(label: Any, **more: Any) -> forms.IntegerField:
    """How many; whether it is too few or too many is the verb's to say."""
    more.setdefault("required", False)
    widget = forms.NumberInput(attrs={"inputmode": "numeric", "min": "1", "step": "1"})
    # As validators, so that the browser's arrows keep to the widget's own bounds.
    bounds = [MinValueValidator(-(2**31)), MaxValueValidator(2**31)]
    return forms.IntegerField(label=label, widget=widget, validators=bounds, **more)


class FactsForm(forms.Form):
    """What is known of an opportunity."""

    amount = amount_field(_("Amount"))
    expected_close = day_field(_("Expected close"))
    headcount = count_field(_("How many"), required=True)
    competitor = forms.CharField(label=_("Competitor"), max_length=120, required=False)


class PeopleForm(forms.Form):
    """For how many people the products are."""

    headcount = count_field(_("For how many"), required=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["headcount"].label = _("How many %(counted)s") % {"counted": counted_word()}


class NextStepForm(forms.Form):
    """What to do next and when (R12.2)."""

    next_step = forms.CharField(label=_("Next step"), max_length=200, required=False)
    next_step_on = day_field(_("On"))


class BackForm(forms.Form):
    """Why it goes back (R8.2)."""

    reason = forms.CharField(
        label=_("Why does it go back?"), max_length=TEXT, required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip


class LoseForm(forms.Form):
    """Why it is lost (R8.7)."""

    reason = forms.ChoiceField(
        label=_("Why"), choices=LostReason.choices, widget=forms.RadioSelect, required=True,
        error_messages={"required": _("Say why it was lost.")},
    )  # fmt: skip
    text = forms.CharField(
        label=_("In a few words"), max_length=TEXT, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    competitor = forms.CharField(label=_("Competitor"), max_length=120, required=False)


class NeedForm(forms.Form):
    """One product the customer needs; a line without a product is left out."""

    product = forms.ModelChoiceField(
        label=_("Product"), queryset=Product.objects.none(), required=False, empty_label="–"
    )
    purpose = forms.CharField(label=_("What for"), max_length=500, required=False)
    quantity = count_field(_("Quantity"))


class _Lines(forms.BaseFormSet):
    """Lines of products: the choice of products is asked of the database once for all of them."""

    def __init__(self, *args: Any, products: Any = None, **kwargs: Any) -> None:
        self.products = products if products is not None else product_choices()
        super().__init__(*args, **kwargs)

    def add_fields(self, form: forms.Form, index: int | None) -> None:
        super().add_fields(form, index)
        field = form.fields["product"]
        field.queryset = Product.objects.all()  # type: ignore[attr-defined]
        field.choices = self.products  # type: ignore[attr-defined]

    def filled(self) -> list[tuple[int, dict[str, Any]]]:
        """The lines that name a product, each with its place in the form."""
        return [(n, f.cleaned_data) for n, f in enumerate(self.forms) if f.cleaned_data.get("product")]


def product_choices() -> list[tuple[Any, str]]:
    """What is sold, as a choice."""
    rows = Product.objects.filter(active=True).values_list("pk", "name")
    return [("", "–"), *((pk, name) for pk, name in rows)]


def line_set(form: type[forms.Form], extra: int = 1) -> Any:
    """A set of lines, with room for one more."""
    return forms.formset_factory(
        form, formset=_Lines, extra=extra, max_num=MOST_NEEDS, absolute_max=MOST_NEEDS
    )


NeedLines = line_set(NeedForm)
FirstNeed = line_set(NeedForm, extra=0)


class ConvertForm(forms.Form):
    """All that is needed to quote (R5.1); what is missing the verb lists, all at once."""

    company = forms.CharField(
        label=_("Company, its correct name"), max_length=200, required=False,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )  # fmt: skip
    headcount = count_field(_("For how many"))
    amount = amount_field(_("Amount"), help_text=_("Empty: list price × quantity."))
    expected_close = day_field(_("Expected close"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["headcount"].label = _("How many %(counted)s") % {"counted": counted_word()}


def needs_of(row: Any) -> Any:
    """The products of an opportunity, to be changed; what is not sold any more stays in the choice."""
    rows = list(row.needs.all())
    choices = product_choices()
    sold = {pk for pk, _name in choices}
    choices += [(need.product_id, need.product.name) for need in rows if need.product_id not in sold]
    initial = [{"product": x.product_id, "purpose": x.purpose, "quantity": x.quantity} for x in rows]
    return (FirstNeed if initial else NeedLines)(prefix="products", initial=initial, products=choices)


def needs_in(lines: Any) -> tuple[list[Need], list[int]]:
    """The needs of a valid set of lines, and the place of each in the form."""
    filled = lines.filled()
    needs = [Need(line["product"], line["purpose"], line["quantity"]) for _n, line in filled]
    return needs, [n for n, _line in filled]
