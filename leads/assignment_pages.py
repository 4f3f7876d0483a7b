"""The pages of the assignment rules: their order, what each would have caught, and a try on a lead (R3.1, a branch)."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_safe

from catalogue.models import Product
from core.errors import Forbidden, NotFound, RuleRefused
from core.web.answers import Done, action, cleaned, found, page
from core.web.context import moment
from core.web.words import labelled, listed
from leads import assignment
from leads.assignment_forms import RuleForm
from leads.models import AssignmentRule, Lead
from leads.selectors import matching
from outreach.models import Campaign
from outreach.rules import MEDIUM_NAMES

DAYS, MOST, TRIED = 30, 2000, 5
NAMES = {
    "channel": lazy("Source"),
    "medium": lazy("Came by"),
    "campaign": lazy("Campaign"),
    "product": lazy("Product"),
    "region": lazy("Region"),
    "industry": lazy("Industry"),
}


def _require(request: HttpRequest) -> None:
    if not assignment.is_on():
        raise NotFound
    if not assignment.may_assign(request.user):
        raise Forbidden()


@page
@require_safe
def rules(request: HttpRequest) -> HttpResponse:
    """The rules in their order, with how many of the last leads each would have decided on."""
    _require(request)
    listed = list(AssignmentRule.objects.prefetch_related("reps"))
    in_force = [rule for rule in listed if rule.active]
    since = moment(request) - timedelta(days=DAYS)
    leads = Lead.objects.live().select_related("contact__company")
    recent = list(leads.filter(created_at__gte=since).order_by("-created_at", "-id")[:MOST])
    counts = Counter(getattr(assignment.first_match(in_force, lead), "pk", None) for lead in recent)
    names = _names(listed)
    query = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    tried = matching(leads & Lead.objects.visible_to(request.user), query)[:TRIED] if len(query) >= 2 else []
    context = {
        "lines": [
            {
                "rule": rule,
                "conditions": conditions(rule, names),
                "reps": list(rule.reps.all()),
                "idle": [rep for rep in rule.reps.all() if not rep.at_post(moment(request))],
                "count": counts.get(rule.pk, 0),
                "first": n == 0,
                "last": n == len(listed) - 1,
            }
            for n, rule in enumerate(listed)
        ],
        "recent": len(recent),
        "rest": counts.get(None, 0),
        "days": DAYS,
        "query": query,
        "tried": [{"lead": lead, "rule": assignment.first_match(in_force, lead)} for lead in tried],
        "form": RuleForm(),
    }
    return render(request, "leads/assignment/rules.html", context)


@page
@require_safe
def rule(request: HttpRequest, pk: Any) -> HttpResponse:
    """One rule, to be changed."""
    _require(request)
    row = found(AssignmentRule.objects.prefetch_related("reps"), pk)
    return render(request, "leads/assignment/rule.html", {"rule": row, "form": RuleForm(rule=row)})


@action
def save(request: HttpRequest, pk: Any = None) -> Done:
    """Make or change a rule."""
    _require(request)
    row = found(AssignmentRule.objects.all(), pk) if pk else None
    form = RuleForm(request.POST)
    cleaned(form)
    saved = assignment.save_rule(row, by=request.user, active=row.active if row else True, **form.values())
    return Done(_("%(name)s is saved.") % {"name": saved.name}, url=reverse("leads:assignment"))


@action
def act(request: HttpRequest, pk: Any) -> Done:
    """One place up or down, off or on, or gone."""
    _require(request)
    row, do, by, url = found(AssignmentRule.objects.all(), pk), request.POST.get("do"), request.user, ""
    if do in ("up", "down"):
        assignment.move_rule(row, by=by, up=do == "up")
        text = _("%(name)s has another place.")
    elif do in ("on", "off"):
        assignment.switch_rule(row, by=by, active=do == "on")
        text = _("%(name)s is in force.") if do == "on" else _("%(name)s rests.")
    elif do == "drop":
        assignment.drop_rule(row, by=by)
        text, url = _("%(name)s is gone."), reverse("leads:assignment")
    else:
        raise RuleRefused()
    return Done(text % {"name": row.name}, url=url)


def _names(listed: list[AssignmentRule]) -> dict[str, dict[str, str]]:
    """What the ids and codes in these conditions are called."""
    wanted = {
        key: {v for row in listed for v in row.conditions.get(key, [])} for key in ("product", "campaign")
    }
    found_names: dict[str, dict[str, str]] = {"medium": {k: str(v) for k, v in MEDIUM_NAMES.items()}}
    for key, model in (("product", Product), ("campaign", Campaign)):
        rows = model.objects.filter(pk__in=wanted[key]).values_list("pk", "name")  # type: ignore[attr-defined]
        found_names[key] = {str(pk): name for pk, name in rows}
    return found_names


def conditions(row: AssignmentRule, names: dict[str, dict[str, str]]) -> list[str]:
    """The conditions of a rule in words."""
    said = []
    for key, label in NAMES.items():
        if values := row.conditions.get(key):
            known = names.get(key, {})
            said.append(labelled(label, listed(known.get(value, value) for value in values)))
    least, most = (row.conditions.get(key, [None])[0] for key in assignment.SIZES)
    if least and most:
        said.append(_("%(least)s to %(most)s staff") % {"least": least, "most": most})
    elif least:
        said.append(_("%(least)s staff or more") % {"least": least})
    elif most:
        said.append(_("at most %(most)s staff") % {"most": most})
    return said
