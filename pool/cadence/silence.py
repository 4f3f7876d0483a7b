"""Touches without a reaction are counted when they have really left; enough of them make a lead dormant (R10.1)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection

from core import rulebook
from leads.models import Lead
from leads.rules import Segment, State
from leads.services import Move, change_segments
from leads.services.common import leads
from outreach.models import Message
from pool.cadence.plan import falls_asleep
from pool.models import Entry

_TOUCHED = """
UPDATE pool_entry e SET touches = e.touches + m.n, last_touch_at = greatest(e.last_touch_at, %s)
FROM unnest(%s::uuid[], %s::int[]) AS m(id, n) WHERE e.id = m.id
"""
_SILENT = """
UPDATE leads_lead l SET silent_touches = l.silent_touches + m.n, version = l.version + 1
FROM unnest(%s::uuid[], %s::int[]) AS m(id, n) WHERE l.id = m.id
"""


def message_left(messages: Iterable[Message], at: datetime) -> None:
    """These messages have just left: those of cadences make the silence of their people longer; who has been silent for
    too many goes to sleep from this moment on."""
    sent = Counter(m.about_id for m in messages if m.about_type == "entry" and m.about_id is not None)
    if not sent:
        return
    of_lead: dict[Any, list[Entry]] = {}
    for entry in Entry.objects.filter(pk__in=sent):
        of_lead.setdefault(entry.lead_id, []).append(entry)
    rows: list[Lead] = list(
        leads().filter(pk__in=of_lead).order_by("pk").select_for_update(no_key=True, of=("self",))
    )
    silent = {}
    for lead in rows:
        if lead.state == State.POOLED:  # what left when the lead had gone already is no silence of the pool
            mine = sum(sent[e.pk] for e in of_lead[lead.pk] if e.run == lead.run)
            if mine:
                silent[lead.pk] = mine
    with connection.cursor() as cursor:
        cursor.execute(_SILENT, [[str(pk) for pk in silent], list(silent.values())])
    limit = rulebook.get("dormant_after")
    moves = []
    for lead in rows:
        if lead.pk not in silent:
            continue
        lead.silent_touches, lead.version = lead.silent_touches + silent[lead.pk], lead.version + 1
        if falls_asleep(lead.pool_segment, lead.silent_touches, limit):
            moves.append(Move(lead, Segment.DORMANT, at, "silent"))
    change_segments(moves, by=None)
    with connection.cursor() as cursor:
        cursor.execute(_TOUCHED, [at, [str(pk) for pk in sent], list(sent.values())])
