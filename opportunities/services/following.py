"""Opportunities follow the person who was merged, and go on when their owner leaves (R1.6, R15.3)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from contacts.models import Company
from core import clock, events, hooks
from core.locking import lock
from leads.services.heirs import Heirs
from opportunities.models import Opportunity, PresalesRequest, Quote
from opportunities.rules import OPEN, Kind, LostReason, Stage
from opportunities.services.common import fact, opportunities

LOST = ["stage", "stage_since", "furthest", "closed_at", "lost_reason", "lost_text", "lost_from"]


def merge_away(stays: Any, goes: Any, by: User) -> None:
    """The opportunities of the lead that goes belong to the one that stays; a second open new business ends as a
    duplicate (R1.6)."""
    ids = list(Opportunity.objects.filter(lead=goes).values_list("pk", flat=True))
    taken = Opportunity.objects.open().filter(lead=stays, kind=Kind.NEW_BUSINESS).exists()
    at = clock.now()
    for row in lock(opportunities(), ids):
        if taken and row.kind == Kind.NEW_BUSINESS and row.stage in OPEN:
            was = row.stage
            row.lose(reason=LostReason.OTHER, text=str(_("The same person twice: merged.")), at=at)
            row.store(*LOST)
            events.record(fact("lost", row, at, by, was, data={"reason": row.lost_reason, "merged": True}))
            hooks.opportunity_lost(row, by, at)
        elif row.kind == Kind.NEW_BUSINESS and row.stage in OPEN:
            row.run = stays.run
        row.lead, row.contact_id = stays, stays.contact_id
        row.store("lead", "contact", "run")
    for model in (Opportunity, Quote):
        model.objects.filter(contact_id=goes.contact_id).update(contact_id=stays.contact_id)


def hand_on(user: User, by: User, heirs: Heirs, at: datetime) -> None:
    """A leaver's opportunities, renewals and upsells to come, and customers go on: of a company all to one (R15.3).

    Raises RuleRefused when nobody has room.
    """
    mine = Opportunity.objects.filter(owner=user, stage__in=[Stage.SCHEDULED, *OPEN])
    rows = lock(opportunities(), list(mine.values_list("pk", flat=True)))
    # The open ones choose the colleague: they count against a capacity.
    for row in sorted(rows, key=lambda r: (r.stage == Stage.SCHEDULED, r.created_at, r.pk)):
        target = heirs.of_company(row.company_id, counts=row.stage in OPEN)
        row.owner, row.team = target, target.team
        row.store("owner", "team")
        data = {"from": str(user.pk), "rep": str(target.pk), "left": True}
        events.record(fact("assigned", row, at, by, row.stage, data=data))
    # What presales was asked for is anybody's of presales again.
    PresalesRequest.objects.open().filter(owner=user).update(owner=None, version=F("version") + 1)
    owned = Company.objects.filter(owner=user).values_list("pk", flat=True)
    for company in lock(Company.objects.all(), owned):
        company.owner = heirs.of_company(company.pk, counts=False)
        company.store("owner")
        data = {"owner": [str(user.pk), str(company.owner.pk)]}
        events.record(events.Fact("company_changed", company, at, by, company=company, data=data))
