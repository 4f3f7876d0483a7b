"""Middleware of the pages: the reader's language, the way of a verb, messages of fragments as toasts."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext

from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from core import events, rulebook
from core.web.answers import add_toast

Next = Callable[[HttpRequest], HttpResponse]


class PersonLocale:
    """A person's own language; who is not logged in gets the cookie's, else the browser's."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith("/api/"):
            return self.get_response(request)
        user = getattr(request, "user", None)
        chosen = (
            user.language
            if user and user.is_authenticated
            else translation.get_language_from_request(request)
        )
        with translation.override(chosen):
            request.LANGUAGE_CODE = translation.get_language()
            response = self.get_response(request)
            if hasattr(response, "render") and not getattr(response, "is_rendered", True):
                response = response.render()
        response.headers.setdefault("Content-Language", request.LANGUAGE_CODE)
        return response


class Way:
    """Verbs called by a page are told so in their events; the Rulebook is read at most once a request."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith("/api/"):
            return self.get_response(request)
        # A verb reads the rules under its locks; only what is merely shown may keep one reading.
        once = rulebook.snapshot() if request.method in ("GET", "HEAD") else nullcontext()
        with events.way(events.PAGE), once:
            return self.get_response(request)


class HtmxMessages:
    """What a view says by `messages` comes as toasts with an htmx answer; a redirect keeps it."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not getattr(request, "htmx", False) or response.status_code >= 300 or "HX-Redirect" in response:
            return response
        for message in get_messages(request):
            add_toast(response, str(message))
        return response
