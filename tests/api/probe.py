"""A URLconf for the tests of the conventions alone: verbs and lists without business."""

from typing import Any

from django.urls import include, path
from rest_framework.decorators import action
from rest_framework.response import Response

from accounts.models import Notice
from core import errors, filters
from core.api import etag, fields
from core.api.routers import Router
from core.api.serializers import Nothing, StrictSerializer
from core.api.views import ApiView, ApiViewSet, Listed, Retrieved

CALLS: list[Any] = []


class Line(StrictSerializer):
    product = fields.Text()
    quantity = fields.Integer(min_value=1, required=False)


class ProbeIn(StrictSerializer):
    text = fields.Text()
    number = fields.Integer(required=False, min_value=1, max_value=10)
    flag = fields.Flag(required=False)
    at = fields.Moment(required=False)
    on = fields.Day(required=False)
    amount = fields.Money(required=False)
    person = fields.Person(required=False)
    kind = fields.Choice(["one", "two"], required=False)
    lines = fields.Items(child=Line(), required=False, max_length=3)
    notice = fields.Reference(lambda user: Notice.objects.visible_to(user), required=False)


class Probe(ApiView):
    """Answers what it read."""

    def post(self, request: Any) -> Response:
        data = self.body(ProbeIn)
        CALLS.append(data)
        person = data.get("person")
        amount = data.get("amount")
        return Response(
            {
                "text": data["text"],
                "number": data.get("number"),
                "at": data.get("at"),
                "on": data.get("on"),
                "person": fields.person(person),
                "amount": fields.money(amount, "CNY"),
                "lines": data.get("lines"),
            },
            status=201,
        )


class Refuse(ApiView):
    """Raises what the path says, after writing something that must be rolled back."""

    def post(self, request: Any, what: str) -> Response:
        self.body(Nothing)
        CALLS.append(what)
        Notice.objects.create(
            user=request.user,
            kind=what,
            subject_type="probe",
            subject_id=request.user.pk,
            at="2026-01-01T00:00:00Z",
        )
        raise {
            "overdue": errors.Overdue([request.user.pk]),
            "conflict": errors.TransitionNotAllowed("pooled", ["claim"]),
            "claimed": errors.AlreadyClaimed(),
            "rule": errors.RuleRefused(
                "gate_not_met", errors=[errors.FieldError("company", "required", "…")]
            ),
            "forbidden": errors.Forbidden(),
            "missing": errors.NotFound(),
            "stale": errors.Stale(),
            "invalid": errors.Invalid(),
        }[what]


class NoticeFilters(filters.FilterSet):
    kind = filters.Words(field_name="kind", choices=["a", "b", "c"])
    at_before = filters.Moment(field_name="at", lookup_expr="lt")
    at_after = filters.Moment(field_name="at", lookup_expr="gte")
    unread = filters.Flag(field_name="read_at", lookup_expr="isnull")
    user = filters.People(field_name="user")
    subject = filters.Ids(field_name="subject_id")


class Rows(Listed, Retrieved, ApiViewSet):
    filterset_class = NoticeFilters
    ordering_fields = {"at": "at", "read_at": "read_at", "kind": "kind"}
    ordering = "-at"

    def rows(self) -> Any:
        return Notice.objects.visible_to(self.request.user)

    def many(self, records: list[Any]) -> list[dict[str, Any]]:
        return [{"id": row.pk, "kind": row.kind, "at": row.at, "read_at": row.read_at} for row in records]

    def partial_update(self, request: Any, pk: Any) -> Response:
        row = self.touch(pk)
        row.version = 3
        etag.check_if_match(self.if_match(), row)
        return self.answer(row)

    @action(detail=True, methods=["post"])
    def poke(self, request: Any, pk: Any) -> Response:
        self.body(Nothing)
        return self.answer(self.touch(pk))


router = Router()
router.register("rows", Rows, basename="probe-row")
urlpatterns = [
    path("api/v1/probe/", Probe.as_view()),
    path("api/v1/refuse/<str:what>/", Refuse.as_view()),
    path("api/v1/", include(router.urls)),
    path("api/", include("core.api.urls")),
]
