"""Campaigns, mailings and templates for other programs: the same verbs, rights and refusals as the pages (R11)."""

from typing import Any

import pytest

from accounts.models import SavedView
from core import clock
from outreach.models import Message, Template
from outreach.services.mailing_sweep import decide_due
from tests.api.conftest import problem
from tests.api.firm import CAST, Firm, cny
from tests.api.test_hostile import FINE, STRINGS

pytestmark = pytest.mark.django_db

READERS = {"max", "ada", "mark", "olga", "ivy"}
WRITERS = {"max", "ada"}
HELLO = {"name": "Hello", "channel": "sms", "texts": {"en": {"text": "Hi {{ name | you }} Reply STOP"}}}


def made(firm: Firm, path: str, body: Any) -> dict[str, Any]:
    answer = firm.max.post(path, body)
    assert answer.status_code == 201, answer.content
    return answer.data


def a_view(firm: Firm, query: str = "state=all") -> SavedView:
    return SavedView.objects.create(user=firm.user("max"), page="leads", name=f"V {query}", query=query)


def a_mailing(firm: Firm) -> dict[str, Any]:
    campaign = made(firm, "campaigns/", {"name": "Spring"})
    template = made(firm, "templates/", HELLO)
    body = {"template": template["id"], "view": str(a_view(firm).pk)}
    return made(firm, f"campaigns/{campaign['id']}/mailings/", body)


def test_R11_6_a_campaign_is_made_changed_and_listed(firm: Firm) -> None:
    row = made(
        firm,
        "campaigns/",
        {"name": "Salon", "goal": "order", "budget": cny("100.00"), "starts_on": "2026-03-01", "note": None},
    )
    assert (row["goal"], row["budget"], row["cost"], row["kind"], row["note"]) == (
        "order",
        cny("100.00"),
        None,
        "campaign",
        "",
    )
    path = f"campaigns/{row['id']}/"
    changed = firm.max.patch(path, {"cost": cny("40.50"), "budget": None}, If_Match='"1"')
    assert (changed.data["cost"], changed.data["budget"], changed["ETag"]) == (cny("40.50"), None, '"2"')
    problem(firm.max.patch(path, {"name": "X"}, If_Match='"1"'), 412, "stale_version")
    assert problem(firm.max.post("campaigns/", {"name": "salon", "goal": "order"}), 422, "invalid") == [
        ("name", "taken")
    ]
    problem(firm.max.post("campaigns/", {"name": "B", "goal": "fame"}), 400, "invalid")
    assert problem(firm.max.patch(path, {"ends_on": "2026-01-01", "cost": cny("-1.00")}), 422, "invalid")
    assert [r["name"] for r in firm.mark.get("campaigns/?goal=order&q=sal&active=true").data["results"]] == [
        "Salon"
    ]
    problem(firm.max.get("campaigns/?goal=fame"), 400, "invalid")
    problem(firm.max.get("campaigns/?colour=red"), 400, "invalid")


def test_R11_6_R14_1_the_figures_of_a_campaign(firm: Firm) -> None:
    row = made(firm, "campaigns/", {"name": "Fair", "cost": cny("300.00")})
    for n in range(3):
        body = {
            "contact": {"phone": f"1370000000{n}"},
            "source": {"channel": "fair", "campaign": "Fair", "medium": "form"},
        }
        assert firm.max.post("leads/", body).status_code == 201
    figures = firm.max.get(f"campaigns/{row['id']}/figures/").data
    assert (figures["leads"], figures["arrivals"], figures["mql"], figures["orders"]) == (3, 3, 0, 0)
    assert (figures["judged_by"], figures["cost_per_lead"]) == (["leads", "cost_per_lead"], cny("100.00"))
    assert (figures["revenue"], figures["cost_per_order"], figures["spent"]) == (None, None, cny("300.00"))
    theirs = firm.mark.get(f"campaigns/{row['id']}/figures/").data
    assert (theirs["leads"], theirs["cost_per_lead"], theirs["spent"]) == (0, None, None)
    assert len(firm.max.get(f"leads/?campaign={row['id']}").data["results"]) == 3
    assert len(firm.max.get("leads/?campaign=Fair").data["results"]) == 3


def test_R11_4_a_mailing_from_writing_to_done(firm: Firm) -> None:
    for _n in range(3):
        firm.capture()
    row = a_mailing(firm)
    assert (row["state"], row["people"], row["allowed"]) == ("draft", 0, ["edit", "start", "drop"])
    path = f"mailings/{row['id']}/"
    problem(firm.max.post(f"{path}stop/"), 409, "transition_not_allowed")
    begun = firm.max.post(f"{path}start/")
    assert begun.status_code == 200, begun.content
    assert (begun.data["state"], begun.data["people"], begun.data["waiting"]) == ("running", 3, 3)
    conflict = firm.max.post(f"{path}start/")
    problem(conflict, 409, "transition_not_allowed")
    assert conflict.data["allowed"] == ["stop"]
    decide_due(clock.now())
    after = firm.mark.get(path).data
    assert after["written"] + after["waiting"] == 3, "at night all of them wait"
    stopped = firm.max.post(f"{path}stop/")
    assert stopped.status_code in (200, 409)
    assert firm.mark.get(f"campaigns/{row['campaign']['id']}/mailings/").data["results"][0]["id"] == row["id"]
    problem(firm.max.patch(path, {}), 409, "transition_not_allowed")


def test_R11_4_a_mailing_names_what_is_missing(firm: Firm) -> None:
    campaign = made(firm, "campaigns/", {"name": "Spring"})
    found = problem(firm.max.post(f"campaigns/{campaign['id']}/mailings/", {}), 422, "invalid")
    assert set(found) == {("template", "required"), ("view", "required")}
    foreign = SavedView.objects.create(user=firm.user("rita"), page="leads", name="Hers", query="")
    body = {"template": str(Template.objects.first().pk), "view": str(foreign.pk)}
    problem(firm.max.post(f"campaigns/{campaign['id']}/mailings/", body), 400, "invalid")
    problem(firm.max.post(f"mailings/{a_mailing_of(firm)}/start/", {"starts_at": "soon"}), 400, "invalid")


def a_mailing_of(firm: Firm) -> str:
    campaign = made(firm, "campaigns/", {"name": "Other"})
    body = {"template": str(Template.objects.get(code="not_now_sms").pk), "view": str(a_view(firm).pk)}
    return str(made(firm, f"campaigns/{campaign['id']}/mailings/", body)["id"])


def test_R11_1_a_template_is_written_previewed_and_tried(firm: Firm) -> None:
    row = made(firm, "templates/", HELLO)
    assert (row["texts"]["en"]["text"], row["hints"], row["code"]) == (HELLO["texts"]["en"]["text"], [], "")
    path = f"templates/{row['id']}/"
    lead = firm.capture(name="Han Mei", phone="13700000009")
    contact = lead["contact"]["id"]
    seen = firm.max.post(f"{path}preview/", {"contact": contact})
    assert seen.status_code == 200, seen.content
    assert seen.data["text"] == "Hi Han Mei Reply STOP" and seen.data["sms"]["parts"] == 1
    nobody = firm.mark.post(f"{path}preview/").data
    assert (nobody["text"], nobody["missing"][0]["instead"]) == ("Hi you Reply STOP", "you")
    problem(firm.mark.post(f"{path}preview/", {"contact": contact}), 400, "invalid")
    sent = firm.max.post(f"{path}test/", {"to": "13800138000", "contact": contact})
    assert sent.status_code == 201 and sent.data["to"] == "+8613800138000"
    assert Message.objects.get(pk=sent.data["message"]).kind == "test"
    assert problem(firm.max.post(f"{path}test/", {"to": "1"}), 422, "invalid")[0][0] == "to"
    bad = {"texts": {"en": {"text": "Hi {{ pay }}"}, "zh-hans": {"text": "您好"}}}
    assert problem(firm.max.patch(path, bad), 422, "invalid") == [("text_en", "unknown_variable")]
    problem(firm.max.patch(path, {"texts": {"fr": {"text": "x"}}}), 400, "invalid")
    changed = firm.max.patch(path, {"texts": {"zh-hans": {"text": "您好"}, "en": None}})
    assert changed.status_code == 200, changed.content
    assert set(changed.data["texts"]) == {"zh-hans"} and changed.data["hints"][0]["language"] == "zh-hans"
    found = firm.mark.get("templates/?channel=sms&active=true&q=hello").data["results"]
    assert {r["code"] for r in found} == {"", "not_now_sms"}


def test_R15_1_who_reads_and_who_writes(firm: Firm) -> None:
    mailing = a_mailing(firm)
    campaign, template = mailing["campaign"]["id"], mailing["template"]["id"]
    reads = [
        "campaigns/",
        f"campaigns/{campaign}/",
        f"campaigns/{campaign}/figures/",
        f"campaigns/{campaign}/mailings/",
        f"mailings/{mailing['id']}/",
        "templates/",
        f"templates/{template}/",
    ]
    writes: list[tuple[str, str, Any]] = [
        ("POST", "campaigns/", {"name": "X"}),
        ("PATCH", f"campaigns/{campaign}/", {"note": "x"}),
        ("POST", f"campaigns/{campaign}/mailings/", {}),
        ("PATCH", f"mailings/{mailing['id']}/", {}),
        ("POST", f"mailings/{mailing['id']}/start/", {}),
        ("POST", f"mailings/{mailing['id']}/stop/", {}),
        ("POST", "templates/", HELLO),
        ("PATCH", f"templates/{template}/", {"name": "X"}),
        ("POST", f"templates/{template}/test/", {"to": "13800138000"}),
    ]
    for who in CAST:
        client = getattr(firm, who)
        for path in reads:
            assert client.get(path).status_code == (200 if who in READERS else 403), (who, path)
        if who in WRITERS:
            continue
        for method, path, body in writes:
            problem(client.send(method, path, body), 403, "forbidden")


def test_Q19_a_hostile_text_is_refused_or_kept(firm: Firm) -> None:
    mailing = a_mailing(firm)
    campaign, template = mailing["campaign"]["id"], mailing["template"]["id"]
    bodies: list[tuple[str, str, Any]] = [
        ("POST", "campaigns/", lambda t: {"name": t, "note": t}),
        ("PATCH", f"campaigns/{campaign}/", lambda t: {"note": t, "goal": t}),
        ("PATCH", f"campaigns/{campaign}/", lambda t: {"budget": {"amount": t, "currency": t}}),
        ("POST", f"campaigns/{campaign}/mailings/", lambda t: {"template": t, "view": t}),
        ("POST", "templates/", lambda t: {"name": t, "channel": "sms", "texts": {"en": {"text": t}}}),
        ("PATCH", f"templates/{template}/", lambda t: {"texts": {"en": {"text": t, "subject": t}}}),
        (
            "PATCH",
            f"templates/{template}/",
            lambda t: {"texts": {"en": {"text": "a", "provider_code": t, "provider_params": [t]}}},
        ),
        ("PATCH", f"templates/{template}/", lambda t: {"texts": {t: {"text": "a"}}}),
        ("POST", f"templates/{template}/preview/", lambda t: {"contact": t, "language": t}),
        ("POST", f"templates/{template}/test/", lambda t: {"to": t}),
    ]
    for text in STRINGS:
        for method, path, body in bodies:
            answer = firm.ada.send(method, path, body(text))
            assert answer.status_code in FINE, (path, text[:40], answer.content[:300])
    for path in ("campaigns/?page_size=200", "templates/?page_size=200", f"templates/{template}/"):
        assert firm.ada.get(path).status_code == 200


def test_P1_lists_cost_the_same_however_long(firm: Firm) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def cost(path: str) -> int:
        firm.max.get(path)
        with CaptureQueriesContext(connection) as caught:
            assert firm.max.get(path).status_code == 200
        return len(caught)

    mailing = a_mailing(firm)
    campaign = mailing["campaign"]["id"]
    paths = ["campaigns/", "templates/", f"campaigns/{campaign}/mailings/", f"campaigns/{campaign}/figures/"]
    few = [cost(path) for path in paths]
    view = str(a_view(firm, "state=sql").pk)
    for n in range(29):
        made(firm, "campaigns/", {"name": f"C {n}"})
        template = made(firm, "templates/", {**HELLO, "name": f"T {n}"})["id"]
        made(firm, f"campaigns/{campaign}/mailings/", {"template": template, "view": view})
    assert [cost(path) for path in paths] == few
