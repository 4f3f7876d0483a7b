"""The notice centre: what a person was told, what is unread, and what calls at once."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts import notices as verbs
from accounts import services
from accounts.models import Notice
from accounts.now import LOUD_FOR, MOST_LOUD, address
from core import clock
from core.web.answers import Done, action, found, page
from core.web.listing import Listing, one_of
from core.web.notices import WORDS, lines

SHOWN = 50


@page
@require_safe
def centre(request: HttpRequest) -> HttpResponse:
    """All notices by day, the unread ones of each day first."""
    rows = Notice.objects.visible_to(request.user).filter(kind__in=list(WORDS))
    unread = rows.unread().count()
    if only := one_of(request, "show", ("unread",)):
        rows = rows.unread()
    listing = Listing(request, rows, {"at": "at"}, default="-at", size=SHOWN)
    told = lines(listing, request.user)
    days = [
        {"day": of_day[0]["at"], "lines": sorted(of_day, key=lambda line: not line["unread"])}
        for of_day in _by_day(told)
    ]
    context = {"days": days, "unread": unread, "listing": listing, "only": only}
    return render(request, "accounts/notices.html", context)


def _by_day(told: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    return [list(of_day) for _day, of_day in groupby(told, key=lambda line: timezone.localdate(line["at"]))]


@require_safe
def news(request: HttpRequest) -> HttpResponse:
    """What calls at once, as toasts; and a new address to ask under, for a page that is open for longer than a day."""
    loud = [kind for kind, words in WORDS.items() if words.loud]
    rows = Notice.objects.visible_to(request.user).unread()
    rows = rows.filter(kind__in=loud, at__gt=clock.now() - LOUD_FOR).order_by("-id")
    answer = render(request, "accounts/notice_toasts.html", {"lines": lines(rows[:MOST_LOUD], request.user)})
    answer["X-Trunk-Now"] = address(request.user)
    answer["Cache-Control"] = "no-store"
    return answer


@action
def read(request: HttpRequest, pk: Any) -> Done:
    """One is read."""
    verbs.read(found(Notice.objects.visible_to(request.user), pk), by=request.user)
    return Done()


@action
def unread(request: HttpRequest, pk: Any) -> Done:
    """One is to be looked at again."""
    verbs.unread(found(Notice.objects.visible_to(request.user), pk), by=request.user)
    return Done()


@action
def read_all(request: HttpRequest) -> Done:
    """All are read."""
    count = services.read_notices(request.user)
    return Done(ngettext("%(n)s notice read.", "%(n)s notices read.", count) % {"n": count} if count else "")
