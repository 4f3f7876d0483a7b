"""After the signature the next opportunity: scheduled at signing, or opened by hand (R9.4)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from contacts.models import Company, Contact
from core import clock, events, rulebook
from core.errors import FieldError, Forbidden, RuleRefused
from core.locking import lock_one, verb
from opportunities import permissions, rules
from opportunities.models import Opportunity
from opportunities.rules import OPEN, Kind, Stage
from opportunities.services.common import fact
from opportunities.services.converting import Need, add_needs, check_amount, check_needs, needs_of, value_of


def schedule_next(
    won: Opportunity,
    *,
    needs: Sequence[Need],
    kind: str,
    active_on: date,
    amount: Decimal | None,
    expected_close: date | None,
    by: User,
    at: datetime,
) -> Opportunity:
    """The next chance with a customer who has just signed: need, people and company come from the order (R9.4)."""
    row = Opportunity.objects.create(
        kind=kind,
        stage=Stage.SCHEDULED,
        lead=won.lead,
        run=won.run,
        contact=won.contact,
        company=won.company,
        owner=won.owner,
        team=won.team,
        headcount=won.headcount,
        amount=amount,
        currency=won.currency,
        expected_close=expected_close,
        created_at=at,
        stage_since=at,
        active_on=active_on,
        signed_before=won,
        # It has reached no stage yet: closed before its day it says nothing of one (R8.4).
        furthest=Stage.SCHEDULED,
    )
    add_needs(row, needs)
    events.record(fact("scheduled", row, at, by, data={"kind": kind, "active_on": str(active_on)}))
    return row


@verb
def open_next(
    company: Company,
    *,
    by: User,
    kind: str,
    products: Sequence[Need],
    headcount: int | None,
    contact: Contact | None = None,
    amount: Decimal | None = None,
    expected_close: date | None = None,
    stage: str = Stage.CONFIRMED,
) -> Opportunity:
    """Open an upsell or a repurchase with a customer by hand, at any open stage (R9.4).

    Raises Forbidden, RuleRefused (`gate_not_met` with everything that is missing).
    """
    firm = lock_one(Company.objects.all(), company.pk)
    at = clock.now()
    if not permissions.may_open_next(by, firm):
        raise Forbidden()
    errors = [
        e
        for e in rules.missing_for_conversion(list(products), headcount, True, firm.name)
        if e.field != "company"
    ]
    errors += check_needs(products) + check_amount(amount)
    if kind not in (Kind.UPSELL, Kind.REPURCHASE):
        errors.append(FieldError("kind", "invalid", _("Only an upsell or a repurchase is opened by hand.")))
    if stage not in OPEN:
        errors.append(
            FieldError(
                "stage", "invalid", _("“%(value)s” is not an open stage.") % {"value": str(stage)[:20]}
            )
        )
    if firm.customer_since is None:
        message = _("“%(name)s” is not a customer yet: new business comes from a lead.") % {"name": firm.name}
        errors.append(FieldError("company", "not_a_customer", message))
    if contact is not None and contact.company_id != firm.pk:
        errors.append(FieldError("contact", "invalid", _("This person does not belong to the company.")))
    if errors:
        raise RuleRefused(
            "gate_not_met", _("Before this can be quoted, something is still missing."), errors=errors
        )
    assert headcount is not None
    owner = firm.owner or by
    person = (
        contact
        or Contact.objects.filter(company=firm, merged_into__isnull=True, erased_at__isnull=True)
        .order_by("created_at")
        .first()
    )
    lead = person.leads.exclude(state="merged").first() if person else None
    row = Opportunity.objects.create(
        kind=kind,
        stage=stage,
        furthest=stage,
        lead=lead,
        run=lead.run if lead else 1,
        contact=person,
        company=firm,
        owner=owner,
        team=owner.team,
        headcount=headcount,
        currency=rulebook.get("currency"),
        amount=amount if amount is not None else value_of(products, headcount),
        expected_close=expected_close,
        created_at=at,
        stage_since=at,
        last_touch_at=at,
    )
    add_needs(row, products)
    data: dict[str, Any] = {"kind": kind, "headcount": headcount, "amount": str(row.amount)}
    events.record(fact("opened", row, at, by, data=data))
    return row


@verb
def open_again(company: Company, *, by: User, kind: str) -> Opportunity:
    """The same in one click: need and people as in the latest order. A second click finds what the first opened; where
    there is no order, the refusal says what is missing (R1.3, R9.4). Raises Forbidden, RuleRefused."""
    firm = lock_one(Company.objects.all(), company.pk)
    here = Opportunity.objects.filter(company=firm)
    running = here.filter(kind=kind, stage__in=OPEN).order_by("-created_at", "-id").first()
    if running is not None and permissions.may_open_next(by, firm):
        return running
    won = here.filter(stage=Stage.WON).order_by("-closed_at", "-id").select_related("contact").first()
    same = won is not None and won.contact is not None and won.contact.company_id == firm.pk
    return open_next(
        firm,
        by=by,
        kind=kind,
        products=needs_of(won) if won else [],
        headcount=won.headcount if won else None,
        contact=won.contact if won and same else None,
        amount=won.amount if won else None,
    )
