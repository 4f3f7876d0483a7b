"""R15.3: when a person leaves, one action hands everything over and the person cannot log in any more."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from accounts.models import ApiKey, Notice, SavedView, Session, User
from accounts.services import issue_key, notify
from calling.services import next_lead
from core.errors import Forbidden, RuleRefused
from leads.models import AssignmentRule, Extension, Holding, Lead
from leads.services import approve_extension, ask_extension, leave
from leads.services.leaving import rehearse_leaving
from opportunities.models import Opportunity
from tests.cast import PASSWORD, Firm, Watch, fresh
from tests.content import Log, faults, nothing_changes, refused
from tests.pages import browser

# What belongs to somebody: a leaver has none of it. What they sold and lost stays theirs, as history.
OWNED = """
SELECT 'lead' FROM leads_lead WHERE owner_id = %(user)s
UNION ALL SELECT 'holding' FROM leads_holding WHERE user_id = %(user)s AND to_at IS NULL
UNION ALL SELECT 'extension' FROM leads_extension WHERE rep_id = %(user)s AND state = 'pending'
UNION ALL SELECT 'opportunity' FROM opportunities_opportunity
  WHERE owner_id = %(user)s AND stage NOT IN ('won', 'lost')
UNION ALL SELECT 'order' FROM orders_order
  WHERE owner_id = %(user)s AND state IN ('draft', 'in_approval', 'approved')
UNION ALL SELECT 'company' FROM contacts_company WHERE owner_id = %(user)s
UNION ALL SELECT 'lease' FROM calling_lease WHERE user_id = %(user)s
UNION ALL SELECT 'key' FROM accounts_apikey WHERE user_id = %(user)s AND revoked_at IS NULL
UNION ALL SELECT 'session' FROM accounts_session WHERE user_id = %(user)s
UNION ALL SELECT 'view' FROM accounts_savedview WHERE user_id = %(user)s AND NOT shared
UNION ALL SELECT 'notice' FROM accounts_notice WHERE user_id = %(user)s AND read_at IS NULL
UNION ALL SELECT 'rule' FROM leads_assignmentrule_reps WHERE user_id = %(user)s
"""


def left_behind(user: User) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(OWNED, {"user": user.pk})
        return [kind for (kind,) in cursor.fetchall()]


@pytest.fixture
def full(firm: Firm, watch: Watch) -> dict[str, Any]:
    """Rita has one of everything."""
    firm.set_rules(assignment_rules=True)
    found: dict[str, Any] = {
        "mql": firm.an_mql(firm.rita),
        "sql": firm.an_sql(firm.rita),
        "opportunity": firm.an_opportunity(firm.rita),
        "draft": firm.an_order(firm.rita),
        "signed": firm.a_signed_order(firm.rita),
        "lost": firm.pooled("lost", firm.rita),
    }
    ask_extension(found["sql"], reason="they asked for a week", by=firm.rita)
    rule = AssignmentRule.objects.create(name="all", conditions={})
    rule.reps.set([firm.rita, firm.wei])
    found["rule"] = rule
    SavedView.objects.create(user=firm.rita, page="leads", name="mine", query="q=x")
    issue_key(firm.rita, by=firm.rita, name="phone", scope="read", days=30)
    notify([firm.rita], "call_now", found["mql"], at=watch.now)
    firm.client = browser(firm.rita)  # type: ignore[attr-defined]
    User.objects.filter(pk=firm.rita.pk).update(hats=["rep", "telemarketer"])
    firm.capture()
    assert next_lead(by=fresh(firm.rita)) is not None
    kinds = {"lead", "holding", "extension", "opportunity", "order", "company", "lease", "key", "session"}
    assert set(left_behind(firm.rita)) == kinds | {"view", "notice", "rule"}
    return found


@pytest.mark.parametrize("to", ["person", "rules", "pool"])
def test_R15_3_nothing_of_a_leaver_is_left(firm: Firm, watch: Watch, full: dict[str, Any], to: str) -> None:
    watch.go(hours=1)
    left = leave(firm.rita, by=firm.ada, to=to, person=firm.rob if to == "person" else None)
    assert left_behind(firm.rita) == []
    assert (left.is_active, left.on_duty, left.left_at) == (False, False, watch.now)
    assert fresh(full["signed"]).owner == firm.rita, "who sold it stays on it"
    assert fresh(full["opportunity"]).owner.is_active
    assert fresh(full["draft"]).owner == fresh(full["draft"]).opportunity.owner
    assert Extension.objects.get().state == "lapsed"
    assert full["rule"].reps.get(login="wei")


def test_R15_3_to_a_person_everything_is_a_new_holding_of_that_person(
    firm: Firm, watch: Watch, full: dict[str, Any], log: Log
) -> None:
    due = full["sql"].due_at
    watch.go(hours=1)
    leave(firm.rita, by=firm.ada, to="person", person=firm.rob)
    for row in (*(full[k] for k in ("mql", "sql", "opportunity", "draft")), full["signed"].company):
        assert fresh(row).owner == firm.rob, row
    assert {h.ended for h in Holding.objects.filter(user=firm.rita, to_at=watch.now)} == {"left"}
    assert Holding.objects.open().filter(user=firm.rob, from_at=watch.now, began="given").count() == 2
    assert fresh(full["sql"]).due_at == due, "the week goes along (R6.5)"
    assert Notice.objects.filter(user=firm.rob, kind="call_now", subject_id=full["mql"].pk).exists()
    event = log.only("person_left")
    assert (event.by_id, event.subject_id, event.at) == (firm.ada.pk, firm.rita.pk, watch.now)
    assert event.data["to"] == "person" and event.data["person"] == str(firm.rob.pk)
    assert Opportunity.objects.get(stage="scheduled").owner == firm.rob
    assert set(AssignmentRule.objects.get().reps.all()) == {firm.rob, firm.wei}


def test_R15_3_to_the_pool_goes_what_can(firm: Firm, watch: Watch, full: dict[str, Any]) -> None:
    leave(firm.rita, by=firm.ada, to="pool")
    sql, mql = fresh(full["sql"]), fresh(full["mql"])
    assert (sql.state, sql.pool_reason, sql.pool_detail, sql.claimable) == (
        "pooled",
        "released",
        "left",
        True,
    )
    assert (mql.state, mql.claimable) == ("pooled", False), "a rep has to accept it first"
    assert fresh(full["opportunity"]).owner in (firm.rob, firm.wei, firm.wang)
    holding = Holding.objects.get(lead=sql, user=firm.rita, stage="sql")
    assert holding.ended == "left"


def test_R15_3_by_the_rules_it_spreads(firm: Firm, watch: Watch) -> None:
    for _n in range(6):
        firm.an_sql(firm.rita)
    for _n in range(3):
        firm.an_opportunity(firm.rita)
    User.objects.filter(login="rob").update(last_seen_at=watch.now + timedelta(days=3650))
    leave(firm.rita, by=firm.ada, to="rules")
    owners = Counter(
        Lead.objects.filter(state__in=["sql", "converted"]).values_list("owner__login", flat=True)
    )
    assert owners == {"rob": 3, "wei": 3, "wang": 3}


def test_R15_3_all_of_a_company_goes_to_one_colleague(firm: Firm, watch: Watch) -> None:
    order = firm.a_signed_order(firm.rita)
    for _n in range(3):
        firm.an_sql(firm.rita)
    leave(firm.rita, by=firm.ada, to="rules")
    owner = fresh(order.company).owner
    assert Opportunity.objects.get(stage="scheduled").owner == owner
    assert Lead.objects.get(state="converted").owner == owner


def test_R3_1_by_the_rules_means_by_the_assignment_rules_too(firm: Firm, watch: Watch) -> None:
    firm.set_rules(assignment_rules=True)
    mql, sql = firm.an_mql(firm.rita), firm.an_sql(firm.rita)
    rule = AssignmentRule.objects.create(name="fairs", conditions={"channel": ["Fair"]})
    rule.reps.set([firm.wang])
    leave(firm.rita, by=firm.ada, to="rules")
    assert fresh(mql).owner == fresh(sql).owner == firm.wang


def test_R15_3_when_nobody_has_room_an_mql_waits_and_an_sql_goes_to_the_pool(
    firm: Firm, watch: Watch
) -> None:
    mql, sql = firm.an_mql(firm.rita), firm.an_sql(firm.rita)
    firm.duty()
    leave(firm.rita, by=firm.ada, to="rules")
    assert (fresh(mql).state, fresh(mql).owner) == ("mql", None)
    assert (fresh(sql).state, fresh(sql).pool_detail) == ("pooled", "left")
    assert Notice.objects.filter(kind="queue_waiting", subject_id=mql.pk).exists()


def test_R15_3_a_leavers_mql_waits_in_the_queue_of_the_leavers_team(firm: Firm, watch: Watch) -> None:
    mql = firm.an_mql(firm.wei)
    firm.duty()
    leave(firm.wei, by=firm.ada, to="rules")
    assert (fresh(mql).owner, fresh(mql).team) == (None, firm.west)
    assert [n.user for n in Notice.objects.filter(kind="queue_waiting")] == [firm.olga]


def test_R15_3_an_opportunity_without_an_heir_refuses_it_whole(firm: Firm, watch: Watch) -> None:
    firm.an_mql(firm.rita)
    firm.an_opportunity(firm.rita)
    firm.duty()
    for to in ("rules", "pool"):
        with refused(RuleRefused, "nobody_free") as caught:
            leave(firm.rita, by=firm.ada, to=to)
        assert faults(caught) == [("person", "required")]
    assert fresh(firm.rita).is_active


def test_R15_3_customers_and_later_chances_go_on_though_nobody_has_room(firm: Firm, watch: Watch) -> None:
    order = firm.a_signed_order(firm.rita)
    firm.set_rules(capacity=1)
    for rep in (firm.rob, firm.wei, firm.wang):
        firm.an_sql(rep)
    leave(firm.rita, by=firm.ada, to="rules")
    assert fresh(order.company).owner in (firm.rob, firm.wei, firm.wang)


def test_R15_3_a_named_person_takes_over_beyond_the_capacity(firm: Firm, watch: Watch) -> None:
    sql, chance = firm.an_sql(firm.rita), firm.an_opportunity(firm.rita)
    firm.set_rules(capacity=1)
    firm.an_sql(firm.rob)
    leave(firm.rita, by=firm.ada, to="person", person=firm.rob)
    assert fresh(sql).owner == fresh(chance).owner == firm.rob


def test_R6_2_what_is_over_goes_to_the_pool_as_expired(firm: Firm, watch: Watch) -> None:
    sql = firm.an_sql(firm.rita)
    watch.go(days=8)
    leave(firm.rita, by=firm.ada, to="person", person=firm.rob)
    assert (fresh(sql).state, fresh(sql).pool_reason, fresh(sql).owner) == ("pooled", "expired", None)


def test_R15_3_a_rule_without_any_rep_left_rests(firm: Firm, watch: Watch) -> None:
    firm.set_rules(assignment_rules=True)
    rule = AssignmentRule.objects.create(name="all", conditions={})
    rule.reps.set([firm.rita])
    leave(firm.rita, by=firm.ada, to="rules")
    assert not fresh(rule).active
    assert firm.call(firm.capture(), "interested")[1].owner is not None


def test_Q22_sessions_end_at_the_next_request_and_keys_are_dead(firm: Firm, watch: Watch) -> None:
    client = browser(firm.rita)
    secret = issue_key(firm.rita, by=firm.rita, name="phone", scope="read", days=30)
    program = Client(headers={"Authorization": f"Bearer {secret}"})
    assert client.get("/").status_code == 200 and program.get("/api/v1/me/").status_code == 200
    leave(firm.rita, by=firm.ada, to="rules")
    assert client.get("/")["Location"].startswith("/login/")
    assert client.get("/api/v1/me/").status_code in (401, 403)
    assert program.get("/api/v1/me/").status_code == 401
    again = Client()
    answer = again.post("/login/", {"login": "rita", "password": PASSWORD}, follow=True)
    assert "This account is closed." in answer.content.decode()
    assert again.get("/")["Location"].startswith("/login/")
    assert not Session.objects.filter(user=firm.rita).exists()
    assert ApiKey.objects.get().revoked_at is not None


@pytest.mark.parametrize("login", ["rita", "mark", "max", "tina", "ivy"])
def test_R15_3_only_an_administrator_lets_people_leave(firm: Firm, watch: Watch, login: str) -> None:
    with refused(Forbidden):
        leave(firm.rob, by=firm.people[login], to="rules")
    with refused(Forbidden):
        rehearse_leaving(firm.rob, by=firm.people[login], to="rules")


def test_R15_3_what_speaks_against_leaving(firm: Firm, watch: Watch) -> None:
    def wrong(user: User, **how: Any) -> list[tuple[str, str]]:
        with refused(RuleRefused) as caught:
            leave(user, by=firm.ada, **how)
        return faults(caught)

    assert wrong(firm.ada, to="rules") == [("user", "self")]
    assert wrong(firm.rita, to="mars") == [("to", "invalid")]
    assert wrong(firm.rita, to="person") == [("person", "required")]
    assert wrong(firm.rita, to="person", person=firm.rita) == [("person", "required")]
    assert wrong(firm.rita, to="person", person=firm.mark) == [("person", "required")]
    leave(firm.rob, by=firm.ada, to="rules")
    assert wrong(firm.rita, to="person", person=firm.rob) == [("person", "required")]
    assert wrong(firm.rob, to="rules") == [("user", "left")]


@pytest.mark.parametrize("to", ["person", "rules", "pool"])
def test_R10_8_the_rehearsal_is_what_happens_and_changes_nothing(
    firm: Firm, watch: Watch, full: dict[str, Any], to: str
) -> None:
    heir = firm.rob if to == "person" else None
    with nothing_changes():
        plan = rehearse_leaving(firm.rita, by=firm.ada, to=to, person=heir)
    assert plan.refusal is None
    assert {line.kind for line in plan.lines} == {
        "mql",
        "sql",
        "opportunity",
        "scheduled",
        "company",
        "order",
    }
    leave(firm.rita, by=firm.ada, to=to, person=heir)
    for line in plan.lines:
        now = fresh(line.record)
        assert now.owner == line.person, line
        assert line.person or line.place == "pool"
    assert sum(sum(where.values()) for where in plan.counts.values()) == len(plan.lines)


def test_R10_8_a_rehearsal_says_why_it_would_be_refused(firm: Firm, watch: Watch) -> None:
    firm.an_opportunity(firm.rita)
    firm.duty()
    with nothing_changes():
        plan = rehearse_leaving(firm.rita, by=firm.ada, to="rules")
    assert plan.refusal is not None and plan.refusal.code == "nobody_free" and plan.lines == []


def test_R15_3_who_holds_nothing_just_leaves(firm: Firm, watch: Watch, log: Log) -> None:
    leave(firm.tina, by=firm.ada, to="rules")
    assert log.verbs() == ["person_left"] and not fresh(firm.tina).is_active


def test_R7_1_what_a_manager_had_to_decide_others_decide(firm: Firm, watch: Watch) -> None:
    sql = firm.an_sql(firm.rita)
    asked = ask_extension(sql, reason="they asked for a week", by=firm.rita)
    leave(firm.mark, by=firm.ada, to="rules")
    assert fresh(asked).state == "pending" and fresh(sql).owner == firm.rita
    assert approve_extension(asked, by=firm.ada).state == "approved"


def test_R15_3_what_was_shared_stays_everybodys(firm: Firm, watch: Watch) -> None:
    for shared in (False, True):
        SavedView.objects.create(
            user=firm.rita, page="leads", name=f"view {shared}", query="q=x", shared=shared
        )
    leave(firm.rita, by=firm.ada, to="rules")
    assert SavedView.objects.get().shared


def test_R15_3_the_api_lets_a_person_leave_and_says_what_is_wrong(firm: Firm, watch: Watch) -> None:
    sql = firm.an_sql(firm.rita)
    secret = issue_key(firm.ada, by=firm.ada, name="x", scope="admin", days=30)
    api = Client(headers={"Authorization": f"Bearer {secret}"})

    def post(login: str, **body: Any) -> Any:
        return api.post(f"/api/v1/users/{login}/leave/", body, content_type="application/json")

    wrong = post("rita", to="person")
    assert wrong.status_code == 422 and "person" in wrong.content.decode()
    assert post("rita", to="moon").status_code == 422
    assert post("nobody", to="rules").status_code == 404
    assert fresh(firm.rita).is_active and fresh(sql).owner == firm.rita
    done = post("rita", to="person", person="rob")
    assert done.status_code == 200 and done.json()["left_at"]
    assert fresh(sql).owner == firm.rob
    assert post("rita", to="rules").status_code == 422
