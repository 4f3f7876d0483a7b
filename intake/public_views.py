"""The pages that people outside see: a form, its thanks, a ticket, the code at the door. No log-in, no cookie.

Spam-safe: a field that only robots fill in, a form that nobody fills in so quickly, and a limit a minute for each
sender and each form. What a robot sends is thanked for and kept nowhere.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from core import rulebook
from core.api.parsers import text_fault
from core.errors import FieldError, RuleRefused, TransitionNotAllowed, TrunkError
from core.web.answers import Done, action, found
from core.web.senders import waits
from intake import form_rules, permissions, qr, services
from intake.models import LandingForm, Registration
from intake.services.landing import note_spam

SALT = "trunk.form"
View = Callable[..., HttpResponse]


def form_of(slug: str) -> LandingForm:
    """The form at this address. Raises Http404."""
    row = LandingForm.objects.select_related("campaign", "product").filter(slug=slug[:60]).first()
    if row is None:
        raise Http404
    return row


def must_wait(request: HttpRequest, form: LandingForm) -> int:
    """The seconds a sender has to wait before this form takes more; 0 if it may pass."""
    return waits(request, f"form:{form.pk}", each=form_rules.PER_SENDER, all_together=form_rules.PER_FORM)


def is_robot(values: Mapping[str, Any]) -> bool:
    """Whether the field that people do not see was filled in."""
    return bool(str(values.get(form_rules.HONEYPOT) or "").strip())


def texts_of(values: Mapping[str, Any], names: Any) -> dict[str, str]:
    """What was typed into these fields. Raises RuleRefused for what no database keeps."""
    texts = {name: str(values.get(name) or "") for name in names}
    errors = [
        FieldError(name, "invalid_characters", fault)
        for name, text in texts.items()
        if (fault := text_fault(text))
    ]
    if errors:
        raise RuleRefused(errors=errors)
    return texts


def in_its_language(view: View) -> View:
    """A page outside speaks the language of its form, whatever the browser would like."""

    @wraps(view)
    def run(request: HttpRequest, slug: str, *args: Any, **kwargs: Any) -> HttpResponse:
        form = form_of(slug)
        with translation.override(form.language):
            request.LANGUAGE_CODE = form.language
            return view(request, form, *args, **kwargs)

    return run


@csrf_exempt  # nobody is logged in here: there is nothing to forge
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@in_its_language
def form_page(request: HttpRequest, form: LandingForm) -> HttpResponse:
    """The form itself; what is posted to it is taken, from our page and from a page that embeds it."""
    if request.method != "POST":
        return _drawn(request, form, {}, [])
    if wait := must_wait(request, form):
        said = FieldError("", "throttled", _("Too many at once. Please try again in a minute."))
        response = _drawn(request, form, request.POST, [said], status=429)
        response["Retry-After"] = str(wait)
        return response
    thanks = reverse("intake_public:thanks", args=[form.slug])
    if is_robot(request.POST):
        note_spam(form)
        return redirect(thanks)
    if _too_quick(request.POST.get("drawn", "")):
        said = FieldError(
            "", "too_quick", _("That was quick. Please look at it once more and send it again.")
        )
        return _drawn(request, form, request.POST, [said], status=422)
    try:
        values = texts_of(request.POST, form.asked)
        made = services.fill_in(form, values, agreed=bool(request.POST.get(form_rules.CONSENT)))
    except TransitionNotAllowed:
        return _drawn(request, form, request.POST, [], status=409)
    except TrunkError as refusal:
        errors = refusal.errors or [FieldError("", refusal.code, refusal.detail)]
        return _drawn(request, form, request.POST, errors, status=refusal.status)
    if form.is_event:
        return redirect(reverse("intake_public:ticket", args=[made.ticket]))
    return redirect(thanks)


def _too_quick(text: str) -> bool:
    """Whether the form came back quicker than anybody types; a missing or foreign stamp says nothing."""
    try:
        drawn = signing.loads(text, salt=SALT)
    except signing.BadSignature:
        return False
    return bool(time.time() - drawn < form_rules.QUICKEST)


def _drawn(
    request: HttpRequest, form: LandingForm, values: Mapping[str, Any], errors: Any, status: int = 200
) -> HttpResponse:
    wrong = {error.field: error.message for error in errors}
    lines = [
        {
            "name": name,
            "label": form_rules.FIELDS[name],
            "needed": needed,
            "most": form_rules.LENGTHS[name],
            "value": "" if text_fault(text := str(values.get(name, ""))) else text,
            "error": wrong.pop(name, ""),
        }
        for name, needed in form_rules.asked_of(form.asked).items()  # the table keeps no order
    ]
    context = {
        "form": form,
        "lines": lines,
        "agreed": bool(values.get(form_rules.CONSENT)),
        "consent_error": wrong.pop(form_rules.CONSENT, ""),
        "wrong": list(wrong.values()),
        "honeypot": form_rules.HONEYPOT,
        "stamp": signing.dumps(round(time.time(), 1), salt=SALT),
        "firm": rulebook.get("firm_name"),
    }
    return render(request, "intake/public/form.html", context, status=status)


@login_not_required
@require_safe
@in_its_language
def thanks(request: HttpRequest, form: LandingForm) -> HttpResponse:
    """What somebody reads who has filled it in."""
    return render(request, "intake/public/thanks.html", {"form": form, "firm": rulebook.get("firm_name")})


@login_not_required
@require_safe
def ticket(request: HttpRequest, code: str) -> HttpResponse:
    """A ticket with its QR code; whoever stands at the door and is logged in sees whose it is, and lets them in."""
    row = Registration.objects.select_related("form", "contact").filter(ticket=code[:40]).first()
    if row is None:
        raise Http404
    user: Any = request.user
    door = user.is_authenticated and permissions.may_check_in(user)
    address = settings.SITE_URL + reverse("intake_public:ticket", args=[row.ticket])
    context = {
        "form": row.form,
        "row": row,
        "code": qr.data_url(address),
        "door": door,
        "firm": rulebook.get("firm_name"),
    }
    language = user.language if door else row.form.language
    with translation.override(language):
        return render(request, "intake/public/ticket.html", {**context, "LANGUAGE_CODE": language})


@action
def check_in(request: HttpRequest, code: str) -> Done:
    """The person with this ticket came."""
    row = found(Registration.objects.filter(ticket=code[:40]), _pk_of(code))
    _row, first = services.attend(row, way=Registration.Way.TICKET, by=request.user)
    text = _("Welcome! Marked as here.") if first else _("Was marked as here before.")
    return Done(text, url=reverse("intake_public:ticket", args=[code]))


def _pk_of(code: str) -> Any:
    return Registration.objects.filter(ticket=code[:40]).values_list("pk", flat=True).first()


@csrf_exempt
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@in_its_language
def door(request: HttpRequest, form: LandingForm, key: str) -> HttpResponse:
    """What the code at the door opens: who types phone or e-mail is marked as here."""
    if not form.is_event or not constant_time_compare(key, form.door_key):
        raise Http404
    context: dict[str, Any] = {
        "form": form,
        "firm": rulebook.get("firm_name"),
        "honeypot": form_rules.HONEYPOT,
    }
    if request.method == "POST":
        if must_wait(request, form):
            context["error"] = _("Too many at once. Please try again in a minute.")
            return render(request, "intake/public/door.html", context, status=429)
        if is_robot(request.POST):
            note_spam(form)
            return render(request, "intake/public/door.html", {**context, "here": True})
        try:
            typed = texts_of(request.POST, ["reach"])["reach"].strip()[:254]
            services.attend_at_door(form, typed)
        except TrunkError as refusal:
            context |= {
                "error": refusal.errors[0].message if refusal.errors else refusal.detail,
                "typed": "" if text_fault(request.POST.get("reach", "")) else request.POST.get("reach", ""),
            }
            return render(request, "intake/public/door.html", context, status=refusal.status)
        context["here"] = True
    return render(request, "intake/public/door.html", context)
