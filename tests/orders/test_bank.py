"""R9.3: the bank's list of receipts: matched, looked at, booked once."""

from __future__ import annotations

import io
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from core.errors import Forbidden, RuleRefused, TransitionNotAllowed
from opportunities.services import draft_quote
from orders.models import BankImport, BankRow, Order, Payment
from orders.services import accept_quote, balances, book_rows, pay, read_bank_list, set_instalments, sign
from orders.services.paying import Part
from tests.cast import MONDAY, Firm, Watch
from tests.content import faults, nothing_changes, refused

TODAY = MONDAY.date()
HEAD = "交易日期,对方户名,收入金额,支出金额,摘要,交易流水号"
DAY = "2026-03-01"


def a_list(folder: Path, *lines: str, head: str = HEAD, encoding: str = "utf-8") -> Path:
    path = folder / "list.csv"
    path.write_bytes("\n".join([head, *lines]).encode(encoding))
    return path


def read(firm: Firm, path: Path) -> tuple[BankImport, list[BankRow]]:
    made = read_bank_list(path, name="三月.csv", by=firm.mark)
    return made, list(made.rows.all())


def test_R9_3_a_bank_s_list_in_gb18030_finds_its_orders(firm: Firm, watch: Watch, tmp_path: Path) -> None:
    named, by_payer, split = (firm.a_signed_order() for _n in range(3))
    set_instalments(split, parts=[Part(TODAY, Decimal(400)), Part(TODAY, Decimal(600))], by=firm.rita)
    path = a_list(
        tmp_path,
        f"{DAY},某某有限公司,500.00,,货款 {named.number} 谢谢,T1",
        f'{DAY},{by_payer.company.name},"1,000.00",,货款,T2',
        f"{DAY},{split.company.name},400.00,,,T3",
        f"{DAY},{split.company.name},123.45,,,T4",
        f"{DAY},我们付的,,88.00,房租,T5",
        f"{DAY},退款,-5.00,,,T6",
        "不是日期,谁,7.00,,,T7",
        f"{DAY},谁,很多钱,,,T8",
        f"{DAY},某某有限公司,500.00,,货款 {named.number} 谢谢,T1",
        encoding="gb18030",
    )
    before = Payment.objects.count()
    _made, rows = read(firm, path)
    assert [(r.fit, r.order, r.amount) for r in rows] == [
        ("number", named, Decimal("500.00")),
        ("payer", by_payer, Decimal("1000.00")),
        ("payer", split, Decimal("400.00")),
        ("none", None, Decimal("123.45")),
        ("wrong", None, Decimal("7.00")),
        ("wrong", None, None),
        ("known", None, Decimal("500.00")),
    ]
    assert Payment.objects.count() == before


@pytest.mark.parametrize(("in_", "out"), [("贷", "借"), ("收入", "支出"), ("C", "D"), ("Credit", "debit")])
def test_R9_3_what_went_out_by_its_own_column_is_no_receipt(
    firm: Firm, tmp_path: Path, in_: str, out: str
) -> None:
    head = "交易日期,对方户名,交易金额,借贷标志,交易流水号"
    path = a_list(tmp_path, f"{DAY},谁,500.00,{in_},T1", f"{DAY},房东,88.00,{out},T2", head=head)
    assert [row.reference for row in read(firm, path)[1]] == ["T1"]


def test_R9_3_booked_once_the_same_list_twice_books_nothing(firm: Firm, watch: Watch, tmp_path: Path) -> None:
    order = firm.a_signed_order()
    path = a_list(tmp_path, f"{DAY},谁,600,,{order.number},T1", f"{DAY},谁,400,,{order.number},T2")
    made, rows = read(firm, path)
    answers = book_rows(made, chosen={row.pk: row.order_id for row in rows}, by=firm.mark)
    assert [error for _row, error in answers] == [None, None]
    assert balances([order], TODAY)[order.pk].open == 0
    assert {p.reference for p in order.payments.all()} == {"T1", "T2"}
    with refused(TransitionNotAllowed):
        book_rows(made, chosen={row.pk: row.order_id for row in rows}, by=firm.mark)
    again, rows = read(firm, path)
    assert [row.fit for row in rows] == ["known", "known"]
    answers = book_rows(again, chosen={row.pk: order.pk for row in rows}, by=firm.mark)
    assert [error.errors[0].code for _row, error in answers if error] == ["taken", "taken"]
    assert order.payments.count() == 2


def test_R9_3_without_references_a_row_is_its_own_and_two_alike_are_two(
    firm: Firm, watch: Watch, tmp_path: Path
) -> None:
    order = firm.a_signed_order()
    lines = [f"{DAY},谁,250,{order.number}"] * 2
    path = a_list(tmp_path, *lines, head="date,payer,amount,text")
    made, rows = read(firm, path)
    assert [row.fit for row in rows] == ["number", "number"]
    book_rows(made, chosen={row.pk: row.order_id for row in rows}, by=firm.mark)
    assert balances([order], TODAY)[order.pk].paid == Decimal("500.00")
    assert [row.fit for row in read(firm, path)[1]] == ["known", "known"]


def test_R9_3_every_row_answers_for_itself(firm: Firm, watch: Watch, tmp_path: Path) -> None:
    order, other = firm.a_signed_order(), firm.a_signed_order(firm.wei)
    draft = firm.an_order()
    made, rows = read(firm, a_list(tmp_path, *[f"{DAY},x,{n}.50,,,T{n}" for n in (1, 2, 3, 4)]))
    pay(order, amount=Decimal(1), paid_on=TODAY, by=firm.rita, reference="T4")
    chosen = dict(zip([r.pk for r in rows], [order.pk, other.pk, draft.pk, order.pk], strict=True))
    answers = {row.line: error for row, error in book_rows(made, chosen=chosen, by=firm.mark)}
    codes = [type(answers[row.line]).__name__ for row in rows]
    assert codes == ["NoneType", "NotFound", "TransitionNotAllowed", "RuleRefused"]
    assert [bool(r.payment_id) for r in made.rows.all()] == [True, False, False, False]
    assert all(r.why for r in made.rows.all() if not r.payment_id)


def test_R9_3_two_orders_that_fit_are_a_question(firm: Firm, watch: Watch, tmp_path: Path) -> None:
    """One customer, two orders of the same open amount: nobody guesses."""
    from opportunities.services import Need, open_next
    from orders.services import draft, sign

    first = firm.a_signed_order()
    more = open_next(
        first.company, by=firm.rita, kind="upsell", products=[Need(firm.product, quantity=10)], headcount=10
    )
    second = sign(draft(more, by=firm.rita), by=firm.rita)
    assert second.total == first.total
    _made, rows = read(firm, a_list(tmp_path, f"{DAY},{first.company.name},1000,,,T1"))
    assert (rows[0].fit, rows[0].order) == ("none", None)


def test_R15_2_a_manager_s_list_finds_only_what_the_manager_sees(
    firm: Firm, watch: Watch, tmp_path: Path
) -> None:
    order = firm.a_signed_order(firm.wei)
    path = a_list(tmp_path, f"{DAY},谁,1000,,{order.number},T1")
    assert read(firm, path)[1][0].fit == "none"
    assert read_bank_list(path, name="x", by=firm.ada).rows.get().order == order


@pytest.mark.parametrize("login", ["tina", "rita", "max", "pia", "sue", "ivy"])
def test_R15_1_only_managers_and_administrators(firm: Firm, watch: Watch, tmp_path: Path, login: str) -> None:
    path = a_list(tmp_path, f"{DAY},谁,1000,,,T1")
    made, rows = read(firm, path)
    with nothing_changes():
        for attempt in (
            lambda: read_bank_list(path, name="x", by=firm.people[login]),
            lambda: book_rows(made, chosen={rows[0].pk: rows[0].pk}, by=firm.people[login]),
        ):
            with pytest.raises(Forbidden):
                attempt()


@pytest.mark.parametrize(
    "content",
    [b"", b"\x00\x01\x02", b"just,words\n1,2\n", "日期,摘要\n2026-03-01,x\n".encode(), b"PK\x03\x04broken"],
)
def test_R9_3_what_is_no_list_is_refused(firm: Firm, watch: Watch, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    with refused(RuleRefused) as caught:
        read_bank_list(path, name="x", by=firm.mark)
    assert faults(caught)[0][0] == "file"


def test_R9_3_an_excel_list_with_lines_above_its_headings(firm: Firm, watch: Watch, tmp_path: Path) -> None:
    order: Order = firm.a_signed_order()
    book = openpyxl.Workbook()
    for line in (["某某银行 账户明细"], [], ["Date", "Name", "Credit", "Purpose", "Reference"],
                 [TODAY - timedelta(days=1), "x", 1000, f"order {order.number}", "R1"]):  # fmt: skip
        book.active.append(line)
    out = io.BytesIO()
    book.save(out)
    path = tmp_path / "list.xlsx"
    path.write_bytes(out.getvalue())
    (row,) = read(firm, path)[1]
    assert (row.fit, row.amount, row.paid_on) == ("number", Decimal(1000), TODAY - timedelta(days=1))


def test_R9_3_the_number_of_a_quote_is_no_contract_s(firm: Firm, watch: Watch, tmp_path: Path) -> None:
    """The first quote and the first contract of a year have one number, but for the letter."""
    other = firm.a_signed_order()
    quote = draft_quote(firm.an_opportunity(), by=firm.rita)
    assert quote.number == f"Q-{other.number}"
    lines = [f"{DAY},谁,1000,,{text},T{n}" for n, text in enumerate([quote.number, quote.number.lower()])]
    assert [row.fit for row in read(firm, a_list(tmp_path, *lines))[1]] == ["none", "none"]
    accepted = sign(accept_quote(quote, by=firm.rita), by=firm.rita)
    rows = read(firm, a_list(tmp_path, *lines, f"{DAY},谁,1000,,{other.number},T9"))[1]
    assert [(row.fit, row.order) for row in rows] == [
        ("number", accepted),
        ("number", accepted),
        ("number", other),
    ]


@pytest.mark.parametrize(
    ("amount", "currency", "code"),
    [
        ("100", "", None),
        ("￥100.00", "CNY", None),
        ("100元", "人民币", None),
        ("RMB 100", "人民币(CNY)", None),
        ("USD 100", "", "USD"),
        ("$100", "", "$"),
        ("100 EUR", "", "EUR"),
        ("100", "USD", "USD"),
        ("100", "美元", "美元"),
        ("100", "USD 美元", "USD"),
        ("100", "THB", "THB"),
    ],
)
def test_R9_3_what_is_in_another_currency_is_never_booked_as_ours(
    firm: Firm, watch: Watch, tmp_path: Path, amount: str, currency: str, code: str | None
) -> None:
    order = firm.a_signed_order()
    head = "交易日期,对方户名,收入金额,币种,摘要,交易流水号"
    path = a_list(tmp_path, f"{DAY},谁,{amount},{currency},{order.number},T1", head=head)
    made, rows = read(firm, path)
    if code is None:
        assert (rows[0].fit, rows[0].order, rows[0].amount) == ("number", order, Decimal(100))
        return
    assert (rows[0].fit, rows[0].order) == ("wrong", None)
    assert f"“{code}”" in rows[0].why and "CNY" in rows[0].why
    ((_row, error),) = book_rows(made, chosen={rows[0].pk: order.pk}, by=firm.mark)
    assert error is not None and not order.payments.exists()


@pytest.mark.parametrize(("amount", "read_as"), [("10.500", "10.50"), ("10.005", None), ("1,000.0001", None)])
def test_R9_3_no_amount_is_rounded_to_be_booked(
    firm: Firm, watch: Watch, tmp_path: Path, amount: str, read_as: str | None
) -> None:
    rows = read(firm, a_list(tmp_path, f'{DAY},谁,"{amount}",,,T1'))[1]
    wanted = [("none", Decimal(read_as))] if read_as else [("wrong", None)]
    assert [(row.fit, row.amount) for row in rows] == wanted
