"""People of the firm: who is here, what they wear, how much they hold."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts import permissions, services
from accounts.forms import PersonForm
from accounts.models import Hat, Team, User
from core import hooks, rulebook
from core.errors import FieldError, Forbidden, RuleRefused
from core.web.answers import Done, action, cleaned, found, page
from core.web.listing import one_of


def may_look(user: User) -> bool:
    """Administrators and managers look after people."""
    return user.wears(Hat.ADMIN, Hat.MANAGER)


@page
@require_GET
def people(request: HttpRequest) -> HttpResponse:
    """Everybody, by team, with hats, duty and load."""
    if not may_look(request.user):
        raise Forbidden()
    rows = User.objects.active().select_related("team").order_by("team__name", "name")
    if hat := one_of(request, "hat", Hat.values):
        rows = rows.wearing(hat)
    listed = list(rows)
    load = hooks.open_load.merged([person.pk for person in listed])
    of = rulebook.get("capacity")
    lines = [
        {
            "person": person,
            "hats": [Hat(hat).label for hat in person.hats if hat in Hat.values],
            "load": load.get(person.pk, 0),
            "capacity": person.capacity if person.capacity is not None else of,
            "sells": person.wears(Hat.REP),
            "may_set_duty": permissions.may_set_duty(request.user, person),
        }
        for person in listed
    ]
    context = {
        "lines": lines,
        "hats": Hat.choices,
        "duty": sum(person.on_duty for person in listed),
        "may_manage": permissions.may_manage_people(request.user),
        "form": PersonForm(),
        "teams": Team.objects.count(),
    }
    return render(request, "accounts/people.html", context)


@page
@require_GET
def person(request: HttpRequest, pk: Any) -> HttpResponse:
    """The form of one person, for administrators."""
    if not permissions.may_manage_people(request.user):
        raise Forbidden()
    row = found(User.objects.select_related("team"), pk)
    names = ("name", "login", "hats", "team", "capacity", "email", "language")
    form = PersonForm(initial={name: getattr(row, name) for name in names})
    return render(request, "accounts/person.html", {"person": row, "form": form})


@action
def save_person(request: HttpRequest, pk: Any = None) -> Done:
    """Make or change a person (R15.1)."""
    row = found(User.objects.all(), pk) if pk else None
    data = cleaned(PersonForm(request.POST))
    if data["password"]:
        _check_password(data["password"], row)
    saved = services.save_person(row, by=request.user, **data)
    return Done(_("%(name)s is saved.") % {"name": saved.name}, url=reverse("accounts:people"))


@action
def duty(request: HttpRequest, pk: Any) -> Done:
    """On duty or off (R3.1)."""
    row = found(User.objects.active(), pk)
    on = request.POST.get("on") == "yes"
    services.set_duty(row, on, by=request.user)
    text = _("%(name)s is on duty.") if on else _("%(name)s is off duty: no hand-overs until then.")
    return Done(text % {"name": row.name})


def _check_password(password: str, user: User | None) -> None:
    try:
        password_validation.validate_password(password, user)
    except ValidationError as refused:
        raise RuleRefused(errors=[FieldError("password", "weak", " ".join(refused.messages))]) from None
