"""R6: seven days, not more, and no favours; exactly, once, however late and often it is swept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import Notice
from core import rulebook
from core.errors import Overdue
from core.hooks import overdue_met
from core.models import Event
from core.services import run_sweeps
from leads.models import Holding, Lead
from leads.rules import State, days_left
from leads.selectors import allowed_actions
from leads.services import add_note, assign, expire_due, release, set_next_step, warn_due
from opportunities.services import convert
from pool.models import Cadence
from tests.cast import TICK, Firm, Watch, fresh
from tests.content import Log, content, nothing_changes, refused, swept


def test_R6_1_one_microsecond_before_it_is_still_the_reps(firm: Firm, watch: Watch) -> None:
    lead = firm.an_sql()
    with nothing_changes():
        assert expire_due(None, lead.due_at - TICK) == 0
    watch.to(lead.due_at - TICK)
    assert convert(lead, by=firm.rita, **firm.need()).lead.state == State.CONVERTED


def test_R6_2_at_the_very_instant_it_is_over(firm: Firm, watch: Watch, log: Log) -> None:
    lead = firm.an_sql()
    due = lead.due_at
    log = type(log)()
    assert expire_due(None, due) == 1
    after = fresh(lead)
    assert (after.state, after.owner, after.team, after.due_at, after.pooled_at) == (
        State.POOLED,
        None,
        None,
        None,
        due,
    )
    assert (after.pool_reason, after.pool_segment, after.claimable) == ("expired", "some_interest", True)
    (event,) = log.new()
    assert (event.verb, event.at, event.by_id, event.way, event.from_state, event.to_state) == (
        "expired",
        due,
        None,
        "rule",
        "sql",
        "pooled",
    )
    assert event.data["owner"] == str(firm.rita.pk)
    held = Holding.objects.get(lead=lead, stage="sql")
    assert (held.ended, held.to_at) == ("expired", due)
    assert [(n.user, n.at) for n in Notice.objects.filter(kind="expired")] == [(firm.rita, due)]


VERBS: dict[str, Callable[[Lead, Firm], Any]] = {
    "convert": lambda lead, firm: convert(lead, by=firm.rita, **firm.need()),
    "release": lambda lead, firm: release(lead, reason="no_time", by=firm.rita),
    "assign": lambda lead, firm: assign(lead, rep=firm.rob, by=firm.mark),
    "note": lambda lead, firm: add_note(lead, text="x", by=firm.rita),
    "next step": lambda lead, firm: set_next_step(lead, text="x", on=None, by=firm.rita),
    "call": lambda lead, firm: firm.call(lead, "no_answer", by=firm.rita),
}


@pytest.mark.parametrize("name", VERBS)
def test_R6_2_nothing_can_be_done_from_that_instant_on_swept_or_not(
    firm: Firm, watch: Watch, name: str
) -> None:
    lead = firm.an_sql()
    watch.to(lead.due_at)
    with refused(Overdue) as caught:
        VERBS[name](lead, firm)
    assert caught.value.lead_ids == [lead.pk]
    assert allowed_actions([lead], firm.rita, watch.now) == {lead.pk: []}
    assert days_left(lead.due_at, watch.now) == 0


@pytest.mark.parametrize("name", VERBS)
def test_R6_2_the_last_holder_is_told_the_truth_after_the_sweep(firm: Firm, watch: Watch, name: str) -> None:
    lead = firm.an_sql()
    watch.to(lead.due_at)
    run_sweeps()
    with refused(Overdue):
        VERBS[name](lead, firm)


def test_R6_2_the_edge_takes_an_overdue_lead_back_at_its_due_time(firm: Firm, watch: Watch) -> None:
    lead = firm.an_sql()
    other = firm.an_sql()
    due = lead.due_at
    watch.to(due + 100 * TICK)
    overdue_met([lead.pk])
    assert (fresh(lead).state, fresh(lead).pooled_at) == (State.POOLED, due)
    assert fresh(other).state == State.SQL
    with nothing_changes():
        overdue_met([lead.pk])


@pytest.mark.parametrize("batch", [1, 2, 5, 6, 7])
def test_R6_2_more_are_due_than_fit_a_batch(firm: Firm, watch: Watch, log: Log, batch: int) -> None:
    leads = [firm.an_sql() for _n in range(6)]
    watch.go(hours=1)
    later = firm.an_sql()
    assert expire_due(None, leads[0].due_at, batch=batch) == 6
    assert set(Lead.objects.filter(state="pooled").values_list("pk", flat=True)) == {
        lead.pk for lead in leads
    }
    assert fresh(later).state == State.SQL
    assert log.verbs().count("expired") == 6


def week_of_three(firm: Firm, watch: Watch) -> list[Lead]:
    """Three SQLs of two reps that are due an hour after each other."""
    leads = []
    for rep in (firm.rita, firm.rob, firm.rita):
        leads.append(firm.an_sql(rep))
        watch.go(hours=1)
    return leads


def test_R6_2_Q5_swept_late_and_twice_it_is_the_same_database(firm: Firm, watch: Watch) -> None:
    # A message leaves when it is swept, no earlier: of cadences tests/pool/test_cadences.py tells.
    Cadence.objects.update(active=False)
    leads = week_of_three(firm, watch)
    hours = [leads[0].due_at + n * (leads[1].due_at - leads[0].due_at) / 2 for n in range(-120, 7, 6)]
    punctual = swept(hours)
    end = hours[-1]
    assert punctual["leads_lead"] != content(by_chance=False)["leads_lead"]
    assert swept([end]) == punctual
    assert swept([end, end]) == punctual
    assert swept([end + 48 * (leads[1].due_at - leads[0].due_at)]) == punctual
    assert swept([hours[9], end + 5 * (end - hours[0])]) == punctual


def test_R6_2_Q5_a_second_sweep_changes_nothing(firm: Firm, watch: Watch) -> None:
    week_of_three(firm, watch)
    watch.go(days=8)
    run_sweeps()
    with nothing_changes():
        run_sweeps()


def test_R6_2_each_leaves_at_its_own_due_time(firm: Firm, watch: Watch) -> None:
    leads = week_of_three(firm, watch)
    watch.go(days=30)
    run_sweeps()
    for lead in leads:
        assert fresh(lead).pooled_at == lead.due_at
        assert Event.objects.get(subject_id=lead.pk, verb="expired").at == lead.due_at


def test_R6_3_a_warning_at_48_24_and_2_hours_once_each(firm: Firm, watch: Watch) -> None:
    lead = firm.an_sql()
    given = []
    for hours in (49, 48, 47, 24, 24, 3, 2, 1):
        watch.to(lead.due_at)
        watch.go(hours=-hours)
        given.append((hours, warn_due(watch.now)))
    assert given == [(49, 0), (48, 1), (47, 0), (24, 1), (24, 0), (3, 0), (2, 1), (1, 0)]
    notices = Notice.objects.filter(kind="due_soon").order_by("at")
    assert [(n.user, n.data["hours"], (lead.due_at - n.at).total_seconds() / 3600) for n in notices] == [
        (firm.rita, 48, 48),
        (firm.rita, 24, 24),
        (firm.rita, 2, 2),
    ]


def test_R6_3_one_microsecond_before_there_is_no_warning(firm: Firm, watch: Watch) -> None:
    lead = firm.an_sql()
    watch.to(lead.due_at)
    watch.go(hours=-48)
    assert warn_due(watch.now - TICK) == 0
    assert warn_due(watch.now) == 1


def test_R6_3_who_was_given_the_lead_is_warned_of_what_is_still_to_come(firm: Firm, watch: Watch) -> None:
    lead = firm.an_sql(firm.rita)
    watch.to(lead.due_at)
    watch.go(hours=-30)
    warn_due(watch.now)
    assign(lead, rep=firm.rob, by=firm.mark)
    warn_due(watch.now)
    assert not Notice.objects.filter(user=firm.rob, kind="due_soon").exists()
    watch.go(hours=29)
    warn_due(watch.now)
    assert {n.data["hours"] for n in Notice.objects.filter(user=firm.rob, kind="due_soon")} == {24, 2}


def test_R6_3_the_hours_are_the_rulebooks(firm: Firm, watch: Watch) -> None:
    lead = firm.an_sql()
    firm.set_rules(warn_hours=[])
    assert warn_due(lead.due_at - TICK) == 0
    firm.set_rules(warn_hours=[1, 100])
    assert warn_due(lead.due_at - TICK) == 2


def test_R6_3_the_countdown_never_falls_below_zero(firm: Firm, watch: Watch) -> None:
    lead = firm.an_sql()
    assert days_left(lead.due_at, watch.now) == 7
    assert days_left(lead.due_at, watch.go(hours=12)) == 6.5
    assert days_left(lead.due_at, watch.go(days=9)) == 0
    assert days_left(None, watch.now) is None


def test_R6_4_calls_and_notes_do_not_stop_the_clock(firm: Firm, watch: Watch) -> None:
    lead = firm.an_sql()
    due = lead.due_at
    for outcome in ("no_answer", "no_need", "interested"):
        watch.go(hours=1)
        firm.call(lead, outcome, by=firm.rita)
        add_note(lead, text="worked on it", by=firm.rita)
    set_next_step(lead, text="visit", on=watch.now.date(), by=firm.rita)
    assert (fresh(lead).state, fresh(lead).due_at) == (State.SQL, due)
    assert fresh(lead).last_touch_at == watch.now


def test_R6_4_converting_does(firm: Firm, watch: Watch) -> None:
    lead = firm.an_opportunity().lead
    watch.go(days=8)
    with nothing_changes():
        run_sweeps()
    assert fresh(lead).due_at is None


def test_R6_1_a_changed_week_binds_what_is_accepted_from_then_on(firm: Firm, watch: Watch) -> None:
    before = firm.an_sql()
    firm.set_rules(week_days=3)
    after = firm.an_sql()
    assert (fresh(before).due_at - watch.now).days == 7
    assert (after.due_at - watch.now).days == 3
    assert rulebook.get("week_days") == 3


def test_R10_1_a_next_step_ends_with_the_holding(firm: Firm, watch: Watch) -> None:
    lead = set_next_step(firm.an_sql(), text="Send the offer to Mr. Wang", on=None, by=firm.rita)
    watch.go(days=7)
    expire_due(None, watch.now)
    assert (fresh(lead).state, fresh(lead).next_step) == ("pooled", "")
    given = set_next_step(firm.an_sql(), text="Call back", on=None, by=firm.rita)
    assert release(given, reason="no_time", by=firm.rita).next_step == ""
