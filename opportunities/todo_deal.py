"""What the way to an order puts on Today (R12.1): experience of the day, and answers of presales that are overdue."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Hat, User
from core import clock, rulebook
from core.web import words
from core.web.today import DAY, KNOW, Todo, act, address
from opportunities.models import ExperienceEvent, Opportunity, PresalesRequest
from opportunities.rules import OPEN, Kind

MOST = 100
LATELY = timedelta(days=14)


def todos(user: User, at: datetime, day: date, tomorrow: bool) -> list[Todo]:
    """Planned experience of that day, what was planned and nobody said how it went, overdue requests of one's own."""
    if not user.wears(Hat.REP):
        return []
    found = [_event(event, at) for event in _events(user, at, day, tomorrow)]
    if not tomorrow and rulebook.get("presales"):
        found += _overdue(user, at, day)
    return found


def _events(user: User, at: datetime, day: date, tomorrow: bool) -> list[ExperienceEvent]:
    begins = clock.day_starts(day)
    since = begins if tomorrow else at - LATELY
    rows = ExperienceEvent.objects.filter(
        opportunity__owner=user,
        opportunity__stage__in=OPEN,
        held__isnull=True,
        starts_at__gte=since,
        starts_at__lt=begins + timedelta(days=1),
    )
    return list(
        rows.select_related("opportunity__company", "opportunity__contact").order_by("starts_at")[:MOST]
    )


def _event(event: ExperienceEvent, at: datetime) -> Todo:
    row = event.opportunity
    over = (event.ends_at or event.starts_at) <= at
    kind = event.get_kind_display()
    if over:
        why = _("Did it take place? %(kind)s, %(when)s") % {
            "kind": kind,
            "when": words.when(event.starts_at, at),
        }
    elif event.starts_at <= at:
        why = _("%(kind)s is running") % {"kind": kind.capitalize()}
    else:
        why = f"{kind.capitalize()}: {event.note}" if event.note else kind.capitalize()
    ends = clock.day_starts(clock.firm_day(event.starts_at) + timedelta(days=1))
    return Todo(
        key=f"experience-{event.pk}",
        about=str(row.lead_id) if row.kind == Kind.NEW_BUSINESS and row.lead_id else "",
        title=row.company.name,
        note=str(row.contact or ""),
        mark=str(row.get_stage_display()),
        url=address("opportunities:opportunity", row.pk),
        why=why,
        lost_at=event.starts_at if not over else ends,
        part=DAY,
        at=None if over else event.starts_at,
        sign="calendar",
        acts=[act("next", _("Next step"), "flag", "s", url=address("opportunities:panel", row.pk, "next"))],
    )


def _overdue(user: User, at: datetime, day: date) -> list[Todo]:
    mine = PresalesRequest.objects.open().filter(asked_by=user, due_on__lt=day)
    rows = mine.filter(opportunity__in=Opportunity.objects.open().filter(owner=user))
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
