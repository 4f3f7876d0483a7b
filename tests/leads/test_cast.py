"""The short cuts of the cast bring a lead where they say."""

import pytest

from leads.rules import State
from tests.cast import Firm, Watch, fresh


@pytest.mark.parametrize("state", ["new", "mql", "sql", "converted", "pooled", "invalid"])
def test_a_lead_in_each_state(firm: Firm, watch: Watch, state: str) -> None:
    lead = fresh(firm.in_state(state))
    assert lead.state == state
    assert (lead.owner == firm.rita) == (state in ("mql", "sql", "converted"))


def test_a_waiting_mql_has_a_team_and_no_owner(firm: Firm, watch: Watch) -> None:
    lead = fresh(firm.in_state("waiting"))
    assert (lead.state, lead.owner) == (State.MQL, None)
    assert lead.team in (firm.east, firm.west)


@pytest.mark.parametrize(
    "reason",
    [
        "released",
        "returned",
        "expired",
        "lost",
        "third_party",
        "unreachable",
        "dead_number",
        "no_need",
        "refused",
    ],
)
def test_a_pooled_lead_for_each_reason(firm: Firm, watch: Watch, reason: str) -> None:
    lead = fresh(firm.pooled(reason))
    assert (lead.state, lead.pool_reason) == (State.POOLED, reason)


def test_an_order_is_signed(firm: Firm, watch: Watch) -> None:
    assert firm.a_signed_order(term_months=12).state == "signed"
