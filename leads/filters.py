"""Which leads are wanted: the same filters for page and API."""

from datetime import timedelta

from django.db.models import DateTimeField, Q, QuerySet
from django.db.models.functions import Coalesce

from accounts.models import Team
from core import clock, filters, rulebook
from core.ids import as_uuid
from leads.models import Lead
from leads.rules import Segment, State
from leads.selectors import matching

SHOWN = [state for state in State if state != State.MERGED]


class LeadFilters(filters.FilterSet):
    """Leads by place on the trunk, holder, origin, time, and a part of a word or number."""

    state = filters.Words(field_name="state", choices=SHOWN)
    owner = filters.People(field_name="owner")
    team = filters.Named(field_name="team", rows=Team.objects.all)
    source = filters.Words(field_name="channel")
    medium = filters.Words(field_name="medium")
    label = filters.Words(method="labelled")
    campaign = filters.Words(method="of_campaign")
    segment = filters.Words(field_name="pool_segment", choices=Segment)
    due_before = filters.Moment(field_name="due_at", lookup_expr="lt")
    due_after = filters.Moment(field_name="due_at", lookup_expr="gte")
    created_before = filters.Moment(field_name="created_at", lookup_expr="lt")
    created_after = filters.Moment(field_name="created_at", lookup_expr="gte")
    on_extension = filters.Flag(method="extended")
    at_risk = filters.Flag(method="risky")
    q = filters.Search(method="search")

    def of_campaign(self, rows: QuerySet[Lead], name: str, words: list[str]) -> QuerySet[Lead]:
        ids = [found for word in words if (found := as_uuid(word)) is not None]
        return rows.filter(Q(campaign__name__in=words) | Q(campaign__in=ids))

    def extended(self, rows: QuerySet[Lead], name: str, wanted: bool) -> QuerySet[Lead]:
        return (
            rows.on_extension() if wanted else rows.exclude(pk__in=Lead.objects.on_extension().values("pk"))
        )

    def risky(self, rows: QuerySet[Lead], name: str, wanted: bool) -> QuerySet[Lead]:
        """R8.5: MQLs and SQLs of whom nothing is signed so many days after they came, or came back."""
        limit = clock.now() - timedelta(days=rulebook.get("at_risk_days"))
        in_sight = Coalesce("back_at", "acquired_at", output_field=DateTimeField())
        risky = Q(state__in=[State.MQL, State.SQL], in_sight_since__lte=limit)
        rows = rows.alias(in_sight_since=in_sight)
        return rows.filter(risky) if wanted else rows.exclude(risky)

    def labelled(self, rows: QuerySet[Lead], name: str, words: list[str]) -> QuerySet[Lead]:
        # A branch: switched off there are no labels, so nothing bears one (R0.2).
        bearing = Lead.labels.through.objects.filter(label__name__in=words).values("lead_id")
        return rows.filter(pk__in=bearing) if rulebook.get("labels") else rows.none()

    def search(self, rows: QuerySet[Lead], name: str, text: str) -> QuerySet[Lead]:
        return matching(rows, text)
