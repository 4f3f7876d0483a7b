"""The page of an opportunity and of its quotes: what they say, offer, refuse and cost (R5, R8, R9.5)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from catalogue.services import save_case, save_product
from contacts.services import company_named
from opportunities import services
from opportunities.models import ExperienceEvent, Opportunity, PresalesRequest, Quote
from tests.cast import SHANGHAI, Firm, Watch, fresh
from tests.opportunities.deals import head_fields, line_fields
from tests.opportunities.test_pages import RECORD, needs
from tests.pages import browser, queries_of, tap, words


def page_of(chance: Opportunity) -> str:
    return f"/opportunities/{chance.pk}/"


def local(at: Any) -> str:
    """A moment as the browser's field sends it."""
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:%M")


def test_the_page_costs_the_same_with_everything_on_it(firm: Firm, watch: Watch) -> None:
    firm.set_rules(presales=True)
    chance = services.advance(firm.an_opportunity(), by=firm.rita)

    def more() -> None:
        services.draft_quote(chance, by=firm.rita)
        services.plan_experience(chance, by=firm.rita, kind="visit", starts_at=watch.now + timedelta(days=1))
        services.ask_presales(chance, text="SSO", due_on=watch.now.date(), by=firm.rita)
        save_case(None, by=firm.max, title="A case", summary="Text")

    more()
    client = browser(firm.rita)
    one = queries_of(client, page_of(chance))
    for _n in range(4):
        more()
    assert queries_of(client, page_of(chance)) == one <= RECORD + 1
    quote = Quote.objects.first()
    assert quote is not None and queries_of(client, f"/quotes/{quote.pk}/") <= RECORD


# What they need, for how many


def test_R1_2_the_number_keeps_its_extension_on_the_way_to_the_order(firm: Firm, watch: Watch) -> None:
    lead = firm.an_sql(lead=firm.capture(name="Li Lei", phone="0755-8888 6666 ext 12"))
    page = browser(firm.rita).get(page_of(firm.an_opportunity(lead=lead))).content.decode()
    assert page.count("0755 8888 6666 ext. 12") == 2, "above, and beside the name"


def test_R5_1_needs_and_people_are_changed_in_place(firm: Firm, watch: Watch) -> None:
    other = save_product(None, by=firm.ada, name="Training", price=Decimal(50), unit="day", active=True)
    chance = firm.an_opportunity()
    client = browser(firm.rita)
    assert "Seats" in client.get(f"{page_of(chance)}do/needs/").content.decode()
    data = {"headcount": "12"} | needs((firm.product, "desks", "12"), (other, "", "2"), (None, "", ""))
    assert tap(client, f"{page_of(chance)}needs/", data, on=page_of(chance)).status_code == 200
    assert [(n.product.name, n.purpose, n.quantity) for n in chance.needs.all()] == [
        ("Seats", "desks", 12),
        ("Training", "", 2),
    ]
    assert fresh(chance).headcount == 12
    assert "Changed: what they need" in words(client.get(page_of(chance)))
    bad = tap(client, f"{page_of(chance)}needs/", {"headcount": "13"} | needs((None, "", "")))
    assert bad.status_code == 422 and 'data-field="products-0-product"' in bad.content.decode()
    assert fresh(chance).headcount == 12, "all of it or nothing"
    assert tap(browser(firm.max), f"{page_of(chance)}needs/", data).status_code == 403
    assert tap(browser(firm.wei), f"{page_of(chance)}needs/", data).status_code == 404


# A move asks for what goes with it


def test_R8_2_to_the_experience_asks_for_one_and_can_be_skipped(firm: Firm, watch: Watch) -> None:
    chance = firm.an_opportunity()
    client = browser(firm.rita)
    asked = client.get(f"{page_of(chance)}stage/?stage=experience").content.decode()
    assert 'name="starts_at"' in asked and 'name="skip"' in asked
    empty = {"stage": "experience", "asks": "experience", "kind": "trial"}
    refused = tap(client, f"{page_of(chance)}move/", empty)
    assert refused.status_code == 422 and 'data-field="starts_at"' in refused.content.decode()
    assert fresh(chance).stage == "confirmed"
    when = local(watch.now + timedelta(days=1))
    done = tap(
        client, f"{page_of(chance)}move/", empty | {"kind": "visit", "starts_at": when}, on=page_of(chance)
    )
    assert done.status_code == 200 and fresh(chance).stage == "experience"
    assert ExperienceEvent.objects.get().starts_at == watch.now + timedelta(days=1)
    other = firm.an_opportunity()
    assert tap(client, f"{page_of(other)}advance/", empty | {"skip": "1"}).status_code == 200
    assert fresh(other).stage == "experience" and ExperienceEvent.objects.count() == 1


def test_R8_2_to_the_negotiation_writes_the_quote_and_keeps_the_risks(firm: Firm, watch: Watch) -> None:
    chance = services.advance(firm.an_opportunity(), by=firm.rita)
    client = browser(firm.rita)
    asked = client.get(f"{page_of(chance)}do/advance/").content.decode()
    assert 'name="quote"' in asked and 'name="competitor"' in asked and 'name="skip"' in asked
    data = {
        "stage": "negotiation",
        "asks": "risks",
        "competitor": "Acme",
        "over_expectation": "on",
        "quote": "1",
    }
    answer = tap(client, f"{page_of(chance)}advance/", data, on=page_of(chance))
    row, quote = fresh(chance), Quote.objects.get()
    assert (row.stage, row.competitor, row.over_expectation) == ("negotiation", "Acme", True)
    assert answer["HX-Push-Url"] == f"/quotes/{quote.pk}"
    page = words(client.get(page_of(chance)))
    assert "Acme" in page and "over their expectation" in page and quote.number in page


def test_R8_2_with_gates_there_is_no_way_around(firm: Firm, watch: Watch) -> None:
    firm.set_rules(stage_gates=True)
    chance = firm.an_opportunity()
    client = browser(firm.rita)
    asked = client.get(f"{page_of(chance)}stage/?stage=negotiation").content.decode()
    assert 'name="starts_at"' in asked and 'name="quote"' in asked and 'name="skip"' not in asked
    assert tap(client, f"{page_of(chance)}move/", {"stage": "negotiation", "skip": "1"}).status_code == 422
    data = {"stage": "negotiation", "asks": ["experience", "risks"], "kind": "online", "held": "on"}
    data |= {"starts_at": local(watch.now - timedelta(hours=1)), "quote": "1"}
    assert tap(client, f"{page_of(chance)}move/", data).status_code == 200
    assert fresh(chance).stage == "negotiation" and Quote.objects.count() == 1


# Experience


def test_R8_1_what_is_planned_is_moved_held_or_falls_through(firm: Firm, watch: Watch) -> None:
    chance = firm.an_opportunity()
    client = browser(firm.rita)
    data = {"kind": "visit", "starts_at": local(watch.now + timedelta(hours=3)), "note": "Their office"}
    assert tap(client, f"{page_of(chance)}experience/", data).status_code == 200
    event = ExperienceEvent.objects.get()
    page = words(client.get(page_of(chance)))
    assert "Their office" in page and "planned" in page
    today = client.get("/").content.decode()
    assert "Visit: Their office" in today
    where = f"/experience/{event.pk}"
    assert "Their office" in client.get(f"{where}/time/").content.decode()
    later = local(watch.now + timedelta(hours=5))
    assert tap(client, f"{where}/change/", {"starts_at": later, "note": "Ours"}).status_code == 200
    assert fresh(event).note == "Ours"
    assert tap(client, f"{where}/change/", {"what": "held"}).status_code == 422
    watch.go(hours=6)
    assert "did it take place?" in words(client.get(page_of(chance)))
    assert "Did it take place?" in words(client.get("/"))
    assert tap(client, f"{where}/change/", {"what": "held"}, on=page_of(chance)).status_code == 200
    assert "Took place: visit" in words(client.get(page_of(chance)))
    assert tap(browser(firm.wei), f"{where}/change/", {"what": "fell"}).status_code == 404
    assert browser(firm.wei).get(f"{where}/time/").status_code == 404


# Cases


def test_R8_6_cases_are_offered_by_product_and_industry_and_a_gap_is_said(firm: Firm, watch: Watch) -> None:
    chance = firm.an_opportunity()
    chance.company.industry = "Retail"
    chance.company.store("industry")
    client = browser(firm.rita)
    assert "marketing sees it on its list" in words(client.get(page_of(chance)))
    save_case(
        None, by=firm.max, title="A shop like theirs", summary="Text", product=firm.product, industry="Retail"
    )
    save_case(None, by=firm.max, title="A bank", summary="Text", product=firm.product, industry="Finance")
    page = words(client.get(page_of(chance)))
    assert "A shop like theirs" in page and "A bank" not in page and "marketing sees it" not in page
    services.advance(chance, by=firm.rita, to="negotiation")
    assert "A shop like theirs" not in words(client.get(page_of(chance)))


# Presales ⎇


def test_R8_6_presales_has_a_list_of_its_own(firm: Firm, watch: Watch) -> None:
    rita, pia = browser(firm.rita), browser(firm.pia)
    chance = services.advance(firm.an_opportunity(), by=firm.rita)
    assert pia.get("/presales/").status_code == 404 and "Presales" not in words(rita.get(page_of(chance)))
    firm.set_rules(presales=True)
    due = watch.now.date().isoformat()
    data = {"text": "Single sign-on with their own directory", "due_on": due}
    assert tap(rita, f"{page_of(chance)}presales/", data).status_code == 200
    asked = PresalesRequest.objects.get()
    listed = pia.get("/presales/")
    assert "Single sign-on" in words(listed) and 'href="/presales/"' in listed.content.decode()
    assert tap(rita, f"/presales/{asked.pk}/take/").status_code == 403
    assert tap(browser(firm.wei), f"/presales/{asked.pk}/take/").status_code == 404
    assert tap(pia, f"/presales/{asked.pk}/take/", on="/presales/").status_code == 200
    watch.go(days=2)
    assert "Presales has not answered, 2 days over (Pia)" in words(rita.get("/"))
    assert tap(pia, f"/presales/{asked.pk}/answer/", {"answer": ""}).status_code == 422
    assert (
        tap(pia, f"/presales/{asked.pk}/answer/", {"answer": "SAML works"}, on="/presales/").status_code
        == 200
    )
    assert "Single sign-on" not in words(pia.get("/presales/"))
    assert "SAML works" in words(pia.get("/presales/?show=answered"))
    assert "SAML works" in words(rita.get(page_of(chance)))
    assert tap(pia, f"/presales/{asked.pk}/answer/", {"answer": "No"}).status_code == 409


# Quotes


def test_R9_5_a_quote_is_written_reckoned_and_saved(firm: Firm, watch: Watch) -> None:
    other = save_product(None, by=firm.ada, name="Training", price=Decimal("50.00"), unit="day", active=True)
    chance = firm.an_opportunity()
    client = browser(firm.rita)
    answer = tap(client, f"{page_of(chance)}quotes/new/", on=page_of(chance))
    quote = Quote.objects.get()
    where = f"/quotes/{quote.pk}"
    assert answer["HX-Push-Url"] == where and "1,000" in answer.content.decode()
    kept = {
        "product": firm.product,
        "quantity": "",
        "unit_price": "100.00",
        "filled": f"{firm.product.pk}:once=100.00",
    }
    same = client.post(f"{where}/reckon/", line_fields(kept) | head_fields(), headers={"HX-Request": "true"})
    assert "Not saved yet" not in words(same) and f"{where}/pdf/" in same.content.decode()
    typed = line_fields(kept, kept | {"product": other, "quantity": "3"}) | head_fields(discount="10")
    sums = client.post(f"{where}/reckon/", typed, headers={"HX-Request": "true"})
    page = sums.content.decode()
    assert "Not saved yet" in page and "¥1,035" in page and "−¥115" in page
    assert 'value="50.00"' in page, "another product: its own price is filled in"
    assert fresh(quote).total == Decimal("1000.00")
    assert tap(client, f"{where}/edit/", typed, on=where).status_code == 200
    row = fresh(quote)
    assert row.total == Decimal("1035.00") and [x.unit_price for x in row.lines.all()] == [
        Decimal(100),
        Decimal(50),
    ]
    for wrong in (
        line_fields(kept | {"quantity": "x"}) | head_fields(),
        line_fields(kept | {"quantity": "0"}) | head_fields(),
        head_fields() | {"lines-TOTAL_FORMS": "zzz"},
        line_fields(kept) | head_fields(discount="101"),
        line_fields(kept) | head_fields(tax_rate="-101"),
        line_fields({"product": firm.product, "basis": "user_month"}) | head_fields(),
        {},
    ):
        assert client.post(f"{where}/reckon/", wrong, headers={"HX-Request": "true"}).status_code == 200
        assert tap(client, f"{where}/edit/", wrong).status_code == 422
    far = tap(
        client,
        f"{where}/edit/",
        line_fields(kept | {"quantity": "0"}) | head_fields(valid_until="2026-01-01"),
    )
    assert (
        'data-field="lines-0-quantity"' in far.content.decode()
        and 'data-field="valid_until"' in far.content.decode()
    )


@pytest.mark.parametrize(
    ("basis", "term", "periods"),
    [("user_month", "24", 24), ("user_month", "", 12), ("user_year", "30", 3), ("once", "24", 1)],
)
def test_R9_5_months_left_empty_are_those_of_the_term(
    firm: Firm, watch: Watch, basis: str, term: str, periods: int
) -> None:
    quote = services.draft_quote(firm.an_opportunity(), by=firm.rita)
    client, where = browser(firm.rita), f"/quotes/{quote.pk}"
    line = {"product": firm.product, "basis": basis, "quantity": "2", "periods": "", "unit_price": "10.00"}
    typed = line_fields(line) | head_fields(term_months=term)
    sums = client.post(f"{where}/reckon/", typed, headers={"HX-Request": "true"})
    assert f"¥{20 * periods}" in sums.content.decode()
    assert tap(client, f"{where}/edit/", typed, on=where).status_code == 200
    kept = fresh(quote)
    assert (kept.lines.get().periods, kept.total) == (periods, Decimal(20 * periods))
    # What is typed holds, whatever the term says.
    typed = line_fields(line | {"periods": "5"}) | head_fields(term_months=term)
    assert tap(client, f"{where}/edit/", typed, on=where).status_code == 200
    assert fresh(quote).lines.get().periods == (1 if basis == "once" else 5)


def test_R9_5_a_quote_is_sent_revised_and_expires(firm: Firm, watch: Watch) -> None:
    lead = firm.an_sql(lead=firm.capture(name="Li Lei", email="li@example.com"))
    quote = services.draft_quote(firm.an_opportunity(lead=lead), by=firm.rita)
    client, where = browser(firm.rita), f"/quotes/{quote.pk}"
    assert 'value="li@example.com"' in client.get(f"{where}/").content.decode()
    assert 'data-field="to"' in tap(client, f"{where}/send/", {"to": "nobody"}).content.decode()
    answer = tap(client, f"{where}/send/", {"to": "li@example.com"}, on=where)
    assert answer.status_code == 200 and "sent to li@example.com" in words(answer)
    assert "lines-0-product" not in answer.content.decode(), "what was sent is read"
    assert (
        tap(client, f"{where}/edit/", line_fields({"product": firm.product}) | head_fields()).status_code
        == 409
    )
    watch.go(days=31)
    page = client.get(f"{where}/").content.decode()
    assert "It has expired" in page and "/accept/" not in page and f"{where}/send/" not in page
    assert "expired" in words(client.get(page_of(quote.opportunity)))
    assert tap(client, f"{where}/revise/").status_code == 200
    new = Quote.objects.get(revision=2)
    assert "Versions" in words(client.get(f"/quotes/{new.pk}/"))
    assert "A later version took its place" in words(client.get(f"{where}/"))


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_R9_5_the_paper_is_a_pdf_for_who_may_see_it(firm: Firm, watch: Watch, language: str) -> None:
    quote = services.draft_quote(firm.an_opportunity(), by=firm.rita, language=language)
    where = f"/quotes/{quote.pk}/pdf/"
    answer = browser(firm.rita).get(where)
    assert answer.status_code == 200 and answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF") and "Q-2026-00001-1.pdf" in answer["Content-Disposition"]
    for login, status in (
        ("mark", 200),
        ("max", 200),
        ("rob", 404),
        ("wei", 404),
        ("pia", 404),
        ("sue", 404),
    ):
        client = browser(getattr(firm, login))
        for url in (where, f"/quotes/{quote.pk}/"):
            assert client.get(url).status_code == status, (login, url)
        if status == 404:
            for act in ("edit", "send", "revise", "reckon"):
                assert tap(client, f"/quotes/{quote.pk}/{act}/").status_code == 404, (login, act)
    assert "lines-0-product" not in browser(firm.max).get(f"/quotes/{quote.pk}/").content.decode()
    assert tap(browser(firm.max), f"/quotes/{quote.pk}/revise/").status_code == 403


# Converting


def test_R5_1_the_form_says_what_is_missing_while_one_types(firm: Firm, watch: Watch) -> None:
    lead = firm.an_sql()
    client, where = browser(firm.rita), f"/leads/{lead.pk}/convert/check/"
    empty = words(client.post(where, {"company": "", "headcount": ""} | needs((None, "", ""))))
    assert "Which product" in empty and "For how many people?" in empty and "correct name" in empty
    company_named("北京蓝鲸科技有限公司", by=firm.rita, at=watch.now)
    data = {"headcount": "5"} | needs((firm.product, "", ""))
    short = client.post(where, data | {"company": "蓝鲸科技"}).content.decode()
    assert "北京蓝鲸科技有限公司" in short
    picked = client.post(
        where, data | {"company": "蓝鲸科技", "pick": "北京蓝鲸科技有限公司"}
    ).content.decode()
    assert 'value="北京蓝鲸科技有限公司"' in picked and "it can be quoted" in picked
    for odd in ({}, {"products-TOTAL_FORMS": "x"}, data | {"headcount": "x", "company": "?"}):
        assert client.post(where, odd).status_code == 200
    assert client.post(where, data).status_code == 200
    assert browser(firm.wei).post(where, data).status_code == 404
    assert browser(firm.max).post(where, data).status_code == 403
    assert fresh(lead).state == "sql"


def test_R5_2_two_clicks_make_one_opportunity_and_lead_to_it(firm: Firm, watch: Watch) -> None:
    lead = firm.an_sql()
    client, where = browser(firm.rita), f"/leads/{lead.pk}/convert/"
    data = {"company": "Blue Whale Ltd", "headcount": "7"} | needs((firm.product, "", ""))
    first = tap(client, where, data, on=f"/leads/{lead.pk}/")
    second = tap(client, where, data, on=f"/leads/{lead.pk}/")
    made = Opportunity.objects.get(lead=lead)
    assert first["HX-Push-Url"] == second["HX-Push-Url"] == f"/opportunities/{made.pk}"
    assert "already" in second["HX-Trigger"]
    assert f"/opportunities/{made.pk}" in client.post(f"{where}check/", data).content.decode()
    assert client.post(where, data).headers["Location"] == f"/opportunities/{made.pk}"
    services.lose(made, reason="price", by=firm.rita)
    assert tap(client, where, data).status_code == 409 and Opportunity.objects.count() == 1


def test_R8_4_the_win_rate_stands_nominal_beside_measured(firm: Firm, watch: Watch) -> None:
    chance = firm.an_opportunity()
    client = browser(firm.rita)
    assert "10 % nominal · too few decided to measure" in words(client.get(page_of(chance)))
    for _n in range(3):
        services.lose(firm.an_opportunity(), reason="price", by=firm.rita)
    for _n in range(2):
        firm.a_signed_order()
    assert "10 % nominal · 40 % measured" in words(client.get(page_of(chance)))
