"""The bank's list of receipts: read, matched, looked at, then booked (R9.3)."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from contacts.rules import exact_name
from contacts.rules import fold as plain
from core import clock, rulebook
from core.errors import FieldError, Forbidden, NotFound, RuleRefused, TransitionNotAllowed, TrunkError
from core.locking import lock_one, verb
from intake.cells import Wrong, amount_of, clean, instant_of, storable
from intake.headings import fold
from intake.reading import Refused, Row, open_table
from intake.reasons import words
from orders import permissions
from orders.foreign import foreign
from orders.models import BankImport, BankRow, Order, Payment
from orders.rules import SIGNED, Method
from orders.services.paying import balances, pay

MOST_ROWS = 5_000
# The headings of the banks' lists, folded; the first column that fits is taken.
WORDS = {
    "paid_on": "交易日期 入账日期 记账日期 交易时间 日期 date bookingdate valuedate paidon",
    "amount": "收入金额 贷方金额 贷方发生额 收入 入账金额 交易金额 发生额 金额 amount credit",
    # Whether a row came in or went out, where one column of amounts holds both.
    "side": "借贷标志 借贷方向 借贷 收支 收支方向 收支标志 收付标志 资金流向 debitcredit creditdebit drcr direction",
    "currency": "币种 货币 货币种类 币别 交易币种 currency ccy",
    "payer": "对方户名 对方名称 付款人 付款人名称 付款方 对方账户名称 户名 payer name counterparty",
    "text": "摘要 用途 附言 备注 交易附言 purpose memo description text",
    "reference": "交易流水号 流水号 交易参考号 凭证号 业务编号 reference transactionid id",
}
_BY_HEADING = {word: name for name, words in WORDS.items() for word in words.split()}
_OUT = re.compile(r"[借支付出往]|(?:d|dr|debit|out|outgoing|withdrawal)$", re.IGNORECASE)
# The number of a contract, or of the quote that became it: Q-2026-00012 is not contract 2026-00012.
_NUMBER = re.compile(r"(?<!\d)((?:Q-)?20\d{2}-\d{5,})(?!\d)", re.IGNORECASE)
_CENTS = re.compile(r"\.\d\d\d*?[1-9]")


@dataclass
class _Line:
    line: int
    paid_on: date | None = None
    amount: Decimal | None = None
    payer: str = ""
    text: str = ""
    reference: str = ""
    why: str = ""


@verb
def read_bank_list(path: Path, *, name: str, by: User) -> BankImport:
    """Read a bank's CSV or XLSX and say which receipt fits which order; nothing is booked yet (R9.3).

    Raises Forbidden, RuleRefused (it is no table, or has no column of days or amounts).
    """
    if not permissions.may_import_receipts(by):
        raise Forbidden()
    lines = _lines(path)
    at = clock.now()
    made = BankImport.objects.create(name=storable(name)[:200], by=by, at=at)
    rows = [_row(made, line) for line in lines]
    _match(rows, by, clock.firm_day(at))
    BankRow.objects.bulk_create(rows)
    return made


def _lines(path: Path) -> list[_Line]:
    try:
        with open_table(path) as table:
            rows = list(islice(table.rows(), MOST_ROWS + 20))
    except Refused as refused:
        raise RuleRefused(
            errors=[FieldError("file", refused.code, words(refused.code, refused.params))]
        ) from None
    head = next((n for n, row in enumerate(rows[:20]) if _columns(row).keys() >= {"paid_on", "amount"}), None)
    if head is None:
        message = _("No row of headings with a day and an amount was found.")
        raise RuleRefused(errors=[FieldError("file", "no_headings", message)])
    if len(rows) - head - 1 > MOST_ROWS:
        message = _("At most %(most)s payments at a time.") % {"most": MOST_ROWS}
        raise RuleRefused(errors=[FieldError("file", "too_many", message)])
    columns = _columns(rows[head])
    firm = rulebook.get("currency")
    lines = [line for row in rows[head + 1 :] if (line := _line(row, columns, firm)) is not None]
    counts: Counter[str] = Counter()
    for line in lines:
        if not line.reference:
            # A list without references: the row itself is one, so that it is booked once; the second receipt that
            # says exactly the same is the second of that day.
            parts = [str(line.paid_on), str(line.amount), line.payer, line.text]
            digest = hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:24]
            counts[digest] += 1
            line.reference = f"row-{digest}" + (f"-{counts[digest]}" if counts[digest] > 1 else "")
    return lines


def _columns(row: Row) -> dict[str, int]:
    found: dict[str, int] = {}
    for index, heading in enumerate(row.values):
        name = _BY_HEADING.get(fold(heading))
        if name:
            found.setdefault(name, index)
    return found


def _line(row: Row, columns: dict[str, int], firm: str) -> _Line | None:
    """A receipt of the list; None for what the firm paid, and for rows without an amount."""

    def cell(name: str) -> str:
        index = columns.get(name)
        return clean(storable(row.values[index])) if index is not None and index < len(row.values) else ""

    money = cell("amount")
    if not money or money.startswith("-") or _is_nothing(money):
        return None
    if _OUT.match(cell("side")):
        return None
    line = _Line(
        row.line, payer=cell("payer")[:200], text=cell("text")[:300], reference=cell("reference")[:80]
    )
    try:
        line.amount = amount_of(money)
        if _CENTS.search(plain(money)):  # never booked as another amount than the bank says
            raise Wrong("amount_invalid")
    except Wrong:
        line.amount, line.why = None, _("“%(value)s” is not an amount.") % {"value": money[:40]}
    if other := foreign(money, cell("currency"), firm):
        line.why = _("“%(value)s” is not in %(currency)s.") % {"value": other[:40], "currency": firm}
    try:
        line.paid_on = clock.firm_day(instant_of(cell("paid_on"), clock.firm_tz(), clock.now()))
    except Wrong:
        line.why = _("“%(value)s” is not a day.") % {"value": cell("paid_on")[:40]}
    return line


def _is_nothing(money: str) -> bool:
    try:
        return amount_of(money) == 0
    except Wrong:
        return False


def _row(made: BankImport, line: _Line) -> BankRow:
    return BankRow(
        bank_import=made,
        line=line.line,
        paid_on=line.paid_on,
        amount=line.amount,
        payer=line.payer,
        text=line.text,
        reference=line.reference,
        fit=BankRow.Fit.WRONG if line.why else BankRow.Fit.NONE,
        why=line.why[:200],
    )


def _match(rows: Sequence[BankRow], by: User, today: date) -> None:
    """By the contract's number in the text, else by the payer's name and exactly what is open or due."""
    seen = Order.objects.visible_to(by).filter(state__in=SIGNED).select_related("company")
    numbers = {number for row in rows for number in _numbers(row)}
    named = seen.filter(Q(number__in=numbers) | Q(quote__number__in=numbers)).select_related("quote")
    by_number = {order.number: order for order in named}
    by_number |= {order.quote.number: order for order in named if order.quote}
    names = {exact_name(row.payer) for row in rows if row.payer}
    by_payer: dict[str, list[Order]] = {}
    for order in seen.filter(company__exact_name__in=names).order_by("signed_on", "id"):
        by_payer.setdefault(order.company.exact_name, []).append(order)
    candidates = [*by_number.values(), *(o for orders in by_payer.values() for o in orders)]
    left = {pk: b.open for pk, b in balances(candidates, today).items()}
    parts = _open_parts(candidates)
    known = set(
        Payment.objects.filter(reference__in=[r.reference for r in rows]).values_list("reference", flat=True)
    )
    twice: set[str] = set()
    for row in rows:
        if row.fit == BankRow.Fit.WRONG:
            continue
        if row.reference in known or row.reference in twice:
            row.fit = BankRow.Fit.KNOWN
            continue
        twice.add(row.reference)
        its = next((by_number[number] for number in _numbers(row) if number in by_number), None)
        if its is not None:
            row.fit, row.order = BankRow.Fit.NUMBER, its
        else:
            payer = by_payer.get(exact_name(row.payer), []) if row.payer else []
            fitting = [o for o in payer if row.amount == left.get(o.pk) or row.amount in parts.get(o.pk, ())]
            if len(fitting) == 1:
                row.fit, row.order = BankRow.Fit.PAYER, fitting[0]
        if row.order is not None and row.amount is not None:
            left[row.order.pk] = max(left.get(row.order.pk, Decimal(0)) - row.amount, Decimal(0))


def _numbers(row: BankRow) -> list[str]:
    return [number.upper() for number in _NUMBER.findall(f"{row.text} {row.reference}")]


def _open_parts(orders: Collection[Order]) -> dict[Any, set[Decimal]]:
    from orders.models import Instalment

    found: dict[Any, set[Decimal]] = {}
    rows = Instalment.objects.filter(order__in=[o.pk for o in orders]).values_list("order", "amount")
    for order, amount in rows:
        found.setdefault(order, set()).add(amount)
    return found


@verb
def book_rows(
    bank_import: BankImport, *, chosen: dict[Any, Any], by: User
) -> list[tuple[BankRow, TrunkError | None]]:
    """Book the rows that somebody has looked at: row id → order id. Each row answers for itself (R9.3).

    Raises Forbidden, NotFound, TransitionNotAllowed (the list was booked before), RuleRefused (nothing is chosen).
    """
    if not permissions.may_import_receipts(by):
        raise Forbidden()
    try:
        held = lock_one(BankImport.objects.all(), bank_import.pk)
    except BankImport.DoesNotExist:
        raise NotFound() from None
    if held.booked_at is not None:
        raise TransitionNotAllowed("booked", (), _("This statement was booked before."))
    if not chosen:
        message = _("Tick the payments that are to be booked.")
        raise RuleRefused("invalid", errors=[FieldError("rows", "required", message)])
    answers: list[tuple[BankRow, TrunkError | None]] = []
    orders = {str(o.pk): o for o in Order.objects.visible_to(by).filter(pk__in=list(chosen.values()))}
    rows = {str(r.pk): r for r in held.rows.filter(pk__in=list(chosen), payment__isnull=True)}
    # In the order of the orders' ids: two lists that are booked at once do not wait for each other in a ring.
    for key, wanted in sorted(chosen.items(), key=lambda pair: str(pair[1])):
        row, order = rows.get(str(key)), orders.get(str(wanted))
        if row is None:
            continue
        try:
            if order is None or row.amount is None or row.paid_on is None:
                raise NotFound()
            if row.fit == BankRow.Fit.WRONG:
                raise RuleRefused(errors=[FieldError("row", "wrong", row.why)])
            row.payment = pay(
                order,
                amount=row.amount,
                paid_on=row.paid_on,
                by=by,
                method=Method.TRANSFER,
                reference=row.reference,
                note=row.text[:200],
            )
            row.order, row.why = order, ""
            row.save(update_fields=["payment", "order", "why"])
            answers.append((row, None))
        except TrunkError as error:
            row.why = str(error.errors[0].message if error.errors else error.detail)[:200]
            row.save(update_fields=["why"])
            answers.append((row, error))
    held.booked_at = clock.now()
    held.save(update_fields=["booked_at"])
    return answers
