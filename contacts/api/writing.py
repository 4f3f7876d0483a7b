"""A person and a company as JSON."""

from typing import Any

from contacts.models import Company, Contact, ContactPoint
from contacts.rules import KINDS, masked
from core import hooks
from core.api.fields import person


def contacts_json(contacts: list[Contact]) -> list[dict[str, Any]]:
    """Return people as the API writes them; details masked while they lie in the pool (R10.4)."""
    ids = [contact.pk for contact in contacts]
    hidden: set[Any] = set().union(*hooks.masked_contacts(ids)) if ids else set()
    return [_contact(contact, contact.pk in hidden) for contact in contacts]


def _contact(contact: Contact, hidden: bool) -> dict[str, Any]:
    points = sorted(contact.points.all(), key=lambda p: (KINDS.index(p.kind), not p.first_choice, str(p.pk)))
    first: dict[str, str | None] = dict.fromkeys(KINDS)
    for point in points:
        if point.dead_at is None and first[point.kind] is None:
            first[point.kind] = _value(point, hidden)
    return {
        "id": str(contact.pk),
        "version": contact.version,
        "name": contact.name,
        "title": contact.title,
        "company": named(contact.company),
        "company_name": contact.company.name if contact.company else contact.company_name,
        **first,
        "points": [
            {
                "kind": point.kind,
                "value": _value(point, hidden),
                "extension": "" if hidden else point.extension,
                "first_choice": point.first_choice,
                "dead": point.dead_at is not None,
            }
            for point in points
        ],
        "masked": hidden,
        "do_not_call": contact.do_not_call,
        "do_not_sms": contact.do_not_sms,
        "do_not_email": contact.do_not_email,
        "no_phone_until": contact.no_phone_until,
        "created_at": contact.created_at,
    }


def _value(point: ContactPoint, hidden: bool) -> str:
    return masked(point.kind, point.value) if hidden else point.value


def named(record: Any) -> dict[str, str] | None:
    """Return a record that has a name as `{id, name}`."""
    return None if record is None else {"id": str(record.pk), "name": record.name}


def company_json(company: Company) -> dict[str, Any]:
    """Return a company as the API writes it."""
    return {
        "id": str(company.pk),
        "version": company.version,
        "name": company.name,
        "region": company.region,
        "industry": company.industry,
        "website": company.website,
        "owner": person(company.owner),
        "customer_since": company.customer_since,
        "created_at": company.created_at,
    }
