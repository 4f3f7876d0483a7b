"""Truth for the loser: who held an opportunity within the last day reads that a colleague has it now, not 404."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.test import Client

from accounts.services import make_key
from contacts.selectors import timeline
from core.errors import AlreadyClaimed
from leads.services import assign
from opportunities.models import Opportunity
from opportunities.services import lose, update
from orders.services import sign
from pool.services import claim
from tests.cast import Firm, Watch
from tests.content import refused


def _answers(firm: Firm, chance: Opportunity) -> list[Any]:
    client = Client()
    client.force_login(firm.rita)
    headers = {"Authorization": f"Bearer {make_key(firm.rita, scope='write')}"}
    return [
        client.post(f"/opportunities/{chance.pk}/advance/"),
        Client().post(
            f"/api/v1/opportunities/{chance.pk}/advance/",
            {},
            content_type="application/json",
            headers=headers,
        ),
    ]


def test_R6_5_who_had_it_reads_that_it_is_somebody_elses_for_a_day(firm: Firm, watch: Watch) -> None:
    chance = firm.an_opportunity()
    assign(chance.lead, rep=firm.wei, by=firm.mark)
    watch.go(hours=23)
    page, api = _answers(firm, chance)
    assert (page.status_code, api.status_code, api.json()["code"]) == (409, 409, "already_claimed")
    watch.go(hours=2)
    assert [answer.status_code for answer in _answers(firm, chance)] == [404, 404]


def test_R15_2_reading_it_is_over_at_once(firm: Firm, watch: Watch) -> None:
    chance = firm.an_opportunity()
    assign(chance.lead, rep=firm.wei, by=firm.mark)
    client = Client()
    client.force_login(firm.rita)
    assert client.get(f"/opportunities/{chance.pk}/").status_code == 404
    assert client.get(f"/api/v1/opportunities/{chance.pk}/").status_code == 404


def test_R6_5_a_contract_that_went_along_is_told_as_taken_too(firm: Firm, watch: Watch) -> None:
    order = firm.an_order()
    assign(order.opportunity.lead, rep=firm.wei, by=firm.mark)
    watch.go(hours=23)
    client = Client()
    client.force_login(firm.rita)
    headers = {"Authorization": f"Bearer {make_key(firm.rita, scope='write')}"}
    with refused(AlreadyClaimed):
        sign(order, by=firm.rita)
    assert client.post(f"/orders/{order.pk}/sign/").status_code == 409
    told = Client().post(f"/api/v1/orders/{order.pk}/sign/", {}, "application/json", headers=headers)
    assert (told.status_code, told.json()["code"]) == (409, "already_claimed")
    watch.go(hours=2)
    assert client.post(f"/orders/{order.pk}/sign/").status_code == 404
    assert client.post(f"/opportunities/{order.opportunity_id}/advance/").status_code == 404


def test_R15_2_amounts_of_an_opportunity_are_for_who_sees_it(firm: Firm, watch: Watch) -> None:
    """The next holder reads what happened with the person, not what the one before had offered."""
    chance = firm.an_opportunity()
    update(chance, by=firm.rita, amount=Decimal("9000"))
    lose(chance, reason="price", by=firm.rita)
    claim(chance.lead, by=firm.wei)

    def told(user: Any) -> list[str]:
        entries = timeline(chance.contact_id, user=user)
        return [e.event.verb for e in entries if "amount" in e.event.data]

    assert told(firm.wei) == []
    assert "opportunity_changed" in told(firm.mark)
    assert {"opened", "lost"} <= {e.event.verb for e in timeline(chance.contact_id, user=firm.wei)}
