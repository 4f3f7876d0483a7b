"""R10.4, R15.2: what of a person in the pool, or of others' people, no answer of the API tells."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.firm import Firm

pytestmark = pytest.mark.django_db


def _timeline(client: Any, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(f"{path}timeline/?page_size=200").data["results"]
    return found


def test_R10_4_who_logs_a_call_in_the_pool_reads_no_number(firm: Firm) -> None:
    lead = firm.pooled()
    number = firm.rita.get(f"leads/{firm.sql()['id']}/").data["contact"]["phone"]
    answer = firm.max.post(f"leads/{lead['id']}/calls/", {"outcome": "no_answer", "note": "engaged"})
    assert answer.status_code == 201
    assert answer.data["call"]["phone"] == lead["contact"]["phone"] != number
    assert "****" in answer.data["call"]["phone"]


def test_R10_4_the_timeline_of_the_pool_tells_no_amount(firm: Firm) -> None:
    opportunity = firm.opportunity()
    assert firm.rita.post("orders/", {"opportunity": opportunity["id"]}).status_code == 201
    firm.rita.patch(f"opportunities/{opportunity['id']}/", {"amount": {"amount": "7.00", "currency": "CNY"}})
    path = f"leads/{opportunity['lead']}/"
    amounts = [e["verb"] for e in _timeline(firm.rita, path) if {"amount", "total"} & e["data"].keys()]
    assert sorted(amounts) == ["drafted", "opened", "opportunity_changed"]
    firm.rita.post(f"opportunities/{opportunity['id']}/lose/", {"reason": "price"})
    for client in (firm.wei, firm.max):
        events = _timeline(client, path)
        assert {"opened", "drafted", "lost"} <= {event["verb"] for event in events}
        assert not [e for e in events if e["texts"] or {"amount", "total"} & e["data"].keys()]


def test_R15_2_a_company_tells_only_of_the_people_one_sees(firm: Firm) -> None:
    opportunity = firm.opportunity()
    company = f"companies/{opportunity['company']['id']}/"
    firm.rita.post(f"leads/{opportunity['lead']}/notes/", {"text": "between us"})
    other = firm.capture()
    firm.tina.post(f"leads/{other['id']}/calls/", {"outcome": "interested", "rep": "wei"})
    firm.wei.post(f"leads/{other['id']}/accept/")
    need = firm.need(company=opportunity["company"]["name"])
    mine = firm.wei.post(f"leads/{other['id']}/convert/", need).data["opportunity"]["id"]
    told = _timeline(firm.wei, company)
    assert {e["subject"]["id"] for e in told if e["verb"] == "opened"} == {mine}
    assert not [e for e in told if e["verb"] == "noted"]
    assert [e["texts"]["text"]["new"] for e in _timeline(firm.max, company) if e["verb"] == "noted"] == [
        "between us"
    ]
