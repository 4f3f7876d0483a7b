"""Who may do what to a lead: the button and the verb ask the same predicate."""

from __future__ import annotations

from accounts.models import Hat, User
from accounts.permissions import manages
from leads.models import Lead
from leads.rules import State


def may_capture(user: User) -> bool:
    """Everybody who meets people may type one in."""
    return user.wears(
        Hat.TELEMARKETER,
        Hat.REP,
        Hat.MARKETER,
        Hat.MANAGER,
        Hat.ADMIN,
        Hat.INTEGRATION,
        Hat.SUCCESS,
        Hat.SERVICE,
    )


def may_judge(user: User, lead: Lead) -> bool:
    """The rep it was handed to, or a manager above (R4.3)."""
    if lead.owner_id is None:
        return False
    return lead.owner_id == user.pk or manages(user, lead.team_id)


def may_release(user: User, lead: Lead) -> bool:
    """The owner, or a manager above (R6.5)."""
    return lead.state == State.SQL and may_judge(user, lead)


def may_assign(user: User, lead: Lead) -> bool:
    """A manager above; marketing hands out MQLs, the owner cannot pass a lead on."""
    if manages(user, lead.team_id):
        return True
    return lead.state == State.MQL and user.wears(Hat.MARKETER)


def may_edit(user: User, lead: Lead) -> bool:
    """Note, next step: whoever works on it now."""
    if lead.state == State.NEW:
        return (
            user.wears(Hat.TELEMARKETER, Hat.MARKETER, Hat.MANAGER, Hat.ADMIN, Hat.INTEGRATION)
            or lead.captured_by_id == user.pk
        )
    if lead.owner_id == user.pk or manages(user, lead.team_id):
        return True
    return user.wears(Hat.MARKETER, Hat.ADMIN, Hat.INTEGRATION)


def may_note(user: User, lead: Lead) -> bool:
    """Whoever may contact someone may write down what was said (R15.2); in the pool that is marketing's."""
    return may_edit(user, lead)


def is_masked(lead: Lead) -> bool:
    """Contact details in the pool are masked until the claim (R10.4)."""
    return lead.state == State.POOLED
