"""Q4, P6: the sweep over what is due, against one hand-written statement that does the same to as many leads."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from bench.database import analyze
from bench.measure import Figure, stopwatch

SWEEPERS = 3

# What somebody would write who had only this to do: no batches, nothing that lets two share the work.
BY_HAND = """
WITH gone AS (
    UPDATE leads_lead l SET state = 'pooled', owner_id = NULL, team_id = NULL, due_at = NULL, pool_reason = 'expired',
        pool_segment = 'some_interest', pooled_at = l.due_at, claimable = true, version = l.version + 1
    FROM (SELECT id, owner_id, due_at FROM leads_lead WHERE state = 'sql' AND due_at <= %(at)s) AS was
    WHERE l.id = was.id RETURNING l.id, l.contact_id, was.owner_id, was.due_at
), held AS (
    UPDATE leads_holding h SET to_at = gone.due_at, ended = 'expired' FROM gone
    WHERE h.lead_id = gone.id AND h.to_at IS NULL
), told AS (
    INSERT INTO accounts_notice (user_id, kind, subject_type, subject_id, data, at)
    SELECT owner_id, 'expired', 'lead', id, '{}', due_at FROM gone
)
INSERT INTO core_event (at, verb, subject_type, subject_id, contact_id, way, way_ref, from_state, to_state, data)
SELECT due_at, 'expired', 'lead', id, contact_id, 'rule', 'R6.1', 'sql', 'pooled', '{}' FROM gone
"""


def run(size: int) -> Iterator[Figure]:
    """The same number of due leads by hand and by three sweepers at once."""
    from django.db import connection

    from core import clock
    from core.models import Event
    from leads.services import expire_due
    from tests import invariants
    from tests.races import scene
    from tests.races.harness import race

    firm = scene.firm(reps=50)
    due = clock.now() - timedelta(days=1)

    def fill() -> None:
        for start in range(0, size, 20_000):
            count = min(20_000, size - start)
            owners = [firm.reps[n % 50] for n in range(count)]
            scene.sqls(firm, owners, [due + timedelta(milliseconds=start + n) for n in range(count)])
        analyze()

    fill()
    with stopwatch() as by_hand, connection.cursor() as cursor:
        cursor.execute(BY_HAND, {"at": clock.now()})
    fill()
    at = clock.now()
    with stopwatch() as swept:
        outcomes = race(partial(expire_due, None, at) for _ in range(SWEEPERS))
    moved = [outcome.value for outcome in outcomes]
    assert sum(moved) == size and Event.objects.filter(verb="expired").count() == 2 * size
    fill()
    with stopwatch() as alone:
        assert expire_due(None, clock.now()) == size
    invariants_that_count = [rule for rule, _pk in invariants.broken() if "R6.2 who lost" not in rule]
    assert not invariants_that_count, invariants_that_count[:5]
    baseline = f"{by_hand():.1f} s"
    yield Figure(
        f"{size:,} due leads taken back, {SWEEPERS} sweepers at once ({' + '.join(map(str, moved))})",
        f"{swept():.1f} s, {size / swept():,.0f} leads/s",
        f"one statement: {baseline}",
        swept() / by_hand(),
    )
    yield Figure(
        f"{size:,} due leads taken back, one sweeper",
        f"{alone():.1f} s, {size / alone():,.0f} leads/s",
        f"one statement: {baseline}",
        alone() / by_hand(),
    )
