"""What lies beside the way: next chances, losses, drafts, notes, and what is not there yet."""

from typing import Any

import pytest

from tests.api.conftest import problem
from tests.api.firm import Firm

pytestmark = pytest.mark.django_db


def test_a_customer_s_next_chance_is_opened_by_hand(firm: Firm) -> None:
    order = firm.order()
    firm.rita.post(f"orders/{order['id']}/sign/")
    company = order["company"]["id"]
    body = {
        "company": company,
        "kind": "upsell",
        "products": [{"product": str(firm.product.pk)}],
        "headcount": 3,
    }
    answer = firm.rita.post("opportunities/", body)
    assert answer.status_code == 201, answer.content
    assert (answer.data["kind"], answer.data["stage"]) == ("upsell", "confirmed")
    errors = problem(
        firm.rita.post("opportunities/", {"company": company, "kind": "new_business"}), 422, "gate_not_met"
    )
    assert {"kind", "products", "headcount"} <= {field for field, _code in errors}
    assert {field for field, _code in problem(firm.rita.post("opportunities/", {}), 422, "gate_not_met")} == {
        "company",
        "kind",
    }


def test_R8_7_lost_back_and_reopened(firm: Firm) -> None:
    opportunity = firm.opportunity()
    path = f"opportunities/{opportunity['id']}/"
    assert firm.rita.post(f"{path}advance/", {"stage": "negotiation"}).data["stage"] == "negotiation"
    problem(firm.rita.post(f"{path}back/"), 422, "reason_required")
    assert firm.rita.post(f"{path}back/", {"reason": "not yet"}).data["stage"] == "experience"
    problem(firm.rita.post(f"{path}lose/"), 422, "reason_required")
    problem(firm.rita.post(f"{path}lose/", {"reason": "other"}), 422, "reason_required")
    lost = firm.rita.post(f"{path}lose/", {"reason": "price", "competitor": "Somebody"}).data
    assert (lost["stage"], lost["lost_reason"], lost["allowed"]) == ("lost", "price", ["reopen"])
    assert firm.max.get(f"leads/{opportunity['lead']}/").data["pool"]["reason"] == "lost"
    assert firm.rita.post(f"{path}reopen/").data["stage"] == "experience"
    assert firm.max.get(f"leads/{opportunity['lead']}/").data["state"] == "converted"


def test_orders_are_drafted_changed_cancelled(firm: Firm) -> None:
    order = firm.order()
    path = f"orders/{order['id']}/"
    line: dict[str, Any] = {
        "product": str(firm.product.pk),
        "quantity": 3,
        "unit_price": {"amount": "50.00", "currency": "CNY"},
        "discount": 10,
    }
    changed = firm.rita.patch(path, {"lines": [line], "term": {"days": 30}, "starts_on": "2027-01-01"})
    assert changed.status_code == 200, changed.content
    assert changed.data["total"]["amount"] == "135.00"
    assert changed.data["discount"]["amount"] == "15.00"
    assert (changed.data["term"], changed.data["ends_on"]) == ({"days": 30}, "2027-01-30")
    errors = problem(
        firm.rita.patch(path, {"lines": [{**line, "quantity": 0, "discount": 101}]}), 422, "invalid"
    )
    assert {field for field, _code in errors} == {"lines.0.quantity", "lines.0.discount"}
    problem(firm.rita.patch(path, {"lines": [{**line, "unit_price": 5}]}), 400, "invalid")
    problem(firm.rita.patch(path, {"total": {"amount": "1.00", "currency": "CNY"}}), 400, "invalid")
    problem(firm.rita.post(f"{path}sign/", {"signed_on": "2190-01-01"}), 422, "invalid")
    assert firm.rita.post(f"{path}cancel/").data["state"] == "cancelled"
    problem(firm.rita.patch(path, {"starts_on": None}), 409, "transition_not_allowed")


def test_notes_are_kept_and_hidden_in_the_pool(firm: Firm) -> None:
    lead = firm.sql()
    path = f"leads/{lead['id']}/"
    noted = firm.rita.post(f"{path}notes/", {"text": "likes tea"})
    assert noted.status_code == 201
    assert noted.data["note"]["text"] == "likes tea"
    assert [note["text"] for note in firm.rita.get(f"{path}notes/").data["results"]] == ["likes tea"]
    problem(firm.rita.post(f"{path}notes/", {"text": " "}), 422, "invalid")
    firm.rita.post(f"{path}release/", {"reason": "no_time"})
    for page in ("notes/", "calls/", "timeline/"):
        answer = firm.rob.get(path + page)
        assert answer.status_code == 200
        assert "likes tea" not in answer.content.decode()
        assert lead["contact"]["phone"] not in answer.content.decode()


def test_paths_whose_capability_is_not_there_are_404(firm: Firm) -> None:
    lead = firm.sql()["id"]
    for path in ("erase/", "solution/", "quotes/"):
        problem(firm.rita.post(f"leads/{lead}/{path}", {}), 404, "not_found")
    for path in ("renewals/", "tickets/", "webhooks/", "exports/"):
        problem(firm.ada.post(path, {}), 404, "not_found")
