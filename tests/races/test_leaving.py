"""Somebody leaves while still at work in another window, and while others hand over: nothing stays behind (R15.3)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from accounts.models import User
from accounts.services import make_key
from calling.services import log_call, next_lead
from core import clock
from leads.models import Lead
from leads.services import accept, ask_extension, assign, leave
from opportunities.services import Need, convert
from pool import services as pool
from pool.services import claim
from tests import invariants
from tests.races import scene
from tests.races.harness import race

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 8


def leaver(firm: scene.Firm, n: int) -> User:
    """A rep at work, with an MQL, two SQLs and a key."""
    rep = User.objects.create(login=f"leaver{n}", name=f"Leaver {n}", hats=["rep"], team=firm.team)
    make_key(rep, scope="write")
    return rep


def work_of(firm: scene.Firm, rep: User) -> dict[str, Callable[[], Any]]:
    """What is on its way in the same moment."""
    due = clock.now() + timedelta(days=3)
    one, two = scene.leads(scene.sqls(firm, [rep] * 2, [due] * 2))
    (mql,) = scene.leads(scene.mqls(firm, [rep]))
    (other,) = scene.leads(scene.sqls(firm, [firm.rita], [due]))
    fresh, pooled = scene.captured(firm.max, 1), scene.pooled(firm, 1)
    return {
        "claim": partial(claim, pooled[0], by=rep),
        "hand_over": partial(log_call, scene.leads(fresh)[0], outcome="interested", by=firm.tina),
        "assign": partial(assign, other, rep=rep, by=firm.mark),
        "accept": partial(accept, mql, by=rep),
        "extend": partial(ask_extension, one, reason="a visit", by=rep),
        "convert": partial(
            convert, two, by=rep, company="Apex Ltd", products=[Need(firm.product)], headcount=3
        ),
    }


def left_behind(rep: User) -> int:
    return Lead.objects.filter(owner=rep).count()


@pytest.mark.parametrize("to", ["rules", "person", "pool"])
def test_Q3_R15_3_nothing_stays_with_who_leaves(to: str) -> None:
    firm = scene.firm(reps=3)
    for n in range(ROUNDS):
        rep = leaver(firm, n)
        work = work_of(firm, rep)
        outcomes = race([*work.values(), partial(leave, rep, by=firm.ada, to=to, person=firm.rob)])
        assert outcomes[-1].won, outcomes[-1]
        assert left_behind(rep) == 0
        invariants.check()


def test_R15_3_without_the_guard_a_claim_stays_with_who_has_left(monkeypatch) -> None:
    """The twin: the claimer's own row is not locked, so that the claim does not see that its rep is going."""
    firm = scene.firm(reps=3)
    real = pool.lock
    monkeypatch.setattr(
        pool,
        "lock",
        lambda rows, pks: real(rows, pks) if rows.model is Lead else list(rows.filter(pk__in=list(pks))),
    )
    for n in range(60):
        rep = leaver(firm, n)
        ids = scene.pooled(firm, 6)
        race([*(partial(claim, pk, by=rep) for pk in ids), partial(leave, rep, by=firm.ada, to="pool")])
        if left_behind(rep):
            return
    pytest.fail("nobody met: the race is none")


def test_R15_3_who_has_left_gets_nothing_any_more() -> None:
    """The session of another window was read before the person left: its verbs see what is now."""
    firm = scene.firm(reps=3)
    both = User.objects.create(login="both", name="Both", hats=["rep", "telemarketer"], team=firm.team)
    pooled, fresh = scene.pooled(firm, 1), scene.captured(firm.max, 2)
    leave(User.objects.get(pk=both.pk), by=firm.ada, to="rules")
    for call in (
        partial(claim, pooled[0], by=both),
        partial(next_lead, by=both),
        partial(log_call, scene.leads(fresh)[0], outcome="interested", by=both),
    ):
        race([call])
    assert left_behind(both) == 0
    invariants.check()
