"""Products, price lists and cases by API: read by all, kept by marketing and administrators (R8.6, R9.5)."""

import pytest

from tests.api.conftest import problem
from tests.api.firm import CAST, Firm, cny, day

pytestmark = pytest.mark.django_db

KEEPS = {"max", "ada"}


def test_R9_5_a_price_list_is_kept_by_marketing_and_holds_from_its_day_on(firm: Firm) -> None:
    path = f"products/{firm.product.pk}/prices/"
    body = {"basis": "user_year", "price": cny("88.00"), "valid_from": day(0)}
    for who in sorted(CAST):
        client = getattr(firm, who)
        assert client.get(path).status_code == 200, who
        if who not in KEEPS:
            problem(client.post(path, body), 403, "forbidden")
    made = firm.max.post(path, body, Idempotency_Key="p-1")
    assert made.status_code == 201, made.content
    assert (made.data["price"], made.data["valid_until"], made.data["list"]) == (cny("88.00"), None, "")
    assert firm.max.post(path, body, Idempotency_Key="p-1")["Idempotent-Replayed"] == "true"
    assert firm.rita.get(path).data["results"] == [made.data]
    quote = firm.quote(
        lines=[{"product": str(firm.product.pk), "quantity": 2, "basis": "user_year", "periods": 3}]
    )
    assert quote["total"] == cny("528.00")
    # Years that are not named are those of the term.
    years = firm.quote(
        lines=[{"product": str(firm.product.pk), "quantity": 2, "basis": "user_year"}], term_months=24
    )
    assert years["lines"][0]["periods"] == 2 and years["total"] == cny("352.00")
    again = firm.rita.patch(
        f"quotes/{years['id']}/",
        {"lines": [{"product": str(firm.product.pk), "quantity": 2, "basis": "user_year"}]},
        If_Match="*",
    )
    assert again.status_code == 200 and again.data["lines"][0]["periods"] == 2
    dear = {**body, "basis": "user_month", "price": cny("9.50"), "valid_from": day(5)}
    assert firm.ada.post(path, dear).status_code == 201
    early = firm.rita.post(
        f"opportunities/{quote['opportunity']}/quotes/",
        {"lines": [{"product": str(firm.product.pk), "basis": "user_month"}]},
    )
    assert problem(early, 422, "invalid")[0][0] == "lines.0.unit_price"


def test_what_is_wrong_with_a_price_is_said_at_once(firm: Firm) -> None:
    path = f"products/{firm.product.pk}/prices/"
    assert {field for field, _code in problem(firm.max.post(path, {}), 422, "invalid")} == {
        "price",
        "valid_from",
    }
    backwards = {"price": cny("1.00"), "valid_from": day(5), "valid_until": day(1)}
    assert problem(firm.max.post(path, backwards), 422, "invalid")[0][0] == "valid_until"
    types = {"basis": "moon", "price": "5", "valid_from": 5, "valid_until": "x", "list": 5, "tax": 1}
    assert {field for field, _code in problem(firm.max.post(path, types), 400, "invalid")} == set(types)
    assert firm.rita.get(path).data["results"] == []


def test_R8_6_cases_are_filed_by_marketing_and_found_by_reps(firm: Firm) -> None:
    body = {
        "kind": "video",
        "title": "A dentist",
        "url": "https://example.com/dentist",
        "product": str(firm.product.pk),
        "industry": "health",
    }
    for who in sorted(set(CAST) - KEEPS):
        problem(getattr(firm, who).post("cases/", body), 403, "forbidden")
    made = firm.max.post("cases/", body)
    assert made.status_code == 201, made.content
    assert {name: made.data[name] for name in body} == body
    path = f"cases/{made.data['id']}/"
    for who in sorted(CAST):
        client = getattr(firm, who)
        assert client.get(path).data == made.data, who
        assert client.get("cases/?q=dentist").data["results"] == [made.data], who
        if who not in KEEPS:
            problem(client.patch(path, {"title": "x"}), 403, "forbidden")
    changed = firm.ada.patch(path, {"active": False}, If_Match=made["ETag"])
    assert (changed.data["active"], changed.data["title"]) == (False, "A dentist")
    problem(firm.ada.patch(path, {"active": True}, If_Match=made["ETag"]), 412, "stale_version")
    assert firm.rita.get("cases/?active=true").data["results"] == []
    wrong = {"title": " ", "url": "javascript:alert(1)"}
    assert {field for field, _code in problem(firm.max.patch(path, wrong), 422, "invalid")} == {
        "title",
        "url",
    }
    types = {"kind": "song", "title": 5, "product": 5, "active": "no", "stars": 5}
    assert {field for field, _code in problem(firm.max.post("cases/", types), 400, "invalid")} == set(types)
    problem(firm.rita.get("cases/?stars=5"), 400, "invalid")
