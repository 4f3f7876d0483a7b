"""R7: more time, asked by the owner, decided by somebody above, never more than the limits, dead with the due time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.models import Notice, Team, User
from core.errors import AlreadyDecided, Conflict, Forbidden, Overdue, RuleRefused, TransitionNotAllowed
from core.services import run_sweeps
from leads.models import Extension, Holding, Lead
from leads.rules import State
from leads.selectors import allowed_actions
from leads.services import (
    approve_extension,
    ask_extension,
    assign,
    expire_due,
    reject_extension,
    release,
    return_mql,
    warn_due,
)
from opportunities.services import convert
from tests.cast import TICK, Firm, Watch, fresh, person
from tests.content import Log, nothing_changes, refused

WEEK = timedelta(days=7)


def ask(firm: Firm, lead: Lead | None = None, rep: User | None = None) -> Extension:
    rep = rep or firm.rita
    return ask_extension(lead or firm.an_sql(rep), reason="They decide on Friday", by=rep)


def granted(firm: Firm, rep: User | None = None) -> Lead:
    return fresh(approve_extension(ask(firm, rep=rep), by=firm.ada).lead)


# asking


def test_R7_1_the_owner_asks_and_the_manager_is_told(firm: Firm, watch: Watch, log: Log) -> None:
    lead = firm.an_sql()
    log = type(log)()
    watch.go(days=3)
    row = ask_extension(lead, reason="  They decide on Friday ", by=firm.rita)
    assert (row.state, row.rep, row.reason, row.asked_at) == (
        "pending",
        firm.rita,
        "They decide on Friday",
        watch.now,
    )
    assert (row.due_before, row.due_after, row.holding) == (
        lead.due_at,
        None,
        Holding.objects.open().get(lead=lead),
    )
    event = log.only("extension_asked")
    assert (event.by_id, event.at, event.data) == (firm.rita.pk, watch.now, {"extension": str(row.pk)})
    notices = Notice.objects.filter(kind="extension_asked")
    assert [(n.user, n.data["extension"]) for n in notices] == [(firm.mark, str(row.pk))]


@pytest.mark.parametrize("login", ["rob", "mark", "olga", "wei", "tina", "max", "ada", "sue", "ivy"])
def test_R7_1_nobody_else_asks(firm: Firm, watch: Watch, login: str) -> None:
    lead = firm.an_sql()
    with pytest.raises((Forbidden, Conflict)), nothing_changes():
        ask_extension(lead, reason="x", by=getattr(firm, login))


@pytest.mark.parametrize("state", ["new", "mql", "converted", "pooled", "invalid"])
def test_R7_1_only_a_running_week_is_prolonged(firm: Firm, watch: Watch, state: str) -> None:
    lead = firm.in_state(state, firm.rita)
    with pytest.raises((Forbidden, TransitionNotAllowed)), nothing_changes():
        ask_extension(lead, reason="x", by=firm.rita)


@pytest.mark.parametrize("reason", ["", "   \n "])
def test_R7_1_asking_needs_a_reason(firm: Firm, watch: Watch, reason: str) -> None:
    lead = firm.an_sql()
    with refused(RuleRefused) as caught, nothing_changes():
        ask_extension(lead, reason=reason, by=firm.rita)
    assert caught.value.code == "reason_required"
    assert [error.field for error in caught.value.errors] == ["reason"]


def test_R7_1_one_request_at_a_time(firm: Firm, watch: Watch) -> None:
    row = ask(firm)
    with refused(Conflict) as caught, nothing_changes():
        ask(firm, row.lead)
    assert caught.value.code == "extension_pending"
    reject_extension(row, by=firm.mark)
    assert ask(firm, fresh(row.lead)).state == "pending"


# who decides


@pytest.mark.parametrize("login", ["mark", "ada"])
@pytest.mark.parametrize("verb", [approve_extension, reject_extension])
def test_R7_1_a_manager_of_the_team_or_an_administrator_decides(
    firm: Firm, watch: Watch, login: str, verb
) -> None:
    row, by = ask(firm), getattr(firm, login)
    watch.go(hours=1)
    verb(row, by=by, comment=" Go on ")
    row = fresh(row)
    assert (row.decided_by, row.decided_at, row.comment) == (by, watch.now, "Go on")
    (notice,) = Notice.objects.filter(kind=f"extension_{row.state}")
    assert notice.user == firm.rita


@pytest.mark.parametrize("login", ["rita", "rob", "olga", "wei", "tina", "max", "pia", "sue", "ivy"])
@pytest.mark.parametrize("verb", [approve_extension, reject_extension])
def test_R7_1_nobody_else_decides(firm: Firm, watch: Watch, login: str, verb) -> None:
    row = ask(firm)
    with refused(Forbidden), nothing_changes():
        verb(row, by=getattr(firm, login))


def test_R7_1_a_manager_above_decides(firm: Firm, watch: Watch) -> None:
    top = Team.objects.create(name="All")
    Team.objects.filter(pk=firm.east.pk).update(parent=top)
    User.objects.filter(login="olga").update(team=top)
    approve_extension(ask(firm), by=person(firm.olga))


@pytest.mark.parametrize("hats", [["rep", "manager"], ["rep", "admin"], ["rep", "manager", "admin"]])
def test_R7_1_nobody_decides_their_own(firm: Firm, watch: Watch, hats: list[str]) -> None:
    User.objects.filter(login="rita").update(hats=hats)
    row = ask(firm, rep=person(firm.rita))
    with refused(Forbidden) as caught, nothing_changes():
        approve_extension(row, by=person(firm.rita))
    assert "own" in str(caught.value.detail)


def told(firm: Firm) -> set[str]:
    return {n.user.login for n in Notice.objects.filter(kind="extension_asked").select_related("user")}


def test_R7_1_where_no_manager_is_an_administrator_is_told(firm: Firm, watch: Watch) -> None:
    User.objects.filter(login="mark").update(is_active=False)
    ask(firm)
    assert told(firm) == {"ada"}


def test_R7_1_of_its_only_manager_the_one_above_is_told_or_an_administrator(firm: Firm, watch: Watch) -> None:
    User.objects.filter(login="mark").update(is_active=False)
    User.objects.filter(login="rita").update(hats=["rep", "manager"])
    ask(firm, rep=person(firm.rita))
    assert told(firm) == {"ada"}
    top = Team.objects.create(name="All")
    Team.objects.filter(pk=firm.east.pk).update(parent=top)
    User.objects.filter(login="olga").update(team=top)
    Notice.objects.filter(kind="extension_asked").delete()
    ask(firm, rep=person(firm.rita))
    assert told(firm) == {"olga"}


def test_R7_1_decided_is_decided_and_says_by_whom(firm: Firm, watch: Watch) -> None:
    row = ask(firm)
    stale = Extension.objects.get(pk=row.pk)
    approve_extension(row, by=firm.mark)
    for verb in (approve_extension, reject_extension):
        with refused(AlreadyDecided) as caught, nothing_changes():
            verb(stale, by=firm.ada)
        assert caught.value.extra == {"state": "approved"} and "Mark" in str(caught.value.detail)


# what a yes does


def test_R7_2_a_yes_adds_seven_days_to_the_due_time(firm: Firm, watch: Watch, log: Log) -> None:
    lead = firm.an_sql()
    watch.go(days=5)
    row = ask(firm, lead)
    log = type(log)()
    row = approve_extension(row, by=firm.mark)
    now = fresh(lead)
    assert (now.due_at, now.extensions_used) == (lead.due_at + WEEK, 1)
    assert (row.due_before, row.due_after) == (lead.due_at, now.due_at)
    held = Holding.objects.open().get(lead=lead)
    assert (held.due_at, held.extensions_used) == (now.due_at, 1)
    assert log.only("extension_approved").data["due_at"] == now.due_at.isoformat()
    assert expire_due(None, now.due_at - TICK) == 0
    assert expire_due(None, now.due_at) == 1


def test_R7_1_a_no_leaves_the_clock_as_it_is(firm: Firm, watch: Watch, log: Log) -> None:
    row = ask(firm)
    log = type(log)()
    reject_extension(row, by=firm.mark)
    now = fresh(row.lead)
    assert (now.due_at, now.extensions_used) == (row.due_before, 0)
    assert log.verbs() == ["extension_rejected"]


def test_R6_1_holidays_pause_the_days_of_an_extension_too(firm: Firm, watch: Watch) -> None:
    lead = firm.an_sql()
    day = (lead.due_at + timedelta(days=2)).date().isoformat()
    firm.set_rules(holidays=[day])
    assert granted(firm).extensions_used == 1
    row = approve_extension(ask(firm, lead), by=firm.mark)
    assert row.due_after == lead.due_at + WEEK, "the branch is off"
    firm.set_rules(holidays_pause=True)
    other = firm.an_sql(firm.rob)
    before = other.due_at
    firm.set_rules(holidays=[(before + timedelta(days=2)).date().isoformat()])
    row = approve_extension(ask(firm, other, firm.rob), by=firm.mark)
    assert row.due_after == before + WEEK + timedelta(days=1)


def test_R7_2_two_extensions_of_one_holding_and_not_three(firm: Firm, watch: Watch) -> None:
    lead = firm.an_sql()
    for used in (1, 2):
        approve_extension(ask(firm, lead), by=firm.mark)
        assert fresh(lead).extensions_used == used
    with refused(RuleRefused) as caught, nothing_changes():
        ask(firm, lead)
    assert caught.value.code == "extension_limit_lead"
    assert "extend" not in allowed_actions([fresh(lead)], firm.rita, watch.now)[lead.pk]


def test_R7_2_a_rejected_request_does_not_count(firm: Firm, watch: Watch) -> None:
    lead = firm.an_sql()
    for _n in range(4):
        reject_extension(ask(firm, lead), by=firm.mark)
    approve_extension(ask(firm, lead), by=firm.mark)


def test_R6_3_an_extended_week_warns_again(firm: Firm, watch: Watch) -> None:
    lead = firm.an_sql()
    watch.to(lead.due_at - timedelta(hours=1))
    assert warn_due(watch.now) == 3
    due = approve_extension(ask(firm, lead), by=firm.mark).due_after
    assert warn_due(watch.now) == 0
    for hours in (48, 24, 2):
        assert warn_due(due - timedelta(hours=hours)) == 1
        assert warn_due(due - timedelta(hours=hours)) == 0


# places


def test_R7_3_ten_leads_on_extension_and_not_eleven(firm: Firm, watch: Watch) -> None:
    firm.set_rules(extensions_a_rep=3)
    granted(firm)
    asked, eleventh = [ask(firm) for _n in range(2)], firm.an_sql()
    with refused(RuleRefused) as caught, nothing_changes():
        ask(firm, eleventh)
    assert caught.value.code == "extension_limit_rep"
    ask(firm, rep=firm.rob)
    reject_extension(asked[0], by=firm.mark)
    ask(firm)


def test_R7_3_a_second_extension_of_one_lead_takes_no_second_place(firm: Firm, watch: Watch) -> None:
    firm.set_rules(extensions_a_rep=1)
    lead = granted(firm)
    assert ask(firm, lead).state == "pending"


@pytest.mark.parametrize("end", ["convert", "release", "give", "expire", "expire unswept"])
def test_R7_3_conversion_and_leaving_free_the_place(firm: Firm, watch: Watch, end: str) -> None:
    firm.set_rules(extensions_a_rep=1)
    lead = granted(firm) if end != "expire" else ask(firm).lead
    if end == "convert":
        convert(lead, by=firm.rita, **firm.need())
    elif end == "release":
        release(lead, reason="no_fit", by=firm.rita)
    elif end == "give":
        assign(lead, rep=firm.rob, by=firm.mark)
    else:
        watch.to(fresh(lead).due_at)
        if end == "expire":
            expire_due(None, watch.now)
    assert ask(firm).state == "pending"


def test_R7_3_who_is_given_an_extended_lead_needs_a_place_for_it(firm: Firm, watch: Watch) -> None:
    firm.set_rules(extensions_a_rep=1)
    lead = granted(firm)
    granted(firm, firm.rob)
    with refused(RuleRefused) as caught, nothing_changes():
        assign(lead, rep=firm.rob, by=firm.mark)
    assert caught.value.code == "extension_limit_rep"


def test_R6_5_an_open_request_does_not_go_along_and_takes_no_place(firm: Firm, watch: Watch) -> None:
    firm.set_rules(extensions_a_rep=1)
    granted(firm, firm.rob)
    row = ask(firm)
    lead = assign(row.lead, rep=firm.rob, by=firm.mark)
    assert (lead.owner, lead.due_at, lead.extensions_used) == (firm.rob, row.due_before, 0)
    assert fresh(row).state == "lapsed"


def test_R6_5_used_extensions_go_along(firm: Firm, watch: Watch) -> None:
    lead = assign(granted(firm), rep=firm.rob, by=firm.mark)
    assert lead.extensions_used == 1
    approve_extension(ask(firm, lead, firm.rob), by=firm.mark)
    with refused(RuleRefused):
        ask(firm, lead, firm.rob)


# the due time


def test_R7_4_asking_does_not_stop_the_clock_and_the_request_dies_with_it(
    firm: Firm, watch: Watch, log: Log
) -> None:
    row = ask(firm)
    log = type(log)()
    watch.to(row.due_before + timedelta(days=2))
    run_sweeps(watch.now)
    now = fresh(row)
    assert (now.state, now.decided_at, now.decided_by, now.due_after) == (
        "lapsed",
        row.due_before,
        None,
        None,
    )
    assert fresh(row.lead).pool_reason == "expired"
    assert log.verbs() == ["expired"], "one event"
    with refused(AlreadyDecided) as caught, nothing_changes():
        approve_extension(row, by=firm.mark)
    assert caught.value.extra == {"state": "lapsed"}


@pytest.mark.parametrize("verb", [approve_extension, reject_extension])
def test_R7_4_at_the_very_instant_it_is_too_late_swept_or_not(firm: Firm, watch: Watch, verb) -> None:
    row, early = ask(firm), ask(firm)
    watch.to(row.due_before - TICK)
    verb(early, by=firm.mark)
    watch.to(row.due_before)
    with refused(Overdue) as caught, nothing_changes():
        verb(row, by=firm.mark)
    assert caught.value.lead_ids == [row.lead_id]
    with refused(Overdue), nothing_changes():
        ask_extension(row.lead, reason="x", by=firm.rita)


@pytest.mark.parametrize("end", ["convert", "release", "invalid"])
def test_R7_4_a_request_dies_when_the_lead_leaves_another_way(firm: Firm, watch: Watch, end: str) -> None:
    row = ask(firm)
    watch.go(hours=1)
    if end == "convert":
        convert(row.lead, by=firm.rita, **firm.need())
    elif end == "release":
        release(row.lead, reason="no_fit", by=firm.rita)
    else:
        firm.call(row.lead, "empty_number", by=firm.rita)
    assert fresh(row.lead).state != State.SQL
    assert (fresh(row).state, fresh(row).decided_at) == ("lapsed", watch.now)
    with refused(AlreadyDecided):
        approve_extension(row, by=firm.mark)


def test_a_request_is_allowed_only_where_it_is_possible(firm: Firm, watch: Watch) -> None:
    lead = firm.an_sql()

    def may(user: User) -> bool:
        return "extend" in allowed_actions([fresh(lead)], user, watch.now)[lead.pk]

    assert may(firm.rita) and not may(firm.mark) and not may(firm.rob)
    row = ask(firm, lead)
    assert not may(firm.rita)
    reject_extension(row, by=firm.mark)
    assert may(firm.rita)
    watch.to(lead.due_at)
    assert not may(firm.rita)


def test_R7_3_a_returned_mql_has_nothing_to_prolong(firm: Firm, watch: Watch) -> None:
    lead = return_mql(firm.an_mql(), reason="no_need", by=firm.rita)
    assert not Lead.objects.on_extension().filter(pk=lead.pk).exists()
