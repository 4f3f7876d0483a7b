"""Sets of opportunities."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from contacts.querysets import ALL_SEEING, lately_taken, widened, with_a_customer
from core import rulebook

if TYPE_CHECKING:
    from accounts.models import User

OPEN_STAGES = ("confirmed", "experience", "negotiation")


def _asked_of_presales() -> models.QuerySet:
    from opportunities.models import PresalesRequest

    return PresalesRequest.objects.order_by().values("opportunity")


class OpportunityQuerySet(models.QuerySet):
    def open(self) -> OpportunityQuerySet:
        """On the board: neither scheduled nor closed."""
        return self.filter(stage__in=OPEN_STAGES)

    def due_to_open(self, day: date) -> OpportunityQuerySet:
        """Scheduled ones whose day has come (R9.4)."""
        return self.filter(stage="scheduled", active_on__lte=day)

    def visible_to(self, user: User) -> OpportunityQuerySet:
        """R15.2: own ones, a manager the teams below, marketing all, success and service those of customers."""
        if user.wears(*ALL_SEEING):
            return self
        parts = with_a_customer(user)
        if user.wears("presales") and rulebook.get("presales"):
            # Who is asked for a solution reads the opportunity that it is for (R8.6), while the branch is on.
            parts.append(Q(pk__in=_asked_of_presales()))
        if user.wears("telemarketer"):
            parts.append(Q(lead__calls__by=user, lead__calls__outcome="interested"))
            return self.filter(widened(None, parts)).distinct()
        return self.filter(widened(None, parts))

    def actionable_by(self, user: User, at: datetime) -> OpportunityQuerySet:
        """What this user sees, or held within the last 24 h: who lost it is told the truth, not 404."""
        return self.filter(Q(pk__in=self.visible_to(user).values("pk")) | Q(lately_taken(user, at)))


class QuoteQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> QuoteQuerySet:
        """Who sees the opportunity sees its quotes (R15.2)."""
        from opportunities.models import Opportunity

        return self.filter(opportunity__in=Opportunity.objects.visible_to(user).order_by().values("pk"))

    def actionable_by(self, user: User, at: datetime) -> QuoteQuerySet:
        """A little wider, as for its opportunity: who lost it is told the truth, not 404."""
        from opportunities.models import Opportunity

        mine = Opportunity.objects.actionable_by(user, at).order_by().values("pk")
        return self.filter(opportunity__in=mine)

    def standing(self) -> QuoteQuerySet:
        """Those that no later version replaced."""
        return self.exclude(state="revised")


class ExperienceQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> ExperienceQuerySet:
        """Who sees the opportunity sees what the customer experiences (R15.2)."""
        from opportunities.models import Opportunity

        return self.filter(opportunity__in=Opportunity.objects.visible_to(user).order_by().values("pk"))

    def actionable_by(self, user: User, at: datetime) -> ExperienceQuerySet:
        """A little wider, as for its opportunity: who lost it is told the truth, not 404."""
        from opportunities.models import Opportunity

        mine = Opportunity.objects.actionable_by(user, at).order_by().values("pk")
        return self.filter(opportunity__in=mine)


class PresalesQuerySet(models.QuerySet):
    def open(self) -> PresalesQuerySet:
        """What waits for an answer; of an opportunity that is over nobody does."""
        return self.filter(answered_at__isnull=True, opportunity__stage__in=OPEN_STAGES)

    def visible_to(self, user: User) -> PresalesQuerySet:
        """Presales sees all requests, others those of the opportunities that they see."""
        from opportunities.models import Opportunity

        if user.wears("presales") and rulebook.get("presales"):
            return self
        return self.filter(opportunity__in=Opportunity.objects.visible_to(user).order_by().values("pk"))
