"""How cadences are written and read by other programs."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from core.api import fields
from core.api.serializers import StrictSerializer
from core.api.shapes import MoneyOut, NamedOut
from leads.rules import Segment
from outreach.models import Template
from outreach.rules import ChannelKind, Goal
from pool.models import Cadence, CadenceStep, CadenceVersion

MOST_STEPS, MOST_WAYS = 40, 10


class WayIn(StrictSerializer):
    channel = fields.Choice(ChannelKind)
    template = fields.Reference(lambda user: Template.objects.all())


class StepIn(StrictSerializer):
    key = fields.Id(required=False, allow_null=True)
    wait_minutes = fields.Integer()
    condition = fields.Choice(CadenceStep.Condition, required=False)
    ways = fields.Items(child=WayIn(), max_length=MOST_WAYS)


class CadenceIn(StrictSerializer):
    """`repeat_from` and `then_segment` are what comes after the last step; with neither it ends."""

    name = fields.Text(required=False, max_length=80)
    segment = fields.Choice(Segment, required=False)
    goal = fields.Choice(Goal, required=False)
    steps = fields.Items(child=StepIn(), max_length=MOST_STEPS)
    repeat_from = fields.Integer(required=False, allow_null=True)
    then_segment = fields.Choice(Segment, required=False)


class WayOut(serializers.Serializer):
    channel = serializers.ChoiceField(ChannelKind.choices)
    template = serializers.CharField()


class StepOut(serializers.Serializer):
    key = serializers.CharField(help_text="stays the same from version to version")
    position = serializers.IntegerField()
    wait_minutes = serializers.IntegerField()
    condition = serializers.ChoiceField(CadenceStep.Condition.choices)
    ways = WayOut(many=True)


class CadenceOut(serializers.Serializer):
    id = serializers.CharField()
    version = serializers.IntegerField()
    name = serializers.CharField(allow_blank=True)
    segment = serializers.ChoiceField(Segment.choices, allow_null=True)
    goal = serializers.ChoiceField(Goal.choices)
    active = serializers.BooleanField()
    version_number = serializers.IntegerField(allow_null=True, help_text="of the steps in force")
    steps = StepOut(many=True)
    repeat_from = serializers.IntegerField(allow_null=True)
    then_segment = serializers.CharField(allow_null=True, help_text="a segment, as in `segment`")
    created_at = serializers.DateTimeField()


class DayOut(serializers.Serializer):
    day = serializers.DateField()
    messages = serializers.IntegerField()


class ChannelOut(serializers.Serializer):
    channel = serializers.ChoiceField(ChannelKind.choices)
    messages = serializers.IntegerField()


class ReasonOut(serializers.Serializer):
    why = serializers.CharField()
    people = serializers.IntegerField()


class MoveOut(serializers.Serializer):
    segment = serializers.ChoiceField(Segment.choices)
    people = serializers.IntegerField()


class DryRowOut(serializers.Serializer):
    lead = NamedOut()
    at = serializers.DateTimeField()
    position = serializers.IntegerField()
    channel = serializers.ChoiceField(ChannelKind.choices)
    to = serializers.CharField(allow_blank=True, help_text="masked")
    subject = serializers.CharField(allow_blank=True)
    text = serializers.CharField()


class HeldOut(serializers.Serializer):
    lead = NamedOut()
    at = serializers.DateTimeField()
    position = serializers.IntegerField()
    why = serializers.CharField()
    until = serializers.DateTimeField(allow_null=True, help_text="null: the step is passed over")


class DryRunOut(serializers.Serializer):
    days = serializers.IntegerField()
    people = serializers.IntegerField()
    left_out = serializers.IntegerField()
    messages = serializers.IntegerField()
    per_day = DayOut(many=True)
    channels = ChannelOut(many=True)
    reasons = ReasonOut(many=True)
    moves = MoveOut(many=True)
    rows = DryRowOut(many=True)
    more = serializers.IntegerField()
    held = HeldOut(many=True)


class CadenceFiguresOut(serializers.Serializer):
    running = serializers.IntegerField(help_text="leads that stand in it now")
    sent = serializers.IntegerField()
    delivered = serializers.IntegerField()
    reacted = serializers.IntegerField(help_text="people")
    back = serializers.IntegerField()
    orders = serializers.IntegerField()
    cost = MoneyOut(allow_null=True)
    cost_per_back = MoneyOut(allow_null=True)
    cost_of_new_lead = MoneyOut(allow_null=True)


def cadence_json(cadence: Cadence, version: CadenceVersion | None) -> dict[str, Any]:
    """Return a cadence as the API writes it, with the steps in force."""
    steps = list(version.steps.all()) if version else []
    return {
        "id": str(cadence.pk),
        "version": cadence.version,
        "name": cadence.name,
        "segment": cadence.segment or None,
        "goal": cadence.goal,
        "active": cadence.active,
        "version_number": version.number if version else None,
        "steps": [step_json(step) for step in steps],
        "repeat_from": version.repeat_from if version else None,
        "then_segment": (version.then_segment or None) if version else None,
        "created_at": cadence.created_at,
    }


def step_json(step: CadenceStep) -> dict[str, Any]:
    """Return a step as the API writes it."""
    return {
        "key": str(step.key),
        "position": step.position,
        "wait_minutes": step.wait_minutes,
        "condition": step.condition,
        "ways": [{"channel": way.channel, "template": str(way.template_id)} for way in step.ways.all()],
    }
