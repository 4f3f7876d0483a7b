"""Forms of payments: the schedule, money in and out, the bank's list (R9.3)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from opportunities.forms import amount_field, day_field
from orders.rules import Method
from orders.services.paying import MOST_PARTS, Part

TABLES = ".csv,.tsv,.txt,.xlsx,.xlsm"


class PartForm(forms.Form):
    """One part of the schedule; an empty one is left out."""

    due_on = day_field(_("Due"))
    amount = amount_field(_("Amount"))
    note = forms.CharField(label=_("Note"), max_length=120, required=False)


Parts = forms.formset_factory(PartForm, extra=2, max_num=MOST_PARTS, absolute_max=MOST_PARTS)


def parts_in(parts: Any) -> tuple[list[Part], list[int]]:
    """The parts of a valid set, and the place of each in the form; an empty schedule is none."""
    filled = [
        (n, form.cleaned_data)
        for n, form in enumerate(parts.forms)
        if form.cleaned_data.get("due_on") or form.cleaned_data.get("amount") is not None
    ]
    return [Part(p.get("due_on"), p.get("amount"), p.get("note", "")) for _n, p in filled], [
        n for n, _p in filled
    ]


class PaymentForm(forms.Form):
    """Money that came in, or went back."""

    amount = amount_field(_("Amount"))
    paid_on = day_field(_("Paid on"))
    method = forms.ChoiceField(label=_("How"), choices=Method.choices, initial=Method.TRANSFER)
    reference = forms.CharField(
        label=_("Reference"), max_length=80, required=False, help_text=_("The bank's number of the transfer.")
    )
    note = forms.CharField(label=_("Note"), max_length=200, required=False)


class BankForm(forms.Form):
    """The bank's list of receipts."""

    file = forms.FileField(
        label=_("Bank statement"), allow_empty_file=True, widget=forms.FileInput(attrs={"accept": TABLES})
    )
