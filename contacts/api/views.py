"""/contacts/ and /companies/."""

from functools import partial
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from contacts import services
from contacts.api import shapes, timeline
from contacts.api.writing import company_json, contacts_json
from contacts.filters import CompanyFilters, ContactFilters
from contacts.models import Company, Contact
from contacts.rules import KINDS
from contacts.selectors import of_company
from core.api.routers import Router
from core.api.views import ApiViewSet, Listed, Retrieved
from core.errors import FieldError, RuleRefused


class ContactViewSet(Listed, Retrieved, ApiViewSet):
    """People, and the ways to reach them."""

    out = shapes.ContactOut
    filterset_class = ContactFilters
    ordering_fields = {"created_at": "created_at", "name": "name"}
    ordering = "-created_at"

    def rows(self) -> QuerySet[Contact]:
        rows = Contact.objects.visible_to(self.request.user)
        return rows.select_related("company").prefetch_related("points")

    def many(self, records: list[Contact]) -> list[dict[str, Any]]:
        return contacts_json(records)

    def done(self, contact: Contact, status: int = 200) -> Response:
        rows = Contact.objects.select_related("company").prefetch_related("points")
        return self.answer(rows.get(pk=contact.pk), status)

    @extend_schema(request=shapes.ContactNew, responses={201: shapes.ContactOut})
    def create(self, request: Request) -> Response:
        """A person without a lead, such as a user at a customer's."""
        points, said = _split(self.body(shapes.ContactNew))
        return self.done(services.create_contact(by=request.user, points=points, **said), 201)

    @extend_schema(request=shapes.ContactIn)
    def partial_update(self, request: Request, pk: Any) -> Response:
        """Change details; a phone, e-mail or WeChat id is added and becomes the first choice."""
        points, said = _split(self.body(shapes.ContactIn, partial=True))
        contact = self.touch(pk)
        self.guarded(
            contact, lambda: services.update_contact(contact, by=request.user, points=points, **said)
        )
        return self.done(contact)


def _split(data: dict[str, Any]) -> tuple[dict[str, str], dict[str, Any]]:
    said = {key: value for key, value in data.items() if value is not None}
    points = {kind: said.pop(kind) for kind in KINDS if kind in said}
    return points, said


class CompanyViewSet(Listed, Retrieved, ApiViewSet):
    """Companies; a customer is one with a signed order."""

    out = shapes.CompanyOut
    outs = {"timeline": timeline.EventOut}
    filterset_class = CompanyFilters
    ordering_fields = {"created_at": "created_at", "name": "name", "customer_since": "customer_since"}
    ordering = "-created_at"
    paged_actions = frozenset({"list", "timeline"})

    def rows(self) -> QuerySet[Company]:
        return Company.objects.visible_to(self.request.user).select_related("owner")

    def many(self, records: list[Company]) -> list[dict[str, Any]]:
        return [company_json(company) for company in records]

    def done(self, company: Company, status: int = 200) -> Response:
        return self.answer(Company.objects.select_related("owner").get(pk=company.pk), status)

    @extend_schema(request=shapes.CompanyIn, responses={201: shapes.CompanyOut})
    def create(self, request: Request) -> Response:
        """A company that is not known yet."""
        said = _known(self.body(shapes.CompanyIn))
        try:
            return self.done(services.save_company(None, by=request.user, **said), 201)
        except RuleRefused as refused:
            # The verb is also that of converting, where the name stands in a field called company.
            refused.errors = [FieldError("name", error.code, error.message) for error in refused.errors]
            raise

    @extend_schema(request=shapes.CompanyIn)
    def partial_update(self, request: Request, pk: Any) -> Response:
        """Change name, region, industry, website."""
        said = _known(self.body(shapes.CompanyIn, partial=True))
        company = self.touch(pk)
        self.guarded(company, lambda: services.save_company(company, by=request.user, **said))
        return self.done(company)

    @action(detail=True, methods=["get"])
    def timeline(self, request: Request, pk: Any) -> Response:
        """Everything that happened with this company, latest first."""
        rows = of_company(self.load(pk).pk, request.user)
        written = partial(timeline.events_json, user=request.user)
        return self.page(rows, written, fields=timeline.FIELDS, ordering=timeline.ORDERING)


def _known(data: dict[str, Any]) -> dict[str, Any]:
    return {key: value or "" for key, value in data.items()}


router = Router()
router.register("contacts", ContactViewSet, basename="contact")
router.register("companies", CompanyViewSet, basename="company")
