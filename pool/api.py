"""/pool/: what may be claimed, masked until it is (R10.3, R10.4)."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.urls import path
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api import fields
from core.api.fields import person
from core.api.serializers import Nothing, StrictSerializer
from core.api.shapes import PersonOut
from core.api.views import Listed
from core.errors import FieldError, Invalid, RuleRefused
from leads.api import shapes
from leads.api.base import LeadViews
from leads.models import Lead
from leads.rules import State
from leads.selectors import for_lists
from pool import cadence_api, handing, services
from pool.filters import PoolFilters
from pool.rules import BATCH_MOST
from pool.worn import free_worn


class ClaimIn(StrictSerializer):
    # An id is opaque to the client: one that is none is answered like any lead that is not there.
    leads = fields.Items(child=fields.Text(max_length=100), max_length=BATCH_MOST, allow_empty=False)


class ClaimedOut(serializers.Serializer):
    lead = serializers.CharField()
    ok = serializers.BooleanField()
    code = serializers.CharField(required=False)


@extend_schema_field(
    {
        "description": "`calling`, `rules`, or the rep who is to judge them.",
        "oneOf": [
            {"type": "string", "enum": [handing.CALLING, handing.RULES]},
            {
                "type": "object",
                "properties": {"rep": {"type": "string"}},
                "required": ["rep"],
                "additionalProperties": False,
            },
        ],
    }
)
class Target(serializers.Field):
    """Where leads are handed: the calling desk, a rep, or by the rules of hand-over."""

    default_error_messages = {
        "invalid_choice": _("Must be “calling”, “rules” or an object that names a rep.")
    }

    def to_internal_value(self, data: Any) -> Any:
        if data in (handing.CALLING, handing.RULES) and isinstance(data, str):
            return data
        if not isinstance(data, dict) or set(data) != {"rep"}:
            self.fail("invalid_choice")
        rep = fields.Person()
        rep.bind("rep", self)
        return rep.run_validation(data["rep"])

    def to_representation(self, value: Any) -> Any:
        return value


@extend_schema_field(
    {"type": "object", "additionalProperties": True, "description": "The filters of `GET /pool/`."}
)
class Filter(serializers.Field):
    """The filters of the pool's list, as an object of texts."""

    default_error_messages = {"wrong_type": _("Must be an object of filters.")}

    def to_internal_value(self, data: Any) -> dict[str, str]:
        if not isinstance(data, dict) or not all(isinstance(value, str) for value in data.values()):
            self.fail("wrong_type")
        unknown = [name for name in data if name not in PoolFilters.base_filters]
        if unknown:
            error = FieldError(f"filter.{unknown[0][:60]}", "unknown", _("There is no such parameter."))
            raise Invalid(detail=_("A filter is not right."), errors=[error])
        return dict(data)

    def to_representation(self, value: Any) -> Any:
        return value


class HandIn(StrictSerializer):
    leads = fields.Items(
        child=fields.Text(max_length=100), max_length=BATCH_MOST, allow_empty=False, required=False
    )
    filter = Filter(required=False)
    to = Target()
    dry_run = fields.Flag(required=False)


class HandedOut(ClaimedOut):
    state = serializers.CharField(required=False)
    owner = PersonOut(required=False, allow_null=True)


class PoolViewSet(Listed, LeadViews):
    """The public pool."""

    filterset_class = PoolFilters
    ordering_fields = {
        "entered_at": "pooled_at",
        "created_at": "created_at",
        "last_touch_at": "last_touch_at",
        "silent_touches": "silent_touches",
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

    @extend_schema(request=Nothing, responses=shapes.LeadOut)
    def free(self, request: Request, pk: Any) -> Response:
        """Marketing lets a worn lead be claimed at once (R10.7)."""
        self.body(Nothing)
        return self.done(free_worn(self.touch(pk), by=request.user))

    @extend_schema(operation_id="pool_claim_many", request=ClaimIn, responses=ClaimedOut(many=True))
    def claim_many(self, request: Request) -> Response:
        """Claim several leads; an answer for each."""
        asked = [as_id(text) for text in self.body(ClaimIn)["leads"]]
        return Response([_answer(answer) for answer in services.claim_many(asked, by=request.user)])

    @extend_schema(operation_id="pool_assign", request=HandIn, responses=HandedOut(many=True))
    def assign(self, request: Request) -> Response:
        """Marketing hands leads on: to the calling desk, to a rep, or by the rules; an answer for each. With `dry_run`
        the answers are what would happen. A `filter` takes those that lie there longest, at most as many as one call may
        name."""
        data = self.body(HandIn)
        if ("leads" in data) == ("filter" in data):
            message = _("Name either the leads or a filter.")
            raise RuleRefused(errors=[FieldError("leads", "required", message)])
        if "leads" in data:
            asked = [as_id(text) for text in data["leads"]]
        else:
            rows = PoolFilters(data["filter"], queryset=self.rows(), request=request).checked()
            asked = list(rows.order_by("pooled_at", "id").values_list("pk", flat=True)[:BATCH_MOST])
        answers = handing.hand_out(
            asked, to=data["to"], by=request.user, dry_run=data.get("dry_run") or False
        )
        return Response([_assigned(answer) for answer in answers])


def _assigned(answer: services.Answer) -> dict[str, Any]:
    found = _answer(answer)
    if answer.lead is not None:
        found |= {"state": answer.lead.state, "owner": person(answer.lead.owner)}
    return found


def as_id(text: str) -> UUID | str:
    """The id that a text is, or the text itself when it is none."""
    try:
        return UUID(text)
    except ValueError:
        return text


def _answer(answer: services.Answer) -> dict[str, Any]:
    found: dict[str, Any] = {"lead": str(answer.lead_id), "ok": answer.ok}
    if answer.error is not None:
        found["code"] = answer.error.code
    return found


urlpatterns = [
    *cadence_api.urlpatterns,
    path("pool/", PoolViewSet.as_view({"get": "list"}), name="pool-list"),
    path("pool/assign/", PoolViewSet.as_view({"post": "assign"}), name="pool-assign"),
    path("pool/claim/", PoolViewSet.as_view({"post": "claim_many"}), name="pool-claim-many"),
    path("pool/<uuid:pk>/claim/", PoolViewSet.as_view({"post": "claim"}), name="pool-claim"),
    path("pool/<uuid:pk>/free/", PoolViewSet.as_view({"post": "free"}), name="pool-free"),
]
