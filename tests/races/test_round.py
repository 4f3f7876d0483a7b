"""Hand-overs at the same instant keep the round fair and nobody gets more than there is room for (R3.1)."""

from __future__ import annotations

from collections import Counter
from functools import partial

import pytest

from calling.services import log_call, logging
from core import clock
from leads.models import Lead
from leads.services import hand_out_waiting
from leads.services import handover as handover_verbs
from tests import invariants
from tests.races import scene
from tests.races.harness import race, tally

pytestmark = pytest.mark.django_db(transaction=True)


def qualify_all(firm: scene.Firm, ids: list) -> None:
    for lead in scene.leads(ids):
        log_call(lead, outcome="interested", by=firm.tina)


def handed(firm: scene.Firm) -> list[int]:
    count = Counter(Lead.objects.filter(state="mql", owner__isnull=False).values_list("owner", flat=True))
    return [count[rep.pk] for rep in firm.reps]


def test_R3_1_hand_overs_at_once_go_round() -> None:
    firm = scene.firm(reps=5)
    ids = scene.captured(firm.max, 40)
    outcomes = race(partial(qualify_all, firm, ids[n::8]) for n in range(8))
    assert tally(outcomes) == {"won": 8}
    assert handed(firm) == [8] * 5
    invariants.check()


def test_R3_1_without_the_turn_the_round_is_not_fair(monkeypatch) -> None:
    """The twin: nobody waits for the turn, and two hand-overs see the same rep as next."""
    firm = scene.firm(reps=5)
    monkeypatch.setattr(logging, "lock_round", lambda: None)
    monkeypatch.setattr(handover_verbs, "lock", lambda rows, pks, **_: list(rows.filter(pk__in=list(pks))))
    for _ in range(20):  # the first round is enough as a rule
        ids = scene.captured(firm.max, 40)
        race(partial(qualify_all, firm, ids[n::8]) for n in range(8))
        if len(set(handed(firm))) > 1:
            return
    pytest.fail("the round stayed fair without its lock: the race is none")


def test_R3_1_no_rep_gets_more_than_there_is_room_for() -> None:
    firm = scene.firm(reps=3, capacity=4)
    ids = scene.captured(firm.max, 20)
    race(partial(qualify_all, firm, ids[n::5]) for n in range(5))
    assert handed(firm) == [4] * 3
    assert Lead.objects.waiting().count() == 8
    invariants.check()


def test_R3_1_two_sweeps_hand_a_queue_out_once() -> None:
    firm = scene.firm(reps=4, capacity=1)
    ids = scene.captured(firm.max, 24)
    qualify_all(firm, ids)
    assert Lead.objects.waiting().count() == 20
    scene.set_rules(capacity=6)
    outcomes = race(partial(hand_out_waiting, clock.now()) for _ in range(3))
    assert sum(outcome.value for outcome in outcomes) == 20
    assert handed(firm) == [6] * 4
    invariants.check()
