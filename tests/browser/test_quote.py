"""From an opportunity to the signed order in one go: the quote is written, sent, accepted and signed (R9.5, R9.1)."""

from __future__ import annotations

from decimal import Decimal

import pytest
from playwright.sync_api import Browser, expect

from catalogue.services import save_case, save_product
from opportunities import services
from opportunities.models import ExperienceEvent, Opportunity, Quote
from orders.models import Order
from outreach.models import Message
from tests.browser.window import PHONE, WIDE, Window, open_window
from tests.cast import Firm

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def firm(transactional_db: None) -> Firm:
    found = Firm()
    save_product(None, by=found.ada, name="Training", price=Decimal("800.00"), unit="day", active=True)
    return found


def fine(window: Window) -> None:
    assert window.overflow() == "" and window.serious() == [] and window.errors == []


def a_chance(firm: Firm) -> Opportunity:
    lead = firm.an_sql(lead=firm.capture(name="Li Lei", phone="13900000001", email="li@example.com"))
    return firm.an_opportunity(lead=lead, company="Blue Whale Ltd")


def test_R9_5_from_the_quote_to_the_signed_order_in_one_go(browser: Browser, live_server, firm: Firm) -> None:
    chance = a_chance(firm)
    window = open_window(browser, live_server.url, "rita")
    page = window.open(f"/opportunities/{chance.pk}/")
    # To the experience: asked for in place.
    page.keyboard.press("a")
    expect(page.locator("#panel input[name=starts_at]")).to_be_visible()
    window.shot("deal-forward")
    fine(window)
    page.locator("#panel input[name=starts_at]").fill("2030-01-02T10:00")
    page.locator("#panel .btn-primary").click()
    expect(page.locator(".t-happen")).to_contain_text("planned")
    assert ExperienceEvent.objects.count() == 1
    # A quote: another product, other quantities; the server reckons.
    page.keyboard.press("q")
    expect(page.locator("#quote-sums [data-total]")).to_have_text("¥1,000")
    page.locator("[data-lines-add]").click()
    page.locator("[name=lines-1-product]").select_option(label="Training")
    expect(page.locator("[name=lines-1-unit_price]")).to_have_value("800.00")
    page.locator("[name=lines-1-quantity]").fill("2")
    expect(page.locator("#lines-1-total")).to_have_text("¥1,600")
    page.locator("[name=discount]").fill("5")
    expect(page.locator("#quote-sums [data-total]")).to_have_text("¥2,470")
    expect(page.locator("#quote-acts")).to_contain_text("Not saved yet")
    window.shot("quote-typing")
    fine(window)
    page.locator("#quote-form > .t-form__foot .btn-primary").click()
    expect(page.locator("#quote-acts")).to_contain_text("Send by e-mail")
    quote = Quote.objects.get()
    assert quote.total == Decimal("2470.00")
    # Its paper.
    paper = page.request.get(f"{live_server.url}/quotes/{quote.pk}/pdf/")
    assert (
        paper.ok and paper.headers["content-type"] == "application/pdf" and paper.body().startswith(b"%PDF")
    )
    # By e-mail.
    page.keyboard.press("s")
    expect(page.locator("#send-quote input[name=to]")).to_have_value("li@example.com")
    window.shot("quote-send")
    page.locator("#send-quote .btn-primary").click()
    expect(page.locator(".t-head")).to_contain_text("sent to li@example.com")
    window.shot("quote-sent")
    fine(window)
    assert Message.objects.get().files.count() == 1
    # Accepted, and signed.
    page.locator("#quote-acts button", has_text="Accepted").click()
    page.wait_for_url("**/orders/*")
    order = Order.objects.get()
    assert order.total == quote.total and order.quote_id == quote.pk
    page.keyboard.press("s")
    # In place, or as a page of its own if the key came before the page was ready.
    page.locator("form:has(input[name=signed_on]) .btn-primary").click()
    expect(page.locator("#toasts")).to_contain_text("It is an order now")
    order.refresh_from_db()
    assert order.signed_on is not None
    assert Opportunity.objects.get(pk=chance.pk).stage == "won"
    window.open(f"/opportunities/{chance.pk}/")
    window.shot("deal-won")
    fine(window)


@pytest.mark.slow
@pytest.mark.parametrize(("size", "theme"), [(WIDE, "dark"), (PHONE, "light")])
def test_the_pages_in_chinese_dark_and_on_a_phone(
    browser: Browser, live_server, firm: Firm, size: tuple[int, int], theme: str
) -> None:
    firm.set_rules(presales=True)
    chance = services.advance(a_chance(firm), by=firm.rita, to="negotiation")
    services.update(
        chance, by=firm.rita, competitor="Acme", over_expectation=True, risk="The new boss looks again"
    )
    quote = services.draft_quote(chance, by=firm.rita)
    services.draft_quote(chance, by=firm.rita)
    services.ask_presales(chance, text="Single sign-on", due_on=quote.valid_until, by=firm.rita)
    services.plan_experience(
        chance, by=firm.rita, kind="visit", starts_at=quote.created_at, note="Their office"
    )
    early = firm.an_opportunity()
    save_case(
        None,
        by=firm.max,
        title="A shop like theirs",
        summary="Saved two hours a day",
        url="https://example.com/",
    )
    window = open_window(browser, live_server.url, "rita", language="zh-hans", theme=theme, size=size)
    for name, url in (
        ("deal", f"/opportunities/{chance.pk}/"),
        ("deal-early", f"/opportunities/{early.pk}/"),
        ("quote", f"/quotes/{quote.pk}/"),
    ):
        window.open(url)
        window.shot(name)
        fine(window)
    presales = open_window(browser, live_server.url, "pia", language="en", theme=theme, size=size)
    presales.open("/presales/")
    presales.shot("presales")
    fine(presales)


def test_R5_2_converting_says_what_is_missing_and_a_second_click_makes_nothing(
    browser: Browser, live_server, firm: Firm
) -> None:
    lead = firm.an_sql()
    firm.an_opportunity(company="Blue Whale Technology Co., Ltd.")
    window = open_window(browser, live_server.url, "rita")
    page = window.open(f"/leads/{lead.pk}/do/convert/")
    missing = page.locator("#convert-check")
    expect(missing).to_contain_text("For how many people?")
    page.locator("[name=company]").fill("Blue Whale")
    page.locator("[name=headcount]").fill("12")
    known = missing.locator("button", has_text="Blue Whale Technology")
    expect(known).to_be_visible()
    window.shot("convert")
    fine(window)
    known.click()
    expect(page.locator("[name=company]")).to_have_value("Blue Whale Technology Co., Ltd.")
    page.locator("[name=products-0-product]").select_option(label="Seats")
    expect(missing).to_contain_text("All there")
    page.locator("form .btn-primary").dblclick()
    page.wait_for_url("**/opportunities/*")
    assert Opportunity.objects.filter(lead=lead).count() == 1 and window.errors == []
