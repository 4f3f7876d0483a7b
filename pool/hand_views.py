"""Marketing's hand in the pool on its page: what is ticked, or all that is asked for, shown first; worn leads (R10.5)."""

from __future__ import annotations

from collections import Counter
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Hat, User
from core.errors import FieldError, RuleRefused
from core.web.answers import Done, action
from core.web.context import moment
from leads.models import Lead
from pool import handing, permissions, rules, services, worn
from pool.asked import Asked

CADENCE = "cadence"
NAMED = 20


@action
def hand(request: HttpRequest) -> Done | HttpResponse:
    """Marketing hands out what is ticked, or all that is asked for; first it is shown what will come of it (R10.5)."""
    user: Any = request.user
    ids = _all_ids(request) if request.POST.get("all") == "yes" else chosen_ids(request.POST.getlist("lead"))
    to = request.POST.get("to", "")
    target: Any = to
    if to not in (handing.CALLING, handing.RULES, CADENCE):
        target = User.objects.active().wearing(Hat.REP).filter(login=to).first() or ""
    sure = request.POST.get("sure") == "yes"
    if to == CADENCE:
        answers = handing.cadence_many(ids, by=user)
    else:
        answers = handing.hand_out(ids, to=target, by=user, dry_run=not sure)
    if not sure and to != CADENCE:
        context = {"ids": ids, "to": to, **_preview(answers, target, user)}
        return render(request, "pool/preview.html", context)
    done = sum(answer.ok for answer in answers)
    text = ngettext("%(n)s lead handed on.", "%(n)s leads handed on.", done) % {"n": done}
    if done < len(answers):
        left = len(answers) - done
        text += " " + ngettext("%(n)s stayed.", "%(n)s stayed.", left) % {"n": left}
    return Done(text)


@action
def free(request: HttpRequest, pk: UUID) -> Done:
    """Marketing lets a worn lead be claimed (R10.7)."""
    lead = worn.free_worn(pk, by=request.user)  # type: ignore[arg-type]
    return Done(_("%(name)s can be claimed again.") % {"name": lead.contact})


def _all_ids(request: HttpRequest) -> list[UUID]:
    """All that the page's filters leave, those that lie there longest first, as many as one call may name."""
    if not permissions.may_hand_out(request.user):  # type: ignore[arg-type]
        return []  # the verb says no
    params = QueryDict(request.POST.get("filter", "")).dict()
    asked = Asked(params, request.user, moment(request))  # type: ignore[arg-type]
    ids = list(asked.rows.order_by("pooled_at", "id").values_list("pk", flat=True)[: rules.BATCH_MOST])
    if not ids:
        raise RuleRefused(errors=[FieldError("filter", "required", _("Nothing fits any more."))])
    return ids


def _preview(answers: list[services.Answer], to: Any, user: User) -> dict[str, Any]:
    """What would become of whom: the first by name, and of all how many would go where and how many would not, why."""
    goes: Counter[str] = Counter()
    stays: Counter[str] = Counter()
    seen = Lead.objects.visible_to(user).select_related("contact")
    names = seen.in_bulk([answer.lead_id for answer in answers[:NAMED]])
    people = []
    for answer in answers:
        where, stay = "", ""
        if answer.error is not None:
            stay = str(answer.error.detail)
            stays[stay] += 1
        else:
            where = _where(answer, to)
            goes[where] += 1
        if lead := names.get(answer.lead_id):
            people.append({"lead": lead, "where": where, "stay": stay})
    return {
        "goes": goes.most_common(),
        "stays": stays.most_common(),
        "count": sum(goes.values()),
        "people": people,
        "others": len(answers) - len(people),
    }


def _where(answer: services.Answer, to: Any) -> str:
    if to == handing.CALLING or answer.lead is None:
        return _("to the calling desk")
    if answer.lead.owner is None:
        return _("to the team's queue: no rep is free")
    return _("to %(name)s") % {"name": answer.lead.owner.name}


def chosen_ids(given: list[str]) -> list[UUID]:
    """The leads that were ticked. Raises RuleRefused for none, too many, or what is no lead."""
    if not given or len(given) > rules.BATCH_MOST:
        message = _("Tick at least one lead, and at most %(most)s.") % {"most": rules.BATCH_MOST}
        raise RuleRefused(errors=[FieldError("lead", "required", message)])
    try:
        return list(dict.fromkeys(UUID(text) for text in given))
    except ValueError:
        raise RuleRefused(errors=[FieldError("lead", "invalid", _("This is not a lead."))]) from None
