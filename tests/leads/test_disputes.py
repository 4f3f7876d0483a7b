"""R4.1, R4.2: what a rep has against an MQL beyond the five reasons, and marketing's contest, settled once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.models import Notice, User
from core.errors import AlreadyDecided, Conflict, Forbidden, NotFound, RuleRefused, TransitionNotAllowed
from leads.models import Dispute, Holding, Lead
from leads.rules import State
from leads.selectors import allowed_actions
from leads.services import (
    accept,
    assign,
    contest,
    object_to,
    pass_on_unjudged,
    return_mql,
    settle,
)
from pool.handing import CALLING, hand_out
from tests.cast import Firm, Watch, fresh, person
from tests.content import Log, nothing_changes, refused
from tests.leads.test_today import today

OTHERS = ["rob", "olga", "wei", "tina", "max", "pia", "sue", "ivy"]


def objection(firm: Firm, lead: Lead | None = None) -> Dispute:
    return object_to(lead or firm.an_mql(), text=" A student ", by=firm.rita)


def returned(firm: Firm) -> Lead:
    return return_mql(firm.an_mql(), reason="no_need", text="Laughed", by=firm.rita)


@pytest.fixture
def contests(firm: Firm) -> Firm:
    firm.set_rules(contesting=True)
    return firm


# R4.1: the rep's objection


def test_R4_1_what_else_a_rep_has_against_it_goes_to_the_manager(firm: Firm, watch: Watch, log: Log) -> None:
    lead = firm.an_mql()
    log = type(log)()
    watch.go(hours=1)
    row = objection(firm, lead)
    assert (row.kind, row.verdict, row.by, row.at, row.text, row.team) == (
        "objection",
        "open",
        firm.rita,
        watch.now,
        "A student",
        firm.east,
    )
    assert (fresh(lead).state, fresh(lead).judge_by) == (State.MQL, lead.judge_by), "the 24 h run on"
    assert log.verbs() == ["objected"]
    assert [n.user for n in Notice.objects.filter(kind="objected")] == [firm.mark]
    with refused(Conflict), nothing_changes():
        objection(firm, lead)


@pytest.mark.parametrize("login", [*OTHERS, "mark", "ada"])
def test_R4_1_only_its_rep_objects(firm: Firm, watch: Watch, login: str) -> None:
    lead = firm.an_mql()
    with pytest.raises((Forbidden, Conflict)), nothing_changes():
        object_to(lead, text="x", by=getattr(firm, login))


@pytest.mark.parametrize("state", ["new", "waiting", "sql", "converted", "pooled"])
def test_R4_1_only_an_mql_is_objected_to(firm: Firm, watch: Watch, state: str) -> None:
    lead = firm.in_state(state, firm.rita)
    with pytest.raises((Forbidden, TransitionNotAllowed)), nothing_changes():
        object_to(lead, text="x", by=firm.rita)


def test_R4_1_an_objection_needs_words(firm: Firm, watch: Watch) -> None:
    lead = firm.an_mql()
    with refused(RuleRefused) as caught, nothing_changes():
        object_to(lead, text=" ", by=firm.rita)
    assert caught.value.code == "reason_required"


def test_R4_1_settled_illegal_it_goes_back_to_marketing(firm: Firm, watch: Watch, log: Log) -> None:
    row = objection(firm)
    log = type(log)()
    watch.go(hours=2)
    settle(row, verdict="illegal", text="Agreed", by=firm.mark)
    lead = fresh(row.lead)
    assert (lead.state, lead.pool_reason, lead.pool_detail, lead.claimable) == (
        State.POOLED,
        "returned",
        "settled",
        False,
    )
    assert lead.next_touch_at == watch.now + timedelta(days=3)
    assert log.verbs() == ["settled", "returned"]
    assert [(e.from_state, e.to_state) for e in log.new()] == [("mql", "mql"), ("mql", "pooled")]
    held = Holding.objects.get(lead=lead)
    assert (held.ended, held.detail, held.to_at) == ("returned", "settled", watch.now)
    row = fresh(row)
    assert (row.verdict, row.settled_by, row.settled_at, row.settled_text) == (
        "illegal",
        firm.mark,
        watch.now,
        "Agreed",
    )
    assert [n.user for n in Notice.objects.filter(kind="settled")] == [firm.rita]


def test_R4_1_settled_legal_the_rep_judges_with_a_fresh_day(firm: Firm, watch: Watch) -> None:
    row = objection(firm)
    watch.go(hours=20)
    settle(row, verdict="legal", by=firm.mark)
    lead = fresh(row.lead)
    assert (lead.state, lead.owner, lead.judge_by) == (State.MQL, firm.rita, watch.now + timedelta(days=1))
    assert Holding.objects.open().get(lead=lead).due_at == lead.judge_by
    assert accept(lead, by=firm.rita).state == State.SQL


@pytest.mark.parametrize("login", ["rita", *OTHERS])
def test_R4_1_only_a_manager_above_settles(firm: Firm, watch: Watch, login: str) -> None:
    row = objection(firm)
    with refused(Forbidden), nothing_changes():
        settle(row, verdict="illegal", by=getattr(firm, login))


def test_R4_1_nobody_settles_what_they_brought_up(firm: Firm, watch: Watch) -> None:
    User.objects.filter(login="rita").update(hats=["rep", "manager", "admin"])
    row = object_to(firm.an_mql(), text="x", by=person(firm.rita))
    with refused(Forbidden), nothing_changes():
        settle(row, verdict="illegal", by=person(firm.rita))


def test_R4_1_settled_once(firm: Firm, watch: Watch) -> None:
    row = objection(firm)
    settle(row, verdict="legal", by=firm.mark)
    with refused(AlreadyDecided) as caught, nothing_changes():
        settle(row, verdict="illegal", by=firm.ada)
    assert caught.value.extra == {"state": "legal"} and "Mark" in str(caught.value.detail)


@pytest.mark.parametrize("verdict", ["", "open", "lapsed", "maybe"])
def test_R4_1_legal_or_illegal_and_nothing_else(firm: Firm, watch: Watch, verdict: str) -> None:
    row = objection(firm)
    with refused(RuleRefused), nothing_changes():
        settle(row, verdict=verdict, by=firm.mark)


@pytest.mark.parametrize("end", ["accept", "return", "give", "pass on"])
def test_R4_1_an_objection_lapses_when_it_is_judged_or_goes_on(firm: Firm, watch: Watch, end: str) -> None:
    row = objection(firm)
    if end == "accept":
        accept(row.lead, by=firm.rita)
    elif end == "return":
        return_mql(row.lead, reason="no_need", by=firm.rita)
    elif end == "give":
        assign(row.lead, rep=firm.rob, by=firm.mark)
    else:
        watch.go(hours=24)
        assert pass_on_unjudged(watch.now) == 1
    assert (fresh(row).verdict, fresh(row).settled_at) == ("lapsed", watch.now)
    with refused(AlreadyDecided), nothing_changes():
        settle(row, verdict="illegal", by=firm.mark)


# R4.2: marketing's contest


def test_R4_2_marketing_contests_and_the_lead_does_not_wait(contests: Firm, watch: Watch, log: Log) -> None:
    firm, lead = contests, returned(contests)
    log = type(log)()
    row = contest(lead, text="She asked for a price", by=firm.max)
    assert (row.kind, row.team, row.holding.user) == ("contest", firm.east, firm.rita)
    assert log.verbs() == ["contested"]
    assert [n.user for n in Notice.objects.filter(kind="contested")] == [firm.mark]
    hand_out([lead.pk], to=CALLING, by=firm.max)
    watch.go(hours=1)
    firm.call(lead, "interested", rep=firm.wei)
    settle(row, verdict="legal", text="Heard the call", by=firm.mark)
    now = fresh(lead)
    assert (now.state, now.owner) == (State.MQL, firm.wei), "it changes figures only"
    assert fresh(row).verdict == "legal"
    notices = Notice.objects.filter(kind="settled")
    assert {n.user for n in notices} == {firm.max, firm.rita}, "Wei may not see it"


@pytest.mark.parametrize("login", ["rita", "rob", "mark", "olga", "tina", "pia", "sue", "ada", "ivy"])
def test_R4_2_only_marketing_contests(contests: Firm, watch: Watch, login: str) -> None:
    lead = returned(contests)
    with pytest.raises((Forbidden, Conflict)), nothing_changes():
        contest(lead, text="x", by=getattr(contests, login))


@pytest.mark.parametrize("state", ["new", "mql", "waiting", "sql", "converted", "pooled"])
def test_R4_2_only_a_return_is_contested(contests: Firm, watch: Watch, state: str) -> None:
    lead = contests.in_state(state)
    assert "contest" not in allowed_actions([lead], contests.max, watch.now)[lead.pk]
    with refused(TransitionNotAllowed), nothing_changes():
        contest(lead, text="x", by=contests.max)


def test_R4_2_a_return_is_contested_once_and_settled_once(contests: Firm, watch: Watch) -> None:
    lead = returned(contests)
    row = contest(lead, text="x", by=contests.max)
    for _time in ("open", "settled"):
        assert "contest" not in allowed_actions([fresh(lead)], contests.max, watch.now)[lead.pk]
        with refused(AlreadyDecided), nothing_changes():
            contest(lead, text="again", by=contests.max)
        if fresh(row).verdict == "open":
            settle(row, verdict="illegal", by=contests.mark)


def test_R4_2_what_a_manager_has_settled_is_not_contested(contests: Firm, watch: Watch) -> None:
    row = objection(contests)
    settle(row, verdict="illegal", by=contests.mark)
    assert "contest" not in allowed_actions([fresh(row.lead)], contests.max, watch.now)[row.lead_id]
    with refused(AlreadyDecided), nothing_changes():
        contest(row.lead, text="x", by=contests.max)


def test_R0_1_with_the_branch_off_nothing_is_contested(firm: Firm, watch: Watch) -> None:
    lead = returned(firm)
    assert "contest" not in allowed_actions([lead], firm.max, watch.now)[lead.pk]
    with refused(TransitionNotAllowed), nothing_changes():
        contest(lead, text="x", by=firm.max)


def test_R4_2_a_second_return_may_be_contested_again(contests: Firm, watch: Watch) -> None:
    lead = returned(contests)
    settle(contest(lead, text="x", by=contests.max), verdict="illegal", by=contests.mark)
    watch.go(hours=1)
    contests.call(lead, "interested", rep=contests.rita)
    watch.go(hours=1)
    return_mql(fresh(lead), reason="wrong_number", by=contests.rita)
    assert "contest" in allowed_actions([fresh(lead)], contests.max, watch.now)[lead.pk]
    assert contest(lead, text="x", by=contests.max).verdict == "open"


def test_R4_1_allowed_says_what_the_verbs_accept(contests: Firm, watch: Watch) -> None:
    firm = contests
    lead = firm.an_mql()

    def may(user: User) -> set[str]:
        return set(allowed_actions([fresh(lead)], user, watch.now)[lead.pk]) & {
            "object",
            "settle",
            "contest",
        }

    assert (may(firm.rita), may(firm.mark), may(firm.max)) == ({"object"}, set(), set())
    row = objection(firm, lead)
    assert (may(firm.rita), may(firm.mark), may(firm.ada)) == (set(), {"settle"}, {"settle"})
    assert may(firm.olga) == set()
    settle(row, verdict="legal", by=firm.mark)
    assert (may(firm.rita), may(firm.mark)) == ({"object"}, set())
    return_mql(lead, reason="no_need", by=firm.rita)
    assert (may(firm.max), may(firm.mark)) == ({"contest"}, set())


def test_R0_1_with_the_branch_off_a_contest_is_nobodys_task(contests: Firm, watch: Watch) -> None:
    row = contest(returned(contests), text="x", by=contests.max)
    keys = lambda: {item.key for item in today(contests.mark)}  # noqa: E731
    assert "line-disputes" in keys()
    contests.set_rules(contesting=False)
    assert "line-disputes" not in keys()
    with refused(NotFound), nothing_changes():
        settle(row, verdict="illegal", by=contests.mark)
