"""Extensions asked and decided at the same instant: no limit passed, one decision, one outcome against expiry (R7)."""

from __future__ import annotations

import time
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from core import clock, events
from core.models import Event
from leads.models import Extension, Holding, Lead
from leads.services import (
    approve_extension,
    ask_extension,
    assign,
    expire_due,
    extensions,
    reject_extension,
    release,
)
from leads.services.common import fact
from tests import invariants
from tests.races import scene
from tests.races.harness import race, refused, tally

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 5


def sqls(firm: scene.Firm, rep, count: int) -> list[Lead]:
    due = clock.now() + timedelta(days=3)
    return scene.leads(scene.sqls(firm, [rep] * count, [due] * count))


def asking(lead: Lead, by) -> Any:
    return partial(ask_extension, lead, reason="They decide on Friday", by=by)


def places(rep) -> int:
    return Lead.objects.on_extension().filter(owner=rep).count()


def unlocked(rows, ids) -> list:
    return list(rows.filter(pk__in=list(ids)))


def test_Q2_R7_3_forty_requests_of_one_rep_take_ten_places() -> None:
    firm = scene.firm(reps=ROUNDS)
    for rep in firm.reps:
        leads = sqls(firm, rep, 40)
        outcomes = race(asking(lead, rep) for lead in leads)
        assert tally(outcomes) == {"won": 10, "extension_limit_rep": 30}
        assert places(rep) == 10
        # Those who have a place ask nobody out of theirs, and a place that is freed is taken by one.
        reject_extension(Extension.objects.pending().filter(rep=rep)[0], by=firm.mark)
        left = [lead for lead in leads if not lead.extensions.exists()]
        assert tally(race(asking(lead, rep) for lead in left)) == {"won": 1, "extension_limit_rep": 29}
        assert places(rep) == 10
    invariants.check()


def test_Q2_without_the_reps_lock_the_same_race_passes_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin: count, then write. If this shows no eleventh, the race above proves nothing."""
    firm = scene.firm(reps=12)
    monkeypatch.setattr(extensions, "lock", unlocked)
    most = 0
    for rep in firm.reps:
        race(asking(lead, rep) for lead in sqls(firm, rep, 40))
        most = max(most, places(rep))
        if most > 10:
            return
    pytest.fail(f"{most} places at most: it was no race")


def test_Q2_R7_2_forty_requests_for_one_lead_are_one_and_never_more_than_two_in_all() -> None:
    firm = scene.firm()
    for lead in sqls(firm, firm.rita, ROUNDS):
        for _extension in range(2):
            outcomes = race(asking(lead, firm.rita) for _n in range(40))
            assert tally(outcomes) == {"won": 1, "extension_pending": 39}
            approve_extension(Extension.objects.pending().get(lead=lead), by=firm.mark)
        assert tally(race(asking(lead, firm.rita) for _n in range(8))) == {"extension_limit_lead": 8}
        lead.refresh_from_db()
        assert lead.extensions_used == 2 == lead.extensions.count()
    invariants.check()


def test_Q2_without_the_leads_lock_the_database_refuses_a_second_request(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The second wall: two open requests of one lead cannot be, so that a forgotten lock is an error, never a double."""
    firm = scene.firm(reps=2)
    monkeypatch.setattr(extensions, "lock", unlocked)
    monkeypatch.setattr(
        extensions, "locked", lambda lead: Lead.objects.select_related("contact").get(pk=lead.pk)
    )
    with pytest.raises(ExceptionGroup) as caught:
        for lead in sqls(firm, firm.rita, 10):
            race(asking(lead, firm.rita) for _n in range(20))
    assert "one_pending_extension_a_lead" in str(caught.value.exceptions[0])


def test_R7_1_manager_and_administrator_decide_at_once() -> None:
    firm = scene.firm()
    for n, lead in enumerate(sqls(firm, firm.rita, 25)):
        row = asking(lead, firm.rita)()
        second = reject_extension if n % 2 else approve_extension
        outcomes = race([partial(approve_extension, row, by=firm.mark), partial(second, row, by=firm.ada)])
        assert tally(outcomes) == {"won": 1, "already_decided": 1}
        verbs = ["extension_approved", "extension_rejected"]
        assert Event.objects.filter(subject_id=lead.pk, verb__in=verbs).count() == 1
        before = lead.due_at
        lead.refresh_from_db()
        assert lead.due_at == before + timedelta(days=7) * lead.extensions_used
        row.refresh_from_db()
        assert (row.state == "approved") == (lead.extensions_used == 1)
        release(lead, reason="no_time", by=firm.rita)
    invariants.check()


def test_R7_1_without_the_lock_two_say_yes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin of the race above."""
    firm = scene.firm(extensions_a_rep=100)
    monkeypatch.setattr(extensions, "locked", lambda pk: Lead.objects.select_related("contact").get(pk=pk))
    monkeypatch.setattr(extensions, "lock_one", lambda rows, pk: rows.get(pk=pk))
    for row in requests(firm, sqls(firm, firm.rita, 40)):
        outcomes = race([partial(approve_extension, row, by=by) for by in (firm.mark, firm.ada) * 4])
        if tally(outcomes)["won"] > 1:
            return
    pytest.fail("nobody met: it was no race")


def test_R7_4_asked_while_it_is_given_away() -> None:
    """Either the request came first and lapsed with the holding, or Rita is told that it is Rob's."""
    firm = scene.firm()
    for lead in sqls(firm, firm.rita, 25):
        asked, given = race([asking(lead, firm.rita), partial(assign, lead, rep=firm.rob, by=firm.mark)])
        lead.refresh_from_db()
        assert given.won and lead.owner_id == firm.rob.pk
        assert asked.code in {"won", "already_claimed"}
        assert list(lead.extensions.values_list("state", flat=True)) == (["lapsed"] if asked.won else [])
    invariants.check()


def staggered(firm: scene.Firm, count: int) -> list[Extension]:
    """Leads whose weeks run out one after the other, a few milliseconds apart, each with an open request."""
    start = clock.now() + timedelta(seconds=2)
    dues = [start + timedelta(milliseconds=20 * n) for n in range(count)]
    return requests(firm, scene.leads(scene.sqls(firm, [firm.rita] * count, dues)))


def requests(firm: scene.Firm, leads: list[Lead]) -> list[Extension]:
    """An open request of Rita's for each, as if asked a day before the end."""
    held = {row.lead_id: row for row in Holding.objects.open().filter(lead__in=leads)}
    rows = [
        Extension(
            lead=lead,
            holding=held[lead.pk],
            rep=firm.rita,
            reason="x",
            asked_at=lead.due_at - timedelta(days=1),
            due_before=lead.due_at,
        )
        for lead in leads
    ]
    Extension.objects.bulk_create(rows)
    asked = Extension.objects.pending().filter(lead__in=leads).select_related("lead__contact")
    events.record_many(
        fact("extension_asked", row.lead, row.asked_at, firm.rita, "sql", data={"extension": str(row.pk)})
        for row in asked
    )
    return list(Extension.objects.pending().filter(lead__in=leads).order_by("due_before", "id"))


def sweeping(rows: list[Extension]) -> int:
    """Sweep until the last week is over."""
    moved = 0
    last = max(row.due_before for row in rows)
    while clock.now() <= last:
        moved += expire_due(None, clock.now())
        time.sleep(0.005)
    return moved + expire_due(None, clock.now())


AHEAD = (1.5, 0.1, 0.03, 0.0, -0.02)


def deciding(rows: list[Extension], by) -> dict[Any, str]:
    """Say yes to each, some time before its week runs out or just after; where the machine is busy, a little later."""
    said = {}
    for n, row in enumerate(rows):
        left = (row.due_before - clock.now()).total_seconds() - AHEAD[n % len(AHEAD)]
        time.sleep(max(0.0, left))
        said[row.pk] = refused(partial(approve_extension, row, by=by))
    return said


def test_Q3_R7_4_approval_against_expiry_has_one_outcome_and_tells_the_truth() -> None:
    firm = scene.firm(extensions_a_rep=1000)
    rows = staggered(firm, 100)
    sweeps = [partial(sweeping, rows)] * 2
    decides = [partial(deciding, rows[n::4], firm.mark) for n in range(4)]
    outcomes = race([*sweeps, *decides])
    expire_due(None, clock.now())  # what a sweep skipped because the decision held it leaves with the next
    said = {pk: end for outcome in outcomes[2:] for pk, end in outcome.value.items()}
    for row in rows:
        one_outcome(row, said[row.pk])
    ends = set(said.values())
    assert "won" in ends and ends - {"won"} <= {"overdue", "already_decided"} and len(ends) > 1
    invariants.check()


def one_outcome(row: Extension, said: str) -> None:
    row.refresh_from_db()
    lead = Lead.objects.get(pk=row.lead_id)
    verbs = ["extension_approved", "extension_rejected", "expired"]
    (event,) = Event.objects.filter(subject_id=lead.pk, verb__in=verbs)
    if said == "won":
        assert (row.state, lead.state, event.verb) == ("approved", "sql", "extension_approved")
        assert row.decided_at < row.due_before and lead.due_at == row.due_after
        assert row.due_after == row.due_before + timedelta(days=7)
    else:
        assert (row.state, lead.state, event.verb) == ("lapsed", "pooled", "expired")
        assert event.at == row.due_before == row.decided_at == lead.pooled_at


def test_Q3_without_the_guard_somebody_says_yes_too_late(monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin: nobody looks at the clock under the lock. A yes after the due time shows, or the database refuses it."""
    firm = scene.firm(extensions_a_rep=1000)
    monkeypatch.setattr(extensions, "require_state", lambda *given: None)
    rows = staggered(firm, 100)

    def late() -> list[str]:
        while clock.now() < rows[-1].due_before:
            pass
        return [refused(partial(approve_extension, row, by=firm.mark)) for row in rows[50:]]

    try:
        race([late, partial(expire_due, None, rows[49].due_before)])
    except ExceptionGroup:
        return
    found = Extension.objects.filter(state="approved")
    assert any(row.decided_at >= row.due_before for row in found)
