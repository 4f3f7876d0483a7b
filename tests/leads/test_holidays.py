"""R3.2: the first call is due in business time, and nobody is at work on holidays; R6.1, a branch: they pause the week."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from leads.rules import after_business_time, due_at
from leads.services import expire_due
from tests.cast import SHANGHAI, Firm, Watch, fresh

HOURS, DAYS = "09:00-18:00", [1, 2, 3, 4, 5]
MONDAY, TUESDAY, WEDNESDAY = "2026-03-02", "2026-03-03", "2026-03-04"


def at(text: str) -> datetime:
    """A time of that week in the firm's zone: `Mo 09:00`."""
    day, hour = text.split()
    n = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su", "Mo2", "Tu2"].index(day)
    hours, minutes = map(int, hour.split(":"))
    return datetime(2026, 3, 2 + n, hours, minutes, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("start", "holidays", "due"),
    [
        ("Mo 09:00", [], "Mo 09:15"),
        ("Mo 08:00", [], "Mo 09:15"),
        ("Mo 17:45", [], "Mo 18:00"),
        ("Mo 17:50", [], "Tu 09:05"),
        ("Mo 18:00", [], "Tu 09:15"),
        ("Fr 17:50", [], "Mo2 09:05"),
        ("Sa 12:00", [], "Mo2 09:15"),
        ("Mo 10:00", [MONDAY], "Tu 09:15"),
        ("Mo 17:50", [TUESDAY], "We 09:05"),
        ("Mo 17:50", [TUESDAY, WEDNESDAY], "Th 09:05"),
        ("Fr 17:50", ["2026-03-09"], "Tu2 09:05"),
        ("Mo 10:00", ["2026-03-01", "2026-03-07"], "Mo 10:15"),
    ],
)
def test_R3_2_minutes_of_business_time(start: str, holidays: list[str], due: str) -> None:
    found = after_business_time(at(start), 15, HOURS, DAYS, SHANGHAI, holidays)
    assert found == at(due) and found.tzinfo == UTC


def test_R3_2_more_minutes_than_a_day_has() -> None:
    found = after_business_time(at("Mo 09:00"), 9 * 60 + 30, HOURS, DAYS, SHANGHAI, [TUESDAY])
    assert found == at("We 09:30")


def test_R3_2_a_firm_that_is_never_open_still_has_a_due_time() -> None:
    every = [(at("Mo 00:00") + timedelta(days=n)).date().isoformat() for n in range(801)]
    assert after_business_time(at("Mo 09:00"), 15, HOURS, DAYS, SHANGHAI, every) == at("Mo 09:15")


def test_R3_2_a_hand_over_before_a_holiday_is_called_after_it(firm: Firm, watch: Watch) -> None:
    firm.set_rules(holidays=[TUESDAY])
    watch.to(at("Mo 17:50"))
    assert firm.an_mql(firm.rita).call_by == at("We 09:05")


def test_R6_1_holidays_pause_the_week_where_the_branch_is_on(firm: Firm, watch: Watch) -> None:
    firm.set_rules(holidays=[TUESDAY, WEDNESDAY])
    assert firm.an_sql(firm.rita).due_at == watch.now + timedelta(days=7), "off: 7 × 24 h"
    firm.set_rules(holidays_pause=True)
    lead = firm.an_sql(firm.rita)
    assert lead.due_at == watch.now + timedelta(days=9)
    watch.go(days=9, microseconds=-1)
    assert expire_due([lead.pk], watch.now) == 0
    watch.go(microseconds=1)
    assert expire_due([lead.pk], watch.now) == 1 and fresh(lead).pool_reason == "expired"


@pytest.mark.parametrize(
    ("start", "holidays", "days"),
    [
        ("Mo 09:00", [], 7),
        ("Mo 09:00", [MONDAY], 7 + 15 / 24),  # what is left of the day
        ("Mo 00:00", [MONDAY], 8),
        ("Mo 09:00", ["2026-03-01"], 7),
        ("Mo 09:00", ["2026-03-09"], 8),  # the day on which it would have ended
        ("Mo 09:00", ["2026-03-10"], 7),
        ("Mo 09:00", [TUESDAY, TUESDAY[:-1] + "4", "2026-03-09", "2026-03-10", "2026-03-11"], 12),
    ],
)
def test_R6_1_only_what_lies_in_the_week_counts(start: str, holidays: list[str], days: float) -> None:
    begins = at(start)
    assert due_at(begins, 7, holidays, SHANGHAI) == begins + timedelta(days=days)


@pytest.mark.parametrize(
    ("begins", "holidays", "days"),
    [
        ("2026-03-04", ["2026-03-05"], 8),  # the clocks go forward on the 8th
        ("2026-03-04", ["2026-03-05", "2026-03-08"], 9 - 1 / 24),  # that holiday has 23 hours
        ("2026-10-27", ["2026-10-29"], 8),  # and back on November 1st
    ],
)
def test_R6_1_hours_that_pass_count_where_the_clocks_change(
    begins: str, holidays: list[str], days: float
) -> None:
    start = datetime.fromisoformat(f"{begins}T12:00:00+00:00")
    due = due_at(start, 7, holidays, ZoneInfo("America/New_York"))
    assert due - start == timedelta(days=days)


def test_R3_2_minutes_that_pass_count_where_the_clocks_change() -> None:
    start = datetime(2026, 3, 8, 6, 50, tzinfo=UTC)  # 01:50 in New York, ten minutes before 03:00
    zone = ZoneInfo("America/New_York")
    assert after_business_time(start, 15, "00:00-23:59", [7], zone) == start + timedelta(minutes=15)
