"""What is read of opportunities: what may be done now, the board, old facts for a new one."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, OuterRef, Prefetch, QuerySet, Sum
from django.utils.translation import gettext as _

from accounts.models import User
from contacts.rules import may_be_phoned
from core import rulebook
from leads.models import Lead
from leads.rules import days_over
from opportunities import permissions, rules, weighing
from opportunities.models import Opportunity, OpportunityProduct, Quote
from opportunities.rules import OPEN, Kind, QuoteState, Stage

STANDING = (QuoteState.DRAFT, QuoteState.SENT)


def counted_word() -> str:
    """What the firm counts: people, seats, units (R5.1); the shipped word speaks the reader's language."""
    word = rulebook.get("headcount_word")
    return str(_("people")) if word == rulebook.RULES["headcount_word"].default else word


def for_lists(rows: QuerySet[Opportunity]) -> QuerySet[Opportunity]:
    """Opportunities with all that a row shows, in a fixed number of queries."""
    needs = OpportunityProduct.objects.select_related("product")
    return (
        _ended_early(rows)
        .select_related("company", "contact", "lead", "owner", "team")
        .prefetch_related(Prefetch("needs", queryset=needs))
    )


def allowed_actions(row: Opportunity, user: User, at: datetime) -> list[str]:
    """The actions this user may take on an opportunity at this moment."""
    if not permissions.may_work(user, row):
        return []
    if row.stage in OPEN:
        actions = ["edit", "lose", "order"]
        if row.stage != OPEN[-1]:
            actions.append("advance")
        if row.stage != OPEN[0]:
            actions.append("back")
        return actions
    if row.stage == Stage.SCHEDULED:
        return ["edit", "lose", "order"]
    if row.stage == Stage.LOST and row.closed_at is not None:
        hours = (at - row.closed_at).total_seconds() / 3600
        fresh = hours <= rulebook.get("undo_lost_hours") and row.owner.is_active
        return ["reopen"] if fresh and not followed_terminated(row) else []
    return []


def followed_terminated(row: Opportunity) -> bool:
    """Whether the contract that it was to follow was terminated: that closed it for good (R9.4)."""
    if row.signed_before_id is None:
        return False
    known: bool | None = getattr(row, "ended_early", None)
    return (
        known if known is not None else _ended_early(Opportunity.objects.filter(pk=row.pk)).get().ended_early
    )


def _ended_early(rows: QuerySet[Opportunity]) -> QuerySet[Any]:
    before = Opportunity.objects.filter(pk=OuterRef("signed_before"), orders__state="terminated")
    return rows.annotate(ended_early=Exists(before.order_by()))


def allowed_on_quote(quote: Quote, user: User, today: date) -> list[str]:
    """What this user may do with a quote now (R9.5)."""
    row = quote.opportunity
    alive = row.is_open or row.stage == Stage.SCHEDULED
    if not alive or quote.state not in STANDING or not permissions.may_work(user, row):
        return []
    found = ["edit", "revise"] if quote.state == QuoteState.DRAFT else ["revise"]
    if quote.valid_until < today:
        return found
    return [*found, "send"] if has_contract(row) else [*found, "accept", "send"]


def has_contract(row: Opportunity) -> bool:
    """Whether a contract stands for it: there is one at a time (R9.1)."""
    return any(order.state != "cancelled" for order in row.orders.all())


def may_ring(row: Opportunity, at: datetime) -> bool:
    """Whether this customer's number is offered to be dialled (R2.3, R11.2)."""
    promised = row.lead is not None and row.lead.call_back_at is not None
    return row.contact is not None and may_be_phoned(row.contact, at, promised=promised)


def risk(row: Opportunity, at: datetime, limit_days: int) -> int | None:
    """Days over the limit after which unsigned new business is at risk, or None (R8.5)."""
    if row.kind != Kind.NEW_BUSINESS or row.stage not in OPEN or row.lead is None:
        return None
    return days_over(row.lead.back_at or row.lead.acquired_at, at, limit_days)


def board(rows: QuerySet[Opportunity]) -> list[dict[str, Any]]:
    """The open stages with count, sum and weighted sum of these opportunities, and how many there are of each kind."""
    values = rulebook.values()
    columns: dict[str, dict[str, Any]] = {
        stage: {
            "stage": stage,
            "name": stage.label,
            "rate": rules.win_rate(stage, values),
            "count": 0,
            "sum": Decimal(0),
            "weighted": Decimal(0),
            "kinds": {},
        }
        for stage in OPEN
    }
    sums = rows.open().order_by().values_list("stage", "kind")
    for stage, kind, count, total, weighted in sums.annotate(
        n=Count("pk"), total=Sum("amount"), weighted=Sum(weighing.nominal(values))
    ):
        column = columns[stage]
        column["count"] += count
        column["sum"] += total or Decimal(0)
        column["weighted"] += weighted or Decimal(0)
        column["kinds"][kind] = count
    return list(columns.values())


def old_facts(lead: Lead) -> Opportunity | None:
    """The latest lost opportunity of a lead: its facts are filled in when it comes back (R8.7)."""
    rows = Opportunity.objects.filter(lead=lead, kind=Kind.NEW_BUSINESS, stage=Stage.LOST)
    return rows.select_related("company").order_by("-closed_at").first()
