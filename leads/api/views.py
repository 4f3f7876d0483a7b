"""/leads/ and its verbs: load → verb → answer."""

from functools import partial
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from contacts.api import timeline
from contacts.rules import KINDS
from contacts.selectors import of_person
from core.api.routers import Router
from core.api.serializers import Nothing
from core.api.views import Listed, Retrieved
from core.errors import FieldError, TrunkError
from leads import services
from leads.api import shapes, writing
from leads.api.base import LeadViews
from leads.filters import LeadFilters
from leads.models import Lead
from leads.permissions import is_masked


class LeadViewSet(Listed, Retrieved, LeadViews):
    """Leads: a person's place on the trunk."""

    outs = {
        "notes": shapes.NoteOut,
        "holdings": shapes.HoldingOut,
        "timeline": timeline.EventOut,
    }
    filterset_class = LeadFilters
    ordering_fields = {"created_at": "created_at", "due_at": "due_at", "last_touch_at": "last_touch_at"}
    ordering = "-created_at"
    paged_actions = frozenset({"list", "notes", "holdings", "timeline"})

    @extend_schema(request=shapes.CaptureIn, responses={201: shapes.CapturedOut, 200: shapes.CapturedOut})
    def create(self, request: Request) -> Response:
        """Capture a person: 201 for a new one, 200 with `known` for one who was here before (R1.3)."""
        data = self.body(shapes.CaptureIn)
        contact, source = data.get("contact") or {}, data.get("source") or {}
        try:
            lead, known = services.capture(
                by=request.user,
                contact={key: value or "" for key, value in contact.items()},
                channel=source.get("channel") or "",
                medium=source.get("medium") or "api",
                campaign=source.get("campaign") or "",
                cost=source.get("cost"),
                note=data.get("note") or "",
            )
        except TrunkError as refused:
            refused.errors = [_in_contact(error) for error in refused.errors]
            raise
        if known and not Lead.objects.visible_to(request.user).filter(pk=lead.pk).exists():
            stranger = writing.stranger_json(writing.fresh(lead.pk), request.user)
            return Response({**stranger, "known": True})
        return self.done(lead, 200 if known else 201, known=known)

    @extend_schema(request=shapes.LeadPatch)
    def partial_update(self, request: Request, pk: Any) -> Response:
        """Change the contact's details and the next step; nothing else of a lead is changed by hand."""
        data = self.body(shapes.LeadPatch, partial=True)
        lead = self.touch(pk)
        try:
            self.guarded(lead, lambda: services.edit(lead, by=request.user, **_changes(data)))
        except TrunkError as refused:
            refused.errors = [_in_contact(error) for error in refused.errors]
            raise
        return self.done(lead)

    @extend_schema(request=Nothing)
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: Any) -> Response:
        """A correct MQL: its week begins (R4)."""
        self.body(Nothing)
        return self.done(services.accept(self.touch(pk), by=request.user))

    @extend_schema(request=shapes.ReasonIn)
    @action(detail=True, methods=["post"], url_path="return")
    def give_back(self, request: Request, pk: Any) -> Response:
        """An illegal MQL goes back (R4.1)."""
        data = self.body(shapes.ReasonIn)
        return self.done(services.return_mql(self.touch(pk), by=request.user, **_reason(data)))

    @extend_schema(request=shapes.ReasonIn)
    @action(detail=True, methods=["post"])
    def release(self, request: Request, pk: Any) -> Response:
        """The rep gives the lead back to the pool (R6.5)."""
        data = self.body(shapes.ReasonIn)
        return self.done(services.release(self.touch(pk), by=request.user, **_reason(data)))

    @extend_schema(request=shapes.AssignIn)
    @action(detail=True, methods=["post"])
    def assign(self, request: Request, pk: Any) -> Response:
        """Give the lead to a rep; due time and extensions go along (R6.5)."""
        data = self.body(shapes.AssignIn)
        return self.done(services.assign(self.touch(pk), rep=data["rep"], by=request.user))

    @extend_schema(methods=["GET"])
    @action(detail=True, methods=["get"])
    def notes(self, request: Request, pk: Any) -> Response:
        """What was written about the lead, latest first."""
        lead = self.load(pk)
        hidden = is_masked(lead)
        return self.page(
            lead.notes.select_related("by"),
            lambda found: [writing.note_json(note, hidden=hidden) for note in found],
            fields={"at": "at"},
            ordering="-at",
        )

    @extend_schema(methods=["POST"], request=shapes.NoteIn, responses={201: shapes.NotedOut})
    @notes.mapping.post
    def add_note(self, request: Request, pk: Any) -> Response:
        """Write something down; it does not stop the clock (R6.4)."""
        data = self.body(shapes.NoteIn)
        lead = self.touch(pk)
        note = services.add_note(lead, text=data.get("text") or "", by=request.user)
        return self.done(lead, 201, note=writing.note_json(note))

    @action(detail=True, methods=["get"])
    def holdings(self, request: Request, pk: Any) -> Response:
        """Who held the lead, from when to when (R10.7)."""
        lead = self.load(pk)
        return self.page(
            lead.holdings.select_related("user"),
            lambda found: [writing.holding_json(holding) for holding in found],
            fields={"from_at": "from_at"},
            ordering="-from_at",
        )

    @action(detail=True, methods=["get"])
    def timeline(self, request: Request, pk: Any) -> Response:
        """Everything that happened with this person, latest first."""
        lead = self.load(pk)
        rows = of_person(lead.contact_id)
        written = partial(timeline.events_json, user=request.user)
        return self.page(rows, written, fields=timeline.FIELDS, ordering=timeline.ORDERING)


def _reason(data: dict[str, Any]) -> dict[str, str]:
    return {"reason": data.get("reason") or "", "text": data.get("text") or ""}


def _changes(data: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "contact" in data:
        found["contact"] = data["contact"] or {}
    if "next_step" in data:
        step = data["next_step"] or {}
        found["step"] = (step.get("text") or "", step.get("on"))
    return found


def _in_contact(error: FieldError) -> FieldError:
    """Name a field of the contact by where it stands in the body."""
    return FieldError(f"contact.{error.field}", error.code, error.message) if error.field in KINDS else error


router = Router()
router.register("leads", LeadViewSet, basename="lead")
