"""Who may log a conversation with whom."""

from __future__ import annotations

from accounts.models import Hat, User
from accounts.permissions import manages
from leads.models import Lead
from leads.rules import State


def may_log(user: User, lead: Lead) -> bool:
    """Telemarketers and who captured it call new leads and the pool; owners, and managers above, call their own."""
    if lead.state == State.NEW:
        return user.wears(Hat.TELEMARKETER) or lead.captured_by_id == user.pk
    if lead.state in (State.POOLED, State.INVALID):
        return user.wears(Hat.TELEMARKETER, Hat.MARKETER)
    if lead.state in (State.MQL, State.SQL, State.CONVERTED):
        return lead.owner_id == user.pk or manages(user, lead.team_id) or user.wears(Hat.TELEMARKETER)
    return False
