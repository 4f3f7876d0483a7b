"""R12.1, R12.2: what stands on Today, in which order and for which reason."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from core import clock
from core.services import run_sweeps
from core.web.today import DAY as THIS_DAY
from core.web.today import LAST, NOW, OFFER, REST, RISK, SOON, STEP, Todo, collect
from leads import services
from leads.models import Lead
from opportunities import services as selling
from opportunities.models import Opportunity
from tests.cast import Firm, Watch, fresh


def today(user: Any, tomorrow: bool = False) -> list[Todo]:
    """What the person's list holds."""
    at = clock.now()
    return collect(user, at, clock.firm_day(at) + timedelta(days=tomorrow), tomorrow)


def row(user: Any, record: Any, tomorrow: bool = False) -> Todo | None:
    """The line of a lead or an opportunity."""
    kind = "lead" if isinstance(record, Lead) else "opportunity"
    return next((item for item in today(user, tomorrow) if item.key == f"{kind}-{record.pk}"), None)


def place(user: Any, record: Any) -> tuple[str, str]:
    """In which part it stands, and why."""
    item = row(user, record)
    assert item is not None
    return item.part, str(item.why)


def day(watch: Watch, days: int = 0) -> date:
    return clock.firm_day(watch.now) + timedelta(days=days)


def step(firm: Firm, lead: Lead, on: date | None, text: str = "Send the quote") -> Lead:
    return services.set_next_step(lead, text=text, on=on, by=firm.rita)


def test_R12_1_the_order_is_what_is_lost_first(firm: Firm, watch: Watch) -> None:
    watch.go(days=1)
    ends_soon = firm.an_sql()
    step(firm, ends_soon, day(watch, 6))
    watch.go(days=1)
    in_two_days = firm.an_sql()
    step(firm, in_two_days, day(watch, 6))
    watch.go(days=4)
    late, runs_on, due, none = (firm.an_sql() for _n in range(4))
    step(firm, late, day(watch, -1))
    step(firm, runs_on, day(watch, 3))
    step(firm, due, day(watch))
    watch.go(days=1, hours=0.5)
    step(firm, late, day(watch, -2))
    step(firm, due, day(watch))
    judged = firm.an_mql()
    watch.go(hours=1)
    firm.call(judged, "interested", by=firm.rita)
    promised = firm.an_sql()
    firm.call(promised, "call_back", by=firm.rita, call_back_at=watch.now + timedelta(minutes=2))
    watch.go(minutes=3)
    to_call = firm.an_mql()
    expected = [
        (promised, NOW),
        (to_call, NOW),
        (judged, LAST),
        (ends_soon, LAST),
        (late, THIS_DAY),
        (due, THIS_DAY),
        (in_two_days, SOON),
        (none, STEP),
        (runs_on, REST),
    ]
    found = [(item.key, item.part) for item in today(firm.rita)]
    assert sorted(found[2:4]) == sorted((f"lead-{lead.pk}", part) for lead, part in expected[2:4])
    assert found[:2] + found[4:] == [(f"lead-{lead.pk}", part) for lead, part in expected[:2] + expected[4:]]


def test_R3_2_a_hand_over_is_to_be_called_at_once_and_a_miss_shows(firm: Firm, watch: Watch) -> None:
    watch.go(hours=1)
    lead = firm.an_mql()
    part, why = place(firm.rita, lead)
    assert part == NOW and why.startswith("Call now: the customer")
    assert row(firm.rita, lead).at == lead.call_by == watch.now + timedelta(minutes=15)
    watch.go(minutes=15)
    assert "missed" in place(firm.rita, lead)[1]
    firm.call(lead, "no_answer", by=firm.rita)
    part, why = place(firm.rita, lead)
    assert (part, why.split(" ")[0]) == (LAST, "Accept") and row(firm.rita, lead).at == lead.judge_by


def test_R3_2_after_hours_the_first_call_is_due_in_the_morning(firm: Firm, watch: Watch) -> None:
    watch.go(hours=12)
    lead = firm.an_mql()
    assert place(firm.rita, lead)[0] == LAST
    assert clock.firm_day(lead.call_by) == day(watch, 1)
    assert row(firm.rita, lead, tomorrow=True) is not None


def test_R3_2_a_colleagues_missed_first_call_may_be_taken(firm: Firm, watch: Watch) -> None:
    lead = firm.an_mql(firm.rob)
    assert row(firm.rita, lead) is None
    watch.go(minutes=15)
    item = row(firm.rita, lead)
    assert item is not None and item.part == OFFER and "Rob" in str(item.why)
    assert [act["name"] for act in item.acts] == ["take"] and item.acts[0]["post"]
    assert (item.url, item.phone) == ("", ""), "not one's own yet"
    assert row(firm.wei, lead) is None, "another team"
    firm.call(lead, "no_answer", by=firm.rob)
    assert row(firm.rita, lead) is None, "called by now"


def test_R12_1_a_promise_stands_at_its_time_and_goes_with_the_call(firm: Firm, watch: Watch) -> None:
    lead = step(firm, firm.an_sql(), day(watch, 4))
    firm.call(lead, "call_back", by=firm.rita, call_back_at=watch.now + timedelta(days=1, hours=5))
    assert place(firm.rita, lead)[0] == REST
    assert "promised" in str(row(firm.rita, lead, tomorrow=True).why)
    watch.go(days=1)
    assert place(firm.rita, lead) == (THIS_DAY, "You promised to call back today 14:00")
    watch.go(hours=5)
    assert place(firm.rita, lead)[0] == NOW
    firm.call(lead, "interested", by=firm.rita)
    assert fresh(lead).call_back_at is None
    assert place(firm.rita, lead)[0] == REST


def test_R12_1_a_promise_to_a_customer_on_the_pipeline_stands_once(firm: Firm, watch: Watch) -> None:
    chance = firm.an_opportunity()
    firm.call(chance.lead, "call_back", by=firm.rita, call_back_at=watch.now + timedelta(hours=1))
    watch.go(hours=2)
    mine = [item for item in today(firm.rita) if item.about == str(chance.lead_id)]
    assert len(mine) == 1 and mine[0].part == NOW and mine[0].missing
    assert {"call", "next", "contract"} <= {act["name"] for act in mine[0].acts}


def test_R12_2_no_next_step_shows_until_one_has_a_day(firm: Firm, watch: Watch) -> None:
    lead = firm.an_sql()
    assert place(firm.rita, lead) == (STEP, "Not touched yet") and row(firm.rita, lead).missing
    step(firm, lead, None, "Ask for the headcount")
    assert place(firm.rita, lead) == (STEP, "No day yet: Ask for the headcount")
    step(firm, lead, day(watch, 3))
    assert place(firm.rita, lead)[0] == REST and not row(firm.rita, lead).missing


def test_R6_3_the_last_two_days_stand_whatever_is_planned(firm: Firm, watch: Watch) -> None:
    lead = step(firm, firm.an_sql(), day(watch, 6))
    watch.go(days=5)
    assert place(firm.rita, lead)[0] == SOON
    watch.go(days=1)
    part, why = place(firm.rita, lead)
    assert part == LAST and why.startswith("Back to the pool")
    watch.to(lead.due_at)
    assert row(firm.rita, lead) is None, "it has gone (R6.2)"


def test_R7_4_who_asked_for_more_time_is_told_that_the_clock_runs(firm: Firm, watch: Watch) -> None:
    lead = step(firm, firm.an_sql(), day(watch, 9))
    services.ask_extension(lead, reason="The budget is decided on Monday.", by=firm.rita)
    assert place(firm.rita, lead)[1].startswith("Extension asked for")
    watch.go(days=5, hours=2)
    assert place(firm.rita, lead)[0] == REST, "what can be done is done"
    watch.go(days=1)
    part, why = place(firm.rita, lead)
    assert part == LAST and "unless your manager approves" in why


@pytest.mark.parametrize(("days", "part"), [(-1, THIS_DAY), (0, THIS_DAY), (2, REST)])
def test_R12_1_an_opportunity_stands_on_the_day_of_its_step(
    firm: Firm, watch: Watch, days: int, part: str
) -> None:
    chance = firm.an_opportunity()
    assert place(firm.rita, chance)[0] == STEP
    selling.update(chance, by=firm.rita, next_step="Show the trial", next_step_on=day(watch, days))
    assert place(firm.rita, chance) == (part, "Show the trial")


def test_R8_5_who_is_at_risk_comes_up_until_something_was_done(firm: Firm, watch: Watch) -> None:
    chance = firm.an_opportunity()
    selling.update(chance, by=firm.rita, next_step="Wait for the budget", next_step_on=day(watch, 60))
    watch.go(days=29)
    assert place(firm.rita, chance)[0] == REST
    watch.go(days=2)
    item = row(firm.rita, chance)
    assert item is not None and (item.part, item.risk) == (RISK, 1)
    firm.call(chance.lead, "interested", by=firm.rita)
    item = row(firm.rita, chance)
    assert item is not None and (item.part, item.risk) == (REST, 1), "the mark stays"
    watch.go(days=7)
    assert place(firm.rita, chance)[0] == RISK


def test_R8_5_an_sql_that_was_extended_for_long_is_at_risk(firm: Firm, watch: Watch) -> None:
    lead = firm.capture()
    watch.go(days=31)
    mql = firm.an_mql(lead=lead)
    assert row(firm.rita, mql).risk == 1
    sql = services.accept(mql, by=firm.rita)
    assert row(firm.rita, sql).risk == 1


def test_R12_1_a_renewal_stands_from_the_day_it_becomes_active(firm: Firm, watch: Watch) -> None:
    order = firm.a_signed_order(term_months=12, signed_on=day(watch))
    chance = Opportunity.objects.get(signed_before=order.opportunity)
    assert row(firm.rita, chance) is None
    watch.to(clock.day_starts(chance.active_on) - timedelta(hours=12))
    assert "opens" in str(row(firm.rita, chance, tomorrow=True).why)
    watch.go(hours=22)
    run_sweeps()
    chance = fresh(chance)
    part, why = place(firm.rita, chance)
    assert part == THIS_DAY and why.startswith("Renewal is open")
    selling.update(chance, by=firm.rita, next_step="Offer the renewal", next_step_on=day(watch, 5))
    assert place(firm.rita, chance)[0] == REST


def test_R12_1_tomorrow_is_told_for_that_day(firm: Firm, watch: Watch) -> None:
    ends = firm.an_sql()
    watch.go(days=6)
    judged, planned, later = firm.an_mql(), firm.an_sql(), firm.an_sql()
    step(firm, planned, day(watch, 1))
    step(firm, later, day(watch, 2))
    chance = firm.an_opportunity()
    selling.update(chance, by=firm.rita, next_step="Show the trial", next_step_on=day(watch, 1))
    found = [item.key for item in today(firm.rita, tomorrow=True)]
    assert set(found) == {
        f"lead-{ends.pk}",
        f"lead-{judged.pk}",
        f"lead-{planned.pk}",
        f"opportunity-{chance.pk}",
    }
    assert set(found[:2]) == {f"lead-{ends.pk}", f"lead-{judged.pk}"}, "what is lost stands first"
