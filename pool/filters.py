"""Which leads of the pool are wanted."""

from django.db.models import QuerySet

from core import filters
from leads.models import Lead
from leads.rules import Reason, Segment
from leads.selectors import matching
from pool.worn import rests


class PoolFilters(filters.FilterSet):
    """The pool by segment, reason, origin, time, and what may be done with it."""

    segment = filters.Words(field_name="pool_segment", choices=Segment)
    reason = filters.Words(field_name="pool_reason", choices=Reason)
    source = filters.Words(field_name="channel")
    entered_after = filters.Moment(field_name="pooled_at", lookup_expr="gte")
    last_touch_before = filters.Moment(field_name="last_touch_at", lookup_expr="lt")
    claimable = filters.Flag(field_name="claimable")
    worn = filters.Flag(method="resting")
    q = filters.Search(method="search")

    def search(self, rows: QuerySet[Lead], name: str, text: str) -> QuerySet[Lead]:
        return matching(rows, text)

    def resting(self, rows: QuerySet[Lead], name: str, wanted: bool) -> QuerySet[Lead]:
        return rows.filter(rests()) if wanted else rows.exclude(rests())
