"""The page on which a person leaves: what goes where, found by the very code, before it is done (R15.3, R10.8)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_safe

from accounts.models import Hat, User
from accounts.permissions import may_manage_people
from core.errors import Forbidden
from core.web.answers import Done, action, found, page
from core.web.listing import one_of
from leads import services
from leads.services.leaving import PERSON, POOL, RULES, WAYS, Line, Plan, rehearse_leaving

SHOWN = 200
CHOICES = {
    RULES: (lazy("To colleagues in turn"), lazy("Reps on duty with room, one after the other.")),
    PERSON: (lazy("To one person"), lazy("All of it, whatever that person holds already.")),
    POOL: (
        lazy("To the pool"),
        lazy("MQLs and SQLs; opportunities and customers still go to colleagues in turn."),
    ),
}
KINDS = {
    "mql": lazy("MQL"),
    "sql": lazy("SQL"),
    "opportunity": lazy("Opportunity"),
    "scheduled": lazy("Later chance"),
    "company": lazy("Customer"),
    "order": lazy("Unsigned contract"),
}
PLACES = {"pool": lazy("the pool"), "queue": lazy("the team's queue")}


@page
@require_safe
def leaving(request: HttpRequest, pk: Any) -> HttpResponse:
    """Choose who takes over, and see what goes where."""
    if not may_manage_people(request.user):
        raise Forbidden()
    row = found(User.objects.select_related("team"), pk)
    to = one_of(request, "to", WAYS) or RULES
    others = User.objects.active().wearing(Hat.REP).exclude(pk=row.pk).order_by("name")
    heir = next((each for each in others if str(each.pk) == request.GET.get("person")), None)
    plan = None
    if row.is_active and row.pk != request.user.pk and (to != PERSON or heir):
        plan = rehearse_leaving(row, by=request.user, to=to, person=heir)
    context = {
        "person": row,
        "to": to,
        "heir": heir,
        "others": others,
        "choices": [(code, *words) for code, words in CHOICES.items()],
        "itself": row.pk == request.user.pk,
        "plan": plan,
        **(_shown(plan) if plan else {}),
    }
    return render(request, "leads/leaving.html", context)


def _shown(plan: Plan) -> dict[str, Any]:
    counts = [
        {
            "kind": KINDS.get(kind, kind),
            "count": sum(where.values()),
            "where": [{"to": _where(to), "count": n} for to, n in where.most_common()],
        }
        for kind, where in plan.counts.items()
    ]
    lines = [
        {
            "kind": KINDS.get(line.kind, line.kind),
            "title": _title(line),
            "to": _where(line.person or line.place),
        }
        for line in plan.lines[:SHOWN]
    ]
    return {"counts": counts, "lines": lines, "more": max(0, len(plan.lines) - SHOWN), "all": len(plan.lines)}


def _where(to: Any) -> Any:
    return to.name if isinstance(to, User) else PLACES.get(to, to)


def _title(line: Line) -> str:
    record = line.record
    if line.kind in ("mql", "sql"):
        company = record.contact.company_name
        return f"{record.contact}, {company}" if company else str(record.contact)
    return record.name if line.kind == "company" else record.company.name


@action
def leave(request: HttpRequest, pk: Any) -> Done:
    """The person leaves (R15.3)."""
    if not may_manage_people(request.user):
        raise Forbidden()
    row = found(User.objects.all(), pk)
    heir = User.objects.filter(pk=_uuid(request.POST.get("person"))).first()
    left = services.leave(row, by=request.user, to=request.POST.get("to", ""), person=heir)
    return Done(
        _("%(name)s has left. Everything went on, and the log-in is closed.") % {"name": left.name},
        url=reverse("accounts:person", args=[left.pk]),
    )


def _uuid(text: str | None) -> Any:
    try:
        return UUID(text or "")
    except ValueError:
        return None
