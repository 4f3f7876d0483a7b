"""The same races through the API and the pages: no 5xx, and every loser reads the truth (Q1, R6.2)."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from accounts.services import make_key
from core import clock
from core.models import Event
from leads.models import Lead
from outreach.models import Arrival
from tests import invariants
from tests.races import scene
from tests.races.harness import race

pytestmark = pytest.mark.django_db(transaction=True)


def program(user: User) -> Client:
    """A client that speaks for this person by key."""
    return Client(headers={"Authorization": f"Bearer {make_key(user, scope='write')}"})


def post(client: Client, path: str, body: dict[str, Any] | None = None, **headers: str) -> Any:
    return client.post(
        f"/api/v1/{path}", json.dumps(body or {}), content_type="application/json", headers=headers
    )


def answers(outcomes: list) -> Counter:
    """How often each (status, code) was answered."""
    found = Counter()
    for outcome in outcomes:
        answer = outcome.value
        found[answer.status_code, answer.json().get("code", "")] += 1
    return found


def test_Q1_R10_3_sixteen_programs_claim_one_lead() -> None:
    firm = scene.firm(reps=16)
    programs = [program(rep) for rep in firm.reps]
    for pk in scene.pooled(firm, 5):
        found = answers(race(partial(post, client, f"pool/{pk}/claim/") for client in programs))
        assert found == {(200, ""): 1, (409, "already_claimed"): 15}
    invariants.check()


def test_Q1_R10_3_sixteen_people_click_the_same_button() -> None:
    firm = scene.firm(reps=16)
    clients = []
    for rep in firm.reps:
        clients.append(Client())
        clients[-1].force_login(rep)
    (pk,) = scene.pooled(firm, 1)
    outcomes = race(partial(client.post, f"/pool/{pk}/claim/") for client in clients)
    statuses = Counter(outcome.value.status_code for outcome in outcomes)
    assert sum(count for status, count in statuses.items() if status < 400) == 1
    assert statuses[409] == 15
    invariants.check()


def test_R6_2_an_overdue_lead_met_by_many_at_once_leaves_once() -> None:
    """Rita, her manager and the sweep's absence: all are told that it is over, and it left at its due time."""
    firm = scene.firm()
    due = clock.now() - timedelta(minutes=2)
    (pk,) = scene.sqls(firm, [firm.rita], [due])
    clients = [program(firm.rita), program(firm.mark)] * 4
    body = {"text": "still mine?"}
    found = answers(race(partial(post, client, f"leads/{pk}/notes/", body) for client in clients))
    assert found == {(409, "overdue"): 8}
    assert Event.objects.get(verb="expired").at == due
    assert Lead.objects.get(pk=pk).pooled_at == due
    invariants.check()


def test_one_idempotency_key_sent_many_times_captures_once() -> None:
    """Who comes while the first is at work reads 409 and may try again; who comes after gets the first answer."""
    firm = scene.firm()
    body = {"contact": {"phone": "13800138000"}, "source": {"channel": "site", "medium": "form"}}
    client = program(firm.max)
    send = partial(post, client, "leads/", body, Idempotency_Key="form-1")
    outcomes = race([send] * 12)
    assert {outcome.value.status_code for outcome in outcomes} <= {201, 409}
    assert send().status_code == 201
    assert (Lead.objects.count(), Arrival.objects.count()) == (1, 1)
    invariants.check()
