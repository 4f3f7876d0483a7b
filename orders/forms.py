"""Forms of contracts and orders. What a rule has to say is said by the verb; a form only reads what was typed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalogue.models import Product
from core import clock
from opportunities.forms import amount_field, count_field, day_field, line_set, product_choices
from opportunities.rules import OPEN, Kind, Stage
from orders.models import Order
from orders.services import Line, lines_of


class LineForm(forms.Form):
    """One line of a contract; a line without a product is left out."""

    product = forms.ModelChoiceField(
        label=_("Product"), queryset=Product.objects.none(), required=False, empty_label="–"
    )
    quantity = count_field(_("Quantity"))
    unit_price = amount_field(_("Unit price"))
    discount = forms.DecimalField(
        label=_("Discount %"), required=False, max_digits=5, decimal_places=2,
        widget=forms.NumberInput(attrs={"inputmode": "decimal", "min": "0", "max": "100", "step": "0.01"}),
    )  # fmt: skip


Lines = line_set(LineForm)
LinesAsTheyAre = line_set(LineForm, extra=0)


class ContractForm(forms.Form):
    """The term of a contract, and the day it was signed if it is."""

    term_months = count_field(_("Term in months"), help_text=_("Empty: bought once, without an end."))
    starts_on = day_field(_("Starts on"), help_text=_("Empty: the day of signature."))
    signed_on = day_field(_("Signed on"), help_text=_("Empty: today."))


class TermForm(forms.Form):
    """The term of a draft."""

    term_months = count_field(_("Term in months"), help_text=_("Empty: bought once, without an end."))
    starts_on = day_field(_("Starts on"), help_text=_("Empty: the day of signature."))


class SignForm(forms.Form):
    """The day on which the customer signed."""

    signed_on = day_field(_("Signed on"), help_text=_("Empty: today."))


class ChanceForm(forms.Form):
    """The next chance with a customer, opened by hand (R9.4)."""

    kind = forms.ChoiceField(
        label=_("What is it"), widget=forms.RadioSelect, initial=Kind.UPSELL,
        choices=[(Kind.UPSELL, Kind.UPSELL.label), (Kind.REPURCHASE, Kind.REPURCHASE.label)],
    )  # fmt: skip
    stage = forms.ChoiceField(
        label=_("Starts at"), choices=[(s.value, Stage(s).label) for s in OPEN], initial=Stage.CONFIRMED
    )
    headcount = count_field(_("For how many"))
    amount = amount_field(_("Amount"), help_text=_("Empty: list price × quantity."))
    expected_close = day_field(_("Expected close"))


def lines_in(lines: Any) -> tuple[list[Line], list[int]]:
    """The lines of a valid set, and the place of each in the form."""
    filled = lines.filled()
    found = [
        Line(
            line["product"],
            1 if line["quantity"] is None else line["quantity"],
            line["unit_price"],
            line["discount"] if line["discount"] is not None else Decimal(0),
        )
        for _n, line in filled
    ]
    return found, [n for n, _line in filled]


def lines_for(opportunity: Any) -> Any:
    """A new contract's lines: the needs at list price, or at the amount agreed on."""
    return _set([_initial(line) for line in lines_of(opportunity)])


def lines_as_in(order: Order) -> Any:
    """The lines of a draft."""
    rows = order.lines.select_related("product")
    return _set([_initial(Line(x.product, x.quantity, x.unit_price, x.discount)) for x in rows])


def _initial(line: Line) -> dict[str, Any]:
    price = line.unit_price if line.unit_price is not None else line.product.price
    discount = line.discount.normalize() if line.discount else None
    return {
        "product": line.product.pk,
        "quantity": line.quantity,
        "unit_price": price,
        "discount": f"{discount:f}" if discount is not None else None,
    }


def _set(initial: list[dict[str, Any]]) -> Any:
    choices = product_choices()
    sold = {pk for pk, _name in choices}
    missing = [line["product"] for line in initial if line["product"] not in sold]
    if missing:
        # What is not sold any more stays in a contract that names it.
        choices += list(Product.objects.filter(pk__in=missing).values_list("pk", "name"))
    kind = LinesAsTheyAre if initial else Lines
    return kind(prefix="lines", initial=initial, products=choices)


def signed_today() -> dict[str, Any]:
    """The day that a signature most often has."""
    return {"signed_on": clock.firm_day(clock.now())}
