"""R9.1 to R9.3 by API: contracts through their states, approval, payments, refunds and the schedule."""

from typing import Any

import pytest

from core.services import run_sweeps
from tests.api.conftest import problem
from tests.api.firm import CAST, Firm, cny, day, later

pytestmark = pytest.mark.django_db

SEES = {"tina", "rita", "mark", "max", "ada", "ivy"}
WORKS = {"rita", "mark", "ada"}
BOOKS = {*WORKS, "sue"}


def a_draft(firm: Firm, **more: Any) -> str:
    made = firm.rita.post("orders/", {"opportunity": firm.opportunity()["id"], **more})
    assert made.status_code == 201, made.content
    return f"orders/{made.data['id']}/"


def in_approval(firm: Firm) -> str:
    firm.ada.patch("rulebook/", {"order_approval": True})
    path = a_draft(firm, discount=20)
    asked = firm.rita.post(f"{path}submit/")
    assert (asked.status_code, asked.data["state"]) == (200, "in_approval"), asked.content
    return path


def test_a_contract_is_written_changed_and_signed_in_one_step(firm: Firm) -> None:
    opportunity = firm.opportunity()["id"]
    body = {
        "opportunity": opportunity,
        "term": {"months": 12},
        "starts_on": "2027-02-01",
        "lines": [
            {"product": str(firm.product.pk), "quantity": 3, "unit_price": cny("99.99"), "discount": 2.5}
        ],
        "discount": 1,
        "other_terms": "Training on two Saturdays",
    }
    made = firm.rita.post("orders/", body, Idempotency_Key="o-1")
    assert made.status_code == 201, made.content
    order = made.data
    assert (order["state"], order["total"], order["ends_on"]) == ("draft", cny("289.55"), "2028-01-31")
    assert order["lines"][0]["total"] == cny("292.47")
    assert (order["paid"], order["open"], order["overdue"]) == (cny("0.00"), cny("0.00"), cny("0.00"))
    assert firm.rita.post("orders/", body, Idempotency_Key="o-1").content == made.content
    path = f"orders/{order['id']}/"
    problem(firm.rita.post("orders/", {"opportunity": opportunity}), 409, "transition_not_allowed")
    changed = firm.rita.patch(path, {"term": {"days": 45}, "discount": 0}, If_Match=made["ETag"])
    assert changed.status_code == 200, changed.content
    assert (changed.data["term"], changed.data["ends_on"]) == ({"days": 45}, "2027-03-17")
    assert changed.data["total"] == cny("292.47")
    problem(firm.rita.patch(path, {"discount": 2}, If_Match=made["ETag"]), 412, "stale_version")
    signed = firm.rita.post(f"{path}sign/", {"signed_on": day(-1)})
    assert signed.status_code == 200, signed.content
    assert (signed.data["state"], signed.data["open"]) == ("signed", cny("292.47"))
    assert firm.rita.get(f"opportunities/{opportunity}/").data["stage"] == "won"
    refused = firm.rita.post(f"{path}sign/")
    problem(refused, 409, "transition_not_allowed")
    assert refused.data["state"] == "signed" and "pay" in refused.data["allowed"]
    problem(firm.rita.patch(path, {"discount": 2}), 409, "transition_not_allowed")


def test_R9_1_signed_from_any_open_stage(firm: Firm) -> None:
    for stage in ("confirmed", "experience", "negotiation"):
        opportunity = firm.opportunity()["id"]
        if stage != "confirmed":
            firm.rita.post(f"opportunities/{opportunity}/advance/", {"stage": stage})
        order = firm.rita.post("orders/", {"opportunity": opportunity}).data["id"]
        assert firm.rita.post(f"orders/{order}/sign/").data["state"] == "signed", stage
        assert firm.rita.get(f"opportunities/{opportunity}/").data["stage"] == "won"


def test_R9_2_a_manager_above_decides_and_nobody_the_own(firm: Firm) -> None:
    path = in_approval(firm)
    for who in sorted(set(CAST) - {"mark", "ada"}):
        refused = (403, "forbidden") if who in SEES else (404, "not_found")
        for verb in ("approve", "reject"):
            problem(getattr(firm, who).post(f"{path}{verb}/", {"comment": "x"}), *refused)
    assert firm.rita.get(path).data["allowed"] == ["cancel"]
    assert firm.mark.get(path).data["allowed"] == ["approve", "cancel", "reject"]
    problem(firm.rita.post(f"{path}sign/"), 409, "transition_not_allowed")
    assert problem(firm.mark.post(f"{path}reject/"), 422, "reason_required") == [("comment", "required")]
    back = firm.mark.post(f"{path}reject/", {"comment": "15 % at most"})
    assert (back.data["state"], back.data["comment"]) == ("draft", "15 % at most")
    assert back.data["decided_by"]["login"] == "mark"
    problem(firm.mark.post(f"{path}approve/"), 409, "already_decided")
    firm.rita.patch(path, {"discount": 15})
    asked = firm.mark.post(f"{path}submit/")
    assert asked.data["state"] == "in_approval"
    problem(firm.mark.post(f"{path}approve/"), 403, "forbidden")  # he asked for it himself
    agreed = firm.ada.post(f"{path}approve/", {"comment": "Once"})
    assert (agreed.status_code, agreed.data["state"]) == (200, "approved"), agreed.content
    assert firm.rita.post(f"{path}sign/").data["state"] == "signed"


def test_R9_2_within_the_standard_nobody_is_asked(firm: Firm) -> None:
    firm.ada.patch("rulebook/", {"order_approval": True})
    path = a_draft(firm, discount=10)
    assert firm.rita.post(f"{path}submit/").data["state"] == "approved"
    problem(firm.mark.post(f"{path}approve/"), 409, "transition_not_allowed")
    off = a_draft(firm, other_terms="Pay when they like")
    problem(firm.rita.post(f"{off}sign/"), 409, "transition_not_allowed")
    firm.ada.patch("rulebook/", {"order_approval": False})
    assert firm.rita.post(f"{off}sign/").status_code == 200


def test_R15_2_who_may_do_what_to_a_contract(firm: Firm) -> None:
    path = a_draft(firm)
    for who in sorted(set(CAST) - WORKS):
        client = getattr(firm, who)
        refused = (403, "forbidden") if who in SEES else (404, "not_found")
        for verb in ("submit", "sign", "cancel", "terminate"):
            problem(client.post(f"{path}{verb}/", {"reason": "x"} if verb == "terminate" else None), *refused)
        problem(client.patch(path, {"discount": 1}), *refused)
        assert client.get(path).status_code == (200 if who in SEES else 404), who
        assert client.get(f"{path}payments/").status_code == (200 if who in SEES else 404), who
    assert firm.rita.get(path).data["state"] == "draft"


def test_R9_3_paid_open_and_overdue_are_exact(firm: Firm) -> None:
    path = f"orders/{firm.signed()['id']}/"
    parts = [
        {"due_on": day(1), "amount": cny("333.33"), "note": "first"},
        {"due_on": day(40), "amount": cny("666.67")},
    ]
    planned = firm.rita.post(f"{path}schedule/", {"parts": parts})
    assert planned.status_code == 200, planned.content
    assert planned.data["schedule"] == [parts[0], {**parts[1], "note": ""}]
    body = {"amount": cny("100.01"), "paid_on": day(0), "method": "transfer", "reference": "T-1"}
    paid = firm.rita.post(f"{path}payments/", body, Idempotency_Key="p-1")
    assert paid.status_code == 201, paid.content
    told = [paid.data[name]["amount"] for name in ("paid", "open", "overdue")]
    assert told == ["100.01", "899.99", "0.00"]
    assert firm.rita.post(f"{path}payments/", body, Idempotency_Key="p-1")["Idempotent-Replayed"] == "true"
    assert problem(firm.rita.post(f"{path}payments/", body), 422, "invalid") == [("reference", "taken")]
    with later(days=2):
        assert firm.rita.get(path).data["overdue"] == cny("233.32")
    more = {"kind": "refund", "amount": cny("0.02"), "paid_on": day(0), "method": "cash", "note": "too much"}
    assert firm.sue.post(f"{path}payments/", more).data["paid"] == cny("99.99")
    rows = firm.rita.get(f"{path}payments/?count=true").data
    assert rows["count"] == 2
    assert {(row["kind"], row["amount"]["amount"], row["by"]["login"]) for row in rows["results"]} == {
        ("receipt", "100.01", "rita"),
        ("refund", "0.02", "sue"),
    }


def test_R9_3_what_is_wrong_with_a_payment_is_said_at_once(firm: Firm) -> None:
    path = f"orders/{firm.signed()['id']}/payments/"
    assert problem(firm.rita.post(path, {}), 422, "invalid") == [
        ("amount", "required"),
        ("paid_on", "required"),
    ]
    wrong = {"amount": cny("0.00"), "paid_on": day(1), "method": "shells"}
    fields = [field for field, _code in problem(firm.rita.post(path, wrong), 422, "invalid")]
    assert fields == ["amount", "paid_on", "method"]
    refund = {**wrong, "kind": "refund", "amount": cny("0.01")}
    answer = firm.rita.post(path, refund)
    fields = [field for field, _code in problem(answer, 422, "invalid")]
    assert fields == ["amount", "paid_on", "method"]
    assert "0.01" in answer.data["errors"][0]["message"]
    types = {"amount": "10.00", "paid_on": 5, "method": [], "reference": {}, "kind": "gift", "tip": 1}
    fields = {field for field, _code in problem(firm.rita.post(path, types), 400, "invalid")}
    assert fields == {"amount", "paid_on", "method", "reference", "kind", "tip"}
    for amount in ("-1.00", "1.001", "1e3", "NaN", "٣", "", "9" * 13, "1,000.00"):
        answer = firm.rita.post(path, {"amount": cny(amount), "paid_on": day(0)})
        assert answer.status_code in (400, 422), amount
    assert firm.rita.get(path).data["results"] == []


def test_R9_3_only_an_order_is_paid_and_who_may_books(firm: Firm) -> None:
    body = {"amount": cny("1.00"), "paid_on": day(0)}
    draft = a_draft(firm)
    problem(firm.rita.post(f"{draft}payments/", body), 409, "transition_not_allowed")
    path = f"orders/{firm.signed()['id']}/"
    for who in sorted(CAST):
        answer = getattr(firm, who).post(f"{path}payments/", body)
        if who in BOOKS:
            assert answer.status_code == 201, (who, answer.content)
        else:
            problem(answer, *((403, "forbidden") if who in SEES else (404, "not_found")))
        planned = getattr(firm, who).post(f"{path}schedule/", {"parts": []})
        assert planned.status_code == (200 if who in BOOKS else 403 if who in SEES else 404), who


def test_R9_3_a_schedule_adds_up_or_is_refused_with_all_that_is_wrong(firm: Firm) -> None:
    path = f"orders/{firm.signed()['id']}/schedule/"
    parts: list[Any] = [
        {"amount": cny("10.00")},
        {"due_on": day(1)},
        {"due_on": "2199-01-01", "amount": cny("0.00")},
    ]
    fields = [field for field, _code in problem(firm.rita.post(path, {"parts": parts}), 422, "invalid")]
    assert fields == ["parts.0.due_on", "parts.1.amount", "parts.2.due_on", "parts.2.amount"]
    short = [{"due_on": day(1), "amount": cny("999.99")}]
    answer = firm.rita.post(path, {"parts": short})
    assert problem(answer, 422, "invalid") == [("parts", "sum")]
    assert "999.99" in answer.data["errors"][0]["message"]
    assert problem(firm.rita.post(path, {}), 422, "invalid") == [("parts", "required")]
    for wrong in (5, {}, [5], [{"due_on": 5}]):
        problem(firm.rita.post(path, {"parts": wrong}), 400, "invalid")


def test_R9_1_in_force_ended_terminated_cancelled(firm: Firm) -> None:
    path = f"orders/{firm.signed(term={'days': 10})['id']}/"
    with later(minutes=1):
        run_sweeps()
        assert firm.rita.get(path).data["state"] == "in_force"
    assert problem(firm.rita.post(f"{path}terminate/"), 422, "reason_required") == [("reason", "required")]
    far = {"reason": "", "terminated_on": "2020-01-01"}
    errors = problem(firm.rita.post(f"{path}terminate/", far), 422, "reason_required")
    assert errors == [("reason", "required"), ("terminated_on", "out_of_range")]
    ended = firm.rita.post(f"{path}terminate/", {"reason": "They moved away"})
    assert (ended.data["state"], ended.data["terminated_on"]) == ("terminated", day(0))
    problem(firm.rita.post(f"{path}cancel/"), 409, "transition_not_allowed")
    draft = a_draft(firm)
    assert firm.rita.post(f"{draft}cancel/").data["state"] == "cancelled"
    refused = firm.rita.post(f"{draft}submit/")
    problem(refused, 409, "transition_not_allowed")
    assert (refused.data["state"], refused.data["allowed"]) == ("cancelled", [])


def test_what_is_wrong_with_a_contract_is_said_at_once(firm: Firm) -> None:
    opportunity = firm.opportunity()["id"]
    assert problem(firm.rita.post("orders/", {}), 422, "invalid") == [("opportunity", "required")]
    body = {
        "opportunity": opportunity,
        "term": {"months": 601, "days": 0},
        "discount": 100.01,
        "lines": [{"product": str(firm.product.pk), "quantity": -5}],
    }
    answer = firm.rita.post("orders/", body)
    fields = {field for field, _code in problem(answer, 422, "invalid")}
    assert fields == {"term", "term.months", "term.days", "discount", "lines.0.quantity"}
    types = {"opportunity": 5, "term": "year", "starts_on": "1.2.", "lines": "x", "discount": "5", "total": 1}
    fields = {field for field, _code in problem(firm.rita.post("orders/", types), 400, "invalid")}
    assert fields == set(types)
    quote = firm.quote(opportunity)["id"]
    both = firm.rita.post("orders/", {"opportunity": opportunity, "quote": quote})
    problem(both, 422, "invalid")
    fixed = firm.rita.post("orders/", {"quote": quote, "discount": 1, "term": {"months": 3}})
    assert problem(fixed, 422, "invalid") == [("discount", "fixed"), ("term", "fixed")]
    problem(firm.rob.post("orders/", {"quote": quote}), 400, "invalid")  # for him there is no such quote
    future = a_draft(firm)
    assert problem(firm.rita.post(f"{future}sign/", {"signed_on": day(1)}), 422, "invalid") == [
        ("signed_on", "future")
    ]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("state=signed", True), ("state=draft,cancelled", False), ("owner=rita", True), ("owner=rob", False),
        ("q=Needful", True), ("q=nothing", False),
        ("signed_after={today}", True), ("signed_before={today}", False), ("signed_before={tomorrow}", True),
        ("signed_after={tomorrow}", False), ("company={company}", True), ("q={number}", True),
        ("ordering=-total", True), ("ordering=signed_on&count=true", True),
    ],
)  # fmt: skip
def test_every_filter_of_the_list_works(firm: Firm, query: str, found: bool) -> None:
    order = firm.signed()
    words = {
        "today": day(0),
        "tomorrow": day(1),
        "company": order["company"]["id"],
        "number": order["number"],
    }
    answer = firm.mark.get(f"orders/?{query.format(**words)}")
    assert answer.status_code == 200, answer.content
    assert bool(answer.data["results"]) == found


@pytest.mark.parametrize(
    "query",
    [
        "stage=won",
        "state=sold",
        "signed_after=soon",
        "owner=nobody",
        "company=5",
        "ordering=price",
        "format=pdf",
    ],
)
def test_a_parameter_that_is_not_right_is_refused(firm: Firm, query: str) -> None:
    problem(firm.rita.get(f"orders/?{query}"), 400, "invalid")
