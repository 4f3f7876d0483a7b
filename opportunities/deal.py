"""What stands on the page of an opportunity beside its facts: quotes, experience, presales, cases, people, win rate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.models import Hat, User
from catalogue.selectors import cases_for, folded
from contacts.models import Contact
from core import clock
from opportunities import deal_forms
from opportunities.forecast import Rate, measured_rates
from opportunities.models import ExperienceEvent, Opportunity, PresalesRequest, Quote
from opportunities.rules import OPEN, WITH_CASES, Kind, QuoteState, Stage

CASES, PEOPLE = 6, 12
WITH_PRESALES = (Stage.EXPERIENCE, Stage.NEGOTIATION)


def context_of(
    row: Opportunity, user: User, at: datetime, values: dict[str, Any], may: bool
) -> dict[str, Any]:
    """Everything of it that the page shows, in a fixed number of queries."""
    today = clock.firm_day(at)
    measured = measured_of(row)
    return {
        "may": may and row.is_open,
        "may_edit": may and (row.is_open or row.stage == Stage.SCHEDULED),
        "quotes": quotes_of(row, today),
        "other_amount": other_amount(row) if may and row.is_open else None,
        "happenings": happenings_of(row, at),
        "cases": cases_of(row) if row.stage in WITH_CASES else None,
        "presales": presales_of(row, user) if values["presales"] else None,
        "may_ask": may and row.stage in WITH_PRESALES,
        "risky": row.stage == Stage.NEGOTIATION or row.competitor or row.risk or row.over_expectation,
        "people": people_of(row, user),
        "measured": measured,
        "measured_share": round(measured.share * 100) if measured and measured.share is not None else None,
        "judged": row.probability if row.kind == Kind.RENEWAL else None,
    }


def quotes_of(row: Opportunity, today: Any) -> list[dict[str, Any]]:
    """The quotes, the latest first; versions that were replaced come after those that stand."""
    found = [
        {
            "quote": quote,
            "expired": quote.state in (QuoteState.DRAFT, QuoteState.SENT) and quote.valid_until < today,
            "old": quote.state == QuoteState.REVISED,
        }
        for quote in row.quotes.all()
    ]
    return sorted(found, key=lambda one: bool(one["old"]))


def other_amount(row: Opportunity) -> Quote | None:
    """The latest quote that the customer has, if the opportunity counts with another amount (R8.3)."""
    sent = next((quote for quote in row.quotes.all() if quote.state == QuoteState.SENT), None)
    return sent if sent is not None and sent.total != row.amount else None


@dataclass(frozen=True)
class Happening:
    """An experience event as the page shows it."""

    event: ExperienceEvent
    planned: bool
    past: bool
    running: bool
    one_day: bool


def happenings_of(row: Opportunity, at: datetime) -> list[Happening]:
    """What the customer experienced and will: what is planned first, then what is over, the latest first."""
    found = [_happening(event, at) for event in row.experience_events.all()]
    ahead = [one for one in found if one.planned]
    return ahead + [one for one in reversed(found) if not one.planned]


def _happening(event: ExperienceEvent, at: datetime) -> Happening:
    over = (event.ends_at or event.starts_at) <= at
    running = event.starts_at <= at and not over
    one_day = event.ends_at is not None and clock.firm_day(event.starts_at) == clock.firm_day(event.ends_at)
    return Happening(event, event.held is None, over, running, one_day)


def cases_of(row: Opportunity) -> list[Any]:
    """What marketing filed for these products and this industry, that of the industry first (R8.6)."""
    wanted = [need.product_id for need in row.needs.all()]
    industry = row.company.industry
    found = list(cases_for(wanted, industry)[:40])
    theirs = folded(industry)
    return sorted(found, key=lambda case: (folded(case.industry) != theirs, case.product_id is None))[:CASES]


def presales_of(row: Opportunity, user: User) -> dict[str, Any]:
    """The requests to presales, what is open first; who is of presales takes and answers them here (R8.6)."""
    rows = list(row.presales_requests.select_related("asked_by", "owner", "answered_by"))
    helps = user.wears(Hat.PRESALES)
    return {"requests": requests(rows, helps), "helps": helps}


def requests(rows: list[PresalesRequest], helps: bool) -> list[dict[str, Any]]:
    """Requests with the form of an answer for who may give one."""
    shown = [
        {
            "request": request,
            "form": deal_forms.AnswerForm(auto_id=f"{request.pk}-%s") if _waits(request) and helps else None,
        }
        for request in rows
    ]
    return sorted(shown, key=lambda one: not _waits(one["request"]))


def _waits(request: PresalesRequest) -> bool:
    return request.answered_at is None


def people_of(row: Opportunity, user: User) -> list[Contact]:
    """Further people of the company whom this person may see."""
    here = Contact.objects.visible_to(user).filter(company=row.company_id, merged_into__isnull=True)
    others = here.exclude(pk=row.contact_id).filter(erased_at__isnull=True).distinct()
    return list(others.order_by("created_at", "pk")[:PEOPLE])


def measured_of(row: Opportunity) -> Rate | None:
    """What the firm really wins of what stands at this stage; new business only (R8.4)."""
    if row.stage not in OPEN or row.kind != Kind.NEW_BUSINESS:
        return None
    return measured_rates(Opportunity.objects.all()).get(row.stage)
