"""Customers: the list, and what comes next with them (R9.4, R13.1, R15.2)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from contacts.models import Company
from core import hooks
from core.web.panels import Mark
from opportunities import services as selling
from opportunities.models import Opportunity
from orders import services
from orders.models import Order
from orders.services.paying import Part
from tests.cast import Firm, Watch, fresh
from tests.pages import MOST_QUERIES, browser, queries_of, words
from tests.sizes import in_turn

HOSTILE = [
    "%00",
    "x" * 3000,
    "%F0%9F%98%80",
    "９９９９-１２",
    "9999-12",
    "2026-13",
    "NaN",
    "-1e999",
    "'; DROP TABLE",
    "%FF%FE",
]


def rows_of(response: Any) -> int:
    return response.content.decode().count("data-row")


def a_customer(firm: Firm, rep: Any = None, name: str = "", **terms: Any) -> Order:
    """An order of a company of this name."""
    chance = firm.an_opportunity(rep, **({"company": name} if name else {}))
    return services.sign(services.draft(chance, by=chance.owner, **terms), by=chance.owner)


@pytest.mark.parametrize("login", in_turn(["rita", "mark", "max", "sue"], {"mark"}))
@pytest.mark.parametrize(
    "url",
    [
        "/customers/",
        "/customers/?ordering=-ordered&due=open&chance=scheduled&q=Needful",
        "/customers/next/",
        "/customers/next/?ordering=-term_ends&kind=renewal,repurchase&state=scheduled&q=Needful",
    ],
)
def test_the_lists_need_as_many_queries_for_thirty_rows_as_for_one(
    firm: Firm, watch: Watch, url: str, login: str
) -> None:
    client = browser(getattr(firm, login))
    firm.a_signed_order(term_months=12)
    one = queries_of(client, url)
    for n in range(29):
        firm.a_signed_order(term_months=12 if n % 2 else None)
    assert queries_of(client, url) == one <= MOST_QUERIES
    assert rows_of(client.get(url)) == 30


@pytest.mark.parametrize(
    ("login", "seen"),
    [
        ("rita", {"Alder Ltd"}),
        ("rob", {"Birch Ltd"}),
        ("mark", {"Alder Ltd", "Birch Ltd"}),
        ("wei", {"Cedar Ltd"}),
        ("olga", {"Cedar Ltd"}),
        ("max", {"Alder Ltd", "Birch Ltd", "Cedar Ltd"}),
        ("sue", {"Alder Ltd", "Birch Ltd", "Cedar Ltd"}),
        ("ada", {"Alder Ltd", "Birch Ltd", "Cedar Ltd"}),
        ("tina", {"Alder Ltd", "Birch Ltd", "Cedar Ltd"}),
        ("theo", set()),
        ("pia", set()),
    ],
)
def test_R15_2_everybody_sees_the_customers_that_are_theirs_to_see(
    firm: Firm, watch: Watch, login: str, seen: set[str]
) -> None:
    """And no company that has not signed."""
    for rep, name in ((firm.rita, "Alder Ltd"), (firm.rob, "Birch Ltd"), (firm.wei, "Cedar Ltd")):
        a_customer(firm, rep, name, term_months=12)
    firm.an_order(opportunity=firm.an_opportunity(company="Doubtful Ltd"))
    client = browser(getattr(firm, login))
    for url in ("/customers/", "/customers/next/"):
        page = words(client.get(url))
        assert {
            name for name in ("Alder Ltd", "Birch Ltd", "Cedar Ltd", "Doubtful Ltd") if name in page
        } == seen, url


def test_a_customer_shows_money_chance_and_owner(firm: Firm, watch: Watch) -> None:
    order = a_customer(firm, name="Alder Ltd", term_months=12)
    parts = [Part(date(2026, 3, 2), Decimal(400)), Part(date(2026, 6, 1), Decimal(600))]
    services.set_instalments(order, parts=parts, by=firm.rita)
    services.pay(order, amount=Decimal("150.50"), paid_on=date(2026, 3, 2), by=firm.rita)
    watch.go(days=1)
    page = words(browser(firm.rita).get("/customers/"))
    assert "¥1,000" in page and "1 order" in page and "¥249.50 overdue" in page
    assert "Renewal" in page and "opens 2 Nov" in page and "Rita" in page
    client = browser(firm.mark)
    assert rows_of(client.get("/customers/?due=overdue")) == rows_of(client.get("/customers/?due=open")) == 1
    services.pay(order, amount=Decimal("249.50"), paid_on=date(2026, 3, 3), by=firm.rita)
    assert rows_of(client.get("/customers/?due=overdue")) == 0
    services.pay(order, amount=Decimal("600"), paid_on=date(2026, 3, 3), by=firm.rita)
    assert rows_of(client.get("/customers/?due=open")) == 0


def test_customers_are_narrowed_and_sorted_by_the_url(firm: Firm, watch: Watch) -> None:
    for rep, name, count in ((firm.rita, "Alder Ltd", 3), (firm.rob, "Birch Ltd", 1)):
        a_customer(firm, rep, name)
        for _n in range(count - 1):
            again = selling.open_again(Company.objects.get(name=name), by=rep, kind="upsell")
            services.sign(services.draft(again, by=rep), by=rep)
    client = browser(firm.mark)

    def listed(query: str) -> str:
        return words(client.get(f"/customers/?{query}"))

    assert "Birch" not in listed("owner=rita") and "Alder" not in listed("owner=rob&q=Birch")
    assert listed("ordering=ordered").index("Birch Ltd") < listed("ordering=ordered").index("Alder Ltd")
    assert listed("ordering=-ordered").index("Alder Ltd") < listed("ordering=-ordered").index("Birch Ltd")
    assert "¥3,000" in listed("q=alder") and "3 orders" in listed("q=alder")
    assert rows_of(client.get("/customers/?chance=none")) == 0
    for row in Opportunity.objects.filter(company__name="Birch Ltd", stage="scheduled"):
        selling.lose(row, reason="timing", by=firm.rob)
    assert "Birch Ltd" in listed("chance=none") and "Alder" not in listed("chance=none")
    assert "Birch" not in listed("chance=scheduled") and rows_of(client.get("/customers/?chance=open")) == 0
    assert rows_of(client.get("/customers/?q=Li+Lei")) == 2


def test_a_list_of_customers_goes_on_behind_its_first_page(firm: Firm, watch: Watch) -> None:
    for n in range(42):
        a_customer(firm, name=f"Firm {n:02d} Ltd")
    client = browser(firm.rita)
    first = client.get("/customers/")
    assert rows_of(first) == 40 and "Firm 41" not in words(first)
    following = first.context["listing"].next
    assert rows_of(client.get(following)) == 2 and "Firm 41" in words(client.get(following))


@pytest.mark.parametrize("path", ["/customers/", "/customers/next/"])
@pytest.mark.parametrize("text", HOSTILE)
def test_no_filter_makes_an_error(firm: Firm, watch: Watch, path: str, text: str) -> None:
    a_customer(firm, term_months=12)
    client = browser(firm.mark)
    for name in ("q", "owner", "due", "chance", "kind", "state", "month", "ordering", "cursor"):
        assert client.get(f"{path}?{name}={text}").status_code == 200, name


def test_other_apps_may_put_a_word_beside_a_customer(firm: Firm, watch: Watch, monkeypatch: Any) -> None:
    order = a_customer(firm)
    monkeypatch.setattr(
        hooks.customer_marks,
        "fillers",
        [lambda rows, user, at: {row.pk: [Mark("start-up", "near")] for row in rows}],
    )
    client = browser(firm.rita)
    assert "start-up" in words(client.get("/customers/"))
    assert "start-up" in words(client.get(f"/customers/{order.company_id}/"))


# The next chances


def test_R9_4_the_list_of_what_is_scheduled_says_when_it_opens_and_when_the_term_ends(
    firm: Firm, watch: Watch
) -> None:
    order = a_customer(firm, name="Alder Ltd", term_months=12)
    once = a_customer(firm, firm.rob, name="Birch Ltd")
    upsell = selling.open_again(once.company, by=firm.rob, kind="upsell")
    client = browser(firm.mark)
    page = words(client.get("/customers/next/"))
    assert "1 open" in page and "2 planned" in page
    # 365 days: 365 // 3 = 121, at most 120 before the end; 90 days after signing.
    assert "2 Nov" in page and "1 Mar 2027" in page and order.number in page and "31 May" in page
    assert rows_of(client.get("/customers/next/?kind=upsell")) == 1
    assert rows_of(client.get("/customers/next/?kind=renewal")) == 1
    assert rows_of(client.get("/customers/next/?state=open")) == 1
    assert rows_of(client.get("/customers/next/?state=scheduled&owner=rob")) == 1
    assert rows_of(client.get("/customers/next/?month=2026-11")) == 1
    assert rows_of(client.get("/customers/next/?month=2026-12")) == 0
    assert "November 2026" in words(client.get("/customers/next/"))
    selling.lose(upsell, reason="timing", by=firm.rob)
    assert rows_of(client.get("/customers/next/")) == 2
    watch.go(days=91)
    selling.activate_due(watch.now)
    assert rows_of(client.get("/customers/next/?state=open&kind=repurchase")) == 1


def test_new_business_is_no_next_chance(firm: Firm, watch: Watch) -> None:
    firm.an_opportunity()
    assert rows_of(browser(firm.rita).get("/customers/next/")) == 0
    assert "Nothing is planned" in words(browser(firm.rita).get("/customers/next/"))


def test_the_navigation_counts_the_own_chances_that_are_open(firm: Firm, watch: Watch) -> None:
    order = a_customer(firm)
    a_customer(firm, firm.rob)

    def count(user: Any) -> int:
        entry = next(e for answer in hooks.nav(user) for e in answer if e.name == "customers")
        return entry.count.count()

    assert count(firm.rita) == count(firm.mark) == 0
    selling.open_again(order.company, by=firm.rita, kind="upsell")
    assert (count(firm.rita), count(firm.rob), count(firm.mark), count(firm.sue)) == (1, 0, 1, 1)
    assert not [e for answer in hooks.nav(firm.tina) for e in answer if e.name == "customers"]


def test_ctrl_k_finds_the_companies_that_one_sees(firm: Firm, watch: Watch) -> None:
    order = a_customer(firm, name="Alder Ltd")
    page = browser(firm.rita).get("/find/?q=alder").content.decode()
    assert f"/customers/{order.company_id}" in page
    assert f"/customers/{order.company_id}" not in browser(firm.wei).get("/find/?q=alder").content.decode()
    assert fresh(order.company).customer_since
