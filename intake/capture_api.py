"""/capture/{form}/: where a form of ours posts to, from any page, without a key (R1, api.md)."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from core.api import fields
from core.api.serializers import StrictSerializer
from core.api.views import ApiView
from core.errors import NotFound
from intake import form_rules, services
from intake.models import LandingForm
from intake.public_views import is_robot, must_wait
from intake.services.landing import note_spam


class FillIn(StrictSerializer):
    """What the form asks for; `homepage` stays empty, `consent` says that they agree to the form's words."""

    name = fields.Text(required=False)
    phone = fields.Text(required=False)
    email = fields.Text(required=False)
    wechat = fields.Text(required=False)
    company_name = fields.Text(required=False)
    title = fields.Text(required=False)
    note = fields.Text(required=False)
    consent = fields.Flag(required=False)
    homepage = fields.Text(required=False)


class FilledInOut(serializers.Serializer):
    ok = serializers.BooleanField()
    thanks = serializers.CharField(allow_blank=True)


class CaptureView(ApiView):
    """A form of ours, filled in by another program or script of the firm's own page."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = ()

    @extend_schema(request=FillIn, responses={201: FilledInOut}, auth=[])
    def post(self, request: Request, form: str) -> Response:
        """Fill in a form: no key, limited a minute, robots are thanked for nothing; what was agreed to is kept."""
        row = LandingForm.objects.select_related("campaign").filter(slug=form[:60]).first()
        if row is None:
            raise NotFound()
        if wait := must_wait(request._request, row):
            raise exceptions.Throttled(wait)
        data = self.body(FillIn)
        if is_robot(data):
            note_spam(row)
        else:
            values = {name: data.get(name) or "" for name in form_rules.FIELDS}
            services.fill_in(row, values, agreed=bool(data.get("consent")))
        told: dict[str, Any] = {"ok": True, "thanks": row.thanks}
        return Response(told, status=201, headers={"Access-Control-Allow-Origin": "*"})
