"""What the way to an order puts on Today (R12.1): experience of the day, and answers of presales that are overdue."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import OuterRef, Subquery
from django.db.models.functions import JSONObject
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Hat, User
from core import clock, rulebook
from core.web import words
from core.web.phrases import chosen
from core.web.today import DAY, KNOW, Todo, act, address
from opportunities.models import ExperienceEvent, Opportunity, PresalesRequest
from opportunities.rules import ExperienceKind, Kind

MOST = 100
LATELY = timedelta(days=14)


def todos(user: User, at: datetime, day: date, tomorrow: bool) -> list[Todo]:
    """Requests to presales for one's own opportunities that are overdue."""
    if tomorrow or not user.wears(Hat.REP) or not rulebook.get("presales"):
        return []
    return _overdue(user, at, day)


def planned(at: datetime, day: date, tomorrow: bool) -> Subquery:
    """The first planned experience of an opportunity that day, or one of which nobody said how it went: no query more."""
    begins = clock.day_starts(day)
    rows = ExperienceEvent.objects.filter(
        opportunity=OuterRef("pk"),
        held__isnull=True,
        starts_at__gte=begins if tomorrow else at - LATELY,
        starts_at__lt=begins + timedelta(days=1),
    )
    told = JSONObject(id="id", kind="kind", note="note", starts_at="starts_at", ends_at="ends_at")
    return Subquery(rows.order_by("starts_at", "id").values(told=told)[:1])


def event_of(row: Any, at: datetime) -> Todo:
    """What `planned` found of an opportunity, as something to do."""
    told = row.happens
    begins = datetime.fromisoformat(told["starts_at"])
    ends = datetime.fromisoformat(told["ends_at"]) if told["ends_at"] else begins
    kind = capfirst(chosen(ExperienceKind.choices, told["kind"]))
    over = ends <= at
    if over:
        why = _("Did it take place? %(kind)s, %(when)s") % {"kind": kind, "when": words.when(begins, at)}
    elif begins <= at:
        why = _("%(kind)s is running") % {"kind": kind}
    else:
        why = _("%(kind)s: %(note)s") % {"kind": kind, "note": told["note"][:200]} if told["note"] else kind
    return Todo(
        key=f"experience-{told['id']}",
        about=str(row.lead_id) if row.kind == Kind.NEW_BUSINESS and row.lead_id else "",
        title=row.company.name,
        note=str(row.contact or ""),
        mark=str(row.get_stage_display()),
        url=address("opportunities:opportunity", row.pk),
        why=why,
        lost_at=clock.day_starts(clock.firm_day(begins) + timedelta(days=1)) if over else begins,
        part=DAY,
        at=None if over else begins,
        sign="calendar",
        acts=[act("next", _("Next step"), "flag", "s", url=address("opportunities:panel", row.pk, "next"))],
    )


def _overdue(user: User, at: datetime, day: date) -> list[Todo]:
    # Whoever has the opportunity now waits for the answer, also where a colleague or manager asked.
    late = PresalesRequest.objects.open().filter(due_on__lt=day)
    rows = late.filter(opportunity__in=Opportunity.objects.open().filter(owner=user))
    found = []
    for request in rows.select_related("opportunity__company", "owner").order_by("due_on", "pk")[:MOST]:
        days = (day - request.due_on).days
        who = request.owner.name if request.owner else _("nobody yet")
        why = ngettext(
            "Presales has not answered, %(n)s day over (%(who)s): %(text)s",
            "Presales has not answered, %(n)s days over (%(who)s): %(text)s",
            days,
        ) % {"n": days, "who": who, "text": request.text[:80]}
        found.append(
            Todo(
                key=f"presales-{request.pk}",
                title=request.opportunity.company.name,
                url=address("opportunities:opportunity", request.opportunity_id),
                why=why,
                lost_at=at + timedelta(days=7),
                part=KNOW,
                sign="message-circle",
            )
        )
    return found
