"""/dictionary/: what this firm calls a lead, an MQL, an order (R14.4)."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import dictionary
from accounts.models import Term
from core.api import fields
from core.api.auth import ADMIN
from core.api.serializers import StrictSerializer
from core.api.views import ApiViewSet, Listed


class WordIn(StrictSerializer):
    word_en = fields.Text(required=False)
    word_zh = fields.Text(required=False)
    text_en = fields.Text(required=False)
    text_zh = fields.Text(required=False)


class WordOut(serializers.Serializer):
    code = serializers.CharField()
    version = serializers.IntegerField()
    word_en = serializers.CharField()
    word_zh = serializers.CharField()
    text_en = serializers.CharField()
    text_zh = serializers.CharField()
    changed_at = serializers.DateTimeField(allow_null=True)


class TermViewSet(Listed, ApiViewSet):
    """The words of the trunk; an administrator, with a key of scope `admin`, defines them."""

    out = WordOut
    ordering_fields = {"place": "place", "code": "code"}
    ordering = "place"
    write_scope = ADMIN

    def rows(self) -> QuerySet[Term]:
        return Term.objects.all()

    def many(self, records: list[Term]) -> list[dict[str, Any]]:
        names = ("code", "version", *dictionary.LIMITS, "changed_at")
        return [{name: getattr(term, name) for name in names} for term in records]

    @extend_schema(request=WordIn)
    def define(self, request: Request, code: str) -> Response:
        """Say what a word means here."""
        said = {key: value or "" for key, value in self.body(WordIn, partial=True).items()}
        term = self.rows().filter(code=code).first()
        if term is None:
            raise Http404
        user: Any = request.user
        return self.answer(self.guarded(term, lambda: dictionary.define(term, by=user, **said)))


urlpatterns = [
    path("dictionary/", TermViewSet.as_view({"get": "list"}), name="dictionary-list"),
    path("dictionary/<slug:code>/", TermViewSet.as_view({"patch": "define"}), name="dictionary-define"),
]
