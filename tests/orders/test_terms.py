"""R9.4: when a term ends and when its renewal opens. No database."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.rules import line_total
from opportunities.rules import renewal_opens_on
from orders.rules import ends_on

ENDS = [
    # start, months, days, last day
    ("2026-03-02", 1, None, "2026-04-01"),
    ("2026-03-02", 12, None, "2027-03-01"),
    ("2026-03-02", 36, None, "2029-03-01"),
    ("2026-03-02", None, 45, "2026-04-15"),
    ("2026-03-02", None, 1, "2026-03-02"),
    ("2026-01-01", 12, None, "2026-12-31"),
    ("2026-01-01", 1, None, "2026-01-31"),
    ("2026-12-15", 1, None, "2027-01-14"),
    # month ends: where the day does not exist the month's last one is the last
    ("2026-01-31", 1, None, "2026-02-28"),
    ("2026-01-30", 1, None, "2026-02-28"),
    ("2026-01-29", 1, None, "2026-02-28"),
    ("2026-01-28", 1, None, "2026-02-27"),
    ("2026-01-31", 3, None, "2026-04-30"),
    ("2026-03-31", 1, None, "2026-04-30"),
    ("2026-08-31", 6, None, "2027-02-28"),
    ("2026-01-31", 2, None, "2026-03-30"),
    # leap years
    ("2028-01-31", 1, None, "2028-02-29"),
    ("2028-02-29", 12, None, "2029-02-28"),
    ("2028-02-29", 48, None, "2032-02-28"),
    ("2027-03-01", 12, None, "2028-02-29"),
    ("2027-02-28", 12, None, "2028-02-27"),
    ("2028-02-15", None, 15, "2028-02-29"),
]


@pytest.mark.parametrize(("start", "months", "days", "last"), ENDS)
def test_R9_4_the_last_day_of_a_term(start: str, months: int | None, days: int | None, last: str) -> None:
    assert ends_on(date.fromisoformat(start), months, days) == date.fromisoformat(last)


def test_R9_4_without_a_term_there_is_no_end() -> None:
    assert ends_on(date(2026, 3, 2), None, None) is None


RENEWALS = [
    # start, last day, opens: a third of the days is left then, at most 120
    ("2026-03-02", "2026-04-01", "2026-03-23"),  # 31 days: 10 left
    ("2026-03-02", "2026-04-15", "2026-04-01"),  # 45 days: 15 left
    ("2026-01-01", "2026-12-31", "2026-09-03"),  # 365 days: 121 would be a third, 120 are left
    ("2026-03-02", "2029-03-01", "2028-11-02"),  # 36 months: 120 left
    ("2026-03-02", "2026-03-02", "2026-03-03"),  # one day: nothing is left to wait for
    ("2026-01-01", "2026-12-25", "2026-08-29"),  # 359 days: 119 left
    ("2026-01-01", "2026-12-26", "2026-08-29"),  # 360 days: 120 left
]


@pytest.mark.parametrize(("start", "last", "opens"), RENEWALS)
def test_R9_4_a_renewal_opens_with_a_third_left_at_most_120_days(start: str, last: str, opens: str) -> None:
    found = renewal_opens_on(date.fromisoformat(start), date.fromisoformat(last), 120)
    assert found == date.fromisoformat(opens)


days = st.dates(date(2000, 1, 1), date(2100, 1, 1))


@given(days, st.integers(1, 600))
def test_R9_4_terms_follow_each_other_without_gap_or_overlap_but_for_month_ends(
    start: date, months: int
) -> None:
    last = ends_on(start, months, None)
    assert last is not None
    following = last + timedelta(days=1)
    assert last >= start
    if start.day <= 28:
        assert following.day == start.day
    else:
        assert following.day in (start.day, 1)
    assert (following.year - start.year) * 12 + following.month - start.month in (months, months + 1)


@given(days, st.integers(1, 18_300), st.integers(1, 3650), st.integers(1, 100))
def test_R9_4_a_renewal_opens_within_its_term_and_never_earlier_than_allowed(
    start: date, length: int, most: int, part: int
) -> None:
    last = ends_on(start, None, length)
    assert last is not None
    opens = renewal_opens_on(start, last, most, part)
    left = (last - opens).days + 1
    assert start <= opens <= last + timedelta(days=1)
    assert left <= most
    assert left * part <= length


@given(
    st.integers(1, 10_000_000),
    st.decimals(0, 10_000, places=2),
    st.decimals(0, 100, places=2),
)
def test_R9_3_a_line_is_exact_to_the_cent_and_never_negative(
    quantity: int, price: Decimal, discount: Decimal
) -> None:
    total = line_total(quantity, price, discount)
    exact = quantity * price * (100 - discount) / 100
    assert total >= 0
    assert total == total.quantize(Decimal("0.01"))
    assert abs(total - exact) <= Decimal("0.005")
