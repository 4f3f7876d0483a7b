"""Q5: every rule that the sweep runs, twice, three times, late by two days: the same database (content hash).

What is taken from somebody carries the time at which it was due, however late it is found. What is given to somebody
begins when it is given: after an outage the next rep has the whole time to judge, not what an absent sweep left of it.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from accounts.models import Notice
from calling.models import Lease
from calling.services import next_lead
from core import clock, hooks
from core.services import run_sweeps
from leads.models import Dispute, Extension, Holding, Lead
from leads.services import ask_extension, object_to
from outreach.services.mailings import start
from pool.models import Cadence
from tests import invariants
from tests.cast import Firm, Watch, fresh
from tests.content import swept
from tests.outreach.mailings import a_mailing

pytestmark = pytest.mark.django_db

SWEEPS = {
    "warned",
    "expired",
    "passed_on",
    "handed_out",
    "activated",
    "orders_begun",
    "orders_ended",
    "mailed",
}


def everything(firm: Firm) -> None:
    """Something for every rule: weeks with and without a request, MQLs with and without an objection, a queue, a lease,
    a contract and its renewal, one that was entered after its term was over."""
    firm.duty("rita", "rob", "wei")
    for rep in (firm.rita, firm.rob, firm.wei):
        firm.an_sql(rep)
        ask_extension(firm.an_sql(rep), reason="a visit", by=rep)
        firm.an_mql(rep)
        object_to(firm.an_mql(rep), text="a student", by=rep)
    firm.a_signed_order(firm.rita, term_days=3)
    firm.a_signed_order(firm.wei, term_days=3, signed_on=date(2026, 1, 5))
    firm.captures(3)
    next_lead(by=firm.tina)
    start(a_mailing(firm), by=firm.max)
    firm.duty()
    for _n in range(2):
        firm.call(firm.capture(), "interested")
    firm.duty("rita", "rob", "wei")
    assert Lead.objects.waiting().count() == 2


def after(instants: list[datetime]) -> dict[str, tuple[int, str]]:
    return swept(instants)


@pytest.mark.parametrize(
    "later", [{"minutes": 1}, {"hours": 25}, {"days": 6, "hours": 23}, {"days": 7}, {"days": 30}], ids=str
)
def test_Q5_every_sweep_twice_is_once(firm: Firm, watch: Watch, later: dict[str, int]) -> None:
    everything(firm)
    at = watch.now + timedelta(**later)
    once = after([at])
    assert after([at, at]) == once
    assert after([at, at, at]) == once


def test_Q5_no_sweep_is_left_out(firm: Firm, watch: Watch) -> None:
    """A new one has to be thought of here: give `everything` something for it to do."""
    everything(firm)
    done: dict[str, int] = {}
    for later in ({"minutes": 1}, {"hours": 25}, {"days": 5, "hours": 1}, {"days": 7}):
        with clock.at(watch.now + timedelta(**later)):
            for name, count in run_sweeps().items():
                done[name] = done.get(name, 0) + count
    idle = {name for name, count in done.items() if not count}
    assert set(done) >= SWEEPS
    assert idle & SWEEPS == set(), "nothing was there for it"
    assert len(hooks.sweeps.fillers) == 7, (
        "mailings, leads, imports, cadences, worn leads, opportunities, orders"
    )
    invariants.check()


def test_Q5_R7_4_what_is_taken_carries_its_due_time_however_late_it_is_swept(
    firm: Firm, watch: Watch
) -> None:
    """Weeks, warnings, requests that lapse, renewals that begin: every few hours, or once after two days of outage."""
    # A message leaves when it is swept, no earlier: of cadences tests/pool/test_cadences.py tells.
    Cadence.objects.update(active=False)
    for rep in (firm.rita, firm.rob):
        for hours in (0, 1, 5):
            watch.go(hours=hours)
            firm.an_sql(rep)
            ask_extension(firm.an_sql(rep), reason="a visit", by=rep)
    firm.a_signed_order(firm.rita, term_days=3)
    end = watch.now + timedelta(days=7, hours=1)
    late = end + timedelta(hours=48)
    hourly = [watch.now + timedelta(hours=n) for n in range(0, 7 * 24 + 2, 4)]
    once = after([late])
    assert after([*hourly, late]) == once
    assert after([*hourly[::9], end, end, late, late]) == once
    with clock.at(late):
        run_sweeps()
    for request in Extension.objects.all():
        assert (request.state, request.decided_at) == ("lapsed", request.due_before)
    assert Notice.objects.filter(kind="due_soon").count() == 12 * 3
    invariants.check()


def test_Q5_R3_2_an_mql_passes_on_at_its_time_and_the_next_rep_has_all_of_his(
    firm: Firm, watch: Watch
) -> None:
    firm.duty("rita", "rob")
    lead = firm.an_mql(firm.rita)
    objection = object_to(lead, text="a student", by=firm.rita)
    due, late = lead.judge_by, lead.judge_by + timedelta(hours=48)
    for at in (late, late + timedelta(minutes=1)):
        with clock.at(at):
            run_sweeps()
    first, second = Holding.objects.filter(lead=lead).order_by("from_at")
    assert (first.user, first.ended, first.to_at) == (firm.rita, "passed_on", due)
    assert (second.user, second.from_at, second.due_at) == (firm.rob, late, late + timedelta(hours=24))
    assert Dispute.objects.get(pk=objection.pk).verdict == "lapsed"
    invariants.check()


def test_Q5_R2_2_a_lease_ends_by_itself_and_no_sweep_is_needed(firm: Firm, watch: Watch) -> None:
    lead = firm.capture()
    assert next_lead(by=firm.tina) == lead and next_lead(by=firm.theo) is None
    until = Lease.objects.get().until
    watch.to(until)
    assert after([watch.now, watch.now]) == after([watch.now])
    assert next_lead(by=firm.theo) == fresh(lead)
    assert Lease.objects.get().user_id == firm.theo.pk
    invariants.check()
