"""R8 by API: gates, experience events, presales, risks, own judgement, the next chance; each hat, each refusal."""

from typing import Any

import pytest

from tests.api.conftest import problem
from tests.api.firm import CAST, Firm, cny, day, later

pytestmark = pytest.mark.django_db

SEES = {"tina", "rita", "mark", "max", "ada", "ivy"}
WORKS = {"rita", "mark", "ada"}
SOON = "2027-01-04T02:00:00Z"


def test_R8_2_a_gate_says_all_that_is_missing(firm: Firm) -> None:
    firm.ada.patch("rulebook/", {"stage_gates": True})
    opportunity = firm.opportunity()["id"]
    path = f"opportunities/{opportunity}/"
    over = firm.rita.post(f"{path}advance/", {"stage": "negotiation"})
    assert problem(over, 422, "gate_not_met") == [("experience", "required"), ("quote", "required")]
    assert problem(firm.rita.post(f"{path}advance/"), 422, "gate_not_met") == [("experience", "required")]
    assert firm.rita.get(path).data["stage"] == "confirmed"
    assert firm.rita.post(f"{path}events/", {"kind": "online", "starts_at": SOON}).status_code == 201
    assert firm.rita.post(f"{path}advance/").data["stage"] == "experience"
    assert problem(firm.rita.post(f"{path}advance/"), 422, "gate_not_met") == [("quote", "required")]
    firm.quote(opportunity)
    assert firm.rita.post(f"{path}advance/").data["stage"] == "negotiation"
    firm.ada.patch("rulebook/", {"stage_gates": False})  # R0.1: off, nothing is asked
    other = f"opportunities/{firm.opportunity()['id']}/"
    assert firm.rita.post(f"{other}advance/", {"stage": "negotiation"}).data["stage"] == "negotiation"
    assert problem(firm.rita.post(f"{other}back/"), 422, "reason_required") == [("reason", "required")]
    assert firm.rita.post(f"{other}back/", {"reason": "Too early"}).data["stage"] == "experience"


def test_R8_1_an_experience_is_planned_moved_and_held(firm: Firm) -> None:
    path = f"opportunities/{firm.opportunity()['id']}/events/"
    body = {"kind": "trial", "starts_at": SOON, "ends_at": "2027-01-18T02:00:00Z", "note": "Two seats"}
    made = firm.rita.post(path, body, Idempotency_Key="e-1")
    assert made.status_code == 201, made.content
    event = made.data
    assert (event["kind"], event["held"], event["starts_at"]) == ("trial", None, SOON)
    assert firm.rita.post(path, body, Idempotency_Key="e-1")["Idempotent-Replayed"] == "true"
    one = f"events/{event['id']}/"
    read = firm.rita.get(one)
    assert read.data == event
    moved = firm.rita.patch(one, {"starts_at": "2027-01-05T02:00:00Z"}, If_Match=read["ETag"])
    assert (moved.status_code, moved.data["starts_at"]) == (200, "2027-01-05T02:00:00Z"), moved.content
    problem(firm.rita.patch(one, {"note": "x"}, If_Match=read["ETag"]), 412, "stale_version")
    assert problem(firm.rita.patch(one, {"held": True}), 422, "invalid") == [("held", "future")]
    assert firm.rita.patch(one, {"held": False}).data["held"] is False
    errors = problem(
        firm.rita.patch(one, {"kind": "party", "ends_at": "2020-01-01T00:00:00Z"}), 422, "invalid"
    )
    assert errors == [("kind", "invalid"), ("ends_at", "out_of_range")]
    problem(firm.rita.patch(one, {"held": "yes", "starts_at": 5, "where": "x"}), 400, "invalid")
    held = firm.rita.post(path, {"kind": "visit", "starts_at": "2026-01-04T02:00:00Z", "held": True})
    listed = firm.rita.get(f"{path}?count=true").data
    assert (listed["count"], [row["id"] for row in listed["results"]]) == (2, [held.data["id"], event["id"]])


def test_what_is_wrong_with_an_experience_is_said_at_once(firm: Firm) -> None:
    path = f"opportunities/{firm.opportunity()['id']}/events/"
    assert problem(firm.rita.post(path, {}), 422, "invalid") == [
        ("kind", "required"),
        ("starts_at", "required"),
    ]
    trial = {"kind": "trial", "starts_at": SOON, "held": True}
    assert problem(firm.rita.post(path, trial), 422, "invalid") == [
        ("ends_at", "required"),
        ("held", "future"),
    ]
    types = {"kind": 5, "starts_at": "2027-01-04", "ends_at": 5, "held": 1, "note": [], "room": 4}
    fields = {field for field, _code in problem(firm.rita.post(path, types), 400, "invalid")}
    assert fields == set(types)
    assert firm.rita.get(path).data["results"] == []


def test_R8_6_presales_is_asked_takes_and_answers(firm: Firm) -> None:
    firm.ada.patch("rulebook/", {"presales": True})
    path = f"opportunities/{firm.opportunity()['id']}/"
    body = {"text": "A plan for two sites", "due_on": day(3)}
    problem(firm.rita.post(f"{path}presales/", body), 409, "transition_not_allowed")  # before the experience
    firm.rita.post(f"{path}advance/")
    assert problem(firm.rita.post(f"{path}presales/", {}), 422, "invalid") == [
        ("text", "required"),
        ("due_on", "required"),
    ]
    assert problem(firm.rita.post(f"{path}presales/", {**body, "due_on": day(-1)}), 422, "invalid") == [
        ("due_on", "past")
    ]
    problem(firm.rita.post(f"{path}presales/", {"text": 5, "due_on": "soon"}), 400, "invalid")
    asked = firm.rita.post(f"{path}presales/", body)
    assert asked.status_code == 201, asked.content
    one = f"presales/{asked.data['id']}/"
    assert firm.pia.get(path).data["allowed"] == []  # she reads what she is asked for
    problem(firm.pia.post(f"{path}advance/"), 403, "forbidden")
    for who in sorted(set(CAST) - {"pia"}):
        refused = (403, "forbidden") if who in SEES else (404, "not_found")
        problem(getattr(firm, who).post(f"{one}take/"), *refused)
        problem(getattr(firm, who).post(f"{one}answer/", {"answer": "x"}), *refused)
        assert getattr(firm, who).get(one).status_code == (200 if who in SEES else 404), who
    assert firm.pia.get("presales/?answered=false&owner=pia").data["results"] == []
    assert firm.pia.post(f"{one}take/").data["owner"]["login"] == "pia"
    assert len(firm.pia.get(f"presales/?answered=false&owner=pia&due_before={day(4)}").data["results"]) == 1
    assert problem(firm.pia.post(f"{one}answer/"), 422, "invalid") == [("answer", "required")]
    answered = firm.pia.post(f"{one}answer/", {"answer": "Two servers"})
    assert (answered.status_code, answered.data["answer"]) == (200, "Two servers")
    problem(firm.pia.post(f"{one}answer/", {"answer": "Three"}), 409, "already_decided")
    assert firm.rita.get(f"{path}presales/").data["results"] == [answered.data]
    assert firm.rita.get("presales/?answered=true").data["results"] == [answered.data]
    problem(firm.rita.get("presales/?state=open"), 400, "invalid")
    firm.ada.patch("rulebook/", {"presales": False})  # R0.1
    problem(firm.pia.get("presales/"), 404, "not_found")
    problem(firm.pia.get(path), 404, "not_found")
    problem(firm.pia.post(f"{one}answer/", {"answer": "Three"}), 404, "not_found")


def test_R15_2_who_may_do_what_to_an_opportunity(firm: Firm) -> None:
    path = f"opportunities/{firm.opportunity()['id']}/"
    firm.rita.post(f"{path}advance/")
    firm.ada.patch("rulebook/", {"presales": True})
    posts: list[tuple[str, Any]] = [
        ("advance/", {}),
        ("back/", {"reason": "x"}),
        ("lose/", {"reason": "price"}),
        ("events/", {"kind": "visit", "starts_at": SOON}),
        ("presales/", {"text": "x", "due_on": day(1)}),
        ("quotes/", {}),
    ]
    for who in sorted(set(CAST) - WORKS):
        client = getattr(firm, who)
        refused = (403, "forbidden") if who in SEES else (404, "not_found")
        for sub, body in posts:
            problem(client.post(f"{path}{sub}", body), *refused)
        problem(client.patch(path, {"amount": cny("1.00")}), *refused)
        for sub in ("", "events/", "presales/", "quotes/", "timeline/"):
            assert client.get(f"{path}{sub}").status_code == (200 if who in SEES else 404), (who, sub)


def test_R8_3_R8_6_facts_risks_and_the_own_judgement(firm: Firm) -> None:
    row = firm.opportunity()
    path = f"opportunities/{row['id']}/"
    body = {
        "amount": cny("1234.50"),
        "expected_close": day(20),
        "headcount": 12,
        "products": [{"product": str(firm.product.pk), "purpose": "the desk", "quantity": 12}],
        "competitor": "Acme",
        "over_expectation": True,
        "risk": "The boss changes",
        "probability": 40,
        "next_step": {"text": "Ring them", "on": day(2)},
    }
    read = firm.rita.get(path)
    changed = firm.rita.patch(path, body, If_Match=read["ETag"])
    assert changed.status_code == 200, changed.content
    product = {"id": str(firm.product.pk), "name": "Seats"}
    assert {name: changed.data[name] for name in body} == {
        **body,
        "products": [{**body["products"][0], "product": product}],  # type: ignore[index]
    }
    problem(firm.rita.patch(path, {"risk": "x"}, If_Match=read["ETag"]), 412, "stale_version")
    wrong = {"probability": 101, "headcount": 0, "next_step": {"text": "", "on": day(1)}}
    fields = {field for field, _code in problem(firm.rita.patch(path, wrong), 422, "invalid")}
    assert fields == {"probability", "headcount", "next_step"}
    assert problem(firm.rita.patch(path, {"risk": "x", "products": []}), 422, "invalid")[0][0] == "products"
    assert firm.rita.get(path).data["risk"] == "The boss changes"  # all of it or nothing
    types = {
        "probability": "40",
        "headcount": 1.5,
        "over_expectation": 1,
        "amount": 5,
        "stage": "won",
        "risk": 5,
    }
    fields = {field for field, _code in problem(firm.rita.patch(path, types), 400, "invalid")}
    assert fields == set(types)
    cleared = firm.rita.patch(path, {"probability": None, "amount": None, "risk": None, "next_step": None})
    assert (cleared.data["probability"], cleared.data["amount"], cleared.data["next_step"]) == (
        None,
        None,
        None,
    )


def test_R8_7_lost_with_its_reason_and_taken_back_within_a_day(firm: Firm) -> None:
    path = f"opportunities/{firm.opportunity()['id']}/"
    assert problem(firm.rita.post(f"{path}lose/"), 422, "reason_required") == [("reason", "required")]
    problem(firm.rita.post(f"{path}lose/", {"reason": "rain"}), 422, "reason_required")
    problem(firm.rita.post(f"{path}lose/", {"reason": "other"}), 422, "reason_required")
    lost = firm.rita.post(f"{path}lose/", {"reason": "competitor", "competitor": "Acme"})
    assert (lost.data["stage"], lost.data["lost_reason"]) == ("lost", "competitor")
    problem(firm.rita.patch(path, {"amount": cny("1.00")}), 409, "transition_not_allowed")
    assert firm.rita.post(f"{path}reopen/").data["stage"] == "confirmed"
    firm.rita.post(f"{path}lose/", {"reason": "timing"})
    with later(hours=25):
        problem(firm.rita.post(f"{path}reopen/"), 409, "transition_not_allowed")


def test_R9_4_upsell_and_repurchase_are_opened_with_a_customer(firm: Firm) -> None:
    order = firm.signed()
    scheduled = firm.rita.get("opportunities/?stage=scheduled").data["results"]
    assert [(row["kind"], row["amount"]) for row in scheduled] == [("renewal", cny("1000.00"))]
    body = {
        "company": order["company"]["id"],
        "kind": "upsell",
        "products": [{"product": str(firm.product.pk)}],
        "headcount": 4,
        "stage": "experience",
    }
    made = firm.rita.post("opportunities/", body, Idempotency_Key="u-1")
    assert made.status_code == 201, made.content
    assert (made.data["kind"], made.data["stage"], made.data["amount"]) == (
        "upsell",
        "experience",
        cny("400.00"),
    )
    assert firm.rita.post("opportunities/", body, Idempotency_Key="u-1")["Idempotent-Replayed"] == "true"
    again = firm.sue.post("opportunities/", {**body, "kind": "repurchase"})
    assert (again.status_code, again.data["owner"]["login"]) == (201, "rita"), again.content
    wrong = {"company": order["company"]["id"], "kind": "renewal", "stage": "won", "headcount": 0}
    fields = {field for field, _code in problem(firm.rita.post("opportunities/", wrong), 422, "gate_not_met")}
    assert fields == {"kind", "stage", "headcount", "products"}
    none = firm.ada.post("opportunities/", {**body, "company": firm.opportunity()["company"]["id"]})
    assert problem(none, 422, "gate_not_met") == [("company", "not_a_customer")]
    for who in ("tina", "max", "ivy"):
        problem(getattr(firm, who).post("opportunities/", body), 403, "forbidden")
    for who in ("rob", "wei", "olga", "pia"):  # for them there is no such company
        problem(getattr(firm, who).post("opportunities/", body), 400, "invalid")
    problem(firm.rita.post("opportunities/", {**body, "headcount": "4", "company": 5}), 400, "invalid")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("expected_close_after={day}", True), ("expected_close_before={day}", False),
        ("expected_close_after={later}", False), ("expected_close_before={later}", True),
        ("at_risk=false", True), ("at_risk=true", False), ("stage=confirmed,experience", True),
        ("kind=upsell", False), ("q=Needful", True), ("q=Needless", False), ("company={company}", True),
        ("owner=rita&team=East", True), ("owner=rob", False), ("ordering=-expected_close", True),
        ("product={product}", True),
    ],
)  # fmt: skip
def test_every_filter_of_the_list_works(firm: Firm, query: str, found: bool) -> None:
    row = firm.opportunity()
    firm.rita.patch(f"opportunities/{row['id']}/", {"expected_close": day(9)})
    words = {"day": day(9), "later": day(10), "company": row["company"]["id"], "product": firm.product.pk}
    answer = firm.mark.get(f"opportunities/?{query.format(**words)}")
    assert answer.status_code == 200, answer.content
    assert bool(answer.data["results"]) == found


@pytest.mark.parametrize(
    "query",
    [
        "at_risk=yes",
        "stage=sold",
        "kind=new",
        "expected_close_after=x",
        "company=1",
        "ordering=risk",
        "risky=true",
    ],
)
def test_a_parameter_that_is_not_right_is_refused(firm: Firm, query: str) -> None:
    problem(firm.rita.get(f"opportunities/?{query}"), 400, "invalid")
