"""What orders add to the apps below, through core.hooks."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, Sum

from core import events, hooks, rulebook


def _companies_seen(user: Any) -> Q:
    from orders.models import Order

    return Q(Exists(Order.objects.visible_to(user).filter(company=OuterRef("pk"))))


def _amounts_seen(user: Any, asked: dict[str, set[Any]]) -> set[Any]:
    from orders.models import Order

    ids = asked.get("order")
    return (
        set(Order.objects.visible_to(user).filter(pk__in=ids).values_list("pk", flat=True)) if ids else set()
    )


def _owner_changed(lead_ids: list[Any], owner: Any, by: Any, at: Any) -> None:
    """Contracts that are not signed yet follow their opportunity to its new owner."""
    from opportunities.rules import OPEN, Kind
    from orders.models import Order
    from orders.rules import BEFORE_SIGNATURE
    from orders.services import fact

    rows = Order.objects.filter(
        opportunity__lead_id__in=lead_ids,
        opportunity__kind=Kind.NEW_BUSINESS,
        opportunity__stage__in=OPEN,
        state__in=BEFORE_SIGNATURE,
    ).exclude(owner=owner)
    for row in rows.select_for_update(no_key=True, of=("self",)).order_by("pk"):
        before, row.owner, row.team = row.owner_id, owner, owner.team
        row.store("owner", "team")
        data = {"from": str(before), "rep": str(owner.pk)}
        events.record(fact("assigned", row, at, by, row.state, data=data))


def _merged(stays: Any, goes: Any, by: Any) -> None:
    from orders.models import Order

    Order.objects.filter(contact_id=goes.contact_id).update(contact_id=stays.contact_id)


def _mine(user: Any) -> Any:
    """The contracts of this person that are not signed."""
    from orders.models import Order
    from orders.rules import BEFORE_SIGNATURE

    return Order.objects.filter(owner=user, state__in=BEFORE_SIGNATURE)


def _leaving(user: Any, by: Any, heirs: Any, at: Any) -> None:
    """Contracts that are not signed go where their opportunity went, else to the customer's colleague."""
    from orders.services import fact

    rows = _mine(user).select_related("opportunity__owner__team")
    for row in rows.select_for_update(no_key=True, of=("self",)).order_by("pk"):
        target = row.opportunity.owner
        if target.pk == user.pk or not target.is_active:
            target = heirs.of_company(row.company_id, counts=False)
        row.owner, row.team = target, target.team
        row.store("owner", "team")
        data = {"from": str(user.pk), "rep": str(target.pk), "left": True}
        events.record(fact("assigned", row, at, by, row.state, data=data))


def _moved(user: Any) -> None:
    for row in _mine(user).select_for_update(no_key=True, of=("self",)).order_by("pk"):
        row.team = user.team
        row.store("team")


def _held(user: Any) -> list[tuple[str, Any]]:
    return [("order", _mine(user).select_related("company").order_by("created_at", "pk"))]


def _lost(opportunity: Any, by: Any, at: Any) -> None:
    from orders.services import cancel_drafts

    cancel_drafts(opportunity, by, at)


def _sweep(at: Any) -> dict[str, int]:
    from orders.services import begin_due, end_due

    return {"orders_begun": begin_due(at), "orders_ended": end_due(at)}


def _campaign_figures(ids: list[Any], user: Any) -> dict[Any, dict[str, Any]]:
    """The first orders that leads of each campaign signed, and their sum in the firm's currency, of those that this
    user sees (R15.2)."""
    from opportunities.rules import Kind
    from orders.models import Order
    from orders.rules import SIGNED

    seen = Order.objects.visible_to(user).filter(
        opportunity__lead__campaign__in=ids, opportunity__kind=Kind.NEW_BUSINESS, state__in=SIGNED
    )
    # Once more by id: what widens the sight of some may list a contract twice.
    rows = Order.objects.filter(pk__in=seen.order_by().values("pk")).order_by()
    counted = rows.values("opportunity__lead__campaign_id").annotate(
        orders=Count("pk"), revenue=Sum("total", filter=Q(currency=rulebook.get("currency")))
    )
    return {
        row["opportunity__lead__campaign_id"]: {"orders": row["orders"], "revenue": row["revenue"]}
        for row in counted
    }


def connect() -> None:
    """Fill the points."""
    hooks.opportunity_lost.register(_lost)
    hooks.sweeps.register(_sweep)
    hooks.company_visibility.register(_companies_seen)
    hooks.amounts_seen.register(_amounts_seen)
    hooks.owner_changed.register(_owner_changed)
    hooks.merged.register(_merged)
    hooks.leaving.register(_leaving)
    hooks.held.register(_held)
    hooks.moved.register(_moved)
    hooks.campaign_figures.register(_campaign_figures)
