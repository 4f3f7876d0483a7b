"""/leads/{id}/extensions/ and /extensions/: more time, asked and decided (R7)."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from core import filters
from core.api import fields
from core.api.fields import person
from core.api.routers import Router
from core.api.serializers import StrictSerializer
from core.api.shapes import PersonOut
from core.api.views import ApiViewSet, Listed, Retrieved
from leads import services
from leads.api.base import LeadViews
from leads.models import Extension
from leads.permissions import is_masked, may_decide
from leads.rules import ExtensionState


class AskIn(StrictSerializer):
    refusal = "reason_required"

    reason = fields.Text(required=False)


class DecideIn(StrictSerializer):
    comment = fields.Text(required=False)


class ExtensionOut(serializers.Serializer):
    id = serializers.CharField()
    lead = serializers.CharField()
    rep = PersonOut()
    reason = serializers.CharField(allow_null=True)
    state = serializers.CharField()
    asked_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)
    decided_by = PersonOut(allow_null=True)
    comment = serializers.CharField(allow_null=True)
    due_before = serializers.DateTimeField()
    due_after = serializers.DateTimeField(allow_null=True)
    allowed = serializers.ListField(child=serializers.CharField())


def extension_json(row: Extension, user: User, *, hidden: bool = False) -> dict[str, Any]:
    """Return a request for more time as the API writes it; `hidden` without what was written, as the calls and notes
    of a lead that one sees masked (R10.4)."""
    open_to = row.state == ExtensionState.PENDING and may_decide(user, row)
    return {
        "id": str(row.pk),
        "lead": str(row.lead_id),
        "rep": person(row.rep),
        "reason": None if hidden else row.reason,
        "state": row.state,
        "asked_at": row.asked_at,
        "decided_at": row.decided_at,
        "decided_by": person(row.decided_by),
        "comment": None if hidden else row.comment or None,
        "due_before": row.due_before,
        "due_after": row.due_after,
        "allowed": ["approve", "reject"] if open_to else [],
    }


class ExtensionFilters(filters.FilterSet):
    """Requests by what became of them, and by rep."""

    state = filters.Words(field_name="state", choices=ExtensionState)
    rep = filters.People(field_name="rep")


class ExtensionViewSet(Listed, Retrieved, ApiViewSet):
    """Requests for more time: own ones, those of the teams below."""

    out = ExtensionOut
    filterset_class = ExtensionFilters
    ordering_fields = {"asked_at": "asked_at", "due_before": "due_before"}
    ordering = "-asked_at"

    def rows(self) -> QuerySet[Extension]:
        return Extension.objects.visible_to(self.request.user).select_related("rep", "decided_by")

    def many(self, records: list[Extension]) -> list[dict[str, Any]]:
        return [extension_json(row, self.request.user) for row in records]

    @extend_schema(request=DecideIn)
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: Any) -> Response:
        """Another week (R7.2)."""
        data = self.body(DecideIn)
        row = self.touch(pk)
        return self.answer(
            services.approve_extension(row, by=request.user, comment=data.get("comment") or "")
        )

    @extend_schema(request=DecideIn)
    @action(detail=True, methods=["post"])
    def reject(self, request: Request, pk: Any) -> Response:
        """No more time (R7.1)."""
        data = self.body(DecideIn)
        row = self.touch(pk)
        return self.answer(services.reject_extension(row, by=request.user, comment=data.get("comment") or ""))


class LeadExtensionViewSet(LeadViews):
    """Requests for more time on one lead."""

    out = ExtensionOut
    paged_actions = frozenset({"extensions"})

    def extensions(self, request: Request, pk: Any) -> Response:
        """What was asked for on this lead, latest first."""
        lead = self.load(pk)
        rows = lead.extensions.select_related("rep", "decided_by")
        return self.page(
            rows,
            lambda found: [extension_json(row, request.user, hidden=is_masked(lead)) for row in found],
            fields={"asked_at": "asked_at"},
            ordering="-asked_at",
        )

    @extend_schema(request=AskIn, responses={201: ExtensionOut})
    def ask(self, request: Request, pk: Any) -> Response:
        """The owner asks for another week (R7.1)."""
        data = self.body(AskIn)
        row = services.ask_extension(self.touch(pk), reason=data.get("reason") or "", by=request.user)
        return Response(extension_json(row, request.user), status=201)


router = Router()
router.register("extensions", ExtensionViewSet, basename="extension")
