"""Everything under /api/: the paths of each app's `api` module, the schema, and a 404 for the rest."""

from importlib import import_module
from typing import Any

from django.conf import settings
from django.urls import include, path, re_path
from django.utils.module_loading import module_has_submodule
from rest_framework.permissions import AllowAny
from rest_framework.request import Request

from core.api import rulebook
from core.api.docs import DocsView, SchemaView
from core.api.views import ApiView


class Nowhere(ApiView):
    """A path that does not exist (yet): 404 in the API's own shape, whoever asks and however."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        from django.http import Http404

        raise Http404


def app_patterns() -> list[Any]:
    """Return the `urlpatterns` of every app's `api` module, from the bottom of the trunk to its top."""
    found: list[Any] = []
    for name in settings.TRUNK_APPS:
        if name != "core" and module_has_submodule(import_module(name), "api"):
            found += getattr(import_module(f"{name}.api"), "urlpatterns", [])
    return found


v1 = [
    path("schema/", SchemaView.as_view(), name="schema"),
    path("docs/", DocsView.as_view(), name="docs"),
    *rulebook.urlpatterns,
    *app_patterns(),
]

urlpatterns = [
    path("v1/", include(v1)),
    re_path(r"^.*$", Nowhere.as_view()),
]
