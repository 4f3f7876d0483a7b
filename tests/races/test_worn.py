"""A claim at the instant in which a lead becomes worn, and claims while marketing frees it (R10.7, Q1)."""

from __future__ import annotations

from functools import partial

import pytest

from core import clock
from leads.models import Holding, Lead
from leads.services import expire_due
from pool.services import claim
from pool.worn import free_worn
from tests import invariants
from tests.races import scene
from tests.races.harness import race, tally

pytestmark = pytest.mark.django_db(transaction=True)

RULES = {"claims_a_day": 1000, "capacity": 1000, "worn_leads": True, "worn_reps": 1, "cooldown_days": 0}


def test_R10_7_nobody_claims_a_lead_that_becomes_worn_at_that_instant() -> None:
    """The week of each runs out while others click on it: too early they are told that it is held, then that it rests."""
    firm = scene.firm(reps=8, **RULES)
    at = clock.now()
    ids = scene.sqls(firm, [firm.rob] * 20, [at] * 20)
    calls = [partial(expire_due, None, at)]
    calls += [partial(claim, pk, by=rep) for rep in firm.reps for pk in ids[:5]]
    outcomes = race(calls)
    assert set(tally(outcomes)) <= {"won", "already_claimed", "overdue", "lead_worn", "not_found"}
    assert tally(outcomes)["won"] == 1, "only the sweep"
    expire_due(None, at)  # a sweep passes over what somebody looks at, and comes again
    assert Lead.objects.filter(pk__in=ids, state="pooled").count() == 20
    assert not Holding.objects.filter(began="claimed").exists()
    invariants.check()


def test_R10_7_one_wins_what_marketing_frees_and_it_is_freed_once() -> None:
    firm = scene.firm(reps=8, **RULES)
    at = clock.now()
    (pk,) = scene.sqls(firm, [firm.rob], [at])
    expire_due([pk], at)
    frees = race(partial(free_worn, pk, by=firm.max) for _n in range(4))
    assert tally(frees) == {"won": 1, "transition_not_allowed": 3}
    assert tally(race(partial(claim, pk, by=rep) for rep in firm.reps))["won"] == 1
    assert Holding.objects.open().filter(lead=pk).count() == 1
    invariants.check()
