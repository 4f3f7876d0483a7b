"""The journey as people click it: from a file to a signed order; and a week that runs out and a colleague's claim."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from contacts.rules import masked
from core.models import Event
from core.services import run_sweeps
from intake import services as intake
from intake.models import Import
from leads.models import Lead
from opportunities.models import Opportunity
from orders.models import Order
from tests import invariants
from tests.browser.window import PHONE, WIDE, Window, open_window
from tests.cast import PASSWORD, Firm

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ROWS = """姓名,手机,邮箱,公司
王小明,１３９ ００００ １１１１,Wang@Example.com,深圳市新星科技有限公司
李雷,12,,
韩梅梅,13900002222,,晨光诊所
王小明,+86 139 0000 1111,,
"""


@pytest.fixture
def firm(transactional_db: None) -> Firm:
    return Firm()


def worker() -> None:
    """What a worker would do now."""
    for leads_file in Import.objects.filter(job__state__in=["queued", "running"]):
        intake.run_to_end(leads_file)


def log_in(window: Window, login: str) -> Page:
    page = window.open("/login/")
    page.locator("input[name=login]").fill(login)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main form button[type=submit]").first.click()
    expect(page.locator("#main h1")).to_be_visible()
    expect(page.locator("input[name=password]")).to_have_count(0)
    return page


def bring_the_file(page: Page, window: Window, path: Path) -> None:
    """Marketing drops a file, looks at what would come of it, and brings it in."""
    window.open("/import/")
    page.locator("input[name=file]").set_input_files(path)
    page.locator("input[name=channel]").fill("Spring Fair")
    page.locator("form[enctype] button.btn-primary").click()
    page.wait_for_url(re.compile(r"/import/[0-9a-f-]{36}/"))
    worker()
    assert not Lead.objects.exists(), "a try writes nothing"
    confirm = page.locator("form[action$='/confirm/'] button")
    expect(confirm).to_be_visible()
    window.shot("journey-1-tried")
    confirm.click()
    expect(page.locator("form[action$='/confirm/']")).to_have_count(0)
    worker()
    expect(page.locator("a[href$='/rejects/']")).to_be_visible()
    window.shot("journey-2-imported")


@pytest.mark.parametrize(("language", "size"), [("en", WIDE), ("zh-hans", PHONE)])
def test_U2_from_a_file_to_a_signed_order(
    browser: Browser, live_server, firm: Firm, tmp_path: Path, language: str, size: tuple[int, int]
) -> None:
    base, look = live_server.url, {"language": language, "size": size}
    firm.duty("rita")
    (tmp_path / "fair.csv").write_text(ROWS, encoding="gb18030")

    max_ = open_window(browser, base, **look)
    bring_the_file(log_in(max_, "max"), max_, tmp_path / "fair.csv")
    assert Lead.objects.count() == 2
    lead = Lead.objects.get(contact__name="王小明")

    # Tina calls: interested, and the lead is Rita's to judge.
    tina = open_window(browser, base, "tina", **look)
    page = tina.open("/leads/")
    page.get_by_role("link", name="王小明").first.click()
    page.locator("a[hx-get$='/do/call/']").click()
    page.locator("#panel input[name=outcome][value=interested]").check(force=True)
    page.locator("#panel textarea[name=note]").fill("12 个座位，本周末定")
    tina.shot("journey-3-call")
    page.locator("#panel button.btn-primary").click()
    expect(page.locator("#panel form")).to_have_count(0)
    lead.refresh_from_db()
    assert (lead.state, lead.owner) == ("mql", firm.rita)

    # Rita finds it on Today, accepts with one click, and makes an opportunity of it.
    rita = open_window(browser, base, "rita", **look)
    page = rita.open("/")
    rita.shot("journey-4-today")
    page.locator(f"form[action$='/leads/{lead.pk}/accept/'] button").click()
    expect(page.locator(f"form[action$='/leads/{lead.pk}/accept/']")).to_have_count(0)
    page.get_by_role("link", name="王小明").first.click()
    page.locator("a[hx-get$='/do/convert/']").click()
    form = page.locator("#panel form")
    form.locator("input[name=company]").fill("")
    form.locator("button.btn-primary").click()
    expect(form.locator("[data-refused]").first).not_to_be_empty()
    rita.shot("journey-5-what-is-missing")
    form.locator("input[name=company]").fill("深圳市新星科技有限公司")
    form.locator("input[name=headcount]").fill("12")
    form.locator("select[name$=product]").first.select_option(label="Seats")
    form.locator("button.btn-primary").click()
    page.wait_for_url(re.compile(r"/opportunities/[0-9a-f-]{36}"))
    chance = Opportunity.objects.get()
    assert (chance.stage, chance.amount, chance.owner) == ("confirmed", 1200, firm.rita)

    # Forward, then the contract in one step.
    page.locator(".t-stages a", has_text="30").click()
    page.locator("#board-ask button[name=skip]").click()
    expect(page.locator(".t-stages li.is-now")).to_contain_text("30")
    rita.shot("journey-6-opportunity")
    page.locator("a[hx-get$='/do/contract/'], a[href$='/contract/']").first.click()
    contract = page.locator("form:has(button[value=sign])")
    contract.locator("input[name=term_months]").fill("12")
    rita.shot("journey-7-contract")
    contract.locator("button[value=sign]").click()
    page.wait_for_url(re.compile(r"/orders/[0-9a-f-]{36}"))
    rita.shot("journey-8-order")
    order = Order.objects.get()
    assert (order.state, order.total, order.term_months) == ("signed", 1200, 12)
    assert Opportunity.objects.filter(stage="scheduled", kind="renewal").count() == 1
    rita.open("/pipeline/")
    rita.shot("journey-9-pipeline")

    people = Event.objects.filter(contact_id=lead.contact_id).exclude(verb__in=["captured", "arrived"])
    assert set(people.values_list("way", flat=True)) == {"page"}
    invariants.check()
    for window in (max_, tina, rita):
        assert window.errors == []
        window.page.context.close()


@pytest.mark.parametrize(("language", "size"), [("en", PHONE), ("zh-hans", WIDE)])
def test_R6_2_R10_3_a_week_runs_out_and_a_colleague_claims(
    browser: Browser, live_server, firm: Firm, settings, language: str, size: tuple[int, int]
) -> None:
    look = {"language": language, "size": size}
    lead = firm.an_sql(firm.rita)
    number = lead.contact.points.get().value
    rita = open_window(browser, live_server.url, "rita", **look)
    page = rita.open(f"/leads/{lead.pk}")
    page.locator("a[hx-get$='/do/note/']").click()
    page.locator("#panel textarea[name=text]").fill("too late")

    settings.CLOCK_OFFSET = 7 * 86_400 + 60  # the page stays open over the week
    page.locator("#panel button.btn-primary").click()
    expect(page.locator("#panel [data-refused]").first).not_to_be_empty()
    rita.shot("week-1-too-late")
    lead.refresh_from_db()
    assert (lead.state, lead.pool_reason, lead.owner) == ("pooled", "expired", None), "taken back at once"
    run_sweeps()

    page = rita.open("/pool/")
    row = page.locator(f"#pool-{lead.pk}")
    expect(row.locator("button")).to_have_count(0)
    expect(row).to_contain_text(masked("phone", number))
    rita.shot("week-2-cool-down")

    rob = open_window(browser, live_server.url, "rob", **look)
    page = rob.open("/pool/")
    assert number not in page.content(), "masked until the claim"
    page.locator(f"#pool-{lead.pk} form button").click()
    expect(page.locator(f"#pool-{lead.pk} form")).to_have_count(0)
    rob.shot("week-3-claimed")
    page.locator(f"#pool-{lead.pk} a").first.click()
    expect(page.locator(f"a[href='tel:{number}']").first).to_be_visible()
    rob.shot("week-4-his")
    lead.refresh_from_db()
    assert (lead.state, lead.owner, lead.run) == ("sql", firm.rob, 2)
    assert Event.objects.filter(verb="expired").count() == 1
    invariants.check()
    for window in (rita, rob):
        assert window.errors == []
        window.page.context.close()
