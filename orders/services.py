"""From a contract to a signed order, and the next opportunity from it (R9)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalogue.models import Product
from contacts.models import Company
from core import clock, events, rulebook
from core.errors import AlreadyClaimed, FieldError, Forbidden, NotFound, RuleRefused, TransitionNotAllowed
from core.locking import lock_one, verb
from core.services import next_number
from leads.models import Lead
from leads.rules import State as LeadState
from leads.services.common import fact as lead_fact
from leads.services.common import locked as locked_lead
from leads.services.common import store as store_lead
from opportunities import permissions as opportunity_permissions
from opportunities.models import Opportunity
from opportunities.rules import OPEN, Kind, Stage, renewal_opens_on
from opportunities.services import schedule_next, win
from opportunities.services.common import locked as locked_opportunity
from opportunities.services.common import require as require_opportunity
from orders import permissions, rules
from orders.models import Order, OrderLine
from orders.rules import BEFORE_SIGNATURE, State

TOTAL_MOST = Decimal("999999999999.99")
TERM_MONTHS_MOST, TERM_DAYS_MOST = 600, 18_300


@dataclass(frozen=True)
class Line:
    """One line as it is asked for; without a unit price the list price holds, discount is in percent."""

    product: Product
    quantity: int = 1
    unit_price: Decimal | None = None
    discount: Decimal = Decimal(0)


def orders() -> Any:
    """Orders with what a verb reads of them."""
    return Order.objects.select_related("company", "contact", "owner", "team", "opportunity")


def locked(order: Order | Any) -> Order:
    """The order as it is now, locked. Raises NotFound."""
    try:
        return lock_one(orders(), getattr(order, "pk", order))
    except Order.DoesNotExist:
        raise NotFound() from None


def require(allowed: bool, order: Order, by: User, at: datetime) -> None:
    """Refuse who may not. Raises Forbidden, or AlreadyClaimed when it went to somebody else within the last 24 h."""
    if allowed:
        return
    row = Order.objects.filter(pk=order.pk)
    if row.actionable_by(by, at).exists() and not row.visible_to(by).exists():
        raise AlreadyClaimed(detail=_("A colleague has this contract now."))
    raise Forbidden()


@verb
def draft(
    opportunity: Opportunity,
    *,
    by: User,
    lines: Sequence[Line] | None = None,
    term_months: int | None = None,
    term_days: int | None = None,
    starts_on: date | None = None,
) -> Order:
    """A contract for an opportunity; its lines are the needs unless others are named (R9.1).

    Raises Forbidden, TransitionNotAllowed (closed, or it has a contract), RuleRefused.
    """
    row = locked_opportunity(opportunity)
    at = clock.now()
    require_opportunity(opportunity_permissions.may_work(by, row), row, by)
    if row.stage not in OPEN and row.stage != Stage.SCHEDULED:
        raise TransitionNotAllowed(row.stage)
    if Order.objects.filter(opportunity=row).exclude(state=State.CANCELLED).exists():
        raise TransitionNotAllowed(row.stage, (), _("There is a contract for this opportunity already."))
    wanted = list(lines) if lines is not None else lines_of(row)
    _check(wanted, term_months, term_days)
    order = Order(
        number=f"{clock.firm_day(at):%Y}-{next_number(f'order-{clock.firm_day(at):%Y}'):05d}",
        opportunity=row,
        company=row.company,
        contact=row.contact,
        owner=row.owner,
        team=row.team,
        currency=row.currency,
        term_months=term_months,
        term_days=term_days,
        starts_on=starts_on,
        created_at=at,
    )
    order.ends_on = rules.ends_on(starts_on, term_months, term_days) if starts_on else None
    order.save()
    _write_lines(order, wanted)
    events.record(fact("drafted", order, at, by, data={"total": str(order.total)}))
    return order


def lines_of(opportunity: Opportunity) -> list[Line]:
    """The needs of an opportunity at list price; a single product of an agreed amount costs that amount."""
    needs = list(opportunity.needs.select_related("product"))
    if len(needs) == 1 and opportunity.amount is not None:
        need = needs[0]
        if need.product.price * need.quantity != opportunity.amount:
            price = (opportunity.amount / need.quantity).quantize(rules.CENT)
            if price * need.quantity == opportunity.amount:
                return [Line(need.product, need.quantity, price)]
            return [Line(need.product, 1, opportunity.amount)]
    return [Line(need.product, need.quantity) for need in needs]


def _check(lines: Sequence[Line], months: int | None, days: int | None) -> None:
    errors = []
    if not lines:
        errors.append(FieldError("lines", "required", _("A contract needs at least one line.")))
    for n, line in enumerate(lines):
        if not 1 <= line.quantity <= 10_000_000:
            message = _("“%(value)s”: must be a whole number of at least 1.") % {"value": line.quantity}
            errors.append(FieldError(f"lines.{n}.quantity", "out_of_range", message))
        if line.unit_price is not None and not 0 <= line.unit_price <= TOTAL_MOST:
            message = _("“%(value)s”: a price is 0 or more.") % {"value": line.unit_price}
            errors.append(FieldError(f"lines.{n}.unit_price", "out_of_range", message))
        if not 0 <= line.discount <= 100:
            message = _("“%(value)s”: a discount is 0 to 100 %%.") % {"value": line.discount}
            errors.append(FieldError(f"lines.{n}.discount", "out_of_range", message))
    if months is not None and days is not None:
        errors.append(FieldError("term", "invalid", _("A term is in months or in days, not both.")))
    if months is not None and not 1 <= months <= TERM_MONTHS_MOST:
        errors.append(
            FieldError("term.months", "out_of_range", _("“%(value)s”: 1 to 600 months.") % {"value": months})
        )
    if days is not None and not 1 <= days <= TERM_DAYS_MOST:
        errors.append(
            FieldError("term.days", "out_of_range", _("“%(value)s”: 1 to 18300 days.") % {"value": days})
        )
    if not errors:
        total = sum((_total(line) for line in lines), Decimal(0))
        if total > TOTAL_MOST:
            errors.append(
                FieldError(
                    "lines", "out_of_range", _("The total “%(value)s” is too large.") % {"value": total}
                )
            )
    if errors:
        raise RuleRefused(errors=errors)


def _total(line: Line) -> Decimal:
    price = line.unit_price if line.unit_price is not None else line.product.price
    return rules.line_total(line.quantity, price, line.discount)


def _write_lines(order: Order, lines: Sequence[Line]) -> None:
    order.lines.all().delete()
    rows = [
        OrderLine(
            order=order,
            product=line.product,
            quantity=line.quantity,
            discount=line.discount,
            total=_total(line),
            unit_price=line.unit_price if line.unit_price is not None else line.product.price,
        )
        for line in lines
    ]
    OrderLine.objects.bulk_create(rows)
    order.total = sum((row.total for row in rows), Decimal(0))
    order.store("total")


@verb
def update(order: Order, *, by: User, lines: Sequence[Line] | None = None, **fields: Any) -> Order:
    """Change a draft: lines, term, first day (R9.1). Raises Forbidden, TransitionNotAllowed, RuleRefused."""
    row = locked(order)
    at = clock.now()
    require(permissions.may_work(by, row), row, by, at)
    if row.state != State.DRAFT:
        raise TransitionNotAllowed(row.state)
    wanted = (
        list(lines)
        if lines is not None
        else [
            Line(x.product, x.quantity, x.unit_price, x.discount) for x in row.lines.select_related("product")
        ]
    )
    months, days = fields.get("term_months", row.term_months), fields.get("term_days", row.term_days)
    _check(wanted, months, days)
    before = {name: getattr(row, name) for name in fields}
    for name, value in fields.items():
        setattr(row, name, value)
    row.ends_on = rules.ends_on(row.starts_on, months, days) if row.starts_on else None
    row.store(*fields, "ends_on")
    if lines is not None:
        _write_lines(row, wanted)
    data = {n: [str(before[n]), str(fields[n])] for n in fields if before[n] != fields[n]}
    events.record(fact("order_changed", row, at, by, row.state, data={**data, "total": str(row.total)}))
    return row


@verb
def sign(order: Order, *, by: User, signed_on: date | None = None) -> Order:
    """→ signed: standard terms pass the states between; the opportunity is won, the company a customer, and the next
    chance is scheduled (R8.8, R9.1, R9.4). Raises Forbidden, TransitionNotAllowed, RuleRefused."""
    lead_id = Opportunity.objects.values_list("lead_id", flat=True).get(pk=order.opportunity_id)
    lead = locked_lead(lead_id) if lead_id else None
    opportunity = locked_opportunity(order.opportunity_id)
    row = locked(order)
    at = clock.now()
    require(permissions.may_work(by, row), row, by, at)
    if row.state not in (State.DRAFT, State.APPROVED):
        raise TransitionNotAllowed(row.state)
    if opportunity.stage not in OPEN and opportunity.stage != Stage.SCHEDULED:
        raise TransitionNotAllowed(opportunity.stage, (), _("The opportunity of this contract is closed."))
    today = clock.firm_day(at)
    day = signed_on or today
    if day > today:
        message = _("“%(value)s” lies in the future: a contract is signed when it is signed.") % {
            "value": day
        }
        raise RuleRefused(errors=[FieldError("signed_on", "future", message)])
    was = row.state
    if row.state == State.DRAFT:
        row.approve()
        row.store("state")
    row.sign(on=day, at=at)
    row.starts_on = row.starts_on or day
    row.ends_on = rules.ends_on(row.starts_on, row.term_months, row.term_days)
    row.store("state", "signed_on", "signed_at", "starts_on", "ends_on")
    opportunity.amount = row.total
    opportunity.store("amount")
    win(opportunity, by=by, at=at, order_id=row.pk)
    if lead is not None and lead.state == LeadState.POOLED:
        _regain(lead, row, by, at)
    _customer(row, at)
    events.record(fact("signed", row, at, by, was, data={"total": str(row.total), "signed_on": str(day)}))
    _next_chance(row, opportunity, by, at)
    return row


def _regain(lead: Lead, order: Order, by: User, at: datetime) -> None:
    """The contact's company signed another way: the lead leaves the pool (pooled → converted)."""
    lead.regain(owner=order.owner, at=at)
    store_lead(lead)
    events.record(lead_fact("regained", lead, at, by, LeadState.POOLED, data={"order": str(order.pk)}))


def _customer(order: Order, at: datetime) -> None:
    """The company is a customer from now on, and has an owner."""
    company = lock_one(Company.objects.all(), order.company_id)
    if company.customer_since is None or company.owner_id is None:
        company.customer_since = company.customer_since or at
        company.owner_id = company.owner_id or order.owner_id
        company.store("customer_since", "owner")


def _next_chance(order: Order, won: Opportunity, by: User, at: datetime) -> None:
    """A renewal for a term contract, else a repurchase (R9.4)."""
    values = rulebook.values()
    if order.ends_on and order.starts_on:
        kind = Kind.RENEWAL
        opens = renewal_opens_on(
            order.starts_on, order.ends_on, values["renewal_days_most"], values["renewal_part"]
        )
        close = order.ends_on
    else:
        kind = Kind.REPURCHASE
        opens = order.signed_on + timedelta(days=values["repurchase_days"])  # type: ignore[operator,assignment]
        close = None
    schedule_next(won, kind=kind, active_on=opens, amount=order.total, expected_close=close, by=by, at=at)


@verb
def cancel(order: Order, *, by: User) -> Order:
    """→ cancelled: given up before signature (R9.1). Raises Forbidden, TransitionNotAllowed."""
    row = locked(order)
    at = clock.now()
    require(permissions.may_work(by, row), row, by, at)
    if row.state not in BEFORE_SIGNATURE:
        raise TransitionNotAllowed(row.state)
    was = row.state
    row.cancel(at=at)
    row.store("state", "closed_at")
    events.record(fact("cancelled", row, at, by, was))
    return row


def fact(verb_name: str, row: Order, at: datetime, by: User, was: str = "", **more: Any) -> events.Fact:
    """An event of this order, with its contact and company."""
    return events.Fact(
        verb_name,
        row,
        at,
        by,
        from_state=was,
        to_state=row.state,
        contact=row.contact_id,
        company=row.company_id,
        **more,
    )
