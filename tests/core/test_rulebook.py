"""The Rulebook: what may be stored, who may change it, its history, and what a change binds."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from core import rulebook
from core.errors import Forbidden, RuleRefused
from core.models import RuleChange, RuleValue
from core.rulebook import RULES
from leads.services import accept
from tests.cast import CAST, Firm, Watch, fresh
from tests.content import faults, nothing_changes, refused

# Every italic number of the rulebook that this product has so far, with its default there.
DEFAULTS = {
    "default_region": "CN",
    "capacity": 60,
    "week_days": 7,
    "warn_hours": [48, 24, 2],
    "judge_hours": 24,
    "no_answer_most": 3,
    "refused_days": 180,
    "at_risk_days": 30,
    "claiming": True,
    "claims_a_day": 10,
    "cooldown_days": 30,
    "win_rate_confirmed": 10,
    "win_rate_experience": 30,
    "win_rate_negotiation": 70,
    "undo_lost_hours": 24,
    "renewal_days_most": 120,
    "renewal_part": 3,
    "repurchase_days": 90,
    "labels_most": 20,
}


def test_the_defaults_are_the_rulebooks(db: None) -> None:
    values = rulebook.values()
    assert {key: values[key] for key in DEFAULTS} == DEFAULTS
    assert set(values) == set(RULES)


def test_every_rule_has_a_number_a_label_and_a_default_that_may_be_stored() -> None:
    for rule in RULES.values():
        assert rule.number, rule.key
        assert str(rule.label), rule.key
        assert rulebook.check(rule, rule.default) == rule.default


@pytest.mark.parametrize("login", list(CAST))
def test_R15_1_only_an_administrator_changes_it(firm: Firm, login: str) -> None:
    if login == "ada":
        assert rulebook.change({"week_days": 5}, by=firm.ada)["week_days"] == 5
    else:
        with refused(Forbidden):
            rulebook.change({"week_days": 5}, by=firm.people[login])


GOOD: list[tuple[str, Any, Any]] = [
    ("week_days", 1, 1),
    ("week_days", 365, 365),
    ("claims_a_day", 0, 0),
    ("win_rate_experience", 100, 100),
    ("claiming", False, False),
    ("warn_hours", [2, 48, 48, 24], [48, 24, 2]),
    ("warn_hours", [], []),
    ("firm_name", "  蓝鲸科技 ", "蓝鲸科技"),
    ("default_region", "US", "US"),
    ("media", ["form", "营业厅"], ["form", "营业厅"]),
]
BAD: list[tuple[str, Any]] = [
    ("week_days", 0),
    ("week_days", 366),
    ("week_days", -7),
    ("week_days", "7"),
    ("week_days", 7.0),
    ("week_days", True),
    ("week_days", [7]),
    ("win_rate_experience", 101),
    ("claiming", 1),
    ("claiming", "true"),
    ("warn_hours", 48),
    ("warn_hours", [0]),
    ("warn_hours", [721]),
    ("warn_hours", ["2"]),
    ("warn_hours", [True]),
    ("warn_hours", [1, 2, 3, 4, 5, 6, 7]),
    ("firm_name", ""),
    ("firm_name", "x" * 201),
    ("firm_name", "a\x00b"),
    ("firm_name", 7),
    ("default_region", "XX"),
    ("default_region", ["CN"]),
    ("media", "form"),
    ("media", [""]),
    ("media", [1]),
    ("media", ["m"] * 61),
    ("media", ["x" * 201]),
    ("media", []),
    ("media", [" "]),
    ("media", ["a\x00b"]),
    ("labels_most", 21),
    ("business_hours", "18:00-09:00"),
    ("business_hours", "0\u0669:00-18:00"),
    ("business_days", []),
    ("business_days", [True]),
    ("holidays", ["0001-01-01"]),
    ("holidays", ["9999-12-31"]),
    ("holidays", [None]),
]


@pytest.mark.parametrize(("key", "value", "stored"), GOOD, ids=lambda v: str(v)[:30])
def test_what_may_be_stored(firm: Firm, key: str, value: Any, stored: Any) -> None:
    assert rulebook.change({key: value}, by=firm.ada)[key] == stored
    assert rulebook.get(key) == stored


@pytest.mark.parametrize(("key", "value"), BAD, ids=lambda v: str(v)[:30])
def test_what_is_refused_and_stored_is_nothing(firm: Firm, key: str, value: Any) -> None:
    with refused(RuleRefused) as caught:
        rulebook.change({key: value}, by=firm.ada)
    assert faults(caught) == [(key, "invalid")]


def test_one_wrong_value_keeps_the_right_ones_out_and_all_wrong_ones_are_said(firm: Firm) -> None:
    with refused(RuleRefused) as caught:
        rulebook.change({"week_days": 5, "nonsense": 1, "claiming": "no"}, by=firm.ada)
    assert faults(caught) == [("nonsense", "unknown"), ("claiming", "invalid")]


def test_the_history_says_who_when_from_and_to(firm: Firm, watch: Watch) -> None:
    firm.set_rules(week_days=5, claims_a_day=10)
    watch.go(hours=1)
    firm.set_rules(week_days=9)
    firm.set_rules(week_days=None)
    rows = RuleChange.objects.order_by("id")
    assert [(r.key, r.old, r.new, r.by) for r in rows] == [
        ("week_days", 7, 5, firm.ada),
        ("week_days", 5, 9, firm.ada),
        ("week_days", 9, 7, firm.ada),
    ]
    assert [(r.at - rows[0].at) for r in rows] == [timedelta(0), timedelta(hours=1), timedelta(hours=1)]
    with nothing_changes():
        firm.set_rules(week_days=7)


def test_a_rule_that_is_gone_is_not_read(firm: Firm) -> None:
    RuleValue.objects.create(key="old_rule", value=1)
    assert "old_rule" not in rulebook.values()


def test_a_change_takes_effect_at_once_also_inside_a_snapshot(firm: Firm) -> None:
    with rulebook.snapshot():
        assert rulebook.get("week_days") == 7
        firm.set_rules(week_days=3)
        assert rulebook.get("week_days") == 3


def test_a_snapshot_asks_once(firm: Firm, django_assert_num_queries: Any) -> None:
    with rulebook.snapshot(), django_assert_num_queries(1):
        for _n in range(3):
            rulebook.get("week_days")
    with django_assert_num_queries(2):
        rulebook.get("week_days")
        rulebook.get("week_days")


def test_R6_1_deadlines_from_then_on_running_holdings_keep_theirs(firm: Firm, watch: Watch) -> None:
    running, judged = firm.an_sql(), firm.an_mql()
    kept = (fresh(running).due_at, fresh(judged).judge_by)
    firm.set_rules(week_days=2, judge_hours=1)
    assert (fresh(running).due_at, fresh(judged).judge_by) == kept
    assert accept(judged, by=firm.rita).due_at == watch.now + timedelta(days=2)
    assert firm.an_mql().judge_by == watch.now + timedelta(hours=1)


def test_R10_3_caps_and_capacity_are_read_when_checked(firm: Firm, watch: Watch) -> None:
    from pool.services import claim

    lead = firm.pooled("released", rep=firm.rob)
    firm.set_rules(claims_a_day=0)
    with refused(RuleRefused, "claim_limit_day"):
        claim(lead, by=firm.wei)
    firm.set_rules(claims_a_day=1, cooldown_days=0)
    assert claim(lead, by=firm.rob).owner == firm.rob
