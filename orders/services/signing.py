"""A contract becomes an order; the opportunity is won, the company a customer, the next chance scheduled (R9)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from contacts.models import Company
from core import clock, events, rulebook
from core.errors import FieldError, RuleRefused, TransitionNotAllowed
from core.locking import lock_one, verb
from leads.models import Lead
from leads.rules import State as LeadState
from leads.services.common import fact as lead_fact
from leads.services.common import locked as locked_lead
from leads.services.common import store as store_lead
from opportunities.models import Opportunity
from opportunities.rules import HEADCOUNT_MOST, OPEN, Kind, Stage, renewal_opens_on
from opportunities.services import Need, schedule_next, win
from opportunities.services.common import locked as locked_opportunity
from orders import permissions, rules
from orders.models import Order
from orders.rules import MOVES, State
from orders.services.approving import approve_standard, must_be_approved, unsigned
from orders.services.common import day_errors, fact, locked, require, require_state
from orders.services.thanks import thank


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
    require_state(row, *unsigned(row), State.APPROVED)
    if opportunity.stage not in OPEN and opportunity.stage != Stage.SCHEDULED:
        raise TransitionNotAllowed(opportunity.stage, (), _("The opportunity of this contract is closed."))
    today = clock.firm_day(at)
    day = signed_on or today
    if day > today:
        message = _("“%(value)s” lies in the future: a contract is signed when it is signed.") % {
            "value": day
        }
        raise RuleRefused(errors=[FieldError("signed_on", "future", message)])
    if errors := day_errors("signed_on", day):
        raise RuleRefused(errors=errors)
    if row.state != State.APPROVED:
        if must_be_approved(row):
            why = _("This discount, or these terms, need a manager's approval first.")
            raise TransitionNotAllowed(row.state, MOVES[row.state], why)
        approve_standard(row, by=by, at=at)
    was = row.state
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
    thank(row, by=by, at=at)
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
    schedule_next(
        won,
        needs=_bought(order),
        kind=kind,
        active_on=opens,
        amount=order.total,
        expected_close=close,
        by=by,
        at=at,
    )


def _bought(order: Order) -> list[Need]:
    """What was signed, as the need of the next time: each product once, as many as all its lines have (R9.4)."""
    found: dict[Any, Need] = {}
    for line in order.lines.select_related("product"):
        known = found.get(line.product_id)
        purpose = known.purpose if known and known.purpose else line.purpose
        many = line.quantity + (known.quantity or 0 if known else 0)
        found[line.product_id] = Need(line.product, purpose, min(many, HEADCOUNT_MOST))
    return list(found.values())
