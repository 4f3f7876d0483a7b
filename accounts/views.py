"""People of the firm and their teams: who is here, what they wear, how much they hold."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import permissions, selectors, services
from accounts.forms import PersonForm, TeamForm
from accounts.models import Hat, Team, User
from core import rulebook
from core.errors import Forbidden
from core.web.answers import Done, action, cleaned, found, page
from core.web.context import moment
from core.web.listing import one_of

STATES = ("duty", "away", "left")


def may_look(user: User) -> bool:
    """Administrators and managers look after people."""
    return user.wears(Hat.ADMIN, Hat.MANAGER)


@page
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Everybody one looks after, by team, with hats, duty, load and when they were last seen."""
    if not may_look(request.user):
        raise Forbidden()
    at = moment(request)
    rows = selectors.looked_after(request.user).select_related("team").order_by("team__name", "name")
    state = one_of(request, "state", STATES)
    rows = rows.filter(is_active=False) if state == "left" else rows.active()
    if hat := one_of(request, "hat", Hat.values):
        rows = rows.wearing(hat)
    if state == "duty":
        rows = rows.on_duty(at)
    elif state == "away":
        rows = rows.exclude(pk__in=User.objects.on_duty(at).values("pk"))
    lines = selectors.lines(list(rows), request.user, at)
    may = permissions.may_manage_people(request.user)
    context = {
        "lines": lines,
        "hats": Hat.choices,
        "duty": sum(line["person"].at_post(at) for line in lines),
        "left": state == "left",
        "filtered": bool(hat or state),
        "assigns": rulebook.get("assignment_rules"),
        "may_manage": may,
        "form": PersonForm() if may else None,
    }
    return render(request, "accounts/people.html", context)


@page
@require_safe
def teams(request: HttpRequest) -> HttpResponse:
    """The teams as a tree: who is in them, who manages them."""
    if not may_look(request.user):
        raise Forbidden()
    may = permissions.may_manage_people(request.user)
    lines = selectors.tree()
    form = TeamForm(auto_id="id_new_%s") if may else None
    if form:
        # Read once for all the forms of the page.
        shared = list(form.fields["parent"].choices)  # type: ignore[attr-defined]
        form.fields["parent"].choices = shared  # type: ignore[attr-defined]
        for line in lines:
            team = line["team"]
            line["form"] = TeamForm(
                initial={"name": team.name, "parent": team.parent_id}, auto_id=f"id_{team.pk}_%s"
            )
            line["form"].fields["parent"].choices = [c for c in shared if c[0] != team.pk]
    context = {"lines": lines, "may_manage": may, "form": form}
    return render(request, "accounts/teams.html", context)


@action
def save_team(request: HttpRequest, pk: Any = None) -> Done:
    """Make, rename or move a team, or take away one made by mistake (R15.2)."""
    row = found(Team.objects.all(), pk) if pk else None
    if row and request.POST.get("do") == "drop":
        services.drop_team(row, by=request.user)
        return Done(_("%(name)s is gone.") % {"name": row.name}, url=reverse("accounts:teams"))
    saved = services.save_team(row, by=request.user, **cleaned(TeamForm(request.POST)))
    return Done(_("%(name)s is saved.") % {"name": saved.name}, url=reverse("accounts:teams"))
