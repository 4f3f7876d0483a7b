"""Opportunities follow the person who was merged, and go on when their owner leaves (R1.6, R15.3)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import Hat, User
from contacts.models import Company
from core import clock, events
from core.errors import FieldError, RuleRefused
from core.locking import lock
from leads.services.handover import pick_rep
from opportunities.models import Opportunity
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
        row.lead, row.contact_id = stays, stays.contact_id
        row.store("lead", "contact")
    Opportunity.objects.filter(contact_id=goes.contact_id).update(contact_id=stays.contact_id)


def hand_on(user: User, by: User, successor: User | None, at: datetime) -> None:
    """What is left of a leaver's opportunities (renewals, upsells, scheduled ones) and customers goes on (R15.3)."""
    mine = Opportunity.objects.filter(owner=user, stage__in=[Stage.SCHEDULED, *OPEN])
    for row in lock(opportunities(), list(mine.values_list("pk", flat=True))):
        target = successor or pick_rep(at, exclude=[user.pk])
        if target is None:
            message = _("Nobody has room: choose who takes over.")
            raise RuleRefused(errors=[FieldError("person", "required", message)])
        row.owner, row.team = target, target.team
        row.store("owner", "team")
        events.record(
            fact(
                "assigned",
                row,
                at,
                by,
                row.stage,
                data={"from": str(user.pk), "rep": str(target.pk), "left": True},
            )
        )
    for company in lock(
        Company.objects.all(), Company.objects.filter(owner=user).values_list("pk", flat=True)
    ):
        target = (
            successor or pick_rep(at, exclude=[user.pk]) or User.objects.active().wearing(Hat.REP).first()
        )
        company.owner = target
        company.store("owner")
        data = {"owner": [str(user.pk), str(target.pk) if target else None]}
        events.record(events.Fact("company_changed", company, at, by, company=company, data=data))
