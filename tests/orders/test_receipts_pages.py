"""The pages of the bank's list, and a quote that becomes a contract (R9.3, R9.5)."""

from __future__ import annotations

from django.core.files.uploadedfile import SimpleUploadedFile

from opportunities.services import draft_quote
from orders.models import BankImport, Order
from tests.cast import Firm, Watch, fresh
from tests.pages import MOST_QUERIES, browser, queries_of, tap, words

HEAD = "交易日期,对方户名,收入金额,摘要,交易流水号\n"


def upload(*lines: str) -> dict[str, SimpleUploadedFile]:
    return {"file": SimpleUploadedFile("三月.csv", (HEAD + "\n".join(lines)).encode("gb18030"))}


def test_a_list_is_looked_at_corrected_and_booked(firm: Firm, watch: Watch) -> None:
    first, second = firm.a_signed_order(), firm.a_signed_order()
    client = browser(firm.mark)
    assert "Bank statement" in words(client.get("/orders/")) and "No statement yet" in words(
        client.get("/orders/receipts/")
    )
    answer = tap(client, "/orders/receipts/", upload(
        f"2026-03-01,甲,1000.00,{first.number},T1", "2026-03-01,乙,300.00,,T2", "2026-03-01,丙,7,,T3"))  # fmt: skip
    made = BankImport.objects.get()
    assert answer.status_code == 200 and answer["HX-Push-Url"] == f"/orders/receipts/{made.pk}/"
    page = words(answer)
    assert "3 payments" in page and "1 fits an order" in page and "The text names the contract" in page
    one, two, three = made.rows.all()
    where = f"/orders/receipts/{made.pk}/book/"
    assert tap(client, where, {}).status_code == 422
    wrong = tap(client, where, {"row": [str(two.pk)], f"order-{two.pk}": "9999-1"})
    assert wrong.status_code == 422 and f'data-field="order-{two.pk}"' in wrong.content.decode()
    data = {
        "row": [str(one.pk), str(two.pk), "garbage"],
        f"order-{one.pk}": first.number,
        f"order-{two.pk}": f"{second.number} · {second.company.name} · ¥1,000",
    }
    done = tap(client, where, data)
    assert done.status_code == 200 and "2 booked" in words(done) and "left out" in words(done)
    assert [str(p.amount) for p in second.payments.all()] == ["300.00"]
    assert fresh(three).payment_id is None
    assert tap(client, where, data).status_code == 409
    assert "三月.csv" in words(client.get("/orders/receipts/"))


def test_wrong_files_are_said_at_the_field(firm: Firm, watch: Watch) -> None:
    client = browser(firm.mark)
    for content in (b"", b"%PDF-1.7", b"a,b\n1,2\n"):
        answer = tap(client, "/orders/receipts/", {"file": SimpleUploadedFile("x.csv", content)})
        assert answer.status_code == 422 and 'data-field="file"' in answer.content.decode()
    assert tap(client, "/orders/receipts/", {}).status_code == 422
    assert not BankImport.objects.exists()


def test_R15_1_only_managers_and_administrators_and_each_their_own_lists(firm: Firm, watch: Watch) -> None:
    tap(browser(firm.mark), "/orders/receipts/", upload("2026-03-01,甲,1,x,T1"))
    made = BankImport.objects.get()
    for person, status in ((firm.rita, 403), (firm.max, 403), (firm.olga, 404), (firm.ada, 200)):
        assert browser(person).get(f"/orders/receipts/{made.pk}/").status_code == status
    assert tap(browser(firm.rita), "/orders/receipts/", upload("2026-03-01,甲,1,x,T1")).status_code == 403
    assert "/orders/receipts/" not in browser(firm.rita).get("/orders/").content.decode()


def test_a_list_of_many_rows_needs_no_more_queries(firm: Firm, watch: Watch) -> None:
    client = browser(firm.mark)
    orders = [firm.a_signed_order() for _n in range(6)]
    pages = []
    for count in (1, 6):
        lines = [f"2026-03-01,甲,{n + 1},{row.number},Q{count}{n}" for n, row in enumerate(orders[:count])]
        answer = tap(client, "/orders/receipts/", upload(*lines))
        pages.append(queries_of(client, answer["HX-Push-Url"]))
    assert pages[0] == pages[1] <= MOST_QUERIES


def test_R9_5_a_quote_is_accepted_into_a_contract_without_typing_again(firm: Firm, watch: Watch) -> None:
    chance = firm.an_opportunity()
    quote = draft_quote(chance, by=firm.rita)
    where = f"/quotes/{quote.pk}/accept/"
    assert tap(browser(firm.wei), where).status_code == 404
    assert tap(browser(firm.max), where).status_code == 403
    assert browser(firm.rita).get(where).status_code == 405
    answer = tap(browser(firm.rita), where)
    order = Order.objects.get()
    assert answer.status_code == 200 and answer["HX-Push-Url"] == f"/orders/{order.pk}"
    assert (order.quote, order.total, order.tax, order.state) == (quote, quote.total, quote.tax, "draft")
    assert "Quote" in words(answer) and "accepted" in words(answer)
    assert tap(browser(firm.rita), where).status_code == 409
