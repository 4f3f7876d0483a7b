"""R6.2, R15.2: the person behind a lead is edited by one verb, from the lead's page, its API, or the contact's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.services import make_key
from contacts.services import update_contact
from core.errors import Overdue
from leads.models import Lead
from leads.rules import State
from leads.services import edit, expire_due
from tests.cast import Firm, Watch, fresh
from tests.content import refused


def _page(firm: Firm, lead: Lead) -> Any:
    client = Client()
    client.force_login(firm.rita)
    return client.post(f"/leads/{lead.pk}/contact/", {"name": "Li Lei", "title": "Boss"})


def _api(firm: Firm, path: str, body: dict[str, Any]) -> Any:
    key = make_key(firm.rita, scope="write")
    return Client().patch(
        f"/api/v1/{path}", body, content_type="application/json", headers={"Authorization": f"Bearer {key}"}
    )


EDGES: dict[str, Callable[[Firm, Lead], Any]] = {
    "page of the lead": _page,
    "API of the lead": lambda firm, lead: _api(firm, f"leads/{lead.pk}/", {"contact": {"title": "Boss"}}),
    "API of the contact": lambda firm, lead: _api(firm, f"contacts/{lead.contact_id}/", {"title": "Boss"}),
}


@pytest.mark.parametrize("edge", EDGES)
def test_R6_2_no_edge_edits_the_contact_of_an_overdue_lead(firm: Firm, watch: Watch, edge: str) -> None:
    lead = firm.an_sql()
    watch.to(lead.due_at)
    answer = EDGES[edge](firm, lead)
    assert answer.status_code == 409, answer.content
    after = fresh(lead)
    assert (after.state, after.pooled_at, after.contact.title) == (State.POOLED, lead.due_at, "")


@pytest.mark.parametrize("edge", ["page of the lead", "API of the lead"])
def test_R6_2_the_last_holder_reads_it_after_the_sweep_too(firm: Firm, watch: Watch, edge: str) -> None:
    lead = firm.an_sql()
    watch.to(lead.due_at)
    expire_due(None, watch.now)
    assert EDGES[edge](firm, lead).status_code == 409


@pytest.mark.parametrize("edge", EDGES)
def test_a_holder_edits_the_contact(firm: Firm, watch: Watch, edge: str) -> None:
    lead = firm.an_sql()
    assert EDGES[edge](firm, lead).status_code in (200, 302)
    assert fresh(lead).contact.title == "Boss"


def test_R6_2_the_verbs_say_so(firm: Firm, watch: Watch) -> None:
    lead = firm.an_sql()
    watch.to(lead.due_at)
    for tried in (
        lambda: update_contact(lead.contact, by=firm.rita, title="Boss"),
        lambda: edit(lead, by=firm.rita, contact={"title": "Boss"}),
        lambda: edit(lead, by=firm.rita, step=("Call", None)),
    ):
        with refused(Overdue) as caught:
            tried()
        assert caught.value.lead_ids == [lead.pk]


def test_R11_1_a_rep_says_in_which_language_a_person_is_written_to(firm: Firm, watch: Watch) -> None:
    lead, browser = firm.an_sql(), Client()
    browser.force_login(firm.rita)
    browser.post(f"/leads/{lead.pk}/contact/", {"name": "Ann Lee", "language": "en"})
    assert fresh(lead.contact).language == "en"
    assert browser.post(f"/leads/{lead.pk}/contact/", {"language": "xx"}).status_code == 422
    assert fresh(lead.contact).language == "en"
