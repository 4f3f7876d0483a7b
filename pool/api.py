"""/pool/: what may be claimed, masked until it is (R10.3, R10.4)."""

from typing import Any

from django.db.models import QuerySet
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api import fields
from core.api.serializers import Nothing, StrictSerializer
from core.api.views import Listed
from leads.api import shapes
from leads.api.base import LeadViews
from leads.models import Lead
from leads.rules import State
from leads.selectors import for_lists
from pool import services
from pool.filters import PoolFilters
from pool.rules import BATCH_MOST


class ClaimIn(StrictSerializer):
    leads = fields.Items(child=fields.Id(), max_length=BATCH_MOST, allow_empty=False)


class ClaimedOut(serializers.Serializer):
    lead = serializers.CharField()
    ok = serializers.BooleanField()
    code = serializers.CharField(required=False)


class PoolViewSet(Listed, LeadViews):
    """The public pool."""

    filterset_class = PoolFilters
    ordering_fields = {
        "entered_at": "pooled_at",
        "created_at": "created_at",
        "last_touch_at": "last_touch_at",
    }
    ordering = "-entered_at"
    paged_actions = frozenset({"list"})

    def rows(self) -> QuerySet[Lead]:
        return for_lists(Lead.objects.visible_to(self.request.user).filter(state=State.POOLED))

    @extend_schema(request=Nothing, responses=shapes.LeadOut)
    def claim(self, request: Request, pk: Any) -> Response:
        """The lead becomes the rep's, with a fresh week; one winner, however many ask."""
        self.body(Nothing)
        return self.done(services.claim(pk, by=request.user))

    @extend_schema(operation_id="pool_claim_many", request=ClaimIn, responses=ClaimedOut(many=True))
    def claim_many(self, request: Request) -> Response:
        """Claim several leads; an answer for each."""
        asked = self.body(ClaimIn)["leads"]
        return Response([_answer(answer) for answer in services.claim_many(asked, by=request.user)])


def _answer(answer: services.Answer) -> dict[str, Any]:
    found: dict[str, Any] = {"lead": str(answer.lead_id), "ok": answer.ok}
    if answer.error is not None:
        found["code"] = answer.error.code
    return found


urlpatterns = [
    path("pool/", PoolViewSet.as_view({"get": "list"}), name="pool-list"),
    path("pool/claim/", PoolViewSet.as_view({"post": "claim_many"}), name="pool-claim-many"),
    path("pool/<uuid:pk>/claim/", PoolViewSet.as_view({"post": "claim"}), name="pool-claim"),
]
