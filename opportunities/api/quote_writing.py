"""Quotes, events and requests as JSON."""

from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from accounts.models import User
from contacts.api.writing import named
from contacts.rules import masked
from core import clock, hooks
from core.api.fields import money, person
from opportunities import selectors
from opportunities.models import ExperienceEvent, PresalesRequest, Quote
from opportunities.rules import QuoteState


def quotes(rows: QuerySet[Quote]) -> QuerySet[Quote]:
    """Quotes with all that their JSON shows, in a fixed number of queries."""
    ours = rows.select_related("by", "opportunity__team")
    return ours.prefetch_related("lines__product", "opportunity__orders")


def quotes_json(rows: list[Quote], user: User) -> list[dict[str, Any]]:
    """Return quotes (of `quotes`) as the API writes them."""
    today = clock.firm_day(clock.now())
    people = [row.contact_id for row in rows if row.contact_id and row.sent_to]
    hidden: set[Any] = set().union(*hooks.masked_contacts(people)) if people else set()
    return [_quote(row, user, today, row.contact_id in hidden) for row in rows]


def allowed_on(row: Quote, user: User, today: Any) -> list[str]:
    """What this user may do with a quote now."""
    return selectors.allowed_on_quote(row, user, today)


def _quote(row: Quote, user: User, today: Any, hidden: bool) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "version": row.version,
        "number": row.number,
        "revision": row.revision,
        "state": row.state,
        "opportunity": str(row.opportunity_id),
        "lines": [
            {
                "product": named(line.product),
                "purpose": line.purpose,
                "basis": line.basis,
                "quantity": line.quantity,
                "periods": line.periods,
                "list_price": money(line.list_price, row.currency),
                "unit_price": money(line.unit_price, row.currency),
                "discount": float(line.discount),
                "total": money(line.total, row.currency),
            }
            for line in row.lines.all()
        ],
        "discount": float(row.discount),
        "tax_rate": float(row.tax_rate),
        "prices_include_tax": row.with_tax,
        "net": money(row.net, row.currency),
        "tax": money(row.tax, row.currency),
        "total": money(row.total, row.currency),
        "term_months": row.term_months,
        "valid_until": row.valid_until,
        "expired": row.state in (QuoteState.DRAFT, QuoteState.SENT) and row.valid_until < today,
        "language": row.language,
        "note": row.note,
        "by": person(row.by),
        "created_at": row.created_at,
        "sent_at": row.sent_at,
        "sent_to": (masked("email", row.sent_to) if hidden else row.sent_to) or None,
        "allowed": sorted(allowed_on(row, user, today)),
    }


def experiences_json(rows: list[ExperienceEvent]) -> list[dict[str, Any]]:
    """Return experience events (with `by`, `opportunity`) as the API writes them; of who lies in the pool without what was
    said, as calls and notes (R10.4)."""
    people = [row.opportunity.contact_id for row in rows if row.note and row.opportunity.contact_id]
    hidden: set[Any] = set().union(*hooks.masked_contacts(people)) if people else set()
    return [
        {
            "id": str(row.pk),
            "version": row.version,
            "opportunity": str(row.opportunity_id),
            "kind": row.kind,
            "starts_at": row.starts_at,
            "ends_at": row.ends_at,
            "held": row.held,
            "note": "" if row.opportunity.contact_id in hidden else row.note,
            "by": person(row.by),
            "created_at": row.created_at,
        }
        for row in rows
    ]


def presales_json(rows: list[PresalesRequest]) -> list[dict[str, Any]]:
    """Return requests (with `asked_by`, `owner`) as the API writes them."""
    return [
        {
            "id": str(row.pk),
            "version": row.version,
            "opportunity": str(row.opportunity_id),
            "text": row.text,
            "due_on": row.due_on,
            "asked_by": person(row.asked_by),
            "asked_at": row.asked_at,
            "owner": person(row.owner),
            "answer": row.answer or None,
            "answered_at": row.answered_at,
        }
        for row in rows
    ]


def exact(value: Decimal, currency: str) -> Any:
    """A sum that was kept exact, as money."""
    return money(value.quantize(Decimal("0.01")), currency)
