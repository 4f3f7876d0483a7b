"""R10.1: the reason picks the segment; R10.4: details in the pool are masked, in search too."""

from __future__ import annotations

import pytest

from leads import rules
from leads.models import Lead
from leads.rules import Reason, ReturnReason, Segment
from leads.selectors import matching, reach
from opportunities.rules import LostReason
from pool.services import claim
from tests.cast import Firm, Watch, fresh

SEGMENTS = {
    ("no_need", ""): "not_now",
    ("refused", ""): "not_now",
    ("lost", "timing"): "not_now",
    ("lost", "no_budget"): "not_now",
    ("lost", "price"): "not_now",
    ("lost", "competitor"): "not_now",
    ("lost", "other"): "not_now",
    ("returned", "no_need"): "not_now",
    ("expired", ""): "some_interest",
    ("released", "no_time"): "some_interest",
    ("unreachable", ""): "long_inactive",
    ("dead_number", ""): "long_inactive",
    ("lost", "pseudo_need"): "long_inactive",
    ("lost", "no_answer"): "long_inactive",
    ("returned", "empty_number"): "long_inactive",
    ("returned", "wrong_number"): "long_inactive",
    ("returned", "unreachable"): "long_inactive",
    ("returned", "duplicate"): "long_inactive",
    ("third_party", ""): "third_party",
}


def test_R10_1_the_table_is_complete() -> None:
    plain = {r for r in Reason.values if r not in ("lost", "returned")}
    assert {r for r, _d in SEGMENTS} == set(Reason.values)
    assert plain <= {r for r, _d in SEGMENTS}
    assert {d for r, d in SEGMENTS if r == "returned"} == set(ReturnReason.values)
    assert {d for r, d in SEGMENTS if r == "lost"} == set(LostReason.values)
    assert set(SEGMENTS.values()) | {"dormant"} == set(Segment.values)


@pytest.mark.parametrize(("reason", "detail"), SEGMENTS, ids=lambda v: v or "-")
def test_R10_1_the_reason_picks_the_segment(reason: str, detail: str) -> None:
    assert rules.segment_of(reason, detail) == SEGMENTS[reason, detail]


@pytest.mark.parametrize("reason", [r for r, d in SEGMENTS if r not in ("lost", "returned")])
def test_R10_1_what_goes_to_the_pool_goes_to_its_segment(firm: Firm, watch: Watch, reason: str) -> None:
    lead = firm.pooled(reason)
    assert (lead.pool_reason, lead.pool_segment) == (reason, SEGMENTS[reason, lead.pool_detail])
    assert (lead.owner, lead.team, lead.due_at, lead.judge_by, lead.call_back_at) == (
        None,
        None,
        None,
        None,
        None,
    )


@pytest.mark.parametrize("detail", LostReason.values)
def test_R10_1_a_lost_opportunity_goes_by_its_reason(firm: Firm, watch: Watch, detail: str) -> None:
    lead = firm.pooled("lost", detail=detail)
    assert (lead.pool_detail, lead.pool_segment, lead.claimable) == (detail, SEGMENTS["lost", detail], True)


def test_R10_4_details_are_masked_until_the_claim(firm: Firm, watch: Watch) -> None:
    contact = {"name": "Li Lei", "phone": "13812345678", "email": "lilei@example.com", "wechat": "weixin_88"}
    lead = firm.an_sql(lead=firm.capture(**contact))
    open_to = {"phone": "+8613812345678", "email": "lilei@example.com", "wechat": "weixin_88"}
    assert reach(lead) == open_to
    rules_of_week = lead.due_at
    from leads.services import expire_due

    expire_due([lead.pk], rules_of_week)
    masked = {"phone": "138****5678", "email": "l****@example.com", "wechat": "we****8"}
    assert reach(fresh(lead)) == masked
    watch.to(rules_of_week)
    assert reach(claim(lead, by=firm.wei)) == open_to


def test_R10_4_an_extension_is_not_shown_in_the_pool(firm: Firm, watch: Watch) -> None:
    lead = firm.call(firm.capture(phone="0755-88886666 ext 12"), "no_need")[1]
    assert reach(fresh(lead))["phone"] == "755****6666"


def found(text: str) -> int:
    return matching(Lead.objects.all(), text).count()


@pytest.mark.parametrize(
    ("text", "open_hits", "pooled_hits"),
    [
        ("Li Lei", 1, 1),
        ("li l", 1, 1),
        ("蓝鲸", 1, 1),
        ("2345678", 1, 0),
        ("138 1234 5678", 1, 1),
        ("13812345678", 1, 1),
        ("+86 138-1234-5678", 1, 1),
        ("1381234567", 1, 0),
        ("lilei@", 1, 0),
        ("LiLei@Example.com", 1, 1),
        ("weixin_8", 1, 0),
        ("weixin_88", 1, 1),
        ("nobody", 0, 0),
        ("-", 0, 0),
        ("%", 0, 0),
        ("", 1, 1),
    ],
)
def test_R10_4_search_does_not_tell_what_the_mask_hides(
    firm: Firm, watch: Watch, text: str, open_hits: int, pooled_hits: int
) -> None:
    lead = firm.capture(
        name="Li Lei",
        company_name="蓝鲸科技",
        phone="13812345678",
        email="lilei@example.com",
        wechat="weixin_88",
    )
    assert found(text) == open_hits
    firm.call(lead, "no_need")
    assert found(text) == pooled_hits
