"""/leads/{id}/calls/: conversations and what follows from their outcome (R2.3)."""

from typing import Any

from django.db.models import QuerySet
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from calling import services
from calling.models import Call
from calling.rules import Channel
from contacts.rules import masked
from core.api import fields
from core.api.fields import person
from core.api.serializers import Nothing, StrictSerializer
from core.api.shapes import PersonOut
from leads.api import shapes
from leads.api.base import LeadViews
from leads.permissions import is_masked


class CallIn(StrictSerializer):
    outcome = fields.Text(required=False)
    channel = fields.Text(required=False)
    phone = fields.Text(required=False)
    step = fields.Integer(required=False, allow_null=True)
    duration = fields.Integer(required=False, allow_null=True)
    note = fields.Text(required=False)
    call_back_at = fields.Moment(required=False, allow_null=True)
    reason = fields.Text(required=False)
    do_not_call = fields.Flag(required=False)
    rep = fields.Person(required=False, allow_null=True)


class ReadFromOut(serializers.Serializer):
    name = serializers.CharField()
    version = serializers.IntegerField()


class CallOut(serializers.Serializer):
    id = serializers.CharField()
    at = serializers.DateTimeField()
    by = PersonOut()
    outcome = serializers.CharField()
    channel = serializers.CharField()
    phone = serializers.CharField(allow_null=True)
    step = serializers.IntegerField(allow_null=True)
    duration = serializers.IntegerField(allow_null=True)
    note = serializers.CharField(allow_null=True)
    call_back_at = serializers.DateTimeField(allow_null=True)
    reason = serializers.CharField(allow_null=True)
    script = ReadFromOut(allow_null=True)
    answers = serializers.DictField(child=serializers.CharField())


class CalledOut(shapes.LeadOut):
    call = CallOut()


def call_json(call: Call, *, hidden: bool = False) -> dict[str, Any]:
    """Return a conversation; in the pool kind, outcome and date without its text (R10.4)."""
    value = call.point.value if call.point else None
    read = call.script_version
    return {
        "id": str(call.pk),
        "at": call.at,
        "by": person(call.by),
        "outcome": call.outcome,
        "channel": call.channel,
        "phone": masked(call.point.kind, value) if hidden and call.point and value else value,
        "step": call.step,
        "duration": call.duration,
        "note": None if hidden else call.note,
        "call_back_at": call.call_back_at,
        "reason": call.reason or None,
        "script": {"name": read.script.name, "version": read.number} if read else None,
        "answers": {} if hidden else call.answers,
    }


class CallViewSet(LeadViews):
    """Conversations on one lead."""

    out = CallOut
    paged_actions = frozenset({"calls"})

    def calls(self, request: Request, pk: Any) -> Response:
        """What was said, latest first."""
        lead = self.load(pk)
        hidden = is_masked(lead)
        rows: QuerySet[Call] = lead.calls.select_related("by", "point", "script_version__script")
        return self.page(
            rows,
            lambda found: [call_json(call, hidden=hidden) for call in found],
            fields={"at": "at"},
            ordering="-at",
        )

    @extend_schema(request=CallIn, responses={201: CalledOut})
    def log(self, request: Request, pk: Any) -> Response:
        """Log a conversation; its outcome moves the lead."""
        said = {key: value for key, value in self.body(CallIn).items() if value is not None}
        said.setdefault("outcome", "")
        if not said.get("channel"):
            said["channel"] = Channel.PHONE
        call, lead = services.log_call(self.touch(pk), by=request.user, **said)
        return self.done(lead, 201, call=call_json(call, hidden=is_masked(lead)))


class ScriptOut(serializers.Serializer):
    name = serializers.CharField()
    version = serializers.IntegerField()
    steps = serializers.ListField()


class NextOut(shapes.LeadOut):
    leased_until = serializers.DateTimeField()
    script = ScriptOut(allow_null=True)


class NextView(LeadViews):
    """The next lead of the calling desk (R2.2)."""

    @extend_schema(request=Nothing, responses={200: NextOut, 204: None})
    def next_lead(self, request: Request) -> Response:
        """Lease the next lead and answer it with the script; 204 when there is none."""
        self.body(Nothing)
        lead = services.next_lead(by=request.user)
        if lead is None:
            return Response(status=204)
        version = services.active_version()
        script = version and {"name": version.script.name, "version": version.number, "steps": version.steps}
        return self.done(lead, leased_until=lead.lease.until, script=script)


urlpatterns = [
    path("calling/next/", NextView.as_view({"post": "next_lead"}), name="calling-next"),
    path(
        "leads/<uuid:pk>/calls/",
        CallViewSet.as_view({"get": "calls", "post": "log"}),
        name="lead-calls",
    ),
]
