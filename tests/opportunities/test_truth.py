"""Truth for the loser: who held an opportunity within the last day reads that a colleague has it now, not 404."""

from __future__ import annotations

from typing import Any

from django.test import Client

from accounts.services import make_key
from leads.services import assign
from opportunities.models import Opportunity
from tests.cast import Firm, Watch


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
