"""Which people and companies are wanted."""

from functools import reduce
from operator import or_

from django.db.models import Q, QuerySet

from contacts.models import Company, Contact
from contacts.search import matching
from core import filters, hooks


def _masked() -> Q:
    """The people whose details are masked, as the apps above say (R10.4)."""
    return reduce(or_, hooks.masked_rows(), Q(pk__in=[]))


class ContactFilters(filters.FilterSet):
    """People by company, and by a part of name, company, phone, e-mail, WeChat id (masked: the whole one)."""

    company = filters.Ids(field_name="company")
    q = filters.Search(method="search")

    def search(self, rows: QuerySet[Contact], name: str, text: str) -> QuerySet[Contact]:
        return rows.filter(matching(text, "", _masked())) if text.strip() else rows


class CompanyFilters(filters.FilterSet):
    """Companies by owner, being a customer, and a part of the name."""

    owner = filters.People(field_name="owner")
    customer = filters.Flag(method="signed")
    q = filters.Search(method="search")

    def signed(self, rows: QuerySet[Company], name: str, wanted: bool) -> QuerySet[Company]:
        return rows.filter(customer_since__isnull=not wanted)

    def search(self, rows: QuerySet[Company], name: str, text: str) -> QuerySet[Company]:
        return rows.filter(name__holds=text)
