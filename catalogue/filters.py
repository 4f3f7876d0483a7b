"""Which products and which cases are wanted."""

from django.db.models import QuerySet
from django.db.models.functions import Lower, Trim

from catalogue.models import Case
from catalogue.selectors import folded
from core import filters


class ProductFilters(filters.FilterSet):
    """Products on sale or not, and by a part of the name."""

    active = filters.Flag(field_name="active")
    q = filters.Search(field_name="name", lookup_expr="icontains")


class CaseFilters(filters.FilterSet):
    """Cases by kind, product, industry, shown or put away, and by a part of the title."""

    kind = filters.Words(field_name="kind", choices=Case.Kind)
    product = filters.Ids(field_name="product")
    industry = filters.Search(method="of_industry")
    active = filters.Flag(field_name="active")
    q = filters.Search(field_name="title", lookup_expr="icontains")

    def of_industry(self, rows: QuerySet[Case], name: str, text: str) -> QuerySet[Case]:
        """Those of an industry, however it is spelt."""
        return rows.alias(theirs=Lower(Trim("industry"))).filter(theirs=folded(text))
