"""What is rarer: asking before typing in, merging, contesting and settling, taking a missed hand-over, leaving."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from core.api import fields
from core.api.fields import person
from core.api.serializers import Nothing, StrictSerializer
from core.api.shapes import NamedOut, PersonOut
from core.api.views import ApiView
from core.errors import FieldError, NotFound, RuleRefused
from leads import known, services
from leads.api.base import LeadViews
from leads.models import Dispute, Lead


class CheckIn(StrictSerializer):
    phone = fields.Text(required=False)
    email = fields.Text(required=False)
    wechat = fields.Text(required=False)
    company_name = fields.Text(required=False, max_length=200)


class KnownOut(serializers.Serializer):
    lead = serializers.CharField(allow_null=True)
    state = serializers.CharField()
    matched_by = serializers.ListField(child=serializers.CharField())
    name = serializers.CharField(allow_blank=True)
    phone = serializers.CharField(allow_null=True)
    email = serializers.CharField(allow_null=True)
    wechat = serializers.CharField(allow_null=True)
    owner = PersonOut(allow_null=True)
    claimable_by_me = serializers.BooleanField()
    why_not = serializers.CharField(allow_null=True)


class KnownCompanyOut(NamedOut):
    exact = serializers.BooleanField()
    owner = PersonOut(allow_null=True)


class CheckOut(serializers.Serializer):
    known = serializers.BooleanField()
    people = KnownOut(many=True)
    companies = KnownCompanyOut(many=True)


class CheckView(ApiView):
    """Is this phone, e-mail or company known, also when it is somebody else's (R1.5)?"""

    @extend_schema(request=CheckIn, responses=CheckOut)
    def post(self, request: Request) -> Response:
        data = {key: value or "" for key, value in self.body(CheckIn).items()}
        company = data.pop("company_name", "")
        found = known.check(by=request.user, values=data, company_name=company)
        people = [
            {
                "lead": str(one.lead.pk) if one.visible else None,
                "state": one.lead.state,
                "matched_by": one.matched_by,
                "name": one.name,
                **{kind: text or None for kind, text in one.reach.items()},
                "owner": person(one.lead.owner),
                "claimable_by_me": one.claimable,
                "why_not": one.why_not or None,
            }
            for one in found.people
        ]
        companies = [
            {
                "id": str(c.company.pk),
                "name": c.company.name,
                "exact": c.exact,
                "owner": person(c.company.owner),
            }
            for c in found.companies
        ]
        return Response({"known": bool(people or companies), "people": people, "companies": companies})


class MergeIn(StrictSerializer):
    other = fields.Text(required=False)
    keep = fields.Text(required=False)


class TextIn(StrictSerializer):
    refusal = "reason_required"

    text = fields.Text(required=False)


class SettleIn(StrictSerializer):
    verdict = fields.Text(required=False)
    text = fields.Text(required=False)


class SpecialViewSet(LeadViews):
    """Verbs of a lead that are not daily."""

    @extend_schema(request=MergeIn)
    def merge(self, request: Request, pk: Any) -> Response:
        """Two leads of one person become one (R1.6)."""
        data = self.body(MergeIn)
        if not data.get("other"):
            raise RuleRefused(errors=[FieldError("other", "required", _("Which other lead?"))])
        lead, other = self.touch(pk), self._named(data["other"], "other")
        keep = self._named(data["keep"], "keep") if data.get("keep") else None
        return self.done(services.merge(lead, other=other, by=request.user, keep=keep))

    @extend_schema(request=TextIn)
    def contest(self, request: Request, pk: Any) -> Response:
        """Marketing contests a return (R4.2)."""
        data = self.body(TextIn)
        lead = self.touch(pk)
        services.contest(lead, text=data.get("text") or "", by=request.user)
        return self.done(lead)

    @extend_schema(request=TextIn)
    def object(self, request: Request, pk: Any) -> Response:
        """What a rep has against an MQL goes to the manager (R4.1)."""
        data = self.body(TextIn)
        lead = self.touch(pk)
        services.object_to(lead, text=data.get("text") or "", by=request.user)
        return self.done(lead)

    @extend_schema(request=SettleIn)
    def settle(self, request: Request, pk: Any) -> Response:
        """A manager settles, once (R4.1, R4.2)."""
        data = self.body(SettleIn)
        lead = self.touch(pk)
        dispute = Dispute.objects.filter(lead=lead).order_by("verdict", "-at").first()
        waiting = Dispute.objects.open().filter(lead=lead).first()
        if dispute is None:
            raise NotFound()
        services.settle(
            waiting or dispute,
            verdict=data.get("verdict") or "",
            text=data.get("text") or "",
            by=request.user,
        )
        return self.done(lead)

    @extend_schema(request=Nothing)
    def take(self, request: Request, pk: Any) -> Response:
        """The next rep takes an MQL whose first call was missed (R3.2)."""
        self.body(Nothing)
        return self.done(services.take(self.touch(pk), by=request.user))

    def _named(self, pk: str, field: str) -> Any:
        try:
            return self.touchable().get(pk=UUID(pk))
        except (ValueError, Lead.DoesNotExist):
            message = _("“%(value)s” is no lead that you see.") % {"value": pk[:60]}
            raise RuleRefused(errors=[FieldError(field, "unknown", message)]) from None


class LeaveIn(StrictSerializer):
    to = fields.Text(required=False)
    person = fields.Person(required=False, allow_null=True)


class LeftOut(PersonOut):
    left_at = serializers.DateTimeField()


class LeaveView(ApiView):
    """A person leaves the firm: everything they hold goes on (R15.3)."""

    @extend_schema(request=LeaveIn, responses=LeftOut)
    def post(self, request: Request, login: str) -> Response:
        data = self.body(LeaveIn)
        user = User.objects.filter(login=login.lower()).first()
        if user is None:
            raise NotFound()
        left = services.leave(user, by=request.user, to=data.get("to") or "", person=data.get("person"))
        return Response({**(person(left) or {}), "left_at": left.left_at})
