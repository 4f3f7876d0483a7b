"""What a manager settles about an MQL: a rep's objection, marketing's contest of a return (R4.1, R4.2)."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.notices import over
from accounts.services import notify
from core import clock, events, rulebook
from core.errors import (
    AlreadyDecided,
    Conflict,
    FieldError,
    Forbidden,
    NotFound,
    RuleRefused,
    TransitionNotAllowed,
)
from core.locking import lock_one, verb
from leads import permissions
from leads.models import Dispute, Holding, Lead
from leads.rules import SETTLED, Ended, State
from leads.services.common import (
    deciders,
    fact,
    locked,
    require,
    require_state,
    store,
    to_marketing,
)

SETTLED_BY = _("%(name)s has settled this already.")
LAPSED = _("Too late: the rep's time with this lead ended before anybody settled it.")


@verb
def object_to(lead: Lead, *, text: str, by: User) -> Dispute:
    """What a rep has against an MQL that is none of the five reasons goes to the manager; the 24 h run on (R4.1, R3.2).

    Raises Forbidden, TransitionNotAllowed, Conflict (one is open), RuleRefused.
    """
    row = locked(lead)
    at = clock.now()
    require(permissions.may_object(by, row), row, by, at)
    require_state(row, at, State.MQL)
    holding = Holding.objects.open().filter(lead=row).first()
    return _raise(row, Dispute.Kind.OBJECTION, holding, row.team_id, text, by, at)


@verb
def contest(lead: Lead, *, text: str, by: User) -> Dispute:
    """Marketing contests a return, once; it changes figures only (R4.2).

    Raises Forbidden, TransitionNotAllowed (off, not returned), AlreadyDecided (contested or settled before), RuleRefused.
    """
    row = locked(lead)
    at = clock.now()
    require(permissions.may_contest(by, row), row, by, at)
    last = last_return(row)
    if not rulebook.get("contesting") or last is None:
        raise TransitionNotAllowed(row.state)
    if last.detail == SETTLED:
        raise AlreadyDecided(detail=_("A manager has settled this return already: once is enough."))
    if Dispute.objects.filter(holding=last, kind=Dispute.Kind.CONTEST).exists():
        raise AlreadyDecided(detail=_("This return has been contested before: once is enough."))
    return _raise(row, Dispute.Kind.CONTEST, last, last.user.team_id, text, by, at)


def last_return(lead: Lead) -> Holding | None:
    """The rep's holding that ended with the latest return of this lead, if nobody has judged it anew since."""
    rows = Holding.objects.filter(lead=lead, stage=State.MQL).order_by("-from_at", "-id")
    last = rows.select_related("user").first()
    return last if last is not None and last.ended == Ended.RETURNED else None


def _raise(
    lead: Lead, kind: str, holding: Holding | None, team_id: UUID | None, text: str, by: User, at: datetime
) -> Dispute:
    if not text.strip():
        errors = [FieldError("text", "required", _("Say in a few words what is wrong."))]
        raise RuleRefused("reason_required", errors=errors)
    if Dispute.objects.open().filter(lead=lead).exists():
        raise Conflict("already_decided", _("A manager has this lead for settling already."))
    dispute = Dispute.objects.create(
        lead=lead, holding=holding, kind=kind, team_id=team_id, by=by, at=at, text=text.strip()
    )
    lead.store()
    name = "objected" if kind == Dispute.Kind.OBJECTION else "contested"
    data = {"dispute": str(dispute.pk)}
    events.record(fact(name, lead, at, by, lead.state, data=data, texts={"text": dispute.text}))
    notify(deciders(team_id, by), name, lead, at=at, dispute=str(dispute.pk))
    return dispute


@verb
def settle(dispute: Dispute, *, verdict: str, text: str = "", by: User) -> Dispute:
    """A manager settles, once. An objection: legal, the rep judges anew; illegal, it goes back to marketing (R4.1).
    A contest changes the figures only (R4.2). Raises Forbidden, NotFound, AlreadyDecided, RuleRefused."""
    lead_id = Dispute.objects.filter(pk=dispute.pk).values_list("lead_id", flat=True).first()
    lead = locked(lead_id)
    row = lock_one(Dispute.objects.select_related("holding"), dispute.pk)
    at = clock.now()
    off = row.kind == Dispute.Kind.CONTEST and not rulebook.get("contesting")
    if row.lead_id != lead.pk or off:
        raise NotFound()
    if not permissions.may_settle(by, row):
        own = _("Nobody settles what they brought up.") if row.by_id == by.pk else None
        raise Forbidden(detail=own)
    if row.verdict != Dispute.Verdict.OPEN:
        told = SETTLED_BY % {"name": row.settled_by.name} if row.settled_by else LAPSED
        raise AlreadyDecided(detail=told, extra={"state": row.verdict})
    if verdict not in (Dispute.Verdict.LEGAL, Dispute.Verdict.ILLEGAL):
        raise RuleRefused(errors=[FieldError("verdict", "required", _("Legal or illegal: one of the two."))])
    row.verdict, row.settled_by, row.settled_at, row.settled_text = verdict, by, at, text.strip()
    row.save(update_fields=["verdict", "settled_by", "settled_at", "settled_text"])
    data = {"dispute": str(row.pk), "verdict": verdict, "kind": row.kind}
    events.record(fact("settled", lead, at, by, lead.state, data=data, texts={"text": row.settled_text}))
    # Not who has the lead by now: a contest is of a return of the past.
    told_too = {row.by_id, row.holding.user_id if row.holding else None} - {None, by.pk}
    if row.kind == Dispute.Kind.OBJECTION and lead.state == State.MQL:
        _settle_objection(lead, verdict, by, at)
    else:
        lead.store()
    over(("objected", "contested"), lead, at=at)
    notify(told_too, "settled", lead, at=at, verdict=verdict)
    return row


def _settle_objection(lead: Lead, verdict: str, by: User, at: datetime) -> None:
    if verdict == Dispute.Verdict.ILLEGAL:
        to_marketing(lead, SETTLED, at)
        data = {"reason": SETTLED}
        events.record(fact("returned", lead, at, by, State.MQL, data=data))
        return
    lead.judge_by = at + timedelta(hours=rulebook.get("judge_hours"))
    store(lead)
    Holding.objects.open().filter(lead=lead).update(due_at=lead.judge_by)
