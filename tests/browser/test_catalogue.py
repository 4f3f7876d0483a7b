"""The marketer keeps the catalogue, the administrator the letterhead, a rep takes the calendar along (R8.1, R8.6, R9.5)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from catalogue.models import Case, Product
from catalogue.services import save_case, save_price
from core import clock
from opportunities import services
from opportunities.models import Letterhead, Opportunity
from tests.browser.window import PHONE, WIDE, Window, open_window
from tests.cast import Firm
from tests.opportunities.test_letterhead import png

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def firm(transactional_db: None) -> Firm:
    return Firm()


def fine(window: Window) -> None:
    assert window.overflow() == "" and window.serious() == [] and window.errors == []


def a_chance(firm: Firm, industry: str) -> Opportunity:
    chance = firm.an_opportunity(company="Blue Whale Ltd")
    chance.company.industry = industry
    chance.company.store("industry")
    return chance


def next_month() -> str:
    first = (clock.firm_day(clock.now()).replace(day=1) + timedelta(days=32)).replace(day=1)
    return first.isoformat()


def priced(page: Page, **said: str) -> None:
    """Set a price in the dialog of a product."""
    page.keyboard.press("c")
    dialog = page.locator("#new-price")
    expect(dialog.locator("[name=price]")).to_be_visible()
    dialog.locator("label", has_text=said.pop("basis")).click()
    for name, value in said.items():
        dialog.locator(f"[name={name}]").fill(value)
    dialog.locator(".btn-primary").click()


def test_R9_5_from_a_new_product_to_its_price_and_a_case_for_who_waits(
    browser: Browser, live_server, firm: Firm
) -> None:
    chance = a_chance(firm, "Retail")
    window = open_window(browser, live_server.url, "max")
    page = window.open("/catalogue/")
    expect(page.locator(".t-side [aria-current] >> nth=0")).to_contain_text("1")
    page.keyboard.press("c")
    page.locator("#new-product [name=name]").fill("Insight")
    page.locator("#new-product [name=price]").fill("1200")
    page.locator("#new-product [name=unit]").fill("seat")
    window.shot("catalogue-new")
    page.locator("#new-product .btn-primary").click()
    expect(page.locator("h1")).to_have_text("Insight")
    # A price from next month on; once more the same day is refused in place.
    priced(page, basis="per user and month", price="30", valid_from=next_month())
    expect(page.locator(".t-price")).to_contain_text("to come")
    priced(page, basis="per user and month", price="31", valid_from=next_month())
    expect(page.locator("#new-price [data-field=valid_from]")).to_contain_text("change that one")
    window.shot("catalogue-refused")
    page.keyboard.press("Escape")
    page.locator(".t-price a", has_text="Change").click()
    page.locator(".t-price__form [name=price]").fill("35")
    page.locator(".t-price__form .btn-primary").click()
    expect(page.locator(".t-price__amount")).to_have_text("¥35")
    window.shot("catalogue-product")
    fine(window)
    assert Product.objects.get(name="Insight").prices.get().price == Decimal(35)
    # What is missing, who waits for it, and the case that fills it.
    page = window.open("/catalogue/gaps/")
    row = page.locator("tr", has_text="Retail")
    expect(row).to_contain_text("1 opportunity")
    window.shot("catalogue-gaps")
    fine(window)
    row.locator("a", has_text="1 opportunity").click()
    expect(page.locator("#rows")).to_contain_text("Blue Whale Ltd")
    page.go_back()
    page.locator("tr", has_text="Retail").locator("a", has_text="File one").click()
    expect(page.locator("[name=industry]")).to_have_value("Retail")
    page.locator("[name=title]").fill("A shop like theirs")
    page.locator("[name=url]").fill("https://example.com/shop")
    page.locator(".btn-primary").click()
    expect(page.locator("#main")).to_contain_text("Nothing is missing")
    window.shot("catalogue-no-gap")
    fine(window)
    rep = open_window(browser, live_server.url, "rita")
    expect(rep.open(f"/opportunities/{chance.pk}/").locator(".t-cases")).to_contain_text("A shop like theirs")
    # Found by its name from anywhere.
    found = rep.open("/catalogue/")
    found.keyboard.press("Control+k")
    found.keyboard.type("Insi")
    expect(found.locator("dialog[open]")).to_contain_text("Insight")
    assert rep.errors == []


def test_R9_5_the_letterhead_with_a_logo_on_paper(
    browser: Browser, live_server, firm: Firm, tmp_path: Path
) -> None:
    logo = tmp_path / "logo.png"
    logo.write_bytes(png(240, 60))
    window = open_window(browser, live_server.url, "ada")
    page = window.open("/letterhead/")
    said = {
        "name": "Trunk Ltd",
        "address": "1 Main Street",
        "phone": "+86 21 5555 0000",
        "tax_id": "91310000",
    }
    for name, value in {**said, "bank": "ICBC Shanghai", "account": "6222 0200"}.items():
        page.locator(f"[name={name}]").fill(value)
    page.locator("[name=logo]").set_input_files(str(logo))
    page.locator("form .btn-primary").click()
    expect(page.locator(".t-logo img")).to_be_visible()
    expect(page.locator(".t-head__figures")).not_to_contain_text("still empty")
    page.wait_for_function("() => document.querySelector('.t-paperview').naturalWidth > 500")
    window.shot("letterhead")
    fine(window)
    assert Letterhead.objects.get().logo_type == "png"
    # What is no picture is refused beside its field.
    bad = tmp_path / "logo.jpg"
    bad.write_bytes(b"<svg/>")
    page.locator("[name=logo]").set_input_files(str(bad))
    page.locator("form .btn-primary").click()
    expect(page.locator("[data-field=logo]")).to_contain_text("PNG or JPEG")
    paper = page.request.get(f"{live_server.url}/letterhead/preview/en/?pdf")
    assert paper.ok and paper.body().startswith(b"%PDF")


def test_R8_1_the_calendar_is_taken_along(browser: Browser, live_server, firm: Firm) -> None:
    services.plan_experience(
        a_chance(firm, "Retail"), by=firm.rita, kind="visit", starts_at=clock.now() + timedelta(days=1)
    )
    window = open_window(browser, live_server.url, "rita")
    page = window.open("/me/")
    page.locator("#calendar .btn").click()
    field = page.locator("#calendar [data-copy-from]")
    expect(field).to_be_visible()
    old = field.input_value()
    window.shot("calendar")
    fine(window)
    assert "SUMMARY:visit: Blue Whale Ltd" in page.request.get(old).text()
    page.on("dialog", lambda dialog: dialog.accept())
    page.locator("#calendar .btn", has_text="New address").click()
    expect(page.locator("#toasts")).to_contain_text("The old one has stopped")
    new = page.locator("#calendar [data-copy-from]").input_value()
    assert page.request.get(old).status == 404 and page.request.get(new).ok


@pytest.mark.slow
@pytest.mark.parametrize(("size", "theme"), [(WIDE, "dark"), (PHONE, "light")])
def test_the_pages_in_chinese_dark_and_on_a_phone(
    browser: Browser, live_server, firm: Firm, size: tuple[int, int], theme: str
) -> None:
    a_chance(firm, "Retail")
    day = clock.firm_day(clock.now())
    for start, end in ((-60, None), (-30, None), (-1, 5), (20, None)):
        until = None if end is None else day + timedelta(days=end)
        said: dict[str, Any] = {"amount": Decimal(100 + start), "valid_from": day + timedelta(days=start)}
        save_price(None, by=firm.max, product=firm.product, basis="user_year", valid_until=until, **said)
    case = save_case(None, by=firm.max, title="A bank", summary="Text", industry="Finance")
    window = open_window(browser, live_server.url, "ada", language="zh-hans", theme=theme, size=size)
    for name, url in (
        ("catalogue", "/catalogue/"),
        ("catalogue-product", f"/catalogue/products/{firm.product.pk}/"),
        ("catalogue-cases", "/catalogue/cases/"),
        ("catalogue-case", f"/catalogue/cases/{case.pk}/"),
        ("catalogue-gaps", "/catalogue/gaps/"),
        ("letterhead", "/letterhead/"),
    ):
        window.open(url)
        window.shot(name)
        fine(window)
    assert Case.objects.count() == 1
