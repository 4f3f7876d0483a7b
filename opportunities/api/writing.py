"""An opportunity as JSON: many at once, in a fixed number of queries."""

from datetime import datetime
from typing import Any

from accounts.models import User
from contacts.api.writing import named
from core import clock, rulebook
from core.api.fields import money, person
from opportunities import rules
from opportunities.models import Opportunity
from opportunities.selectors import allowed_actions, for_lists, risk


def opportunities_json(rows: list[Opportunity], user: User) -> list[dict[str, Any]]:
    """Return opportunities (of `for_lists`) as the API writes them."""
    at = clock.now()
    with rulebook.snapshot():
        return [_opportunity(row, user, at) for row in rows]


def fresh(pk: Any) -> Opportunity:
    """Return the opportunity as it is now, with all that its JSON shows."""
    return for_lists(Opportunity.objects.filter(pk=pk)).get()


def _opportunity(row: Opportunity, user: User, at: datetime) -> dict[str, Any]:
    values = rulebook.values()
    over = risk(row, at, values["at_risk_days"])
    return {
        "id": str(row.pk),
        "version": row.version,
        "kind": row.kind,
        "stage": row.stage,
        "active_on": row.active_on,
        "lead": str(row.lead_id) if row.lead_id else None,
        "contact": named(row.contact),
        "company": named(row.company),
        "owner": person(row.owner),
        "team": named(row.team),
        "products": [
            {"product": named(need.product), "purpose": need.purpose, "quantity": need.quantity}
            for need in row.needs.all()
        ],
        "headcount": row.headcount,
        "amount": money(row.amount, row.currency),
        "win_rate": rules.win_rate(row.stage, values),
        "expected_close": row.expected_close,
        "at_risk": over is not None,
        "days_over": over,
        "next_step": {"text": row.next_step, "on": row.next_step_on} if row.next_step else None,
        "competitor": row.competitor or None,
        "over_expectation": row.over_expectation,
        "risk": row.risk or None,
        "probability": row.probability,
        "created_at": row.created_at,
        "closed_at": row.closed_at,
        "lost_reason": row.lost_reason or None,
        "allowed": sorted(set(allowed_actions(row, user, at))),
    }
