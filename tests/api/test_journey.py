"""The whole trunk by API: from a captured person to a signed order, and what lies beside the way."""

import pytest

from core.services import run_sweeps
from tests.api.conftest import problem
from tests.api.firm import Firm, later

pytestmark = pytest.mark.django_db


def test_from_capture_to_signed_order(firm: Firm) -> None:
    captured = firm.ivy.post(
        "leads/",
        {
            "contact": {"name": "王小明", "phone": "0755-8888 6666 ext 12", "email": "Wang@Example.COM"},
            "source": {"channel": "spring_fair", "campaign": "Spring", "medium": "conference"},
            "note": "asked for a demo",
        },
        Idempotency_Key="capture-1",
    )
    assert captured.status_code == 201
    lead = captured.data
    assert lead["known"] is False
    assert lead["state"] == "new"
    assert lead["contact"]["email"] == "wang@example.com"
    assert lead["source"] == {
        "channel": "spring_fair",
        "campaign": "Spring",
        "medium": "conference",
        "cost": None,
    }
    path = f"leads/{lead['id']}/"
    assert captured["ETag"] == f'"{lead["version"]}"'

    body = {"outcome": "interested", "step": 3, "duration": 95, "note": "likes it"}
    called = firm.tina.post(f"{path}calls/", body, Idempotency_Key="call-1")
    assert called.status_code == 201, called.content
    assert called.data["state"] == "mql"
    assert called.data["owner"]["login"] == "rita"
    assert called.data["call"]["outcome"] == "interested"
    again = firm.tina.post(f"{path}calls/", body, Idempotency_Key="call-1")
    assert again.content == called.content
    assert again["Idempotent-Replayed"] == "true"
    assert len(firm.tina.get(f"{path}calls/").data["results"]) == 1

    accepted = firm.rita.post(f"{path}accept/")
    assert accepted.status_code == 200
    assert accepted.data["state"] == "sql"
    assert accepted.data["days_left"] == pytest.approx(7, abs=0.01)
    assert "convert" in accepted.data["allowed"]
    assert accepted.data["version"] > called.data["version"]

    converted = firm.rita.post(f"{path}convert/", firm.need(company="深圳市未来科技有限公司"))
    assert converted.status_code == 201, converted.content
    assert converted.data["state"] == "converted"
    assert converted.data["due_at"] is None
    opportunity = converted.data["opportunity"]
    assert (opportunity["stage"], opportunity["win_rate"]) == ("confirmed", 10)
    assert opportunity["amount"] == {"amount": "1000.00", "currency": "CNY"}

    path = f"opportunities/{opportunity['id']}/"
    assert firm.rita.post(f"{path}advance/").data["stage"] == "experience"
    negotiation = firm.rita.post(f"{path}advance/").data
    assert (negotiation["stage"], negotiation["win_rate"]) == ("negotiation", 70)
    refused = firm.rita.post(f"{path}advance/")
    problem(refused, 409, "transition_not_allowed")
    assert refused.data["state"] == "negotiation"
    assert "back" in refused.data["allowed"]

    drafted = firm.rita.post("orders/", {"opportunity": opportunity["id"], "term": {"months": 12}})
    assert drafted.status_code == 201, drafted.content
    order = drafted.data
    assert (order["state"], order["total"]) == ("draft", {"amount": "1000.00", "currency": "CNY"})
    signed = firm.rita.post(f"orders/{order['id']}/sign/", {}, Idempotency_Key="sign-1")
    assert signed.status_code == 200, signed.content
    assert signed.data["state"] == "signed"
    assert signed.data["allowed"] == ["pay", "terminate"]
    assert (
        firm.rita.post(f"orders/{order['id']}/sign/", {}, Idempotency_Key="sign-1").content == signed.content
    )
    problem(firm.rita.post(f"orders/{order['id']}/sign/"), 409, "transition_not_allowed")
    assert firm.rita.get(path).data["stage"] == "won"
    company = order["company"]["id"]
    chances = firm.rita.get(f"opportunities/?company={company}&kind=renewal").data["results"]
    assert [chance["stage"] for chance in chances] == ["scheduled"]
    verbs = [event["verb"] for event in firm.max.get(f"leads/{lead['id']}/timeline/").data["results"]]
    assert {
        "captured",
        "called",
        "qualified",
        "handed_over",
        "accepted",
        "converted",
        "signed",
        "won",
    } <= set(verbs)
    assert firm.max.get(f"companies/{company}/timeline/").data["results"]


def test_R6_2_what_is_overdue_is_taken_back_and_another_rep_claims_it(firm: Firm) -> None:
    lead = firm.sql()
    path = f"leads/{lead['id']}/"
    with later(days=7, seconds=1):
        unswept = firm.rita.get(path).data
        assert (unswept["state"], unswept["days_left"], unswept["allowed"]) == ("sql", 0, [])
        problem(firm.rita.post(f"{path}convert/", firm.need()), 409, "overdue")
        # The edge has taken it back at its due time; the last holder still reads the truth.
        gone = firm.rita.get(path).data
        assert (gone["state"], gone["owner"], gone["pool"]["reason"]) == ("pooled", None, "expired")
        assert gone["pool"]["entered_at"] == lead["due_at"]
        assert "****" in gone["contact"]["phone"]
        problem(firm.rita.post(f"{path}accept/"), 409, "overdue")
        problem(firm.rita.post(f"pool/{lead['id']}/claim/"), 422, "claim_cooldown")
        claimed = firm.rob.post(f"pool/{lead['id']}/claim/")
        assert claimed.status_code == 200, claimed.content
        assert claimed.data["owner"]["login"] == "rob"
        assert claimed.data["days_left"] == 7
        assert "****" not in claimed.data["contact"]["phone"]
        problem(firm.wei.post(f"pool/{lead['id']}/claim/"), 409, "already_claimed")
        holdings = firm.rob.get(f"{path}holdings/").data["results"]
        assert [(row["user"]["login"], row["began"], row["ended"]) for row in holdings] == [
            ("rob", "claimed", None),
            ("rita", "accepted", "expired"),
            ("rita", "handed_over", "accepted"),
        ]
        run_sweeps()
        assert firm.rob.get(path).data["state"] == "sql"


def test_a_batch_claim_answers_for_each_lead(firm: Firm) -> None:
    good, late = firm.pooled(), firm.pooled()
    unqualified = firm.capture(phone="13911112222")
    firm.tina.post(f"leads/{unqualified['id']}/calls/", {"outcome": "no_need"})
    firm.wei.post(f"pool/{late['id']}/claim/")
    nobody = "01890000-0000-7000-8000-000000000000"
    asked = [good["id"], late["id"], unqualified["id"], nobody, good["id"]]
    answer = firm.rob.post("pool/claim/", {"leads": asked})
    assert answer.status_code == 200, answer.content
    assert [(row["lead"], row["ok"], row.get("code")) for row in answer.data] == [
        (good["id"], True, None),
        (late["id"], False, "already_claimed"),
        (unqualified["id"], False, "not_claimable"),
        (nobody, False, "not_found"),
        (good["id"], False, "already_claimed"),
    ]
    assert firm.rob.get("me/").data["claims_today"] == {"used": 1, "of": 10}
    problem(firm.rob.post("pool/claim/", {"leads": []}), 422, "invalid")
    assert firm.rob.post("pool/claim/", {"leads": ["x"]}).json() == [
        {"lead": "x", "ok": False, "code": "not_found"}
    ]
    problem(firm.rob.post("pool/claim/", {"leads": [7]}), 400, "invalid")
    problem(firm.tina.post("pool/claim/", {"leads": [good["id"]]}), 403, "forbidden")


def test_R5_1_converting_lists_everything_that_is_missing(firm: Firm) -> None:
    path = f"leads/{firm.sql()['id']}/"
    everything = {("company", "required"), ("products", "required"), ("headcount", "required")}
    assert set(problem(firm.rita.post(f"{path}convert/"), 422, "gate_not_met")) == everything
    empty = {"company": "", "products": [], "headcount": None}
    assert set(problem(firm.rita.post(f"{path}convert/", empty), 422, "gate_not_met")) == everything
    some = {"company": "A", "products": [{"product": str(firm.product.pk)}], "headcount": 0}
    fields = {field for field, _code in problem(firm.rita.post(f"{path}convert/", some), 422, "gate_not_met")}
    assert fields == {"company", "headcount"}
    wrong = {"company": 5, "products": {}, "headcount": "10"}
    fields = {field for field, _code in problem(firm.rita.post(f"{path}convert/", wrong), 400, "invalid")}
    assert fields == {"company", "products", "headcount"}
    assert firm.rita.get(path).data["state"] == "sql"


def test_R1_2_a_value_that_cannot_be_one_is_named(firm: Firm) -> None:
    body = {"contact": {"phone": "12", "email": "a@"}, "source": {"channel": "Not A Channel"}}
    answer = firm.max.post("leads/", body)
    fields = {field for field, _code in problem(answer, 422, "invalid")}
    assert fields == {"contact.phone", "contact.email", "source.channel"}
    assert any("12" in row["message"] for row in answer.data["errors"])
    problem(firm.max.post("leads/", {"contact": {}, "source": {"channel": "a"}}), 422, "invalid")
    problem(firm.max.post("leads/", {}), 422, "invalid")


def test_R1_3_a_known_person_is_200_and_known(firm: Firm) -> None:
    first = firm.capture(phone="13812345678", name="Known Person")
    body = {"contact": {"phone": "+86 138 1234 5678"}, "source": {"channel": "web", "medium": "form"}}
    answer = firm.max.post("leads/", body)
    assert answer.status_code == 200
    assert answer.data["known"] is True
    assert answer.data["id"] == first["id"]


def test_R1_5_who_captures_a_stranger_s_lead_reads_it_masked(firm: Firm) -> None:
    lead = firm.sql()
    phone = lead["contact"]["phone"]
    answer = firm.wei.post("leads/", {"contact": {"phone": phone}, "source": {"channel": "web"}})
    assert answer.status_code == 200
    assert answer.data["known"] is True
    assert phone not in answer.content.decode()
    assert answer.data["owner"]["login"] == "rita"
    assert answer.data["allowed"] == []
    problem(firm.wei.get(f"leads/{lead['id']}/"), 404, "not_found")


def test_stale_changes_are_412_and_fresh_ones_raise_the_version(firm: Firm) -> None:
    lead = firm.sql()
    path = f"leads/{lead['id']}/"
    tag = firm.rita.get(path)["ETag"]
    changed = firm.rita.patch(path, {"next_step": {"text": "call", "on": "2027-01-05"}}, If_Match=tag)
    assert changed.status_code == 200, changed.content
    assert changed.data["next_step"] == {"text": "call", "on": "2027-01-05"}
    assert changed.data["version"] > lead["version"]
    problem(firm.rita.patch(path, {"next_step": None}, If_Match=tag), 412, "stale_version")
    assert firm.rita.get(path).data["next_step"] == {"text": "call", "on": "2027-01-05"}
    named = firm.rita.patch(path, {"contact": {"name": "New Name"}}, If_Match=changed["ETag"])
    assert named.status_code == 200, named.content
    assert named.data["contact"]["name"] == "New Name"
    assert named["ETag"] != changed["ETag"]
    assert firm.rita.patch(path, {"next_step": None}).data["next_step"] is None
    assert firm.rita.patch(path, {}).status_code == 200


@pytest.mark.parametrize(
    "field", ["owner", "state", "due_at", "team", "version", "is_staff", "id", "extensions_used"]
)
def test_nothing_else_of_a_lead_is_written_by_hand(firm: Firm, field: str) -> None:
    path = f"leads/{firm.sql()['id']}/"
    assert problem(firm.ada.patch(path, {field: "rob"}), 400, "invalid") == [(field, "unknown")]
