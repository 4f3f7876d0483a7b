"""Where the OpenAPI document is read, by programs and by people."""

from functools import lru_cache
from typing import Any

from django.http import HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiJsonRenderer2, OpenApiYamlRenderer
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.pagination import bad_parameter
from core.api.views import ApiView


@lru_cache(maxsize=4)
def _schema(language: str) -> dict[str, Any]:
    with translation.override(language):
        found: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
        return found


@extend_schema(exclude=True)
class SchemaView(ApiView):
    """The OpenAPI document, readable by anybody: it tells nothing of the firm. `?format=yaml` for YAML."""

    permission_classes = (AllowAny,)
    renderer_classes = (OpenApiJsonRenderer2, OpenApiJsonRenderer, OpenApiYamlRenderer)
    parameters = frozenset({"format"})

    def get(self, request: Request) -> HttpResponse:
        wanted = request.query_params.get("format")
        if wanted not in (None, "json", "yaml"):
            raise bad_parameter("format", _("Must be json or yaml."), "invalid_choice")
        document = _schema(translation.get_language() or "en")
        if wanted == "yaml":
            text = OpenApiYamlRenderer().render(document, renderer_context={})
            return HttpResponse(text, content_type="application/vnd.oai.openapi")
        return Response(document)


class DocsView(SpectacularSwaggerSplitView):
    """The document made readable; its script comes from an address of its own, as our CSP wants it."""

    permission_classes = (AllowAny,)
    authentication_classes = ()
    url_name = "schema"
