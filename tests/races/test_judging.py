"""Accepting and converting, clicked by several at once: one event, one opportunity (R4.3, R5, Q3)."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from core import clock
from core.models import Event
from leads.models import Lead
from leads.services import accept, assign, expire_due, release, return_mql
from opportunities.models import Opportunity
from opportunities.services import Need, convert
from tests import invariants
from tests.races import scene
from tests.races.harness import race, tally

pytestmark = pytest.mark.django_db(transaction=True)


def events_of(lead: Lead, *verbs: str) -> int:
    return Event.objects.filter(subject_id=lead.pk, verb__in=verbs).count()


def converting(firm: scene.Firm, lead: Lead, by, company: str = "Apex Ltd"):
    return partial(convert, lead, by=by, company=company, products=[Need(firm.product)], headcount=5)


def test_R4_3_rep_and_manager_accept_at_once() -> None:
    firm = scene.firm()
    for lead in scene.leads(scene.mqls(firm, [firm.rita] * 25)):
        outcomes = race([partial(accept, lead, by=firm.rita), partial(accept, lead, by=firm.mark)])
        assert tally(outcomes) == {"won": 1, "transition_not_allowed": 1}
        assert events_of(lead, "accepted") == 1
    invariants.check()


def test_R4_3_accepted_or_returned_never_both() -> None:
    firm = scene.firm()
    for lead in scene.leads(scene.mqls(firm, [firm.rita] * 25)):
        outcomes = race(
            [partial(accept, lead, by=firm.rita), partial(return_mql, lead, reason="no_need", by=firm.mark)]
        )
        assert tally(outcomes)["won"] == 1
        assert events_of(lead, "accepted", "returned") == 1
    invariants.check()


def test_R4_3_the_rep_accepts_while_the_manager_gives_it_away() -> None:
    """Either hers and then given with its due time, or Rob's to judge and Rita is told that it is taken."""
    firm = scene.firm()
    for lead in scene.leads(scene.mqls(firm, [firm.rita] * 25)):
        accepted, given = race(
            [partial(accept, lead, by=firm.rita), partial(assign, lead, rep=firm.rob, by=firm.mark)]
        )
        lead.refresh_from_db()
        assert given.won and lead.owner_id == firm.rob.pk
        assert (accepted.code, lead.state) in {("won", "sql"), ("already_claimed", "mql")}
    invariants.check()


def test_R5_2_convert_clicked_twenty_times_opens_one_opportunity() -> None:
    firm = scene.firm()
    due = clock.now() + timedelta(days=3)
    for lead in scene.leads(scene.sqls(firm, [firm.rita] * 3, [due] * 3)):
        outcomes = race(converting(firm, lead, firm.rita) for _ in range(20))
        assert tally(outcomes) == {"won": 1, "transition_not_allowed": 19}
    assert Opportunity.objects.count() == 3
    assert Opportunity.objects.values("company").distinct().count() == 1, (
        "the company is found, not made again"
    )
    invariants.check()


def test_R5_2_many_leads_of_one_new_company_make_it_once() -> None:
    firm = scene.firm()
    due = clock.now() + timedelta(days=3)
    found = scene.leads(scene.sqls(firm, [firm.rita] * 16, [due] * 16))
    outcomes = race(
        converting(firm, lead, firm.rita, f"Nova  {'co' * (n % 2)}") for n, lead in enumerate(found)
    )
    assert tally(outcomes) == {"won": 16}
    assert Event.objects.filter(verb="company_made").count() == 2
    invariants.check()


def test_Q3_R6_2_the_last_moment() -> None:
    """The week of 100 leads runs out, one each few milliseconds, while sweeps run, the rep converts or gives back.

    Each ends in one legal state with one event; what was done was done before the due time; who lost reads `overdue`.
    """
    firm = scene.firm()
    start = clock.now()
    dues = [start + timedelta(milliseconds=300 + 8 * n) for n in range(100)]
    found = scene.leads(scene.sqls(firm, [firm.rita] * 100, dues))

    def sweep() -> int:
        moved = 0
        while Lead.objects.filter(state="sql").exists():
            moved += expire_due(None, clock.now())
        return moved

    def work(actions) -> list[tuple[Lead, str]]:
        return [(lead, tally(race([action]))) for lead, action in actions]

    convert_all = [(lead, converting(firm, lead, firm.rita)) for lead in found[::2]]
    give_back = [(lead, partial(release, lead, reason="no_time", by=firm.mark)) for lead in found[1::2]]
    outcomes = race([sweep, sweep, partial(work, convert_all), partial(work, give_back)])
    ends = {lead.pk: next(iter(end)) for outcome in outcomes[2:] for lead, end in outcome.value}
    for lead in found:
        lead_now = Lead.objects.get(pk=lead.pk)
        last = Event.objects.filter(subject_id=lead.pk, verb__in=["expired", "released", "converted"])
        assert last.count() == 1
        if ends[lead.pk] == "won":
            assert lead_now.state == "converted" or lead_now.pool_reason == "released"
            assert last.get().at < lead.due_at
        else:
            assert (lead_now.state, lead_now.pool_reason) == ("pooled", "expired")
            assert ends[lead.pk] in {"overdue", "transition_not_allowed"}
            assert last.get().at == lead.due_at == lead_now.pooled_at
    invariants.check()


@pytest.mark.parametrize("action", ["convert", "release"])
def test_Q3_convert_and_release_at_once(action: str) -> None:
    firm = scene.firm()
    due = clock.now() + timedelta(days=3)
    for lead in scene.leads(scene.sqls(firm, [firm.rita] * 15, [due] * 15)):
        calls = [
            converting(firm, lead, firm.rita),
            partial(release, lead, reason="no_fit", by=firm.mark),
        ]
        outcomes = race(calls if action == "convert" else calls[::-1])
        assert tally(outcomes)["won"] == 1
        assert events_of(lead, "converted", "released") == 1
    invariants.check()


def test_R6_2_at_the_very_instant_it_is_over() -> None:
    firm = scene.firm()
    due = clock.now() + timedelta(days=1)
    (early, late) = scene.leads(scene.sqls(firm, [firm.rita] * 2, [due] * 2))
    with clock.at(due - timedelta(microseconds=1)):
        assert expire_due(None, clock.now()) == 0
        converting(firm, early, firm.rita)()
    with clock.at(due):
        for call in (
            converting(firm, late, firm.rita),
            partial(release, late, reason="no_fit", by=firm.rita),
        ):
            assert tally(race([_at(due, call)])) == {"overdue": 1}
        late.refresh_from_db()
        assert late.state == "sql", "a refusal changes nothing; the edge or the sweep takes it back"
        assert expire_due(None, due) == 1
    invariants.check()


def _at(instant, call):
    def run():
        with clock.at(instant):
            return call()

    return run
