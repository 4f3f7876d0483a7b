"""A lead of the pool moves to another segment: by a reaction, by silence, by a call's outcome (R10.1, R10.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from accounts.models import User
from core import events, hooks
from leads.models import Lead
from leads.services.common import fact

_CHANGE = """
UPDATE leads_lead l SET pool_segment = m.segment, version = l.version + 1,
    silent_touches = CASE WHEN m.reacted THEN 0 ELSE l.silent_touches END
FROM unnest(%s::uuid[], %s::text[], %s::bool[]) AS m(id, segment, reacted)
WHERE l.id = m.id
"""


@dataclass
class Move:
    """A locked lead in the pool, the segment it goes to, when and why. `reacted`: the person did something; silence is
    over, and where it is the segment it lies in already, its cadence begins anew. `was` is filled in."""

    lead: Lead
    segment: str
    at: datetime
    why: str
    reacted: bool = False
    was: str = ""


def change_segments(moves: Sequence[Move], *, by: User | None) -> None:
    """pooled → pooled of locked leads: to another segment, with an event where it is another one; whoever runs cadences
    is told (R10.1, R10.2)."""
    if not moves:
        return
    columns: list[Any] = [
        [str(m.lead.pk) for m in moves],
        [m.segment for m in moves],
        [m.reacted for m in moves],
    ]
    with connection.cursor() as cursor:
        cursor.execute(_CHANGE, columns)
    facts = []
    for move in moves:
        lead = move.lead
        move.was, lead.pool_segment, lead.version = lead.pool_segment, move.segment, lead.version + 1
        if move.reacted:
            lead.silent_touches = 0
        if move.was != move.segment:
            data = {"from": move.was, "to": move.segment, "why": move.why}
            facts.append(fact("segment_changed", lead, move.at, by, lead.state, data=data))
    events.record_many(facts)
    hooks.segment_changed(list(moves))
