"""Who may do what to a lead: the button and the verb ask the same predicate."""

from __future__ import annotations

from datetime import datetime

from accounts.models import Hat, User
from accounts.permissions import manages
from leads.models import Dispute, Extension, Lead
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


def may_ask(user: User, lead: Lead) -> bool:
    """Only the owner asks for more time (R7.1)."""
    return lead.owner_id == user.pk


def may_take(user: User, lead: Lead, at: datetime) -> bool:
    """A rep of the same team, once the first call was missed (R3.2)."""
    if lead.state != State.MQL or lead.call_by is None or lead.call_by > at:
        return False
    return user.wears(Hat.REP) and user.team_id is not None and user.team_id == lead.team_id


def may_decide(user: User, extension: Extension) -> bool:
    """A manager of the owner's team or above, or an administrator; nobody decides their own (R7.1)."""
    return extension.rep_id != user.pk and manages(user, extension.rep.team_id)


def may_object(user: User, lead: Lead) -> bool:
    """The rep it was handed to; a manager above has the word anyway (R4.1)."""
    return lead.owner_id is not None and lead.owner_id == user.pk


def may_contest(user: User, lead: Lead) -> bool:
    """Marketing contests a return (R4.2)."""
    return user.wears(Hat.MARKETER)


def may_see_dispute(user: User, dispute: Dispute) -> bool:
    """Who brought it up, the managers of the team, marketing and administrators (R15.2)."""
    return dispute.by_id == user.pk or user.wears(Hat.MARKETER) or manages(user, dispute.team_id)


def may_settle(user: User, dispute: Dispute) -> bool:
    """A manager of the team or above; nobody settles what they brought up (R4.1, R4.2)."""
    return dispute.by_id != user.pk and manages(user, dispute.team_id)


def is_masked(lead: Lead) -> bool:
    """Contact details in the pool are masked until the claim (R10.4)."""
    return lead.state == State.POOLED
