"""/quotes/: what the customer is offered (R9.5)."""

from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from catalogue.pricing import Line
from catalogue.rules import Basis, usual_periods
from core import clock
from core.api.routers import Router
from core.api.serializers import Nothing
from core.api.views import ApiViewSet, Retrieved
from core.errors import FieldError, Invalid
from opportunities import services
from opportunities.api import quote_shapes as shapes
from opportunities.api import quote_writing as writing
from opportunities.models import Quote
from opportunities.paper import paper_of

FORMATS = ("json", "pdf")


def lines_in(data: dict[str, Any], term_months: int | None) -> list[Line] | None:
    """The lines of a body, or None when it names none; months or years that are not named are those of the term."""
    if data.get("lines") is None:
        return None
    return [
        Line(
            line["product"],
            line.get("quantity", 1),
            line.get("unit_price"),
            line.get("discount") or Decimal(0),
            line.get("basis") or Basis.ONCE,
            line.get("periods", usual_periods(line.get("basis") or Basis.ONCE, term_months)),
            line.get("purpose") or "",
        )
        for line in data["lines"]
    ]


def quote_fields(data: dict[str, Any]) -> dict[str, Any]:
    """A body as the verbs' arguments; what is not there is not touched."""
    said: dict[str, Any] = {key: data[key] for key in ("discount", "tax_rate", "term_months") if key in data}
    said |= {key: data[key] or "" for key in ("language", "note") if key in data}
    if data.get("valid_until"):
        said["valid_until"] = data["valid_until"]
    if not said.get("language", "x"):
        del said["language"]
    return said


class QuoteViewSet(Retrieved, ApiViewSet):
    """Quotes: numbered, versioned, valid for a time (R9.5)."""

    out = shapes.QuoteOut
    action_parameters = {"retrieve": frozenset({"format"})}

    def rows(self) -> QuerySet[Quote]:
        return writing.quotes(Quote.objects.visible_to(self.request.user))

    def touchable(self) -> QuerySet[Quote]:
        return writing.quotes(Quote.objects.actionable_by(self.request.user, clock.now()))

    def many(self, records: list[Quote]) -> list[dict[str, Any]]:
        return writing.quotes_json(records, self.request.user)

    def done(self, quote: Quote, status: int = 200) -> Response:
        return self.answer(writing.quotes(Quote.objects.filter(pk=quote.pk)).get(), status)

    def allowed_now(self, pk: Any) -> list[str] | None:
        row = Quote.objects.filter(pk=pk).select_related("opportunity").first()
        today = clock.firm_day(clock.now())
        return None if row is None else writing.allowed_on(row, self.request.user, today)

    @extend_schema(
        parameters=[OpenApiParameter("format", str, enum=FORMATS)],
        responses={
            (200, "application/json"): shapes.QuoteOut,
            (200, "application/pdf"): OpenApiResponse(OpenApiTypes.BINARY),
        },
    )
    def retrieve(self, request: Request, pk: Any) -> HttpResponseBase:
        """One quote; with `?format=pdf` as it goes to the customer."""
        wanted = request.query_params.get("format", "json")
        if wanted not in FORMATS:
            message = f"“{wanted[:20]}”: json, pdf"
            raise Invalid(errors=[FieldError("format", "invalid", message)])
        row = self.load(pk)
        if wanted == "json":
            return self.answer(row)
        response = HttpResponse(paper_of(row), content_type="application/pdf")
        response["Content-Disposition"] = f'attachment; filename="{row.number}-{row.revision}.pdf"'
        return response

    @extend_schema(request=shapes.QuoteIn)
    def partial_update(self, request: Request, pk: Any) -> Response:
        """Change a draft; what was sent stays as it is."""
        data = self.body(shapes.QuoteIn, partial=True)
        row = self.touch(pk)
        said = quote_fields(data)
        lines = lines_in(data, data.get("term_months", row.term_months))
        return self.done(
            self.guarded(row, lambda: services.update_quote(row, by=request.user, lines=lines, **said))
        )

    @extend_schema(request=shapes.SendIn)
    @action(detail=True, methods=["post"])
    def send(self, request: Request, pk: Any) -> Response:
        """Send it by e-mail, with its PDF."""
        data = self.body(shapes.SendIn)
        to, text = data.get("to") or "", data.get("text") or ""
        return self.done(services.send_quote(self.touch(pk), to=to, text=text, by=request.user))

    @extend_schema(request=Nothing, responses={201: shapes.QuoteOut})
    @action(detail=True, methods=["post"])
    def revise(self, request: Request, pk: Any) -> Response:
        """A new version, to be changed; the old one stays readable."""
        self.body(Nothing)
        return self.done(services.revise_quote(self.touch(pk), by=request.user), 201)


router = Router()
router.register("quotes", QuoteViewSet, basename="quote")
