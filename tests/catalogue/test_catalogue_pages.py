"""Pages of the catalogue: what they say and cost, who keeps it, what is refused where (R8.6, R9.5)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from catalogue.models import Case, Price, Product
from catalogue.services import save_case, save_price, save_product
from core import hooks
from tests.cast import Firm, Watch, fresh
from tests.pages import MOST_QUERIES, browser, queries_of, tap, words

PRICE = {"basis": "user_month", "price": "30", "name": "", "valid_from": "2026-04-01", "valid_until": ""}
READERS = ("rita", "mark", "pia", "tina", "sue")


def address(row: Product) -> str:
    return f"/catalogue/products/{row.pk}/"


def more(firm: Firm, n: int) -> Product:
    """One more product with prices, a case and an opportunity that waits."""
    row = save_product(None, by=firm.max, name=f"Course {n}", price=Decimal(n))
    for basis in ("once", "user_month", "user_year"):
        for day in (1, 2):
            save_price(
                None,
                by=firm.max,
                product=row,
                basis=basis,
                amount=Decimal(day),
                valid_from=date(2026, 2 + day, day),
            )
    save_case(None, by=firm.max, title=f"Case {n}", summary="Text", product=row)
    chance = firm.an_opportunity()
    chance.company.industry = f"Industry {n}"
    chance.company.store("industry")
    return row


def test_the_pages_cost_the_same_however_much_is_in_them(firm: Firm, watch: Watch) -> None:
    row = more(firm, 1)
    client = browser(firm.max)
    pages = ("/catalogue/", "/catalogue/cases/", "/catalogue/gaps/", "/catalogue/cases/new/", address(row))
    one = [queries_of(client, page) for page in pages]
    for n in range(2, 6):
        more(firm, n)
    assert [queries_of(client, page) for page in pages] == one
    assert max(one) <= MOST_QUERIES


def test_a_product_is_made_priced_and_read_by_reps(firm: Firm, watch: Watch) -> None:
    client = browser(firm.max)
    answer = tap(client, "/catalogue/new/", {"name": "Insight", "price": "1200", "unit": "seat"})
    row = Product.objects.get(name="Insight")
    assert answer.status_code == 200 and answer["HX-Push-Url"] == address(row)
    assert tap(client, f"{address(row)}price/", PRICE).status_code == 200
    for login in READERS:
        reader = browser(getattr(firm, login))
        listed, page = reader.get("/catalogue/"), reader.get(address(row))
        assert "Insight" in words(listed) and "1 Apr" in words(listed), login
        assert "¥1,200 once" in words(page) and "to come" in words(page)
        assert "New price" not in words(page) and "New product" not in words(listed)
    watch.go(days=40)
    assert "¥30 per user and month" in words(browser(firm.rita).get(address(row)))
    assert "¥30 user/month" in words(browser(firm.rita).get("/catalogue/"))


def test_who_does_not_keep_the_catalogue_changes_nothing(firm: Firm, watch: Watch) -> None:
    row = more(firm, 1)
    price, case = row.prices.first(), row.cases.first()
    assert price is not None and case is not None
    for login in READERS:
        client = browser(getattr(firm, login))
        posts = {
            "/catalogue/new/": {"name": "Mine", "price": "1"},
            f"{address(row)}save/": {"name": "Mine", "price": "1"},
            f"{address(row)}price/": PRICE,
            f"/catalogue/prices/{price.pk}/save/": {"do": "drop"},
            "/catalogue/cases/new/": {"title": "Mine", "summary": "Mine", "kind": "case"},
            f"/catalogue/cases/{case.pk}/": {"title": "Mine", "summary": "Mine", "kind": "case"},
        }
        assert {url: client.post(url, data).status_code for url, data in posts.items()} == dict.fromkeys(
            posts, 403
        )
        for url in (f"/catalogue/prices/{price.pk}/", "/catalogue/gaps/", "/catalogue/cases/new/"):
            assert client.get(url).status_code == 403, url
        assert client.get(f"/catalogue/cases/{case.pk}/").status_code == 200
    assert (fresh(row).name, Price.objects.count(), Case.objects.get().title) == ("Course 1", 6, "Case 1")


def test_what_is_wrong_stands_beside_its_field(firm: Firm, watch: Watch) -> None:
    client, page = browser(firm.ada), address(firm.product)
    taken = tap(client, "/catalogue/new/", {"name": "seats", "price": "1"})
    assert taken.status_code == 422 and 'data-field="name"' in taken.content.decode()
    tap(client, f"{page}price/", PRICE | {"valid_until": "2026-04-30"})
    again = tap(client, f"{page}price/", PRICE)
    assert again.status_code == 422 and "change that one" in words(again)
    within = tap(client, f"{page}price/", PRICE | {"valid_from": "2026-04-10"})
    assert within.status_code == 422 and "begin after it" in words(within)
    for wrong in (
        {"price": "NaN"},
        {"price": "1e400"},
        {"price": "٣"},
        {"price": "-1"},
        {"price": "1.001"},
        {"valid_from": "9999-12-31"},
        {"valid_from": ""},
        {"basis": "dozen"},
        {"name": "x" * 61},
        {"name": "a\x00b"},
    ):
        answer = tap(client, f"{page}price/", PRICE | {"valid_from": "2026-06-01"} | wrong)
        # A digit is a digit in every script.
        assert answer.status_code == (200 if wrong == {"price": "٣"} else 422), wrong
    assert firm.product.prices.count() == 2


def test_a_price_is_changed_in_place_or_taken_away(firm: Firm, watch: Watch) -> None:
    client, page = browser(firm.ada), address(firm.product)
    tap(client, f"{page}price/", PRICE)
    row = Price.objects.get()
    url = f"/catalogue/prices/{row.pk}/"
    fragment = client.get(url, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in fragment and 'value="2026-04-01"' in fragment
    assert "<html" in client.get(url).content.decode()
    assert tap(client, f"{url}save/", PRICE | {"price": "35"}).status_code == 200
    assert fresh(row).price == 35
    told = words(client.get(page))
    assert "¥30 → ¥35 per user and month" in told
    assert tap(client, f"{url}save/", {"do": "drop"}).status_code == 200
    assert not Price.objects.exists() and client.get(url).status_code == 404


def test_R8_6_a_gap_leads_to_the_form_filled_in_and_to_those_that_wait(firm: Firm, watch: Watch) -> None:
    chance = firm.an_opportunity()
    chance.company.industry = "Retail & Co"
    chance.company.store("industry")
    client = browser(firm.max)
    page = client.get("/catalogue/gaps/").content.decode()
    new = f"/catalogue/cases/new/?product={firm.product.pk}&industry=Retail+%26+Co&from=gaps"
    assert new.replace("&", "&amp;") in page
    form = client.get(new).content.decode()
    assert 'value="Retail &amp; Co"' in form and f'value="{firm.product.pk}" selected' in form
    waiting = (
        f"/pipeline/?view=list&stage=confirmed%2Cexperience&product={firm.product.pk}&industry=Retail+%26+Co"
    )
    assert waiting.replace("&", "&amp;") in page
    listed = words(client.get(waiting))
    assert chance.company.name in listed and "Retail &amp; Co" in listed
    other = firm.an_opportunity()
    assert other.company.name not in words(client.get(waiting))
    unknown = words(client.get(f"/pipeline/?view=list&product={firm.product.pk}&industry=-"))
    assert other.company.name in unknown and chance.company.name not in unknown
    data = {"kind": "video", "title": "A shop", "url": "https://example.com/v", "summary": "", "from": "gaps"}
    data |= {"product": str(firm.product.pk), "industry": "Retail & Co"}
    answer = tap(client, "/catalogue/cases/new/", data)
    assert answer.status_code == 200 and answer["HX-Push-Url"] == "/catalogue/gaps/"
    assert Case.objects.get().by == firm.max
    assert "Nothing is missing" in words(client.get("/catalogue/gaps/"))
    # Put away, it is missing again.
    tap(client, f"/catalogue/cases/{Case.objects.get().pk}/", data)
    assert "Retail" in words(client.get("/catalogue/gaps/"))


@pytest.mark.parametrize(
    "wrong", ["product=x", "product=%00", "kind=x", "show=x", "q=%00", "cursor=x", "ordering=x"]
)
def test_an_address_typed_wrong_is_forgiven(firm: Firm, watch: Watch, wrong: str) -> None:
    client = browser(firm.max)
    for page in (
        "/catalogue/",
        "/catalogue/cases/",
        "/catalogue/gaps/",
        "/catalogue/cases/new/",
        "/pipeline/",
    ):
        assert client.get(f"{page}?{wrong}").status_code == 200, page
    assert client.get(f"/pipeline/?view=list&stage=x,won&industry={'x' * 300}").status_code == 200


def test_the_place_counts_gaps_for_marketing_and_the_search_finds_products(firm: Firm, watch: Watch) -> None:
    firm.an_opportunity()
    entries = {
        login: {e.name: e for answer in hooks.nav(getattr(firm, login)) for e in answer}
        for login in ("max", "ada", "rita", "tina")
    }
    assert entries["max"]["catalogue"].count.count() == entries["ada"]["catalogue"].count.count() == 1
    assert entries["rita"]["catalogue"].count is None and "catalogue" not in entries["tina"]
    hits = [hit for answer in hooks.search(firm.rita, "eat", 5) for hit in answer]
    assert ("Seats", address(firm.product)) in [(hit.title, hit.url) for hit in hits]


def test_the_api_tells_and_sets_prices_and_cases(firm: Firm, watch: Watch) -> None:
    client, url = browser(firm.max), f"/api/v1/products/{firm.product.pk}/prices/"
    body = {
        "basis": "user_year",
        "price": {"amount": "300.00", "currency": "CNY"},
        "valid_from": "2026-03-01",
        "list": "Partners",
    }
    made = client.post(url, body, content_type="application/json")
    assert made.status_code == 201 and made["ETag"] == '"1"'
    assert made.json() | {"id": ""} == body | {"id": "", "version": 1, "valid_until": None}
    again = client.post(url, body, content_type="application/json")
    assert again.status_code == 422 and again.json()["errors"][0]["code"] == "taken"
    reader = browser(firm.rita)
    assert reader.get(url).json()["results"] == [made.json()]
    assert reader.post(url, body, content_type="application/json").status_code == 403
    empty = client.post(url, {}, content_type="application/json")
    assert {e["field"] for e in empty.json()["errors"]} == {"price", "valid_from"}
    case = {"title": "A shop", "summary": "Text", "product": str(firm.product.pk), "industry": "Retail"}
    filed = client.post("/api/v1/cases/", case, content_type="application/json")
    assert filed.status_code == 201
    away = client.patch(
        f"/api/v1/cases/{filed.json()['id']}/", {"active": False}, content_type="application/json"
    )
    assert away.json()["title"] == "A shop" and away.json()["active"] is False
    found = reader.get("/api/v1/cases/?industry=RETAIL&active=false").json()["results"]
    assert [row["id"] for row in found] == [filed.json()["id"]]
    assert reader.post("/api/v1/cases/", case, content_type="application/json").status_code == 403
