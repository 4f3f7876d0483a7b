"""Customer 360: everything of one company on one page, as far as a person may see it (R15.2)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from contacts.models import Company, Contact
from contacts.selectors import of_company
from core import hooks
from core.models import Event
from core.web.panels import Part
from leads import services as trunk
from opportunities import services as selling
from opportunities.models import Opportunity
from orders import services
from orders.models import Order
from orders.services.paying import Part as Instalment
from tests.cast import Firm, Watch, a_phone, fresh
from tests.pages import browser, queries_of, tap, words

MOST_OF_A_CUSTOMER = 32


def page_of(firm: Firm, login: str, company: Any, query: str = "") -> Any:
    return browser(getattr(firm, login)).get(f"/customers/{company.pk}/{query}")


def a_whole_story(firm: Firm, watch: Watch) -> Order:
    """From the first touch to the first receipt: a call, a quote, a contract, a schedule, money."""
    lead = firm.capture(name="Li Lei", phone=a_phone(), email="li@alder.example")
    watch.go(hours=1)
    chance = firm.an_opportunity(lead=firm.an_sql(lead=lead), company="Alder Ltd")
    watch.go(hours=1)
    quote = selling.draft_quote(chance, by=firm.rita)
    watch.go(hours=1)
    order = services.accept_quote(quote, by=firm.rita)
    services.update(order, by=firm.rita, term_months=12)
    order = services.sign(order, by=firm.rita)
    today = watch.now.date()
    parts = [Instalment(today, Decimal(400)), Instalment(date(2026, 6, 1), order.total - 400)]
    services.set_instalments(order, parts=parts, by=firm.rita)
    watch.go(hours=1)
    services.pay(order, amount=Decimal("150.50"), paid_on=today, by=firm.rita, reference="B1")
    return fresh(order)


def test_one_page_tells_all_of_a_customer_from_the_first_touch_on(firm: Firm, watch: Watch) -> None:
    order = a_whole_story(firm, watch)
    answer = page_of(firm, "rita", order.company)
    page = words(answer)
    for said in (
        "Alder Ltd", "since 2 Mar 2026", "1 order", "¥150.50", "Renewal", "opens 2 Nov", "Li Lei", "li@alder.example",
        "Came in by fair", "Call: interested", "Opportunity opened", "Signed on", "¥150.50 received", order.number,
        "Still to be paid", "Latest payments", "New business", "Upsell", "Repurchase", "Next step",
    ):  # fmt: skip
        assert said.lower() in page.lower(), said
    assert page.index("¥150.50 received") < page.index("Signed on 2 Mar") < page.index("Came in by fair")
    assert 'class="t-trunk"' in answer.content.decode()
    # Latest first, each event once.
    lines = answer.context["entries"]
    assert [line["at"] for line in lines] == sorted((line["at"] for line in lines), reverse=True)
    assert len({line["event"].pk for line in lines}) == len(lines)


def test_the_timeline_of_the_api_tells_the_same_story_with_quotes_orders_and_payments(
    firm: Firm, watch: Watch
) -> None:
    order = a_whole_story(firm, watch)
    answer = browser(firm.rita).get(f"/api/v1/companies/{order.company_id}/timeline/?page_size=200").json()
    told = {row["verb"]: row for row in answer["results"]}
    assert {
        "captured", "called", "qualified", "accepted", "converted", "opened", "quoted", "quote_accepted", "drafted",
        "signed", "won", "scheduled", "scheduled_payments", "paid",
    } <= told.keys()  # fmt: skip
    assert told["paid"]["data"]["amount"] == "150.50" and told["quoted"]["data"]["total"] == str(order.total)
    assert answer["results"][-1]["verb"] == "captured"


def test_R15_2_amounts_of_orders_that_one_does_not_see_are_not_told(firm: Firm, watch: Watch) -> None:
    """Rob works on a person at Rita's customer: the whole timeline of his own, nothing of her money."""
    order = a_whole_story(firm, watch)
    lead = firm.an_sql(firm.rob, firm.capture(name="Han Mei", phone=a_phone(), company_name="Alder Ltd"))
    assert lead.contact.company_id == order.company_id
    page = words(page_of(firm, "rob", order.company))
    assert "Han Mei" in page and "Li Lei" not in page and "li@alder.example" not in page
    assert "150.50" not in page and "1,000" not in page and order.number not in page
    told = (
        browser(firm.rob)
        .get(f"/api/v1/companies/{order.company_id}/timeline/?page_size=200")
        .json()["results"]
    )
    assert {row["verb"] for row in told} >= {"captured", "accepted"}
    assert not any(key in row["data"] for row in told for key in ("amount", "total"))


def test_R15_2_what_names_no_person_is_told_to_who_sees_the_record(firm: Firm, watch: Watch) -> None:
    """An upsell with a firm of which nobody is known is no news for who works on somebody who comes later."""
    order = a_whole_story(firm, watch)
    Contact.objects.filter(company=order.company).update(company=None)
    upsell = selling.open_again(order.company, by=firm.rita, kind="upsell")
    assert upsell.contact is None
    firm.an_sql(firm.rob, firm.capture(name="Han Mei", phone=a_phone(), company_name="Alder Ltd"))

    def told(user: Any) -> bool:
        return of_company(order.company_id, user).filter(subject_id=upsell.pk).exists()

    assert told(firm.rita) and told(firm.mark) and told(firm.max) and not told(firm.rob)
    assert "Upsell" not in words(page_of(firm, "rob", order.company))


def test_R15_5_who_was_erased_is_not_among_the_people(firm: Firm, watch: Watch) -> None:
    order = a_whole_story(firm, watch)
    Contact.objects.filter(pk=order.contact_id).update(erased_at=watch.now, name="")
    assert "Nobody there is known" in words(page_of(firm, "rita", order.company))


@pytest.mark.parametrize(
    ("login", "customer", "doubtful"),
    [
        ("rita", 200, 200),
        ("rob", 404, 404),
        ("mark", 200, 200),
        ("wei", 404, 404),
        ("olga", 404, 404),
        ("max", 200, 200),
        ("ada", 200, 200),
        ("sue", 200, 404),
        ("tina", 200, 200),
        ("theo", 404, 404),
        ("pia", 404, 404),
    ],
)
def test_R15_2_a_company_is_there_for_who_sees_anything_of_it(
    firm: Firm, watch: Watch, login: str, customer: int, doubtful: int
) -> None:
    order = firm.a_signed_order()
    chance = firm.an_opportunity(company="Doubtful Ltd")
    assert page_of(firm, login, order.company).status_code == customer
    answer = page_of(firm, login, chance.company)
    assert answer.status_code == doubtful
    if doubtful == 200:
        page = words(answer)
        assert "no customer yet" in page and "Open opportunities" in page and "No order yet" in page
    else:
        assert "Doubtful" not in words(answer)


def test_the_page_needs_as_many_queries_for_thirty_as_for_one(firm: Firm, watch: Watch) -> None:
    order = a_whole_story(firm, watch)
    company = order.company
    clients = [browser(user) for user in (firm.rita, firm.mark, firm.sue)]
    url = f"/customers/{company.pk}/"

    def more() -> None:
        lead = firm.capture(phone=a_phone(), company_name="Alder Ltd")
        chance = firm.an_opportunity(lead=firm.an_sql(lead=lead), company="Alder Ltd")
        held = services.sign(services.draft(chance, by=firm.rita, term_months=6), by=firm.rita)
        parts = [Instalment(date(2026, 3, 2), Decimal(1)), Instalment(date(2026, 9, 1), held.total - 1)]
        services.set_instalments(held, parts=parts, by=firm.rita)
        services.pay(held, amount=Decimal(1), paid_on=watch.now.date(), by=firm.rita)
        firm.capture(phone=a_phone(), company_name="Alder Ltd")

    more()
    few = [queries_of(client, url) for client in clients]
    for _n in range(15):
        more()
    assert [queries_of(client, url) for client in clients] == few
    assert max(few) <= MOST_OF_A_CUSTOMER
    assert "There are more people" in words(clients[0].get(url))


def test_R10_4_who_lies_in_the_pool_is_masked(firm: Firm, watch: Watch) -> None:
    order = a_whole_story(firm, watch)
    gone = firm.an_sql(lead=firm.capture(name="Han Mei", phone="13911112222", company_name="Alder Ltd"))
    trunk.add_note(gone, text="Keeps bees", by=firm.rita)
    assert "Keeps bees" in words(page_of(firm, "rita", order.company))
    trunk.release(fresh(gone), reason="no_time", by=firm.rita)
    page = page_of(firm, "rita", order.company).content.decode()
    assert "139****2222" in page and "13911112222" not in page and "Keeps bees" not in page
    assert "Han Mei" in page


def test_R11_2_who_is_not_to_be_called_is_not_offered_to_be(firm: Firm, watch: Watch) -> None:
    order = a_whole_story(firm, watch)
    assert 'href="tel:' in page_of(firm, "rita", order.company).content.decode()
    order.contact.do_not_call = True
    order.contact.store("do_not_call")
    page = page_of(firm, "rita", order.company).content.decode()
    assert 'href="tel:' not in page and "do not call" in page


def test_the_history_goes_on_behind_its_first_part_down_to_the_first_touch(firm: Firm, watch: Watch) -> None:
    order = a_whole_story(firm, watch)
    for n in range(90):
        watch.go(minutes=1)
        trunk.add_note(order.opportunity.lead, text=f"Word {n}", by=firm.rita)
    first = page_of(firm, "rita", order.company)
    older = first.context["older"]
    assert len(first.context["entries"]) == 60 and "Came in by fair" not in words(first)
    second = page_of(firm, "rita", order.company, f"?before={older}")
    told = [line["event"].pk for line in [*first.context["entries"], *second.context["entries"]]]
    assert len(set(told)) == len(told) and "Came in by fair" in words(second)
    assert second.context["older"] is None
    for wrong in ("x", str(order.pk), "%00", "9" * 4000, Event.objects.filter(company_id=None).first().pk):
        assert page_of(firm, "rita", order.company, f"?before={wrong}").status_code == 200


def test_the_history_begins_before_it_was_known_where_a_person_works(firm: Firm, watch: Watch) -> None:
    """Captured without a company, converted into one, merged from another entry: one story all the same."""
    order = a_whole_story(firm, watch)
    verbs = set(of_company(order.company_id, firm.rita).values_list("verb", flat=True))
    assert {"captured", "called", "company_made", "signed"} <= verbs
    stranger = firm.capture(name="Somebody Else", phone=a_phone())
    assert not of_company(order.company_id, firm.ada).filter(contact_id=stranger.contact_id).exists()


def test_R9_4_an_upsell_is_opened_from_the_page_once(firm: Firm, watch: Watch) -> None:
    order = a_whole_story(firm, watch)
    client = browser(firm.rita)
    url = f"/companies/{order.company_id}/again/"
    assert url in client.get(f"/customers/{order.company_id}/").content.decode()
    for _click in range(2):
        assert tap(client, url, {"kind": "upsell"}, on=f"/customers/{order.company_id}/").status_code == 200
    assert Opportunity.objects.filter(company=order.company, kind="upsell").count() == 1
    page = words(client.get(f"/customers/{order.company_id}/"))
    assert "Upsell" in page and "No next step" in page
    upsell = Opportunity.objects.get(company=order.company, kind="upsell")
    data = {"next_step": "Ask for the second site", "next_step_on": "2026-03-09"}
    tap(client, f"/opportunities/{upsell.pk}/next/", data, on=f"/customers/{order.company_id}/")
    assert "Ask for the second site" in words(client.get(f"/customers/{order.company_id}/"))
    # Who only looks on is offered nothing.
    assert url not in page_of(firm, "max", order.company).content.decode()


def test_lead_opportunity_and_order_lead_to_the_company(firm: Firm, watch: Watch) -> None:
    order = a_whole_story(firm, watch)
    client = browser(firm.rita)
    link = f'href="/customers/{order.company_id}"'
    for url in (
        f"/orders/{order.pk}/",
        f"/opportunities/{order.opportunity_id}/",
        f"/leads/{order.opportunity.lead_id}/",
    ):
        assert link in client.get(url).content.decode(), url


def test_other_apps_may_add_parts_to_the_page(firm: Firm, watch: Watch, monkeypatch: Any) -> None:
    """The success app will put period, tier and health there (core.hooks)."""
    order = a_whole_story(firm, watch)
    parts = [
        Part("customers/parts/facts.html", {}, order=1, beside=False),
        Part("components/empty.html", {}, order=2),
    ]
    monkeypatch.setattr(hooks.customer_parts, "fillers", [lambda company, user, at: parts])
    answer = page_of(firm, "rita", order.company)
    assert [len(answer.context[name]) for name in ("parts", "beside")] == [1, 1]
    assert 'class="t-empty"' in answer.content.decode()


def test_a_company_that_nobody_holds_has_its_page(firm: Firm, watch: Watch) -> None:
    from contacts.services import save_company

    company = save_company(None, by=firm.max, name="Quiet River Ltd")
    page = words(page_of(firm, "max", company))
    assert "Quiet River Ltd" in page and "Company added" in page and "nobody" in page
    assert page_of(firm, "rita", company).status_code == 404
    assert page_of(firm, "max", Company(pk=company.pk.__class__(int=1))).status_code == 404
