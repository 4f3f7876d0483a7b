"""Forms of the catalogue. What a rule has to say is said by the verb; a form only reads what was typed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalogue.models import Case, Product
from catalogue.pricelist import NAME_MOST
from catalogue.rules import Basis
from core.web.fields import sane_year

TEXT = 10_000


def price_field(label: Any, **more: Any) -> forms.DecimalField:
    """An amount for one unit."""
    widget = forms.NumberInput(attrs={"inputmode": "decimal", "min": "0", "step": "0.01"})
    return forms.DecimalField(
        label=label, max_digits=14, decimal_places=2, required=False, widget=widget, **more
    )


def day_field(label: Any, **more: Any) -> forms.DateField:
    """A day, picked by the browser's own calendar."""
    return forms.DateField(
        label=label,
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        validators=[sane_year],
        **more,
    )


class ProductForm(forms.Form):
    """What a product is called and what it costs as long as no price list says otherwise."""

    name = forms.CharField(label=_("Product"), max_length=120, required=False)
    price = price_field(_("List price, once"), help_text=_("Holds while no price of its own does."))
    unit = forms.CharField(
        label=_("Unit"), max_length=40, required=False, help_text=_("What is counted: seat, day, device.")
    )


class ChangedProductForm(ProductForm):
    """A product that is there already can go off sale."""

    active = forms.BooleanField(label=_("On sale"), required=False)


class PriceForm(forms.Form):
    """What a product costs, for what, from when to when, in which list."""

    basis = forms.ChoiceField(label=_("For what"), choices=Basis.choices, widget=forms.RadioSelect)
    price = price_field(_("Price"))
    name = forms.CharField(
        label=_("Price list"),
        max_length=NAME_MOST,
        required=False,
        help_text=_("Empty: the firm's own, which quotes take."),
        widget=forms.TextInput(attrs={"list": "price-lists", "autocomplete": "off"}),
    )
    valid_from = day_field(_("From"))
    valid_until = day_field(_("Until"), help_text=_("Empty: until the next one begins."))


class CaseForm(forms.Form):
    """A customer's case or a video, and for whom it is shown (R8.6)."""

    kind = forms.ChoiceField(
        label=_("What is it"), choices=Case.Kind.choices, initial=Case.Kind.CASE, widget=forms.RadioSelect
    )
    title = forms.CharField(label=_("Title"), max_length=160, required=False)
    url = forms.CharField(
        label=_("Link"),
        max_length=500,
        required=False,
        widget=forms.URLInput(attrs={"placeholder": "https://"}),
    )
    summary = forms.CharField(
        label=_("In a few sentences"),
        max_length=TEXT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("What they had, what they did, what it brought. A rep reads it before the call."),
    )
    product = forms.ModelChoiceField(
        label=_("Product"), queryset=Product.objects.all(), required=False, empty_label=_("– all products –")
    )
    industry = forms.CharField(
        label=_("Industry"),
        max_length=80,
        required=False,
        help_text=_("Empty: for every industry."),
        widget=forms.TextInput(attrs={"list": "industries", "autocomplete": "off"}),
    )


class ChangedCaseForm(CaseForm):
    """What is filed already can be put away."""

    active = forms.BooleanField(label=_("Shown to reps"), required=False)
