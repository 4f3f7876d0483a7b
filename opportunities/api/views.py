"""/opportunities/ and converting a lead into one."""

from functools import partial
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from contacts.api import timeline
from core import clock, rulebook
from core.api.routers import Router
from core.api.serializers import Nothing
from core.api.views import ApiViewSet, Listed, Retrieved
from core.errors import NotFound
from core.locking import verb
from core.models import Event
from leads.api.base import LeadViews
from opportunities import services
from opportunities.api import quote_shapes, quote_writing, shapes, writing
from opportunities.api.quotes import lines_in, quote_fields
from opportunities.filters import OpportunityFilters
from opportunities.models import Opportunity, Quote
from opportunities.rules import Stage
from opportunities.selectors import allowed_actions, for_lists
from opportunities.services import Need


class ConvertViewSet(LeadViews):
    """SQL → opportunity."""

    @extend_schema(request=shapes.ConvertIn, responses={201: shapes.ConvertedOut})
    def convert(self, request: Request, pk: Any) -> Response:
        """Need, people and company, all together (R5): the lead with its new `opportunity`."""
        data = self.body(shapes.ConvertIn)
        opportunity = services.convert(
            self.touch(pk),
            by=request.user,
            company=data.get("company") or "",
            products=_needs(data),
            headcount=data.get("headcount"),
            amount=data.get("amount"),
            expected_close=data.get("expected_close"),
        )
        (written,) = writing.opportunities_json([writing.fresh(opportunity.pk)], request.user)
        return self.done(opportunity.lead, 201, opportunity=written)


class OpportunityViewSet(Listed, Retrieved, ApiViewSet):
    """Opportunities: what can be quoted."""

    out = shapes.OpportunityOut
    outs = {"timeline": timeline.EventOut}
    filterset_class = OpportunityFilters
    ordering_fields = {
        "created_at": "created_at",
        "expected_close": "expected_close",
        "amount": "amount",
        "closed_at": "closed_at",
    }
    ordering = "-created_at"
    paged_actions = frozenset({"list", "timeline", "quotes", "events", "presales"})

    def rows(self) -> QuerySet[Opportunity]:
        return for_lists(Opportunity.objects.visible_to(self.request.user))

    def touchable(self) -> QuerySet[Opportunity]:
        return for_lists(Opportunity.objects.actionable_by(self.request.user, clock.now()))

    def many(self, records: list[Opportunity]) -> list[dict[str, Any]]:
        return writing.opportunities_json(records, self.request.user)

    def done(self, row: Opportunity, status: int = 200) -> Response:
        return self.answer(writing.fresh(row.pk), status)

    def allowed_now(self, pk: Any) -> list[str] | None:
        row = Opportunity.objects.filter(pk=pk).select_related("lead").first()
        return None if row is None else allowed_actions(row, self.request.user, clock.now())

    @extend_schema(request=shapes.OpportunityNew, responses={201: shapes.OpportunityOut})
    def create(self, request: Request) -> Response:
        """An upsell or a repurchase with a customer (R9.4); new business comes from a lead."""
        data = self.body(shapes.OpportunityNew)
        row = services.open_next(
            data["company"],
            by=request.user,
            kind=data["kind"],
            products=_needs(data),
            headcount=data.get("headcount"),
            contact=data.get("contact"),
            amount=data.get("amount"),
            expected_close=data.get("expected_close"),
            stage=data.get("stage") or Stage.CONFIRMED,
        )
        return self.done(row, 201)

    @extend_schema(request=shapes.OpportunityPatch)
    def partial_update(self, request: Request, pk: Any) -> Response:
        """Change amount, expected close, headcount, products, competitor, risks, own judgement, next step."""
        data = self.body(shapes.OpportunityPatch, partial=True)
        needs = _needs(data) if data.get("products") is not None else None
        data.pop("products", None)
        if "next_step" in data:
            step = data.pop("next_step") or {}
            data |= {"next_step": step.get("text") or "", "next_step_on": step.get("on")}
        for name in ("competitor", "risk"):
            if name in data:
                data[name] = data[name] or ""
        row = self.touch(pk)

        @verb
        def change() -> Opportunity:
            """All of it or nothing."""
            done = services.update(row, by=request.user, **data)
            return done if needs is None else services.set_needs(done, products=needs, by=request.user)

        return self.done(self.guarded(row, change))

    @extend_schema(request=shapes.AdvanceIn)
    @action(detail=True, methods=["post"])
    def advance(self, request: Request, pk: Any) -> Response:
        """Forward to the next stage, or to the one named (R8.2)."""
        data = self.body(shapes.AdvanceIn)
        return self.done(services.advance(self.touch(pk), by=request.user, to=data.get("stage") or ""))

    @extend_schema(request=shapes.BackIn)
    @action(detail=True, methods=["post"])
    def back(self, request: Request, pk: Any) -> Response:
        """Back a stage, or to the one named, with a reason (R8.2)."""
        data = self.body(shapes.BackIn)
        reason, stage = data.get("reason") or "", data.get("stage") or ""
        return self.done(services.back(self.touch(pk), reason=reason, by=request.user, to=stage))

    @extend_schema(request=shapes.LoseIn)
    @action(detail=True, methods=["post"])
    def lose(self, request: Request, pk: Any) -> Response:
        """Lost, with a reason; the lead of new business goes to the pool (R8.7)."""
        said = {key: value or "" for key, value in self.body(shapes.LoseIn).items()}
        said.setdefault("reason", "")
        return self.done(services.lose(self.touch(pk), by=request.user, **said))

    @extend_schema(request=Nothing)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: Any) -> Response:
        """Take back a loss that was a mistake, within 24 h (R8.7)."""
        self.body(Nothing)
        return self.done(services.reopen(self.touch(pk), by=request.user))

    @extend_schema(methods=["GET"], responses={200: quote_shapes.QuoteOut(many=True)})
    @extend_schema(methods=["POST"], request=quote_shapes.QuoteIn, responses={201: quote_shapes.QuoteOut})
    @action(detail=True, methods=["get", "post"])
    def quotes(self, request: Request, pk: Any) -> Response:
        """The quotes of an opportunity, latest first; POST makes one (R9.5)."""
        if request.method == "GET":
            rows = quote_writing.quotes(self.load(pk).quotes.all())
            return self.page(
                rows,
                partial(quote_writing.quotes_json, user=request.user),
                fields={"created_at": "created_at"},
                ordering="-created_at",
            )
        data = self.body(quote_shapes.QuoteIn)
        lines = lines_in(data, data.get("term_months"))
        made = services.draft_quote(self.touch(pk), by=request.user, lines=lines, **quote_fields(data))
        (written,) = quote_writing.quotes_json(
            [quote_writing.quotes(Quote.objects.filter(pk=made.pk)).get()], request.user
        )
        return Response(written, 201)

    @extend_schema(methods=["GET"], responses={200: quote_shapes.ExperienceOut(many=True)})
    @extend_schema(
        methods=["POST"], request=quote_shapes.EventIn, responses={201: quote_shapes.ExperienceOut}
    )
    @action(detail=True, methods=["get", "post"])
    def events(self, request: Request, pk: Any) -> Response:
        """Experience events, in their order; POST plans one or logs one that was held (R8.1)."""
        if request.method == "GET":
            rows = self.load(pk).experience_events.select_related("by", "opportunity")
            return self.page(
                rows,
                quote_writing.experiences_json,
                fields={"starts_at": "starts_at"},
                ordering="starts_at",
            )
        data = self.body(quote_shapes.EventIn)
        made = services.plan_experience(
            self.touch(pk),
            by=request.user,
            kind=data.get("kind") or "",
            starts_at=data.get("starts_at"),
            ends_at=data.get("ends_at"),
            held=data.get("held"),
            note=data.get("note") or "",
        )
        return Response(quote_writing.experiences_json([made])[0], 201)

    @extend_schema(methods=["GET"], responses={200: quote_shapes.PresalesOut(many=True)})
    @extend_schema(
        methods=["POST"], request=quote_shapes.PresalesIn, responses={201: quote_shapes.PresalesOut}
    )
    @action(detail=True, methods=["get", "post"])
    def presales(self, request: Request, pk: Any) -> Response:
        """Requests to presales, by due day; POST asks for a solution (R8.6, a branch)."""
        if request.method == "GET":
            found = self.load(pk)
            if not rulebook.get("presales"):
                raise NotFound()
            rows = found.presales_requests.select_related("asked_by", "owner")
            return self.page(
                rows, quote_writing.presales_json, fields={"due_on": "due_on"}, ordering="due_on"
            )
        data = self.body(quote_shapes.PresalesIn)
        made = services.ask_presales(
            self.touch(pk), text=data.get("text") or "", due_on=data.get("due_on"), by=request.user
        )
        return Response(quote_writing.presales_json([made])[0], 201)

    @action(detail=True, methods=["get"])
    def timeline(self, request: Request, pk: Any) -> Response:
        """What happened with this opportunity, latest first."""
        rows = Event.objects.filter(subject_id=self.load(pk).pk)
        written = partial(timeline.events_json, user=request.user)
        return self.page(rows, written, fields=timeline.FIELDS, ordering=timeline.ORDERING)


def _needs(data: dict[str, Any]) -> list[Need]:
    return [
        Need(need["product"], need.get("purpose") or "", need.get("quantity"))
        for need in data.get("products") or []
    ]


router = Router()
router.register("opportunities", OpportunityViewSet, basename="opportunity")
