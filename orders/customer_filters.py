"""Which customers and which next chances are wanted."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from contacts.models import Company, Contact
from contacts.search import words
from core import filters
from opportunities.models import Opportunity
from opportunities.rules import OPEN, Stage
from orders import customers


class CustomerFilters(filters.FilterSet):
    """Customers by owner, and a part of the company's or a person's name."""

    owner = filters.People(field_name="owner")
    q = filters.Search(method="search")

    def search(self, rows: QuerySet[Company], name: str, text: str) -> QuerySet[Company]:
        people = Contact.objects.visible_to(self.user).filter(name__holds=text, company__isnull=False)
        return rows.filter(Q(name__holds=text) | Q(pk__in=people.values("company")))


class MonthField(forms.CharField):
    """A month: 2026-11."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        if not re.fullmatch(r"(19[7-9]\d|20\d\d|21[0-8]\d)-(0[1-9]|1[0-2])", text, re.ASCII):
            raise ValidationError(_("Must be a month such as 2026-11."), code="invalid")
        first = date.fromisoformat(f"{text}-01")
        return first, date(first.year + first.month // 12, first.month % 12 + 1, 1)


class Month(django_filters.Filter):
    """Rows whose day lies in a month."""

    field_class = MonthField

    def filter(self, qs: QuerySet[Any], value: tuple[date, date] | None) -> QuerySet[Any]:
        if value is None:
            return qs
        first, behind = value
        return qs.filter(**{f"{self.field_name}__gte": first, f"{self.field_name}__lt": behind})


class ChanceFilters(filters.FilterSet):
    """Next chances by kind, owner, whether they are open already, the month in which they open, and a part of a name."""

    kind = filters.Words(field_name="kind", choices=customers.NEXT_KINDS)
    owner = filters.People(field_name="owner")
    state = filters.Words(method="being", choices=("open", "scheduled"))
    month = Month(field_name="active_on")
    q = filters.Search(method="search")

    def being(self, rows: QuerySet[Opportunity], name: str, wanted: list[str]) -> QuerySet[Opportunity]:
        stages = {"open": OPEN, "scheduled": (Stage.SCHEDULED,)}
        return rows.filter(stage__in=[stage for word in wanted for stage in stages[word]]) if wanted else rows

    def search(self, rows: QuerySet[Opportunity], name: str, text: str) -> QuerySet[Opportunity]:
        return rows.filter(words(text, "contact__", "company__"))
