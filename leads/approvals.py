"""What is read to decide: what waits for whom, with the facts needed, and what was decided (R4.1, R4.2, R7)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Prefetch, prefetch_related_objects
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from contacts.selectors import Entry
from core import hooks, rulebook
from core.models import Event, EventText
from core.web import phrases
from core.web.listing import address
from leads import permissions
from leads.models import Dispute, Extension, Lead
from leads.rules import ExtensionState, ReturnReason, State
from leads.services.common import deciders

EXTENSION = "extension"
SHOWN = 60
TOUCHES = ("called", "noted")
# What a decision is made on: calls, notes, how it came to the rep, what was asked before.
TOLD = (
    *TOUCHES,
    "qualified",
    "claimed",
    "accepted",
    "returned",
    "extension_approved",
    "extension_rejected",
    "settled",
)
LINES = 6
DAY = timedelta(days=1)


@dataclass
class Case:
    """One thing to decide, with what is needed for it."""

    kind: str
    record: Extension | Dispute
    lead: Lead
    asker: User
    said: str
    asked_at: datetime
    ends: datetime | None
    rep: User
    since: datetime
    days: int = 0
    touches: int = 0
    lines: list[dict[str, Any]] = field(default_factory=list)
    part: dict[str, Any] = field(default_factory=dict)
    slots: int = 0
    others: int = 0
    returned: str = ""
    template: str = "approvals/case.html"

    @property
    def pk(self) -> Any:
        """The id of the request."""
        return self.record.pk


def waiting(user: User, at: datetime) -> list[Case]:
    """All that this person may decide now, what is lost first on top; a fixed number of queries."""
    found = [_of_extension(row) for row in _extensions(user, at)]
    found += [_of_dispute(row) for row in _disputes(user)]
    found.sort(key=lambda case: (case.ends is None, case.ends or case.asked_at))
    _fill(found, user, at)
    return found


def _extensions(user: User, at: datetime) -> Iterable[Extension]:
    rows = Extension.objects.for_decision_by(user, at).select_related(
        "rep__team", "holding", "lead__contact__company", "lead__owner", "lead__team"
    )
    return rows.order_by("lead__due_at", "id")[:SHOWN]


def _disputes(user: User) -> Iterable[Dispute]:
    rows = Dispute.objects.for_decision_by(user).select_related(
        "by", "team", "holding__user", "lead__contact__company", "lead__owner", "lead__team"
    )
    return rows.order_by("at", "id")[:SHOWN]


def _of_extension(row: Extension) -> Case:
    return Case(
        EXTENSION,
        row,
        row.lead,
        row.rep,
        row.reason,
        row.asked_at,
        row.lead.due_at,
        rep=row.rep,
        since=row.holding.from_at,
    )


def _of_dispute(row: Dispute) -> Case:
    holding = row.holding
    objection = row.kind == Dispute.Kind.OBJECTION
    case = Case(
        row.kind,
        row,
        row.lead,
        row.by,
        row.text,
        row.at,
        row.lead.judge_by if objection else None,
        rep=holding.user if holding else row.by,
        since=holding.from_at if holding else row.at,
    )
    if holding and not objection:
        case.returned = str(dict(ReturnReason.choices).get(holding.detail, holding.detail))
    return case


def _fill(cases: list[Case], user: User, at: datetime) -> None:
    leads = list({case.lead.pk: case.lead for case in cases}.values())
    if not leads:
        return
    # What lies in the pool has no value that anybody waits for, and its claims are nothing to decide here.
    parts = hooks.lead_parts.merged([lead for lead in leads if lead.state != State.POOLED], user, at)
    held = Lead.objects.on_extension().filter(owner__in={case.rep.pk for case in cases}, due_at__gt=at)
    slots = dict(held.values_list("owner_id").annotate(n=Count("pk")).order_by())
    told = _told([lead.pk for lead in leads])
    for case in cases:
        entries = told.get(case.lead.pk, [])
        case.days = (at - case.since) // DAY
        case.touches = sum(1 for e, _line in entries if e.verb in TOUCHES and e.at > case.since)
        case.lines = [line for _event, line in entries[:LINES]]
        case.part = parts.get(case.lead.pk, {})
        case.slots = slots.get(case.rep.pk, 0)
        case.others = max(0, case.slots - 1) if case.kind == EXTENSION else case.slots


def _told(lead_ids: list[Any]) -> dict[Any, list[tuple[Event, dict[str, Any]]]]:
    """What happened with these leads, latest first, with what was written: who decides sees it, in the pool too."""
    rows = Event.objects.filter(subject_type="lead", subject_id__in=lead_ids, verb__in=TOLD)
    events = [e for e in rows.order_by("-at", "-id")[: SHOWN * 40] if e.verb in phrases.PHRASES]
    texts: dict[Any, dict[str, tuple[str, str]]] = {}
    for text in EventText.objects.filter(event__in=[e.pk for e in events]):
        texts.setdefault(text.event_id, {})[text.field] = (text.old, text.new)
    people = User.objects.in_bulk({e.by_id for e in events if e.by_id})
    lines = phrases.lines(Entry(e, people.get(e.by_id), texts.get(e.pk, {})) for e in events)
    found: dict[Any, list[tuple[Event, dict[str, Any]]]] = {}
    for event, line in zip(events, lines, strict=True):
        found.setdefault(event.subject_id, []).append((event, line))
    return found


def decided(user: User, most: int = SHOWN) -> list[dict[str, Any]]:
    """What was decided of what this person may see, latest first: extensions and disputes in one list."""
    asked = Extension.objects.visible_to(user).exclude(state=ExtensionState.PENDING)
    settled = Dispute.objects.visible_to(user).exclude(verdict=Dispute.Verdict.OPEN)
    if not rulebook.get("contesting"):
        settled = settled.exclude(kind=Dispute.Kind.CONTEST)
    found = [
        {
            "kind": EXTENSION,
            **_named(row.lead),
            "asker": row.rep,
            "said": row.reason,
            "result": row.get_state_display(),
            "lost": row.state != ExtensionState.APPROVED,
            "at": row.decided_at,
            "by": row.decided_by,
            "comment": row.comment,
        }
        for row in asked.select_related("lead__contact", "rep", "decided_by").order_by("-decided_at")[:most]
    ]
    found += [
        {
            "kind": row.kind,
            **_named(row.lead),
            "asker": row.by,
            "said": row.text,
            "result": row.get_verdict_display(),
            "lost": row.verdict == Dispute.Verdict.LAPSED,
            "at": row.settled_at,
            "by": row.settled_by,
            "comment": row.settled_text,
        }
        for row in settled.select_related("lead__contact", "by", "settled_by").order_by("-settled_at")[:most]
    ]
    return sorted(found, key=lambda row: row["at"], reverse=True)[:most]


def _named(lead: Lead) -> dict[str, str]:
    """How a row of the past calls the lead, and where it is."""
    return {
        "title": str(lead.contact),
        "note": lead.contact.company_name,
        "url": reverse("leads:lead", args=[lead.pk]),
    }


def limits(lead: Lead, user: User, at: datetime) -> dict[str, Any]:
    """What a rep should know before asking: used of both limits, when it lapses, who decides (R7.2 to R7.4)."""
    values = rulebook.values()
    taken = Lead.objects.on_extension().filter(owner=user, due_at__gt=at).values_list("pk", flat=True)
    return {
        "used_lead": lead.extensions_used,
        "of_lead": values["extensions_a_lead"],
        "used_rep": len(taken),
        "of_rep": values["extensions_a_rep"],
        "full": lead.pk not in set(taken) and len(taken) >= values["extensions_a_rep"],
        "days": values["extension_days"],
        "due_at": lead.due_at,
        "by": names_of(deciders(user.team_id, user)),
    }


def names_of(people: Iterable[User]) -> str:
    """Whom something waits for, in words."""
    listed = [person.name for person in people]
    if not listed:
        return _("an administrator")
    return ", ".join(listed[:3])


def read_asked(lead: Lead) -> None:
    """Read what was asked about a lead, once for its page: requests for more time, or what a manager settles."""
    if lead.state == State.SQL:
        rows = Extension.objects.select_related("rep", "decided_by", "holding").order_by("-asked_at")
        prefetch_related_objects([lead], Prefetch("extensions", queryset=rows))
    elif lead.state in (State.MQL, State.POOLED):
        disputes = Dispute.objects.select_related("by", "settled_by", "holding").order_by("-at")
        prefetch_related_objects([lead], Prefetch("disputes", queryset=disputes))


def of_lead(lead: Lead, user: User) -> dict[str, Any]:
    """What stands on a lead's page, of what `read_asked` has read: the latest request for more time in this holding,
    or what a manager settles."""
    if lead.state == State.SQL:
        return _asked(next(iter(lead.extensions.all()), None), user)
    if lead.state not in (State.MQL, State.POOLED):
        return {}
    lapsed, contests = Dispute.Verdict.LAPSED, rulebook.get("contesting")
    for row in lead.disputes.all():
        old = row.holding and row.holding.run != lead.run
        hidden = row.kind == Dispute.Kind.CONTEST and not contests
        if not (old or hidden or row.verdict == lapsed) and permissions.may_see_dispute(user, row):
            return _disputed(row, user)
    return {}


def _asked(row: Extension | None, user: User) -> dict[str, Any]:
    if row is None or row.holding.to_at is not None:
        return {}
    pending = row.state == ExtensionState.PENDING
    return {
        "extension": row,
        "waits_for": names_of(deciders(row.rep.team_id, row.rep)) if pending else "",
        "may_decide": pending and permissions.may_decide(user, row),
        "url": address(reverse("leads:approvals"), {}, on=row.pk),
    }


def _disputed(row: Dispute, user: User) -> dict[str, Any]:
    waits = row.verdict == Dispute.Verdict.OPEN
    return {
        "dispute": row,
        "waits_for": names_of(deciders(row.team_id, row.by)) if waits else "",
        "may_decide": waits and permissions.may_settle(user, row),
        "url": address(reverse("leads:approvals"), {}, on=row.pk),
    }
