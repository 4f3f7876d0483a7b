"""One's own settings: mail, language, look, password; being at work is set by the forms of the person's page."""

from __future__ import annotations

from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import me as verbs
from accounts.forms import AwayForm
from accounts.me_forms import PasswordForm, SettingsForm
from core import hooks
from core.errors import TrunkError
from core.web.answers import Done, action, cleaned, page
from core.web.context import moment


@page
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """My settings."""
    user = request.user
    names = ("email", "language", "theme", "mail_kinds")
    away = user.away_until if user.away_until and user.away_until > moment(request) else None
    context = {
        "form": SettingsForm(user=user, initial={name: getattr(user, name) for name in names}),
        "away": away,
        "away_form": AwayForm(initial={"away_until": away}),
        "password_form": PasswordForm(),
        "parts": [part for answer in hooks.me_parts(request) for part in answer],
    }
    return render(request, "accounts/me.html", context)


@action
def save(request: HttpRequest) -> Done | HttpResponse:
    """Mail, language, look."""
    data = cleaned(SettingsForm(request.POST, user=request.user))
    before = (request.user.language, request.user.theme)
    request.user = verbs.save_settings(request.user, by=request.user, **data)
    translation.activate(request.user.language)
    if request.htmx and before != (request.user.language, request.user.theme):
        return _whole(request, _("Saved."))
    return Done(_("Saved."), url=reverse("accounts:settings"))


def _whole(request: HttpRequest, text: str) -> HttpResponse:
    """Language and look are the whole page's: it is loaded anew."""
    messages.success(request, text)
    answer = HttpResponse()
    answer["HX-Redirect"] = reverse("accounts:settings")
    return answer


@action
def password(request: HttpRequest) -> Done:
    """A new password, after a few wrong tries only in a minute (Q22)."""
    data = cleaned(PasswordForm(request.POST))
    if not ratelimit.consume(request, action="change_password", user=request.user):
        raise Throttled()
    request.user = verbs.change_password(request.user, **data, by=request.user)
    update_session_auth_hash(request, request.user)
    return Done(_("The new password holds from now on."), url=reverse("accounts:settings"))


class Throttled(TrunkError):
    """Too often in too short a time."""

    status = 429
    code = "throttled"
    detail = _("Too many tries. Wait a minute.")
