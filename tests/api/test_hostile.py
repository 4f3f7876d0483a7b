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
