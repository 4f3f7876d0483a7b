"""A simulated month of the firm, and what must be true of it afterwards, asked in SQL."""

from __future__ import annotations

from collections import Counter

import pytest
from django.db import connection

from tests import invariants, testdb
from tests.month.month import Month
from tests.month.sameness import content_lines

TINY = {"reps": 2, "callers": 1, "leads": 60, "days": 10}
FULL = {"reps": 6, "callers": 3, "leads": 1200, "days": 30}

# name → a query whose rows are breaches, asked at the end of the month (`%(at)s`).
LAWS: dict[str, str] = {
    "R6.1 no SQL is older than its due time": """
        SELECT id FROM leads_lead WHERE state = 'sql' AND due_at <= %(at)s
    """,
    "R6.2 each week that ran out ended at its due time, by the rule": """
        SELECT h.id FROM leads_holding h WHERE h.ended = 'expired' AND (h.to_at <> h.due_at OR NOT EXISTS (
            SELECT 1 FROM core_event e WHERE e.subject_id = h.lead_id AND e.verb = 'expired' AND e.at = h.due_at
            AND e.by_id IS NULL))
    """,
    "R6.2 nobody did anything with an SQL after its due time": """
        SELECT e.id FROM core_event e JOIN leads_holding h ON h.lead_id = e.subject_id AND h.stage = 'sql'
        AND e.at BETWEEN h.from_at AND coalesce(h.to_at, 'infinity')
        WHERE e.by_id IS NOT NULL AND e.from_state = 'sql' AND e.at >= h.due_at
    """,
    "R10.3 nobody claimed more in a day than allowed": """
        SELECT user_id FROM leads_holding WHERE began = 'claimed'
        GROUP BY user_id, (from_at AT TIME ZONE 'Asia/Shanghai')::date HAVING count(*) > 3
    """,
    "R7.2 no lead was prolonged more often than allowed": """
        SELECT x.lead_id FROM leads_extension x JOIN leads_holding h ON h.id = x.holding_id
        WHERE x.state = 'approved' GROUP BY x.lead_id, h.run HAVING count(*) > 2
    """,
    "R3.1 nobody was given more than there was room for, but for what a leaver left": """
        SELECT h.id FROM leads_holding h JOIN accounts_user u ON u.id = h.user_id
        WHERE h.began IN ('handed_over', 'claimed', 'taken', 'given')
        AND NOT EXISTS (SELECT 1 FROM leads_holding x WHERE x.ended = 'left' AND x.to_at <= h.from_at)
        AND (SELECT count(*) FROM leads_holding o WHERE o.user_id = h.user_id AND o.from_at <= h.from_at
             AND coalesce(o.to_at, 'infinity') > h.from_at)
          + (SELECT count(*) FROM opportunities_opportunity o WHERE o.owner_id = h.user_id AND o.created_at <= h.from_at
             AND coalesce(o.closed_at, 'infinity') > h.from_at AND o.stage <> 'scheduled'
             AND NOT EXISTS (SELECT 1 FROM core_event e WHERE e.subject_id = o.id AND e.verb = 'assigned')
            ) > coalesce(u.capacity, 40)
    """,
    "R4.3 every MQL is counted once: judged, passed on, pending or returned": """
        SELECT id FROM leads_holding WHERE stage = 'mql' AND to_at IS NOT NULL
        AND ended NOT IN ('accepted', 'returned', 'passed_on', 'given', 'refused', 'invalid', 'left')
    """,
    "R3.1 what is an MQL now is somebody's to judge, or waits in a queue": """
        SELECT id FROM leads_lead WHERE state = 'mql' AND owner_id IS NULL AND team_id IS NULL
    """,
    "R3.2 nobody has an MQL longer than the time to judge it": """
        SELECT id FROM leads_lead WHERE state = 'mql' AND judge_by <= %(at)s
    """,
    "R10.7 every holding that ended says how; every open one is an MQL's or SQL's": """
        SELECT h.id FROM leads_holding h JOIN leads_lead l ON l.id = h.lead_id
        WHERE (h.to_at IS NOT NULL AND h.ended = '') OR (h.to_at IS NULL AND (l.state NOT IN ('mql', 'sql')
        OR l.owner_id <> h.user_id OR h.due_at <= %(at)s))
    """,
    "R7.4 no request outlived its week": """
        SELECT id FROM leads_extension WHERE state = 'pending' AND due_before <= %(at)s
    """,
}
# What a month that deserves the name has seen.
SEEN = {
    "capture",
    "call",
    "accept",
    "return",
    "object",
    "settle",
    "ask",
    "decide",
    "claim",
    "convert",
    "release",
}
SEEN |= {"take", "next", "note", "advance", "contest"}


def broken(month: Month) -> dict[str, int]:
    """How many breaches of each law."""
    found: Counter[str] = Counter()
    with connection.cursor() as cursor:
        for name, query in LAWS.items():
            cursor.execute(query, {"at": month.ends})
            found[name] = len(cursor.fetchall())
    return +found


def live(size: dict[str, int], seed: int = 63) -> Month:
    """A month, looked at."""
    month = Month(seed, **size).run()
    assert broken(month) == {}
    invariants.check()
    return month


def repeated(size: dict[str, int]) -> None:
    """The same seed gives the same database, but for ids and real time."""
    found = []
    for _time in range(2):
        live(size)
        found.append(content_lines())
        testdb.reset()
    assert len(found[0]) > 500
    assert [pair for pair in zip(*found, strict=False) if pair[0] != pair[1]][:3] == []
    assert len(found[0]) == len(found[1])


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_the_same_seed_gives_the_same_month() -> None:
    repeated(TINY)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_month_of_twelve_hundred_leads_holds_its_laws() -> None:
    """Six reps, three telemarketers, thirty days; one rep leaves on the way."""
    month = live(FULL)
    assert month.done["leave"] == 1
    assert SEEN - set(month.done) == set(), "the month has seen everything"
