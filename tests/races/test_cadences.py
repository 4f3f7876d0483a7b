"""R10.5, R10.6, R11.4: sweeps of cadences at once, against claims, reactions and the sender; Q5: twice is once."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from functools import partial
from typing import Any

import pytest
from django.db.models import F

from core import clock
from core.models import Event
from leads.models import Lead
from leads.rules import State
from outreach.models import Message, Reaction, Touch
from pool.cadence.reacting import take_reactions
from pool.cadence.run import run_due
from pool.models import Entry
from pool.services import claim_many
from tests import invariants
from tests.pool.cadence_stage import leave
from tests.races import scene
from tests.races.harness import race

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE = 120


def midday() -> datetime:
    """Yesterday at noon: they came into the pool the day before, and nobody sleeps."""
    day = clock.firm_day(clock.now()) - timedelta(days=1)
    return datetime.combine(day, time(12), clock.firm_tz())


def waiting(reps: int = 4) -> tuple[scene.Firm, list[Any]]:
    """A firm with claimable leads in the pool, whose first step is due."""
    firm = scene.firm(reps=reps, claims_a_day=PEOPLE, capacity=PEOPLE)
    return firm, scene.pooled(firm, PEOPLE)


def reactions(ids: list[Any], kind: str, at: datetime) -> None:
    contacts = Lead.objects.filter(pk__in=ids).values_list("contact_id", flat=True)
    Reaction.objects.bulk_create(Reaction(contact_id=pk, kind=kind, at=at) for pk in contacts)


def nothing_on_its_way_but_to_the_pool() -> None:
    """What waits to be sent is for who lies in the pool, and a message is written once."""
    gone = Message.objects.unsent().filter(kind="cadence").exclude(contact__leads__state=State.POOLED)
    assert not gone.exists()
    running = Entry.objects.filter(state="running")
    assert not running.exclude(lead__state=State.POOLED).exists()
    assert not running.exclude(segment=F("lead__pool_segment")).exists()
    written = Message.objects.filter(kind="cadence").values_list("once", flat=True)
    assert len(written) == len(set(written))
    invariants.check()


def test_R11_4_sweeps_at_once_share_the_work_and_write_once() -> None:
    waiting()
    at = midday()
    done = [outcome.value for outcome in race(partial(run_due, at, batch=25) for _n in range(3))]
    done.append(run_due(at))  # what one of them had held back from the others
    assert sum(one["begun"] for one in done) == sum(one["written"] for one in done) == PEOPLE
    assert Message.objects.count() == Touch.objects.count() == Entry.objects.count() == PEOPLE
    nothing_on_its_way_but_to_the_pool()


def test_Q5_a_sweep_run_twice_is_run_once() -> None:
    waiting()
    at = midday()
    run_due(at)
    before = list(Entry.objects.order_by("pk").values()), list(Message.objects.order_by("pk").values())
    assert run_due(at) == {"begun": 0, "moved": 0, "written": 0}
    assert before == (
        list(Entry.objects.order_by("pk").values()), list(Message.objects.order_by("pk").values()),
    )  # fmt: skip


def test_R10_5_nothing_is_sent_after_the_claim() -> None:
    firm, ids = waiting()
    at = midday()
    quarter = PEOPLE // 4
    claims = [partial(claim_many, ids[n * quarter : (n + 1) * quarter], by=firm.reps[n]) for n in range(4)]
    race([partial(run_due, at, batch=20), *claims])
    run_due(at)
    assert set(Lead.objects.filter(pk__in=ids).values_list("state", flat=True)) == {State.SQL}
    assert set(Message.objects.values_list("state", flat=True)) <= {"recalled"}
    assert not Touch.objects.exists() and not Entry.objects.filter(state="running").exists()
    nothing_on_its_way_but_to_the_pool()


@pytest.mark.parametrize("kind", ["reply", "click"])
def test_R10_6_a_reaction_meets_the_sweep(kind: str) -> None:
    _firm, ids = waiting()
    at = midday()
    run_due(at)
    leave(at)
    Entry.objects.update(due_at=at + timedelta(days=1))
    later = at + timedelta(days=1)
    reactions(ids, kind, later)
    race([partial(run_due, later, batch=20), *(partial(take_reactions, later, batch=20) for _n in range(2))])
    take_reactions(later)
    assert not Reaction.objects.filter(taken_at=None).exists()
    back = Event.objects.filter(verb="reactivated").count()
    assert back == (PEOPLE if kind == "reply" else 0) == Lead.objects.filter(state=State.NEW).count()
    nothing_on_its_way_but_to_the_pool()


def test_R10_6_a_reaction_meets_the_claim() -> None:
    firm, ids = waiting()
    at = midday()
    run_due(at)
    reactions(ids, "call_me", at)
    half = PEOPLE // 2
    race(
        [
            partial(take_reactions, at, batch=10),
            partial(claim_many, ids[:half], by=firm.reps[0]),
            partial(claim_many, ids[half:], by=firm.reps[1]),
        ]
    )
    take_reactions(at)
    # Each went one way: to the desk, or to the rep, who was told of the reaction if it came later.
    states = Lead.objects.filter(pk__in=ids).values_list("state", flat=True)
    assert set(states) <= {State.NEW, State.SQL} and len(states) == PEOPLE
    assert Event.objects.filter(verb="reactivated").count() == list(states).count(State.NEW)
    nothing_on_its_way_but_to_the_pool()


def test_R10_1_the_sender_meets_claims_and_sweeps() -> None:
    """Silence is counted and people fall asleep while others take them away: nobody waits for ever."""
    firm, ids = waiting()
    scene.set_rules(dormant_after=1)
    at = midday()
    run_due(at)
    race([partial(leave, at), partial(run_due, at), partial(claim_many, ids[:40], by=firm.reps[0])])
    run_due(at)
    sent = set(Message.objects.filter(state="sent").values_list("contact_id", flat=True))
    for lead in Lead.objects.filter(pk__in=ids, state=State.POOLED):
        asleep = lead.contact_id in sent
        assert (lead.pool_segment == "dormant", lead.silent_touches) == (asleep, int(asleep))
    nothing_on_its_way_but_to_the_pool()
