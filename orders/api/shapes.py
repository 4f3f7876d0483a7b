"""How an order looks in the API: bodies in, answers out."""

from rest_framework import serializers

from core.api import fields
from core.api.serializers import StrictSerializer
from core.api.shapes import MoneyOut, NamedOut, PersonOut
from opportunities.api.quote_shapes import QuoteLineIn
from opportunities.models import Opportunity, Quote
from orders.rules import PaymentKind


class TermIn(StrictSerializer):
    months = fields.Integer(required=False, allow_null=True)
    days = fields.Integer(required=False, allow_null=True)


class OrderPatch(StrictSerializer):
    term = TermIn(required=False, allow_null=True)
    starts_on = fields.Day(required=False, allow_null=True)
    lines = fields.Items(child=QuoteLineIn(), required=False)
    discount = fields.Percent(required=False)
    other_terms = fields.Text(required=False)


class OrderNew(OrderPatch):
    """From an opportunity, or from a quote without typing again: one of the two."""

    opportunity = fields.Reference(Opportunity.objects.visible_to, required=False, allow_null=True)
    quote = fields.Reference(Quote.objects.visible_to, required=False, allow_null=True)


class SignIn(StrictSerializer):
    signed_on = fields.Day(required=False, allow_null=True)


class CommentIn(StrictSerializer):
    comment = fields.Text(required=False)


class TerminateIn(StrictSerializer):
    refusal = "reason_required"

    reason = fields.Text(required=False)
    terminated_on = fields.Day(required=False, allow_null=True)


class PaymentIn(StrictSerializer):
    amount = fields.Money(required=False, allow_null=True)
    paid_on = fields.Day(required=False, allow_null=True)
    method = fields.Text(required=False, max_length=12)
    reference = fields.Text(required=False, max_length=80)
    note = fields.Text(required=False, max_length=200)
    kind = fields.Choice(PaymentKind.values, required=False)


class PartIn(StrictSerializer):
    due_on = fields.Day(required=False, allow_null=True)
    amount = fields.Money(required=False, allow_null=True)
    note = fields.Text(required=False, max_length=120)


class ScheduleIn(StrictSerializer):
    parts = fields.Items(child=PartIn(), max_length=120)


class PaymentOut(serializers.Serializer):
    id = serializers.CharField()
    kind = serializers.CharField()
    amount = MoneyOut()
    paid_on = serializers.DateField()
    method = serializers.CharField()
    reference = serializers.CharField(allow_blank=True)
    note = serializers.CharField(allow_blank=True)
    by = PersonOut()
    at = serializers.DateTimeField()


class PartOut(serializers.Serializer):
    due_on = serializers.DateField()
    amount = MoneyOut()
    note = serializers.CharField(allow_blank=True)


class LineOut(serializers.Serializer):
    product = NamedOut()
    purpose = serializers.CharField(allow_blank=True)
    basis = serializers.CharField()
    quantity = serializers.IntegerField()
    periods = serializers.IntegerField()
    list_price = MoneyOut()
    unit_price = MoneyOut()
    discount = serializers.FloatField()
    total = MoneyOut()


class TermOut(serializers.Serializer):
    months = serializers.IntegerField(required=False)
    days = serializers.IntegerField(required=False)


class OrderOut(serializers.Serializer):
    id = serializers.CharField()
    version = serializers.IntegerField()
    number = serializers.CharField()
    state = serializers.CharField()
    opportunity = serializers.CharField()
    quote = serializers.CharField(allow_null=True)
    company = NamedOut()
    contact = NamedOut(allow_null=True)
    owner = PersonOut()
    lines = LineOut(many=True)
    net = MoneyOut()
    tax = MoneyOut()
    total = MoneyOut()
    discount = MoneyOut()
    reduction = serializers.FloatField()
    other_terms = serializers.CharField(allow_blank=True)
    comment = serializers.CharField(allow_blank=True)
    decided_by = PersonOut(allow_null=True)
    schedule = PartOut(many=True)
    term = TermOut(allow_null=True)
    starts_on = serializers.DateField(allow_null=True)
    ends_on = serializers.DateField(allow_null=True)
    signed_on = serializers.DateField(allow_null=True)
    terminated_on = serializers.DateField(allow_null=True)
    paid = MoneyOut()
    open = MoneyOut()
    overdue = MoneyOut()
    created_at = serializers.DateTimeField()
    allowed = serializers.ListField(child=serializers.CharField())
