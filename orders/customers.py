"""What is read of customers, from what each app lets a person see: the list, their money, their next chances."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, Greatest, TruncMonth

from accounts.models import User
from contacts.models import Company
from leads.models import Lead
from opportunities.models import Opportunity
from opportunities.rules import OPEN, Kind, Stage
from orders.models import Order
from orders.querysets import MONEY, OrderQuerySet

NEXT_KINDS = (Kind.RENEWAL, Kind.UPSELL, Kind.REPURCHASE)
AHEAD = (Stage.SCHEDULED, *OPEN)
NOTHING = Decimal("0.00")


def signed_orders(user: User) -> OrderQuerySet:
    """The orders that this person may see, each once."""
    return once(Order.objects.visible_to(user)).signed()


def chances(user: User) -> QuerySet[Opportunity]:
    """The opportunities that this person may see, each once."""
    return once(Opportunity.objects.visible_to(user))


def once(rows: Any) -> Any:
    """The same rows, each once: a telemarketer's come by the calls, one to each that was interested."""
    if not rows.query.distinct:
        return rows
    return rows.model.objects.filter(pk__in=rows.order_by().values("pk"))


def customers_of(user: User) -> QuerySet[Company]:
    """Companies with a signed order that this person may see (R13.1, R15.2)."""
    return Company.objects.filter(Exists(signed_orders(user).filter(company=OuterRef("pk"))))


def with_figures(rows: QuerySet[Company], user: User) -> QuerySet[Company]:
    """Companies with what a list sorts them by: the sum of their orders, the next chance, the last touch."""
    orders = signed_orders(user).filter(company=OuterRef("pk"))
    ahead = chances(user).filter(company=OuterRef("pk"), stage__in=AHEAD)
    leads = Lead.objects.live().filter(contact__company=OuterRef("pk"))
    deals = Opportunity.objects.filter(company=OuterRef("pk"))
    return rows.select_related("owner").annotate(
        ordered=Subquery(_figure(orders, Sum("total")), output_field=MONEY),
        next_on=Subquery(_figure(ahead, Min(Coalesce("active_on", "expected_close")))),
        touched_at=Greatest(
            Subquery(_figure(leads, Max("last_touch_at"), "contact__company")),
            Subquery(_figure(deals, Max("last_touch_at"))),
        ),
    )


def _figure(rows: QuerySet[Any], figure: Any, company: str = "company") -> QuerySet[Any]:
    return rows.order_by().values(company).annotate(_figure=figure).values("_figure")


def owing(rows: QuerySet[Company], user: User, today: date, due: str) -> QuerySet[Company]:
    """Customers of whom something is `open`, or `overdue` (R9.3)."""
    orders = signed_orders(user).with_money(today).filter(company=OuterRef("pk"), **{f"{due}__gt": 0})
    return rows.filter(Exists(orders))


def with_chance(rows: QuerySet[Company], user: User, which: str) -> QuerySet[Company]:
    """Customers with an opportunity that is `open`, with one that is `scheduled`, or with `none` of both."""
    stages = {"open": OPEN, "scheduled": (Stage.SCHEDULED,)}.get(which, AHEAD)
    there = Exists(chances(user).filter(company=OuterRef("pk"), stage__in=stages))
    return rows.filter(~there if which == "none" else there)


@dataclass
class Sums:
    """Orders of a customer in one currency: how many, what they come to, paid, open, overdue (R9.3)."""

    currency: str
    count: int = 0
    total: Decimal = NOTHING
    paid: Decimal = NOTHING
    open: Decimal = NOTHING
    overdue: Decimal = NOTHING

    def add(self, order: Any) -> None:
        """Count an order `with_money`."""
        self.count += 1
        self.total += order.total
        self.paid += order.paid
        self.open += order.open
        self.overdue += order.overdue


def sums_of(orders: Iterable[Any]) -> list[Sums]:
    """The sums of orders `with_money`: one for each currency, the largest first."""
    found: dict[str, Sums] = {}
    for order in orders:
        found.setdefault(order.currency, Sums(order.currency)).add(order)
    return sorted(found.values(), key=lambda sums: sums.total, reverse=True)


@dataclass
class Row:
    """What a list says of a customer beside its own facts."""

    sums: list[Sums] = field(default_factory=list)
    chances: list[Opportunity] = field(default_factory=list)


def rows_of(companies: Iterable[Company], user: User, today: date) -> dict[Any, Row]:
    """Money and chances of these customers, in two queries: company id → row."""
    found = {company.pk: Row() for company in companies}
    orders: dict[Any, list[Order]] = {pk: [] for pk in found}
    columns = ("company_id", "currency", "total", "state")
    for order in signed_orders(user).filter(company__in=list(found)).with_money(today).only(*columns):
        orders[order.company_id].append(order)
    for pk, theirs in orders.items():
        found[pk].sums = sums_of(theirs)
    for chance in ahead_of(list(found), user):
        found[chance.company_id].chances.append(chance)
    return found


def ahead_of(company_ids: list[Any], user: User) -> list[Opportunity]:
    """What is open or scheduled with these companies: the open ones first, then by the day on which they open."""
    rows = chances(user).filter(company__in=company_ids, stage__in=AHEAD)
    listed = list(rows.select_related("owner").order_by("active_on", "created_at", "pk"))
    return sorted(listed, key=lambda row: row.stage == Stage.SCHEDULED)


def figures(companies: QuerySet[Company], user: User, today: date) -> dict[str, Any]:
    """What a list's head says, in two queries: customers and their money, open chances and what is scheduled."""
    ids = companies.order_by().values("pk")
    orders = signed_orders(user).filter(company__in=ids).with_money(today).order_by()
    money = orders.aggregate(
        customers=Count("company", distinct=True),
        ordered=Sum("total"),
        late=Count("company", distinct=True, filter=Q(overdue__gt=0)),
        late_sum=Sum("overdue"),
    )
    ahead = chances(user).filter(company__in=ids, kind__in=NEXT_KINDS).order_by()
    return money | ahead.aggregate(
        open=Count("pk", filter=Q(stage__in=OPEN)),
        open_sum=Sum("amount", filter=Q(stage__in=OPEN)),
        scheduled=Count("pk", filter=Q(stage=Stage.SCHEDULED)),
    )


# The next chances


def next_chances(user: User) -> QuerySet[Opportunity]:
    """Renewals, repurchases and upsells that are scheduled or open, with the end of the term they follow (R9.4)."""
    before = signed_orders(user).filter(opportunity=OuterRef("signed_before")).order_by()
    rows = chances(user).filter(kind__in=NEXT_KINDS, stage__in=AHEAD)
    return rows.select_related("company", "owner", "contact").annotate(
        term_ends=Subquery(before.values("ends_on")[:1]), follows=Subquery(before.values("number")[:1])
    )


def opening(rows: QuerySet[Opportunity]) -> list[tuple[date, int]]:
    """The months in which these open, with how many."""
    known = rows.filter(active_on__isnull=False).order_by()
    return list(
        known.annotate(month=TruncMonth("active_on"))
        .values_list("month")
        .annotate(n=Count("pk"))
        .order_by("month")
    )


def counted(rows: QuerySet[Opportunity]) -> dict[str, Any]:
    """How many of each kind, how many are open already, and what they may come to."""
    found: dict[str, Any] = {"open": 0, "open_sum": NOTHING, "scheduled": 0, "scheduled_sum": NOTHING}
    kinds = dict.fromkeys(NEXT_KINDS, 0)
    grouped = rows.order_by().values_list("kind", "stage").annotate(n=Count("pk"), sum=Sum("amount"))
    for kind, stage, n, amount in grouped:
        part = "scheduled" if stage == Stage.SCHEDULED else "open"
        found[part] += n
        found[f"{part}_sum"] += amount or NOTHING
        kinds[Kind(kind)] += n
    return found | {"kinds": [(kind.value, kind.label, n) for kind, n in kinds.items()]}
