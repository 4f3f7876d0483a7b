"""The page of one person: details, being at work, log-ins, keys; one's own for everybody."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import permissions, selectors, services
from accounts.forms import AwayForm, KeyForm, OwnPersonForm, PersonForm
from accounts.models import ApiKey, Session, User
from accounts.views import may_look
from core.errors import FieldError, NotFound, RuleRefused
from core.web import phrases
from core.web.answers import Done, action, cleaned, found, page
from core.web.context import moment

FIELDS = ("name", "login", "hats", "team", "capacity", "email", "language")


@page
@require_safe
def me(request: HttpRequest) -> HttpResponse:
    """One's own page."""
    return redirect("accounts:person", pk=request.user.pk)


@page
@require_safe
def person(request: HttpRequest, pk: Any) -> HttpResponse:
    """A person whom one looks after, or oneself."""
    return _drawn(request, _seen(request, pk))


def _seen(request: HttpRequest, pk: Any) -> User:
    return found(selectors.looked_after(request.user).select_related("team"), pk)


def _drawn(request: HttpRequest, row: User, made: str = "") -> HttpResponse:
    by, at = request.user, moment(request)
    may_edit = row.is_active and permissions.may_edit_person(by, row)
    initial = {name: getattr(row, name) for name in FIELDS}
    admin = permissions.may_manage_people(by)
    form = None
    if may_edit:
        form = PersonForm(initial=initial) if admin else OwnPersonForm(initial=initial, person=row)
    keys = permissions.may_hold_keys(by, row)
    line = selectors.lines([row], by, at)[0]
    context = {
        **line,
        "form": form,
        "may_look": may_look(by),
        "may_leave": admin and row.is_active and row.pk != by.pk,
        "itself": row.pk == by.pk,
        "away_form": AwayForm(initial={"away_until": line["away"]}),
        "keys": row.keys.all() if keys else None,
        "key_form": KeyForm(person=row) if keys and row.is_active else None,
        "sessions": selectors.sessions(row, request.session.session_key) if keys else None,
        "entries": phrases.lines(selectors.history(row)),
        "made": made,
    }
    return render(request, "accounts/person.html", context)


@action
def save(request: HttpRequest, pk: Any = None) -> Done:
    """Make or change a person (R15.1)."""
    row = _seen(request, pk) if pk else None
    if row and not permissions.may_manage_people(request.user):
        data = cleaned(OwnPersonForm(request.POST, person=row))
    else:
        data = cleaned(PersonForm(request.POST))
    if data["password"]:
        _check_password(data["password"], row)
    saved = services.save_person(row, by=request.user, **data)
    url = reverse("accounts:person", args=[saved.pk]) if row else reverse("accounts:people")
    return Done(_("%(name)s is saved.") % {"name": saved.name}, url=url)


@action
def duty(request: HttpRequest, pk: Any) -> Done:
    """On duty or off (R3.1)."""
    row = found(User.objects.active(), pk)
    on = request.POST.get("on") == "yes"
    services.set_duty(row, on, by=request.user)
    text = _("%(name)s is on duty.") if on else _("%(name)s is off duty: no hand-overs until then.")
    return Done(text % {"name": row.name})


@action
def away(request: HttpRequest, pk: Any) -> Done:
    """Away until a moment, or back now (R3.1)."""
    row = found(User.objects.active(), pk)
    until = None
    if request.POST.get("do") != "back":
        until = cleaned(AwayForm(request.POST))["away_until"]
        if until is None:
            message = _("Say until when.")
            raise RuleRefused(errors=[FieldError("away_until", "required", message)])
    services.set_away(row, until, by=request.user)
    text = _("%(name)s is away: no hand-overs until then.") if until else _("%(name)s is back.")
    return Done(text % {"name": row.name})


@action
def make_key(request: HttpRequest, pk: Any) -> HttpResponse:
    """A key, which this answer alone shows."""
    row = _keys_of(request, pk)
    data = cleaned(KeyForm(request.POST, person=row))
    secret = services.issue_key(
        row, by=request.user, name=data["key_name"], scope=data["scope"], days=data["days"]
    )
    response = _drawn(request, row, made=secret)
    if request.htmx:  # type: ignore[attr-defined]
        response["HX-Retarget"] = response["HX-Reselect"] = "#main"
        response["HX-Reswap"] = "outerHTML"
    response["Cache-Control"] = "no-store"
    return response


@action
def revoke_key(request: HttpRequest, pk: Any, key: Any) -> Done:
    """The key opens nothing any more."""
    row = found(ApiKey.objects.filter(user=_keys_of(request, pk)), key)
    services.revoke_key(row, by=request.user)
    return Done(_("The key %(name)s is withdrawn.") % {"name": row.name or row.prefix})


@action
def end_session(request: HttpRequest, pk: Any, key: str) -> Done:
    """A log-in ends at once."""
    # Its key would open the door to whoever reads it: a page names a session by what cannot.
    rows = Session.objects.filter(user=_keys_of(request, pk))
    row = next((each for each in rows if selectors.handle(each) == key), None)
    if row is None:
        raise NotFound
    services.end_session(row, by=request.user)
    return Done(_("That log-in is ended."))


def _keys_of(request: HttpRequest, pk: Any) -> User:
    row = _seen(request, pk)
    if not permissions.may_hold_keys(request.user, row):
        raise NotFound
    return row


def _check_password(password: str, user: User | None) -> None:
    try:
        password_validation.validate_password(password, user)
    except ValidationError as refused:
        raise RuleRefused(errors=[FieldError("password", "weak", " ".join(refused.messages))]) from None
