"""A contract is written: from an opportunity, or from a quote without typing again (R9.1, R9.5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import ROUND_DOWN, Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalogue import rules as money
from catalogue.pricing import Line, Priced, price_lines
from catalogue.selectors import prices_on
from core import clock, events, rulebook
from core.errors import FieldError, NotFound, RuleRefused, TransitionNotAllowed
from core.locking import lock, lock_one, verb
from core.services import next_number
from opportunities import permissions as opportunity_permissions
from opportunities.models import Opportunity, Quote
from opportunities.rules import OPEN, Stage
from opportunities.services.common import locked as locked_opportunity
from opportunities.services.common import require as require_opportunity
from opportunities.services.quoting import accept_locked, lines_of_needs, stand_again
from opportunities.services.quoting import lines_of as lines_of_quote
from opportunities.services.worth import take_amount
from orders import permissions, rules
from orders.models import Order, OrderLine
from orders.rules import BEFORE_SIGNATURE, State
from orders.services.common import day_errors, fact, locked, orders, require, require_state

TERM_MONTHS_MOST, TERM_DAYS_MOST = 600, 18_300


@verb
def draft(
    opportunity: Opportunity,
    *,
    by: User,
    lines: Sequence[Line] | None = None,
    term_months: int | None = None,
    term_days: int | None = None,
    starts_on: date | None = None,
    discount: Decimal = Decimal(0),
    other_terms: str = "",
) -> Order:
    """A contract for an opportunity; its lines are the needs unless others are named (R9.1).

    Raises Forbidden, TransitionNotAllowed (closed, or it has a contract), RuleRefused.
    """
    row = locked_opportunity(opportunity)
    at = clock.now()
    _require_free(row, by)
    order = _new(row, at, term_months=term_months, term_days=term_days, starts_on=starts_on)
    order.discount, order.other_terms = discount, other_terms.strip()
    order.tax_rate = Decimal(rulebook.get("tax_rate"))
    order.with_tax = rulebook.get("prices_include_tax")
    return _make(order, list(lines) if lines is not None else lines_of(row, term_months), by, at)


@verb
def accept_quote(quote: Quote, *, by: User, starts_on: date | None = None) -> Order:
    """A quote is accepted: its lines, discount, tax and term become a contract without typing again, its total the
    amount of the opportunity (R9.5).

    Raises Forbidden, TransitionNotAllowed, RuleRefused (its day is over).
    """
    row = locked_opportunity(quote.opportunity_id)
    try:
        held = lock_one(Quote.objects.all(), quote.pk)
    except Quote.DoesNotExist:
        raise NotFound() from None
    at = clock.now()
    _require_free(row, by)
    accept_locked(held, at=at)
    take_amount(held, by=by)
    order = _new(row, at, term_months=held.term_months, term_days=None, starts_on=starts_on)
    order.quote, order.discount = held, held.discount
    order.tax_rate, order.with_tax = held.tax_rate, held.with_tax
    made = _make(order, lines_of_quote(held), by, at, listed=held.listed, list_prices=held)
    if made.total != held.total:  # both come from the same lines: a difference would be a fault of ours
        raise AssertionError(f"quote {held.total} became {made.total}")
    events.record(
        fact("quote_accepted", made, at, by, made.state, data={"quote": str(held.pk), "number": held.title})
    )
    return made


def _require_free(row: Opportunity, by: User) -> None:
    require_opportunity(opportunity_permissions.may_work(by, row), row, by)
    if row.stage not in OPEN and row.stage != Stage.SCHEDULED:
        raise TransitionNotAllowed(row.stage)
    if Order.objects.filter(opportunity=row).exclude(state=State.CANCELLED).exists():
        raise TransitionNotAllowed(row.stage, (), _("There is a contract for this opportunity already."))


def _new(row: Opportunity, at: datetime, **term: Any) -> Order:
    return Order(
        opportunity=row,
        company=row.company,
        contact=row.contact,
        owner=row.owner,
        team=row.team,
        currency=row.currency,
        created_at=at,
        **term,
    )


def _make(
    order: Order,
    lines: Sequence[Line],
    by: User,
    at: datetime,
    *,
    listed: Decimal | None = None,
    list_prices: Quote | None = None,
) -> Order:
    priced = _reckon(order, lines, clock.firm_day(at))
    if listed is not None:  # what was off the list on the day of the quote stays so
        order.listed = listed
    order.number = f"{clock.firm_day(at):%Y}-{next_number(f'order-{clock.firm_day(at):%Y}'):05d}"
    order.save()
    _write_lines(order, priced)
    if list_prices is not None:
        kept = [line.list_price for line in list_prices.lines.all()]
        for line, price in zip(order.lines.all(), kept, strict=True):
            line.list_price = price
            line.save(update_fields=["list_price"])
    events.record(fact("drafted", order, at, by, data={"total": str(order.total)}))
    return order


def lines_of(opportunity: Opportunity, term_months: int | None = None) -> list[Line]:
    """The needs of an opportunity at the prices of the day, as a quote has them (R9.5); a single product of an agreed
    amount comes to that amount, for as many as are needed."""
    today = clock.firm_day(clock.now())
    lines = lines_of_needs(opportunity, today, term_months)
    prices = prices_on({line.product.pk for line in lines}, today)
    priced = [replace(x, unit_price=prices.get((x.product.pk, x.basis), x.product.price)) for x in lines]
    if len(priced) == 1 and opportunity.amount is not None:
        return _agreed(priced[0], opportunity.amount)
    return priced


def _agreed(line: Line, amount: Decimal) -> list[Line]:
    """A line of an agreed amount. Where it is no whole number of cents for each, the last one takes what is left: fewer
    of them at a higher price would hide what is off the list (R9.2)."""
    count = line.quantity * line.periods
    each = (amount / count).quantize(money.CENT, ROUND_DOWN)
    if each * count == amount:
        return [replace(line, unit_price=each)]
    once = replace(line, basis=money.Basis.ONCE, periods=1)
    each = (amount / line.quantity).quantize(money.CENT, ROUND_DOWN)
    rest = amount - each * (line.quantity - 1)
    if each == rest:
        return [replace(once, unit_price=each)]
    return [
        replace(once, quantity=line.quantity - 1, unit_price=each),
        replace(once, quantity=1, unit_price=rest),
    ]


def _reckon(order: Order, lines: Sequence[Line], today: date) -> list[Priced]:
    """Reckon the money and the last day of a contract; refuses everything that is wrong at once."""
    priced, errors = price_lines(lines, today)
    errors += money.check_percent(
        "discount", order.discount, what=_("“%(value)s”: a discount is 0 to 100 %%.")
    )
    errors += _term_errors(order.term_months, order.term_days) + day_errors("starts_on", order.starts_on)
    if not errors:
        reckoned = money.sums(
            [p.total for p in priced],
            discount=order.discount,
            tax_rate=order.tax_rate,
            with_tax=order.with_tax,
        )
        order.net, order.tax, order.total = reckoned.net, reckoned.tax, reckoned.gross
        order.listed = money.sums(
            [p.listed for p in priced], discount=Decimal(0), tax_rate=order.tax_rate, with_tax=order.with_tax
        ).gross
        if max(order.total, order.listed) > money.MONEY_MOST:
            message = _("The total “%(value)s” is too large.") % {"value": order.total}
            errors.append(FieldError("lines", "out_of_range", message))
    if errors:
        raise RuleRefused(errors=errors)
    order.ends_on = (
        rules.ends_on(order.starts_on, order.term_months, order.term_days) if order.starts_on else None
    )
    return priced


def _term_errors(months: int | None, days: int | None) -> list[FieldError]:
    errors = []
    if months is not None and days is not None:
        errors.append(FieldError("term", "invalid", _("A term is in months or in days, not both.")))
    if months is not None and not 1 <= months <= TERM_MONTHS_MOST:
        message = _("“%(value)s”: 1 to 600 months.") % {"value": months}
        errors.append(FieldError("term.months", "out_of_range", message))
    if days is not None and not 1 <= days <= TERM_DAYS_MOST:
        message = _("“%(value)s”: 1 to 18300 days.") % {"value": days}
        errors.append(FieldError("term.days", "out_of_range", message))
    return errors


def _write_lines(order: Order, priced: Sequence[Priced]) -> None:
    order.lines.all().delete()
    OrderLine.objects.bulk_create(
        OrderLine(
            order=order,
            product=p.line.product,
            purpose=p.line.purpose[:500],
            basis=p.line.basis,
            quantity=p.line.quantity,
            periods=p.line.periods,
            list_price=p.list_price,
            unit_price=p.unit_price,
            discount=p.line.discount,
            total=p.total,
        )
        for p in priced
    )


def lines_as_they_are(order: Order) -> list[Line]:
    """The lines of an order."""
    return [
        Line(x.product, x.quantity, x.unit_price, x.discount, x.basis, x.periods, x.purpose)
        for x in order.lines.select_related("product")
    ]


@verb
def update(order: Order, *, by: User, lines: Sequence[Line] | None = None, **fields: Any) -> Order:
    """Change a draft: lines, term, first day, discount, other terms (R9.1). What was agreed to and is changed becomes a
    draft again; a schedule that does not add up any more goes. Raises Forbidden, TransitionNotAllowed, RuleRefused."""
    row = locked(order)
    at = clock.now()
    require(permissions.may_work(by, row), row, by, at)
    require_state(row, State.DRAFT, State.APPROVED)
    if "other_terms" in fields:
        fields["other_terms"] = fields["other_terms"].strip()
    before = {name: getattr(row, name) for name in fields}
    wanted = list(lines) if lines is not None else lines_as_they_are(row)
    if (
        before == fields
        and (lines is None or row.state == State.APPROVED)
        and wanted == lines_as_they_are(row)
    ):
        return row
    total, listed, was = row.total, row.listed, row.state
    for name, value in fields.items():
        setattr(row, name, value)
    priced = _reckon(row, wanted, clock.firm_day(at))
    if lines is None:  # the same lines: what they would cost by the list stays that of their day
        row.listed = listed
    if row.state == State.APPROVED:
        row.rewrite()
    row.store(
        *fields, "ends_on", "net", "tax", "total", "listed", "state", "decided_by", "decided_at", "comment"
    )
    if lines is not None:
        _write_lines(row, priced)
    changed = {n: [str(before[n]), str(fields[n])] for n in fields if before[n] != fields[n]}
    told = changed.pop("other_terms", None)
    data: dict[str, Any] = {**changed, "total": str(row.total)}
    if row.total != total and row.instalments.all().delete()[0]:
        data["schedule_gone"] = True
    texts = {"other_terms": tuple(told)} if told else {}
    events.record(fact("order_changed", row, at, by, was, data=data, texts=texts))
    return row


@verb
def cancel(order: Order, *, by: User) -> Order:
    """→ cancelled: given up before signature; its quote stands as before (R9.1, R9.5).

    Raises Forbidden, TransitionNotAllowed.
    """
    row = locked(order)
    at = clock.now()
    require(permissions.may_work(by, row), row, by, at)
    require_state(row, *BEFORE_SIGNATURE)
    return _cancel(row, by, at)


def _cancel(row: Order, by: User, at: datetime) -> Order:
    was = row.state
    row.cancel(at=at)
    row.store("state", "closed_at")
    if row.quote_id:
        stand_again(row.quote_id)
    events.record(fact("cancelled", row, at, by, was))
    return row


def cancel_drafts(opportunity: Opportunity, by: User, at: datetime) -> None:
    """The contract of an opportunity that was lost is given up with it (R8.7)."""
    drafts = Order.objects.filter(opportunity=opportunity, state__in=BEFORE_SIGNATURE)
    for row in lock(orders(), list(drafts.values_list("pk", flat=True))):
        if row.state in BEFORE_SIGNATURE:
            _cancel(row, by, at)
