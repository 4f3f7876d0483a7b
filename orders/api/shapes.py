"""How an order looks in the API: bodies in, answers out."""

from rest_framework import serializers

from core.api import fields
from core.api.serializers import StrictSerializer
from core.api.shapes import MoneyOut, NamedOut, PersonOut
from opportunities.api.shapes import products
from opportunities.models import Opportunity


class LineIn(StrictSerializer):
    product = fields.Reference(products)
    quantity = fields.Integer(required=False)
    unit_price = fields.Money(required=False, allow_null=True)
    discount = fields.Percent(required=False)


class TermIn(StrictSerializer):
    months = fields.Integer(required=False, allow_null=True)
    days = fields.Integer(required=False, allow_null=True)


class OrderPatch(StrictSerializer):
    term = TermIn(required=False, allow_null=True)
    starts_on = fields.Day(required=False, allow_null=True)
    lines = fields.Items(child=LineIn(), required=False)


class OrderNew(OrderPatch):
    opportunity = fields.Reference(Opportunity.objects.visible_to)


class SignIn(StrictSerializer):
    signed_on = fields.Day(required=False, allow_null=True)


class LineOut(serializers.Serializer):
    product = NamedOut()
    quantity = serializers.IntegerField()
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
    company = NamedOut()
    contact = NamedOut(allow_null=True)
    owner = PersonOut()
    lines = LineOut(many=True)
    total = MoneyOut()
    discount = MoneyOut()
    term = TermOut(allow_null=True)
    starts_on = serializers.DateField(allow_null=True)
    ends_on = serializers.DateField(allow_null=True)
    signed_on = serializers.DateField(allow_null=True)
    paid = MoneyOut()
    open = MoneyOut()
    overdue = MoneyOut()
    created_at = serializers.DateTimeField()
    allowed = serializers.ListField(child=serializers.CharField())
