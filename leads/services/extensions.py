"""More time for special cases: asked by the owner, decided by somebody above, never by oneself (R7)."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.notices import over
from accounts.services import notify
from core import clock, events, rulebook
from core.errors import AlreadyDecided, Conflict, FieldError, Forbidden, NotFound, RuleRefused
from core.locking import lock, lock_one, verb
from leads import permissions
from leads.models import Extension, Holding, Lead
from leads.rules import ExtensionState, State
from leads.services.common import deciders, fact, locked, require, require_state
from leads.services.week import extension_ends

DECIDED = {
    ExtensionState.APPROVED: _("%(name)s has approved this already."),
    ExtensionState.REJECTED: _("%(name)s has rejected this already."),
}
LAPSED = _("Too late: this request ended with the rep's time on the lead.")


def require_place(user: User, lead: Lead, at: datetime) -> None:
    """Refuse the eleventh lead on extension of one rep, whose row must be locked. Raises RuleRefused (R7.3)."""
    held = Lead.objects.on_extension().filter(owner=user, due_at__gt=at)
    taken = set(held.values_list("pk", flat=True))
    most = rulebook.get("extensions_a_rep")
    if lead.pk not in taken and len(taken) >= most:
        message = _("%(name)s has %(most)s leads on extension: one of them has to end first.")
        raise RuleRefused("extension_limit_rep", message % {"name": user.name, "most": most})


@verb
def ask_extension(lead: Lead, *, reason: str, by: User) -> Extension:
    """The owner of an SQL asks for another week, with a reason; the clock runs on (R7.1, R7.4).

    Raises Forbidden, Overdue, TransitionNotAllowed, Conflict (extension_pending), RuleRefused (extension_limit_lead,
    extension_limit_rep, reason_required).
    """
    # The rep's own row is the lock under which the places are counted, so that requests cannot race past the limit.
    (rep,) = lock(User.objects.all(), [by.pk])
    row = locked(lead)
    at = clock.now()
    require(permissions.may_ask(rep, row), row, by, at)
    require_state(row, at, State.SQL)
    if not reason.strip():
        errors = [FieldError("reason", "required", _("Say what the extra week is for."))]
        raise RuleRefused("reason_required", errors=errors)
    if Extension.objects.pending().filter(lead=row).exists():
        raise Conflict("extension_pending", _("An extension of this lead waits for a decision already."))
    most = rulebook.get("extensions_a_lead")
    if row.extensions_used >= most:
        raise RuleRefused(
            "extension_limit_lead", _("This lead has had its %(most)s extensions.") % {"most": most}
        )
    require_place(rep, row, at)
    assert row.due_at is not None
    asked = Extension.objects.create(
        lead=row,
        holding=Holding.objects.open().get(lead=row),
        rep=rep,
        reason=reason.strip(),
        asked_at=at,
        due_before=row.due_at,
    )
    row.store()
    data = {"extension": str(asked.pk)}
    events.record(fact("extension_asked", row, at, by, row.state, data=data, texts={"reason": asked.reason}))
    notify(deciders(rep.team_id, rep), "extension_asked", row, at=at, extension=str(asked.pk))
    return asked


@verb
def approve_extension(extension: Extension, *, by: User, comment: str = "") -> Extension:
    """Another week for the lead (R7.2). Raises Forbidden, AlreadyDecided, Overdue, NotFound."""
    row, lead, at = _to_decide(extension, by)
    assert lead.due_at is not None
    row.due_after = extension_ends(lead.due_at)
    lead.due_at, lead.extensions_used = row.due_after, lead.extensions_used + 1
    lead.store("due_at", "extensions_used")
    Holding.objects.filter(pk=row.holding_id).update(due_at=lead.due_at, extensions_used=lead.extensions_used)
    return _decided(row, lead, ExtensionState.APPROVED, by, comment, at)


@verb
def reject_extension(extension: Extension, *, by: User, comment: str = "") -> Extension:
    """No more time: the week ends when it ends (R7.1). Raises Forbidden, AlreadyDecided, Overdue, NotFound."""
    row, lead, at = _to_decide(extension, by)
    lead.store()
    return _decided(row, lead, ExtensionState.REJECTED, by, comment, at)


def _to_decide(extension: Extension, by: User) -> tuple[Extension, Lead, datetime]:
    # A merge moves a request to the lead that stays: the lead is read anew, not from the copy the caller holds.
    lead_id = Extension.objects.filter(pk=extension.pk).values_list("lead_id", flat=True).first()
    lead = locked(lead_id)
    row = lock_one(Extension.objects.select_related("rep"), extension.pk)
    at = clock.now()
    if row.lead_id != lead.pk:
        raise NotFound()
    if not permissions.may_decide(by, row):
        own = _("Nobody decides their own request.") if row.rep_id == by.pk else None
        raise Forbidden(detail=own)
    if row.state != ExtensionState.PENDING:
        raise AlreadyDecided(detail=_told(row), extra={"state": row.state})
    require_state(lead, at, State.SQL)
    return row, lead, at


def _told(row: Extension) -> object:
    name = row.decided_by.name if row.decided_by else ""
    return DECIDED[ExtensionState(row.state)] % {"name": name} if name else LAPSED


def _decided(row: Extension, lead: Lead, state: str, by: User, comment: str, at: datetime) -> Extension:
    row.state, row.decided_at, row.decided_by, row.comment = state, at, by, comment.strip()
    row.save(update_fields=["state", "decided_at", "decided_by", "comment", "due_after"])
    data = {"extension": str(row.pk), "due_at": lead.due_at.isoformat() if lead.due_at else None}
    if row.due_after is not None:
        data["due_before"] = row.due_before.isoformat()
    name = f"extension_{state}"
    events.record(fact(name, lead, at, by, lead.state, data=data, texts={"comment": row.comment}))
    over(("extension_asked",), lead, at=at)
    notify([row.rep_id], name, lead, at=at, extension=str(row.pk))
    return row
