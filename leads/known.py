"""Asking before typing somebody in: is this person or company known, whose is it, can it be claimed (R1.5)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from contacts.models import Company
from contacts.rules import KINDS, core_name, exact_name, masked
from contacts.services import match_many, parse_points
from core import clock, hooks
from core.errors import FieldError, Forbidden, RuleRefused
from leads import permissions
from leads.models import Lead
from leads.selectors import for_lists


@dataclass
class Known:
    """One person who is known, masked: by what it was found, whose it is, whether it can be claimed."""

    lead: Lead
    matched_by: list[str]
    name: str
    reach: dict[str, str]
    visible: bool
    claimable: bool
    why_not: str


@dataclass
class KnownCompany:
    """One company of this name: exactly, or without legal form and city, as a suggestion."""

    company: Company
    exact: bool


@dataclass
class Answer:
    """What is known of the values that were asked for."""

    people: list[Known] = field(default_factory=list)
    companies: list[KnownCompany] = field(default_factory=list)


def only_whole(values: dict[str, str]) -> dict[str, str]:
    """What can be looked up already of what is being typed: the rest is not a phone or an e-mail yet."""
    return {kind: text for kind, text in values.items() if text.strip() and not parse_points({kind: text})[1]}


def check(*, by: User, values: dict[str, str], company_name: str = "") -> Answer:
    """Who is known by these values, also when it is somebody else's (R1.5). Raises Forbidden, RuleRefused."""
    if not permissions.may_capture(by):
        raise Forbidden()
    points, errors = parse_points(values)
    if not points and not company_name.strip() and not errors:
        errors = [FieldError("phone", "required", _("Give a phone, an e-mail, a WeChat id or a company."))]
    if errors:
        raise RuleRefused(errors=errors)
    found: dict[Any, list[str]] = {}
    for key, match in match_many(points).items():
        found.setdefault(match.contact_id, []).append(key[0])
    leads = list(for_lists(Lead.objects.live()).filter(contact_id__in=found))
    at = clock.now()
    parts = hooks.lead_parts.merged(leads, by, at)
    mine = set(Lead.objects.visible_to(by).filter(pk__in=[x.pk for x in leads]).values_list("pk", flat=True))
    people = [_known(lead, found[lead.contact_id], lead.pk in mine, parts.get(lead.pk, {})) for lead in leads]
    return Answer(people, companies_called(company_name))


def _known(lead: Lead, matched_by: list[str], visible: bool, parts: dict[str, Any]) -> Known:
    pool = parts.get("pool") or {}
    reach = dict.fromkeys(KINDS, "")
    for point in lead.contact.points.all():
        if point.dead_at is None and not reach[point.kind]:
            reach[point.kind] = masked(point.kind, point.value)
    name = lead.contact.name
    return Known(
        lead=lead,
        matched_by=sorted(matched_by, key=KINDS.index),
        name=name if visible or len(name) < 2 else name[0] + "*" * (len(name) - 1),
        reach=reach,
        visible=visible,
        claimable=bool(pool.get("claimable_by_me")),
        why_not=pool.get("why_not") or ("" if pool else "not_in_pool"),
    )


def companies_called(name: str) -> list[KnownCompany]:
    """Companies of this name: exactly, or as short or legal names of the same (R1.5)."""
    if not name.strip():
        return []
    exact = exact_name(name)
    rows = Company.objects.filter(core_name=core_name(name)).select_related("owner")[:10]
    found = [KnownCompany(row, row.exact_name == exact) for row in rows]
    return sorted(found, key=lambda k: not k.exact)
