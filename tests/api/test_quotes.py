"""R9.5 by API: quotes are made, changed, sent, revised, read as PDF and accepted; what is wrong is said at once."""

from typing import Any

import pytest

from outreach.models import Message
from tests.api.conftest import problem
from tests.api.firm import CAST, Firm, cny, day, later

pytestmark = pytest.mark.django_db

SEES = {"tina", "rita", "mark", "max", "ada", "ivy"}
WORKS = {"rita", "mark", "ada"}


def line(firm: Firm, **more: Any) -> dict[str, Any]:
    return {"product": str(firm.product.pk), "quantity": 10, **more}


def test_a_quote_of_the_needs_is_exact_to_the_cent(firm: Firm) -> None:
    opportunity = firm.opportunity()["id"]
    plain = firm.rita.post(f"opportunities/{opportunity}/quotes/")
    assert plain.status_code == 201, plain.content
    assert plain.data["total"] == cny("1000.00")
    assert (plain.data["state"], plain.data["revision"], plain.data["version"]) == ("draft", 1, 1)
    assert plain.data["valid_until"] == day(30)
    assert plain.data["opportunity"] == opportunity
    body = {
        "lines": [
            line(firm, unit_price=cny("33.33"), discount=7.5, purpose="the front desk"),
            line(firm, quantity=3, basis="user_year", periods=2, unit_price=cny("12.50")),
        ],
        "discount": 5,
        "tax_rate": 13,
        "term_months": 24,
        "valid_until": day(10),
        "language": "zh-hans",
        "note": "Until spring",
    }
    made = firm.rita.post(f"opportunities/{opportunity}/quotes/", body, Idempotency_Key="q-1")
    assert made.status_code == 201, made.content
    quote = made.data
    first, second = quote["lines"]
    assert (first["unit_price"], first["list_price"], first["total"]) == (
        cny("33.33"),
        cny("100.00"),
        cny("308.30"),
    )
    assert (second["periods"], second["basis"], second["total"]) == (2, "user_year", cny("75.00"))
    assert quote["total"] == cny("364.13")  # 383.30 less 5 %, which are 19.17; the tax within
    assert quote["tax"] == cny("41.89")
    assert quote["net"] == cny("322.24")
    assert (quote["discount"], quote["tax_rate"], quote["language"]) == (5.0, 13.0, "zh-hans")
    again = firm.rita.post(f"opportunities/{opportunity}/quotes/", body, Idempotency_Key="q-1")
    assert (again.content, again["Idempotent-Replayed"]) == (made.content, "true")
    other = {**body, "note": "Until summer"}
    problem(
        firm.rita.post(f"opportunities/{opportunity}/quotes/", other, Idempotency_Key="q-1"),
        422,
        "idempotency_key_reused",
    )
    listed = firm.rita.get(f"opportunities/{opportunity}/quotes/?count=true").data
    assert listed["count"] == 2
    assert [row["number"] for row in listed["results"]] == [quote["number"], plain.data["number"]]
    assert firm.rita.get(f"quotes/{quote['id']}/").data == listed["results"][0]


def test_from_draft_to_contract_without_typing_again(firm: Firm) -> None:
    opportunity = firm.opportunity()["id"]
    quote = firm.quote(opportunity, lines=[line(firm, discount=4)], term_months=12)
    path = f"quotes/{quote['id']}/"
    etag = firm.rita.get(path)["ETag"]
    changed = firm.rita.patch(path, {"note": "As we said", "discount": 1.25}, If_Match=etag)
    assert changed.status_code == 200, changed.content
    assert (changed.data["note"], changed.data["total"]) == ("As we said", cny("948.00"))
    problem(firm.rita.patch(path, {"note": "x"}, If_Match=etag), 412, "stale_version")
    assert firm.rita.get(path).data["note"] == "As we said"
    sent = firm.rita.post(f"{path}send/", {"to": "buyer@example.com", "text": "Please have a look"})
    assert sent.status_code == 200, sent.content
    assert (sent.data["state"], sent.data["sent_to"]) == ("sent", "buyer@example.com")
    assert Message.objects.filter(kind="quote", about_id=quote["id"]).count() == 1
    refused = firm.rita.patch(path, {"note": "x"})
    problem(refused, 409, "transition_not_allowed")
    assert (refused.data["state"], refused.data["allowed"]) == ("sent", ["accept", "revise", "send"])
    new = firm.rita.post(f"{path}revise/")
    assert new.status_code == 201, new.content
    assert (new.data["number"], new.data["revision"], new.data["state"]) == (quote["number"], 2, "draft")
    assert firm.rita.get(path).data["state"] == "revised"
    problem(firm.rita.post(f"{path}accept/"), 409, "transition_not_allowed")
    accepted = firm.rita.post(f"quotes/{new.data['id']}/accept/", {"starts_on": "2027-01-01"})
    assert accepted.status_code == 201, accepted.content
    order = accepted.data["order"]
    assert accepted.data["state"] == "accepted"
    assert (order["quote"], order["total"], order["term"]) == (new.data["id"], cny("948.00"), {"months": 12})
    assert (order["starts_on"], order["ends_on"]) == ("2027-01-01", "2027-12-31")
    problem(firm.rita.post(f"quotes/{new.data['id']}/accept/"), 409, "transition_not_allowed")
    assert firm.rita.get(f"opportunities/{opportunity}/").data["amount"] == cny("948.00")
    other = firm.quote()
    by_orders = firm.rita.post("orders/", {"quote": other["id"]})
    assert by_orders.status_code == 201, by_orders.content
    assert by_orders.data["total"] == other["total"]


def test_the_paper_is_a_pdf_for_who_sees_it(firm: Firm) -> None:
    quote = firm.quote()
    path = f"quotes/{quote['id']}/"
    paper = firm.rita.get(f"{path}?format=pdf")
    assert (paper.status_code, paper["Content-Type"]) == (200, "application/pdf")
    assert paper.content.startswith(b"%PDF-") and quote["number"] in paper["Content-Disposition"]
    assert firm.rita.get(f"{path}?format=json").data["id"] == quote["id"]
    assert problem(firm.rita.get(f"{path}?format=docx"), 400, "invalid") == [("format", "invalid")]
    problem(firm.rob.get(f"{path}?format=pdf"), 404, "not_found")


def test_R15_2_who_may_do_what_to_a_quote(firm: Firm) -> None:
    opportunity = firm.opportunity()["id"]
    quote = firm.quote(opportunity)
    path = f"quotes/{quote['id']}/"
    for who in sorted(CAST):
        client = getattr(firm, who)
        seen = client.get(path)
        assert seen.status_code == (200 if who in SEES else 404), who
        for listed in (f"opportunities/{opportunity}/quotes/",):
            assert client.get(listed).status_code == (200 if who in SEES else 404), who
        if who in SEES:
            allowed = ["accept", "edit", "revise", "send"] if who in WORKS else []
            assert seen.data["allowed"] == allowed, who
        if who in WORKS:
            continue
        refused = (403, "forbidden") if who in SEES else (404, "not_found")
        problem(client.patch(path, {"note": "x"}), *refused)
        problem(client.post(f"opportunities/{opportunity}/quotes/", {}), *refused)
        problem(client.post(f"{path}send/", {"to": "a@example.com"}), *refused)
        for verb in ("revise", "accept"):
            problem(client.post(f"{path}{verb}/"), *refused)
    assert firm.rita.get(path).data == {**quote, "allowed": ["accept", "edit", "revise", "send"]}
    assert firm.mark.patch(path, {"note": "x"}).status_code == 200
    assert firm.ada.post(f"{path}send/", {"to": "a@example.com"}).status_code == 200


def test_wrong_types_are_400_and_all_named(firm: Firm) -> None:
    path = f"opportunities/{firm.opportunity()['id']}/quotes/"
    body = {
        "lines": [{"product": 7, "quantity": "3", "unit_price": 5, "discount": "10", "colour": "red"}],
        "discount": True,
        "tax_rate": 6.125,
        "term_months": 1.5,
        "valid_until": "soon",
        "language": 3,
        "price": 1,
    }
    fields = {field for field, _code in problem(firm.rita.post(path, body), 400, "invalid")}
    assert fields == {
        "lines.0.product",
        "lines.0.quantity",
        "lines.0.unit_price",
        "lines.0.discount",
        "lines.0.colour",
        "discount",
        "tax_rate",
        "term_months",
        "valid_until",
        "language",
        "price",
    }
    for lines in ({}, "x", [5], [[]]):
        problem(firm.rita.post(path, {"lines": lines}), 400, "invalid")
    assert firm.rita.get(path).data["results"] == []


def test_what_a_rule_refuses_is_422_and_all_named_with_the_value(firm: Firm) -> None:
    path = f"opportunities/{firm.opportunity()['id']}/quotes/"
    body = {
        "lines": [
            line(firm, quantity=0),
            line(firm, discount=100.5),
            line(firm, basis="per_moon"),
            line(firm, periods=-1, basis="user_month", unit_price=cny("1.00")),
        ],
        "discount": 101,
        "tax_rate": -1,
        "term_months": 601,
        "valid_until": "2020-01-01",
        "language": "tlh",
    }
    answer = firm.rita.post(path, body)
    fields = {field for field, _code in problem(answer, 422, "invalid")}
    assert fields == {
        "lines.0.quantity",
        "lines.1.discount",
        "lines.2.basis",
        "lines.3.periods",
        "discount",
        "tax_rate",
        "term_months",
        "valid_until",
        "language",
    }
    told = {row["field"]: row["message"] for row in answer.data["errors"]}
    values = {"discount": "101", "term_months": "601", "language": "tlh", "lines.1.discount": "100.5"}
    for field, value in values.items():
        assert value in told[field], (field, told[field])
    assert problem(firm.rita.post(path, {"lines": []}), 422, "invalid")[0][0] == "lines"
    most = [line(firm, unit_price=cny("999999999999.99"), quantity=2_000_000_000)]
    problem(firm.rita.post(path, {"lines": most}), 422, "invalid")
    assert firm.rita.get(path).data["results"] == []


def test_an_address_and_a_day_are_asked_for_before_it_is_sent(firm: Firm) -> None:
    quote = firm.quote(valid_until=day(1))
    path = f"quotes/{quote['id']}/"
    assert problem(firm.rita.post(f"{path}send/"), 422, "invalid") == [("to", "required")]
    assert problem(firm.rita.post(f"{path}send/", {"to": "nobody"}), 422, "invalid") == [("to", "invalid")]
    problem(firm.rita.post(f"{path}send/", {"to": 5}), 400, "invalid")
    with later(days=2):
        errors = problem(firm.rita.post(f"{path}send/", {"to": "x"}), 422, "invalid")
        assert errors == [("to", "invalid"), ("valid_until", "past")]
        assert problem(firm.rita.post(f"{path}accept/"), 422, "invalid") == [("quote", "expired")]
        seen = firm.rita.get(path).data
        assert (seen["expired"], seen["allowed"]) == (True, ["edit", "revise"])
    assert not Message.objects.exists()


def test_a_closed_opportunity_takes_no_quote(firm: Firm) -> None:
    opportunity = firm.opportunity()["id"]
    quote = firm.quote(opportunity)
    firm.rita.post(f"opportunities/{opportunity}/lose/", {"reason": "price"})
    for path in (f"opportunities/{opportunity}/quotes/", f"quotes/{quote['id']}/revise/"):
        problem(firm.rita.post(path), 409, "transition_not_allowed")
    assert firm.rita.get(f"quotes/{quote['id']}/").data["allowed"] == []
