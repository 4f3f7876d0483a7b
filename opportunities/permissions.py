"""Who may do what to an opportunity."""

from __future__ import annotations

from accounts.models import Hat, User
from accounts.permissions import manages
from contacts.models import Company
from leads.models import Lead
from opportunities.models import Opportunity


def may_convert(user: User, lead: Lead) -> bool:
    """The owner of the SQL, or a manager above (R5)."""
    if lead.owner_id is None:
        return False
    return lead.owner_id == user.pk or manages(user, lead.team_id)


def may_work(user: User, opportunity: Opportunity) -> bool:
    """The owner, or a manager above."""
    return opportunity.owner_id == user.pk or manages(user, opportunity.team_id)


def may_open_next(user: User, company: Company) -> bool:
    """Upsell and repurchase are opened by the customer's owner, a manager, or success (R9.4)."""
    if not user.wears(Hat.REP, Hat.MANAGER, Hat.SUCCESS, Hat.ADMIN):
        return False
    if user.wears(Hat.SUCCESS, Hat.ADMIN) or company.owner_id == user.pk:
        return True
    return company.owner is not None and manages(user, company.owner.team_id)
