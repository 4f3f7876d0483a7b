"""Pages of no app: search from everywhere, a person's settings, what is said when something is wrong."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import get_template
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core import hooks
from core.errors import Forbidden
from core.web import nav
from core.web.answers import back, refused

FOUND = 12
YEAR = 365 * 24 * 3600
THEMES = ("auto", "light", "dark")


@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """What Ctrl-K shows: pages whose name fits, then records (R15.2 holds in every hook)."""
    text = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    places = [
        nav.Hit(str(entry.label), entry.address, entry.icon)
        for entry in nav.entries(request.user)
        if text.casefold() in str(entry.label).casefold()
    ]
    hits = (
        [hit for answer in hooks.search(request.user, text, FOUND) for hit in answer]
        if len(text) >= 2
        else []
    )
    return render(request, "components/found.html", {"places": places, "hits": hits[:FOUND], "text": text})


@require_safe
def places(request: HttpRequest) -> HttpResponse:
    """The navigation with its counts as they are now; asked again and again by the open page."""
    at = request.GET.get("at", "/")[:200]
    return render(request, "components/places_now.html", {"places": nav.tree(request.user, at), "here": at})


@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Light, dark or as the system, kept with the person."""
    theme = request.POST.get("theme", "")
    if theme in THEMES:
        request.user.theme = theme
        request.user.save(update_fields=["theme"])
    response = HttpResponse(status=204) if request.htmx else redirect(back(request))
    if theme in THEMES:
        # For the log-in page, where nobody is known yet.
        response.set_cookie("trunk_theme", theme, max_age=YEAR, samesite="Lax", secure=request.is_secure())
    return response


@login_not_required
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """English or Chinese, kept with the person; on the log-in page, with the browser."""
    language = request.POST.get("language", "")
    response = redirect(back(request))
    if language in dict(settings.LANGUAGES):
        if request.user.is_authenticated:
            request.user.language = language
            request.user.save(update_fields=["language"])
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, language, max_age=YEAR, samesite="Lax", secure=request.is_secure()
        )
    return response


@login_not_required
def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: what came cannot be read."""
    return render(request, "400.html", status=400)


@login_not_required
def forbidden(request: HttpRequest, exception: Exception | None = None, reason: Any = "") -> HttpResponse:
    """403: also when a form was too old (CSRF)."""
    if getattr(request, "htmx", False) and reason:
        return refused(request, Forbidden(detail=_("This page was open for too long. Load it again.")))
    return render(request, "403.html", {"stale": bool(reason)}, status=403)


@login_not_required
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: not there, or not this person's to see."""
    return render(request, "404.html", status=404)


@login_not_required
def server_error(request: HttpRequest) -> HttpResponse:
    """500: a page that needs neither database nor translation to be drawn."""
    return HttpResponse(get_template("500.html").render(), status=500)
