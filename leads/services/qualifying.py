"""lead → MQL, and back from the pool to the desk (R2.1, R10.6)."""

from __future__ import annotations

from datetime import datetime

from accounts.models import User
from core import events
from leads.models import Lead
from leads.services.common import fact, store


def qualify(lead: Lead, *, by: User, at: datetime) -> Lead:
    """new → mql of a locked lead: it does not refuse to talk (R2.1). The caller hands it over (R3)."""
    was = lead.state
    lead.qualify(by=by, at=at)
    lead.last_touch_at = at
    store(lead, "last_touch_at")
    events.record(fact("qualified", lead, at, by, was))
    return lead


def reactivate_locked(lead: Lead, *, by: User | None, at: datetime, why: str) -> Lead:
    """pooled or invalid → new of a locked lead: first in the queue of the desk, streaks start again (R10.6)."""
    was = lead.state
    lead.reactivate(at=at)
    store(lead)
    lead.contact.points.filter(dead_at__isnull=True).update(no_answer_streak=0)
    events.record(fact("reactivated", lead, at, by, was, data={"why": why, "run": lead.run}))
    return lead


reactivate = reactivate_locked
