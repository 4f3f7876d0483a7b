"""U1, U2: every page, by the hat that uses it, in both languages, light and dark, on a desk and on a phone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from crm.demo.make import make_firm
from leads.models import Lead
from opportunities.models import Opportunity, Quote
from orders.models import Order
from tests.browser.window import AXE, PHONE, WIDE, open_window

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# Every page in each language, theme and width; each two of them meet on a page.
LOOKS = [
    ("en", "light", WIDE),
    ("en", "dark", PHONE),
    ("zh-hans", "dark", WIDE),
    ("zh-hans", "light", PHONE),
]


def pages() -> Iterator[tuple[str, str, str]]:
    """(name, log-in, path) of each page, by the one who uses it."""
    yield "login", "", "/login/"
    for login in ("rita", "mark", "tina", "max", "sue", "ada"):
        yield f"today-{login}", login, "/"
    yield "leads-desk", "tina", "/leads/"
    yield "leads-marketing", "max", "/leads/"
    yield "leads-mine", "rita", "/leads/?state=sql"
    yield "pool", "rita", "/pool/"
    yield "pool-marketing", "max", "/pool/"
    yield "pipeline", "rita", "/pipeline/"
    yield "pipeline-team", "mark", "/pipeline/"
    yield "forecast", "mark", "/pipeline/?view=forecast"
    yield "calibration", "mark", "/pipeline/calibration/"
    yield "presales", "pia", "/presales/"
    yield "orders", "mark", "/orders/"
    yield "receipts", "mark", "/orders/receipts/"
    yield "approvals", "mark", "/approvals/"
    yield "customers", "rita", "/customers/"
    yield "next-chances", "mark", "/customers/next/"
    yield "catalogue", "max", "/catalogue/"
    yield "cases", "max", "/catalogue/cases/"
    yield "gaps", "max", "/catalogue/gaps/"
    yield "letterhead", "ada", "/letterhead/"
    yield "desk", "tina", "/calling/"
    yield "scripts", "max", "/calling/scripts/"
    yield "script-new", "max", "/calling/scripts/new/"
    yield "import", "max", "/import/"
    yield "people", "ada", "/people/"
    yield "rulebook", "ada", "/rulebook/"
    yield "dictionary", "ada", "/dictionary/"
    yield from records()


def records() -> Iterator[tuple[str, str, str]]:
    """The page of one record of each kind and state; a demo firm that lacks one fails here."""
    for state in ("mql", "sql", "converted"):
        lead = Lead.objects.filter(state=state, owner__isnull=False).earliest("created_at")
        yield f"lead-{state}", lead.owner.login, f"/leads/{lead.pk}"
    new = Lead.objects.filter(state="new").earliest("created_at")
    yield "lead-new", "tina", f"/leads/{new.pk}"
    yield "lead-new-call", "tina", f"/leads/{new.pk}/do/call/"
    pooled = Lead.objects.filter(state="pooled", claimable=True).earliest("created_at")
    yield "lead-pooled", "rita", f"/leads/{pooled.pk}"
    for stage in ("confirmed", "negotiation"):
        chance = Opportunity.objects.filter(stage=stage).earliest("created_at")
        yield f"opportunity-{stage}", chance.owner.login, f"/opportunities/{chance.pk}"
    yield "contract-new", chance.owner.login, f"/opportunities/{chance.pk}/contract/"
    quote = Quote.objects.filter(state="sent").earliest("created_at")
    yield "quote", quote.opportunity.owner.login, f"/quotes/{quote.pk}"
    order = Order.objects.filter(state="in_force").earliest("created_at")
    yield "order", order.owner.login, f"/orders/{order.pk}"
    yield "customer", order.owner.login, f"/customers/{order.company_id}"


def tour(browser: Browser, base: str, looks: list[tuple[str, str, tuple[int, int]]]) -> list[str]:
    """Open everything in these looks; answers what was wrong."""
    wrong = []
    listed = list(pages())
    for language, theme, size in looks:
        windows = {}
        for name, login, path in listed:
            if login not in windows:
                windows[login] = open_window(browser, base, login, language=language, theme=theme, size=size)
            window = windows[login]
            window.open(path)
            window.shot(name)
            found = [*window.errors, *([window.overflow()] if size == PHONE else [])]
            if AXE.exists():
                found += window.serious()
            wrong += [f"{name} ({window.name}): {what}" for what in found if what]
            window.errors.clear()
        for window in windows.values():
            window.page.context.close()
    return wrong


@pytest.mark.slow
def test_U1_U2_each_page_in_every_look(browser: Browser, live_server) -> None:
    make_firm(days=30)
    wrong = tour(browser, live_server.url, LOOKS)
    assert wrong == [], "\n" + "\n".join(wrong)


def test_U1_axe_is_there_to_look() -> None:
    if not AXE.exists():
        pytest.skip("axe-core is not installed: accessibility was not looked at")
