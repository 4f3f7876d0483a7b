"""Which products are wanted."""

from core import filters


class ProductFilters(filters.FilterSet):
    """Products on sale or not, and by a part of the name."""

    active = filters.Flag(field_name="active")
    q = filters.Search(field_name="name", lookup_expr="icontains")
