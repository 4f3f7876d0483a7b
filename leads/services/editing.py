"""Keeping right what is known of a lead's person, and what is to be done next: one verb for page and API."""

from __future__ import annotations

from datetime import date

from accounts.models import User
from contacts.rules import KINDS
from contacts.services import update_contact
from core import clock
from core.locking import verb
from leads import permissions
from leads.models import Lead
from leads.services.common import leads, locked, require, require_state
from leads.services.moves import WORKED_ON, set_next_step


@verb
def edit(
    lead: Lead,
    *,
    by: User,
    contact: dict[str, str | None] | None = None,
    step: tuple[str, date | None] | None = None,
) -> None:
    """Change the contact's details and the next step together or not at all; the version rises (R6.2, R12.2).

    Raises Forbidden, Overdue, AlreadyClaimed, TransitionNotAllowed, RuleRefused, DuplicateContact.
    """
    # Unlocked first: who has lost the lead reads the truth before anything is said about the contact.
    _require_edit(leads().get(pk=lead.pk), by)
    if contact is not None:
        said = {name: value for name, value in contact.items() if value is not None}
        points = {kind: said.pop(kind) for kind in KINDS if kind in said}
        update_contact(lead.contact, by=by, points=points, **said)
        row = locked(lead)
        _require_edit(row, by)
        row.store()
    if step is not None:
        set_next_step(lead, text=step[0], on=step[1], by=by)


def _require_edit(lead: Lead, by: User) -> None:
    at = clock.now()
    require(permissions.may_edit(by, lead), lead, by, at)
    require_state(lead, at, *WORKED_ON)
