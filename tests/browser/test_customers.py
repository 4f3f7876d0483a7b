"""Customers: from the list to all of one, the upsell from its page, the next chances; in Chinese, dark, on a phone."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import Browser, expect

from core import clock
from leads import services as trunk
from opportunities import services as selling
from orders import services
from orders.models import Order
from orders.services.paying import Part
from tests.browser.window import PHONE, Window, open_window
from tests.cast import Firm, a_phone, fresh

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
NAME = "Alder Instruments Ltd"


@pytest.fixture
def firm(transactional_db: None) -> Firm:
    return Firm()


def fine(window: Window) -> None:
    assert window.overflow() == "" and window.serious() == [] and window.errors == []


def a_customer(firm: Firm) -> Order:
    """Two orders, one half paid and late, people with and without a way to be reached, a lost deal, much history."""
    today = clock.firm_day(clock.now())
    lead = firm.capture(
        name="Li Lei", phone=a_phone(), email="li.lei@alder-instruments.example", title="Director"
    )
    chance = firm.an_opportunity(lead=firm.an_sql(lead=lead), company=NAME)
    for n in range(40):
        trunk.add_note(
            fresh(lead), text=f"Word {n}: they think of a second site and ask for references", by=firm.rita
        )
    selling.draft_quote(chance, by=firm.rita)
    order = services.sign(services.draft(chance, by=firm.rita, term_months=12), by=firm.rita)
    parts = [
        Part(today - timedelta(days=3), Decimal(400), "on signing"),
        Part(today + timedelta(days=30), order.total - 400, "on delivery"),
    ]
    services.set_instalments(order, parts=parts, by=firm.rita)
    services.pay(order, amount=Decimal("150.50"), paid_on=today, by=firm.rita, reference="B1")
    again = selling.open_again(order.company, by=firm.rita, kind="repurchase")
    second = services.sign(services.draft(again, by=firm.rita), by=firm.rita)
    services.pay(second, amount=second.total, paid_on=today, by=firm.rita)
    firm.an_sql(lead=firm.capture(name="Han Mei", phone=a_phone(), company_name=NAME))
    gone = firm.an_sql(lead=firm.capture(name="Wu Dong", phone=a_phone(), company_name=NAME))
    trunk.release(gone, reason="no_time", by=firm.rita)
    return fresh(order)


def test_U2_from_the_list_of_customers_to_the_next_chance(browser: Browser, live_server, firm: Firm) -> None:
    order = a_customer(firm)
    for _n in range(3):
        firm.a_signed_order(term_months=36)
    rita = open_window(browser, live_server.url, "rita")
    page = rita.open("/customers/")
    expect(page.locator("[data-row]")).to_have_count(4)
    page.get_by_role("searchbox", name="Search in customers").fill("alder")
    expect(page.locator("[data-row]")).to_have_count(1)
    expect(page).to_have_url(re.compile("q=alder"))
    rita.shot("customers-list")
    fine(rita)
    page.get_by_role("link", name=NAME).click()
    expect(page.locator("h1")).to_have_text(NAME)
    expect(page.locator(".t-trunk .is-now")).to_contain_text("Order")
    rita.shot("customer")
    fine(rita)

    # The history goes on in place.
    expect(page.get_by_text("Came in by fair").last).not_to_contain_text("Li Lei")
    page.get_by_role("link", name="Show what was before").click()
    expect(page.locator(".t-history .t-history")).to_have_count(1)
    expect(page.locator(".t-time__item").last).to_contain_text("Came in by fair")

    page.keyboard.press("u")
    expect(page).to_have_url(re.compile("/opportunities/"))
    expect(page.locator(".t-head__figures")).to_contain_text("upsell")
    page.get_by_role("link", name=NAME).click()
    expect(page.locator(".t-beside", has_text="Upsell").first).to_contain_text("No next step")
    page.keyboard.press("s")
    page.get_by_label("Next step").fill("Ask for the second site")
    page.locator("#panel button.btn-primary").click()
    expect(page.locator(".t-beside", has_text="Upsell").first).to_contain_text("Ask for the second site")
    expect(page).to_have_url(re.compile(f"/customers/{order.company_id}"))
    fine(rita)

    page.keyboard.press("Control+k")
    page.keyboard.type("alder")
    expect(page.locator(f"[role=option][href='/customers/{order.company_id}']")).to_be_visible()
    page.keyboard.press("Escape")

    page = rita.open("/customers/")
    page.keyboard.press("n")
    expect(page).to_have_url(re.compile("/customers/next/"))
    expect(page.locator("[data-row]")).to_have_count(6)
    page.get_by_role("link", name="Renewal").first.click()
    expect(page.locator("[data-row]")).to_have_count(4)
    rita.shot("customers-next")
    fine(rita)
    month = page.get_by_label("Opens in")
    month.select_option(index=1)
    expect(page).to_have_url(re.compile("month="))
    assert 0 < page.locator("[data-row]").count() < 4
    fine(rita)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("language", "theme", "size"),
    [
        ("zh-hans", "light", PHONE),
        ("en", "dark", PHONE),
        ("en", "dark", (1440, 900)),
        ("zh-hans", "light", (1440, 900)),
    ],
)
def test_customers_in_chinese_in_the_dark_and_on_a_phone(
    browser: Browser, live_server, firm: Firm, language: str, theme: str, size: tuple[int, int]
) -> None:
    order = a_customer(firm)
    selling.open_again(order.company, by=firm.rita, kind="upsell")
    doubtful = firm.an_opportunity(company="Doubtful Ltd")
    window = open_window(browser, live_server.url, "mark", language=language, theme=theme, size=size)
    for name, path in (
        ("list", "/customers/"),
        ("customer", f"/customers/{order.company_id}/"),
        ("no-customer", f"/customers/{doubtful.company_id}/"),
        ("next", "/customers/next/"),
        ("none", "/customers/next/?q=nobody"),
    ):
        window.open(path)
        window.shot(f"c-{name}-{language}-{theme}-{size[0]}")
        fine(window)
