"""R2.2: twenty telemarketers at one desk never get the same lead, and none is lost; the twin shows the lock's work."""

from __future__ import annotations

import threading
from collections import Counter
from functools import partial
from typing import Any

import pytest

from accounts.models import User
from calling.models import Call, Lease
from calling.services import desk, log_call, next_lead
from core import clock
from core.errors import AlreadyClaimed
from leads.models import Lead
from tests import invariants
from tests.races import scene
from tests.races.harness import Outcome, race, tally

pytestmark = pytest.mark.django_db(transaction=True)

DESKS, LEADS = 20, 200


def telemarketers(many: int = DESKS) -> list[User]:
    """People who call."""
    return [
        User.objects.create(login=f"caller{n:02d}", name=f"Caller {n}", hats=["telemarketer"])
        for n in range(many)
    ]


def work(user: User, logged: list[Any], turn: threading.Lock) -> int:
    """Call until nobody is left; what one got is written down at once."""
    done = 0
    while lead := next_lead(by=user):
        log_call(lead, outcome="no_need", by=user)
        done += 1
        with turn:
            logged.append(lead.pk)
    return done


def test_R2_2_twenty_telemarketers_share_no_lead_and_leave_none() -> None:
    firm = scene.firm()
    ids = scene.captured(firm.max, LEADS)
    logged: list[Any] = []
    turn = threading.Lock()
    outcomes = race(partial(work, user, logged, turn) for user in telemarketers())
    assert tally(outcomes) == {"won": DESKS}, "nobody was refused a lead that the desk itself had handed out"
    assert sorted(logged) == sorted(ids)
    assert Counter(Call.objects.values_list("lead", flat=True)) == dict.fromkeys(ids, 1)
    assert not Lease.objects.exists()
    invariants.check()


def handed(callers: list[User]) -> list[Any]:
    """What each got when all asked at the same instant."""
    outcomes: list[Outcome] = race(partial(next_lead, by=user) for user in callers)
    return [outcome.value.pk for outcome in outcomes if outcome.won and outcome.value]


def test_R2_2_all_ask_at_once_and_each_gets_another() -> None:
    firm = scene.firm()
    ids = scene.captured(firm.max, DESKS - 5)
    callers = telemarketers()
    for _round in range(5):
        got = handed(callers)
        assert sorted(got) == sorted(ids), "fifteen leads for twenty people: all handed out, none twice"
        assert Lease.objects.count() == len(ids)
        Lease.objects.all().delete()


def test_R2_2_without_the_lock_two_get_the_same_lead(monkeypatch) -> None:
    """The twin: no row is locked while it is handed out, and no lease is looked at under a lock."""
    firm = scene.firm()
    scene.captured(firm.max, LEADS)
    callers = telemarketers()
    free = tuple(query.replace("FOR NO KEY UPDATE OF l SKIP LOCKED", "") for query in desk._QUEUES)
    monkeypatch.setattr(desk, "_QUEUES", free)
    for _round in range(20):  # the first round is enough as a rule
        got = handed(callers)
        if len(set(got)) < len(got):
            return
        Lease.objects.all().delete()
    pytest.fail("nobody got a lead twice without the lock: the race is none")


def test_R2_2_two_windows_of_one_telemarketer_have_one_lead() -> None:
    firm = scene.firm()
    scene.captured(firm.max, 8)
    for _round in range(10):
        assert len(set(handed([firm.tina] * 6))) == 1
        assert Lease.objects.count() == 1
        Lease.objects.all().delete()


def test_R2_2_a_lease_that_ran_out_goes_to_one_only() -> None:
    firm = scene.firm()
    (lead,) = scene.leads(scene.captured(firm.max, 1))
    next_lead(by=firm.tina)
    Lease.objects.update(until=clock.now())
    callers = telemarketers(8)
    assert handed(callers) == [lead.pk]
    holder = Lease.objects.get().user
    # Who had it before is too late, whoever has it now is not.
    outcomes = race(
        [
            partial(log_call, lead, outcome="no_need", by=firm.tina),
            partial(log_call, lead, outcome="no_need", by=holder),
        ]
    )
    assert outcomes[1].won
    assert isinstance(outcomes[0].refusal, AlreadyClaimed) or Lead.objects.get().state == "pooled"
    assert Call.objects.filter(by=holder).count() == 1
    invariants.check()
