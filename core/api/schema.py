"""OpenAPI 3.1: what all operations share is said once, here."""

from functools import cache
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, extend_schema_serializer
from rest_framework import serializers

from core.api.pagination import DEFAULT_SIZE, MAX_SIZE
from core.api.problems import CONTENT_TYPE, STANDARD


class ProblemRow(serializers.Serializer):
    field = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()


class Problem(serializers.Serializer):
    """RFC 9457."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField()
    errors = ProblemRow(many=True, required=False)


class BearerScheme(OpenApiAuthenticationExtension):
    target_class = "accounts.keys.BearerKey"
    name = "key"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


class SessionScheme(OpenApiAuthenticationExtension):
    target_class = "core.api.auth.BrowserSession"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        from django.conf import settings

        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}


def _problems_of(method: str, path: str) -> list[int]:
    wrong = [400, 401, 403, 404, 405, 406, 413, 429]
    if method in ("POST", "PATCH"):
        wrong += [409, 412, 415, 422]
    return sorted(wrong)


_QUERY = OpenApiParameter.QUERY
_PAGE = [
    OpenApiParameter("cursor", str, _QUERY, description="From `next` or `previous`."),
    OpenApiParameter(
        "page_size",
        {"type": "integer", "minimum": 1, "maximum": MAX_SIZE, "default": DEFAULT_SIZE},
        _QUERY,
    ),
    OpenApiParameter("count", bool, _QUERY, description="`true`: count all rows too."),
]
_ONCE = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="The same key and body within 24 h are done once.",
)
_MATCH = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER, description='The ETag read before: `"<version>"`.'
)


@cache
def page_of(out: type[serializers.Serializer]) -> Any:
    """Return the shape of one page of a list."""
    parts = {
        "results": out(many=True),
        "next": serializers.URLField(allow_null=True),
        "previous": serializers.URLField(allow_null=True),
        "count": serializers.IntegerField(required=False),
    }
    page = type(out.__name__.removesuffix("Out") + "Page", (serializers.Serializer,), parts)
    return extend_schema_serializer(many=False)(page)


class TrunkSchema(AutoSchema):
    """Adds to each operation its problems, paging, filters and headers."""

    def get_operation_id(self) -> str:
        return str(super().get_operation_id()).removeprefix("api_v1_")

    def get_override_parameters(self) -> list[Any]:
        found: list[Any] = list(super().get_override_parameters())
        view = self.view
        if self.method == "POST":
            found.append(_ONCE)
        if self.method == "PATCH":
            found.append(_MATCH)
        action = getattr(view, "action", None)
        if self.method == "GET" and action in getattr(view, "paged_actions", ()):
            found += _PAGE
            if action == "list":
                orders = [sign + name for name in view.ordering_fields for sign in ("", "-")]
                found.append(
                    OpenApiParameter(
                        "ordering", {"type": "string", "enum": orders}, _QUERY, description="`-` descends."
                    )
                )
                found += self._filters(view)
        return found

    def get_response_serializers(self) -> Any:
        action = getattr(self.view, "action", None)
        out = getattr(self.view, "outs", {}).get(action) or getattr(self.view, "out", None)
        if out is None:
            return super().get_response_serializers()
        return page_of(out) if action in getattr(self.view, "paged_actions", ()) else out

    def get_request_serializer(self) -> Any:
        # Bodies are said with extend_schema; guessing them from a view is not wanted.
        return None

    def _filters(self, view: Any) -> list[Any]:
        if view.filterset_class is None:
            return []
        return [
            OpenApiParameter(
                name, str, _QUERY, description=str(item.extra.get("help_text") or item.__doc__ or "")
            )
            for name, item in view.filterset_class.base_filters.items()
        ]

    def get_filter_backends(self) -> list[Any]:
        return []

    def _get_response_bodies(self, direction: str = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        for status in _problems_of(self.method, self.path):
            if str(status) not in bodies:
                bodies[str(status)] = self._get_response_for_code(Problem, str(status), [CONTENT_TYPE])
                bodies[str(status)]["description"] = str(STANDARD[status][1])
        return bodies
