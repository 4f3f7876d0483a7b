"""Lists of the trunk: filters, search, masks, and as many queries for 30 rows as for one."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.api.conftest import problem
from tests.api.firm import Firm, later
from tests.sizes import in_turn

pytestmark = pytest.mark.django_db


def _ids(answer: Any) -> set[str]:
    assert answer.status_code == 200, answer.content
    return {row["id"] for row in answer.data["results"]}


def test_leads_are_found_by_each_filter(firm: Firm) -> None:
    new, mql, sql, pooled = firm.capture(), firm.mql(), firm.sql(), firm.pooled()
    leads = {"new": new["id"], "mql": mql["id"], "sql": sql["id"], "pooled": pooled["id"]}

    def found(query: str) -> set[str]:
        ids = _ids(firm.max.get(f"leads/?{query}"))
        return {name for name, pk in leads.items() if pk in ids}

    assert found("") == set(leads)
    assert found("state=new,sql") == {"new", "sql"}
    assert found("owner=rita") == {"mql", "sql"}
    assert found(f"owner=rob,{firm.user('rita').pk}") == {"mql", "sql"}
    assert found("team=East") == {"mql", "sql"}
    assert found("source=fair") == set(leads)
    assert found("source=other") == set()
    assert found("segment=some_interest") == {"pooled"}
    assert found("due_after=2020-01-01") == {"sql"}
    assert found("due_before=2020-01-01") == set()
    assert found("created_after=2020-01-01T00:00:00Z") == set(leads)
    assert found("created_before=2020-01-01T00:00:00Z") == set()
    assert found("on_extension=true") == set()
    assert found("on_extension=false") == set(leads)
    assert found(f"q={sql['contact']['phone'][-6:]}") == {"sql"}
    for ordering in ("due_at", "-due_at", "created_at", "-last_touch_at"):
        rows = firm.max.get(f"leads/?ordering={ordering}&page_size=200").data["results"]
        assert len(rows) == 4
        if "due_at" in ordering:
            assert rows[0]["id"] == sql["id"]


@pytest.mark.parametrize(
    ("path", "query", "field"),
    [
        ("leads/", "state=merged", "state"),
        ("leads/", "segment=x", "segment"),
        ("leads/", "team=Nowhere", "team"),
        ("leads/", "on_extension=1", "on_extension"),
        ("leads/", "stage=won", "stage"),
        ("pool/", "reason=x", "reason"),
        ("pool/", "state=pooled", "state"),
        ("opportunities/", "stage=open", "stage"),
        ("opportunities/", "at_risk=maybe", "at_risk"),
        ("opportunities/", "expected_close_before=2027-01-01T00:00:00Z", "expected_close_before"),
        ("opportunities/", "company=5", "company"),
        ("orders/", "state=open", "state"),
        ("orders/", "signed_after=x", "signed_after"),
        ("contacts/", "page=2", "page"),
        ("companies/", "customer=x", "customer"),
        ("products/", "limit=5", "limit"),
        ("rulebook/history/", "key=x", "key"),
        ("me/", "x=1", "x"),
    ],
)
def test_filters_that_are_not_right_are_400(firm: Firm, path: str, query: str, field: str) -> None:
    assert [name for name, _code in problem(firm.ada.get(f"{path}?{query}"), 400, "invalid")] == [field]


def test_R10_4_the_pool_is_masked_in_search_too(firm: Firm) -> None:
    lead = firm.capture(name="刘德华", phone="13811112222", email="andy@example.com", company_name="Star Ltd")
    firm.tina.post(f"leads/{lead['id']}/calls/", {"outcome": "interested", "rep": "rita"})
    firm.rita.post(f"leads/{lead['id']}/accept/")
    firm.rita.post(f"leads/{lead['id']}/release/", {"reason": "no_time"})
    contact = lead["contact"]["id"]
    for client in (firm.rob, firm.max, firm.ada):
        row = client.get("pool/?q=刘德").data["results"][0]
        assert row["contact"]["phone"] == "138****2222"
        assert row["contact"]["email"] == "a****@example.com"
        for path in ("pool/", "leads/"):
            for whole in ("刘德", "Star", "138 1111 2222", "%2B8613811112222", "ANDY@example.com"):
                assert lead["id"] in _ids(client.get(f"{path}?q={whole}")), (path, whole)
            for part in ("1111222", "andy", "3811112"):
                assert _ids(client.get(f"{path}?q={part}")) == set(), (path, part)
    for path in (f"leads/{lead['id']}/", f"contacts/{contact}/", "contacts/", "pool/", "leads/"):
        answer = firm.max.get(path)
        assert answer.status_code == 200
        assert "13811112222" not in answer.content.decode()
        assert "andy@" not in answer.content.decode()
    assert _ids(firm.max.get("contacts/?q=1111222")) == set()
    assert _ids(firm.max.get("contacts/?q=13811112222")) == {contact}
    claimed = firm.rob.post(f"pool/{lead['id']}/claim/").data
    assert claimed["contact"]["phone"] == "+8613811112222"
    assert _ids(firm.max.get("contacts/?q=1111222")) == {contact}


def test_the_pool_says_why_not(firm: Firm) -> None:
    lead = firm.pooled()

    def part(client: Any) -> dict[str, Any]:
        return client.get("pool/?segment=some_interest&reason=released").data["results"][0]["pool"]

    assert (part(firm.rob)["claimable_by_me"], part(firm.rob)["why_not"]) == (True, None)
    assert (part(firm.rita)["claimable_by_me"], part(firm.rita)["why_not"]) == (False, "claim_cooldown")
    assert part(firm.max)["claimable_by_me"] is False
    assert "claim" in firm.rob.get(f"leads/{lead['id']}/").data["allowed"]
    firm.ada.patch("rulebook/", {"claims_a_day": 0})
    assert part(firm.rob)["why_not"] == "claim_limit_day"
    problem(firm.rob.post(f"pool/{lead['id']}/claim/"), 422, "claim_limit_day")
    firm.ada.patch("rulebook/", {"claims_a_day": None, "capacity": 1})
    assert firm.rob.post(f"pool/{lead['id']}/claim/").status_code == 200
    second = firm.capture()
    firm.ada.patch("rulebook/", {"capacity": None})
    firm.tina.post(f"leads/{second['id']}/calls/", {"outcome": "interested", "rep": "rita"})
    firm.rita.post(f"leads/{second['id']}/accept/")
    firm.rita.post(f"leads/{second['id']}/release/", {"reason": "no_fit"})
    firm.ada.patch("rulebook/", {"capacity": 1})
    problem(firm.rob.post(f"pool/{second['id']}/claim/"), 422, "capacity_reached")


def test_opportunities_and_orders_are_found_by_each_filter(firm: Firm) -> None:
    order = firm.order()
    opportunity = order["opportunity"]
    company = order["company"]["id"]
    for query in (
        "stage=confirmed",
        "kind=new_business",
        "owner=rita",
        "team=East",
        f"company={company}",
        "q=Needful",
    ):
        assert opportunity in _ids(firm.mark.get(f"opportunities/?{query}")), query
    for query in ("stage=won", "kind=renewal", "owner=rob", "team=West", "q=nothing", "at_risk=true"):
        assert opportunity not in _ids(firm.mark.get(f"opportunities/?{query}")), query
    firm.rita.patch(f"opportunities/{opportunity}/", {"expected_close": "2027-03-01"})
    assert opportunity in _ids(firm.mark.get("opportunities/?expected_close_after=2027-03-01"))
    assert opportunity not in _ids(firm.mark.get("opportunities/?expected_close_before=2027-03-01"))
    with later(days=31):
        row = firm.mark.get("opportunities/?at_risk=true").data["results"][0]
        assert (row["id"], row["at_risk"], row["days_over"]) == (opportunity, True, 1)
        assert _ids(firm.mark.get("opportunities/?at_risk=false")) == set()
    for query in ("state=draft", f"company={company}", "owner=rita", f"q={order['number']}", "q=Needful"):
        assert order["id"] in _ids(firm.mark.get(f"orders/?{query}")), query
    firm.rita.post(f"orders/{order['id']}/sign/", {"signed_on": "2026-01-15"})
    assert order["id"] in _ids(firm.mark.get("orders/?signed_after=2026-01-15&signed_before=2026-01-16"))
    assert order["id"] not in _ids(firm.mark.get("orders/?signed_before=2026-01-15"))
    assert company in _ids(firm.rita.get("companies/?customer=true&owner=rita"))


LISTS = {
    "leads/": "sql",
    "pool/": "pooled",
    "opportunities/": "opportunity",
    "orders/": "order",
    "contacts/": "sql",
    "companies/": "opportunity",
}


@pytest.mark.parametrize("path", in_turn(LISTS, {"leads/", "opportunities/"}))
def test_P1_30_rows_take_as_many_queries_as_one(firm: Firm, path: str) -> None:
    kind = LISTS[path]
    clients = [firm.rita, firm.mark, firm.max]
    for client in clients:
        client.get("me/")  # the first use of a key is noted, which is a query of its own
    counts: list[list[int]] = []
    for more in (1, 29):
        for _n in range(more):
            firm.record(kind)
        counts.append([])
        for client in clients:
            with CaptureQueriesContext(connection) as queries:
                answer = client.get(f"{path}?page_size=200")
            assert len(answer.data["results"]) == (1 if more == 1 else 30)
            counts[-1].append(len(queries))
    assert counts[0] == counts[1]
    assert max(counts[1]) <= 15


def test_the_parts_of_one_lead_take_few_queries(firm: Firm) -> None:
    lead = firm.opportunity()["lead"]
    for path in ("", "timeline/", "calls/", "notes/", "holdings/"):
        with CaptureQueriesContext(connection) as queries:
            assert firm.rita.get(f"leads/{lead}/{path}").status_code == 200
        assert len(queries) <= 15
