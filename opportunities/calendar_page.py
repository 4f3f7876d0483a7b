"""The calendar feed: the part of one's own settings, and the public address that a calendar program asks (R8.1)."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import Hat
from core.web.answers import Done, action
from opportunities import calendar

OWNERS = (Hat.REP, Hat.MANAGER, Hat.SUCCESS)
PART = "opportunities/calendar_part.html"


def part(request: HttpRequest) -> list[tuple[str, dict[str, Any]]]:
    """The address of one's own feed, for who holds opportunities."""
    user: Any = request.user
    if not user.wears(*OWNERS):
        return []
    path = calendar.address_of(user)
    return [(PART, {"address": request.build_absolute_uri(path) if path else ""})]


@action
def renew(request: HttpRequest) -> Done:
    """A new address; the old one stops at once."""
    user: Any = request.user
    had = bool(calendar.address_of(user))
    calendar.renew_address(user)
    text = (
        _("This is the new address. The old one has stopped.")
        if had
        else _("This is the address of your calendar.")
    )
    return Done(text, url=reverse("accounts:settings"))


@login_not_required
@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The feed of whoever the address belongs to; 404 for one that is unknown, withdrawn, or of who has left."""
    user = calendar.user_of(token)
    if user is None:
        return HttpResponseNotFound("404", content_type="text/plain")
    content = calendar.feed_of(user, site=request.build_absolute_uri("/").rstrip("/"))
    answer = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'inline; filename="trunk.ics"'
    answer["Cache-Control"] = "private, no-cache"
    answer["X-Robots-Tag"] = "noindex"
    return answer
