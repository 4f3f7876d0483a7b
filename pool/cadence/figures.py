"""What a cadence has brought: sent, delivered, reacted, back on the trunk, orders, and what each cost (R10.10)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db import connection

CENT = Decimal("0.01")
LONG_AGO, FAR_AHEAD = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


@dataclass
class Figures:
    """Of one cadence in a time: messages sent and delivered, people who reacted to them, leads back on the trunk, those
    of them that signed since, entries that run now; costs are None where nothing is known."""

    sent: int = 0
    delivered: int = 0
    reacted: int = 0
    back: int = 0
    orders: int = 0
    running: int = 0
    cost: Decimal | None = None
    cost_per_back: Decimal | None = None
    cost_of_new_lead: Decimal | None = None


_MESSAGES = """
SELECT m.source_id, count(*), count(m.delivered_at), sum(coalesce(m.cost, c.price))
FROM outreach_message m LEFT JOIN outreach_channel c ON c.id = m.via_id
WHERE m.source_id = ANY(%(ids)s::uuid[]) AND m.kind = 'cadence' AND m.state = 'sent'
AND m.sent_at >= %(since)s AND m.sent_at < %(until)s
GROUP BY 1
"""
_REACTED = """
SELECT m.source_id, count(DISTINCT r.contact_id)
FROM outreach_message m JOIN outreach_reaction r ON r.message_id = m.id
WHERE m.source_id = ANY(%(ids)s::uuid[]) AND m.kind = 'cadence' AND r.at >= %(since)s AND r.at < %(until)s
GROUP BY 1
"""
# A reactivated lead is one that left the pool from its cadence onto the trunk; an order of the same person since then
# is counted with it.
_BACK = """
SELECT e.cadence_id, count(*), count(*) FILTER (WHERE EXISTS (
    SELECT 1 FROM core_event s WHERE s.contact_id = l.contact_id AND s.verb = 'signed' AND s.at >= e.ended_at))
FROM pool_entry e JOIN leads_lead l ON l.id = e.lead_id
WHERE e.cadence_id = ANY(%(ids)s::uuid[]) AND e.ended_why = 'left_pool'
AND e.back_as IN ('new', 'mql', 'sql', 'converted') AND e.ended_at >= %(since)s AND e.ended_at < %(until)s
GROUP BY 1
"""
_RUNNING = """
SELECT cadence_id, count(*) FROM pool_entry
WHERE cadence_id = ANY(%(ids)s::uuid[]) AND state = 'running' GROUP BY 1
"""
# What a new lead costs: its own cost where it is known; else its campaign's money shared by the campaign's leads.
_NEW_LEAD = """
SELECT avg(coalesce(l.cost, c.cost / nullif(shared.n, 0)))
FROM leads_lead l LEFT JOIN outreach_campaign c ON c.id = l.campaign_id
LEFT JOIN (SELECT campaign_id, count(*) AS n FROM leads_lead WHERE campaign_id IS NOT NULL GROUP BY 1) shared
    ON shared.campaign_id = l.campaign_id AND l.cost IS NULL
WHERE l.created_at >= %(since)s AND l.created_at < %(until)s AND l.state <> 'merged'
"""


def figures(
    cadence_ids: Iterable[Any], since: datetime | None = None, until: datetime | None = None
) -> dict[Any, Figures]:
    """The figures of cadences in a time (all time where it is not said): cadence id → figures, in five queries."""
    ids = list(cadence_ids)
    found = {pk: Figures() for pk in ids}
    if not ids:
        return found
    known = {
        "ids": [str(pk) for pk in ids],
        "since": since or LONG_AGO,
        "until": until or FAR_AHEAD,
    }
    for pk, sent, delivered, cost in _rows(_MESSAGES, known):
        found[pk].sent, found[pk].delivered, found[pk].cost = sent, delivered, _money(cost)
    for pk, people in _rows(_REACTED, known):
        found[pk].reacted = people
    for pk, back, orders in _rows(_BACK, known):
        found[pk].back, found[pk].orders = back, orders
    for pk, running in _rows(_RUNNING, known):
        found[pk].running = running
    ((new_lead,),) = _rows(_NEW_LEAD, known)
    for one in found.values():
        one.cost_of_new_lead = _money(new_lead)
        if one.cost is not None and one.back:
            one.cost_per_back = _money(one.cost / one.back)
    return found


def _rows(statement: str, known: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, known)
        return cursor.fetchall()


def _money(value: Any) -> Decimal | None:
    return None if value is None else Decimal(value).quantize(CENT, ROUND_HALF_UP)
