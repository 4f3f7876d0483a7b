"""An order as JSON: many at once, in a fixed number of queries."""

from decimal import Decimal
from typing import Any

from accounts.models import User
from contacts.api.writing import named
from core.api.fields import money, person
from orders.models import Order
from orders.rules import SIGNED
from orders.selectors import allowed_actions, for_lists

NOTHING = Decimal("0.00")


def orders_json(rows: list[Order], user: User) -> list[dict[str, Any]]:
    """Return orders (of `for_lists`) as the API writes them."""
    return [_order(row, user) for row in rows]


def fresh(pk: Any) -> Order:
    """Return the order as it is now, with all that its JSON shows."""
    return for_lists(Order.objects.filter(pk=pk)).get()


def _order(row: Order, user: User) -> dict[str, Any]:
    lines = list(row.lines.all())
    listed = sum((line.quantity * line.unit_price for line in lines), NOTHING)
    # Nothing can be paid yet (R9.3 comes with its own part): a signed order is open to the full.
    return {
        "id": str(row.pk),
        "version": row.version,
        "number": row.number,
        "state": row.state,
        "opportunity": str(row.opportunity_id),
        "company": named(row.company),
        "contact": named(row.contact),
        "owner": person(row.owner),
        "lines": [
            {
                "product": named(line.product),
                "quantity": line.quantity,
                "unit_price": money(line.unit_price, row.currency),
                "discount": float(line.discount),
                "total": money(line.total, row.currency),
            }
            for line in lines
        ],
        "total": money(row.total, row.currency),
        "discount": money(listed - row.total, row.currency),
        "term": _term(row),
        "starts_on": row.starts_on,
        "ends_on": row.ends_on,
        "signed_on": row.signed_on,
        "paid": money(NOTHING, row.currency),
        "open": money(row.total if row.state in SIGNED else NOTHING, row.currency),
        "overdue": money(NOTHING, row.currency),
        "created_at": row.created_at,
        "allowed": sorted(set(allowed_actions(row, user))),
    }


def _term(row: Order) -> dict[str, int] | None:
    if row.term_months:
        return {"months": row.term_months}
    return {"days": row.term_days} if row.term_days else None
