"""A missed first call and an MQL that nobody judged: taken once, passed on once, or judged in time (R3.2, R4.3, Q3)."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from core import clock
from core.models import Event
from leads.models import Holding, Lead
from leads.services import accept, assign, pass_on_unjudged, passing, return_mql, take
from tests import invariants
from tests.races import scene
from tests.races.harness import race, tally

pytestmark = pytest.mark.django_db(transaction=True)

ALWAYS = {"business_hours": "00:00-23:59", "business_days": [1, 2, 3, 4, 5, 6, 7]}


def missed(firm: scene.Firm, count: int, hours: int = 2) -> list[Lead]:
    """MQLs of Rita's that she got so many hours ago and has not called."""
    handed = clock.now() - timedelta(hours=hours)
    return scene.leads(scene.mqls(firm, [firm.rita] * count, handed))


def said(verb: str, *leads: Lead) -> int:
    rows = Event.objects.filter(verb=verb)
    return (rows.filter(subject_id__in=[lead.pk for lead in leads]) if leads else rows).count()


def test_Q1_R3_2_a_missed_call_is_taken_by_one() -> None:
    firm = scene.firm(reps=7, **ALWAYS)
    for lead in missed(firm, 8):
        outcomes = race(partial(take, lead, by=rep) for rep in firm.reps[1:])
        assert tally(outcomes) == {"won": 1, "already_claimed": 5}
        winner = next(rep for rep, end in zip(firm.reps[1:], outcomes, strict=True) if end.won)
        lead.refresh_from_db()
        assert lead.owner_id == winner.pk and said("taken", lead) == 1
    invariants.check()


def test_Q1_without_the_guard_a_missed_call_is_taken_twice(monkeypatch) -> None:
    """The twin: neither turn nor lock; what the database still refuses is a second holder."""
    firm = scene.firm(reps=7, **ALWAYS)
    unlocked(monkeypatch)
    with pytest.raises(ExceptionGroup) as caught:
        for lead in missed(firm, 40):
            race(partial(take, lead, by=rep) for rep in firm.reps[1:])
            assert said("taken", lead) == 1, "two took it"
    assert "one_open_holding_a_lead" in str(caught.value.exceptions[0])


def unlocked(monkeypatch) -> None:
    """Nobody waits for anybody: read, decide, write."""
    monkeypatch.setattr(passing, "lock_round", lambda: None)
    monkeypatch.setattr(passing, "locked_rep", lambda rep: rep)
    monkeypatch.setattr(
        passing, "locked", lambda lead: Lead.objects.select_related("contact").get(pk=lead.pk)
    )
    monkeypatch.setattr(passing, "lock", lambda rows, pks, **_: list(rows.filter(pk__in=list(pks))))


@pytest.mark.parametrize("judge", [accept, partial(return_mql, reason="no_need")], ids=["accept", "return"])
def test_Q3_R4_3_judged_or_passed_on_never_both(judge: Any) -> None:
    """The sweep comes in the very moment in which Rita judges: hers, or the next rep's and she reads that."""
    firm = scene.firm(reps=3)
    ends = {"judged": 0, "passed": 0}
    for lead in missed(firm, 25, hours=25):
        judged, swept = race([partial(judge, lead, by=firm.rita), partial(pass_on_one, lead)])
        lead.refresh_from_db()
        if judged.won:
            ends["judged"] += 1
            assert said("passed_on", lead) == 0 and lead.state in ("sql", "pooled") and swept.value == 0
        else:
            ends["passed"] += 1
            assert judged.code in {"already_claimed", "transition_not_allowed"}
            assert said("passed_on", lead) == 1 and lead.owner_id not in (None, firm.rita.pk)
    assert sum(ends.values()) == 25
    invariants.check()


def pass_on_one(lead: Lead) -> int:
    return passing._pass_on(lead.pk, clock.now())


def test_Q3_without_the_guard_what_was_judged_is_passed_on(monkeypatch) -> None:
    """The twin: the sweep believes what it read before it had the lead."""
    firm = scene.firm(reps=3)
    unlocked(monkeypatch)
    for lead in missed(firm, 60, hours=25):
        try:
            race([partial(accept, lead, by=firm.rita), partial(pass_on_one, lead)])
        except ExceptionGroup as group:  # a second holder, or a state that the trigger does not know
            assert "one_open_holding_a_lead" in str(group.exceptions[0]) or "move" in str(group.exceptions[0])
            return
        if said("passed_on", lead) and said("accepted", lead):
            return
    pytest.fail("nobody met: the race is none")


def test_Q3_R3_2_taken_or_passed_on_or_given_one_after_the_other() -> None:
    """A colleague takes it, the sweep passes it on, the manager gives it away: each holding follows the one before."""
    firm = scene.firm(reps=4, **ALWAYS)
    for lead in missed(firm, 15, hours=30):
        outcomes = race(
            [
                partial(take, lead, by=firm.rob),
                partial(pass_on_one, lead),
                partial(assign, lead, rep=firm.reps[2], by=firm.mark),
            ]
        )
        codes = {"won", "already_claimed", "transition_not_allowed", "invalid", "forbidden"}
        assert set(tally(outcomes)) <= codes and outcomes[1].won
        assert Holding.objects.open().filter(lead=lead).count() == 1
    invariants.check()


def test_Q5_R3_2_two_sweeps_pass_each_on_once() -> None:
    firm = scene.firm(reps=5)
    found = missed(firm, 60, hours=25)
    outcomes = race(partial(pass_on_unjudged, clock.now()) for _ in range(3))
    assert sum(outcome.value for outcome in outcomes) == 60
    assert said("passed_on", *found) == 60
    assert pass_on_unjudged(clock.now()) == 0
    assert Holding.objects.filter(ended="passed_on").count() == 60
    invariants.check()
