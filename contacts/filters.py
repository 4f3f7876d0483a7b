"""Which people and companies are wanted."""

from functools import reduce
from operator import or_

from django.db.models import Q, QuerySet

from contacts.models import Company, Contact, ContactPoint
from contacts.rules import KINDS
from contacts.services import parse_points
from core import filters, hooks


def words(text: str, contact: str, company: str) -> Q:
    """Rows whose person's or company's name holds the text; `contact` and `company` are the paths to them."""
    return (
        Q(**{f"{contact}name__icontains": text})
        | Q(**{f"{contact}company_name__icontains": text})
        | Q(**{f"{company}name__icontains": text})
    )


def holding_part(text: str) -> QuerySet[ContactPoint]:
    """The phones, e-mails and WeChat ids that hold the text, with or without spaces and dashes."""
    plain = text.replace(" ", "").replace("-", "")
    return ContactPoint.objects.filter(Q(value__icontains=text) | Q(value__icontains=plain))


def being_whole(text: str) -> QuerySet[ContactPoint]:
    """The phones, e-mails and WeChat ids that the text is, whatever its format."""
    found = [point for kind in KINDS for point in parse_points({kind: text})[0]]
    return ContactPoint.objects.filter(value__in=[point.value for point in found])


def _masked() -> Q:
    """The people whose details are masked, as the apps above say (R10.4)."""
    return reduce(or_, hooks.masked_rows(), Q(pk__in=[]))


class ContactFilters(filters.FilterSet):
    """People by company, and by a part of name, company, phone, e-mail, WeChat id (masked: the whole one)."""

    company = filters.Ids(field_name="company")
    q = filters.Search(method="search")

    def search(self, rows: QuerySet[Contact], name: str, text: str) -> QuerySet[Contact]:
        named = words(text, "", "company__") | Q(pk__in=being_whole(text).values("contact_id"))
        part = Q(pk__in=holding_part(text).values("contact_id"))
        return rows.filter(named | (part & ~_masked()))


class CompanyFilters(filters.FilterSet):
    """Companies by owner, being a customer, and a part of the name."""

    owner = filters.People(field_name="owner")
    customer = filters.Flag(method="signed")
    q = filters.Search(method="search")

    def signed(self, rows: QuerySet[Company], name: str, wanted: bool) -> QuerySet[Company]:
        return rows.filter(customer_since__isnull=not wanted)

    def search(self, rows: QuerySet[Company], name: str, text: str) -> QuerySet[Company]:
        return rows.filter(name__icontains=text)
