"""Looking ahead while real work goes on: nothing is lost, doubled or held up by it, and nothing of it stays (R10.8)."""

from __future__ import annotations

import time
from datetime import timedelta
from functools import partial

import pytest
from django.db import transaction

from core import clock
from core.locking import lock
from core.models import Event
from core.services import run_sweeps
from core.trial import Busy
from leads.models import Holding, Lead
from leads.services import release
from leads.services.handover import lock_round
from pool import ahead
from tests import invariants
from tests.races import scene
from tests.races.harness import race, tally

pytestmark = pytest.mark.django_db(transaction=True)


def test_R10_8_real_sweeps_and_reps_go_on_while_somebody_looks_ahead() -> None:
    firm = scene.firm(reps=4, claims_a_day=1000, capacity=1000)
    now = clock.now()
    due = scene.sqls(firm, firm.reps * 10, [now] * 40)
    later = scene.sqls(firm, firm.reps * 5, [now + timedelta(hours=3)] * 20)
    calls = [partial(ahead.look, now) for _n in range(4)]
    calls += [partial(run_sweeps, now) for _n in range(3)]
    calls += [
        partial(release, lead, reason="no_fit", by=firm.reps[n % 4])
        for n, lead in enumerate(scene.leads(later[:8]))
    ]
    outcomes = race(calls)
    assert set(tally(outcomes[:4])) <= {"won", "busy"}
    assert tally(outcomes[4:]) == {"won": 11}, "real work never gives way"
    run_sweeps(now)
    assert Event.objects.filter(verb="expired").count() == 40
    assert Lead.objects.filter(pk__in=due, state="pooled").count() == 40
    assert Holding.objects.open().filter(lead__in=later).count() == 12
    assert Lead.objects.filter(pk__in=later, state="sql").count() == 12
    invariants.check()


def test_R10_8_a_trial_waits_for_nobody_and_says_so() -> None:
    """Somebody has the turn to hand over, and an MQL would pass on."""
    firm = scene.firm(reps=3)
    now = clock.now()
    scene.mqls(firm, [firm.reps[0]], at=now - timedelta(hours=20))

    def hold() -> None:
        with transaction.atomic():
            lock_round()
            time.sleep(3)

    def look() -> float:
        time.sleep(1)
        started = time.monotonic()
        with pytest.raises(Busy):
            ahead.look(now)
        return time.monotonic() - started

    outcomes = race([hold, look])
    assert tally(outcomes) == {"won": 2}
    assert Lead.objects.filter(state="mql", owner=firm.reps[0]).count() == 1


def test_R10_8_what_somebody_holds_is_passed_over_and_nothing_stays() -> None:
    firm = scene.firm(reps=2)
    now = clock.now()
    held, free = scene.sqls(firm, [firm.rob, firm.rita], [now + timedelta(hours=1)] * 2)
    found: list[ahead.Ahead] = []

    def hold() -> None:
        with transaction.atomic():
            lock(Lead.objects.all(), [held])
            time.sleep(3)

    def look() -> None:
        time.sleep(1)
        found.append(ahead.look(now))

    race([hold, look])
    assert {move.lead_id for move in found[0].moves if move.kind == "expired"} == {free}
    assert Lead.objects.filter(state="sql").count() == 2
    assert not Event.objects.filter(verb="expired").exists()
