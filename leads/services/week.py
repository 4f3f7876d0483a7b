"""The one-week rule: what is due goes back to the pool, exactly, once, however often and late it is swept (R6)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from core import clock, events, rulebook
from core.locking import verb
from leads.rules import due_at

BATCH = 2_000

# One statement moves a batch: state, holding, event and notice together or not at all. What leaves carries its own
# due time, so a late sweep writes what a punctual one would have written. `{lock}` lets sweepers share the work.
_EXPIRE = """
WITH due AS (
    SELECT l.id, l.owner_id, l.due_at, l.contact_id, l.extensions_used, c.company_id
    FROM leads_lead l JOIN contacts_contact c ON c.id = l.contact_id
    WHERE l.state = 'sql' AND l.due_at <= %(at)s {only}
    ORDER BY l.due_at, l.id LIMIT %(batch)s
    FOR NO KEY UPDATE OF l {lock}
), gone AS (
    UPDATE leads_lead l SET
        state = 'pooled', owner_id = NULL, team_id = NULL, due_at = NULL, judge_by = NULL, call_by = NULL,
        call_back_at = NULL, call_after = NULL,
        pool_reason = 'expired', pool_detail = '', pool_segment = 'some_interest', pooled_at = due.due_at,
        claimable = true, silent_touches = 0, next_step = '', next_step_on = NULL, version = l.version + 1
    FROM due WHERE l.id = due.id
    RETURNING l.id
), held AS (
    UPDATE leads_holding h SET to_at = due.due_at, ended = 'expired', extensions_used = due.extensions_used
    FROM due WHERE h.lead_id = due.id AND h.to_at IS NULL
    RETURNING h.id
), lapsed AS (
    UPDATE leads_extension x SET state = 'lapsed', decided_at = due.due_at
    FROM due WHERE x.lead_id = due.id AND x.state = 'pending'
), silent AS (
    UPDATE accounts_notice n SET read_at = due.due_at FROM due WHERE n.id IN (
        SELECT w.id FROM accounts_notice w JOIN due d ON d.id = w.subject_id
        WHERE w.read_at IS NULL AND w.kind IN ('due_soon', 'extension_asked') FOR NO KEY UPDATE OF w SKIP LOCKED
    ) AND n.subject_id = due.id
), told AS (
    INSERT INTO accounts_notice (user_id, kind, subject_type, subject_id, data, at)
    SELECT owner_id, 'expired', 'lead', id, jsonb_build_object('once', to_char(due_at AT TIME ZONE 'UTC', %(stamp)s)), due_at
    FROM due
    ON CONFLICT DO NOTHING
), said AS (
    INSERT INTO core_event (at, verb, subject_type, subject_id, contact_id, company_id, by_id, way, way_ref,
                            from_state, to_state, data)
    SELECT due_at, 'expired', 'lead', id, contact_id, company_id, NULL, 'rule', 'R6.1', 'sql', 'pooled',
           jsonb_build_object('owner', owner_id, 'reason', 'expired', 'segment', 'some_interest')
    FROM due
    RETURNING id
)
SELECT count(*) FROM said
"""

# A warning carries the time at which it was due, so that late sweeps write the same rows (R6.3). Who was given the lead
# after that time gets the next one.
_WARN = """
INSERT INTO accounts_notice (user_id, kind, subject_type, subject_id, data, at)
SELECT l.owner_id, 'due_soon', 'lead', l.id,
       jsonb_build_object('once', to_char(l.due_at AT TIME ZONE 'UTC', %(stamp)s) || '/' || h.hours, 'hours', h.hours),
       l.due_at - make_interval(hours => h.hours)
FROM leads_lead l JOIN leads_holding held ON held.lead_id = l.id AND held.to_at IS NULL
CROSS JOIN unnest(%(hours)s::int[]) AS h(hours)
WHERE l.state = 'sql' AND l.due_at <= %(latest)s
  AND l.due_at - make_interval(hours => h.hours) <= %(at)s
  AND l.due_at - make_interval(hours => h.hours) > held.from_at
ON CONFLICT DO NOTHING
RETURNING id
"""
_STAMP = 'YYYY-MM-DD"T"HH24:MI:SS.US'


def week_ends(at: datetime) -> datetime:
    """When the week of an SQL that begins now will end, by the Rulebook (R6.1)."""
    values = rulebook.values()
    holidays = values["holidays"] if values["holidays_pause"] else ()
    return due_at(at, values["week_days"], holidays, clock.firm_tz())


def extension_ends(due: datetime) -> datetime:
    """When a week that is prolonged once more will end: the days that an extension adds run like those of the week,
    and holidays pause them too (R6.1, R7.2)."""
    values = rulebook.values()
    holidays = values["holidays"] if values["holidays_pause"] else ()
    return due_at(due, values["extension_days"], holidays, clock.firm_tz())


def expire_due(ids: Collection[Any] | None, at: datetime, *, batch: int = BATCH) -> int:
    """Take back every SQL whose week is over at `at` (all, or those of `ids`); answers how many left (R6.1, R6.2).

    Each leaves once, with one event at its due time. Sweepers that run at once share the work.
    """
    moved = 0
    while True:
        count = _expire_batch(ids, at, batch)
        moved += count
        if count < batch:
            return moved


@verb
def _expire_batch(ids: Collection[Any] | None, at: datetime, batch: int) -> int:
    # Named leads are waited for: the caller must know that they have gone. A sweep skips what others hold.
    only = "" if ids is None else "AND l.id = ANY(%(ids)s::uuid[])"
    statement = _EXPIRE.format(only=only, lock="SKIP LOCKED" if ids is None else "")
    with connection.cursor() as cursor:
        cursor.execute(
            statement,
            {
                "at": at,
                "batch": batch,
                "stamp": _STAMP,
                "ids": [str(i) for i in ids] if ids is not None else None,
            },
        )
        (count,) = cursor.fetchone()
    return count


@verb
def warn_due(at: datetime) -> int:
    """Warn the owners of SQLs whose week ends in so many hours, once each (R6.3); answers how many warnings."""
    hours = rulebook.get("warn_hours")
    if not hours:
        return 0
    latest = at + timedelta(hours=max(hours))
    with connection.cursor() as cursor:
        cursor.execute(_WARN, {"hours": hours, "at": at, "latest": latest, "stamp": _STAMP})
        return len(cursor.fetchall())


def take_back(ids: Collection[Any]) -> int:
    """What an edge does when a verb met an overdue SQL: it leaves now, at its due time (R6.2)."""
    with events.way(events.RULE):
        return expire_due(list(ids), clock.now()) if ids else 0
