"""Q19: hostile strings in every text of the trunk: refused with a problem, or kept as they are."""

from typing import Any

import pytest

from tests.api.firm import Firm

pytestmark = pytest.mark.django_db

STRINGS = [
    "a\x00b",
    "\ud800",
    "\udfff tail",
    "x" * 10_001,
    "x" * 1_000_000,
    "\u202egnp.exe",
    "\u200b\u200d\ufeff",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7*7 }}",
    "{% debug %}",
    "%(name)s %s %d %",
    "{0.__class__}",
    "${jndi:ldap://127.0.0.1/a}",
    "../../etc/passwd",
    "..\\..\\windows",
    "file:///etc/passwd",
    "'; DROP TABLE leads_lead; --",
    "' OR '1'='1",
    "1; SELECT pg_sleep(10)",
    "\\",
    "\\x00\\u0000",
    "NULL",
    "null",
    "undefined",
    "NaN",
    "true",
    "0",
    "-1",
    "1e309",
    "=cmd|' /C calc'!A0",
    "@SUM(1+1)",
    "\t\r\n",
    "   ",
    "🏴󠁧󠁢󠁳󠁣󠁴󠁿👩‍👩‍👧‍👦",
    "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘",
    "ﷺ" * 300,
    "ｆｕｌｌｗｉｄｔｈ",
    "مرحبا",
    "a,b;c|d",
    "\x07\x1b[31m",
    "\u2028\u2029",
]
FINE = {200, 201, 400, 409, 413, 422}


def _texts(lead: str, product: str) -> dict[str, Any]:
    """Where a text goes in: name -> (method, path, body with the text)."""
    return {
        "name": ("POST", "leads/", lambda t: _capture({"name": t})),
        "title": ("POST", "leads/", lambda t: _capture({"title": t})),
        "company_name": ("POST", "leads/", lambda t: _capture({"company_name": t})),
        "phone": ("POST", "leads/", lambda t: {"contact": {"phone": t}, "source": {"channel": "a"}}),
        "email": ("POST", "leads/", lambda t: {"contact": {"email": t}, "source": {"channel": "a"}}),
        "wechat": ("POST", "leads/", lambda t: {"contact": {"wechat": t}, "source": {"channel": "a"}}),
        "capture note": ("POST", "leads/", lambda t: {**_capture({}), "note": t}),
        "channel": ("POST", "leads/", lambda t: _capture({}, channel=t)),
        "campaign": ("POST", "leads/", lambda t: _capture({}, campaign=t)),
        "medium": ("POST", "leads/", lambda t: _capture({}, medium=t)),
        "note": ("POST", f"leads/{lead}/notes/", lambda t: {"text": t}),
        "next step": ("PATCH", f"leads/{lead}/", lambda t: {"next_step": {"text": t}}),
        "reason": ("POST", f"leads/{lead}/release/", lambda t: {"reason": t}),
        "outcome": ("POST", f"leads/{lead}/calls/", lambda t: {"outcome": t}),
        "call note": ("POST", f"leads/{lead}/calls/", lambda t: {"outcome": "interested", "note": t}),
        "called phone": ("POST", f"leads/{lead}/calls/", lambda t: {"outcome": "no_answer", "phone": t}),
        "rep": ("POST", f"leads/{lead}/assign/", lambda t: {"rep": t}),
        "company": ("POST", f"leads/{lead}/convert/", lambda t: {"company": t}),
        "product": (
            "POST",
            "products/",
            lambda t: {"name": t, "price": {"amount": "1.00", "currency": "CNY"}},
        ),
        "unit": ("PATCH", f"products/{product}/", lambda t: {"unit": t}),
        "amount": ("POST", "products/", lambda t: {"name": "A", "price": {"amount": t, "currency": "CNY"}}),
        "firm": ("POST", "companies/", lambda t: {"name": t}),
        "website": ("POST", "companies/", lambda t: {"name": "A firm", "website": t}),
        "case": ("POST", "cases/", lambda t: {"title": t, "summary": t, "industry": t}),
        "link": ("POST", "cases/", lambda t: {"title": "A", "url": t}),
        "price list": (
            "POST",
            f"products/{product}/prices/",
            lambda t: {"list": t, "basis": t, "price": {"amount": "1.00", "currency": t}, "valid_from": t},
        ),
        "a field": ("POST", "products/", lambda t: {t: t}),
    }


_people = iter(range(10_000))


def _capture(contact: dict[str, str], **source: str) -> dict[str, Any]:
    phone = f"1360000{next(_people):04d}"
    return {"contact": {"phone": phone, **contact}, "source": {"channel": "web", **source}}


@pytest.mark.parametrize("where", _texts("", ""))
def test_Q19_a_hostile_text_is_refused_or_kept(firm: Firm, where: str) -> None:
    lead = firm.sql()["id"]
    method, path, body = _texts(lead, str(firm.product.pk))[where]
    for text in STRINGS:
        answer = firm.ada.send(method, path, body(text))
        assert answer.status_code in FINE, (where, text[:40], answer.status_code, answer.content[:300])
        assert answer.data is not None
        if where == "note" and answer.status_code == 201:
            assert answer.data["note"]["text"] == text.strip()
    assert firm.ada.get("leads/?page_size=200").status_code == 200
    assert firm.ada.get(f"leads/{lead}/timeline/").status_code == 200


@pytest.mark.parametrize(
    "path", ["leads/", "pool/", "contacts/", "companies/", "opportunities/", "orders/", "users/"]
)
def test_Q19_a_hostile_search_finds_or_is_refused(firm: Firm, path: str) -> None:
    from urllib.parse import quote

    firm.order()
    names = ("q", "owner", "cursor", "ordering", "source", "x") if path == "leads/" else ("q",)
    for text in STRINGS:
        word = quote(text[:1500].encode("utf-8", "surrogatepass"))
        for name in names:
            answer = firm.ada.get(f"{path}?{name}={word}")
            assert answer.status_code in (200, 400), (name, text[:40], answer.content[:300])


def _on_the_way(order: str, opportunity: str, quote: str, product: str) -> dict[str, Any]:
    """Where a text goes in on the way from quote to payment."""
    line = {"product": product}
    paid = {"amount": {"amount": "0.01", "currency": "CNY"}, "paid_on": "2026-01-05", "method": "cash"}
    return {
        "quote": ("PATCH", f"quotes/{quote}/", lambda t: {"note": t, "language": t}),
        "quote line": ("PATCH", f"quotes/{quote}/", lambda t: {"lines": [{**line, "purpose": t}]}),
        "basis": ("PATCH", f"quotes/{quote}/", lambda t: {"lines": [{**line, "basis": t}]}),
        "address": ("POST", f"quotes/{quote}/send/", lambda t: {"to": t, "text": t}),
        "risk": ("PATCH", f"opportunities/{opportunity}/", lambda t: {"risk": t, "competitor": t}),
        "way": (
            "POST",
            f"opportunities/{opportunity}/events/",
            lambda t: {"kind": t, "starts_at": t, "note": t},
        ),
        "stage": ("POST", f"opportunities/{opportunity}/advance/", lambda t: {"stage": t}),
        "payment": ("POST", f"orders/{order}/payments/", lambda t: {**paid, "note": t, "reference": t}),
        "method": ("POST", f"orders/{order}/payments/", lambda t: {**paid, "method": t}),
        "part": (
            "POST",
            f"orders/{order}/schedule/",
            lambda t: {"parts": [{"note": t, "due_on": "2027-01-01", "amount": paid["amount"]}]},
        ),
        "why": ("POST", f"orders/{order}/reject/", lambda t: {"comment": t}),
    }


@pytest.mark.parametrize("where", _on_the_way("", "", "", ""))
def test_Q19_a_hostile_text_on_the_way_to_the_money_is_refused_or_kept(firm: Firm, where: str) -> None:
    order, quote = firm.signed()["id"], firm.quote()
    places = _on_the_way(order, quote["opportunity"], quote["id"], str(firm.product.pk))
    method, path, body = places[where]
    for text in STRINGS:
        answer = firm.ada.send(method, path, body(text))
        assert answer.status_code in FINE | {403}, (
            where,
            text[:40],
            answer.status_code,
            answer.content[:300],
        )
        assert answer.data is not None
    assert firm.ada.get(f"quotes/{quote['id']}/?format=pdf").content.startswith(b"%PDF-")
    assert firm.ada.get(f"orders/{order}/payments/").status_code == 200


@pytest.mark.parametrize("number", [-(2**31), -1, 0, 2**31 - 1, 2**31, 10**30, 1e308, -1e308, 0.001, 1.005])
def test_Q19_a_number_out_of_all_bounds_is_refused(firm: Firm, number: float) -> None:
    opportunity, product = firm.opportunity()["id"], str(firm.product.pk)
    for name in ("quantity", "periods", "discount"):
        answer = firm.rita.post(
            f"opportunities/{opportunity}/quotes/",
            {"lines": [{"product": product, "basis": "user_year", name: number}]},
        )
        assert answer.status_code in FINE, (name, number, answer.content)
    for body in ({"discount": number}, {"tax_rate": number}, {"term_months": number}):
        assert firm.rita.post(f"opportunities/{opportunity}/quotes/", body).status_code in FINE, body
    for body in ({"discount": number}, {"term": {"months": number}}, {"term": {"days": number}}):
        answer = firm.rita.post("orders/", {"opportunity": opportunity, **body})
        assert answer.status_code in FINE, (body, answer.content)
    for body in ({"probability": number}, {"headcount": number}):
        assert firm.rita.patch(f"opportunities/{opportunity}/", body).status_code in FINE, body
