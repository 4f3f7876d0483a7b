"""Approvals: what waits for a manager's word, one after the other, by key (R4.1, R4.2, R7)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.models import Hat
from core import hooks, rulebook
from core.errors import Forbidden
from core.web.answers import Done, action, cleaned, found, page
from core.web.context import moment
from core.web.listing import address, one_of
from leads import approvals as selectors
from leads import forms, services
from leads.models import Dispute, Extension

KINDS = {
    selectors.EXTENSION: gettext_lazy("More time"),
    Dispute.Kind.OBJECTION.value: gettext_lazy("Objections"),
    Dispute.Kind.CONTEST.value: gettext_lazy("Contests"),
}
DECIDED = "decided"


@page
@require_safe
def approvals(request: HttpRequest) -> HttpResponse:
    """What this person may decide, what is lost first on top; or what was decided."""
    if not request.user.wears(Hat.MANAGER, Hat.ADMIN):
        raise Forbidden(detail=_("Approvals are for managers and administrators."))
    kinds = {code: name for code, name in KINDS.items() if code != "contest" or rulebook.get("contesting")}
    sections = [section for section in hooks.approvals() if section is not None]
    kinds |= {section.kind: section.name for section in sections}
    show = one_of(request, "show", [*kinds, DECIDED])
    at = moment(request)
    cases: list[Any] = list(selectors.waiting(request.user, at))
    for section in sections:
        cases += section.waiting(request.user, at)
    cases.sort(key=lambda case: (case.ends is None, case.ends or case.asked_at))
    counts = {code: sum(case.kind == code for case in cases) for code in kinds}
    context: dict[str, Any] = {
        "show": show,
        "kinds": [(code, name, counts[code] or None) for code, name in kinds.items()],
        "count": len(cases),
        "of_lead": rulebook.get("extensions_a_lead"),
        "of_rep": rulebook.get("extensions_a_rep"),
    }
    if show == DECIDED:
        rows = selectors.decided(request.user)
        for section in sections:
            rows += section.decided(request.user, selectors.SHOWN)
        context["decided"] = sorted(rows, key=lambda row: row["at"], reverse=True)[: selectors.SHOWN]
    else:
        context["rows"] = _rows(request, [case for case in cases if not show or case.kind == show], show)
    return render(request, "approvals/approvals.html", context)


def _rows(request: HttpRequest, cases: list[Any], show: str) -> list[dict[str, Any]]:
    """The cases, of which one is open; each knows which is next when it is decided."""
    asked = request.GET.get("on", "")
    ids = [str(case.pk) for case in cases]
    here = ids.index(asked) if asked in ids else 0

    def link(n: int) -> str:
        return address(reverse("leads:approvals"), {"show": show}, on=ids[n] if 0 <= n < len(ids) else None)

    return [
        {
            "case": case,
            "here": n == here,
            "url": link(n),
            "then": link(n + 1 if n + 1 < len(ids) else n - 1),
        }
        for n, case in enumerate(cases)
    ]


@action
def approve(request: HttpRequest, pk: Any) -> Done:
    """Another week (R7.2)."""
    row = found(Extension.objects.visible_to(request.user), pk)
    data = cleaned(forms.DecideForm(request.POST))
    row = services.approve_extension(row, by=request.user, comment=data["comment"])
    return Done(_("Granted: %(name)s has another week for %(lead)s.") % _names(row))


@action
def reject(request: HttpRequest, pk: Any) -> Done:
    """No more time (R7.1)."""
    row = found(Extension.objects.visible_to(request.user), pk)
    data = cleaned(forms.DecideForm(request.POST))
    row = services.reject_extension(row, by=request.user, comment=data["comment"])
    return Done(_("Rejected: %(name)s is told about %(lead)s.") % _names(row))


@action
def settle(request: HttpRequest, pk: Any) -> Done:
    """A correct MQL or an illegal one (R4.1, R4.2)."""
    row = found(Dispute.objects.visible_to(request.user), pk)
    data = cleaned(forms.SettleForm(request.POST))
    row = services.settle(row, verdict=data["verdict"], text=data["comment"], by=request.user)
    if row.verdict == Dispute.Verdict.LEGAL:
        return Done(_("Settled: %(name)s is a correct MQL.") % {"name": row.lead.contact})
    return Done(_("Settled: %(name)s is an illegal MQL.") % {"name": row.lead.contact})


def _names(row: Extension) -> dict[str, Any]:
    return {"name": row.rep.name, "lead": row.lead.contact}
