"""/cadences/: in which rhythm the leads of the pool are reached, what would go out, what it brought (R10.10)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core import clock, filters, rulebook
from core.api import fields
from core.api.pagination import bad_parameter
from core.api.routers import Router
from core.api.serializers import Nothing
from core.api.views import ApiViewSet, Retrieved
from core.errors import TrunkError
from leads.rules import Segment
from outreach.permissions import require_reader
from outreach.rules import Goal
from pool import cadence_shapes as shapes
from pool.cadence.dryrun import dry_run
from pool.cadence.editing import StepIn, WayIn, save_cadence, start_cadence, stop_cadence
from pool.cadence.figures import figures
from pool.cadence_forms import from_zero
from pool.cadence_reading import version_of, versions_of
from pool.cadence_words import masked_address
from pool.models import Cadence

DAYS, MOST_DAYS, ROWS = 30, 365, 200


class CadenceFilters(filters.FilterSet):
    """Cadences by segment, goal, whether they run, and name."""

    segment = filters.Words(field_name="segment", choices=Segment)
    goal = filters.Words(field_name="goal", choices=Goal)
    active = filters.Flag(field_name="active")
    q = filters.Search(method="search")

    def search(self, rows: QuerySet[Cadence], name: str, text: str) -> QuerySet[Cadence]:
        """Those whose own name, or whose segment's name, holds the text."""
        named = [code for code, label in Segment.choices if text.casefold() in str(label).casefold()]
        return rows.filter(Q(name__icontains=text) | Q(name="", segment__in=named))


class CadenceViewSet(Retrieved, ApiViewSet):
    """Cadences over the pool."""

    out = shapes.CadenceOut
    filterset_class = CadenceFilters
    ordering_fields = {"created_at": "created_at", "name": "name"}
    ordering = "created_at"
    action_parameters = {
        "dry_run": frozenset({"days", "limit"}),
        "figures": frozenset({"from", "to"}),
    }

    def rows(self) -> QuerySet[Cadence]:
        return Cadence.objects.visible_to(self.request.user)

    def many(self, records: list[Cadence]) -> list[dict[str, Any]]:
        versions = versions_of(records)
        return [shapes.cadence_json(row, versions.get(row.pk)) for row in records]

    def list(self, request: Request) -> Response:
        """Cadences with the steps in force (marketing, managers, administrators)."""
        require_reader(request.user)
        return self.page(self.filtered(self.rows()))

    @extend_schema(request=shapes.CadenceIn, responses={201: shapes.CadenceOut})
    def create(self, request: Request) -> Response:
        """Make a cadence (marketing, administrators). It does not run before it is started."""
        data = self.body(shapes.CadenceIn)
        said = {"name": "", "segment": "", "goal": Goal.ACQUIRE, **_said(data)}
        return self.answer(_placed(lambda: save_cadence(None, by=request.user, **said)), 201)

    @extend_schema(request=shapes.CadenceIn)
    def partial_update(self, request: Request, pk: Any) -> Response:
        """Change a cadence: other steps are a new version, and who stands in it keeps the place (R10.10).

        A step that is named by its `key` stays the same step; one without is new.
        """
        data = self.body(shapes.CadenceIn, partial=True)
        row = self.touch(pk)

        def change() -> Cadence:
            # What is not named stays as it is now, under the lock.
            said = {**_as_it_is(Cadence.objects.get(pk=row.pk)), **_said(data)}
            return save_cadence(row, by=request.user, **said)

        return self.answer(_placed(lambda: self.guarded(row, change)))

    @extend_schema(request=Nothing, responses=shapes.CadenceOut)
    @action(detail=True, methods=["post"])
    def start(self, request: Request, pk: Any) -> Response:
        """Let it run; who was stopped goes on from their place."""
        self.body(Nothing)
        return self.answer(start_cadence(self.touch(pk), by=request.user))

    @extend_schema(request=Nothing, responses=shapes.CadenceOut)
    @action(detail=True, methods=["post"])
    def stop(self, request: Request, pk: Any) -> Response:
        """Stop it; what was not sent is withdrawn."""
        self.body(Nothing)
        return self.answer(stop_cadence(self.touch(pk), by=request.user))

    @extend_schema(
        parameters=[
            OpenApiParameter("days", int, description="1 to 365, as a rule 30"),
            OpenApiParameter("limit", int, description="rows that are listed: 1 to 200"),
        ],
        responses=shapes.DryRunOut,
    )
    @action(detail=True, methods=["get"], url_path="dry-run")
    def dry_run(self, request: Request, pk: Any) -> Response:
        """Who would get what when, who is held back and why; nothing is sent. Addresses are masked (R10.4)."""
        row = self.load(pk)
        days, limit = number(request, "days", DAYS, MOST_DAYS), number(request, "limit", ROWS, ROWS)
        return Response(run_json(dry_run(row, clock.now(), days=days, limit=limit), days))

    @extend_schema(
        parameters=[OpenApiParameter(name, OpenApiTypes.DATE) for name in ("from", "to")],
        responses=shapes.CadenceFiguresOut,
    )
    @action(detail=True, methods=["get"])
    def figures(self, request: Request, pk: Any) -> Response:
        """What it brought: sent, delivered, reacted, back on the trunk, orders, and what one that is back cost."""
        row = self.load(pk)
        first, last = day(request, "from"), day(request, "to")
        since = clock.day_starts(first) if first else None
        until = clock.day_starts(last + timedelta(days=1)) if last else None
        return Response(figures_json(figures([row.pk], since, until)[row.pk]))


def _said(data: dict[str, Any]) -> dict[str, Any]:
    """A body as the verb takes it; what is not there is not touched."""
    said: dict[str, Any] = {
        name: data[name] or "" for name in ("name", "segment", "then_segment") if name in data
    }
    if data.get("goal"):
        said["goal"] = data["goal"]
    if "repeat_from" in data:
        said["repeat_from"] = data["repeat_from"]
    if "steps" in data:
        said["steps"] = [
            StepIn(
                wait_minutes=step["wait_minutes"],
                ways=[WayIn(way["channel"], way["template"]) for way in step["ways"]],
                condition=step.get("condition") or "always",
                key=step.get("key"),
            )
            for step in data["steps"]
        ]
    # Whoever says what comes after the last step need not take back what came there before.
    if said.get("repeat_from") and "then_segment" not in said:
        said["then_segment"] = ""
    if said.get("then_segment") and "repeat_from" not in said:
        said["repeat_from"] = None
    return said


def _as_it_is(cadence: Cadence) -> dict[str, Any]:
    """A cadence as the verb would be told of it, unchanged."""
    version = version_of(cadence)
    steps = list(version.steps.all()) if version else []
    return {
        "name": cadence.name,
        "segment": cadence.segment,
        "goal": cadence.goal,
        "repeat_from": version.repeat_from if version else None,
        "then_segment": version.then_segment if version else "",
        "steps": [
            StepIn(
                wait_minutes=step.wait_minutes,
                ways=[WayIn(way.channel, way.template) for way in step.ways.all()],
                condition=step.condition,
                key=step.key,
            )
            for step in steps
        ],
    }


def _placed(run: Callable[[], Any]) -> Any:
    """Run a verb; the steps and ways in what it refuses are counted from 0, as everywhere in the API."""
    try:
        return run()
    except TrunkError as refusal:
        refusal.errors = [from_zero(error) for error in refusal.errors]
        raise


def number(request: Request, name: str, default: int, most: int) -> int:
    """A whole number in the query from 1 to the most. Raises Invalid."""
    text = request.query_params.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= most):
        raise bad_parameter(name, _("Must be a whole number from 1 to %(most)s.") % {"most": most})
    return int(text)


def day(request: Request, name: str) -> Any:
    """A day in the query, or None. Raises Invalid."""
    try:
        return filters.DayField(required=False).clean(request.query_params.get(name, ""))
    except forms.ValidationError as error:
        raise bad_parameter(name, error.message) from error


def run_json(run: Any, days: int) -> dict[str, Any]:
    """A dry run as the API writes it."""
    return {
        "days": days,
        "people": run.people,
        "left_out": run.left_out,
        "messages": sum(run.per_day.values()),
        "per_day": [{"day": when.isoformat(), "messages": n} for when, n in sorted(run.per_day.items())],
        "channels": [{"channel": code, "messages": n} for code, n in sorted(run.channels.items())],
        "reasons": [{"why": code, "people": n} for code, n in sorted(run.reasons.items())],
        "moves": [{"segment": code, "people": n} for code, n in sorted(run.moves.items())],
        "rows": [
            {
                **_who(row),
                "channel": row.channel,
                "to": masked_address(row.channel, row.to),
                "subject": row.text.subject,
                "text": row.text.text,
            }
            for row in run.rows
        ],
        "more": run.more,
        "held": [{**_who(row), "why": row.why, "until": row.until} for row in run.held],
    }


def _who(row: Any) -> dict[str, Any]:
    lead = {"id": str(row.lead.pk), "name": row.lead.contact.name}
    return {"lead": lead, "at": row.at, "position": row.position}


def figures_json(found: Any) -> dict[str, Any]:
    """The figures of a cadence as the API writes them."""
    counts = ("running", "sent", "delivered", "reacted", "back", "orders")
    sums = ("cost", "cost_per_back", "cost_of_new_lead")
    return {
        **{name: getattr(found, name) for name in counts},
        **{name: _money(getattr(found, name)) for name in sums},
    }


def _money(amount: Decimal | None) -> Any:
    return None if amount is None else fields.money(amount, rulebook.get("currency"))


router = Router()
router.register("cadences", CadenceViewSet, basename="cadence")
urlpatterns = router.urls
