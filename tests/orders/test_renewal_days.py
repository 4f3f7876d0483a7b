"""R9.4: on which day a renewal opens: last day + 1 − ⌊days / 3⌋, at most 120 days before the end; and that it does."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import Notice
from core import clock
from core.models import Event
from core.services import run_sweeps
from opportunities.models import Opportunity
from opportunities.rules import renewal_opens_on
from orders.models import Order
from orders.rules import ends_on
from orders.services import terminate
from tests import invariants
from tests.cast import MONDAY, TICK, Firm, Watch
from tests.content import nothing_changes, swept

DAY = timedelta(days=1)
MONTHS, DAYS = "term_months", "term_days"

# first day, term, last day, the day on which the renewal opens: reckoned by hand
TABLE = [
    ("2026-03-02", MONTHS, 1, "2026-04-01", "2026-03-23"),
    ("2026-03-02", MONTHS, 12, "2027-03-01", "2026-11-02"),
    ("2026-03-02", MONTHS, 36, "2029-03-01", "2028-11-02"),
    ("2026-03-02", DAYS, 45, "2026-04-15", "2026-04-01"),
    # over a leap day, from one, up to one
    ("2027-03-01", MONTHS, 12, "2028-02-29", "2027-11-02"),
    ("2028-02-29", MONTHS, 12, "2029-02-28", "2028-11-01"),
    ("2028-02-29", MONTHS, 1, "2028-03-28", "2028-03-20"),
    ("2028-02-29", MONTHS, 48, "2032-02-28", "2031-11-01"),
    ("2028-02-01", DAYS, 29, "2028-02-29", "2028-02-21"),
    # the ends of months
    ("2026-01-31", MONTHS, 1, "2026-02-28", "2026-02-20"),
    ("2028-01-31", MONTHS, 1, "2028-02-29", "2028-02-20"),
    ("2026-01-30", MONTHS, 1, "2026-02-28", "2026-02-19"),
    ("2026-03-31", MONTHS, 1, "2026-04-30", "2026-04-21"),
    ("2026-12-31", MONTHS, 2, "2027-02-28", "2027-02-09"),
    ("2026-08-31", MONTHS, 6, "2027-02-28", "2026-12-31"),
    # as short as can be: no third of it is left before it is over; and where 120 days begin to bind
    ("2026-03-02", DAYS, 1, "2026-03-02", "2026-03-03"),
    ("2026-03-02", DAYS, 2, "2026-03-03", "2026-03-04"),
    ("2026-03-02", DAYS, 3, "2026-03-04", "2026-03-04"),
    ("2026-01-01", DAYS, 359, "2026-12-25", "2026-08-29"),
    ("2026-01-01", DAYS, 360, "2026-12-26", "2026-08-29"),
    ("2026-01-01", DAYS, 400, "2027-02-04", "2026-10-08"),
]
ROWS = pytest.mark.parametrize(("first", "unit", "term", "last", "opens"), TABLE)


def length(unit: str, term: int) -> tuple[int | None, int | None]:
    return (term, None) if unit == MONTHS else (None, term)


@ROWS
def test_R9_4_a_term_ends_and_its_renewal_opens_on_the_day(
    first: str, unit: str, term: int, last: str, opens: str
) -> None:
    begins = date.fromisoformat(first)
    over = ends_on(begins, *length(unit, term))
    assert over == date.fromisoformat(last)
    assert renewal_opens_on(begins, over, 120) == date.fromisoformat(opens)


@settings(max_examples=300)
@given(
    begins=st.dates(date(2000, 1, 1), date(2100, 1, 1)),
    unit=st.sampled_from([MONTHS, DAYS]),
    term=st.integers(1, 600),
)
def test_R9_4_for_any_term_a_third_is_left_and_never_more_than_120_days(
    begins: date, unit: str, term: int
) -> None:
    over = ends_on(begins, *length(unit, term))
    assert over is not None and over >= begins
    days = (over - begins).days + 1
    opens = renewal_opens_on(begins, over, 120)
    left = (over + DAY - opens).days
    assert left <= 120 and begins <= opens <= over + DAY
    assert left == 120 or (3 * left <= days < 3 * (left + 1)), "a third, to the day"
    if unit == DAYS:
        assert days == term
    else:
        after = ends_on(begins, term + 1, None)
        assert after is not None and 28 <= (after - over).days <= 31, "one month more is one month more"


def signed(firm: Firm, first: str, unit: str, term: int) -> tuple[Order, Opportunity]:
    terms: dict[str, Any] = {unit: term, "starts_on": date.fromisoformat(first)}
    order = firm.a_signed_order(**terms)
    return order, Opportunity.objects.get(signed_before=order.opportunity)


def test_R9_4_each_opens_at_the_first_instant_of_its_day_once(firm: Firm, watch: Watch) -> None:
    """All terms of the table at once, signed before the first of them begins."""
    watch.to(MONDAY.replace(year=2025, month=12, day=29))
    made = {}
    for first, unit, term, last, opens in TABLE:
        order, chance = signed(firm, first, unit, term)
        assert (str(order.ends_on), str(chance.active_on), chance.kind) == (last, opens, "renewal")
        assert (chance.stage, chance.expected_close) == ("scheduled", order.ends_on)
        made[chance.pk] = date.fromisoformat(opens)
    for day in sorted(set(made.values())):
        midnight = clock.day_starts(day)
        run_sweeps(midnight - TICK)
        assert not Event.objects.filter(verb="activated", at__gte=midnight).exists()
        run_sweeps(midnight)
        with nothing_changes():
            run_sweeps(midnight)
        found = Event.objects.filter(verb="activated", at=midnight).values_list("subject_id", flat=True)
        assert set(found) == {pk for pk, on in made.items() if on == day}
    assert Event.objects.filter(verb="activated").count() == len(made)
    assert Notice.objects.filter(kind="next_chance", user=firm.rita).count() == len(made)
    invariants.check()


def test_Q5_R9_4_swept_daily_twice_or_48_hours_late_it_is_the_same_database(firm: Firm, watch: Watch) -> None:
    for first, unit, term, _last, _opens in TABLE[:4]:
        signed(firm, first, unit, term)
    firm.a_signed_order()
    days = [date(2026, 3, 23), date(2026, 4, 1), date(2026, 4, 16), date(2026, 5, 31), date(2026, 11, 2)]
    due = [clock.day_starts(day) for day in [*days, date(2028, 11, 2), date(2029, 3, 2)]]
    once = swept(due)
    assert swept([at for at in due for _time in range(2)]) == once
    assert swept([at + timedelta(hours=48) for at in due]) == once
    assert swept([due[-1] + timedelta(hours=48)]) == once


@pytest.mark.parametrize("ago", [0, 30, 89, 90, 400])
def test_R9_4_a_repurchase_opens_ninety_days_after_the_signature(firm: Firm, watch: Watch, ago: int) -> None:
    """Also where the contract is entered late: what was due before becomes active when it was entered."""
    day = MONDAY.date() - timedelta(days=ago)
    order = firm.a_signed_order(signed_on=day)
    chance = Opportunity.objects.get(signed_before=order.opportunity)
    assert (chance.kind, chance.active_on) == ("repurchase", day + timedelta(days=90))
    due = max(clock.day_starts(day + timedelta(days=90)), watch.now)
    if ago < 90:
        run_sweeps(due - TICK)
        assert not Event.objects.filter(verb="activated").exists()
    run_sweeps(due)
    run_sweeps(due + timedelta(hours=48))
    chance.refresh_from_db()
    assert (chance.stage, chance.stage_since) == ("confirmed", due)
    assert Event.objects.get(verb="activated").at == due
    invariants.check()


@pytest.mark.parametrize(("first", "unit", "term", "last", "opens"), TABLE[1:6])
def test_R9_4_terminated_before_its_day_it_never_opens(
    firm: Firm, watch: Watch, first: str, unit: str, term: int, last: str, opens: str
) -> None:
    if date.fromisoformat(first) > date(2026, 3, 2):
        watch.to(clock.day_starts(date.fromisoformat(first)))
    order, chance = signed(firm, first, unit, term)
    terminate(order, reason="moved away", by=firm.rita)
    for at in (clock.day_starts(date.fromisoformat(opens)), clock.day_starts(date.fromisoformat(last) + DAY)):
        with nothing_changes():
            run_sweeps(at + timedelta(hours=48))
    chance.refresh_from_db()
    assert (chance.stage, chance.closed_at) == ("lost", watch.now)


def test_R9_4_the_numbers_of_the_rulebook_hold_for_what_is_signed_from_then_on(
    firm: Firm, watch: Watch
) -> None:
    _order, before = signed(firm, "2026-03-02", MONTHS, 12)
    firm.set_rules(renewal_days_most=30, renewal_part=4, repurchase_days=7)
    _order, year = signed(firm, "2026-03-02", MONTHS, 12)
    _order, month = signed(firm, "2026-03-02", DAYS, 45)
    bought = Opportunity.objects.get(signed_before=firm.a_signed_order().opportunity)
    found = [str(Opportunity.objects.get(pk=x.pk).active_on) for x in (before, year, month, bought)]
    assert found == ["2026-11-02", "2027-01-31", "2026-04-05", "2026-03-09"]
