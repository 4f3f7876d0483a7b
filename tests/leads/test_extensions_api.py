"""The API of what a manager decides: fields, filters, codes (R4, R7), and marketing's hand in the pool (R10.5)."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from accounts.services import make_key
from leads import services
from leads.models import Extension
from tests.api.conftest import Api, problem, uncounted  # noqa: F401 - requests of tests are not counted
from tests.cast import Firm, Watch, fresh

FIELDS = {
    *("id", "lead", "rep", "reason", "state", "asked_at", "decided_at", "decided_by", "comment"),
    *("due_before", "due_after", "allowed"),
}


def api(user: User) -> Api:
    return Api(make_key(user, scope="write"))


def asked(firm: Firm, rep: User | None = None) -> Extension:
    rep = rep or firm.rita
    return services.ask_extension(firm.an_sql(rep), reason="Friday", by=rep)


def test_R7_1_asking_and_its_refusals(firm: Firm, watch: Watch) -> None:
    lead, rita = firm.an_sql(), api(firm.rita)
    path = f"leads/{lead.pk}/extensions/"
    assert problem(rita.post(path, {}), 422, "reason_required") == [("reason", "required")]
    answer = rita.post(path, {"reason": "Friday"})
    assert answer.status_code == 201 and set(answer.data) == FIELDS
    assert (answer.data["state"], answer.data["rep"]["login"], answer.data["lead"]) == (
        "pending",
        "rita",
        str(lead.pk),
    )
    problem(rita.post(path, {"reason": "again"}), 409, "extension_pending")
    assert [row["id"] for row in rita.get(path).data["results"]] == [answer.data["id"]]
    assert "extend" not in rita.get(f"leads/{lead.pk}/").data["allowed"]
    problem(api(firm.wei).post(path, {"reason": "x"}), 404, "not_found")
    problem(api(firm.mark).post(path, {"reason": "x"}), 403, "forbidden")
    problem(rita.post(path, {"reason": "x", "due_at": "2030-01-01"}), 400, "invalid")


def test_R7_2_R7_3_the_limits_have_their_codes(firm: Firm, watch: Watch) -> None:
    firm.set_rules(extensions_a_rep=1, extensions_a_lead=1)
    row = asked(firm)
    other, rita = firm.an_sql(), api(firm.rita)
    problem(rita.post(f"leads/{other.pk}/extensions/", {"reason": "x"}), 422, "extension_limit_rep")
    services.approve_extension(row, by=firm.mark)
    problem(rita.post(f"leads/{row.lead_id}/extensions/", {"reason": "x"}), 422, "extension_limit_lead")


def test_R7_1_deciding_and_its_refusals(firm: Firm, watch: Watch) -> None:
    row, mark = asked(firm), api(firm.mark)
    path = f"extensions/{row.pk}/"
    assert mark.get(path).data["allowed"] == ["approve", "reject"]
    assert api(firm.rita).get(path).data["allowed"] == []
    problem(api(firm.rita).post(f"{path}approve/", {}), 403, "forbidden")
    problem(api(firm.olga).post(f"{path}approve/", {}), 404, "not_found")
    answer = mark.post(f"{path}approve/", {"comment": "Once"})
    assert answer.status_code == 200 and set(answer.data) == FIELDS
    assert (answer.data["state"], answer.data["decided_by"]["login"], answer.data["comment"]) == (
        "approved",
        "mark",
        "Once",
    )
    assert answer.data["due_after"] > answer.data["due_before"]
    for verb in ("approve", "reject"):
        problem(mark.post(f"{path}{verb}/", {}), 409, "already_decided")


def test_R7_4_overdue_is_told_and_the_lead_has_gone(firm: Firm, watch: Watch) -> None:
    row, mark = asked(firm), api(firm.mark)
    watch.to(row.due_before)
    problem(mark.post(f"extensions/{row.pk}/approve/", {}), 409, "overdue")
    assert (fresh(row).state, fresh(row.lead).state) == ("lapsed", "pooled")
    problem(mark.post(f"extensions/{row.pk}/reject/", {}), 409, "already_decided")


def test_R15_2_the_list_by_state_and_rep(firm: Firm, watch: Watch) -> None:
    first, second, west = asked(firm), asked(firm, firm.rob), asked(firm, firm.wei)
    services.reject_extension(second, by=firm.mark)

    def ids(user: User, query: str = "") -> set[str]:
        return {row["id"] for row in api(user).get(f"extensions/{query}").data["results"]}

    assert ids(firm.mark) == {str(first.pk), str(second.pk)}
    assert ids(firm.ada) == {str(first.pk), str(second.pk), str(west.pk)}
    assert ids(firm.mark, "?state=pending") == ids(firm.rita) == {str(first.pk)}
    assert ids(firm.ada, "?rep=rob,wei") == {str(second.pk), str(west.pk)}
    assert ids(firm.tina) == set()
    problem(api(firm.mark).get("extensions/?state=maybe"), 400, "invalid")
    problem(api(firm.mark).get("extensions/?owner=rita"), 400, "invalid")


def test_R10_4_in_the_pool_what_was_written_is_not_read(firm: Firm, watch: Watch) -> None:
    row = asked(firm)
    services.reject_extension(row, by=firm.mark, comment="No more")
    services.release(fresh(row.lead), reason="no_time", by=firm.rita)
    (told,) = api(firm.wei).get(f"leads/{row.lead_id}/extensions/").data["results"]
    assert (told["state"], told["reason"], told["comment"]) == ("rejected", None, None)
    (own,) = api(firm.rita).get("extensions/").data["results"]
    assert (own["reason"], own["comment"]) == ("Friday", "No more")


def test_R4_1_R4_2_objecting_contesting_settling(firm: Firm, watch: Watch) -> None:
    lead, rita, mark = firm.an_mql(), api(firm.rita), api(firm.mark)
    path = f"leads/{lead.pk}/"
    assert "object" in rita.get(path).data["allowed"]
    problem(rita.post(f"{path}object/", {}), 422, "reason_required")
    assert rita.post(f"{path}object/", {"text": "A student"}).status_code == 200
    assert "settle" in mark.get(path).data["allowed"]
    problem(rita.post(f"{path}settle/", {"verdict": "illegal"}), 403, "forbidden")
    problem(mark.post(f"{path}settle/", {"verdict": "maybe"}), 422, "invalid")
    answer = mark.post(f"{path}settle/", {"verdict": "illegal", "text": "Agreed"})
    assert (answer.status_code, answer.data["state"]) == (200, "pooled")
    problem(mark.post(f"{path}settle/", {"verdict": "illegal"}), 409, "already_decided")
    back = firm.pooled("returned")
    path = f"leads/{back.pk}/"
    problem(api(firm.max).post(f"{path}contest/", {"text": "x"}), 409, "transition_not_allowed")
    firm.set_rules(contesting=True)
    assert "contest" in api(firm.max).get(path).data["allowed"]
    assert api(firm.max).post(f"{path}contest/", {"text": "x"}).status_code == 200
    problem(api(firm.max).post(f"{path}contest/", {"text": "x"}), 409, "already_decided")
    assert mark.post(f"{path}settle/", {"verdict": "legal"}).data["state"] == "pooled"


def test_R3_2_taking_a_missed_call(firm: Firm, watch: Watch) -> None:
    lead = firm.an_mql()
    path = f"leads/{lead.pk}/take/"
    problem(api(firm.rob).post(path, {}), 404, "not_found")
    watch.go(minutes=15)
    problem(api(firm.wei).post(path, {}), 404, "not_found")
    answer = api(firm.rob).post(path, {})
    assert (answer.status_code, answer.data["owner"]["login"]) == (200, "rob")
    problem(api(firm.rita).post(f"leads/{lead.pk}/accept/", {}), 409, "already_claimed")


def test_R10_5_marketing_hands_on_by_api(firm: Firm, watch: Watch) -> None:
    returned, released, held = firm.pooled("returned"), firm.pooled("released"), firm.an_sql()
    marketing = api(firm.max)

    def hand(**body: Any) -> Any:
        return marketing.post("pool/assign/", body)

    ids = [str(returned.pk), str(held.pk), "nonsense"]
    answer = hand(leads=ids, to={"rep": "wei"}, dry_run=True)
    assert answer.status_code == 200 and fresh(returned).state == "pooled"
    assert [(row["ok"], row.get("code")) for row in answer.data] == [
        (True, None),
        (False, "transition_not_allowed"),
        (False, "not_found"),
    ]
    assert (answer.data[0]["state"], answer.data[0]["owner"]["login"]) == ("mql", "wei")
    assert hand(leads=ids, to="calling").data[0]["state"] == "new"
    answer = hand(filter={"reason": "released"}, to="rules")
    assert [row["lead"] for row in answer.data] == [str(released.pk)]
    assert fresh(released).state == "mql"
    problem(api(firm.rita).post("pool/assign/", {"leads": ids, "to": "calling"}), 403, "forbidden")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"to": "calling"}, 422),
        ({"leads": [], "to": "calling"}, 422),
        ({"leads": ["x"], "filter": {}, "to": "calling"}, 422),
        ({"leads": ["x"], "to": "nowhere"}, 400),
        ({"leads": ["x"], "to": ["calling"]}, 400),
        ({"leads": ["x"], "to": {"rep": "nobody"}}, 400),
        ({"leads": ["x"], "to": {"rep": 5}}, 400),
        ({"leads": ["x"], "to": {"rep": "wei", "team": "x"}}, 400),
        ({"leads": "x", "to": "rules"}, 400),
        ({"filter": "x", "to": "rules"}, 400),
        ({"filter": {"reason": "maybe"}, "to": "rules"}, 400),
        ({"filter": {"owner": "wei"}, "to": "rules"}, 400),
        ({"filter": {"reason": 5}, "to": "rules"}, 400),
        ({"leads": ["x"], "to": "rules", "dry_run": "yes"}, 400),
    ],
)
def test_R10_5_bad_bodies_are_refused(firm: Firm, watch: Watch, body: dict[str, Any], status: int) -> None:
    assert api(firm.max).post("pool/assign/", body).status_code == status


def test_R3_1_only_a_rep_is_handed_to(firm: Firm, watch: Watch) -> None:
    lead = firm.pooled("returned")
    answer = api(firm.max).post("pool/assign/", {"leads": [str(lead.pk)], "to": {"rep": "tina"}})
    assert [(row["ok"], row["code"]) for row in answer.data] == [(False, "invalid")]
