"""Where the OpenAPI document is read, by programs and by people."""

from functools import lru_cache
from typing import Any

from django.utils import translation
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiJsonRenderer2, OpenApiYamlRenderer
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.views import ApiView


@lru_cache(maxsize=4)
def _schema(language: str) -> dict[str, Any]:
    with translation.override(language):
        found: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
        return found


@extend_schema(exclude=True)
class SchemaView(ApiView):
    """The OpenAPI document, readable by anybody: it tells nothing of the firm."""

    permission_classes = (AllowAny,)
    renderer_classes = (OpenApiJsonRenderer2, OpenApiJsonRenderer, OpenApiYamlRenderer)

    def get(self, request: Request) -> Response:
        return Response(_schema(translation.get_language() or "en"))


class DocsView(SpectacularSwaggerSplitView):
    """The document made readable; its script comes from an address of its own, as our CSP wants it."""

    permission_classes = (AllowAny,)
    authentication_classes = ()
    url_name = "schema"
