"""What all views on leads share, here and in the apps above."""

from typing import Any

from django.db.models import QuerySet
from rest_framework.response import Response

from core import clock
from core.api.views import ApiViewSet
from leads.api import shapes, writing
from leads.models import Lead
from leads.selectors import allowed_actions, for_lists


class LeadViews(ApiViewSet):
    """Views of which each is about leads: which may be seen, which tried, how one is written."""

    out: Any = shapes.LeadOut

    def rows(self) -> QuerySet[Lead]:
        return for_lists(Lead.objects.visible_to(self.request.user))

    def touchable(self) -> QuerySet[Lead]:
        return Lead.objects.actionable_by(self.request.user, clock.now())

    def many(self, records: list[Lead]) -> list[dict[str, Any]]:
        return writing.leads_json(records, self.request.user)

    def allowed_now(self, pk: Any) -> list[str] | None:
        lead = Lead.objects.filter(pk=pk).select_related("contact", "owner", "team").first()
        if lead is None:
            return None
        return allowed_actions([lead], self.request.user, clock.now()).get(lead.pk, [])

    def done(self, lead: Lead, status: int = 200, **more: Any) -> Response:
        """Answer the lead as it is now."""
        return self.answer(writing.fresh(lead.pk), status, **more)
