"""What leads add to the apps below, through core.hooks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q

from core import hooks


def _contacts_seen(user: Any) -> Q:
    from leads.models import Lead

    # Asked of each row where few are looked at, of all leads at once where many are: the planner's choice.
    return Q(Exists(Lead.objects.visible_to(user).filter(contact=OuterRef("pk"))))


def _companies_seen(user: Any) -> Q:
    from leads.models import Lead

    seen = Lead.objects.visible_to(user).exclude(state="pooled")
    return Q(Exists(seen.filter(contact__company=OuterRef("pk"))))


def _kept(user: Any, contact_ids: list[Any]) -> set[Any]:
    """Who works on the lead keeps its person's details; without a lead, whoever sees the person; at customers, success."""
    from contacts.models import Contact
    from leads.models import Lead
    from leads.permissions import may_edit

    leads = list(Lead.objects.live().filter(contact_id__in=contact_ids))
    with_lead = {lead.contact_id for lead in leads}
    kept = {lead.contact_id for lead in leads if may_edit(user, lead)}
    kept |= set(contact_ids) - with_lead
    own = Q(company__owner=user)
    if user.wears("success", "service"):
        own |= Q(company__customer_since__isnull=False)
    return kept | set(Contact.objects.filter(own, pk__in=contact_ids).values_list("pk", flat=True))


def _masked(contact_ids: list[Any]) -> set[Any]:
    from contacts.models import Contact

    # What was merged into somebody in the pool is that person's history (R1.6).
    pooled = Q(leads__state="pooled") | Q(merged_into__leads__state="pooled")
    return set(Contact.objects.filter(pooled, pk__in=contact_ids).values_list("pk", flat=True))


def _masked_rows() -> Q:
    from leads.models import Lead

    return Q(pk__in=Lead.objects.filter(state="pooled").values("contact_id"))


def _overdue(contact_ids: list[Any], at: datetime) -> list[Any]:
    from leads.models import Lead

    return list(Lead.objects.overdue(at).filter(contact_id__in=contact_ids).values_list("pk", flat=True))


def _load(user_ids: list[Any]) -> dict[Any, int]:
    from leads.selectors import open_load

    return open_load(user_ids)


def _take_back(ids: list[Any]) -> int:
    from leads.services.week import take_back

    return take_back(ids)


def _sweep(at: datetime) -> dict[str, int]:
    from leads import services

    # Warnings first: what was due to be warned of is still there when a late sweep takes it back.
    warned = services.warn_due(at)
    return {
        "warned": warned,
        "expired": services.expire_due(None, at),
        "passed_on": services.pass_on_unjudged(at),
        "handed_out": services.hand_out_waiting(at),
    }


def _me(user: Any, at: datetime) -> dict[str, Any]:
    from leads.selectors import me

    return me(user, at)


def _moved(user: Any) -> None:
    from core.locking import lock
    from leads.models import Lead

    for lead in lock(Lead.objects.all(), Lead.objects.filter(owner=user).values_list("pk", flat=True)):
        lead.team = user.team
        lead.store("team")


def _audience(query: str, user: Any) -> Any:
    from leads.campaigns import audience

    return audience(query, user)


def _campaign_figures(ids: list[Any], user: Any) -> dict[Any, dict[str, Any]]:
    from leads.campaigns import figures

    return figures(ids, user)


def _held(user: Any) -> list[tuple[str, Any]]:
    from leads.models import Lead

    mine = Lead.objects.filter(owner=user).select_related("contact")
    return [(state, mine.filter(state=state).order_by("due_at", "pk")) for state in ("mql", "sql")]


def connect() -> None:
    """Fill the points."""
    hooks.contact_visibility.register(_contacts_seen)
    hooks.company_visibility.register(_companies_seen)
    hooks.contact_keepers.register(_kept)
    hooks.masked_contacts.register(_masked)
    hooks.masked_rows.register(_masked_rows)
    hooks.overdue_leads.register(_overdue)
    hooks.open_load.register(_load)
    hooks.overdue_met.register(_take_back)
    hooks.sweeps.register(_sweep)
    hooks.me.register(_me)
    hooks.held.register(_held)
    hooks.moved.register(_moved)
    hooks.audience.register(_audience)
    hooks.campaign_figures.register(_campaign_figures)
