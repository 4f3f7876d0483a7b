"""Opening a record reads what was said of it: no second click on the notice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from accounts.notices import read_about
from core.web.context import moment
from core.web.notices import ABOUT

Next = Callable[[HttpRequest], HttpResponse]


class Seen:
    """After a record's page, or a form on it that did its work, this person's notices of the record are read."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        about = getattr(request, "trunk_about", None)
        user = getattr(request, "user", None)
        if not about or response.status_code >= 400 or user is None or not user.is_authenticated:
            return response
        if not _nothing_unread(request):
            read_about(user, *about, at=moment(request))
        return response

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: dict[str, Any]) -> None:
        """Keep what the address is about: a form's answer draws another page under the same request."""
        match = request.resolver_match
        if match and match.app_name in ABOUT and not request.path.startswith("/api/") and "pk" in kwargs:
            request.trunk_about = (ABOUT[match.app_name], kwargs["pk"])  # type: ignore[attr-defined]


def _nothing_unread(request: HttpRequest) -> bool:
    """Whether the page that was drawn counted the unread ones, and there were none."""
    places: dict[str, Any] = getattr(request, "trunk_places", {})
    bell: dict[str, Any] = places.get("bell") or {}
    return "count" in bell and not bell["count"]
