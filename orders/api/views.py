"""/orders/: from a draft to a signed contract."""

from decimal import Decimal
from functools import partial
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from contacts.api import timeline
from core import clock
from core.api.routers import Router
from core.api.serializers import Nothing
from core.api.views import ApiViewSet, Listed, Retrieved
from core.models import Event
from orders import services
from orders.api import shapes, writing
from orders.filters import OrderFilters
from orders.models import Order
from orders.selectors import allowed_actions, for_lists
from orders.services import Line


class OrderViewSet(Listed, Retrieved, ApiViewSet):
    """Contracts, and orders once they are signed."""

    out = shapes.OrderOut
    outs = {"timeline": timeline.EventOut}
    filterset_class = OrderFilters
    ordering_fields = {"created_at": "created_at", "signed_on": "signed_on", "total": "total"}
    ordering = "-created_at"
    paged_actions = frozenset({"list", "timeline"})

    def rows(self) -> QuerySet[Order]:
        return for_lists(Order.objects.visible_to(self.request.user))

    def touchable(self) -> QuerySet[Order]:
        return for_lists(Order.objects.actionable_by(self.request.user, clock.now()))

    def many(self, records: list[Order]) -> list[dict[str, Any]]:
        return writing.orders_json(records, self.request.user)

    def done(self, row: Order, status: int = 200) -> Response:
        return self.answer(writing.fresh(row.pk), status)

    def allowed_now(self, pk: Any) -> list[str] | None:
        row = Order.objects.filter(pk=pk).first()
        return None if row is None else allowed_actions(row, self.request.user)

    @extend_schema(request=shapes.OrderNew, responses={201: shapes.OrderOut})
    def create(self, request: Request) -> Response:
        """A contract for an opportunity; its lines are the needs unless others are named (R9.1)."""
        data = self.body(shapes.OrderNew)
        opportunity = data.pop("opportunity")
        return self.done(services.draft(opportunity, by=request.user, **_fields(data)), 201)

    @extend_schema(request=shapes.OrderPatch)
    def partial_update(self, request: Request, pk: Any) -> Response:
        """Change a draft: lines, term, first day."""
        data = _fields(self.body(shapes.OrderPatch, partial=True))
        row = self.touch(pk)
        return self.done(self.guarded(row, lambda: services.update(row, by=request.user, **data)))

    @extend_schema(request=shapes.SignIn)
    @action(detail=True, methods=["post"])
    def sign(self, request: Request, pk: Any) -> Response:
        """Signed: the opportunity is won, the company a customer, the next chance scheduled (R9)."""
        data = self.body(shapes.SignIn)
        return self.done(services.sign(self.touch(pk), by=request.user, signed_on=data.get("signed_on")))

    @extend_schema(request=Nothing)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: Any) -> Response:
        """Given up before signature."""
        self.body(Nothing)
        return self.done(services.cancel(self.touch(pk), by=request.user))

    @action(detail=True, methods=["get"])
    def timeline(self, request: Request, pk: Any) -> Response:
        """What happened with this order, latest first."""
        rows = Event.objects.filter(subject_id=self.load(pk).pk)
        written = partial(timeline.events_json, user=request.user)
        return self.page(rows, written, fields=timeline.FIELDS, ordering=timeline.ORDERING)


def _fields(data: dict[str, Any]) -> dict[str, Any]:
    """Turn a body into the verb's arguments; what is not there is not touched."""
    said: dict[str, Any] = {}
    if "term" in data:
        term = data["term"] or {}
        said |= {"term_months": term.get("months"), "term_days": term.get("days")}
    if "starts_on" in data:
        said["starts_on"] = data["starts_on"]
    if data.get("lines") is not None:
        said["lines"] = [
            Line(
                line["product"],
                line.get("quantity", 1),
                line.get("unit_price"),
                line.get("discount") or Decimal(0),
            )
            for line in data["lines"]
        ]
    return said


router = Router()
router.register("orders", OrderViewSet, basename="order")
