"""An order as JSON: many at once, in a fixed number of queries."""

from decimal import Decimal
from typing import Any

from accounts.models import User
from contacts.api.writing import named
from core import clock, rulebook
from core.api.fields import money, person
from orders.models import Order, Payment
from orders.rules import Balance
from orders.selectors import allowed_actions, for_lists
from orders.services import balances

NOTHING = Decimal("0.00")


def orders_json(rows: list[Order], user: User) -> list[dict[str, Any]]:
    """Return orders (of `for_lists`) as the API writes them."""
    with rulebook.snapshot():
        money_of = balances(rows, clock.firm_day(clock.now()))
        return [_order(row, user, money_of[row.pk]) for row in rows]


def fresh(pk: Any) -> Order:
    """Return the order as it is now, with all that its JSON shows."""
    return for_lists(Order.objects.filter(pk=pk)).get()


def payments_json(rows: list[Payment]) -> list[dict[str, Any]]:
    """Return payments (with `by` and `order`) as the API writes them."""
    return [
        {
            "id": str(row.pk),
            "kind": row.kind,
            "amount": money(row.amount, row.order.currency),
            "paid_on": row.paid_on,
            "method": row.method,
            "reference": row.reference,
            "note": row.note,
            "by": person(row.by),
            "at": row.at,
        }
        for row in rows
    ]


def _order(row: Order, user: User, balance: Balance) -> dict[str, Any]:
    lines = list(row.lines.all())
    listed = sum((line.quantity * line.periods * line.unit_price for line in lines), NOTHING)
    asked = row.total if row.with_tax else row.net
    return {
        "id": str(row.pk),
        "version": row.version,
        "number": row.number,
        "state": row.state,
        "opportunity": str(row.opportunity_id),
        "quote": str(row.quote_id) if row.quote_id else None,
        "company": named(row.company),
        "contact": named(row.contact),
        "owner": person(row.owner),
        "lines": [
            {
                "product": named(line.product),
                "purpose": line.purpose,
                "basis": line.basis,
                "quantity": line.quantity,
                "periods": line.periods,
                "list_price": money(line.list_price, row.currency),
                "unit_price": money(line.unit_price, row.currency),
                "discount": float(line.discount),
                "total": money(line.total, row.currency),
            }
            for line in lines
        ],
        "net": money(row.net, row.currency),
        "tax": money(row.tax, row.currency),
        "total": money(row.total, row.currency),
        "discount": money(listed - asked, row.currency),
        "reduction": float(row.reduction),
        "other_terms": row.other_terms,
        "comment": row.comment,
        "decided_by": person(row.decided_by),
        "schedule": [
            {"due_on": part.due_on, "amount": money(part.amount, row.currency), "note": part.note}
            for part in row.instalments.all()
        ],
        "term": _term(row),
        "starts_on": row.starts_on,
        "ends_on": row.ends_on,
        "signed_on": row.signed_on,
        "terminated_on": row.terminated_on,
        "paid": money(balance.paid, row.currency),
        "open": money(balance.open, row.currency),
        "overdue": money(balance.overdue, row.currency),
        "created_at": row.created_at,
        "allowed": sorted(set(allowed_actions(row, user))),
    }


def _term(row: Order) -> dict[str, int] | None:
    if row.term_months:
        return {"months": row.term_months}
    return {"days": row.term_days} if row.term_days else None
