"""The schedule of an order, what came in and what went back: exact, in one currency (R9.3)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalogue.rules import is_amount
from core import clock, events
from core.errors import FieldError, RuleRefused, Stale
from core.locking import verb
from orders import permissions, rules
from orders.models import Instalment, Order, Payment
from orders.rules import SIGNED, Balance, Method, PaymentKind, State
from orders.services.common import fact, locked, require, require_state

FAR = timedelta(days=36600)
MOST_PARTS = 120
NOTHING = Decimal("0.00")


@dataclass(frozen=True)
class Part:
    """One part of the schedule as it is asked for."""

    due_on: date | None
    amount: Decimal | None
    note: str = ""


def balances(orders: Iterable[Order], today: date) -> dict[Any, Balance]:
    """Paid, open and overdue of each order, in two queries; what is no order yet has nothing open (R9.3)."""
    listed = list(orders)
    ids = [row.pk for row in listed]
    due: dict[Any, list[tuple[date, Decimal]]] = {}
    for order, on, amount in Instalment.objects.filter(order__in=ids).values_list(
        "order", "due_on", "amount"
    ):
        due.setdefault(order, []).append((on, amount))
    money: dict[tuple[Any, str], Decimal] = {}
    sums = (
        Payment.objects.filter(order__in=ids)
        .order_by()
        .values_list("order", "kind")
        .annotate(s=Sum("amount"))
    )
    for order, kind, amount in sums:
        money[order, kind] = amount
    found = {}
    for row in listed:
        received = money.get((row.pk, PaymentKind.RECEIPT), NOTHING)
        refunded = money.get((row.pk, PaymentKind.REFUND), NOTHING)
        if row.state in SIGNED:
            parts = due.get(row.pk, [])
            found[row.pk] = rules.balance(row.total, parts, received, refunded, today, row.terminated_on)
        else:
            paid = received - refunded
            found[row.pk] = Balance(row.total, paid, NOTHING, NOTHING, paid)
    return found


@verb
def set_instalments(order: Order, *, parts: Sequence[Part], by: User) -> Order:
    """Say when which part is due; all parts add up to the total (R9.3).

    Raises Forbidden, TransitionNotAllowed, RuleRefused.
    """
    row = locked(order)
    at = clock.now()
    require(permissions.may_book(by, row), row, by, at)
    require_state(row, *[s for s in State if s not in (State.CANCELLED, State.ENDED, State.TERMINATED)])
    errors = _part_errors(parts, row)
    if errors:
        raise RuleRefused(errors=errors)
    row.instalments.all().delete()
    Instalment.objects.bulk_create(
        Instalment(order=row, due_on=p.due_on, amount=p.amount, note=p.note.strip()[:120])  # type: ignore[misc]
        for p in parts
    )
    row.store()
    data = {"parts": len(parts), "total": str(row.total)}
    events.record(fact("scheduled_payments", row, at, by, row.state, data=data))
    return row


def _part_errors(parts: Sequence[Part], row: Order) -> list[FieldError]:
    errors = []
    if len(parts) > MOST_PARTS:
        errors.append(FieldError("parts", "out_of_range", _("At most 120 parts.")))
    for n, part in enumerate(parts):
        if part.due_on is None:
            errors.append(FieldError(f"parts.{n}.due_on", "required", _("When is this part due?")))
        elif abs(part.due_on - clock.firm_day(row.created_at)) > FAR:
            message = _("“%(value)s” is too far away.") % {"value": part.due_on}
            errors.append(FieldError(f"parts.{n}.due_on", "out_of_range", message))
        errors += amount_errors(f"parts.{n}.amount", part.amount)
    if not errors and parts:
        total = sum((p.amount for p in parts if p.amount is not None), NOTHING)
        if total != row.total:
            message = _("The parts come to %(sum)s, the order to %(total)s.") % {
                "sum": total,
                "total": row.total,
            }
            errors.append(FieldError("parts", "sum", message))
    return errors


def amount_errors(field: str, amount: Decimal | None) -> list[FieldError]:
    """What is wrong with an amount of money that moves: more than 0, at most two places."""
    if amount is None:
        return [FieldError(field, "required", _("How much?"))]
    if not is_amount(amount) or not amount:
        message = _("“%(value)s”: an amount of more than 0, with at most two places.") % {"value": amount}
        return [FieldError(field, "out_of_range", message)]
    return []


@verb
def pay(
    order: Order,
    *,
    amount: Decimal | None,
    paid_on: date | None,
    by: User,
    method: str = Method.TRANSFER,
    reference: str = "",
    note: str = "",
    seen: int | None = None,
) -> Payment:
    """Book money that came in for an order (R9.3). `seen` is the version that was looked at: what is sent twice without
    a reference is booked once.

    Raises Forbidden, TransitionNotAllowed (not signed), Stale, RuleRefused (a bank reference that is booked already).
    """
    row, at = _to_book(order, by, seen)
    return book(row, PaymentKind.RECEIPT, amount, paid_on, method, reference, note, by, at)


@verb
def refund(
    order: Order,
    *,
    amount: Decimal | None,
    paid_on: date | None,
    by: User,
    method: str = Method.TRANSFER,
    reference: str = "",
    note: str = "",
    seen: int | None = None,
) -> Payment:
    """Book money that went back: never more than came in (R9.3); `seen` as in `pay`.

    Raises Forbidden, TransitionNotAllowed (not signed), Stale, RuleRefused.
    """
    row, at = _to_book(order, by, seen)
    return book(row, PaymentKind.REFUND, amount, paid_on, method, reference, note, by, at)


def _to_book(order: Order, by: User, seen: int | None) -> tuple[Order, datetime]:
    row = locked(order)
    at = clock.now()
    require(permissions.may_book(by, row), row, by, at)
    require_state(row, *SIGNED)
    if seen is not None and seen != row.version:
        raise Stale()
    return row, at


def book(
    row: Order,
    kind: str,
    amount: Decimal | None,
    paid_on: date | None,
    method: str,
    reference: str,
    note: str,
    by: User,
    at: datetime,
) -> Payment:
    """Write a payment of a locked order. Raises RuleRefused with everything that is wrong."""
    today = clock.firm_day(at)
    errors = amount_errors("amount", amount)
    if kind == PaymentKind.REFUND and amount is not None and not errors:
        errors += _more_than_came_in(row, amount, today)
    if paid_on is None:
        errors.append(FieldError("paid_on", "required", _("When was it paid?")))
    elif not today - FAR < paid_on <= today:
        message = _("“%(value)s”: a day that has been, not one to come.") % {"value": paid_on}
        errors.append(FieldError("paid_on", "out_of_range", message))
    if method not in Method.values:
        message = _("“%(value)s” is not a way to pay.") % {"value": str(method)[:20]}
        errors.append(FieldError("method", "invalid", message))
    reference = reference.strip()[:80]
    if reference and method == Method.TRANSFER and kind == PaymentKind.RECEIPT and is_booked(reference):
        errors.append(_taken(reference))
    if errors:
        raise RuleRefused(errors=errors)
    payment = Payment(order=row, kind=kind, amount=amount, paid_on=paid_on, method=method, by=by, at=at)  # type: ignore[misc]
    payment.reference, payment.note = reference, note.strip()[:200]
    try:
        with transaction.atomic():
            payment.save(force_insert=True)
    except IntegrityError as error:  # somebody booked the same receipt in this moment
        if "one_receipt_a_bank_reference" not in str(error):
            raise
        raise RuleRefused(errors=[_taken(reference)]) from None
    row.store()
    data = {"payment": str(payment.pk), "amount": str(amount), "paid_on": str(paid_on)}
    events.record(
        fact("paid" if kind == PaymentKind.RECEIPT else "refunded", row, at, by, row.state, data=data)
    )
    return payment


def _more_than_came_in(row: Order, amount: Decimal, today: date) -> list[FieldError]:
    paid = balances([row], today)[row.pk].paid
    if amount <= paid:
        return []
    message = _("“%(value)s”: only %(paid)s came in.") % {"value": f"{amount:,.2f}", "paid": f"{paid:,.2f}"}
    return [FieldError("amount", "out_of_range", message)]


def _taken(reference: str) -> FieldError:
    return FieldError("reference", "taken", _("“%(value)s” is booked already.") % {"value": reference})


def is_booked(reference: str) -> bool:
    """Whether a bank's reference is booked already."""
    rows = Payment.objects.filter(reference=reference, method=Method.TRANSFER, kind=PaymentKind.RECEIPT)
    return rows.exists()
