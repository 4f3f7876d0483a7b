"""What a manager settles about an MQL: a rep's objection, marketing's contest of a return (R4.1, R4.2)."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from accounts.models import User
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
from leads.rules import Ended, Reason, State
from leads.services.common import end_holding, fact, locked, require, require_state, store


@verb
def object_to(lead: Lead, *, text: str, by: User) -> Dispute:
    """What a rep has against an MQL that is none of the five reasons goes to the manager (R4.1).

    Raises Forbidden, TransitionNotAllowed, Conflict (one is open), RuleRefused.
    """
    row = locked(lead)
    at = clock.now()
    require(permissions.may_judge(by, row), row, by, at)
    require_state(row, at, State.MQL)
    holding = Holding.objects.open().filter(lead=row).first()
    return _raise(row, Dispute.Kind.OBJECTION, holding, row.team_id, text, by)


@verb
def contest(lead: Lead, *, text: str, by: User) -> Dispute:
    """Marketing contests a return, once; it changes figures only (R4.2).

    Raises Forbidden, TransitionNotAllowed (off, not returned, or contested before), RuleRefused.
    """
    row = locked(lead)
    at = clock.now()
    require(permissions.may_contest(by, row), row, by, at)
    last = (
        Holding.objects.filter(lead=row, stage=State.MQL)
        .order_by("-from_at", "-id")
        .select_related("user")
        .first()
    )
    if not rulebook.get("contesting") or last is None or last.ended != Ended.RETURNED:
        raise TransitionNotAllowed(row.state)
    if Dispute.objects.filter(holding=last, kind=Dispute.Kind.CONTEST).exists():
        raise AlreadyDecided(detail=_("This return has been contested before: once is enough."))
    return _raise(row, Dispute.Kind.CONTEST, last, last.user.team_id, text, by)


def _raise(lead: Lead, kind: str, holding: Holding | None, team_id: object, text: str, by: User) -> Dispute:
    at = clock.now()
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
    events.record(
        fact(name, lead, at, by, lead.state, data={"dispute": str(dispute.pk)}, texts={"text": text})
    )
    notify(User.objects.managers_of(team_id).exclude(pk=by.pk), name, lead, at=at, dispute=str(dispute.pk))
    return dispute


@verb
def settle(dispute: Dispute, *, verdict: str, text: str = "", by: User) -> Dispute:
    """A manager settles, once. An objection: legal, the rep judges anew; illegal, it goes back to marketing (R4.1).
    A contest changes the figures only (R4.2). Raises Forbidden, AlreadyDecided, RuleRefused."""
    lead = locked(dispute.lead_id)
    try:
        row = lock_one(Dispute.objects.all(), dispute.pk)
    except Dispute.DoesNotExist:
        raise NotFound() from None
    at = clock.now()
    if not permissions.may_settle(by, row):
        raise Forbidden()
    if row.verdict != Dispute.Verdict.OPEN:
        raise AlreadyDecided(extra={"state": row.verdict})
    if verdict not in (Dispute.Verdict.LEGAL, Dispute.Verdict.ILLEGAL):
        raise RuleRefused(errors=[FieldError("verdict", "required", _("Legal or illegal: one of the two."))])
    row.verdict, row.settled_by, row.settled_at, row.settled_text = verdict, by, at, text.strip()
    row.save(update_fields=["verdict", "settled_by", "settled_at", "settled_text"])
    if row.kind == Dispute.Kind.OBJECTION and lead.state == State.MQL:
        _settle_objection(lead, verdict, by)
    else:
        lead.store()
    data = {"dispute": str(row.pk), "verdict": verdict, "kind": row.kind}
    events.record(fact("settled", lead, at, by, lead.state, data=data, texts={"text": text}))
    notify({row.by_id, *([lead.owner_id] if lead.owner_id else [])}, "settled", lead, at=at, verdict=verdict)
    return row


def _settle_objection(lead: Lead, verdict: str, by: User) -> None:
    at = clock.now()
    if verdict == Dispute.Verdict.ILLEGAL:
        end_holding(lead, Ended.RETURNED, at, "settled")
        lead.pool(reason=Reason.RETURNED, detail="settled", at=at)
    else:
        lead.judge_by = at + timedelta(hours=rulebook.get("judge_hours"))
    store(lead)
