"""Forms of contracts and orders. What a rule has to say is said by the verb; a form only reads what was typed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from catalogue.models import Product
from catalogue.rules import Basis, usual_periods
from core import clock
from opportunities.forms import (
    TEXT,
    amount_field,
    count_field,
    counted_word,
    day_field,
    line_set,
    product_choices,
)
from opportunities.rules import OPEN, Kind, Stage
from orders.approvals import plain
from orders.models import Order
from orders.services import Line, lines_of

SCANS = ".pdf,.png,.jpg,.jpeg"


def percent_field(label: Any, **more: Any) -> forms.DecimalField:
    """A percentage; whether it is too much is the verb's to say."""
    widget = forms.NumberInput(attrs={"inputmode": "decimal", "min": "0", "max": "100", "step": "0.01"})
    return forms.DecimalField(
        label=label, required=False, max_digits=5, decimal_places=2, widget=widget, **more
    )


class LineForm(forms.Form):
    """One line of a contract; a line without a product is left out."""

    product = forms.ModelChoiceField(
        label=_("Product"), queryset=Product.objects.none(), required=False, empty_label="–"
    )
    quantity = count_field(_("Quantity"))
    basis = forms.ChoiceField(
        label=pgettext_lazy("basis", "Price"), choices=Basis.choices, required=False, initial=Basis.ONCE.value
    )
    periods = count_field(_("Months/years"))
    unit_price = amount_field(_("Unit price"))
    discount = percent_field(_("Discount %"))


Lines = line_set(LineForm)
LinesAsTheyAre = line_set(LineForm, extra=0)


class TermForm(forms.Form):
    """The term of a draft, the discount on all of it, and what is off the standard."""

    term_months = count_field(_("Term in months"), help_text=_("Empty: bought once, without an end."))
    term_days = count_field(_("or in days"))
    starts_on = day_field(_("Starts on"), help_text=_("Empty: the day of signature."))
    discount = percent_field(_("Discount on all, %"))
    other_terms = forms.CharField(
        label=_("Non-standard terms"), max_length=TEXT, required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip

    def clean_discount(self) -> Decimal:
        """No discount is 0 %."""
        found = self.cleaned_data["discount"]
        return found if found is not None else Decimal(0)


class ContractForm(TermForm):
    """A new contract, and the day it was signed if it is."""

    signed_on = day_field(_("Signed on"), help_text=_("Empty: today."))


class FileForm(forms.Form):
    """A scan; what it is and how large it may be is the verb's to say."""

    file = forms.FileField(
        label=_("Scan"), allow_empty_file=True, widget=forms.FileInput(attrs={"accept": SCANS})
    )


class SignForm(forms.Form):
    """The day on which the customer signed, and the signed paper."""

    signed_on = day_field(_("Signed on"), help_text=_("Empty: today."))
    file = forms.FileField(
        label=_("The signed contract"), required=False, allow_empty_file=True,
        help_text=_("PDF, PNG or JPEG, at most 10 MiB. It can come later."),
        widget=forms.FileInput(attrs={"accept": SCANS}),
    )  # fmt: skip


class RejectForm(forms.Form):
    """What has to change before a manager agrees (R9.2); that it is said, the verb asks for."""

    comment = forms.CharField(
        label=_("What has to change"), max_length=2000, required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip


class TerminateForm(forms.Form):
    """Why and when a contract ends before its time (R9.1)."""

    reason = forms.CharField(
        label=_("Why does it end early?"), max_length=TEXT, required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip
    terminated_on = day_field(pgettext_lazy("terminated", "Ends on"), help_text=_("Empty: today."))


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

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["headcount"].label = _("How many %(counted)s") % {"counted": counted_word()}


def lines_in(lines: Any, term_months: int | None) -> tuple[list[Line], list[int]]:
    """The lines of a valid set, and the place of each in the form; months or years left empty are the term's."""
    filled = lines.filled()
    return [_line(line, term_months) for _n, line in filled], [n for n, _line in filled]


def _line(typed: dict[str, Any], term_months: int | None) -> Line:
    basis = typed["basis"] or Basis.ONCE
    usual = typed["periods"] is None or basis == Basis.ONCE
    periods = usual_periods(basis, term_months) if usual else typed["periods"]
    return Line(
        typed["product"],
        1 if typed["quantity"] is None else typed["quantity"],
        typed["unit_price"],
        typed["discount"] if typed["discount"] is not None else Decimal(0),
        basis,
        periods,
    )


def lines_for(opportunity: Any) -> Any:
    """A new contract's lines: the needs at list price, or at the amount agreed on."""
    return _set([_initial(line) for line in lines_of(opportunity)])


def lines_as_in(order: Order) -> Any:
    """The lines of a draft."""
    rows = order.lines.select_related("product")
    return _set(
        [
            _initial(Line(x.product, x.quantity, x.unit_price, x.discount, x.basis, x.periods, x.purpose))
            for x in rows
        ]
    )


def _initial(line: Line) -> dict[str, Any]:
    return {
        "product": line.product.pk,
        "quantity": line.quantity,
        "basis": line.basis,
        "periods": None if line.basis == Basis.ONCE else line.periods,
        "unit_price": line.unit_price if line.unit_price is not None else line.product.price,
        "discount": plain(line.discount) if line.discount else None,
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
