"""MQL → SQL: the rep verifies what was handed over, once (R4)."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.services import notify
from core import clock, events
from core.errors import FieldError, RuleRefused
from core.locking import verb
from core.models import Event
from leads import permissions
from leads.models import Lead
from leads.rules import Began, Ended, ReturnReason, State
from leads.services.common import (
    begin_holding,
    end_holding,
    fact,
    locked,
    require,
    require_state,
    store,
    to_marketing,
)
from leads.services.passing import was_called
from leads.services.week import week_ends


@verb
def accept(lead: Lead, *, by: User) -> Lead:
    """mql → sql: a correct MQL; its week begins (R4.1, R6.1). Raises Forbidden, TransitionNotAllowed, Overdue."""
    row = locked(lead)
    at = clock.now()
    require(permissions.may_judge(by, row), row, by, at)
    require_state(row, at, State.MQL)
    return accept_locked(row, by=by, at=at)


def accept_locked(lead: Lead, *, by: User, at: datetime) -> Lead:
    """The same on a lead that is locked and was checked (R3.3: both hats, one key)."""
    assert lead.owner is not None
    end_holding(lead, Ended.ACCEPTED, at)
    lead.accept(at=at, due_at=week_ends(at))
    store(lead)
    begin_holding(lead, lead.owner, State.SQL, Began.ACCEPTED, at)
    events.record(fact("accepted", lead, at, by, State.MQL, data={"due_at": lead.due_at.isoformat()}))  # type: ignore[union-attr]
    return lead


@verb
def return_mql(lead: Lead, *, reason: str, text: str = "", by: User) -> Lead:
    """mql → pooled: an illegal MQL goes back to marketing, by one of five reasons (R4.1, R4.2).

    Raises Forbidden, TransitionNotAllowed, RuleRefused (no reason, or not reached without a logged call).
    """
    row = locked(lead)
    at = clock.now()
    require(permissions.may_judge(by, row), row, by, at)
    require_state(row, at, State.MQL)
    if reason not in ReturnReason.values:
        message = _("Say why: empty number, wrong number, cannot be reached, no need now, or duplicate.")
        raise RuleRefused(
            "reason_required", errors=[FieldError("reason", "required" if not reason else "invalid", message)]
        )
    if reason == ReturnReason.UNREACHABLE and not was_called(row):
        message = _("“Cannot be reached” needs a call that was logged after the hand-over.")
        raise RuleRefused("reason_required", errors=[FieldError("reason", "call_needed", message)])
    to_marketing(row, reason, at)
    events.record(fact("returned", row, at, by, State.MQL, data={"reason": reason}, texts={"text": text}))
    _tell_who_called(row, by, reason, at)
    return row


def _tell_who_called(lead: Lead, by: User, reason: str, at: datetime) -> None:
    """Who qualified it learns what became of the call (R15.2)."""
    qualified = Event.objects.filter(subject_id=lead.pk, verb="qualified", by_id__isnull=False)
    caller = qualified.order_by("-at", "-id").values_list("by_id", flat=True).first()
    if caller is not None and caller != by.pk:
        notify([caller], "mql_returned", lead, at=at, reason=reason)
