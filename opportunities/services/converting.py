"""SQL → opportunity: all that is needed to quote, together or not at all (R5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalogue.models import Product
from catalogue.pricing import currency_errors
from catalogue.rules import is_amount
from contacts.models import Company, Contact
from contacts.rules import is_company_name
from contacts.services import company_named
from core import clock, events, rulebook
from core.errors import FieldError, RuleRefused
from core.locking import lock_one, verb
from leads.models import Lead
from leads.rules import Ended, State
from leads.services.common import end_holding, require_state, store
from leads.services.common import fact as lead_fact
from leads.services.common import locked as locked_lead
from leads.services.common import require as require_lead
from opportunities import permissions, rules
from opportunities.models import Opportunity, OpportunityProduct
from opportunities.rules import Kind, Stage
from opportunities.services.common import fact

AMOUNT_MOST = Decimal("999999999999.99")


@dataclass(frozen=True)
class Need:
    """One product that a customer needs, what for, how many (None: one for each of the people)."""

    product: Product
    purpose: str = ""
    quantity: int | None = None


@verb
def convert(
    lead: Lead,
    *,
    by: User,
    company: str | Company,
    products: Sequence[Need],
    headcount: int | None,
    amount: Decimal | None = None,
    expected_close: date | None = None,
) -> Opportunity:
    """sql → converted, with an opportunity at stage 1; the clock ends, the owner stays (R5.1, R5.2).

    Raises Forbidden, Overdue, TransitionNotAllowed, RuleRefused (`gate_not_met` with everything that is missing).
    """
    contact = lock_one(Contact.objects.all(), lead.contact_id)
    row = locked_lead(lead)
    at = clock.now()
    require_lead(permissions.may_convert(by, row), row, by, at)
    require_state(row, at, State.SQL)
    name = company.name if isinstance(company, Company) else company
    errors = rules.missing_for_conversion(list(products), headcount, is_company_name(name), name)
    errors += check_needs(products) + check_amount(amount)
    if errors:
        raise RuleRefused(
            "gate_not_met", _("Before this can be quoted, something is still missing."), errors=errors
        )
    assert headcount is not None and row.owner is not None
    firm = company if isinstance(company, Company) else company_named(company, by=by, at=at)
    _works_at(contact, firm, by, at)
    row.contact = contact
    end_holding(row, Ended.CONVERTED, at)
    row.convert()
    row.last_touch_at = at
    store(row, "last_touch_at")
    opportunity = Opportunity.objects.create(
        kind=Kind.NEW_BUSINESS,
        stage=Stage.CONFIRMED,
        lead=row,
        run=row.run,
        contact=contact,
        company=firm,
        owner=row.owner,
        team=row.owner.team,
        headcount=headcount,
        amount=amount if amount is not None else value_of(products, headcount),
        currency=rulebook.get("currency"),
        expected_close=expected_close,
        created_at=at,
        stage_since=at,
        last_touch_at=at,
    )
    add_needs(opportunity, products)
    events.record(lead_fact("converted", row, at, by, State.SQL, data={"opportunity": str(opportunity.pk)}))
    data: dict[str, Any] = {
        "kind": opportunity.kind,
        "headcount": headcount,
        "amount": str(opportunity.amount),
    }
    events.record(fact("opened", opportunity, at, by, data=data))
    return opportunity


def _works_at(contact: Contact, firm: Company, by: User, at: datetime) -> None:
    """The contact belongs to this company from now on."""
    if contact.company_id == firm.pk and contact.company_name == firm.name:
        return
    was, contact.company, contact.company_name = contact.company_name, firm, firm.name
    contact.store("company", "company_name")
    texts = {"company_name": (was, firm.name)} if was != firm.name else {}
    events.record(
        events.Fact(
            "contact_changed",
            contact,
            at,
            by,
            contact=contact,
            company=firm,
            data={"company": str(firm.pk)},
            texts=texts,
        )
    )


def check_needs(products: Sequence[Need]) -> list[FieldError]:
    """What is wrong with the products themselves."""
    errors = []
    seen = set()
    for n, need in enumerate(products):
        if need.quantity is not None and not 1 <= need.quantity <= rules.HEADCOUNT_MOST:
            message = _("“%(value)s”: must be a whole number of at least 1.") % {"value": need.quantity}
            errors.append(FieldError(f"products.{n}.quantity", "out_of_range", message))
        if need.product.pk in seen:
            message = _("“%(value)s” is named twice.") % {"value": need.product.name}
            errors.append(FieldError(f"products.{n}.product", "duplicate", message))
        if not need.product.active:
            message = _("“%(value)s” is not sold any more.") % {"value": need.product.name}
            errors.append(FieldError(f"products.{n}.product", "inactive", message))
        seen.add(need.product.pk)
    return errors + currency_errors("products", [need.product for need in products])


def check_amount(amount: Decimal | None) -> list[FieldError]:
    """What is wrong with an amount."""
    if amount is None or is_amount(amount):
        return []
    message = _("“%(value)s”: an amount is 0 or more, with at most two places.") % {"value": amount}
    return [FieldError("amount", "out_of_range", message)]


def value_of(products: Sequence[Need], headcount: int) -> Decimal | None:
    """What the needed products cost at list price; None when that is more than an amount can be."""
    total = sum((need.product.price * (need.quantity or headcount) for need in products), Decimal(0))
    return total if total <= AMOUNT_MOST else None


def add_needs(opportunity: Opportunity, products: Sequence[Need]) -> None:
    """Write the products of an opportunity."""
    OpportunityProduct.objects.bulk_create(
        OpportunityProduct(
            opportunity=opportunity,
            product=need.product,
            purpose=need.purpose,
            quantity=need.quantity or opportunity.headcount,
        )
        for need in products
    )


def needs_of(opportunity: Opportunity) -> list[Need]:
    """The products of an opportunity as needs, to be carried on."""
    return [Need(n.product, n.purpose, n.quantity) for n in opportunity.needs.select_related("product")]
