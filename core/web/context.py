"""What every page's template knows: the moment, the navigation, the words of the clock."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language

from core import clock
from core.web import nav, words


def moment(request: HttpRequest) -> datetime:
    """The business time of this request, asked once; every date on a page is told from the same instant."""
    if not hasattr(request, "trunk_now"):
        request.trunk_now = clock.now()
    return request.trunk_now


def _places(request: HttpRequest, path: str) -> dict[str, Any]:
    """The navigation, kept with the request: whether anything is unread is known by then (accounts.notice_seen)."""
    request.trunk_places = nav.tree(request.user, path)
    return request.trunk_places


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context of base.html and of every fragment; lazy: a fragment asks for nothing that it does not draw."""
    user = getattr(request, "user", None)
    signed_in = bool(user and user.is_authenticated)
    # While a form's answer draws its page again, the page's own address counts, not the form's.
    path = getattr(request, "drawn_path", request.path)
    return {
        "places": SimpleLazyObject(lambda: _places(request, path) if signed_in else {}),
        "clock_words": words.clock_words(),
        "theme": user.theme if signed_in else request.COOKIES.get("trunk_theme", "auto"),
        "here": path,
        "LANGUAGE_CODE": get_language() or "en",
    }
