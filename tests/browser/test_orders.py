"""From a discount to money in the bank: approval by key, signature with its scan, payments; in Chinese and on a phone."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from core import clock
from orders import services
from orders.models import Order
from orders.services.paying import Part
from tests.browser.window import BUSY, PHONE, Window, open_window
from tests.cast import Firm

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def firm(transactional_db: None) -> Firm:
    found = Firm()
    found.set_rules(order_approval=True)
    return found


def fine(window: Window) -> None:
    assert window.overflow() == "" and window.serious() == [] and window.errors == []


def test_U2_from_a_discount_to_the_money_in_the_bank(
    browser: Browser, live_server, firm: Firm, tmp_path: Path
) -> None:
    scan, paid = tmp_path / "signed.pdf", tmp_path / "bank.csv"
    scan.write_bytes(b"%PDF-1.7 signed")
    chance = firm.an_opportunity()
    rita = open_window(browser, live_server.url, "rita")
    page = rita.open(f"/opportunities/{chance.pk}/")
    page.keyboard.press("s")
    page.get_by_label("Discount on all, %").fill("25")
    page.get_by_label("Non-standard terms").fill("Pays in two halves")
    page.get_by_label("Term in months").fill("12")
    rita.shot("contract-form")
    page.get_by_role("button", name="Ask for approval").click()
    expect(page.locator(".t-why")).to_contain_text("25 % less than the list prices")
    expect(page.locator(".t-why")).to_contain_text("Waits for Mark")
    rita.shot("order-in-approval")
    fine(rita)
    order = Order.objects.get()

    mark = open_window(browser, live_server.url, "mark")
    desk = mark.open("/approvals/")
    expect(desk.locator("[data-row].is-here")).to_contain_text("asks for other terms")
    mark.shot("approvals-discount")
    fine(mark)
    desk.keyboard.press("a")
    expect(desk.locator("[data-row]")).to_have_count(0)
    expect(desk.locator(".t-toast")).to_contain_text(order.number)

    page = rita.open(f"/orders/{order.pk}/")
    expect(page.locator(".t-stages [aria-current=step]")).to_contain_text("Approved")
    page.keyboard.press("s")
    page.get_by_label("The signed contract").set_input_files(str(scan))
    page.locator("#panel").get_by_role("button", name="Sign", exact=True).click()
    expect(page.locator(".t-stages [aria-current=step]")).to_contain_text("Signed")
    expect(page.get_by_role("region", name="Files")).to_contain_text("signed.pdf")
    expect(page.locator(".t-beside").get_by_text("in 24")).to_be_visible()

    page.keyboard.press("d")
    page.get_by_role("link", name="Half now, half on delivery").click()
    expect(page.locator("#schedule input[name$=amount]").first).to_have_value("375.00")
    rita.shot("order-schedule")
    page.locator("#schedule").get_by_role("button", name="Save").click()
    expect(page.locator("#money tbody")).to_contain_text("on delivery")
    expect(page.locator(BUSY)).to_have_count(0)
    page.keyboard.press("p")
    expect(page.locator("#money-panel input[name=amount]")).to_have_value("375.00")
    page.locator("#money-panel").get_by_role("button", name="Book a payment").click()
    expect(page.locator("#money .t-figures")).to_contain_text("¥375")
    rita.shot("order-half-paid")
    fine(rita)

    today = clock.firm_day(clock.now())
    paid.write_bytes(
        f"交易日期,对方户名,收入金额,摘要,交易流水号\n{today},甲,375.00,{order.number},T1\n{today},乙,8,,T2\n".encode(
            "gb18030"
        )
    )
    desk = mark.open("/orders/receipts/")
    desk.locator("input[type=file]").set_input_files(str(paid))
    desk.get_by_role("button", name="Look at it").click()
    expect(desk.locator("[data-row]")).to_have_count(2)
    expect(desk.locator("[data-row]").first).to_contain_text("The text names the contract")
    mark.shot("receipts-preview")
    fine(mark)
    desk.keyboard.press("b")
    expect(desk.locator("[data-row]").first).to_contain_text("booked")
    mark.shot("receipts-booked")
    fine(mark)
    assert services.balances([order], today)[order.pk].paid == Decimal("750.00")
    mark.open("/orders/")
    mark.shot("orders-list")
    fine(mark)


def an_unpaid(firm: Firm) -> Order:
    today = clock.firm_day(clock.now())
    order = firm.a_signed_order(term_months=12)
    parts = [Part(today - timedelta(days=3), Decimal(400)), Part(today + timedelta(days=30), Decimal(600))]
    services.set_instalments(order, parts=parts, by=firm.rita)
    services.pay(order, amount=Decimal(150), paid_on=today, by=firm.rita, reference="B1")
    return order


@pytest.mark.slow
@pytest.mark.parametrize(
    ("language", "theme", "size"),
    [("zh-hans", "light", PHONE), ("en", "dark", PHONE), ("en", "dark", (1440, 900))],
)
def test_orders_in_chinese_in_the_dark_and_on_a_phone(
    browser: Browser, live_server, firm: Firm, language: str, theme: str, size: tuple[int, int]
) -> None:
    order = an_unpaid(firm)
    asked = services.submit(
        services.draft(firm.an_opportunity(), by=firm.rita, discount=Decimal(30)), by=firm.rita
    )
    window = open_window(browser, live_server.url, "mark", language=language, theme=theme, size=size)
    for name, path in (
        ("orders", "/orders/"),
        ("order", f"/orders/{order.pk}/"),
        ("order-asked", f"/orders/{asked.pk}/"),
        ("approvals", "/approvals/"),
        ("receipts", "/orders/receipts/"),
        ("schedule", f"/orders/{order.pk}/do/schedule/?split=monthly"),
        ("terminate", f"/orders/{order.pk}/do/terminate/"),
        ("edit", f"/opportunities/{asked.opportunity_id}/contract/"),
    ):
        window.open(path)
        window.shot(f"o-{name}-{language}-{theme}-{size[0]}")
        fine(window)
