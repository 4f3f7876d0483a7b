"""What a person reaches from a message, without any log-in or cookie: a link, a picture, no more of these, please call.

Programs follow links, too: mail scanners, previews, prefetching browsers. They get the same answers and count for nothing
(docs/decisions/30).
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from core import rulebook
from core.api.throttle import counter
from core.web import senders
from outreach import links
from outreach.links import Place
from outreach.models import Consent, Message
from outreach.rendering import CHINESE
from outreach.rules import ChannelKind
from outreach.services import consent, reactions

PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
# Wrong addresses a minute from one place; what counts of one right address a minute.
GUESSES, ALL_GUESSES, COUNTED = 60, 3000, 30
AHEAD = ("Purpose", "Sec-Purpose", "X-Purpose", "X-Moz")
BOTS = re.compile(
    r"bot\b|bot[/;_-]|crawl|spider|slurp|preview|prefetch|scanner|scan\b|checker|monitor|validator|fetcher|"
    r"facebookexternalhit|whatsapp|telegram|skypeuri|slack|discord|linkedin|embedly|quora link|outbrain|vkshare|"
    r"barracuda|proofpoint|mimecast|safelinks|urldefense|symantec|trendmicro|fireeye|forcepoint|sophos|ironport|"
    r"googleother|google-read-aloud|apis-google|bytespider|yisou|sogou web|baiduspider|360spider|"
    r"curl/|wget/|python-|httpx|okhttp|go-http-client|java/|libwww|axios|node-fetch|headless|phantom|lighthouse",
    re.IGNORECASE,
)
CHOICES = ("email", "sms", "call")
View = Callable[..., HttpResponse]


def public(*methods: str) -> Callable[[View], View]:
    """A view for everybody, found by its token: 404 for one that we have not made, nothing kept by anybody."""

    def decorate(view: View) -> View:
        @wraps(view)
        def run(request: HttpRequest, token: str) -> HttpResponse:
            if request.method not in (*methods, "HEAD"):
                return HttpResponseNotAllowed([*methods, "HEAD"])
            place = links.place_of(token)
            message = None
            if place is not None:
                rows = Message.objects.select_related("contact")
                message = rows.filter(number=place.number).first()
            if place is None or message is None:
                return _unknown(request)
            response = view(request, message, place)
            response.headers["Cache-Control"] = "no-store, private"
            response.headers["X-Robots-Tag"] = "noindex, nofollow"
            response.headers["Referrer-Policy"] = "no-referrer"
            return response

        # A mail program posts here without ever having seen a page of ours (RFC 8058), and nobody is logged in.
        return csrf_exempt(login_not_required(run))

    return decorate


def _unknown(request: HttpRequest) -> HttpResponse:
    if seconds := senders.waits(request, "wrong_link", each=GUESSES, all_together=ALL_GUESSES):
        return HttpResponse(status=429, headers={"Retry-After": str(seconds)})
    return _page(request, "unknown", None, status=404)


def is_person(request: HttpRequest) -> bool:
    """Whether it looks like somebody's own click: no HEAD, no prefetching, no known program."""
    said = " ".join(request.headers.get(name, "") for name in AHEAD).lower()
    agent = request.headers.get("User-Agent", "")
    return (
        request.method in ("GET", "POST")
        and "prefetch" not in said
        and "preview" not in said
        and bool(agent)
        and not BOTS.search(agent)
    )


def _counts(request: HttpRequest, message: Message, what: str) -> bool:
    return is_person(request) and not counter.wait(f"link:{what}:{message.pk}", COUNTED)


@public("GET")
def follow(request: HttpRequest, message: Message, place: Place) -> HttpResponse:
    """Go on to where the message's author wanted the link to lead, and nowhere else (R11.5)."""
    if place.index >= len(message.links):
        return _unknown(request)
    if _counts(request, message, "l"):
        reactions.react(message, "click")
    return HttpResponseRedirect(message.links[place.index])


@public("GET")
def picture(request: HttpRequest, message: Message, place: Place) -> HttpResponse:
    """The picture by which a mail tells that it was opened."""
    if place.index != links.OPEN:
        return _unknown(request)
    if _counts(request, message, "o"):
        reactions.react(message, "open")
    return HttpResponse(PIXEL, content_type="image/gif")


@public("GET", "POST")
def call_me(request: HttpRequest, message: Message, place: Place) -> HttpResponse:
    """One button: please call me (R10.6). Only the press counts; opening the page is a click."""
    if place.index != links.CALL_ME:
        return _unknown(request)
    if request.method == "POST":
        reactions.react(message, "call_me")
        return _page(request, "called", message)
    if _counts(request, message, "c"):
        reactions.react(message, "click")
    return _page(request, "call", message)


@public("GET", "POST")
def unsubscribe(request: HttpRequest, message: Message, place: Place) -> HttpResponse:
    """No more of these: one button for a person, one post for a mail program (RFC 8058). Looking changes nothing."""
    if place.index != links.UNSUBSCRIBE:
        return _unknown(request)
    own = consent.WHAT_OF.get(ChannelKind(message.channel), "email")
    stopped = _stopped(message)
    if request.method != "POST":
        if len(stopped) == len(CHOICES):
            return _page(request, "unsubscribed", message, done=stopped)
        choices = [(what, what == own) for what in CHOICES if what not in stopped]
        return _page(request, "unsubscribe", message, choices=choices, stopped=stopped)
    chosen = [what for what in request.POST.getlist("what") if what in CHOICES]
    if not chosen and "chosen" in request.POST:
        choices = [(what, False) for what in CHOICES if what not in stopped]
        return _page(request, "unsubscribe", message, choices=choices, stopped=stopped, nothing=True)
    for what in chosen or [own]:
        _forbid(message, what)
    return _page(request, "unsubscribed", message, done=chosen or [own])


def _stopped(message: Message) -> list[str]:
    """What the person wants no more of already."""
    return [what for what in CHOICES if getattr(message.contact, consent.FLAGS[what], False)]


def _forbid(message: Message, what: str) -> None:
    contact = message.contact
    if contact is not None and contact.erased_at is None:
        consent.set_consent(contact, what, given=False, way=Consent.Way.LINK, message=message)


def _page(
    request: HttpRequest, name: str, message: Message | None, *, status: int = 200, **more: Any
) -> HttpResponse:
    """A page in the language of the message, else of the person, else of the browser."""
    language = message.language if message is not None else ""
    if not language and message is not None and message.contact is not None:
        language = message.contact.language
    if language not in ("en", CHINESE):
        language = translation.get_language_from_request(request)
    with translation.override(language):
        words = {"email": _("E-mails"), "sms": _("Text messages (SMS)"), "call": _("Phone calls")}
        more["choices"] = [(what, words[what], on) for what, on in more.get("choices", ())]
        more["done"] = [words[what] for what in more.get("done", ())]
        more["stopped"] = [words[what] for what in more.get("stopped", ())]
        context = {"firm": rulebook.get("firm_name"), "language": language, **more}
        response = render(request, f"outreach/public/{name}.html", context, status=status)
    response.headers["Content-Language"] = language
    return response
