"""What every verb of a lead does the same way: lock, look again, tell the loser the truth, keep the holding."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import Hat, User
from accounts.notices import over
from accounts.permissions import manages
from contacts.querysets import RECENTLY
from core import clock, events, hooks, rulebook
from core.errors import AlreadyClaimed, Forbidden, NotFound, Overdue, TransitionNotAllowed
from core.locking import lock_one
from leads.models import Dispute, Extension, Holding, Lead
from leads.rules import MOVES, Ended, ExtensionState, Reason, State, is_overdue


def leads() -> QuerySet[Lead]:
    """Leads with what a verb reads of them."""
    return Lead.objects.select_related("contact", "owner", "team")


def locked(lead: Lead | Any) -> Lead:
    """The lead as it is now, locked. Raises NotFound."""
    try:
        return lock_one(leads(), getattr(lead, "pk", lead))
    except Lead.DoesNotExist:
        raise NotFound() from None


def require(allowed: bool, lead: Lead, by: User, at: datetime) -> None:
    """Refuse who may not, and tell the loser the truth: Overdue when the week took it from them or their people,
    TransitionNotAllowed when it has left them another way, AlreadyClaimed when somebody else has it now; Forbidden
    for the rest."""
    if allowed:
        return
    ended = lead.holdings.filter(to_at__gte=at - RECENTLY).select_related("user").order_by("-to_at", "-id")
    lost = next((h for h in ended if h.user_id == by.pk or manages(by, h.user.team_id)), None)
    if lost is not None and lost.ended == Ended.EXPIRED:
        raise Overdue()
    seen = Lead.objects.visible_to(by).filter(pk=lead.pk).exists()
    if not seen and lead.owner_id:
        raise AlreadyClaimed()
    if not seen or (lost is not None and lead.owner_id is None):
        raise TransitionNotAllowed(lead.state)
    raise Forbidden()


def require_state(lead: Lead, at: datetime, *states: str) -> None:
    """Refuse what the state does not allow; an SQL whose week is over is over from that very instant (R6.2)."""
    if is_overdue(lead.state, lead.due_at, at):
        raise Overdue([lead.pk])
    if lead.state not in states:
        place = State(lead.state).label
        detail = _("It is “%(place)s” now: this is not possible any more.") % {"place": place}
        raise TransitionNotAllowed(lead.state, MOVES.get(lead.state, ()), detail)


def fact(verb: str, lead: Lead, at: datetime, by: User | None, was: str = "", **more: Any) -> events.Fact:
    """An event of this lead, with its contact and company."""
    return events.Fact(
        verb,
        lead,
        at,
        by,
        from_state=was,
        to_state=lead.state,
        contact=lead.contact_id,
        company=lead.contact.company_id,
        **more,
    )


def begin_holding(lead: Lead, user: User, stage: str, began: str, at: datetime) -> Holding:
    """From now on this person holds the lead (R10.7)."""
    return Holding.objects.create(
        lead=lead,
        user=user,
        stage=stage,
        run=lead.run,
        from_at=at,
        due_at=lead.due_at if stage == State.SQL else lead.judge_by,
        extensions_used=lead.extensions_used if stage == State.SQL else 0,
        began=began,
    )


def end_holding(lead: Lead, ended: str, at: datetime, detail: str = "") -> None:
    """The holding that is open, if any, ends now and says how (R10.7); what was asked for it dies with it."""
    Holding.objects.filter(lead=lead, to_at__isnull=True).update(
        to_at=at, ended=ended, detail=detail, extensions_used=lead.extensions_used
    )
    # A request for more time and an objection are for this holding (R7.4, R4.1).
    Extension.objects.filter(lead=lead, state=ExtensionState.PENDING).update(
        state=ExtensionState.LAPSED, decided_at=at
    )
    Dispute.objects.open().filter(lead=lead, kind=Dispute.Kind.OBJECTION).update(
        verdict=Dispute.Verdict.LAPSED, settled_at=at
    )
    over(("call_now", "queue_waiting", "due_soon", "extension_asked", "objected"), lead, at=at)


def to_marketing(lead: Lead, detail: str, at: datetime) -> None:
    """mql → pooled of a locked lead: on marketing's desk; if nothing is done there, its cadence begins when the days
    are over that marketing has for it (R4.2)."""
    end_holding(lead, Ended.RETURNED, at, detail)
    lead.pool(reason=Reason.RETURNED, detail=detail, at=at)
    lead.next_touch_at = at + timedelta(days=rulebook.get("returned_days"))
    store(lead)


def deciders(team_id: Any, asker: User) -> list[User]:
    """Who is told that something of a team has to be decided: the managers of the team, else of the nearest one above,
    never the asker; where there is nobody else, the administrators (R7.1)."""
    managers = list(User.objects.managers_of(team_id, but=asker.pk))
    return managers or list(User.objects.active().wearing(Hat.ADMIN).exclude(pk=asker.pk))


STATE_FIELDS = [
    "state",
    "run",
    "owner",
    "team",
    "back_at",
    "qualified_at",
    "qualified_by",
    "handed_at",
    "call_by",
    "call_after",
    "judge_by",
    "accepted_at",
    "due_at",
    "extensions_used",
    "no_answer_streak",
    "call_back_at",
    "pool_reason",
    "pool_detail",
    "pool_segment",
    "pooled_at",
    "claimable",
    "silent_touches",
    "next_touch_at",
    "next_step",
    "next_step_on",
]


def store(lead: Lead, *more: str) -> None:
    """Save what transitions change, and more if named; whoever waits for leads that leave the pool is told (R10.5)."""
    lead.store(*STATE_FIELDS, *more)
    if lead.left_pool:
        lead.left_pool = False
        hooks.pool_left([lead], clock.now())
