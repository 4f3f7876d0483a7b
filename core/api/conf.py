"""The settings of the API in one place; crm.settings takes them over."""

from typing import Any

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.keys.BearerKey", "core.api.auth.BrowserSession"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated", "core.api.auth.ScopeAllows"],
    "DEFAULT_THROTTLE_CLASSES": ["core.api.throttle.KeyThrottle"],
    "DEFAULT_PARSER_CLASSES": ["core.api.parsers.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["core.api.renderers.Json"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "core.api.language.JsonNegotiation",
    "DEFAULT_SCHEMA_CLASS": "core.api.schema.TrunkSchema",
    "EXCEPTION_HANDLER": "core.api.exceptions.handler",
    "URL_FORMAT_OVERRIDE": None,
    "DATETIME_FORMAT": "iso-8601",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "TEST_REQUEST_RENDERER_CLASSES": [
        "rest_framework.renderers.JSONRenderer",
        "rest_framework.renderers.MultiPartRenderer",
    ],
}

SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Trunk CRM",
    "DESCRIPTION": "The trunk from a lead to a signed order. Log in with `Authorization: Bearer <key>`.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "DISABLE_ERRORS_AND_WARNINGS": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {
        "deepLinking": True,
        "displayRequestDuration": True,
        "persistAuthorization": False,
    },
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
}
