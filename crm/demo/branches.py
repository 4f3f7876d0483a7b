"""What a firm may add to the trunk (R0.1): here everything is on."""

from __future__ import annotations

from datetime import date, timedelta

from core import clock, rulebook
from crm.demo import people
from crm.demo.world import World
from leads.assignment import save_rule

# The eves of the lunar year; the other holidays have a fixed date.
SPRING = {2026: (2, 16), 2027: (2, 5), 2028: (1, 25), 2029: (2, 12), 2030: (2, 2), 2031: (1, 22)}
ASSIGNMENT: list[tuple[str, dict[str, list[str]], tuple[str, ...]]] = [
    ("展会和沙龙 Expo and salon → East", {"medium": ["conference", "salon"]}, ("rita", "rob", "leo")),
    ("老客户推荐 Referrals → West", {"medium": ["referral"]}, ("wei", "wang")),
    ("小红书 Xiaohongshu → West", {"channel": ["xiaohongshu"]}, ("wei", "wang")),
]
QUIET = timedelta(days=10)


def holidays(world: World) -> list[date]:
    """The firm's holidays from the first day on for a year; none near today, whose weeks are arranged."""
    first, today = clock.firm_day(world.opening), clock.firm_day(world.end)
    days = []
    for year in range(first.year, today.year + 2):
        days += [date(year, 1, 1), date(year, 5, 1), date(year, 5, 2)]
        days += [date(year, 10, 1), date(year, 10, 2), date(year, 10, 3)]
        if year in SPRING:
            eve = date(year, *SPRING[year])
            days += [eve + timedelta(days=n) for n in range(5)]
    near = (today - QUIET, today + QUIET)
    return sorted(
        d for d in days if first <= d <= today + timedelta(days=365) and not near[0] <= d <= near[1]
    )


def days(world: World) -> None:
    """On the first morning of all."""
    world.holidays = set(holidays(world))
    world.at(world.opening, turn_on)


def turn_on(world: World) -> None:
    """The administrator turns every branch on, and says when the firm works."""
    on = {key: True for key, known in rulebook.RULES.items() if known.branch}
    more = {
        "firm_name": people.FIRM,
        "holidays": [d.isoformat() for d in sorted(world.holidays)],
        "business_days": [1, 2, 3, 4, 5, 6, 7],
    }
    rulebook.change({**on, **more}, by=world.people["ada"])
    ada = world.people["ada"]
    for name, conditions, logins in ASSIGNMENT:
        save_rule(None, by=ada, name=name, conditions=conditions, reps=[world.people[x] for x in logins])
