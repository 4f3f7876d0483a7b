"""/messages/: the outbox (R11.4)."""

from typing import Any

from django.db.models import QuerySet
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api import fields
from core.api.fields import person
from core.api.serializers import Nothing, StrictSerializer
from core.api.shapes import NamedOut, PersonOut
from core.api.views import ApiViewSet, Listed, Retrieved
from outreach.filters import MessageFilters
from outreach.message_lines import Line, lines_of
from outreach.models import Message
from outreach.services import messages as verbs

STEPS = ("sent_at", "delivered_at", "opened_at", "clicked_at", "replied_at", "bounced_at")


class RetryIn(StrictSerializer):
    sure = fields.Flag(required=False)


class TaskIn(StrictSerializer):
    outcome = fields.Text(required=False, max_length=20)
    note = fields.Text(required=False, max_length=280)


class MessageOut(serializers.Serializer):
    id = serializers.CharField()
    channel = serializers.CharField()
    kind = serializers.CharField()
    function = serializers.CharField()
    asked_for = serializers.BooleanField()
    state = serializers.CharField()
    held = serializers.CharField(allow_null=True)
    contact = NamedOut(allow_null=True)
    masked = serializers.BooleanField()
    to = serializers.CharField(allow_blank=True)
    subject = serializers.CharField(allow_blank=True)
    text = serializers.CharField(allow_blank=True)
    parts = serializers.IntegerField()
    campaign = NamedOut(allow_null=True)
    template = NamedOut(allow_null=True)
    by = PersonOut(allow_null=True)
    assigned_to = PersonOut(allow_null=True)
    created_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField()
    sent_at = serializers.DateTimeField(allow_null=True)
    delivered_at = serializers.DateTimeField(allow_null=True)
    opened_at = serializers.DateTimeField(allow_null=True)
    clicked_at = serializers.DateTimeField(allow_null=True)
    replied_at = serializers.DateTimeField(allow_null=True)
    bounced_at = serializers.DateTimeField(allow_null=True)
    tries = serializers.IntegerField()
    error = serializers.CharField(allow_blank=True)


def _json(line: Line) -> dict[str, Any]:
    row = line.message
    return {
        "id": str(row.pk),
        "channel": row.channel,
        "kind": row.kind,
        "function": row.function,
        "asked_for": row.asked_for,
        "state": row.state,
        "held": row.held or None,
        "contact": _named(row.contact),
        "masked": line.masked,
        "to": line.to,
        "subject": line.subject,
        "text": line.text,
        "parts": row.parts,
        "campaign": _named(row.campaign),
        "template": _named(row.template),
        "by": person(row.by),
        "assigned_to": person(row.assigned_to),
        "created_at": row.created_at,
        "due_at": row.due_at,
        **{name: getattr(row, name) for name in STEPS},
        "tries": row.tries,
        "error": line.error,
    }


def _named(record: Any) -> dict[str, str] | None:
    return None if record is None else {"id": str(record.pk), "name": record.name}


class MessageViewSet(Listed, Retrieved, ApiViewSet):
    """Messages to people, with what became of them; of people in the pool masked (R10.4)."""

    out = MessageOut
    filterset_class = MessageFilters
    ordering_fields = {"created_at": "created_at"}
    ordering = "-created_at"

    def rows(self) -> QuerySet[Message]:
        rows = Message.objects.visible_to(self.request.user)
        return rows.select_related("contact", "campaign", "template", "by", "assigned_to")

    def many(self, records: list[Message]) -> list[dict[str, Any]]:
        return [_json(line) for line in lines_of(records, self.request.user)]

    def done(self, message: Message) -> Response:
        rows = Message.objects.select_related("contact", "campaign", "template", "by", "assigned_to")
        return self.answer(rows.get(pk=message.pk))

    @extend_schema(request=RetryIn, responses=MessageOut)
    def retry(self, request: Request, pk: Any) -> Response:
        """Send again what did not leave; what may have left only with `sure` true: somebody knows that it did not
        arrive."""
        data = self.body(RetryIn)
        return self.done(verbs.retry(self.touch(pk), by=request.user, sure=data.get("sure") or False))

    @extend_schema(request=Nothing, responses=MessageOut)
    def withdraw(self, request: Request, pk: Any) -> Response:
        """Take back what has not left."""
        self.body(Nothing)
        return self.done(verbs.withdraw(self.touch(pk), by=request.user))

    @extend_schema(request=TaskIn, responses=MessageOut)
    def do(self, request: Request, pk: Any) -> Response:
        """A call or WeChat message was done (`outcome` done), or could not be (could_not)."""
        data = self.body(TaskIn)
        outcome, note = data.get("outcome") or verbs.DONE, data.get("note") or ""
        return self.done(verbs.do_task(self.touch(pk), by=request.user, outcome=outcome, note=note))


urlpatterns = [
    path("messages/", MessageViewSet.as_view({"get": "list"}), name="message-list"),
    path("messages/<uuid:pk>/", MessageViewSet.as_view({"get": "retrieve"}), name="message-detail"),
    path("messages/<uuid:pk>/retry/", MessageViewSet.as_view({"post": "retry"}), name="message-retry"),
    path(
        "messages/<uuid:pk>/withdraw/", MessageViewSet.as_view({"post": "withdraw"}), name="message-withdraw"
    ),
    path("messages/<uuid:pk>/done/", MessageViewSet.as_view({"post": "do"}), name="message-done"),
]
