"""The form of a quote. What a rule has to say is said by the verb; a form only reads what was typed (R9.5)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from catalogue.models import Product
from catalogue.pricing import Line
from catalogue.rules import Basis, usual_periods
from catalogue.selectors import prices_on
from opportunities.forms import (
    TEXT,
    amount_field,
    count_field,
    day_field,
    line_set,
    product_choices,
)
from opportunities.models import Quote


def percent_field(label: Any, **more: Any) -> forms.DecimalField:
    """A percentage with two places; whether it is too much is the verb's to say."""
    more.setdefault("required", False)
    attrs = {"inputmode": "decimal", "min": "0", "max": "100", "step": "0.01"}
    return forms.DecimalField(
        label=label, max_digits=7, decimal_places=2, widget=forms.NumberInput(attrs=attrs), **more
    )


class QuoteLineForm(forms.Form):
    """One line; without a product it is left out, without a price that of the day holds.

    `filled` says for which product and basis the price was filled in, and with what: for another product the price of
    the day takes its place, unless a price was typed.
    """

    product = forms.ModelChoiceField(
        label=_("Product"), queryset=Product.objects.none(), required=False, empty_label="–"
    )
    purpose = forms.CharField(label=_("What for"), max_length=500, required=False)
    basis = forms.ChoiceField(
        label=pgettext_lazy("basis", "Price"), choices=Basis.choices, required=False, initial=Basis.ONCE
    )
    quantity = count_field(_("Quantity"))
    periods = count_field(_("Months/years"))
    unit_price = amount_field(_("Unit price"))
    discount = percent_field(_("Discount %"))
    filled = forms.CharField(required=False, max_length=120, widget=forms.HiddenInput)

    @property
    def price(self) -> Decimal | None:
        """The price that holds for what is chosen now; None: that of the day."""
        data = self.cleaned_data
        product, price = data.get("product"), data.get("unit_price")
        mark, _sep, was = data.get("filled", "").rpartition("=")
        if product is None or price is None or not mark or mark == f"{product.pk}:{data.get('basis')}":
            return price
        return None if was == f"{price:.2f}" else price


QuoteLines = line_set(QuoteLineForm)
LinesAsTheyAre = line_set(QuoteLineForm, extra=0)


class QuoteForm(forms.Form):
    """What holds for the whole quote."""

    discount = percent_field(_("Discount on all, %"))
    tax_rate = percent_field(_("Tax, %"))
    term_months = count_field(_("Term in months"), help_text=_("Empty: bought once."))
    valid_until = day_field(_("Valid until"), required=True)
    language = forms.ChoiceField(
        label=_("Language of the quote"), choices=[("zh-hans", "中文"), ("en", "English")]
    )
    note = forms.CharField(
        label=_("Note for the customer"), max_length=TEXT, required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip

    def fields_for_verb(self) -> dict[str, Any]:
        """What the verb takes; an empty percentage is none."""
        data = dict(self.cleaned_data)
        for name in ("discount", "tax_rate"):
            data[name] = data[name] if data[name] is not None else Decimal(0)
        return data


class SendForm(forms.Form):
    """To whom a quote goes, and what is said with it."""

    to = forms.CharField(
        label=pgettext_lazy("mail", "To"),
        required=False,
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    text = forms.CharField(
        label=_("Text"), max_length=TEXT, required=False, widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("Empty: the usual few sentences. The PDF is attached."),
    )  # fmt: skip
    amount = forms.BooleanField(label=_("The opportunity is worth this total from now on"), required=False)


def lines_in(lines: Any, headcount: int, term_months: int | None) -> tuple[list[Line], list[int]]:
    """The lines of a valid set, and the place of each in the form; what is left empty follows people and term."""
    found, places = [], []
    for n, form in enumerate(lines.forms):
        data = form.cleaned_data
        if not data.get("product"):
            continue
        places.append(n)
        # What is bought once has no months or years.
        basis = data["basis"] or Basis.ONCE
        usual = basis == Basis.ONCE or data["periods"] is None
        found.append(
            Line(
                data["product"],
                headcount if data["quantity"] is None else data["quantity"],
                form.price,
                data["discount"] if data["discount"] is not None else Decimal(0),
                basis,
                usual_periods(basis, term_months) if usual else data["periods"],
                data["purpose"],
            )
        )
    return found, places


def form_of(quote: Quote) -> QuoteForm:
    """What holds for the whole quote, to be changed."""
    names = ("tax_rate", "term_months", "valid_until", "language", "note")
    initial = {name: getattr(quote, name) for name in names}
    initial |= {
        "tax_rate": plain(quote.tax_rate),
        "discount": plain(quote.discount) if quote.discount else None,
    }
    return QuoteForm(initial=initial)


def lines_of(quote: Quote) -> Any:
    """The lines of a quote, to be changed; what is not sold any more stays in the choice."""
    rows = list(quote.lines.all())
    choices = product_choices()
    sold = {pk for pk, _name in choices}
    choices += [(row.product_id, row.product.name) for row in rows if row.product_id not in sold]
    initial = [
        {
            "product": row.product_id,
            "purpose": row.purpose,
            "basis": row.basis,
            "quantity": row.quantity,
            # Empty where it is bought once: changed to a price by month it follows the term.
            "periods": None if row.basis == Basis.ONCE else row.periods,
            "unit_price": row.unit_price,
            "discount": plain(row.discount) if row.discount else None,
            "total": row.total,
            "filled": filled(row.product_id, row.basis, row.unit_price),
        }
        for row in rows
    ]
    return (LinesAsTheyAre if initial else QuoteLines)(prefix="lines", initial=initial, products=choices)


def filled(product_id: Any, basis: str, price: Decimal) -> str:
    """For which product and basis a price was filled in, and with what."""
    return f"{product_id}:{basis}={price:.2f}"


def usual_prices(lines: list[Line], today: Any) -> dict[int, Decimal]:
    """The price of the day of each line that has one: place in the list → price."""
    prices = prices_on({line.product.pk for line in lines}, today)
    found = {}
    for n, line in enumerate(lines):
        price = prices.get((line.product.pk, line.basis))
        if price is None and line.basis == Basis.ONCE:
            price = line.product.price
        if price is not None:
            found[n] = price
    return found


def plain(value: Decimal) -> str:
    """A percentage without idle zeros."""
    return f"{value.normalize():f}"
