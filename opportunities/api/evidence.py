"""/events/ and /presales/: what the customer experiences, and what presales is asked for (R8.1, R8.6)."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core import clock, rulebook
from core.api.routers import Router
from core.api.serializers import Nothing
from core.api.views import ApiViewSet, Listed, Retrieved
from core.errors import NotFound
from opportunities import services
from opportunities.api import quote_shapes as shapes
from opportunities.api import quote_writing as writing
from opportunities.filters import PresalesFilters
from opportunities.models import ExperienceEvent, PresalesRequest


class EventViewSet(Retrieved, ApiViewSet):
    """Experience events: online meeting, remote session, visit, trial (R8.1)."""

    out = shapes.ExperienceOut

    def rows(self) -> QuerySet[ExperienceEvent]:
        return ExperienceEvent.objects.visible_to(self.request.user).select_related("by", "opportunity")

    def touchable(self) -> QuerySet[ExperienceEvent]:
        return ExperienceEvent.objects.actionable_by(self.request.user, clock.now()).select_related(
            "by", "opportunity"
        )

    def many(self, records: list[ExperienceEvent]) -> list[dict[str, Any]]:
        return writing.experiences_json(records)

    @extend_schema(request=shapes.EventPatch)
    def partial_update(self, request: Request, pk: Any) -> Response:
        """Put it on another day, or say that it was held (`held` true) or fell through (false)."""
        data = self.body(shapes.EventPatch, partial=True)
        data |= {name: data[name] or "" for name in ("kind", "note") if name in data}
        row = self.touch(pk)
        done = self.guarded(row, lambda: services.change_experience(row, by=request.user, **data))
        return self.answer(ExperienceEvent.objects.select_related("by", "opportunity").get(pk=done.pk))


class PresalesViewSet(Listed, Retrieved, ApiViewSet):
    """Requests to presales (R8.6, a branch: 404 while it is off)."""

    out = shapes.PresalesOut
    filterset_class = PresalesFilters
    ordering_fields = {"due_on": "due_on", "asked_at": "asked_at"}
    ordering = "due_on"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if not rulebook.get("presales"):
            raise NotFound

    def rows(self) -> QuerySet[PresalesRequest]:
        rows = PresalesRequest.objects.visible_to(self.request.user)
        return rows.select_related("asked_by", "owner")

    def many(self, records: list[PresalesRequest]) -> list[dict[str, Any]]:
        return writing.presales_json(records)

    @extend_schema(request=Nothing)
    @action(detail=True, methods=["post"])
    def take(self, request: Request, pk: Any) -> Response:
        """Take a request on."""
        self.body(Nothing)
        done = services.take_presales(self.touch(pk), by=request.user)
        return self.answer(self.rows().get(pk=done.pk))

    @extend_schema(request=shapes.AnswerIn)
    @action(detail=True, methods=["post"], url_path="answer", url_name="answer")
    def answered(self, request: Request, pk: Any) -> Response:
        """Answer it; who asked is told."""
        data = self.body(shapes.AnswerIn)
        done = services.answer_presales(self.touch(pk), answer=data.get("answer") or "", by=request.user)
        return self.answer(self.rows().get(pk=done.pk))


router = Router()
router.register("events", EventViewSet, basename="experience")
router.register("presales", PresalesViewSet, basename="presales")
