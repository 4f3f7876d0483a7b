"""/orders/: from a draft to a signed contract."""

from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from contacts.api import timeline
from core import clock
from core.api.routers import Router
from core.api.serializers import Nothing
from core.api.views import ApiViewSet, Listed, Retrieved
from core.errors import FieldError, RuleRefused
from core.models import Event
from opportunities.api.quote_shapes import AcceptIn, QuoteOut
from opportunities.api.quote_writing import quotes
from opportunities.api.quotes import QuoteViewSet, lines_in
from opportunities.models import Quote
from orders import services
from orders.api import shapes, writing
from orders.filters import OrderFilters
from orders.models import Order
from orders.rules import PaymentKind
from orders.selectors import allowed_actions, for_lists
from orders.services.paying import Part


class OrderViewSet(Listed, Retrieved, ApiViewSet):
    """Contracts, and orders once they are signed."""

    out = shapes.OrderOut
    outs = {"timeline": timeline.EventOut}
    filterset_class = OrderFilters
    ordering_fields = {"created_at": "created_at", "signed_on": "signed_on", "total": "total"}
    ordering = "-created_at"
    paged_actions = frozenset({"list", "timeline", "payments"})

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
        """A contract for an opportunity, or from a quote; its lines are the needs unless others are named (R9.1)."""
        data = self.body(shapes.OrderNew)
        opportunity, quote = data.pop("opportunity", None), data.pop("quote", None)
        if (opportunity is None) == (quote is None):
            message = _("Name an opportunity or a quote: one of the two.")
            raise RuleRefused(errors=[FieldError("opportunity", "required", message)])
        if quote is not None:
            said = {key: value for key, value in data.items() if key == "starts_on"}
            if fixed := sorted(set(data) - set(said)):
                message = _("Lines and terms come from the quote: make a new version to change them.")
                raise RuleRefused(errors=[FieldError(name, "fixed", message) for name in fixed])
            return self.done(services.accept_quote(quote, by=request.user, **said), 201)
        return self.done(services.draft(opportunity, by=request.user, **_fields(data)), 201)

    @extend_schema(request=shapes.OrderPatch)
    def partial_update(self, request: Request, pk: Any) -> Response:
        """Change a draft: lines, term, first day."""
        body = self.body(shapes.OrderPatch, partial=True)
        row = self.touch(pk)
        data = _fields(body, row.term_months)
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

    @extend_schema(request=Nothing)
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, pk: Any) -> Response:
        """To a manager for approval, or approved at once when nothing is off the standard (R9.2)."""
        self.body(Nothing)
        return self.done(services.submit(self.touch(pk), by=request.user))

    @extend_schema(request=shapes.CommentIn)
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: Any) -> Response:
        """A manager agrees (R9.2)."""
        comment = self.body(shapes.CommentIn).get("comment") or ""
        row = self.touch(pk)
        return self.done(self.guarded(row, lambda: services.approve(row, by=request.user, comment=comment)))

    @extend_schema(request=shapes.CommentIn)
    @action(detail=True, methods=["post"])
    def reject(self, request: Request, pk: Any) -> Response:
        """A manager sends it back, with what has to change (R9.2)."""
        comment = self.body(shapes.CommentIn).get("comment") or ""
        return self.done(services.reject(self.touch(pk), by=request.user, comment=comment))

    @extend_schema(request=shapes.TerminateIn)
    @action(detail=True, methods=["post"])
    def terminate(self, request: Request, pk: Any) -> Response:
        """Ended before its time; the next chance that waits is closed (R9.1, R9.4)."""
        data = self.body(shapes.TerminateIn)
        reason, on = data.get("reason") or "", data.get("terminated_on")
        return self.done(services.terminate(self.touch(pk), reason=reason, on=on, by=request.user))

    @extend_schema(methods=["GET"], responses={200: shapes.PaymentOut(many=True)})
    @extend_schema(methods=["POST"], request=shapes.PaymentIn, responses={201: shapes.OrderOut})
    @action(detail=True, methods=["get", "post"])
    def payments(self, request: Request, pk: Any) -> Response:
        """Receipts and refunds, latest first; POST books one and answers the order as it is now (R9.3)."""
        if request.method == "GET":
            rows = self.load(pk).payments.select_related("by", "order")
            return self.page(rows, writing.payments_json, fields={"paid_on": "paid_on"}, ordering="-paid_on")
        data = self.body(shapes.PaymentIn)
        kind = data.pop("kind", None) or PaymentKind.RECEIPT
        said = {key: data.get(key) for key in ("amount", "paid_on")}
        said |= {key: data[key] or "" for key in ("reference", "note") if key in data}
        if data.get("method"):
            said["method"] = data["method"]
        book = services.refund if kind == PaymentKind.REFUND else services.pay
        row = self.touch(pk)
        book(row, by=request.user, **said)
        return self.done(row, 201)

    @extend_schema(request=shapes.ScheduleIn)
    @action(detail=True, methods=["post"])
    def schedule(self, request: Request, pk: Any) -> Response:
        """Say when which part is due; all parts add up to the total (R9.3)."""
        data = self.body(shapes.ScheduleIn)
        parts = [Part(p.get("due_on"), p.get("amount"), p.get("note") or "") for p in data["parts"]]
        return self.done(services.set_instalments(self.touch(pk), parts=parts, by=request.user))

    @action(detail=True, methods=["get"])
    def timeline(self, request: Request, pk: Any) -> Response:
        """What happened with this order, latest first."""
        rows = Event.objects.filter(subject_id=self.load(pk).pk)
        written = partial(timeline.events_json, user=request.user)
        return self.page(rows, written, fields=timeline.FIELDS, ordering=timeline.ORDERING)


def _fields(data: dict[str, Any], term_months: int | None = None) -> dict[str, Any]:
    """Turn a body into the verb's arguments; what is not there is not touched, the term neither."""
    said: dict[str, Any] = {}
    if "term" in data:
        term = data["term"] or {}
        said |= {"term_months": term.get("months"), "term_days": term.get("days")}
    if "starts_on" in data:
        said["starts_on"] = data["starts_on"]
    if data.get("lines") is not None:
        said["lines"] = lines_in(data, said.get("term_months", term_months))
    if "discount" in data:
        said["discount"] = data["discount"]
    if "other_terms" in data:
        said["other_terms"] = data["other_terms"] or ""
    return said


class AcceptedOut(QuoteOut):
    order = shapes.OrderOut()


class AcceptQuoteViewSet(QuoteViewSet):
    """A quote becomes a contract."""

    out = AcceptedOut

    @extend_schema(request=AcceptIn, responses={201: AcceptedOut})
    def accept(self, request: Request, pk: Any) -> Response:
        """Accepted: its lines and terms become a contract without typing again (R9.5); 201 with `order`."""
        data = self.body(AcceptIn)
        order = services.accept_quote(self.touch(pk), by=request.user, starts_on=data.get("starts_on"))
        (written,) = writing.orders_json([writing.fresh(order.pk)], request.user)
        quote = quotes(Quote.objects.filter(pk=order.quote_id)).get()
        return Response({**self.many([quote])[0], "order": written}, 201)


router = Router()
router.register("orders", OrderViewSet, basename="order")
