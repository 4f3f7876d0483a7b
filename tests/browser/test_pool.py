"""The pool as people use it: claim, read why not, hand out all that match after a preview, see what leaves, try a rule."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect

from core import clock
from leads.models import Lead
from leads.rules import State
from leads.services import expire_due
from pool import ahead
from pool.services import claim
from tests.browser.window import PHONE, WIDE, Window, open_window
from tests.cast import Firm, a_phone, fresh

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SIGHTS = [
    ("en", WIDE, "light"),
    ("zh-hans", PHONE, "dark"),
    ("zh-hans", WIDE, "dark"),
    ("en", PHONE, "light"),
]


@pytest.fixture
def firm(transactional_db: None) -> Firm:
    return Firm()


@pytest.fixture(autouse=True)
def time_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """However busy this machine is, a trial comes to its end."""
    monkeypatch.setattr(ahead, "SECONDS", 60.0)


def scene(firm: Firm) -> dict[str, Lead]:
    """Fifty who had no need, one worn, one that Rob let go, one free, and weeks that end tomorrow; a report of claims."""
    firm.set_rules(worn_leads=True, fairness=True, worn_reps=2)
    now = clock.now()
    made = {}
    with clock.at(now - timedelta(days=21)):
        names = ("陈静", "Anna Berg", "王小明")
        for n in range(50):
            lead = firm.capture(name=f"{names[n % 3]} {n}", phone=a_phone(), company_name="晨光诊所")
            firm.call(lead, "no_need")
        made["worn"] = firm.an_sql(firm.rita, firm.capture(name="Worn Out", phone=a_phone()))
    with clock.at(now - timedelta(days=14)):
        expire_due([made["worn"].pk], clock.now())
        claim(made["worn"], by=firm.wei)
        made["let_go"] = firm.pooled("released", rep=firm.rob)
        made["free"] = firm.pooled("released", rep=firm.rita)
        claim(firm.pooled("released", rep=firm.rita), by=firm.wei)
    with clock.at(now - timedelta(days=6, hours=10)):
        expire_due(None, clock.now())
        firm.an_sql(firm.rob, firm.capture(name="Ends soon", phone=a_phone()))
        firm.an_sql(firm.rita, firm.capture(name="Ends as well", phone=a_phone()))
    return made


def no_harm(window: Window) -> None:
    """Nothing sticks out, nothing keeps somebody out."""
    assert not window.overflow(), window.overflow()
    assert not window.serious(), window.serious()


@pytest.mark.parametrize(("language", "size", "theme"), SIGHTS)
def test_U2_R10_3_a_rep_claims_and_reads_why_not(
    browser: Browser, live_server, firm: Firm, language: str, size: tuple[int, int], theme: str
) -> None:
    made = scene(firm)
    rob = open_window(browser, live_server.url, "rob", language=language, size=size, theme=theme)
    page = rob.open("/pool/?segment=some_interest")
    rob.shot("pool-1-rep")
    no_harm(rob)
    free, let_go, worn = (page.locator(f"#pool-{made[name].pk}") for name in ("free", "let_go", "worn"))
    expect(let_go.locator("[data-why]")).to_be_visible()
    expect(worn.locator("[data-why]")).to_be_visible()
    expect(let_go.locator("button")).to_have_count(0)
    here = page.locator("#n-segment-some_interest")
    before = int(here.inner_text())
    free.locator("form button").click()
    expect(free.locator("a.is-steady")).to_be_visible()
    expect(here).to_have_text(str(before - 1))
    assert fresh(made["free"]).owner == firm.rob
    rob.shot("pool-2-claimed")
    rob.open("/pool/leaving/")
    expect(page.locator("#rows tbody tr")).to_have_count(1)
    rob.shot("pool-3-leaving")
    no_harm(rob)
    rob.open(f"/leads/{made['free'].pk}")
    expect(page.locator(".t-held li")).not_to_have_count(0)
    rob.shot("pool-4-held")
    no_harm(rob)
    assert rob.errors == []


@pytest.mark.parametrize(("language", "size", "theme"), SIGHTS)
def test_U2_R10_5_marketing_hands_fifty_to_the_desk_after_a_preview(
    browser: Browser, live_server, firm: Firm, language: str, size: tuple[int, int], theme: str
) -> None:
    made = scene(firm)
    marketing = open_window(browser, live_server.url, "max", language=language, size=size, theme=theme)
    page = marketing.open("/pool/")
    marketing.shot("pool-5-marketing")
    no_harm(marketing)
    marketing.open("/pool/?worn=true")
    expect(page.locator("#rows tbody tr")).to_have_count(1)
    marketing.shot("pool-6-worn")
    page.locator(f"#pool-{made['worn'].pk} form button").click()
    expect(page.locator("#rows tbody tr")).to_have_count(0)
    marketing.open("/pool/?segment=not_now")
    page.locator("[data-tick]").first.check()
    page.locator("#bulk input[name=all]").check()
    page.locator("#bulk button[value=calling]").click()
    expect(page.locator("#hand-preview tbody tr")).to_have_count(21)
    marketing.shot("pool-7-preview")
    no_harm(marketing)
    assert not Lead.objects.filter(state=State.NEW).exists(), "a preview changes nothing"
    page.locator("#hand-preview button.btn-primary").click()
    expect(page.locator("#hand-preview tbody tr")).to_have_count(0)
    expect(page.locator(".t-empty")).to_be_visible()
    assert Lead.objects.filter(state=State.NEW).count() == 50
    marketing.open("/pool/leaving/")
    marketing.shot("pool-8-leaving")
    no_harm(marketing)
    marketing.open("/pool/fairness/?of=all&rep=wei")
    marketing.shot("pool-9-fairness")
    no_harm(marketing)
    assert marketing.errors == []


@pytest.mark.parametrize(("language", "size", "theme"), SIGHTS)
def test_U2_R10_8_a_rule_says_what_it_would_move_before_it_is_saved(
    browser: Browser, live_server, firm: Firm, language: str, size: tuple[int, int], theme: str
) -> None:
    scene(firm)
    ada = open_window(browser, live_server.url, "ada", language=language, size=size, theme=theme)
    page = ada.open("/rulebook/")
    field = page.locator("#worn_days input[name=value]")
    field.fill("1")
    expect(page.locator("#worn_days .t-rule__moves p")).to_be_visible(timeout=15_000)
    page.locator("#worn_days").scroll_into_view_if_needed()
    ada.shot("pool-10-rule")
    no_harm(ada)
    assert ada.errors == []
