"""Claims from the pool at the same instant: one lead, one winner; no limit passed (Q1, Q2, R10.3)."""

from __future__ import annotations

from functools import partial

import pytest
from django.db import connection

from core import clock
from core.models import Event
from leads.models import Holding, Lead
from leads.services import assign, capture
from pool import services as pool
from pool.services import claim, claim_many
from tests import invariants
from tests.races import scene
from tests.races.harness import Outcome, race, tally

pytestmark = pytest.mark.django_db(transaction=True)

ROOM = {"claims_a_day": 1000, "capacity": 1000}


def claim_all(ids, rep) -> list[str]:
    """Try every lead, one after the other; the ids that were won. Losing must be answered with the truth."""
    won = []
    for pk in ids:
        try:
            won.append(claim(pk, by=rep).pk)
        except pool.AlreadyClaimed:
            continue
    return won


def in_pairs(ids: list, n: int) -> list:
    """Two reps at a time go through the leads in the same order, so that they always click on the same one."""
    start = n // 2 * len(ids) // 8
    return ids[start:] + ids[:start]


def run_for_all(firm: scene.Firm, ids: list) -> None:
    outcomes = race(partial(claim_all, in_pairs(ids, n), rep) for n, rep in enumerate(firm.reps))
    assert tally(outcomes) == {"won": len(firm.reps)}, "nobody meets an unexpected refusal"
    taken = [pk for outcome in outcomes for pk in outcome.value]
    assert sorted(taken) == sorted(ids), "each lead has one owner, none has two"
    assert sum(1 for outcome in outcomes if outcome.value) > 1, "it was a race"
    for rep, outcome in zip(firm.reps, outcomes, strict=True):
        assert Lead.objects.filter(owner=rep, state="sql", pk__in=outcome.value).count() == len(outcome.value)
    assert Event.objects.filter(verb="claimed").count() == len(ids)
    invariants.check()


def test_Q1_R10_3_a_lead_has_one_winner_however_many_reps_click() -> None:
    firm = scene.firm(reps=16, **ROOM)
    run_for_all(firm, scene.pooled(firm, 40))


@pytest.mark.slow
def test_Q1_R10_3_sixteen_reps_race_for_two_hundred_leads() -> None:
    firm = scene.firm(reps=16, **ROOM)
    run_for_all(firm, scene.pooled(firm, 200))


def test_Q1_without_the_guard_the_same_race_shows_doubles() -> None:
    """The twin: read, decide, write. If this shows no double, the race above proves nothing."""
    firm = scene.firm(reps=16)
    ids = scene.pooled(firm, 100)

    def read_then_write(rep) -> list:
        won = []
        for pk in ids:
            if Lead.objects.get(pk=pk).state == "pooled":
                with connection.cursor() as cursor:
                    cursor.execute(
                        "UPDATE leads_lead SET state = 'sql', owner_id = %s, accepted_at = %s, due_at = %s, "
                        "pooled_at = NULL, pool_reason = '', pool_segment = '' WHERE id = %s",
                        [rep.pk, clock.now(), clock.now() + scene.WEEK, pk],
                    )
                won.append(pk)
        return won

    outcomes = race(partial(read_then_write, rep) for rep in firm.reps)
    assert sum(len(outcome.value) for outcome in outcomes) > len(ids)


def test_Q1_without_the_lock_the_database_still_refuses_a_second_holder(monkeypatch) -> None:
    """The second wall: two open holdings of a lead cannot be, so that a forgotten lock is an error, never a double."""
    firm = scene.firm(reps=16, **ROOM)
    ids = scene.pooled(firm, 40)
    monkeypatch.setattr(pool, "lock", lambda rows, pks: list(rows.filter(pk__in=list(pks))))
    with pytest.raises(ExceptionGroup) as caught:
        while True:  # until two have met, which is at once
            race(partial(claim_all, in_pairs(ids, n), rep) for n, rep in enumerate(firm.reps))
            ids = scene.pooled(firm, 40)
    assert "one_open_holding_a_lead" in str(caught.value.exceptions[0])
    assert Holding.objects.open().count() == Lead.objects.filter(state="sql").count()


@pytest.mark.parametrize(
    ("limit", "code"), [("claims_a_day", "claim_limit_day"), ("capacity", "capacity_reached")]
)
def test_Q2_R10_3_no_limit_is_passed_however_many_leads_one_rep_clicks(limit: str, code: str) -> None:
    firm = scene.firm(reps=5, **{**ROOM, limit: 10})
    ids = scene.pooled(firm, 80)
    for rep in firm.reps:
        outcomes = race(partial(claim, pk, by=rep) for pk in ids[:40])
        assert tally(outcomes) == {"won": 10, code: 30}
        assert Lead.objects.filter(owner=rep).count() == 10
        left = list(Lead.objects.filter(pk__in=ids, state="pooled").values_list("pk", flat=True))
        ids = [pk for pk in ids if pk in left]
    invariants.check()


def test_Q2_without_the_guard_the_limit_is_passed(monkeypatch) -> None:
    """The twin: the rep's own row is not locked, so that everybody counts before anybody has written."""
    firm = scene.firm(claims_a_day=10, capacity=1000)
    ids = scene.pooled(firm, 40)
    real = pool.lock
    monkeypatch.setattr(
        pool,
        "lock",
        lambda rows, pks: real(rows, pks) if rows.model is Lead else list(rows.filter(pk__in=list(pks))),
    )
    outcomes = race(partial(claim, pk, by=firm.rita) for pk in ids)
    assert tally(outcomes)["won"] > 10


def test_Q2_R3_1_capacity_binds_claims_and_gifts_together() -> None:
    """Rita clicks while her manager gives her leads: together never more than she has room for."""
    firm = scene.firm(claims_a_day=1000, capacity=12)
    pool_ids = scene.pooled(firm, 20)
    due = clock.now() + scene.WEEK
    rob_ids = scene.sqls(firm, [firm.rob] * 12, [due] * 12)
    calls = [partial(claim, pk, by=firm.rita) for pk in pool_ids]
    calls += [partial(assign, lead, rep=firm.rita, by=firm.mark) for lead in scene.leads(rob_ids)]
    outcomes = race(calls)
    assert tally(outcomes) == {"won": 12, "capacity_reached": 20}
    assert Lead.objects.filter(owner=firm.rita).count() == 12
    invariants.check()


def test_R10_3_batches_that_overlap_share_and_answer_for_each_lead() -> None:
    firm = scene.firm(reps=8, **ROOM)
    ids = scene.pooled(firm, 60)
    batches = [(rep, ids[n * 5 : n * 5 + 25][:: 1 if n % 2 else -1]) for n, rep in enumerate(firm.reps)]
    outcomes = race(partial(claim_many, batch, by=rep) for rep, batch in batches)
    assert tally(outcomes) == {"won": 8}
    won = []
    for outcome, (_rep, batch) in zip(outcomes, batches, strict=True):
        assert [answer.lead_id for answer in outcome.value] == batch, "an answer for each, in the order asked"
        assert {a.error.code for a in outcome.value if a.error} <= {"already_claimed"}
        won += [answer.lead_id for answer in outcome.value if answer.ok]
    assert len(won) == len(set(won)) == len({pk for _rep, batch in batches for pk in batch})
    invariants.check()


def test_Q3_R10_6_a_claim_against_the_person_who_comes_back() -> None:
    """A rep claims while the person fills a form: hers with the arrival told to her, or the desk's and she is told."""
    firm = scene.firm(**ROOM)
    ids = scene.pooled(firm, 40)
    told = {"sql": 0, "new": 0}
    for lead in scene.leads(ids):
        number = lead.contact.points.get().value
        form = partial(
            capture, by=firm.max, contact={"phone": number, "name": "Back"}, channel="site", medium="form"
        )
        claimed, came = race([partial(claim, lead.pk, by=firm.rita), form])
        assert came.won and came.value[1], "the person is known"
        lead.refresh_from_db()
        _told_the_truth(lead, claimed)
        assert Event.objects.filter(subject_id=lead.pk, verb__in=["claimed", "reactivated"]).count() == 1
        told[lead.state] += 1
    assert sum(told.values()) == len(ids)
    invariants.check()


def _told_the_truth(lead: Lead, claimed: Outcome) -> None:
    if claimed.won:
        assert lead.state == "sql"
    else:
        assert (lead.state, claimed.code) == ("new", "transition_not_allowed")
