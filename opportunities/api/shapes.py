"""How an opportunity looks in the API: bodies in, answers out."""

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from catalogue.models import Product
from contacts.models import Company, Contact
from core.api import fields
from core.api.serializers import StrictSerializer
from core.api.shapes import MoneyOut, NamedOut, PersonOut
from leads.api.shapes import LeadOut, NextStepIn, NextStepOut


def products(user: Any) -> QuerySet[Product]:
    """Return the products that can be named."""
    return Product.objects.all()


class NeedIn(StrictSerializer):
    product = fields.Reference(products)
    purpose = fields.Text(required=False, max_length=500)
    quantity = fields.Integer(required=False, allow_null=True)


class ConvertIn(StrictSerializer):
    """R5.1: what is missing is told by the verb, all at once."""

    refusal = "gate_not_met"

    company = fields.Text(required=False, max_length=200)
    products = fields.Items(child=NeedIn(), required=False, allow_null=True, max_length=50)
    headcount = fields.Integer(required=False, allow_null=True)
    amount = fields.Money(required=False, allow_null=True)
    expected_close = fields.Day(required=False, allow_null=True)


class OpportunityNew(StrictSerializer):
    refusal = "gate_not_met"

    company = fields.Reference(Company.objects.visible_to)
    kind = fields.Text()
    products = fields.Items(child=NeedIn(), required=False, allow_null=True, max_length=50)
    headcount = fields.Integer(required=False, allow_null=True)
    contact = fields.Reference(Contact.objects.visible_to, required=False, allow_null=True)
    amount = fields.Money(required=False, allow_null=True)
    expected_close = fields.Day(required=False, allow_null=True)
    stage = fields.Text(required=False)


class OpportunityPatch(StrictSerializer):
    amount = fields.Money(required=False, allow_null=True)
    expected_close = fields.Day(required=False, allow_null=True)
    headcount = fields.Integer(required=False)
    products = fields.Items(child=NeedIn(), required=False, max_length=50)
    competitor = fields.Text(required=False, max_length=120)
    over_expectation = fields.Flag(required=False)
    risk = fields.Text(required=False, max_length=300)
    probability = fields.Integer(required=False, allow_null=True)
    next_step = NextStepIn(required=False, allow_null=True)


class AdvanceIn(StrictSerializer):
    stage = fields.Text(required=False)


class BackIn(StrictSerializer):
    refusal = "reason_required"

    reason = fields.Text(required=False)
    stage = fields.Text(required=False)


class LoseIn(StrictSerializer):
    refusal = "reason_required"

    reason = fields.Text(required=False)
    text = fields.Text(required=False)
    competitor = fields.Text(required=False, max_length=120)


class NeedOut(serializers.Serializer):
    product = NamedOut()
    purpose = serializers.CharField(allow_blank=True)
    quantity = serializers.IntegerField()


class OpportunityOut(serializers.Serializer):
    id = serializers.CharField()
    version = serializers.IntegerField()
    kind = serializers.CharField()
    stage = serializers.CharField()
    active_on = serializers.DateField(allow_null=True)
    lead = serializers.CharField(allow_null=True)
    contact = NamedOut(allow_null=True)
    company = NamedOut()
    owner = PersonOut()
    team = NamedOut(allow_null=True)
    products = NeedOut(many=True)
    headcount = serializers.IntegerField()
    amount = MoneyOut(allow_null=True)
    win_rate = serializers.IntegerField()
    expected_close = serializers.DateField(allow_null=True)
    at_risk = serializers.BooleanField()
    days_over = serializers.IntegerField(allow_null=True)
    next_step = NextStepOut(allow_null=True)
    competitor = serializers.CharField(allow_null=True)
    over_expectation = serializers.BooleanField()
    risk = serializers.CharField(allow_null=True)
    probability = serializers.IntegerField(allow_null=True)
    created_at = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)
    lost_reason = serializers.CharField(allow_null=True)
    allowed = serializers.ListField(child=serializers.CharField())


class ConvertedOut(LeadOut):
    opportunity = OpportunityOut()
