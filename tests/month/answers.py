"""What customers say and people choose in the simulated month, with its weights."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any

DESK = {
    "interested": 36,
    "no_answer": 28,
    "no_need": 14,
    "call_back": 9,
    "refused": 5,
    "wrong_number": 4,
    "empty_number": 4,
}
TALK = {"interested": 70, "no_answer": 22, "call_back": 6, "refused": 2}
MEDIA = {"form": 40, "conference": 25, "inbound_call": 15, "import": 15, "third_party_list": 5}
REASONS = {"no_need": 50, "unreachable": 20, "duplicate": 10, "wrong_number": 10, "empty_number": 10}
RELEASES = ["no_time", "no_fit", "no_need", "unreachable"]
OBJECTIONS = ["A student", "Our competitor", "Lives abroad"]


def weighed(rng: Random, choices: dict[str, int]) -> str:
    """One of the choices by its weight."""
    return rng.choices(list(choices), list(choices.values()))[0]


def company_of(n: int) -> str:
    """Where this person works; some are colleagues."""
    return f"Company {n // 2 if n % 5 == 0 else n}"


def after_call(rng: Random, at: datetime) -> dict[str, Any]:
    """What a telemarketer logs after a call."""
    outcome = weighed(rng, DESK)
    said: dict[str, Any] = {"outcome": outcome, "step": rng.randint(1, 3), "duration": rng.randint(5, 400)}
    if outcome == "call_back":
        said["call_back_at"] = at + timedelta(hours=rng.choice([2, 4, 24, 50]))
    if outcome == "refused":
        said["do_not_call"] = rng.random() < 0.1
    return said
