"""Which opportunities are wanted: the same filters for page and API."""

from datetime import timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import DateTimeField, Q, QuerySet
from django.db.models.functions import Coalesce, Lower, Trim

from accounts.models import Team
from catalogue.selectors import folded
from contacts.search import being_whole, holding_part, words
from core import clock, filters, rulebook
from core.web.context import moment
from opportunities.forecast import without_place
from opportunities.models import Opportunity, OpportunityProduct
from opportunities.rules import OPEN, Kind, Stage

LEFT_OUT = ("no_amount", "no_month", "past_month")


class OpportunityFilters(filters.FilterSet):
    """Opportunities by stage, kind, holder, company, need, risk, expected close, and a part of word or number."""

    stage = filters.Words(field_name="stage", choices=Stage)
    kind = filters.Words(field_name="kind", choices=Kind)
    owner = filters.People(field_name="owner")
    team = filters.Named(field_name="team", rows=Team.objects.all)
    company = filters.Ids(field_name="company")
    product = filters.Ids(method="needing")
    industry = filters.Search(method="of_industry")
    at_risk = filters.Flag(method="risky")
    expected_close_before = filters.Day(field_name="expected_close", lookup_expr="lt")
    expected_close_after = filters.Day(field_name="expected_close", lookup_expr="gte")
    left_out = filters.Words(method="left", choices=LEFT_OUT)
    q = filters.Search(method="search")

    def left(self, rows: QuerySet[Opportunity], name: str, reasons: list[str]) -> QuerySet[Opportunity]:
        """R8.3: open ones that the forecast leaves out, for one of these reasons."""
        fits = without_place(clock.firm_day(clock.now()))
        wanted = reduce(or_, (fits[reason] for reason in reasons), Q(pk__in=[]))
        return rows.filter(wanted, stage__in=list(OPEN))

    def needing(self, rows: QuerySet[Opportunity], name: str, ids: list[Any]) -> QuerySet[Opportunity]:
        """Those that need one of the products."""
        needs = OpportunityProduct.objects.filter(product__in=ids).order_by()
        return rows.filter(pk__in=needs.values("opportunity")) if ids else rows

    def of_industry(self, rows: QuerySet[Opportunity], name: str, text: str) -> QuerySet[Opportunity]:
        """Those of companies of an industry, however it is spelt; “-” is for those of whom it is not known."""
        wanted = "" if text.strip() == "-" else folded(text)
        return rows.alias(theirs=Lower(Trim("company__industry"))).filter(theirs=wanted)

    def risky(self, rows: QuerySet[Opportunity], name: str, wanted: bool) -> QuerySet[Opportunity]:
        """R8.5: new business that is not signed so many days after the person came, or came back."""
        since = Coalesce("lead__back_at", "lead__acquired_at", output_field=DateTimeField())
        at = clock.now() if self.request is None else moment(self.request)
        limit = at - timedelta(days=rulebook.get("at_risk_days"))
        risky = Q(kind=Kind.NEW_BUSINESS, stage__in=list(OPEN), in_sight_since__lte=limit)
        rows = rows.alias(in_sight_since=since)
        return rows.filter(risky) if wanted else rows.exclude(risky)

    def search(self, rows: QuerySet[Opportunity], name: str, text: str) -> QuerySet[Opportunity]:
        named = words(text, "contact__", "company__")
        part = Q(contact__in=holding_part(text).values("contact_id")) & ~Q(lead__state="pooled")
        return rows.filter(named | part | Q(contact__in=being_whole(text).values("contact_id")))


class PresalesFilters(filters.FilterSet):
    """Requests to presales: answered or not, of one opportunity, of who holds them, by the day they are due."""

    answered = filters.Flag(field_name="answered_at", lookup_expr="isnull", exclude=True)
    opportunity = filters.Ids(field_name="opportunity")
    owner = filters.People(field_name="owner")
    due_before = filters.Day(field_name="due_on", lookup_expr="lt")
    due_after = filters.Day(field_name="due_on", lookup_expr="gte")
