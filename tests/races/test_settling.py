"""What a manager settles is settled once, whoever else decides at the same instant (R4.1, R4.2, Q3)."""

from __future__ import annotations

from functools import partial

import pytest

from core.models import Event
from leads.models import Dispute, Lead
from leads.services import accept, contest, disputes, object_to, return_mql, settle
from tests import invariants
from tests.races import scene
from tests.races.harness import race, tally

pytestmark = pytest.mark.django_db(transaction=True)


def objections(firm: scene.Firm, count: int) -> list[Dispute]:
    found = scene.leads(scene.mqls(firm, [firm.rita] * count))
    return [object_to(lead, text="a student, not a customer", by=firm.rita) for lead in found]


def settled(dispute: Dispute) -> int:
    return Event.objects.filter(verb="settled", data__dispute=str(dispute.pk)).count()


def test_Q3_R4_1_mark_and_ada_settle_at_once() -> None:
    firm = scene.firm()
    for dispute in objections(firm, 20):
        outcomes = race(
            [
                partial(settle, dispute, verdict="legal", by=firm.mark),
                partial(settle, dispute, verdict="illegal", by=firm.ada),
            ]
        )
        assert tally(outcomes) == {"won": 1, "already_decided": 1}
        dispute.refresh_from_db()
        state = Lead.objects.get(pk=dispute.lead_id).state
        assert (dispute.verdict, state) == (("legal", "mql") if outcomes[0].won else ("illegal", "pooled"))
        assert settled(dispute) == 1
    invariants.check()


def test_Q3_without_the_guard_it_is_settled_twice(monkeypatch) -> None:
    """The twin: neither the lead nor the dispute is locked, and two managers decide."""
    firm = scene.firm()
    found = objections(firm, 40)
    monkeypatch.setattr(disputes, "locked", lambda pk: Lead.objects.select_related("contact").get(pk=pk))
    monkeypatch.setattr(disputes, "lock_one", lambda rows, pk: rows.get(pk=pk))
    for dispute in found:
        race(partial(settle, dispute, verdict="legal", by=by) for by in (firm.mark, firm.ada))
        if settled(dispute) == 2:
            return
    pytest.fail("nobody met: the race is none")


def test_Q3_R4_3_the_rep_accepts_while_the_manager_settles() -> None:
    """Accepted: the objection lapsed and the manager reads so. Settled as illegal: gone, and the rep reads so."""
    firm = scene.firm()
    for dispute in objections(firm, 25):
        accepted, decided = race(
            [
                partial(accept, dispute.lead, by=firm.rita),
                partial(settle, dispute, verdict="illegal", by=firm.mark),
            ]
        )
        dispute.refresh_from_db()
        state = Lead.objects.get(pk=dispute.lead_id).state
        if accepted.won:
            assert (state, dispute.verdict, decided.code) == ("sql", "lapsed", "already_decided")
        else:
            assert (state, dispute.verdict, accepted.code) == ("pooled", "illegal", "transition_not_allowed")
    invariants.check()


def test_Q3_R4_2_a_return_is_contested_once() -> None:
    firm = scene.firm(contesting=True)
    for lead in scene.leads(scene.mqls(firm, [firm.rita] * 10)):
        return_mql(lead, reason="no_need", by=firm.rita)
        outcomes = race(partial(contest, lead, text="she wanted two", by=firm.max) for _ in range(4))
        assert tally(outcomes)["won"] == 1
        assert Dispute.objects.filter(lead=lead).count() == 1
    invariants.check()
