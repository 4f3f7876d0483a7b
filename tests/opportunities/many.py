"""Opportunities in any stage, put straight into the database: many at once, or as the past left them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from contacts.models import Company
from core import clock
from core.ids import uuid7
from leads.models import Lead
from opportunities.models import Opportunity
from opportunities.rules import CLOSED, Kind
from tests.cast import Firm, a_company


def opportunity(firm: Firm, **values: Any) -> Opportunity:
    """One opportunity as it is told, past all rules but the database's."""
    return opportunities(firm, [values])[0]


def opportunities(firm: Firm, many: list[dict[str, Any]]) -> list[Opportunity]:
    """Many of them; new business gets a lead each, and a company of its own unless one is named."""
    at = clock.now()
    rows, companies = [], []
    leads = Lead.objects.in_bulk(firm.captures(len(many))).values()
    for values, lead in zip(many, leads, strict=True):
        owner = values.get("owner", firm.rita)
        company = values.get("company")
        if company is None:
            name = a_company()
            company = Company(pk=uuid7(), name=name, exact_name=name, core_name=name, created_at=at)
            companies.append(company)
        told = {
            "kind": Kind.NEW_BUSINESS, "stage": "confirmed", "owner": owner, "team": owner.team, "headcount": 10,
            "amount": Decimal("1000.00"), "created_at": at, "stage_since": at, **values,
            "company": company, "contact_id": lead.contact_id, "lead": lead,
        }  # fmt: skip
        stage = told["stage"]
        told.setdefault("furthest", stage if stage not in CLOSED else "confirmed")
        if stage in CLOSED:
            told.setdefault("closed_at", at)
        if stage == "lost":
            told.setdefault("lost_reason", "price")
        if stage == "scheduled":
            told.setdefault("active_on", clock.firm_day(at))
        rows.append(Opportunity(pk=uuid7(), **told))
    Company.objects.bulk_create(companies)
    return _write(rows)


def _write(rows: list[Opportunity]) -> list[Opportunity]:
    """None begins as won or lost: those are closed by a second statement, as the trigger wants it."""
    ends: dict[str, list[Opportunity]] = {stage: [r for r in rows if r.stage == stage] for stage in CLOSED}
    for closed in ends.values():
        for row in closed:
            row.stage = "confirmed"
    Opportunity.objects.bulk_create(rows, batch_size=500)
    for stage, closed in ends.items():
        Opportunity.objects.filter(pk__in=[row.pk for row in closed]).update(stage=stage)
        for row in closed:
            row.stage = stage
    return rows


def decided(firm: Firm, many: int, won: int, **values: Any) -> None:
    """So many decided ones, so many of them won."""
    opportunities(firm, [{"stage": "won" if n < won else "lost", **values} for n in range(many)])
