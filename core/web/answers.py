"""The page's edge: a view is load → form → verb → answer, and this turns what the verb says into an answer.

    @action
    def claim(request, pk):
        lead = found(Lead.objects.actionable_by(request.user), pk)
        services.claim(lead, by=request.user)
        return Done(_("It is yours for a week."), url=reverse("leads:lead", args=[pk]))

With htmx the page at `url` is drawn again in place (or just `template`), with a toast; without it the
same post redirects with a message. A refusal comes back with its own status code, in place or as a page.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import urlsplit

from django import forms
from django.contrib import messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, QueryDict
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from core import hooks, rulebook
from core.api.parsers import text_fault
from core.errors import FieldError, Forbidden, NotFound, Overdue, RuleRefused, TrunkError

M = TypeVar("M", bound=Model)
View = Callable[..., Any]


@dataclass
class Done:
    """What was done: a sentence for the toast, where the person is then, and optionally how to undo it."""

    text: Any = ""
    url: str = ""
    template: str = ""
    context: dict[str, Any] = field(default_factory=dict)
    undo: str = ""
    status: int = 200


def action(view: View) -> View:
    """Make a view of a form post: answers `Done`, or maps the TrunkError that the verb raised."""

    @wraps(view)
    def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        try:
            _require_texts(request)
            answer = view(request, *args, **kwargs)
        except TrunkError as refusal:
            return refused(request, refusal)
        return done(request, answer) if isinstance(answer, Done) else answer

    return run


def _require_texts(request: HttpRequest) -> None:
    """Refuse what the database cannot keep, whatever a form or a verb would do with it. Raises RuleRefused."""
    faults = {name: text_fault("".join([name, *texts])) for name, texts in request.POST.lists()}
    errors = [
        FieldError(name.replace("\x00", ""), "invalid_characters", fault)
        for name, fault in faults.items()
        if fault
    ]
    if errors:
        raise RuleRefused("invalid", errors=errors)


def page(view: View) -> View:
    """Make a view of a page: a NotFound or Forbidden in it becomes the page that says so."""

    @wraps(view)
    def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except TrunkError as refusal:
            return refused(request, refusal)

    return run


def done(request: HttpRequest, answer: Done) -> HttpResponse:
    """The answer to a post that did its work."""
    url = answer.url or back(request)
    if not request.htmx:
        if answer.text:
            messages.success(request, answer.text, extra_tags=f"undo:{answer.undo}" if answer.undo else "")
        return redirect(url)
    if answer.template:
        response = render(request, answer.template, answer.context, status=answer.status)
    else:
        response = drawn(request, url)
    if answer.text and "HX-Redirect" in response:
        messages.success(request, answer.text)
    elif answer.text:
        add_toast(response, str(answer.text), answer.undo)
    return response


def drawn(request: HttpRequest, url: str) -> HttpResponse:
    """The page at `url` as this person sees it now, told to htmx as the new content of the main part."""
    parts = urlsplit(url)
    try:
        match = resolve(parts.path)
    except Resolver404:
        # What was done is done: a way back that leads nowhere must not say otherwise.
        return _elsewhere("/")
    request.method, request.GET, request.POST = "GET", QueryDict(parts.query), QueryDict()
    request.drawn_path, request.resolver_match = parts.path, match
    # The page is told from the moment after the verb.
    if hasattr(request, "trunk_now"):
        del request.trunk_now
    with rulebook.snapshot():
        response = match.func(request, *match.args, **match.kwargs)
    if response.status_code >= 300:
        # What was just done may have taken the record out of sight: on to where the person may be.
        return _elsewhere(response.headers.get("Location", "/"))
    response["HX-Retarget"] = response["HX-Reselect"] = "#main"
    response["HX-Reswap"] = "outerHTML"
    if _open_path(request) != parts.path:
        response["HX-Push-Url"] = url
        response["HX-Reswap"] = "outerHTML show:window:top"
    return response


def _elsewhere(url: str) -> HttpResponse:
    answer = HttpResponse()
    answer["HX-Redirect"] = url
    return answer


def refused(request: HttpRequest, refusal: TrunkError) -> HttpResponse:
    """The answer to a refused post: the sentence, and each field's own, with the refusal's status."""
    if isinstance(refusal, Overdue):
        # The verb is rolled back by now; the lead leaves at its due time, before the sweep finds it (R6.2).
        hooks.overdue_met(refusal.lead_ids)
    if refusal.errors and refusal.detail is RuleRefused.detail:
        # What is wrong is said beside each field; the sentence above only says what to do.
        refusal.detail = _("Not saved yet. Please look at this again:")
    context = {"refusal": refusal, "back": back(request)}
    if request.htmx:
        response = render(request, "components/refusal.html", context, status=refusal.status)
        response["X-Refused"] = refusal.code
        return response
    if isinstance(refusal, NotFound):
        return render(request, "404.html", context, status=404)
    if isinstance(refusal, Forbidden):
        return render(request, "403.html", context, status=403)
    return render(request, "refused.html", context, status=refusal.status)


def add_toast(response: HttpResponse, text: str, undo: str = "") -> None:
    """Let an htmx answer bring a toast with it, beside those it brings already."""
    heard = json.loads(response.headers.get("HX-Trigger", "{}"))
    heard.setdefault("trunk:toast", {"toasts": []})["toasts"].append({"text": text, "undo": undo})
    response["HX-Trigger"] = json.dumps(heard)


def found(rows: QuerySet[M], pk: Any) -> M:
    """The record among those this person may see; raises NotFound (R15.2)."""
    record = rows.filter(pk=pk).first()
    if record is None:
        raise NotFound
    return record


def cleaned(form: forms.BaseForm) -> dict[str, Any]:
    """What a form holds; raises RuleRefused with every field that is wrong."""
    if form.is_valid():
        return form.cleaned_data
    errors = [
        FieldError(
            "" if name == "__all__" else form.add_prefix(name), error["code"] or "invalid", error["message"]
        )
        for name, listed in form.errors.get_json_data().items()
        for error in listed
    ]
    raise RuleRefused("invalid", _("Not saved yet. Please look at this again:"), errors=errors)


def on_today(request: HttpRequest) -> bool:
    """Whether the person acts from Today, where the work goes on after this."""
    return _open_path(request) == reverse("shell:today")


def _open_path(request: HttpRequest) -> str:
    """The path of the page that is open in the browser, as htmx tells it; empty for what is no address."""
    try:
        return urlsplit(request.headers.get("HX-Current-URL", "")).path
    except ValueError:
        return ""


def back(request: HttpRequest) -> str:
    """Where the person came from, if it is ours; else the start."""
    for address in (
        request.POST.get("next"),
        request.headers.get("HX-Current-URL"),
        request.headers.get("Referer"),
    ):
        if address and url_has_allowed_host_and_scheme(address, {request.get_host()}, request.is_secure()):
            parts = urlsplit(address)
            # One slash only: what begins with two is another server's name to a browser.
            path = "/" + parts.path.lstrip("/\\")
            return path + (f"?{parts.query}" if parts.query else "")
    return "/"
