"""Which people are wanted."""

from django.db.models import Q

from accounts.models import Hat, Team
from accounts.querysets import UserQuerySet
from core import filters


class Hats(filters.Words):
    """People who wear one of these hats."""

    def filter(self, qs: UserQuerySet, value: list[str]) -> UserQuerySet:
        return qs.wearing(*value) if value else qs


class UserFilters(filters.FilterSet):
    """People by hat, team and a part of name or login."""

    hat = Hats(choices=Hat)
    team = filters.Named(field_name="team", rows=Team.objects.all)
    on_duty = filters.Flag(field_name="on_duty")
    q = filters.Search(method="search")

    def search(self, rows: UserQuerySet, name: str, text: str) -> UserQuerySet:
        return rows.filter(Q(name__icontains=text) | Q(login__icontains=text))


class NoticeFilters(filters.FilterSet):
    """Notices by kind, read or not."""

    kind = filters.Words(field_name="kind")
    unread = filters.Flag(field_name="read_at", lookup_expr="isnull")
