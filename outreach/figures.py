"""What campaigns have brought, from the message to the order; each is judged by the figure of its goal (R11.6, R14.2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, Sum
from django.db.models.functions import Coalesce

from accounts.models import User
from contacts.querysets import ALL_SEEING
from core import hooks
from outreach.models import Arrival, Campaign, Message, Reaction
from outreach.rules import Goal

# In the order of the trunk; the middle ones come from the apps above.
OWN = ("sent", "delivered", "opened", "clicked", "replied", "bounced", "reached", "reactions", "arrivals")
ABOVE = ("leads", "mql", "mql_pending", "sql", "opportunities", "orders")
NOTHING = Decimal(0)


@dataclass(frozen=True)
class Figures:
    """Counts of one campaign. Money is None where nothing was spent or brought, or this user may not know it."""

    counts: dict[str, int]
    spent: Decimal | None
    revenue: Decimal | None

    def __getitem__(self, name: str) -> int:
        return self.counts[name]

    @property
    def per_lead(self) -> Decimal | None:
        """What a lead has cost."""
        return self.per("leads")

    @property
    def per_order(self) -> Decimal | None:
        """What an order has cost."""
        return self.per("orders")

    def per(self, name: str) -> Decimal | None:
        """What one of these has cost."""
        return self.spent / self.counts[name] if self.spent is not None and self.counts[name] else None


def figures_of(campaigns: Iterable[Campaign], user: User) -> dict[Any, Figures]:
    """What each campaign has brought, of what this user sees: campaign id → figures, in a fixed number of queries."""
    rows = list(campaigns)
    ids = [row.pk for row in rows]
    own = _own(ids, user)
    above = hooks.campaign_figures.merged(ids, user) if ids else {}
    all_seeing = user.wears(*ALL_SEEING)
    found = {}
    for row in rows:
        more, mine = above.get(row.pk, {}), own.get(row.pk, {})
        counts = {name: int(mine.get(name) or 0) for name in OWN}
        counts |= {name: int(more.get(name) or 0) for name in ABOVE}
        # What was spent on all of it, over those few that a manager sees, would be no cost of anything.
        spent = row.cost if row.cost is not None else mine.get("arrival_cost")
        found[row.pk] = Figures(counts, spent if all_seeing else None, more.get("revenue"))
    return found


def goal_figures(campaign: Campaign, figures: Figures) -> list[tuple[str, int | Decimal | None]]:
    """The figures by which a campaign is judged: (name, number), what its goal counts first (R11.6)."""
    if campaign.goal == Goal.SPREAD:
        return [("reached", figures["reached"]), ("reactions", figures["reactions"])]
    if campaign.goal == Goal.ORDER:
        return [("orders", figures["orders"]), ("revenue", figures.revenue), ("per_order", figures.per_order)]
    return [("leads", figures["leads"]), ("per_lead", figures.per_lead)]


def _own(ids: list[Any], user: User) -> dict[Any, dict[str, Any]]:
    """Messages, reactions and arrivals: three queries."""
    found: dict[Any, dict[str, Any]] = {pk: {} for pk in ids}
    if not ids:
        return found
    for answer in (_messages(ids, user), _reactions(ids, user), _arrivals(ids, user)):
        for row in answer:
            found[row.pop("at_campaign")].update(row)
    return found


def _messages(ids: list[Any], user: User) -> Any:
    left = Q(sent_at__isnull=False)
    rows = Message.objects.visible_to(user).filter(campaign__in=ids, contact__isnull=False).order_by()
    return rows.values(at_campaign=Coalesce("campaign_id", "campaign_id")).annotate(
        sent=Count("pk", filter=left, distinct=True),
        delivered=Count("pk", filter=Q(delivered_at__isnull=False), distinct=True),
        opened=Count("pk", filter=Q(opened_at__isnull=False), distinct=True),
        clicked=Count("pk", filter=Q(clicked_at__isnull=False), distinct=True),
        replied=Count("pk", filter=Q(replied_at__isnull=False), distinct=True),
        bounced=Count("pk", filter=Q(bounced_at__isnull=False), distinct=True),
        reached=Count("contact", filter=left, distinct=True),
    )


def _reactions(ids: list[Any], user: User) -> Any:
    rows = Reaction.objects.filter(Q(campaign__in=ids) | Q(campaign=None, message__campaign__in=ids))
    rows = rows.filter(contact__in=_people(user)) if not user.wears(*ALL_SEEING) else rows
    of = Coalesce("campaign_id", "message__campaign_id")
    return rows.order_by().values(at_campaign=of).annotate(reactions=Count("pk"))


def _arrivals(ids: list[Any], user: User) -> Any:
    rows = Arrival.objects.filter(campaign__in=ids)
    rows = rows.filter(contact__in=_people(user)) if not user.wears(*ALL_SEEING) else rows
    by = rows.order_by().values(at_campaign=Coalesce("campaign_id", "campaign_id"))
    return by.annotate(arrivals=Count("pk"), arrival_cost=Sum("cost"))


def _people(user: User) -> Any:
    from contacts.models import Contact

    return Contact.objects.visible_to(user).values("pk")
