"""How quotes, experience events and requests to presales look in the API."""

from rest_framework import serializers

from core.api import fields
from core.api.serializers import StrictSerializer
from core.api.shapes import MoneyOut, NamedOut, PersonOut
from opportunities.api.shapes import products


class QuoteLineIn(StrictSerializer):
    product = fields.Reference(products)
    quantity = fields.Integer(required=False)
    periods = fields.Integer(required=False)
    basis = fields.Text(required=False, max_length=10)
    unit_price = fields.Money(required=False, allow_null=True)
    discount = fields.Percent(required=False)
    purpose = fields.Text(required=False, max_length=500)


class QuoteIn(StrictSerializer):
    lines = fields.Items(child=QuoteLineIn(), required=False, max_length=100)
    discount = fields.Percent(required=False)
    tax_rate = fields.Percent(required=False)
    term_months = fields.Integer(required=False, allow_null=True)
    valid_until = fields.Day(required=False, allow_null=True)
    language = fields.Text(required=False, max_length=8)
    note = fields.Text(required=False)


class SendIn(StrictSerializer):
    to = fields.Text(required=False, max_length=254)
    text = fields.Text(required=False)


class AcceptIn(StrictSerializer):
    starts_on = fields.Day(required=False, allow_null=True)


class EventIn(StrictSerializer):
    kind = fields.Text(required=False, max_length=8)
    starts_at = fields.Moment(required=False, allow_null=True)
    ends_at = fields.Moment(required=False, allow_null=True)
    held = fields.Flag(required=False, allow_null=True)
    note = fields.Text(required=False)


class EventPatch(StrictSerializer):
    """Another time, or what became of it; what is not there is not touched."""

    kind = fields.Text(required=False, max_length=8)
    starts_at = fields.Moment(required=False)
    ends_at = fields.Moment(required=False, allow_null=True)
    held = fields.Flag(required=False, allow_null=True)
    note = fields.Text(required=False)


class PresalesIn(StrictSerializer):
    text = fields.Text(required=False)
    due_on = fields.Day(required=False, allow_null=True)


class AnswerIn(StrictSerializer):
    answer = fields.Text(required=False)


class QuoteLineOut(serializers.Serializer):
    product = NamedOut()
    purpose = serializers.CharField(allow_blank=True)
    basis = serializers.CharField()
    quantity = serializers.IntegerField()
    periods = serializers.IntegerField()
    list_price = MoneyOut()
    unit_price = MoneyOut()
    discount = serializers.FloatField()
    total = MoneyOut()


class QuoteOut(serializers.Serializer):
    id = serializers.CharField()
    version = serializers.IntegerField()
    number = serializers.CharField()
    revision = serializers.IntegerField()
    state = serializers.CharField()
    opportunity = serializers.CharField()
    lines = QuoteLineOut(many=True)
    discount = serializers.FloatField()
    tax_rate = serializers.FloatField()
    prices_include_tax = serializers.BooleanField()
    net = MoneyOut()
    tax = MoneyOut()
    total = MoneyOut()
    term_months = serializers.IntegerField(allow_null=True)
    valid_until = serializers.DateField()
    expired = serializers.BooleanField()
    language = serializers.CharField()
    note = serializers.CharField(allow_blank=True)
    by = PersonOut()
    created_at = serializers.DateTimeField()
    sent_at = serializers.DateTimeField(allow_null=True)
    sent_to = serializers.CharField(allow_null=True)
    allowed = serializers.ListField(child=serializers.CharField())


class ExperienceOut(serializers.Serializer):
    id = serializers.CharField()
    version = serializers.IntegerField()
    opportunity = serializers.CharField()
    kind = serializers.CharField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField(allow_null=True)
    held = serializers.BooleanField(allow_null=True)
    note = serializers.CharField(allow_blank=True)
    by = PersonOut()
    created_at = serializers.DateTimeField()


class PresalesOut(serializers.Serializer):
    id = serializers.CharField()
    version = serializers.IntegerField()
    opportunity = serializers.CharField()
    text = serializers.CharField()
    due_on = serializers.DateField()
    asked_by = PersonOut()
    asked_at = serializers.DateTimeField()
    owner = PersonOut(allow_null=True)
    answer = serializers.CharField(allow_null=True)
    answered_at = serializers.DateTimeField(allow_null=True)
