"""Which orders are wanted: the same filters for page and API."""

from django.db.models import Q, QuerySet

from contacts.search import being_whole, holding_part, words
from core import filters
from orders.models import Order
from orders.rules import State


class OrderFilters(filters.FilterSet):
    """Orders by state, company, holder, day of signature, and a part of number, word or phone."""

    state = filters.Words(field_name="state", choices=State)
    company = filters.Ids(field_name="company")
    owner = filters.People(field_name="owner")
    signed_before = filters.Day(field_name="signed_on", lookup_expr="lt")
    signed_after = filters.Day(field_name="signed_on", lookup_expr="gte")
    q = filters.Search(method="search")

    def search(self, rows: QuerySet[Order], name: str, text: str) -> QuerySet[Order]:
        named = words(text, "contact__", "company__") | Q(number__icontains=text)
        part = Q(contact__in=holding_part(text).values("contact_id")) & ~Q(opportunity__lead__state="pooled")
        return rows.filter(named | part | Q(contact__in=being_whole(text).values("contact_id")))
