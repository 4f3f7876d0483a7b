"""The desk for programs: the next lead with its script, or 204; and calls on what somebody else has in hand (R2.2)."""

from __future__ import annotations

from typing import Any

from accounts.services import make_key
from calling.models import Lease
from calling.services import next_lead, save_script
from tests.api.conftest import Api, problem
from tests.cast import Firm, Watch
from tests.pages import browser

NEXT = "calling/next/"


def api(firm: Firm, login: str) -> Api:
    return Api(make_key(firm.people[login], scope="write"))


def test_R2_2_the_next_lead_with_its_script_or_204(firm: Firm, watch: Watch) -> None:
    tina = api(firm, "tina")
    assert tina.post(NEXT).status_code == 204
    lead = firm.capture()
    first = tina.post(NEXT)
    assert (first.status_code, first.data["id"], first.data["script"]) == (200, str(lead.pk), None)
    assert first.data["leased_until"].startswith("2026-03-02T01:10:00")
    steps: list[dict[str, Any]] = [{"title": f"{n}", "text": "Say", "questions": []} for n in (1, 2, 3)]
    save_script(None, by=firm.max, name="Standard", steps=steps)
    watch.go(minutes=2)
    again = tina.post(NEXT)
    assert (again.data["id"], again.data["leased_until"]) == (first.data["id"], first.data["leased_until"])
    assert again.data["script"] == {"name": "Standard", "version": 1, "steps": steps}
    assert api(firm, "theo").post(NEXT).status_code == 204


def test_R2_2_only_telemarketers_and_only_what_is_asked(firm: Firm, watch: Watch) -> None:
    firm.capture()
    tina, rita = api(firm, "tina"), api(firm, "rita")
    problem(rita.post(NEXT), 403, "forbidden")
    assert problem(tina.post(NEXT, {"segment": "x"}), 400, "invalid")[0][0] == "segment"
    assert tina.get(NEXT).status_code == 405
    assert not Lease.objects.exists()


def test_R2_2_a_call_on_a_lead_in_other_hands_is_409(firm: Firm, watch: Watch) -> None:
    lead = firm.capture()
    next_lead(by=firm.theo)
    tina, theo = api(firm, "tina"), api(firm, "theo")
    problem(tina.post(f"leads/{lead.pk}/calls/", {"outcome": "no_need"}), 409, "already_claimed")
    assert "call" not in tina.get(f"leads/{lead.pk}/").data["allowed"]
    assert "call" in theo.get(f"leads/{lead.pk}/").data["allowed"]
    watch.go(minutes=10)
    assert "call" in tina.get(f"leads/{lead.pk}/").data["allowed"]
    assert tina.post(f"leads/{lead.pk}/calls/", {"outcome": "no_answer"}).status_code == 201
    assert not Lease.objects.exists()
    body = {"outcome": "no_need", "answers": {"a": "b"}}
    problem(theo.post(f"leads/{lead.pk}/calls/", body), 400, "invalid")


def test_R2_3_a_program_reads_by_which_script_and_what_was_answered(firm: Firm, watch: Watch) -> None:
    asked = {"title": "1", "text": "Say", "questions": [{"key": "size", "text": "How many people?"}]}
    steps: list[dict[str, Any]] = [asked, *({"title": n, "text": "Say", "questions": []} for n in "23")]
    version = save_script(None, by=firm.max, name="Standard", steps=steps)
    lead = firm.capture()
    tina = api(firm, "tina")
    tina.post(NEXT)
    made = tina.post(f"leads/{lead.pk}/calls/", {"outcome": "no_answer"}).data["call"]
    assert (made["script"], made["answers"]) == ({"name": "Standard", "version": 1}, {})
    firm.call(lead, "interested", rep=firm.rita, script_version=version, answers={"size": "forty"})
    rita = api(firm, "rita")
    listed = rita.get(f"leads/{lead.pk}/calls/").data["results"]
    assert [call["answers"] for call in listed] == [{"size": "forty"}, {}]
    assert "How many people? forty" in browser(firm.rita).get(f"/leads/{lead.pk}/").content.decode()
