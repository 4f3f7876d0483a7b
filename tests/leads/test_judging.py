"""R4: the rep verifies what was handed over, once, and only by the rules."""

from __future__ import annotations

import pytest

from core.errors import RuleRefused, TransitionNotAllowed
from leads.models import Holding
from leads.rules import Ended, Reason, ReturnReason, Segment, State
from leads.services import accept, return_mql
from pool.services import claim
from tests.cast import TICK, Firm, Watch, fresh
from tests.content import Log, faults, refused


def test_R4_1_accepting_begins_the_week(firm: Firm, watch: Watch, log: Log) -> None:
    mql = firm.an_mql()
    watch.go(hours=5)
    lead = accept(mql, by=firm.rita)
    assert (lead.state, lead.owner, lead.accepted_at, lead.judge_by) == (
        State.SQL,
        firm.rita,
        watch.now,
        None,
    )
    assert (lead.due_at - watch.now).total_seconds() == 7 * 86400
    event = log.only("accepted")
    assert (event.by_id, event.from_state, event.to_state, event.at) == (
        firm.rita.pk,
        "mql",
        "sql",
        watch.now,
    )
    assert event.data == {"due_at": lead.due_at.isoformat()}
    mql_held, sql_held = Holding.objects.filter(lead=lead).order_by("stage")
    assert (mql_held.ended, mql_held.to_at) == (Ended.ACCEPTED, watch.now)
    assert (sql_held.began, sql_held.from_at, sql_held.due_at, sql_held.ended) == (
        "accepted",
        watch.now,
        lead.due_at,
        "",
    )


SEGMENTS = {
    "empty_number": Segment.LONG_INACTIVE,
    "wrong_number": Segment.LONG_INACTIVE,
    "unreachable": Segment.LONG_INACTIVE,
    "no_need": Segment.NOT_NOW,
    "duplicate": Segment.LONG_INACTIVE,
}


@pytest.mark.parametrize("reason", ReturnReason.values)
def test_R4_1_the_five_reasons_for_an_illegal_mql(firm: Firm, watch: Watch, log: Log, reason: str) -> None:
    mql = firm.an_mql()
    watch.go(hours=1)
    firm.call(mql, "no_answer", by=firm.rita)
    lead = return_mql(mql, reason=reason, text="said so", by=firm.rita)
    assert (lead.state, lead.owner, lead.pool_reason, lead.pool_detail) == (
        State.POOLED,
        None,
        Reason.RETURNED,
        reason,
    )
    assert lead.pool_segment == SEGMENTS[reason]
    event = log.only("returned")
    assert (event.from_state, event.to_state, event.data) == ("mql", "pooled", {"reason": reason})
    assert [t.new for t in event.texts.all()] == ["said so"]
    held = Holding.objects.get(lead=lead)
    assert (held.ended, held.detail, held.to_at) == (Ended.RETURNED, reason, watch.now)


@pytest.mark.parametrize("reason", ["", "ugly", "refused", "no_time", "NO_NEED", "other"])
def test_R4_1_nothing_else_is_a_reason(firm: Firm, watch: Watch, reason: str) -> None:
    mql = firm.an_mql()
    with refused(RuleRefused, "reason_required") as caught:
        return_mql(mql, reason=reason, by=firm.rita)
    assert faults(caught) == [("reason", "invalid" if reason else "required")]


def test_R4_1_unreachable_needs_a_call_after_the_hand_over(firm: Firm, watch: Watch) -> None:
    """The telemarketer's own call, which made it an MQL, is none."""
    mql = firm.an_mql()
    with refused(RuleRefused, "reason_required") as caught:
        return_mql(mql, reason="unreachable", by=firm.rita)
    assert faults(caught) == [("reason", "call_needed")]
    watch.to(watch.now + TICK)
    firm.call(mql, "no_answer", by=firm.rita)
    assert return_mql(mql, reason="unreachable", by=firm.rita).state == State.POOLED


def test_R4_2_a_returned_mql_is_not_claimable_until_it_is_qualified_again(firm: Firm, watch: Watch) -> None:
    lead = firm.pooled("returned")
    assert lead.claimable is False
    with refused(RuleRefused, "not_claimable"):
        claim(lead, by=firm.rob)
    again = accept(firm.call(lead, "interested", rep=firm.rob)[1], by=firm.rob)
    watch.go(days=7)
    with pytest.raises(Exception, match="week"):
        accept(again, by=firm.rob)


def test_R4_2_also_if_it_had_been_an_sql_in_an_earlier_run(firm: Firm, watch: Watch) -> None:
    lead = firm.pooled("expired")
    mql = firm.call(lead, "interested", rep=firm.rob)[1]
    back = return_mql(mql, reason="duplicate", by=firm.rob)
    assert back.claimable is False


@pytest.mark.parametrize("again", ["accept", "return"])
@pytest.mark.parametrize("first", ["accept", "return"])
def test_R4_3_it_is_judged_only_once(firm: Firm, watch: Watch, first: str, again: str) -> None:
    verbs = {
        "accept": lambda lead: accept(lead, by=firm.mark),
        "return": lambda lead: return_mql(lead, reason="duplicate", by=firm.mark),
    }
    mql = firm.an_mql()
    verbs[first](mql)
    with refused(TransitionNotAllowed):
        verbs[again](mql)


def test_R4_3_a_stale_copy_judges_nothing(firm: Firm, watch: Watch) -> None:
    stale = firm.an_mql()
    accept(fresh(stale), by=firm.rita)
    assert stale.state == State.MQL
    with refused(TransitionNotAllowed):
        accept(stale, by=firm.rita)
