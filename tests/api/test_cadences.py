"""Cadences by API: read, changed in versions, run dry, counted (R10.10)."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from core import clock
from leads.models import Lead
from outreach.models import Template
from pool.cadence.run import run_due
from pool.models import CadenceVersion, Entry
from tests.api.conftest import problem
from tests.api.firm import CAST, Firm

pytestmark = pytest.mark.django_db

READS, EDITS = {"max", "mark", "olga", "ada", "ivy"}, {"max", "ada"}
DAY = 24 * 60


def template(channel: str) -> str:
    return str(Template.objects.filter(channel=channel, active=True).first().pk)  # type: ignore[union-attr]


def step(channel: str = "sms", days: int = 3, **more: Any) -> dict[str, Any]:
    return {
        "wait_minutes": days * DAY,
        "ways": [{"channel": channel, "template": template(channel)}],
        **more,
    }


def not_now(firm: Firm) -> dict[str, Any]:
    rows: list[dict[str, Any]] = firm.max.get("cadences/?segment=not_now").data["results"]
    return rows[0]


def test_R10_1_the_five_defaults_are_there_and_who_reads_them(firm: Firm) -> None:
    rows = firm.max.get("cadences/").data["results"]
    assert {row["segment"] for row in rows} == {
        "not_now", "some_interest", "long_inactive", "dormant", "third_party",
    }  # fmt: skip
    one = not_now(firm)
    assert [s["wait_minutes"] // DAY for s in one["steps"]] == [30, 7, 7]
    assert [s["position"] for s in one["steps"]] == [1, 2, 3]
    assert (one["repeat_from"], one["then_segment"], one["active"], one["version_number"]) == (
        1,
        None,
        True,
        1,
    )
    for who in CAST:
        client = getattr(firm, who)
        if who in READS:
            assert client.get(f"cadences/{one['id']}/").data == one, who
            assert len(client.get("cadences/?active=true").data["results"]) == 5, who
        else:
            problem(client.get("cadences/"), 403, "forbidden")
            problem(client.get(f"cadences/{one['id']}/"), 404, "not_found")


def test_R10_10_who_may_change_and_start_them(firm: Firm) -> None:
    path = f"cadences/{not_now(firm)['id']}/"
    for who in CAST:
        client = getattr(firm, who)
        status = {True: 200, False: 403 if who in READS else 404}[who in EDITS]
        for send in (
            lambda c: c.patch(path, {"name": "x"}),
            lambda c: c.post(f"{path}stop/"),
            lambda c: c.post(f"{path}start/"),
        ):
            answer = send(client)
            assert answer.status_code == status, (who, answer.content)


def test_R10_10_a_change_of_steps_is_a_version_and_the_rest_stays(firm: Firm) -> None:
    one = not_now(firm)
    path = f"cadences/{one['id']}/"
    steps = [{k: v for k, v in s.items() if k != "position"} for s in one["steps"]]
    steps[0]["wait_minutes"] = 45 * DAY
    answer = firm.max.patch(path, {"steps": [*steps, step("email", 2, condition="not_opened")]})
    assert answer.status_code == 200, answer.content
    assert answer.data["version_number"] == 2 and answer.data["repeat_from"] == 1
    assert [s["key"] for s in answer.data["steps"]][:3] == [s["key"] for s in one["steps"]]
    assert answer.data["steps"][3]["condition"] == "not_opened"
    # The name alone makes no version; the ETag of before is stale.
    problem(firm.max.patch(path, {"name": "Softer"}, If_Match=f'"{one["version"]}"'), 412, "stale_version")
    named = firm.max.patch(path, {"name": "Softer"}, If_Match=answer["ETag"])
    assert (named.data["name"], named.data["version_number"]) == ("Softer", 2)
    # Another end takes the place of the one before.
    moved = firm.max.patch(path, {"then_segment": "long_inactive"})
    assert (moved.data["then_segment"], moved.data["repeat_from"]) == ("long_inactive", None)
    again = firm.max.patch(path, {"repeat_from": 2})
    assert (again.data["then_segment"], again.data["repeat_from"]) == (None, 2)
    assert firm.max.get(f"{path}").data == again.data


def test_R10_10_made_by_a_program_it_runs_when_it_is_started(firm: Firm) -> None:
    body = {"segment": "not_now", "name": "Softer", "goal": "spread", "steps": [step()], "repeat_from": 1}
    made = firm.max.post("cadences/", body, Idempotency_Key="c-1")
    assert made.status_code == 201 and not made.data["active"], made.content
    assert firm.max.post("cadences/", body, Idempotency_Key="c-1")["Idempotent-Replayed"] == "true"
    path = f"cadences/{made.data['id']}/"
    assert problem(firm.max.post(f"{path}start/"), 422, "segment_served") == [("segment", "taken")]
    assert firm.max.post(f"cadences/{not_now(firm)['id']}/stop/").data["active"] is False
    assert firm.max.post(f"{path}start/").data["active"] is True
    assert firm.max.get("cadences/?q=softer").data["results"][0]["id"] == made.data["id"]
    assert len(firm.max.get("cadences/?goal=spread").data["results"]) == 1


def test_everything_wrong_is_listed_at_once_counted_from_zero(firm: Firm) -> None:
    path = f"cadences/{not_now(firm)['id']}/"
    wrong = [step(), step("email"), {"wait_minutes": -1, "ways": []}]
    wrong[1]["ways"][0]["channel"] = "sms"
    found = {field for field, _code in problem(firm.max.patch(path, {"steps": wrong}), 422, "invalid")}
    assert found == {"steps.1.ways.0.template", "steps.2.wait_minutes", "steps.2.ways"}
    types = {
        "name": 5,
        "segment": "moon",
        "goal": [],
        "steps": {},
        "repeat_from": "1",
        "then_segment": 1,
        "color": 1,
    }
    assert {f for f, _c in problem(firm.max.patch(path, types), 400, "invalid")} == set(types)
    unknown = step()
    unknown["ways"][0]["template"] = str(uuid4())
    assert (
        problem(firm.max.patch(path, {"steps": [unknown]}), 400, "invalid")[0][0] == "steps.0.ways.0.template"
    )
    problem(firm.max.patch(path, {"repeat_from": 9}), 422, "invalid")
    problem(firm.max.patch(path, {"steps": []}), 422, "invalid")
    problem(firm.max.post("cadences/", {"name": "x"}), 422, "invalid")
    assert CadenceVersion.objects.filter(cadence=not_now(firm)["id"]).count() == 1


def test_R10_10_a_dry_run_masks_addresses_and_moves_nothing(firm: Firm) -> None:
    lead = firm.capture(name="Li Lei", phone="13800001234")
    firm.tina.post(f"leads/{lead['id']}/calls/", {"outcome": "no_need"})
    run_due(clock.now())
    path = f"cadences/{not_now(firm)['id']}/"
    found = firm.mark.get(f"{path}dry-run/?days=40").data
    (row,) = [one for one in found["rows"] if one["lead"]["id"] == lead["id"]][:1]
    assert row["to"] == "138****1234" and row["channel"] == "sms" and row["text"]
    assert found["messages"] == sum(day["messages"] for day in found["per_day"]) >= 1
    assert (found["people"], found["more"], found["left_out"]) == (1, 0, 0)
    assert firm.mark.get(f"{path}dry-run/?days=1").data["messages"] == 0
    assert Entry.objects.get(lead=lead["id"]).touches == 0
    assert Lead.objects.get(pk=lead["id"]).silent_touches == 0
    for query in (
        "days=0",
        "days=366",
        "days=x",
        "days=%C2%B2",
        "limit=201",
        "limit=-1",
        "limit=1.5",
        "weeks=2",
    ):
        problem(firm.mark.get(f"{path}dry-run/?{query}"), 400, "invalid")


def test_R10_10_the_figures_of_a_time(firm: Firm) -> None:
    path = f"cadences/{not_now(firm)['id']}/figures/"
    found = firm.mark.get(path).data
    assert found | {"cost_of_new_lead": None} == {
        "running": 0,
        "sent": 0,
        "delivered": 0,
        "reacted": 0,
        "back": 0,
        "orders": 0,
        "cost": None,
        "cost_per_back": None,
        "cost_of_new_lead": None,
    }
    assert firm.mark.get(f"{path}?from=2026-01-01&to=2026-12-31").status_code == 200
    for query in ("from=yesterday", "to=2026-02-30", "since=2026-01-01", "from=9999-01-01"):
        problem(firm.mark.get(f"{path}?{query}"), 400, "invalid")
