"""The page of what leaves whom tonight and tomorrow (R10.8)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core.errors import Forbidden
from core.trial import Busy
from core.web.answers import page
from core.web.listing import one_of
from pool import ahead, permissions
from pool.leaving import TODAY, TOMORROW, Leaving
from pool.tabs import tabs

SHOWN = 500


@page
@require_safe
def leaving(request: HttpRequest) -> HttpResponse:
    """What expires, passes on, lapses or changes its segment by itself until tomorrow night."""
    user: Any = request.user
    if not permissions.may_see_leaving(user):
        raise Forbidden
    context: dict[str, Any] = {"tabs": tabs(user, "leaving")}
    try:
        seen = Leaving(ahead.held(), user)
    except Busy as busy:
        return render(request, "pool/leaving.html", {**context, "busy": busy.detail})
    kind, day = one_of(request, "kind", ahead.KINDS), one_of(request, "day", [TODAY, TOMORROW])
    login = request.GET.get("who", "")
    wanted = seen.wanted(kind, day, login)
    context |= {
        "seen": seen,
        "found": seen.found,
        "lines": seen.lines(wanted[:SHOWN]),
        "more": max(0, len(wanted) - SHOWN),
        "filtered": bool(kind or day or login),
        "who": login,
        "several": bool(seen.by_person),
    }
    return render(request, "pool/leaving.html", context)
