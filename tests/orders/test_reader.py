"""What somebody found who read all of it to break it: discounts that hide, words that nobody needs any more, names that
lie (R9.1, R9.2, R9.4)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from catalogue.models import Product
from catalogue.rules import Basis
from catalogue.services import save_price
from core.errors import TransitionNotAllowed
from opportunities import services as selling
from opportunities.models import Opportunity
from opportunities.services import Need
from orders.models import Document, Order
from orders.selectors import allowed_actions
from orders.services import (
    Line,
    accept_quote,
    add_document,
    cancel,
    draft,
    must_be_approved,
    reject,
    sign,
    submit,
    update,
)
from tests.cast import Firm, Watch, fresh
from tests.pages import browser, tap, words

PDF = b"%PDF-1.7\n<html><script>alert(1)</script>"


@pytest.fixture
def strict(firm: Firm) -> Firm:
    firm.set_rules(order_approval=True)
    return firm


def a_price(firm: Firm, basis: str, amount: str, product: Product | None = None) -> None:
    save_price(
        None, by=firm.ada, product=product or firm.product, basis=basis, amount=Decimal(amount),
        valid_from=date(2026, 1, 1),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("basis", "price", "periods", "hidden"),
    [
        ("user_month", "1.00", 1, True),
        ("user_month", "0.00", 12, True),
        ("user_year", "89.99", 1, True),
        ("user_year", "90.00", 1, False),
        ("user_month", "12.00", 12, False),
        ("once", "0.00", 1, True),
        ("once", "89.99", 1, True),
        ("once", "90.00", 1, False),
    ],
)
def test_R9_2_no_discount_hides_in_a_basis_that_has_no_price(
    strict: Firm, watch: Watch, basis: str, price: str, periods: int, hidden: bool
) -> None:
    line = Line(strict.product, 10, Decimal(price), basis=basis, periods=periods)
    order = draft(strict.an_opportunity(), by=strict.rita, lines=[line])
    assert must_be_approved(order) is hidden
    assert submit(order, by=strict.rita).state == ("in_approval" if hidden else "approved")


def test_R9_2_nor_in_once_where_a_product_is_only_sold_by_the_year(strict: Firm, watch: Watch) -> None:
    yearly = Product.objects.create(name="Care", price=Decimal(0))
    a_price(strict, Basis.USER_YEAR, "200.00", yearly)
    gift = Product.objects.create(name="Handbook", price=Decimal(0))
    given = [Line(yearly, 5, basis=Basis.USER_YEAR), Line(gift, 1)]
    honest = draft(strict.an_opportunity(), by=strict.rita, lines=given)
    assert (honest.total, honest.reduction, must_be_approved(honest)) == (1000, 0, False)
    hides = draft(strict.an_opportunity(), by=strict.rita, lines=[Line(yearly, 5, Decimal(1))])
    assert (hides.listed, must_be_approved(hides)) == (1000, True)
    a_price(strict, Basis.ONCE, "0.00", yearly)
    free = draft(strict.an_opportunity(), by=strict.rita, lines=[Line(yearly, 5)])
    assert not must_be_approved(free), "what the list gives away needs nobody's word"


def test_R9_2_line_discount_and_discount_on_all_count_together(strict: Firm, watch: Watch) -> None:
    both = draft(
        strict.an_opportunity(), by=strict.rita, discount=Decimal(6),
        lines=[Line(strict.product, 10, Decimal("99.00"), discount=Decimal(5))],
    )  # fmt: skip
    assert both.reduction == Decimal("11.59") and must_be_approved(both)
    dear = Product.objects.create(name="Server", price=Decimal(1000))
    free = [Line(dear, 1), Line(strict.product, 2, Decimal(0))]
    assert must_be_approved(draft(strict.an_opportunity(), by=strict.rita, lines=free)), "a free line is off"


@pytest.mark.parametrize(("amount", "people"), [("100.00", 3), ("0.01", 7), ("1000.00", 7), ("333.33", 10)])
def test_R9_2_an_agreed_amount_hides_no_quantity(
    strict: Firm, watch: Watch, amount: str, people: int
) -> None:
    chance = strict.an_opportunity(headcount=people, amount=Decimal(amount))
    order = draft(chance, by=strict.rita)
    assert order.total == Decimal(amount)
    assert sum(line.quantity for line in order.lines.all()) == people
    assert order.listed == 100 * people
    assert must_be_approved(order) is (Decimal(amount) < 90 * people)


def test_R9_5_a_contract_begins_with_the_prices_that_a_quote_has(firm: Firm, watch: Watch) -> None:
    care = Product.objects.create(name="Care", price=Decimal("7.00"))
    a_price(firm, Basis.USER_YEAR, "120.00")
    a_price(firm, Basis.ONCE, "5.00", care)
    chance = firm.an_opportunity(products=[Need(firm.product), Need(care, quantity=2)])
    quote = selling.draft_quote(chance, by=firm.rita, term_months=24)
    order = draft(chance, by=firm.rita, term_months=24)
    assert (order.total, order.listed) == (quote.total, quote.listed) == (Decimal(2410), Decimal(2410))
    page = browser(firm.rita).get(
        f"/opportunities/{firm.an_opportunity(amount=Decimal(1200)).pk}/do/contract/"
    )
    assert 'value="120.00"' in page.content.decode()


def test_R0_1_what_waits_for_a_word_goes_on_when_the_branch_is_turned_off(strict: Firm, watch: Watch) -> None:
    order = submit(draft(strict.an_opportunity(), by=strict.rita, discount=Decimal(50)), by=strict.rita)
    assert order.state == "in_approval"
    assert allowed_actions(order, strict.rita) == ["cancel"]
    with pytest.raises(TransitionNotAllowed):
        sign(order, by=strict.rita)
    strict.set_rules(order_approval=False)
    assert allowed_actions(order, strict.rita) == ["submit", "sign", "cancel"]
    page = words(browser(strict.rita).get(f"/orders/{order.pk}"))
    assert "Sign" in page and "Mark" not in page
    assert sign(order, by=strict.rita).state == "signed"


def test_R9_2_what_waits_goes_on_when_the_limit_is_raised(strict: Firm, watch: Watch) -> None:
    order = submit(draft(strict.an_opportunity(), by=strict.rita, discount=Decimal(15)), by=strict.rita)
    with pytest.raises(TransitionNotAllowed):
        submit(order, by=strict.rita)
    strict.set_rules(discount_limit=20)
    done = submit(order, by=strict.rita)
    assert (done.state, done.decided_by) == ("approved", None)
    strict.set_rules(discount_limit=5)
    assert sign(done, by=strict.rita).state == "signed", "what was agreed to stays so"


def test_R9_2_a_draft_is_judged_by_the_limit_of_its_signature(strict: Firm, watch: Watch) -> None:
    order = draft(strict.an_opportunity(), by=strict.rita, discount=Decimal(8))
    strict.set_rules(discount_limit=5)
    with pytest.raises(TransitionNotAllowed):
        sign(order, by=strict.rita)


def test_R9_4_the_next_chance_needs_what_was_signed(firm: Firm, watch: Watch) -> None:
    care = Product.objects.create(name="Care", price=Decimal("7.00"))
    chance = firm.an_opportunity()
    lines = [
        Line(care, 3, purpose="backup"),
        Line(care, 2, Decimal(5), purpose="more"),
        Line(firm.product, 4, basis=Basis.USER_YEAR, unit_price=Decimal(9)),
    ]
    order = sign(draft(chance, by=firm.rita, lines=lines, term_months=12), by=firm.rita)
    next_ = Opportunity.objects.get(signed_before=order.opportunity)
    assert {(n.product, n.quantity, n.purpose) for n in next_.needs.all()} == {
        (care, 5, "backup"),
        (firm.product, 4, ""),
    }


def test_R9_5_after_a_contract_was_given_up_its_quote_or_another_is_accepted(
    firm: Firm, watch: Watch
) -> None:
    chance = firm.an_opportunity()
    quote, other = (selling.draft_quote(chance, by=firm.rita) for _n in range(2))
    first = accept_quote(quote, by=firm.rita)
    cancel(first, by=firm.rita)
    second = accept_quote(other, by=firm.rita)
    assert (fresh(quote).state, fresh(other).state, second.state) == ("draft", "accepted", "draft")
    selling.lose(chance, reason="price", by=firm.rita)
    selling.reopen(chance, by=firm.rita)
    assert sign(accept_quote(quote, by=firm.rita), by=firm.rita).state == "signed"


@pytest.mark.parametrize(
    ("name", "taken"),
    [
        ("contract.html", "contract.html.pdf"),
        ("contract.PDF", "contract.PDF"),
        ("../../etc/passwd", "passwd.pdf"),
        ("..\\..\\x.exe", "_.._x.exe.pdf"),
        ("scan\u202efdp.exe", "scan_fdp.exe.pdf"),
        ("合同.pdf", "合同.pdf"),
        ('a"b;c\r\nX: y.pdf', "a_b;c X_ y.pdf"),
        ("...", "scan.pdf"),
    ],
)
def test_R9_1_a_scan_is_taken_home_under_a_name_that_says_what_it_is(
    firm: Firm, watch: Watch, name: str, taken: str
) -> None:
    order = firm.a_signed_order()
    document = add_document(order, file=SimpleUploadedFile(name, PDF), by=firm.rita)
    assert document.file_name == taken
    answer = browser(firm.rita).get(f"/orders/{order.pk}/papers/{document.pk}/")
    said = answer["Content-Disposition"]
    assert said.startswith("attachment") and "\n" not in said
    assert (answer["X-Content-Type-Options"], answer["Content-Type"]) == ("nosniff", "application/pdf")
    for stranger in (firm.wei, firm.olga, firm.pia):
        assert browser(stranger).get(f"/orders/{order.pk}/papers/{document.pk}/").status_code == 404


@pytest.mark.parametrize("kind", ["application/pdf", "image/png", "image/jpeg", "strange"])
def test_R9_1_every_kind_has_its_ending(kind: str) -> None:
    ending = {"application/pdf": "pdf", "image/png": "png", "image/jpeg": "jpg"}.get(kind, "bin")
    assert Document(name="x.html", content_type=kind).file_name == f"x.html.{ending}"


def test_R15_2_presales_sees_no_contract_beside_the_opportunity(firm: Firm, watch: Watch) -> None:
    firm.set_rules(presales=True)
    chance = selling.advance(firm.an_opportunity(), by=firm.rita, to="experience")
    selling.ask_presales(chance, text="a plan", due_on=watch.now.date(), by=firm.rita)
    order: Order = draft(chance, by=firm.rita)
    page = browser(firm.pia).get(f"/opportunities/{chance.pk}")
    assert page.status_code == 200 and order.number not in words(page)
    assert order.number in words(browser(firm.rita).get(f"/opportunities/{chance.pk}"))
    assert browser(firm.pia).get(f"/orders/{order.pk}").status_code == 404


def test_R9_2_nobody_agrees_to_what_was_written_anew_since(strict: Firm, watch: Watch) -> None:
    order = submit(draft(strict.an_opportunity(), by=strict.rita, discount=Decimal(12)), by=strict.rita)
    manager = browser(strict.mark)
    shown = f'name="version" value="{order.version}"'
    assert shown in manager.get("/approvals/").content.decode()
    reject(order, by=strict.ada, comment="too much")
    update(order, by=strict.rita, discount=Decimal(60))
    submit(order, by=strict.rita)
    url = f"/orders/{order.pk}/approve/"
    assert tap(manager, url, {"version": str(order.version)}).status_code == 412
    assert tap(manager, f"{url}?version={order.version}").status_code == 412
    stale = manager.post(
        f"/api/v1/orders/{order.pk}/approve/", {}, content_type="application/json",
        headers={"If-Match": f'"{order.version}"'},
    )  # fmt: skip
    assert stale.status_code == 412 and fresh(order).state == "in_approval"
    assert tap(manager, url, {"version": str(fresh(order).version)}).status_code < 300
    assert fresh(order).state == "approved"


@pytest.mark.parametrize(
    "name", ["edit", "sign", "terminate", "schedule", "pay", "refund", "papers", "chance"]
)
def test_R15_2_who_may_not_see_an_order_is_told_nothing_of_its_forms(
    firm: Firm, watch: Watch, name: str
) -> None:
    url = f"/orders/{firm.a_signed_order().pk}/{name}/"
    assert tap(browser(firm.wei), url, {"amount": "NaN", "paid_on": "9999-99-99"}).status_code == 404
