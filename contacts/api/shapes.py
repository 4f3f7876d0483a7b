"""How people and companies look in the API: bodies in, answers out."""

from django.core.validators import URLValidator
from rest_framework import serializers

from contacts.models import Company
from core.api import fields
from core.api.serializers import StrictSerializer
from core.api.shapes import NamedOut, PersonOut


class ContactIn(StrictSerializer):
    name = fields.Text(required=False, max_length=120)
    title = fields.Text(required=False, max_length=120)
    company_name = fields.Text(required=False, max_length=200)
    phone = fields.Text(required=False)
    email = fields.Text(required=False)
    wechat = fields.Text(required=False)
    do_not_call = fields.Flag(required=False)
    do_not_sms = fields.Flag(required=False)
    do_not_email = fields.Flag(required=False)


class ContactNew(ContactIn):
    company = fields.Reference(Company.objects.visible_to, required=False, allow_null=True)


class CompanyIn(StrictSerializer):
    name = fields.Text(required=False, max_length=200)
    region = fields.Text(required=False, max_length=80)
    industry = fields.Text(required=False, max_length=80)
    website = fields.Text(required=False, max_length=200, validators=[URLValidator(["http", "https"])])


class PointOut(serializers.Serializer):
    kind = serializers.CharField()
    value = serializers.CharField()
    extension = serializers.CharField(allow_blank=True)
    first_choice = serializers.BooleanField()
    dead = serializers.BooleanField()


class ContactOut(serializers.Serializer):
    id = serializers.CharField()
    version = serializers.IntegerField()
    name = serializers.CharField(allow_blank=True)
    title = serializers.CharField(allow_blank=True)
    company = NamedOut(allow_null=True)
    company_name = serializers.CharField(allow_blank=True)
    phone = serializers.CharField(allow_null=True)
    email = serializers.CharField(allow_null=True)
    wechat = serializers.CharField(allow_null=True)
    points = PointOut(many=True)
    masked = serializers.BooleanField()
    do_not_call = serializers.BooleanField()
    do_not_sms = serializers.BooleanField()
    do_not_email = serializers.BooleanField()
    no_phone_until = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()


class CompanyOut(serializers.Serializer):
    id = serializers.CharField()
    version = serializers.IntegerField()
    name = serializers.CharField()
    region = serializers.CharField(allow_blank=True)
    industry = serializers.CharField(allow_blank=True)
    website = serializers.CharField(allow_blank=True)
    owner = PersonOut(allow_null=True)
    customer_since = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
