"""Contracts and orders: the list, one of them and its forms, from the opportunity to the next chance."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from opportunities.models import Opportunity
from opportunities.services import draft_quote
from orders import services
from orders.models import Order
from tests.cast import Firm, Watch, fresh
from tests.pages import MOST_QUERIES, browser, queries_of, tap, words
from tests.sizes import in_turn


def lines(*rows: tuple[Any, str, str, str], prefix: str = "lines") -> dict[str, str]:
    """The lines of a contract's form, as a browser sends them."""
    data = {f"{prefix}-TOTAL_FORMS": str(len(rows)), f"{prefix}-INITIAL_FORMS": "0"}
    for n, (product, quantity, price, discount) in enumerate(rows):
        data |= {
            f"{prefix}-{n}-product": str(product.pk) if product else "",
            f"{prefix}-{n}-quantity": quantity,
            f"{prefix}-{n}-unit_price": price,
            f"{prefix}-{n}-discount": discount,
        }
    return data


@pytest.mark.parametrize("login", in_turn(["rita", "mark", "max"], {"mark"}))
@pytest.mark.parametrize("url", ["/orders/", "/orders/?state=signed&ordering=-total&q=Needful"])
def test_the_list_needs_as_many_queries_for_thirty_rows_as_for_one(
    firm: Firm, watch: Watch, url: str, login: str
) -> None:
    client = browser(getattr(firm, login))

    def more() -> None:
        firm.a_signed_order()
        firm.an_order()

    more()
    one = queries_of(client, url)
    for _n in range(14):
        more()
    assert queries_of(client, url) == one <= MOST_QUERIES


def test_the_page_of_an_order_stays_within_the_queries(firm: Firm, watch: Watch) -> None:
    """Lines, schedule, receipts, papers, the thank-you and the history: one query each, however many there are."""
    order = firm.a_signed_order()
    client = browser(firm.rita)
    one = queries_of(client, f"/orders/{order.pk}")
    for _n in range(3):
        services.pay(order, amount=Decimal(10), paid_on=watch.now.date(), by=firm.rita)
    assert queries_of(client, f"/orders/{order.pk}") == one <= MOST_QUERIES + 7


@pytest.mark.parametrize(
    ("login", "draft", "signed"),
    [
        ("rita", 200, 200),
        ("rob", 404, 404),
        ("mark", 200, 200),
        ("olga", 404, 404),
        ("max", 200, 200),
        ("ada", 200, 200),
        ("sue", 404, 200),
        ("pia", 404, 404),
        ("tina", 200, 200),
        ("theo", 404, 404),
    ],
)
def test_R15_2_an_order_is_there_for_who_may_see_it(
    firm: Firm, watch: Watch, login: str, draft: int, signed: int
) -> None:
    client = browser(getattr(firm, login))
    for order, status in ((firm.an_order(), draft), (firm.a_signed_order(), signed)):
        assert client.get(f"/orders/{order.pk}/").status_code == status
        assert (order.number in client.get("/orders/").content.decode()) == (status == 200)


def test_who_only_sees_an_order_is_offered_nothing_and_refused(firm: Firm, watch: Watch) -> None:
    order = firm.an_order()
    assert f"/orders/{order.pk}/do/" not in browser(firm.max).get(f"/orders/{order.pk}/").content.decode()
    full = {"term_months": "", "signed_on": ""} | lines((firm.product, "1", "", ""))
    for act in ("sign", "cancel", "edit"):
        assert tap(browser(firm.max), f"/orders/{order.pk}/{act}/", full).status_code == 403, act
        assert tap(browser(firm.wei), f"/orders/{order.pk}/{act}/", full).status_code == 404, act
    assert fresh(order).state == "draft"


# From the opportunity


def test_R9_1_standard_terms_are_signed_in_one_step_from_the_opportunity(firm: Firm, watch: Watch) -> None:
    chance = firm.an_opportunity()
    client = browser(firm.rita)
    form = client.get(f"/opportunities/{chance.pk}/do/contract/").content.decode()
    assert 'value="100.00"' in form and 'value="10"' in form and "2026-03-02" in form
    data = {"do": "sign", "term_months": "12", "signed_on": "2026-03-02"}
    rows = lines((firm.product, "10", "90", "5"), (None, "", "", ""))
    answer = tap(client, f"/opportunities/{chance.pk}/contract/new/", data | rows)
    order = Order.objects.get(opportunity=chance)
    assert answer.status_code == 200 and answer["HX-Push-Url"] == f"/orders/{order.pk}"
    assert (order.state, order.total, order.term_months) == ("signed", Decimal("855.00"), 12)
    assert fresh(chance).stage == "won"
    page = words(client.get(f"/orders/{order.pk}/"))
    assert "Renewal" in page and "¥855" in page and "12 months" in page and "5 %" in page
    assert "Signed on 2 Mar 2026" in page


def test_R9_1_a_contract_can_be_kept_as_a_draft_and_signed_later(firm: Firm, watch: Watch) -> None:
    chance = firm.an_opportunity()
    client = browser(firm.rita)
    rows = lines((firm.product, "10", "", ""))
    answer = client.post(f"/opportunities/{chance.pk}/contract/new/", {"do": "draft"} | rows, follow=True)
    order = Order.objects.get(opportunity=chance)
    assert answer.redirect_chain[0][0] == f"/orders/{order.pk}"
    assert (order.state, fresh(chance).stage) == ("draft", "confirmed")
    assert "counted nowhere as an order" in words(answer)
    assert order.number in words(client.get(f"/opportunities/{chance.pk}/"))
    assert client.get(f"/opportunities/{chance.pk}/contract/").status_code == 302
    late = tap(client, f"/orders/{order.pk}/sign/", {"signed_on": "2026-03-09"})
    assert late.status_code == 422 and 'data-field="signed_on"' in late.content.decode()
    assert tap(client, f"/orders/{order.pk}/sign/", {"signed_on": ""}).status_code == 200
    assert fresh(order).state == "signed"
    assert tap(client, f"/orders/{order.pk}/sign/", {}).status_code == 409


def test_R9_1_months_left_empty_are_those_of_the_term(firm: Firm, watch: Watch) -> None:
    chance = firm.an_opportunity()
    client = browser(firm.rita)
    rows = lines((firm.product, "2", "10", "")) | {"lines-0-basis": "user_month", "lines-0-periods": ""}
    tap(client, f"/opportunities/{chance.pk}/contract/new/", {"do": "draft", "term_months": "24"} | rows)
    order = Order.objects.get()
    assert (order.lines.get().periods, order.total) == (24, Decimal(480))
    tap(client, f"/orders/{order.pk}/edit/", {"term_months": "36"} | rows)
    assert (order.lines.get().periods, fresh(order).total) == (36, Decimal(720))


def test_a_refused_signature_leaves_no_draft_behind(firm: Firm, watch: Watch) -> None:
    chance = firm.an_opportunity()
    rows = lines((firm.product, "10", "", ""))
    data = {"do": "sign", "signed_on": "2027-01-01"} | rows
    answer = tap(browser(firm.rita), f"/opportunities/{chance.pk}/contract/new/", data)
    assert answer.status_code == 422 and 'data-field="signed_on"' in answer.content.decode()
    assert not Order.objects.exists() and fresh(chance).stage == "confirmed"


def test_each_wrong_field_of_a_contract_is_named_where_it_stands(firm: Firm, watch: Watch) -> None:
    chance = firm.an_opportunity()
    where = f"/opportunities/{chance.pk}/contract/new/"
    client = browser(firm.rita)
    rows = lines((None, "", "", ""), (firm.product, "0", "-1", "120"))
    page = tap(client, where, {"term_months": "0"} | rows)
    for name in ("lines-1-quantity", "lines-1-unit_price", "lines-1-discount", "term_months"):
        assert f'data-field="{name}"' in page.content.decode(), name
    assert page.status_code == 422
    none = tap(client, where, lines((None, "", "", "")))
    assert none.status_code == 422 and 'data-field="lines-0-product"' in none.content.decode()
    assert tap(client, where, lines((firm.product, "many", "x", ""))).status_code == 422
    assert tap(client, where, {}).status_code == 422
    assert not Order.objects.exists()


def test_only_who_may_work_on_the_opportunity_drafts_its_contract(firm: Firm, watch: Watch) -> None:
    chance = firm.an_opportunity()
    rows = {"do": "sign"} | lines((firm.product, "10", "", ""))
    where = f"/opportunities/{chance.pk}/contract/new/"
    assert tap(browser(firm.max), where, rows).status_code == 403
    assert tap(browser(firm.wei), where, rows).status_code == 404
    assert browser(firm.wei).get(f"/opportunities/{chance.pk}/contract/").status_code == 404
    assert browser(firm.rita).get(f"/opportunities/{chance.pk}/contract/").status_code == 200
    assert not Order.objects.exists()


# While it is a draft


def test_a_draft_is_edited_in_place(firm: Firm, watch: Watch) -> None:
    order = firm.an_order(term_months=12)
    client = browser(firm.rita)
    assert 'value="12"' in client.get(f"/orders/{order.pk}/do/edit/").content.decode()
    data = {"term_months": "24", "starts_on": "2026-04-01"} | lines((firm.product, "3", "100", "12.5"))
    assert tap(client, f"/orders/{order.pk}/edit/", data).status_code == 200
    row = fresh(order)
    assert (row.total, row.term_months) == (Decimal("262.50"), 24)
    bad = tap(client, f"/orders/{order.pk}/edit/", data | {"term_months": "9999"})
    assert bad.status_code == 422 and 'data-field="term_months"' in bad.content.decode()
    services.sign(row, by=firm.rita)
    assert tap(client, f"/orders/{order.pk}/edit/", data).status_code == 409
    assert client.get(f"/orders/{order.pk}/do/edit/").status_code == 404


def test_a_contract_is_cancelled_after_saying_what_happens(firm: Firm, watch: Watch) -> None:
    order = firm.an_order()
    client = browser(firm.rita)
    assert "is given up" in words(client.get(f"/orders/{order.pk}/do/cancel/"))
    assert tap(client, f"/orders/{order.pk}/cancel/").status_code == 200
    assert fresh(order).state == "cancelled"
    assert tap(client, f"/orders/{order.pk}/cancel/").status_code == 409
    assert "new contract can be drafted" in words(client.get(f"/orders/{order.pk}/"))


# After the signature


def test_R9_4_an_upsell_is_opened_by_hand_from_the_order(firm: Firm, watch: Watch) -> None:
    order = firm.a_signed_order()
    client = browser(firm.rita)
    assert "upsell" in words(client.get(f"/orders/{order.pk}/do/chance/"))
    rows = lines((firm.product, "5", "", ""), prefix="products")
    data = {"kind": "upsell", "stage": "negotiation", "headcount": "5"} | rows
    answer = tap(client, f"/orders/{order.pk}/chance/", data)
    row = Opportunity.objects.get(kind="upsell")
    assert answer.status_code == 200 and answer["HX-Push-Url"] == f"/opportunities/{row.pk}"
    assert (row.company, row.stage, row.amount, row.contact) == (
        order.company,
        "negotiation",
        Decimal(500),
        order.contact,
    )
    bare = {"kind": "upsell", "stage": "confirmed", "headcount": ""} | lines(prefix="products")
    bad = tap(client, f"/orders/{order.pk}/chance/", bare)
    assert bad.status_code == 422 and 'data-field="headcount"' in bad.content.decode()
    assert 'data-field="products-0-product"' in bad.content.decode()
    assert tap(client, f"/orders/{order.pk}/chance/", data | {"kind": "renewal"}).status_code == 422
    assert tap(browser(firm.max), f"/orders/{order.pk}/chance/", data).status_code == 403


def test_sums_and_states_of_the_list(firm: Firm, watch: Watch) -> None:
    firm.a_signed_order()
    firm.an_order()
    page = words(browser(firm.mark).get("/orders/"))
    assert "1 signed, ¥1 k" in page and "1 contract waits for a signature" in page
    only = words(browser(firm.mark).get("/orders/?state=draft"))
    assert "2026-00002" in only and "2026-00001" not in only
    for query in ("state=nonsense", "owner=nobody", "ordering=zzz", "cursor=x"):
        assert browser(firm.mark).get(f"/orders/?{query}").status_code == 200


def test_what_happened_is_told_in_words(firm: Firm, watch: Watch) -> None:
    order = firm.a_signed_order(term_months=12)
    page = words(browser(firm.rita).get(f"/orders/{order.pk}/"))
    for said in (
        "Contract drafted, ¥1,000",
        "Signed on 2 Mar 2026, ¥1,000",
        "Won, ¥1,000",
        "Next chance planned: renewal",
    ):
        assert said in page


def test_ctrl_k_finds_the_order_and_its_opportunity_for_who_may_see_them(firm: Firm, watch: Watch) -> None:
    order = firm.an_order()
    name = order.company.name
    found = browser(firm.rita).get("/find/", {"q": name}).content.decode()
    assert f"/opportunities/{order.opportunity_id}" in found and f"/orders/{order.pk}" in found
    assert f"/orders/{order.pk}" in browser(firm.mark).get("/find/", {"q": order.number}).content.decode()
    other = browser(firm.wei).get("/find/", {"q": name}).content.decode()
    assert "/opportunities/" not in other and f"/orders/{order.pk}" not in other


def test_R9_5_the_form_of_a_contract_offers_what_was_quoted(firm: Firm, watch: Watch) -> None:
    chance = firm.an_opportunity()
    quote = draft_quote(chance, by=firm.rita, discount=Decimal(5))
    client, form = browser(firm.rita), f"/opportunities/{chance.pk}/do/contract/"
    accept = f"/quotes/{quote.pk}/accept/"
    page = client.get(form).content.decode()
    assert f'formaction="{accept}"' in page and "¥950" in page
    answer = tap(client, accept, {"lines-TOTAL_FORMS": "x"}, on=f"/opportunities/{chance.pk}/")
    assert answer.status_code == 200 and Order.objects.get(quote=quote).total == Decimal("950.00")
    other = firm.an_opportunity()
    draft_quote(other, by=firm.rita)
    watch.go(days=31)
    assert "formaction" not in client.get(f"/opportunities/{other.pk}/do/contract/").content.decode()
