"""How a lead, its notes and holdings look in the API: bodies in, answers out."""

from rest_framework import serializers

from core.api import fields
from core.api.serializers import StrictSerializer
from core.api.shapes import MoneyOut, NamedOut, PersonOut


class ContactIn(StrictSerializer):
    name = fields.Text(required=False, max_length=120)
    phone = fields.Text(required=False)
    email = fields.Text(required=False)
    wechat = fields.Text(required=False)
    title = fields.Text(required=False, max_length=120)
    company_name = fields.Text(required=False, max_length=200)


class SourceIn(StrictSerializer):
    channel = fields.Text(required=False)
    campaign = fields.Text(required=False, max_length=120)
    medium = fields.Text(required=False)
    cost = fields.Money(required=False, allow_null=True)


class CaptureIn(StrictSerializer):
    contact = ContactIn(required=False)
    source = SourceIn(required=False)
    note = fields.Text(required=False)


class NextStepIn(StrictSerializer):
    text = fields.Text(required=False, max_length=200)
    on = fields.Day(required=False, allow_null=True)


class LeadPatch(StrictSerializer):
    contact = ContactIn(required=False)
    next_step = NextStepIn(required=False, allow_null=True)


class ReasonIn(StrictSerializer):
    """A reason code, judged by the verb, and words of one's own."""

    refusal = "reason_required"

    reason = fields.Text(required=False)
    text = fields.Text(required=False)


class AssignIn(StrictSerializer):
    rep = fields.Person()


class NoteIn(StrictSerializer):
    text = fields.Text(required=False)


class LeadContactOut(serializers.Serializer):
    id = serializers.CharField()
    name = serializers.CharField(allow_blank=True)
    phone = serializers.CharField(allow_null=True)
    email = serializers.CharField(allow_null=True)
    wechat = serializers.CharField(allow_null=True)
    title = serializers.CharField(allow_blank=True)
    company_name = serializers.CharField(allow_blank=True)


class SourceOut(serializers.Serializer):
    channel = serializers.CharField()
    campaign = serializers.CharField(allow_null=True)
    medium = serializers.CharField()
    cost = MoneyOut(allow_null=True)


class PoolOut(serializers.Serializer):
    segment = serializers.CharField()
    reason = serializers.CharField()
    entered_at = serializers.DateTimeField()
    next_touch_at = serializers.DateTimeField(allow_null=True)
    silent_touches = serializers.IntegerField()
    claimable_by_me = serializers.BooleanField()
    why_not = serializers.CharField(allow_null=True)


class NextStepOut(serializers.Serializer):
    text = serializers.CharField()
    on = serializers.DateField(allow_null=True)


class LeadOut(serializers.Serializer):
    id = serializers.CharField()
    version = serializers.IntegerField()
    state = serializers.CharField()
    contact = LeadContactOut()
    source = SourceOut()
    owner = PersonOut(allow_null=True)
    team = NamedOut(allow_null=True)
    created_at = serializers.DateTimeField()
    acquired_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField(allow_null=True)
    days_left = serializers.FloatField(allow_null=True)
    on_extension = serializers.BooleanField()
    extensions_used = serializers.IntegerField()
    no_answer_streak = serializers.IntegerField()
    pool = PoolOut(allow_null=True)
    opportunity = serializers.DictField(allow_null=True)
    next_step = NextStepOut(allow_null=True)
    last_touch_at = serializers.DateTimeField(allow_null=True)
    allowed = serializers.ListField(child=serializers.CharField())


class CapturedOut(LeadOut):
    known = serializers.BooleanField()


class NoteOut(serializers.Serializer):
    id = serializers.CharField()
    at = serializers.DateTimeField()
    by = PersonOut(allow_null=True)
    text = serializers.CharField(allow_null=True)


class NotedOut(LeadOut):
    note = NoteOut()


class HoldingOut(serializers.Serializer):
    id = serializers.CharField()
    user = PersonOut()
    stage = serializers.CharField()
    run = serializers.IntegerField()
    from_at = serializers.DateTimeField()
    to_at = serializers.DateTimeField(allow_null=True)
    due_at = serializers.DateTimeField(allow_null=True)
    extensions_used = serializers.IntegerField()
    began = serializers.CharField()
    ended = serializers.CharField(allow_null=True)
    detail = serializers.CharField(allow_null=True)
