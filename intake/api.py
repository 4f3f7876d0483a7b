"""/imports/: a file of leads in, its progress and its refused rows out."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.urls import path
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from core.api import fields
from core.api.parsers import text_fault
from core.api.serializers import StrictSerializer
from core.api.views import ApiViewSet
from core.errors import FieldError, Forbidden, Invalid
from intake import services
from intake.capture_api import CaptureView
from intake.models import Import
from intake.permissions import may_import
from intake.reading.limits import MAX_BYTES
from intake.selectors import progress, refusal, rejects

ROOM_FOR_FIELDS = 2**20


class ImportIn(StrictSerializer):
    """A file, and how it is meant. `mapping` is a JSON object heading → field, `source` a channel or a JSON
    object `{channel, campaign?, medium?}`."""

    file = serializers.FileField(allow_empty_file=True)
    mapping = fields.Text(required=False)
    source = fields.Text()
    dry_run = fields.Choice(["true", "false"], required=False)


class ColumnOut(serializers.Serializer):
    heading = serializers.CharField()
    field = serializers.CharField()
    by = serializers.CharField()


class ImportOut(serializers.Serializer):
    id = serializers.CharField()
    state = serializers.ChoiceField(["queued", "running", "done", "failed", "stopped"])
    file_name = serializers.CharField()
    dry_run = serializers.BooleanField()
    total = serializers.IntegerField(allow_null=True, help_text="known once the whole file is read")
    read = serializers.IntegerField()
    done = serializers.IntegerField()
    created = serializers.IntegerField()
    known = serializers.IntegerField()
    rejected = serializers.IntegerField()
    started_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    rate = serializers.FloatField(allow_null=True)
    seconds_left = serializers.IntegerField(allow_null=True)
    by = serializers.DictField(allow_null=True)
    source = serializers.DictField()
    columns = ColumnOut(many=True)
    error = serializers.DictField(allow_null=True)


class ImportViewSet(ApiViewSet):
    """Files of leads."""

    parser_classes = (MultiPartParser,)
    out = ImportOut

    def rows(self) -> QuerySet[Import]:
        return Import.objects.visible_to(self.request.user)

    def many(self, records: list[Import]) -> list[dict[str, Any]]:
        return [_told(record) for record in records]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        length = request.META.get("CONTENT_LENGTH") or "0"
        if request.method == "POST" and int(length) > MAX_BYTES + ROOM_FOR_FIELDS:
            raise RequestDataTooBig

    @extend_schema(request={"multipart/form-data": ImportIn}, responses={202: ImportOut})
    def create(self, request: Request) -> Response:
        """Take in a CSV or XLSX file; answers at once, `GET` of the job tells how far it is."""
        if not may_import(request.user):
            raise Forbidden(detail=_("Marketing, managers and administrators bring in files."))
        data = self.body(ImportIn)
        with on_disk(data["file"]) as found:
            made = services.start_import(
                found,
                by=request.user,
                name=data["file"].name or "",
                source=_source(data["source"]),
                mapping=_mapping(data.get("mapping") or ""),
                dry_run=data.get("dry_run") == "true",
            )
        return self.answer(made, 202)

    @extend_schema(request=None, responses=ImportOut)
    def retrieve(self, request: Request, pk: Any) -> Response:
        """How far an import is, and what became of its rows so far."""
        return self.answer(self.load(pk))

    @extend_schema(request=None, responses={(200, "text/csv"): OpenApiTypes.BINARY})
    def rejects(self, request: Request, pk: Any) -> StreamingHttpResponse:
        """The refused rows as CSV, each with its line number and why."""
        return csv_of_rejects(self.load(pk))


def csv_of_rejects(leads_file: Import) -> StreamingHttpResponse:
    """The refused rows as a download, in pieces."""
    lines = (piece.encode() for piece in rejects(leads_file))
    answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="refused-{leads_file.pk}.csv"'
    return answer


@contextmanager
def on_disk(upload: UploadedFile) -> Iterator[Path]:
    """An upload as a file with a path; small ones come in memory."""
    with tempfile.NamedTemporaryFile(prefix="upload-") as scratch:
        for piece in upload.chunks():
            scratch.write(piece)
        scratch.flush()
        yield Path(scratch.name)


def _object(name: str, text: str) -> dict[str, str]:
    """A JSON object of texts in a field of the form; raises Invalid."""
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict) or not all(isinstance(value, str | None) for value in told.values()):
        raise Invalid(errors=[FieldError(name, "wrong_type", _("Must be a JSON object of texts."))])
    if any(text_fault(part) for pair in told.items() for part in pair if part):
        raise Invalid(
            errors=[FieldError(name, "invalid_characters", _("Holds characters that cannot be kept."))]
        )
    return {key: value or "" for key, value in told.items()}


def _mapping(text: str) -> dict[str, str]:
    return _object("mapping", text) if text else {}


def _source(text: str) -> services.Source:
    if not text.startswith("{"):
        return services.Source(channel=text)
    told = _object("source", text)
    unknown = told.keys() - {"channel", "campaign", "medium"}
    if unknown:
        errors = [
            FieldError(f"source.{key}", "unknown", _("There is no such field.")) for key in sorted(unknown)
        ]
        raise Invalid(errors=errors)
    return services.Source(**{key: value for key, value in told.items() if value})


def _told(leads_file: Import) -> dict[str, Any]:
    refused = leads_file.refusal
    return {
        **progress(leads_file),
        "file_name": leads_file.file_name,
        "dry_run": leads_file.dry_run,
        "by": fields.person(leads_file.job.by),
        "source": {
            "channel": leads_file.channel,
            "campaign": leads_file.campaign or None,
            "medium": leads_file.medium,
        },
        "columns": [
            {key: column[key] for key in ("heading", "field", "by")} for column in leads_file.columns
        ],
        "error": {"code": refused["code"], "message": refusal(leads_file)} if refused else None,
    }


urlpatterns = [
    path("imports/", ImportViewSet.as_view({"post": "create"}), name="import-list"),
    path("imports/<uuid:pk>/", ImportViewSet.as_view({"get": "retrieve"}), name="import-detail"),
    path("imports/<uuid:pk>/rejects/", ImportViewSet.as_view({"get": "rejects"}), name="import-rejects"),
    path("capture/<slug:form>/", CaptureView.as_view(), name="capture-form"),
]
