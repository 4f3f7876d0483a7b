"""The one gate that every sender goes through: consent, the cap, the hours of the person's own day (R11.2, R11.3)."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.gate import Facts, Limits, judge

SHANGHAI = ZoneInfo("Asia/Shanghai")
LIMITS = Limits(1, 2, time(9), time(21))
NOON = datetime(2026, 3, 4, 12, 0, tzinfo=SHANGHAI)
WAYS = {"email": "a@example.com", "phone": "+8613800000000", "wechat": "lilei"}


def person(**more: object) -> Facts:
    return Facts(**{"addresses": dict(WAYS), "zone": SHANGHAI, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("flag", "channel"),
    [("do_not_email", "email"), ("do_not_sms", "sms"), ("do_not_call", "phone"), ("do_not_call", "call")],
)
def test_R11_2_consent_wins_over_everything_also_over_what_was_asked_for(flag: str, channel: str) -> None:
    for asked_for in (False, True):
        said = judge(person(refused=frozenset([flag])), channel, NOON, LIMITS, asked_for=asked_for)
        assert (said.ok, said.why, said.until) == (False, flag, None)
    assert judge(person(refused=frozenset([flag])), "wechat", NOON, LIMITS).ok


def test_R11_2_who_is_erased_is_reached_by_no_way() -> None:
    for channel in ("email", "sms", "phone", "call", "wechat", "webhook"):
        assert judge(person(erased=True), channel, NOON, LIMITS, asked_for=True).why == "erased"


def test_R2_3_who_refused_on_the_phone_is_not_phoned_for_a_while_but_may_be_written_to() -> None:
    later = NOON + timedelta(days=100)
    facts = person(no_phone_until=later)
    assert judge(facts, "call", NOON, LIMITS).until == later
    assert judge(facts, "sms", NOON, LIMITS).ok and judge(facts, "email", NOON, LIMITS).ok
    assert judge(facts, "call", later, LIMITS).ok


def test_R11_3_one_a_day_of_the_persons_own_calendar() -> None:
    said = judge(person(touches=[NOON - timedelta(hours=2)]), "email", NOON, LIMITS)
    assert (said.why, said.until) == ("cap_day", datetime(2026, 3, 5, 9, 0, tzinfo=SHANGHAI))
    evening = datetime(2026, 3, 3, 20, 59, tzinfo=SHANGHAI)
    assert judge(person(touches=[evening]), "email", NOON, LIMITS).ok


def test_R11_3_two_in_any_seven_days_over_all_channels() -> None:
    first, second = NOON - timedelta(days=6), NOON - timedelta(days=3)
    said = judge(person(touches=[first, second]), "sms", NOON, LIMITS)
    assert (said.why, said.until) == ("cap_week", first + timedelta(days=7))
    assert judge(person(touches=[first, second]), "sms", first + timedelta(days=7), LIMITS).ok


@pytest.mark.parametrize(
    ("hour", "minute", "ok"), [(8, 59, False), (9, 0, True), (20, 59, True), (21, 0, False)]
)
def test_R11_3_nothing_at_night_where_the_person_is(hour: int, minute: int, ok: bool) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    at = datetime(2026, 3, 4, hour, minute, tzinfo=berlin)
    said = judge(person(zone=berlin), "email", at.astimezone(SHANGHAI), LIMITS)
    assert said.ok is ok and (ok or said.why == "quiet")
    if not ok:
        assert said.until is not None and said.until.astimezone(berlin).time() == time(9)
    assert judge(person(zone=berlin), "email", at, LIMITS, asked_for=True).ok


def test_R11_1_without_a_living_address_there_is_no_way() -> None:
    assert judge(person(addresses={}), "email", NOON, LIMITS).why == "no_address"
    assert judge(person(addresses={}, dead=frozenset(["phone"])), "sms", NOON, LIMITS).why == "dead_address"
    assert judge(person(addresses={}), "webhook", NOON, LIMITS).ok


MOMENTS = st.integers(0, 700 * 24 * 60).map(lambda minutes: NOON + timedelta(minutes=minutes))
ZONES = st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/St_Johns", "Pacific/Auckland"])


@given(
    MOMENTS,
    st.lists(st.integers(1, 7 * 24 * 60 - 1), max_size=4),
    ZONES,
    st.integers(0, 2),
    st.integers(0, 3),
)
def test_R11_3_waiting_until_the_moment_named_leads_through(
    at: datetime, ago: list[int], zone: str, a_day: int, a_week: int
) -> None:
    """Whoever waits as told is let through then, or is told a later moment; never an earlier one, never for ever."""
    limits = Limits(a_day, a_week, time(9), time(21))
    facts = person(zone=ZoneInfo(zone), touches=sorted(at - timedelta(minutes=n) for n in ago))
    for _turn in range(5):
        said = judge(facts, "email", at, limits)
        if said.ok:
            local = at.astimezone(facts.zone)
            assert time(9) <= local.time() < time(21)
            assert len([t for t in facts.touches if t > at - timedelta(days=7)]) < a_week
            assert len([t for t in facts.touches if t.astimezone(facts.zone).date() == local.date()]) < a_day
            return
        if said.until is None:
            assert 0 in (a_day, a_week)
            return
        assert said.until > at
        at = said.until
    raise AssertionError("told to wait again and again")
