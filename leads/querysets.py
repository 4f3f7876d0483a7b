"""Sets of leads and holdings."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.permissions import team_ids
from contacts.querysets import AFTER_THE_SIGNATURE, ALL_SEEING, RECENTLY, lately_taken, widened
from core import hooks, rulebook
from leads.rules import LET_GO

if TYPE_CHECKING:
    from accounts.models import User


class LeadQuerySet(models.QuerySet):
    def live(self) -> LeadQuerySet:
        """All that were not merged away."""
        return self.exclude(state="merged")

    def visible_to(self, user: User) -> LeadQuerySet:
        """R15.2: a rep own records and the pool, a telemarketer the desk and own calls, a manager the teams below."""
        if user.wears(*ALL_SEEING):
            return self.live()
        parts = [Q(owner=user)]
        if user.wears("rep", "manager"):
            parts.append(Q(state="pooled"))
            parts.append(Q(state="new", captured_by=user))
        if user.wears("rep"):
            parts.append(Q(contact__company__owner=user))
        if user.wears("manager"):
            parts.append(Q(team__in=team_ids(user)))
        if user.wears("telemarketer"):
            parts.append(Q(state="new"))
        if user.wears(*AFTER_THE_SIGNATURE):
            parts.append(Q(contact__company__customer_since__isnull=False))
        return self.live().filter(widened(None, [*parts, *hooks.lead_visibility(user)]))

    def actionable_by(self, user: User, at: datetime) -> LeadQuerySet:
        """What this user sees or could see within the last 24 h: a loser is told the truth, not 404."""
        visible = self.visible_to(user)
        merged = Q(state="merged", contact__merged_into__in=visible.values("contact_id"))
        if user.wears(*ALL_SEEING):
            return self.filter(~Q(state="merged") | merged)
        from leads.models import Holding

        recent = Holding.objects.filter(lead=OuterRef("pk"))
        was_mine = recent.filter(user=user, to_at__gte=at - RECENTLY)
        parts = Q(Exists(was_mine)) | Q(lately_taken(user, at))
        if user.wears("rep", "manager"):
            parts |= Q(Exists(recent.filter(began="claimed", from_at__gte=at - RECENTLY)))
            parts |= Q(back_at__gte=at - RECENTLY)
        if user.wears("rep") and user.team_id:
            # A missed first call: the next rep may take it (R3.2).
            parts |= Q(state="mql", team=user.team_id, call_by__lte=at)
        if user.wears("telemarketer"):
            parts |= Q(qualified_at__gte=at - RECENTLY) | Q(pooled_at__gte=at - RECENTLY)
        # Theirs until it was merged into a colleague's (R1.6).
        merged |= Q(state="merged") & Q(lately_taken(user, at, "merged_away"))
        return self.filter((~Q(state="merged") & (Q(pk__in=visible.values("pk")) | parts)) | merged)

    def overdue(self, at: datetime) -> LeadQuerySet:
        """SQLs whose week is over (R6.2)."""
        return self.filter(state="sql", due_at__lte=at)

    def on_extension(self) -> LeadQuerySet:
        """SQLs with an extension asked for or granted: each takes one place of its owner (R7.3)."""
        from leads.models import Extension

        asked = Exists(Extension.objects.filter(lead=OuterRef("pk"), state="pending"))
        return self.filter(Q(extensions_used__gt=0) | asked, state="sql")

    def waiting(self) -> LeadQuerySet:
        """MQLs in a team's queue (R3.1)."""
        return self.filter(state="mql", owner__isnull=True)


class HoldingQuerySet(models.QuerySet):
    def open(self) -> HoldingQuerySet:
        """Holdings that go on."""
        return self.filter(to_at__isnull=True)

    def claims_since(self, user_id: object, since: datetime) -> HoldingQuerySet:
        """The claims a rep made since then, given back or not (R10.3)."""
        return self.filter(user_id=user_id, began="claimed", from_at__gte=since)

    def let_go_since(self, user_id: object, since: datetime) -> HoldingQuerySet:
        """What a rep let go (expired or released) since then."""
        return self.filter(user_id=user_id, ended__in=LET_GO, to_at__gt=since)


class ExtensionQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> ExtensionQuerySet:
        """Own requests, those of the teams below, all for an administrator (R7.1, R15.2)."""
        if user.wears("admin"):
            return self
        parts = Q(rep=user)
        if user.wears("manager"):
            parts |= Q(rep__team__in=team_ids(user))
        return self.filter(parts)

    def pending(self) -> ExtensionQuerySet:
        """Requests that nobody has decided."""
        return self.filter(state="pending")

    def for_decision_by(self, user: User, at: datetime | None = None) -> ExtensionQuerySet:
        """What this person may decide: of the teams below, for an administrator all; never the own (R7.1)."""
        rows = self.pending().exclude(rep=user)
        if at is not None:
            rows = rows.filter(lead__due_at__gt=at)
        if user.wears("admin"):
            return rows
        return rows.filter(rep__team__in=team_ids(user))


class DisputeQuerySet(models.QuerySet):
    def open(self) -> DisputeQuerySet:
        """What nobody has settled."""
        return self.filter(verdict="open")

    def for_decision_by(self, user: User) -> DisputeQuerySet:
        """What this person may settle: of the teams below, for an administrator all; never the own (R4.1, R4.2)."""
        rows = self.open().exclude(by=user)
        if not rulebook.get("contesting"):
            rows = rows.exclude(kind="contest")
        return rows if user.wears("admin") else rows.filter(team__in=team_ids(user))

    def visible_to(self, user: User) -> DisputeQuerySet:
        """Who brought it up, the managers of the team, marketing and administrators (R15.2)."""
        if user.wears("admin", "marketer"):
            return self
        parts = Q(by=user)
        if user.wears("manager"):
            parts |= Q(team__in=team_ids(user))
        return self.filter(parts)
