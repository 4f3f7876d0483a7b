"""The week runs out: each lead leaves once, however many sweep, however late, whatever dies (R6.2, Q4, Q5)."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection, transaction

from accounts.models import Notice
from core import clock
from core.models import Event
from core.services import run_sweeps
from leads.models import Holding, Lead
from leads.services import expire_due
from opportunities.models import Opportunity
from opportunities.services import Need, convert
from orders.services import draft, sign
from tests import invariants, testdb
from tests.races import scene
from tests.races.harness import race
from tests.races.processes import running, until

pytestmark = pytest.mark.django_db(transaction=True)

# Everything that a sweep may write, without ids made on the way and the real time of recording.
CONTENT = """
SELECT 'lead', to_jsonb(l)::text FROM leads_lead l
UNION ALL SELECT 'holding', (to_jsonb(h) - 'id')::text FROM leads_holding h
UNION ALL SELECT 'event', (to_jsonb(e) - 'id' - 'recorded_at')::text FROM core_event e
UNION ALL SELECT 'notice', (to_jsonb(n) - 'id')::text FROM accounts_notice n
UNION ALL SELECT 'opportunity', to_jsonb(o)::text FROM opportunities_opportunity o
ORDER BY 1, 2
"""


def content_hash() -> str:
    with connection.cursor() as cursor:
        cursor.execute(CONTENT)
        return hashlib.sha256(repr(cursor.fetchall()).encode()).hexdigest()


def each_left_once(count: int) -> None:
    assert Lead.objects.filter(state="pooled", pool_reason="expired", owner=None).count() == count
    assert Event.objects.filter(verb="expired").values("subject_id").distinct().count() == count
    assert Event.objects.filter(verb="expired").count() == count
    assert Notice.objects.filter(kind="expired").count() == count
    assert Holding.objects.filter(ended="expired").count() == count
    assert not Holding.objects.open().exists()
    invariants.check()


def overdue(firm: scene.Firm, count: int) -> list:
    start = clock.now() - timedelta(days=1)
    owners = [firm.reps[n % len(firm.reps)] for n in range(count)]
    return scene.sqls(firm, owners, [start + timedelta(seconds=n) for n in range(count)])


@pytest.mark.reduced
def test_Q4_R6_2_three_sweepers_share_five_thousand() -> None:
    firm = scene.firm(reps=10)
    overdue(firm, 5_000)
    at = clock.now()
    outcomes = race(partial(expire_due, None, at, batch=200) for _ in range(3))
    assert sum(outcome.value for outcome in outcomes) == 5_000
    assert sum(outcome.value > 0 for outcome in outcomes) > 1, "they shared the work"
    each_left_once(5_000)


def test_R6_2_named_leads_are_waited_for_while_a_sweep_holds_them() -> None:
    """The edge that met an overdue lead must know that it has gone, even when a sweep has it in hand."""
    firm = scene.firm()
    ids = overdue(firm, 60)
    at = clock.now()
    outcomes = race(
        [partial(expire_due, None, at, batch=7), *(partial(expire_due, [pk], at) for pk in ids[::3])]
    )
    assert sum(outcome.value for outcome in outcomes) == 60
    each_left_once(60)


def test_Q4_a_sweeper_killed_in_the_middle_loses_nothing_and_repeats_nothing() -> None:
    """kill -9 while a batch is half written: the first batch stays, the second never was, the next sweep does the rest."""
    firm = scene.firm(warn_hours=[])
    start = clock.now() - timedelta(days=1)
    owners = [firm.rita] * 2_000 + [firm.rob] * 1_000
    scene.sqls(firm, owners, [start + timedelta(seconds=n) for n in range(3_000)])
    testdb.analyze()
    before = _others()  # what a server of an earlier browser test may have left open
    with running("sweep") as sweeper:
        with transaction.atomic(), connection.cursor() as cursor:
            # Rob's holdings are held, so that the batch with his leads stands still in its middle.
            cursor.execute("SELECT 1 FROM leads_holding WHERE user_id = %s FOR UPDATE", [firm.rob.pk])
            until(_somebody_waits, "the second batch stands still")
            sweeper.kill()
            sweeper.wait()
        until(lambda: not set(_others()) - set(before), "the server has noticed")
    assert Lead.objects.filter(state="pooled").count() == 2_000
    assert Event.objects.filter(verb="expired").count() == 2_000
    invariants.check()
    assert run_sweeps()["expired"] == 1_000
    each_left_once(3_000)


def test_Q5_two_sweeps_by_two_processes_at_once() -> None:
    firm = scene.firm(reps=4)
    overdue(firm, 400)
    with transaction.atomic():
        run_sweeps()
        alone = content_hash()
        transaction.set_rollback(True)
    with running("sweep") as one, running("sweep") as other:
        said = [process.communicate() for process in (one, other)]
        assert (one.returncode, other.returncode) == (0, 0), said
    moved = [int(line.split()[1]) for out, _err in said for line in out.splitlines() if "expired:" in line]
    assert sum(moved) == 400
    each_left_once(400)
    assert content_hash() == alone


def test_Q5_swept_on_time_or_late_once_or_twice_the_same_database() -> None:
    """Every minute for two days, or once after an outage of 48 hours: the same rows, warnings and due times included."""
    firm = scene.firm()
    now = clock.now()
    dues = [now + timedelta(hours=49, minutes=n) for n in range(12)]
    scene.sqls(firm, [firm.rita, firm.rob] * 6, dues)
    (sold,) = scene.leads(scene.sqls(firm, [firm.rita], [now + timedelta(days=5)]))
    need = [Need(firm.product)]
    chance = convert(sold, by=firm.rita, company="Apex Ltd", products=need, headcount=5)
    sign(draft(chance, by=firm.rita, term_days=3), by=firm.rita)
    assert Opportunity.objects.filter(stage="scheduled").count() == 1
    hours = [now + timedelta(hours=n) for n in range(49)]
    minutes = [now + timedelta(hours=49, minutes=n, seconds=17) for n in range(15)]
    late = minutes[-1] + timedelta(hours=48)
    plans = {
        "on time": [*hours, *minutes, late],
        "late": [late],
        "twice": [late, late],
        "at random": [hours[5], minutes[3], minutes[3], late],
    }
    hashes = {}
    for name, plan in plans.items():
        with transaction.atomic():
            for instant in plan:
                with clock.at(instant):
                    run_sweeps()
            assert Notice.objects.filter(kind="due_soon").count() == 12 * 3
            assert Opportunity.objects.filter(kind="renewal", stage="confirmed").count() == 1
            invariants.check()
            hashes[name] = content_hash()
            transaction.set_rollback(True)
    assert len(set(hashes.values())) == 1, hashes


def _somebody_waits() -> bool:
    return bool(_others("wait_event_type = 'Lock'"))


def _others(condition: str = "true") -> list:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_stat_clear_snapshot()"
        )  # inside a transaction the answer would stay the first one
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() "
            f"AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND {condition}"
        )
        return cursor.fetchall()
