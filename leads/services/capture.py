"""How a person becomes a lead: one person, one lead, for life (R1). Bulk is the rule, one is a batch of one."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from contacts.models import Contact
from contacts.services import lock_identity, match_many, parse_points
from core import clock, rulebook
from core.errors import FieldError, Forbidden, RuleRefused
from core.locking import lock, verb
from leads import permissions
from leads.models import Lead
from leads.rules import is_overdue
from leads.services.batch import Batch, Capture, Captured
from leads.services.common import leads as lead_rows
from leads.services.week import expire_due
from outreach.rules import is_channel

__all__ = ["Capture", "Captured", "capture", "capture_many"]


@verb
def capture(
    *,
    by: User,
    contact: dict[str, str],
    channel: str,
    medium: str = "api",
    campaign: str = "",
    cost: Decimal | None = None,
    note: str = "",
) -> tuple[Lead, bool]:
    """Capture one person; answers the lead and whether it was known (R1.1, R1.3).

    Raises Forbidden, RuleRefused naming every value that cannot be one (R1.2).
    """
    if not permissions.may_capture(by):
        raise Forbidden()
    points, errors = parse_points(contact)
    if not points and not errors:
        errors.append(
            FieldError("contact", "required", _("At least one of phone, e-mail, WeChat id is needed."))
        )
    if not channel:
        message: Any = _("By which channel did the person come?")
        errors.append(FieldError("source.channel", "required", message))
    elif not is_channel(channel):
        message = _("“%(value)s” is not a channel: small letters, digits and underscores.") % {
            "value": channel[:60]
        }
        errors.append(FieldError("source.channel", "invalid", message))
    if medium not in rulebook.get("media"):
        message = _("“%(value)s” is not a medium of this firm.") % {"value": medium[:60]}
        errors.append(FieldError("source.medium", "unknown", message))
    if cost is not None and cost < 0:
        errors.append(
            FieldError(
                "source.cost", "out_of_range", _("“%(value)s”: a cost is 0 or more.") % {"value": cost}
            )
        )
    if errors:
        raise RuleRefused(errors=errors)
    words: dict[str, Any] = {key: contact.get(key, "") or "" for key in ("name", "title", "company_name")}
    row = Capture(points, channel, medium, campaign=campaign, cost=cost, note=note, **words)
    done = capture_many([row], by=by)[0]
    return lead_rows().get(pk=done.lead_id), done.known


@verb
def capture_many(rows: Sequence[Capture], *, by: User | None, import_id: Any = None) -> list[Captured]:
    """Capture people in one go, set-based; the answers are in the order of the rows (R1.3).

    Each row must have a point. A person who comes twice in the batch is one person.
    """
    lock_identity(p for row in rows for p in row.points)
    found = match_many(p for row in rows for p in row.points)
    people = {m.contact_id for m in found.values()}
    lock(Contact.objects.all(), people)
    leads = _locked_leads(people)
    at = clock.now()
    over = [lead.pk for lead in leads if is_overdue(lead.state, lead.due_at, at)]
    if over:  # swept or not, it lies in the pool since it was due (R6.2), and there the person finds it
        expire_due(over, at)
        leads = _locked_leads(people)
    batch = Batch(rows, {key: match.contact_id for key, match in found.items()}, leads, at, by, import_id)
    return batch.run()


def _locked_leads(contact_ids: set[Any]) -> list[Lead]:
    if not contact_ids:
        return []
    ids = Lead.objects.live().filter(contact_id__in=contact_ids).values_list("pk", flat=True)
    return lock(lead_rows().select_related("contact__company"), list(ids))
