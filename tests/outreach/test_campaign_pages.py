"""Pages of campaigns, mailings and templates: who may be there, what they do and cost, what is refused where."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from accounts.models import SavedView
from core import hooks
from core.web.panels import Part
from outreach import tabs
from outreach.models import Campaign, Mailing, Message, Template
from outreach.services.campaigns import save_campaign
from outreach.services.mailing_sweep import decide_due
from outreach.services.mailings import start
from outreach.services.templates import Wording, save_template
from tests.cast import Firm, Watch, fresh
from tests.content import nothing_changes
from tests.outreach.mailings import a_mailing
from tests.pages import MOST_QUERIES, browser, queries_of, tap, words

pytestmark = pytest.mark.django_db

READERS = {"max", "ada", "mark", "olga", "ivy"}
WRITERS = {"max", "ada"}
HOSTILE = [
    "<script>alert(1)</script>",
    "{{ firm|safe }}",
    "a" * 9_000,
    "\u202eevil",
    "../../etc",
    "%s%n",
    "'; --",
    "\ud800",
]


def test_R15_1_who_reads_and_who_writes(firm: Firm, watch: Watch) -> None:
    mailing = a_mailing(firm)
    template, campaign = mailing.template, mailing.campaign
    read = [
        "/campaigns/",
        f"/campaigns/{campaign.pk}/",
        f"/campaigns/mailings/{mailing.pk}/",
        "/campaigns/templates/",
        f"/campaigns/templates/{template.pk}/",
        "/campaigns/templates/people/?q=li",
    ]
    write = [
        "/campaigns/new/",
        f"/campaigns/{campaign.pk}/edit/",
        f"/campaigns/{campaign.pk}/mailing/",
        f"/campaigns/mailings/{mailing.pk}/edit/",
        "/campaigns/mailings/whom/",
        "/campaigns/templates/new/",
    ]
    post = [
        "/campaigns/new/",
        f"/campaigns/{campaign.pk}/edit/",
        f"/campaigns/{campaign.pk}/away/",
        f"/campaigns/{campaign.pk}/mailing/",
        f"/campaigns/mailings/{mailing.pk}/edit/",
        f"/campaigns/mailings/{mailing.pk}/start/",
        f"/campaigns/mailings/{mailing.pk}/stop/",
        f"/campaigns/mailings/{mailing.pk}/drop/",
        "/campaigns/templates/new/",
        f"/campaigns/templates/{template.pk}/",
        f"/campaigns/templates/{template.pk}/away/",
        f"/campaigns/templates/{template.pk}/test/",
        "/campaigns/templates/preview/",
    ]
    for login, user in firm.people.items():
        client = browser(user)
        for page in read:
            assert client.get(page).status_code == (200 if login in READERS else 403), (login, page)
        for page in write:
            assert client.get(page).status_code == (200 if login in WRITERS else 403), (login, page)
        if login in WRITERS:
            continue
        with nothing_changes():
            for page in post:
                assert client.post(page, {"channel": "sms", "name": "x"}).status_code == 403, (login, page)
        place = [entry for found in hooks.nav(user) for entry in found if entry.name == "campaigns"]
        assert bool(place) == (login in READERS)


def test_P1_the_pages_cost_the_same_however_much_is_in_them(firm: Firm, watch: Watch) -> None:
    def more() -> Mailing:
        mailing = a_mailing(firm, cost=Decimal(3))
        firm.captures(1)
        start(mailing, by=firm.max)
        decide_due(watch.go(days=8))
        return mailing

    mailing = more()
    client = browser(firm.max)
    pages = [
        "/campaigns/",
        f"/campaigns/{mailing.campaign_id}/",
        f"/campaigns/mailings/{mailing.pk}/",
        "/campaigns/templates/",
        f"/campaigns/templates/{mailing.template_id}/",
        f"/campaigns/mailings/whom/?view={mailing.view_id}&template={mailing.template_id}",
    ]
    few = [queries_of(client, page) for page in pages]
    for _n in range(5):
        more()
    for n in range(25):
        save_campaign(None, by=firm.max, name=f"C {n}")
    firm.captures(24)
    assert [queries_of(client, page) for page in pages] == few
    assert max(few) <= MOST_QUERIES + 3, few


def test_R11_6_a_campaign_is_made_judged_and_put_away(firm: Firm) -> None:
    client = browser(firm.max)
    form = {
        "name": "Autumn salon",
        "kind": "campaign",
        "goal": "order",
        "budget": "1000",
        "cost": "250",
        "starts_on": "2026-03-01",
        "ends_on": "2026-03-31",
        "note": "In Shenzhen",
    }
    answer = tap(client, "/campaigns/new/", form)
    row = Campaign.objects.get(name="Autumn salon")
    assert answer["HX-Push-Url"] == f"/campaigns/{row.pk}/"
    assert "Autumn salon" in words(client.get("/campaigns/")) and "¥250 of ¥1 k" in words(
        client.get("/campaigns/")
    )
    page = words(client.get(f"/campaigns/{row.pk}/"))
    assert "In Shenzhen" in page and page.index("orders") < page.index("From lead to order")
    refused = tap(client, f"/campaigns/{row.pk}/edit/", {**form, "ends_on": "2026-02-01", "name": ""})
    assert refused.status_code == 422
    assert all(f'data-field="{name}"' in refused.content.decode() for name in ("ends_on", "name"))
    tap(client, f"/campaigns/{row.pk}/away/")
    assert not fresh(row).active and "Autumn salon" not in words(client.get("/campaigns/"))
    assert "Autumn salon" in words(client.get("/campaigns/?show=away"))
    assert "Autumn salon" in words(client.get("/find/?q=autumn"))


def test_R11_6_parts_of_the_apps_above_stand_on_a_campaigns_page(firm: Firm) -> None:
    row = save_campaign(None, by=firm.max, name="With forms")

    def part(campaign: Campaign, user: Any, at: Any) -> list[Part]:
        return [Part("outreach/people.html", {}, beside=False)] if campaign == row else []

    hooks.campaign_parts.register(part)
    try:
        assert "Nobody found" in words(browser(firm.mark).get(f"/campaigns/{row.pk}/"))
    finally:
        hooks.campaign_parts.fillers.remove(part)


def test_R14_1_the_leads_of_a_campaign_are_one_click_away_whatever_its_name(firm: Firm) -> None:
    row = save_campaign(None, by=firm.max, name="Fair, spring & <b>")
    lead = firm.capture(name="Han Mei", phone="13800138077")
    lead.campaign = row
    lead.store("campaign")
    firm.capture(name="Somebody Else", phone="13800138078")
    client = browser(firm.max)
    url = f"/leads/?campaign={row.pk}&state=all"
    assert f'href="{url.replace("&", "&amp;")}"' in client.get(f"/campaigns/{row.pk}/").content.decode()
    page = words(client.get(url))
    assert "Han Mei" in page and "Somebody Else" not in page and "Fair, spring" in page


def test_R11_3_a_mailing_from_its_form_to_its_end(firm: Firm, watch: Watch) -> None:
    firm.captures(3)
    no = firm.capture(name="Wants None", phone="13800138079").contact
    no.do_not_sms = True
    no.store("do_not_sms")
    client = browser(firm.max)
    campaign = save_campaign(None, by=firm.max, name="Spring")
    view = SavedView.objects.create(user=firm.max, page="leads", name="Everybody", query="state=all")
    template = Template.objects.get(code="not_now_sms")
    page = f"/campaigns/{campaign.pk}/mailing/"
    assert "Everybody" in words(client.get(page))
    refused = tap(client, page, {})
    assert refused.status_code == 422 and not Mailing.objects.exists()
    whom = words(client.get(f"/campaigns/mailings/whom/?view={view.pk}&template={template.pk}"))
    assert "wants no SMS Wants None" in whom and "Li Lei" in whom.replace("Person", "Li Lei")
    assert "Choose a view" in words(client.get("/campaigns/mailings/whom/"))
    assert (
        client.get(f"/campaigns/mailings/whom/?view={campaign.pk}&template={template.pk}").status_code == 404
    )
    tap(client, page, {"view": str(view.pk), "template": str(template.pk)})
    mailing = Mailing.objects.get()
    here = f"/campaigns/mailings/{mailing.pk}/"
    before = words(client.get(here))
    assert "3 get it at once, 0 wait, 1 do not get it" in before and "Mailing, SMS" in before
    tap(client, f"{here}start/", {"starts_at": ""})
    decide_due(watch.now)
    after = words(client.get(here))
    assert "done" in after and "decided: they get it" in after and "wants no SMS Wants None" in after
    assert Message.objects.count() == 3
    assert tap(client, f"{here}stop/").status_code == 409
    assert "3 sent" not in words(client.get(f"/campaigns/{campaign.pk}/"))
    assert "Mailing by SMS done" in words(client.get(f"/campaigns/{campaign.pk}/"))


def test_R11_3_a_mailing_is_changed_thrown_away_and_set_for_later(firm: Firm, watch: Watch) -> None:
    client = browser(firm.max)
    mailing = a_mailing(firm)
    here = f"/campaigns/mailings/{mailing.pk}/"
    other = Template.objects.get(code="not_now_email")
    assert "Change the mailing" in words(client.get(f"{here}edit/"))
    tap(client, f"{here}edit/", {"view": str(mailing.view_id), "template": str(other.pk)})
    assert fresh(mailing).channel == "email"
    for bad in ("yesterday", "9999-01-01T00:00"):
        assert tap(client, f"{here}start/", {"starts_at": bad}).status_code == 422
    tap(client, f"{here}start/", {"starts_at": "2026-03-04T10:30"})
    assert fresh(mailing).starts_at.isoformat().startswith("2026-03-04T02:30")
    assert "begins" in words(client.get(here))
    tap(client, f"{here}stop/")
    assert fresh(mailing).state == "stopped"
    gone = a_mailing(firm)
    gone.view.delete()
    assert "The saved view is gone" in words(client.get(f"/campaigns/mailings/{gone.pk}/"))
    tap(client, f"/campaigns/mailings/{gone.pk}/drop/")
    assert not Mailing.objects.filter(pk=gone.pk).exists()


# Templates


def sms(**more: str) -> dict[str, str]:
    return {"channel": "sms", "name": "Hello", "text_en": "Hi {{ name | you }} Reply STOP", **more}


def test_R10_10_a_template_is_written_previewed_and_tried(firm: Firm, watch: Watch) -> None:
    lead = firm.capture(name="Han Mei", phone="13800138081")
    client = browser(firm.max)
    shown = tap(client, "/campaigns/templates/preview/", sms(contact=str(lead.contact_id), language="en"))
    typed = words(shown)
    assert "Hi Han Mei Reply STOP" in typed and "21 characters 1 SMS room for 139 more" in typed
    assert 'title="GSM-7"' in shown.content.decode()
    nobody = words(tap(client, "/campaigns/templates/preview/", sms(contact="none", language="en")))
    assert "Hi you Reply STOP" in nobody and "the person&#x27;s name is not known" in nobody
    wrong = words(tap(client, "/campaigns/templates/preview/", sms(text_en="Hi {{ pay }}")))
    assert "pay" in wrong and "nothing that can be filled in" in wrong
    assert not Template.objects.filter(code="").exists()
    tap(client, "/campaigns/templates/new/", sms())
    row = Template.objects.get(code="")
    here = f"/campaigns/templates/{row.pk}/"
    page = client.get(f"{here}?contact={lead.contact_id}&language=en")
    assert "Hi Han Mei" in words(page)
    assert "Han Mei" in words(client.get("/campaigns/templates/people/?q=han"))
    assert "Nobody found" in words(client.get("/campaigns/templates/people/?q=zzzz"))
    answer = tap(
        client, f"{here}test/", {"to": "13800138000", "language": "en", "contact": str(lead.contact_id)}
    )
    assert answer.status_code == 200 and "+8613800138000" in answer["HX-Trigger"]
    assert Message.objects.get().text == "Hi Han Mei Reply STOP"
    refused = tap(client, f"{here}test/", {"to": "12"})
    assert refused.status_code == 422 and 'data-field="to"' in refused.content.decode()
    refused = tap(client, here, sms(text_en="Hi {{ pay }}"))
    assert refused.status_code == 422 and 'data-field="text_en"' in refused.content.decode()
    tap(client, f"{here}away/")
    assert not fresh(row).active
    tap(client, f"{here}away/")
    assert fresh(row).active


@pytest.mark.parametrize("channel", ["email", "sms", "phone", "call", "wechat", "webhook"])
def test_R11_1_there_is_an_editor_for_every_way(firm: Firm, watch: Watch, channel: str) -> None:
    firm.capture(name="Han Mei", phone="13800138082", email="han@example.com", wechat="hanmei1")
    client = browser(firm.max)
    assert client.get(f"/campaigns/templates/new/?channel={channel}").status_code == 200
    form = {"channel": channel, "name": "Hello", "text_zh-hans": "您好", "subject_zh-hans": "您好"}
    assert tap(client, "/campaigns/templates/new/", form).status_code == 200
    row = Template.objects.get(code="")
    assert row.channel == channel
    assert "您好" in words(client.get(f"/campaigns/templates/{row.pk}/"))
    assert "您好" in words(browser(firm.mark).get(f"/campaigns/templates/{row.pk}/"))


def test_R10_1_saving_a_shipped_template_in_another_language_keeps_its_name(firm: Firm) -> None:
    firm.max.language = "zh-hans"
    firm.max.save()
    row = Template.objects.get(code="not_now_sms")
    form = {"channel": "sms", "name": str(row), "text_en": "Hello STOP", "text_zh-hans": ""}
    tap(browser(firm.max), f"/campaigns/templates/{row.pk}/", form)
    assert fresh(row).name == "Not now: a short hello" and fresh(row).texts.count() == 1


def test_R15_2_a_template_is_tried_on_whom_one_sees(firm: Firm) -> None:
    theirs = firm.an_sql(firm.wei).contact
    theirs.name = "Hidden Person"
    theirs.store("name")
    row = save_template(
        None, by=firm.max, name="T", channel="sms", texts={"en": Wording("Hi {{ name }} STOP")}
    )
    url = f"/campaigns/templates/{row.pk}/?contact={theirs.pk}"
    assert "Hidden Person" in words(browser(firm.max).get(url))
    assert "Hidden Person" not in words(browser(firm.mark).get(url))
    assert "Hidden Person" not in words(browser(firm.mark).get("/campaigns/templates/people/?q=hidden"))


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_Q19_a_hostile_text_is_refused_or_kept_and_never_run(firm: Firm, watch: Watch, text: str) -> None:
    mailing = a_mailing(firm)
    client = browser(firm.max)
    client.raise_request_exception = False
    forms = {
        "/campaigns/new/": {"name": text, "kind": text, "goal": text, "budget": text, "note": text},
        f"/campaigns/{mailing.campaign_id}/edit/": {
            "name": text[:100],
            "kind": "campaign",
            "goal": "order",
            "note": text,
        },
        "/campaigns/templates/new/": sms(name=text[:80], text_en=text),
        "/campaigns/templates/preview/": sms(text_en=text, contact=text, language=text),
        f"/campaigns/templates/{mailing.template_id}/": sms(
            name=text, text_en=text, provider_code_en=text, provider_params_en=text
        ),
        f"/campaigns/templates/{mailing.template_id}/test/": {"to": text, "language": text, "contact": text},
        f"/campaigns/{mailing.campaign_id}/mailing/": {"view": text, "template": text},
        f"/campaigns/mailings/{mailing.pk}/start/": {"starts_at": text},
    }
    for url, form in forms.items():
        body = urlencode(form, errors="surrogatepass")
        answer = client.post(url, body, content_type="application/x-www-form-urlencoded")
        assert answer.status_code in (200, 302, 400, 422), url
    asked = quote(text.encode("utf-8", "surrogatepass"))
    for url in (
        f"/campaigns/?q={asked}&goal={asked}&cursor={asked}&ordering={asked}",
        f"/campaigns/templates/?channel={asked}",
        f"/campaigns/templates/people/?q={asked}&channel={asked}&contact={asked}",
        f"/campaigns/templates/{mailing.template_id}/?contact={asked}&language={asked}",
        f"/campaigns/mailings/whom/?view={asked}&template={asked}",
        f"/campaigns/{mailing.campaign_id}/",
        "/campaigns/templates/",
    ):
        answer = client.get(url)
        assert answer.status_code in (200, 404), url
        assert "<script>alert" not in answer.content.decode()


def test_R0_1_tabs_show_only_pages_that_exist_and_one_may_open(firm: Firm, monkeypatch: Any) -> None:
    monkeypatch.setattr(tabs, "TABS", dict(tabs.TABS))
    tabs.tab("nowhere", "Nowhere", "outreach:nowhere", 5, lambda user: True)
    tabs.tab("first", "First", "outreach:campaigns", 1, lambda user: user.wears("admin"))
    names = [row.name for row in tabs.tabs_for(firm.ada)]
    assert names[0] == "first" and "nowhere" not in names
    assert "first" not in [row.name for row in tabs.tabs_for(firm.max)]
    orders = [row.order for row in tabs.tabs_for(firm.ada)]
    assert orders == sorted(orders)
