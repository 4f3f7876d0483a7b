"""Q16: every operation with every hat on every kind of record: nothing unexpected, nothing untested."""

from typing import Any

import pytest

from tests.api.conftest import Api, problem
from tests.api.firm import CAST, Firm
from tests.api.operations import EXPECTED, PUBLIC, fill, more, operations
from tests.sizes import in_turn

pytestmark = pytest.mark.django_db


def test_without_a_key_every_operation_is_401(db: None) -> None:
    found = operations()
    assert len(found) > 40
    for method, path in found:
        answer = Api().send(method, fill(path, {}))
        if (method, path) in PUBLIC:
            problem(answer, 404, "not_found")
        else:
            problem(answer, 401, "not_authenticated")


def test_with_a_reading_key_nothing_is_written(firm: Firm) -> None:
    from accounts.services import make_key

    api = Api(make_key(firm.user("ada"), scope="read"))
    for method, path in operations():
        if method != "GET" and (method, path) not in PUBLIC:
            problem(api.send(method, fill(path, {}), {}), 403, "forbidden")


@pytest.mark.parametrize("who", in_turn(sorted(CAST), {"mark", "ivy"}))
def test_nobody_meets_anything_unexpected(firm: Firm, who: str) -> None:
    client = getattr(firm, who)
    found = operations()
    for kind in ("new", "mql", "sql", "pooled"):
        ids = {"leads": firm.record(kind)["id"]}
        ids["pool"] = ids["leads"]
        for method, path in found:
            if "{id}" in path and path.split("/")[3] in ids:
                answer = client.send(method, fill(path, ids), {} if method != "GET" else None)
                assert answer.status_code in EXPECTED, (method, path, kind, answer.content)
    order = firm.order()
    ids = {
        "opportunities": order["opportunity"],
        "orders": order["id"],
        "companies": order["company"]["id"],
        "contacts": firm.max.get("contacts/").data["results"][0]["id"],
        "products": str(firm.product.pk),
        **more(firm),
    }
    for method, path in found:
        if path.split("/")[3] not in ("leads", "pool"):
            answer = client.send(method, fill(path, ids), {} if method != "GET" else None)
            assert answer.status_code in EXPECTED, (method, path, answer.content)


# Who may see a record of Rita's (team East), by hat: everybody else reads 404 everywhere.
SEES: dict[str, set[str]] = {
    "new": {"tina", "max", "ada", "ivy"},
    "mql": {"tina", "rita", "mark", "max", "ada", "ivy"},
    "sql": {"tina", "rita", "mark", "max", "ada", "ivy"},
    "pooled": {"tina", "rita", "rob", "wei", "mark", "olga", "max", "ada", "ivy"},
}


@pytest.mark.parametrize("kind", SEES)
def test_R15_2_what_one_may_not_see_is_a_404(firm: Firm, kind: str) -> None:
    lead = firm.record(kind)["id"]
    for who in CAST:
        client = getattr(firm, who)
        seen = who in SEES[kind]
        for path in ("", "timeline/", "notes/", "calls/", "holdings/"):
            answer = client.get(f"leads/{lead}/{path}")
            assert answer.status_code == (200 if seen else 404), (who, kind, path)
        listed = {row["id"] for row in client.get("leads/?page_size=200").data["results"]}
        assert (lead in listed) == seen, (who, kind)


def test_R15_2_opportunities_and_orders_of_others_are_404(firm: Firm) -> None:
    order = firm.order()
    sees = {"tina", "rita", "mark", "max", "ada", "ivy"}
    for who in CAST:
        client = getattr(firm, who)
        for path in (f"opportunities/{order['opportunity']}/", f"orders/{order['id']}/"):
            assert client.get(path).status_code == (200 if who in sees else 404), (who, path)
    problem(firm.rob.post(f"orders/{order['id']}/sign/"), 404, "not_found")
    problem(firm.max.post(f"orders/{order['id']}/sign/"), 403, "forbidden")
    problem(firm.tina.post(f"opportunities/{order['opportunity']}/advance/"), 403, "forbidden")
    assert firm.mark.post(f"opportunities/{order['opportunity']}/advance/").status_code == 200


MAY: list[tuple[str, str, Any, set[str]]] = [
    ("mql", "leads/{id}/accept/", None, {"rita", "mark", "ada"}),
    ("mql", "leads/{id}/return/", {"reason": "no_need"}, {"rita", "mark", "ada"}),
    ("sql", "leads/{id}/release/", {"reason": "no_time"}, {"rita", "mark", "ada"}),
    ("sql", "leads/{id}/assign/", {"rep": "rob"}, {"mark", "ada"}),
    ("mql", "leads/{id}/assign/", {"rep": "rob"}, {"mark", "ada", "max"}),
    ("sql", "leads/{id}/notes/", {"text": "x"}, {"rita", "mark", "ada", "max", "ivy"}),
    ("pooled", "pool/{id}/claim/", None, {"rob", "wei"}),
    ("new", "leads/{id}/calls/", {"outcome": "no_need"}, {"tina", "max"}),
]


@pytest.mark.parametrize(("kind", "path", "body", "allowed"), MAY, ids=[f"{k} {p}" for k, p, _b, _a in MAY])
def test_who_may_do_it_and_nobody_else(
    firm: Firm, kind: str, path: str, body: Any, allowed: set[str]
) -> None:
    lead: dict[str, Any] = {}
    for who in CAST:
        lead = lead or firm.record(kind)
        before = firm.ada.get(f"leads/{lead['id']}/").data
        answer = getattr(firm, who).post(path.replace("{id}", lead["id"]), body)
        if who in allowed:
            assert answer.status_code in (200, 201), (who, answer.content)
            lead = {}
        else:
            assert answer.status_code in (403, 404, 422), (who, answer.content)
            assert firm.ada.get(f"leads/{lead['id']}/").data == before, who


def test_products_are_marketing_s_and_the_administrator_s(firm: Firm) -> None:
    body = {"name": "Course", "price": {"amount": "10.00", "currency": "CNY"}}
    for who in CAST:
        answer = getattr(firm, who).post("products/", {**body, "name": f"Course {who}"})
        assert answer.status_code == (201 if who in ("max", "ada") else 403), (who, answer.content)
        change = getattr(firm, who).patch(f"products/{firm.product.pk}/", {"unit": who})
        assert change.status_code == (200 if who in ("max", "ada") else 403), who
    fields = {field for field, _code in problem(firm.max.post("products/", {}), 422, "invalid")}
    assert fields == {"name", "price"}
    problem(firm.max.post("products/", {**body, "price": 10}), 400, "invalid")
    product = firm.max.get(f"products/{firm.product.pk}/")
    problem(
        firm.max.patch(f"products/{firm.product.pk}/", {"active": False}, If_Match='"0"'),
        412,
        "stale_version",
    )
    changed = firm.max.patch(f"products/{firm.product.pk}/", {"active": False}, If_Match=product["ETag"])
    assert changed.data["active"] is False
    assert firm.max.get("products/?active=true&q=course").data["results"]


def test_the_rulebook_is_changed_by_an_administrator_with_an_admin_key(firm: Firm) -> None:
    from accounts.services import make_key

    problem(
        Api(make_key(firm.user("ada"), scope="write")).patch("rulebook/", {"week_days": 5}), 403, "forbidden"
    )
    for who in CAST:
        answer = getattr(firm, who).patch("rulebook/", {"week_days": 5})
        assert answer.status_code == (200 if who == "ada" else 403), who
        assert getattr(firm, who).get("rulebook/").status_code == 200
    rules = {row["key"]: row for row in firm.rita.get("rulebook/").data["results"]}
    assert (rules["week_days"]["value"], rules["week_days"]["default"], rules["week_days"]["rule"]) == (
        5,
        7,
        "R6.1",
    )
    assert firm.sql()["days_left"] == pytest.approx(5, abs=0.01)
    firm.ada.patch("rulebook/", {"week_days": None})
    history = firm.rita.get("rulebook/history/").data["results"]
    assert [(row["key"], row["old"], row["new"], row["by"]["login"]) for row in history] == [
        ("week_days", 5, 7, "ada"),
        ("week_days", 7, 5, "ada"),
    ]
    problem(firm.ada.patch("rulebook/", {"week_days": "5"}), 400, "invalid")
    problem(firm.ada.patch("rulebook/", {"week_days": True}), 400, "invalid")
    problem(firm.ada.patch("rulebook/", {"no_such": 5}), 400, "invalid")
    problem(firm.ada.patch("rulebook/", []), 400, "invalid")
    problem(firm.ada.patch("rulebook/", {"week_days": 0}), 422, "invalid")


def test_companies_and_contacts_are_kept(firm: Firm) -> None:
    made = firm.max.post("companies/", {"name": "Quiet River Ltd", "website": "https://river.example"})
    assert made.status_code == 201, made.content
    path = f"companies/{made.data['id']}/"
    assert problem(firm.max.post("companies/", {"name": "quiet river ltd"}), 422, "invalid") == [
        ("name", "taken")
    ]
    assert problem(firm.max.post("companies/", {}), 422, "invalid") == [("name", "not_a_name")]
    assert problem(firm.max.patch(path, {"website": "nonsense"}), 400, "invalid") == [("website", "invalid")]
    problem(firm.max.patch(path, {"region": "South"}, If_Match='"99"'), 412, "stale_version")
    assert firm.max.patch(path, {"region": "South"}, If_Match=made["ETag"]).data["region"] == "South"
    body = {"name": "Ann", "email": "ann@river.example", "company": made.data["id"]}
    contact = firm.max.post("contacts/", body)
    assert contact.status_code == 201, contact.content
    assert contact.data["company"] == {"id": made.data["id"], "name": "Quiet River Ltd"}
    problem(firm.max.post("contacts/", {"name": "No Way"}), 422, "invalid")
    problem(firm.max.post("contacts/", body), 409, "duplicate_contact")
    path = f"contacts/{contact.data['id']}/"
    changed = firm.max.patch(path, {"phone": "13900009999", "do_not_sms": True}, If_Match=contact["ETag"])
    assert changed.status_code == 200, changed.content
    assert (changed.data["phone"], changed.data["do_not_sms"]) == ("+8613900009999", True)
    problem(firm.max.patch(path, {"name": "B"}, If_Match=contact["ETag"]), 412, "stale_version")
    assert problem(firm.max.patch(path, {"phone": "1"}), 422, "invalid")[0][0] == "phone"


def test_me_tells_hats_limits_and_what_is_used(firm: Firm) -> None:
    firm.sql()
    me = firm.rita.get("me/").data
    assert (me["login"], me["hats"], me["team"]["name"]) == ("rita", ["rep"], "East")
    assert me["capacity"] == {"used": 1, "of": 60}
    assert me["claims_today"] == {"used": 0, "of": 10}
    assert {row["login"] for row in firm.rita.get("users/?hat=rep&team=East").data["results"]} == {
        "rita",
        "rob",
    }
    assert [row["name"] for row in firm.rita.get("teams/").data["results"]] == ["East", "West"]
    firm.mql()
    notice = firm.rita.get("notices/?unread=true").data["results"][0]
    assert firm.rita.post(f"notices/{notice['id']}/read/").data["read_at"] is not None
    problem(firm.rob.post(f"notices/{notice['id']}/read/"), 404, "not_found")


def test_R14_4_the_dictionary_is_read_by_all_and_defined_by_administrators(firm: Firm) -> None:
    words = firm.rita.get("dictionary/").data["results"]
    assert {"lead", "mql", "sql", "opportunity", "order", "pool"} <= {word["code"] for word in words}
    path = "dictionary/lead/"
    problem(firm.rita.patch(path, {"word_en": "Prospect"}), 403, "forbidden")
    problem(firm.ada.patch(path, {"word_en": ""}), 422, "invalid")
    problem(firm.ada.patch(path, {"code": "x"}), 400, "invalid")
    problem(firm.ada.patch("dictionary/none/", {"word_en": "x"}), 404, "not_found")
    changed = firm.ada.patch(path, {"word_en": "Prospect"})
    assert (changed.status_code, changed.data["word_en"]) == (200, "Prospect")
    problem(firm.ada.patch(path, {"word_en": "A"}, If_Match='"1"'), 412, "stale_version")
