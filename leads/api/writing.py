"""A lead as JSON: many at once, in a fixed number of queries."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from accounts.models import User
from contacts.rules import KINDS, masked
from core import clock, hooks, rulebook
from core.api.fields import money, person
from leads import rules
from leads.models import Extension, Holding, Lead, Note
from leads.permissions import is_masked
from leads.rules import State
from leads.selectors import allowed_actions, for_lists, reach


def leads_json(leads: Iterable[Lead], user: User, at: datetime | None = None) -> list[dict[str, Any]]:
    """Return leads (of `for_lists`) as the API writes them; upper apps add their parts (hooks.lead_parts)."""
    listed = list(leads)
    at = at or clock.now()
    allowed = allowed_actions(listed, user, at)
    currency = rulebook.get("currency")
    parts = _parts(listed, user, at)
    pending = Extension.objects.pending().filter(lead__in=[lead.pk for lead in listed])
    asked = set(pending.values_list("lead_id", flat=True))
    return [
        _lead(lead, at, allowed.get(lead.pk, []), currency, parts.get(lead.pk, {}), lead.pk in asked)
        for lead in listed
    ]


def fresh(pk: Any) -> Lead:
    """Return the lead as it is now, with all that its JSON shows."""
    return for_lists(Lead.objects.filter(pk=pk)).get()


def _parts(leads: list[Lead], user: User, at: datetime) -> dict[Any, dict[str, Any]]:
    found: dict[Any, dict[str, Any]] = {}
    for answer in hooks.lead_parts(leads, user, at):
        for pk, part in answer.items():
            mine = found.setdefault(pk, {})
            for key, value in part.items():
                both = isinstance(value, dict) and isinstance(mine.get(key), dict)
                mine[key] = {**mine[key], **value} if both else value
    return found


def _lead(
    lead: Lead, at: datetime, allowed: list[str], currency: str, parts: dict[str, Any], asked: bool
) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": str(lead.pk),
        "version": lead.version,
        "state": lead.state,
        "contact": contact_json(lead),
        "source": {
            "channel": lead.channel,
            "campaign": lead.campaign.name if lead.campaign else None,
            "medium": lead.medium,
            "cost": money(lead.cost, currency),
        },
        "owner": person(lead.owner),
        "team": {"id": str(lead.team.pk), "name": lead.team.name} if lead.team else None,
        "created_at": lead.created_at,
        "acquired_at": lead.acquired_at,
        "due_at": lead.due_at,
        "days_left": rules.days_left(lead.due_at, at),
        "on_extension": lead.state == State.SQL and (lead.extensions_used > 0 or asked),
        "extensions_used": lead.extensions_used,
        "no_answer_streak": lead.no_answer_streak,
        "pool": _pool(lead),
        "opportunity": None,
        "next_step": {"text": lead.next_step, "on": lead.next_step_on} if lead.next_step else None,
        "last_touch_at": lead.last_touch_at,
        "allowed": sorted(set(allowed)),
    }
    for key, value in parts.items():
        both = isinstance(value, dict) and isinstance(found.get(key), dict)
        if key == "pool" and found["pool"] is None:
            continue
        if key == "opportunity":
            value = _opportunity(value)
        found[key] = {**found[key], **value} if both else value
    return found


def contact_json(lead: Lead) -> dict[str, Any]:
    """Return whom the lead is about; ways to reach them masked while it lies in the pool (R10.4)."""
    ways = reach(lead)
    contact = lead.contact
    return {
        "id": str(contact.pk),
        "name": contact.name,
        **{kind: ways[kind] or None for kind in KINDS},
        "title": contact.title,
        "company_name": contact.company.name if contact.company else contact.company_name,
    }


def stranger_json(lead: Lead, user: User) -> dict[str, Any]:
    """Return what a captor reads of a known person whom others hold: masked, and whose it is (R1.5)."""
    found = leads_json([lead], user)[0]
    contact = found["contact"]
    for kind in KINDS:
        if contact[kind] and not is_masked(lead):
            contact[kind] = masked(kind, contact[kind])
    contact["name"] = f"{contact['name'][:1]}**" if contact["name"] else ""
    contact["title"] = ""
    return {**found, "next_step": None, "opportunity": None, "allowed": []}


def _opportunity(row: Any) -> Any:
    """The opportunity that an upper app names, in short; its own address tells the rest."""
    if row is None or isinstance(row, dict):
        return row
    return {
        "id": str(row.pk),
        "kind": row.kind,
        "stage": row.stage,
        "company": {"id": str(row.company_id), "name": row.company.name},
        "amount": money(row.amount, row.currency),
        "expected_close": row.expected_close,
    }


def _pool(lead: Lead) -> dict[str, Any] | None:
    if lead.state != State.POOLED:
        return None
    return {
        "segment": lead.pool_segment,
        "reason": lead.pool_reason,
        "entered_at": lead.pooled_at,
        "next_touch_at": lead.next_touch_at,
        "silent_touches": lead.silent_touches,
        "claimable_by_me": False,
        "why_not": None,
    }


def note_json(note: Note, *, hidden: bool = False) -> dict[str, Any]:
    """Return a note; without its text where the lead is masked (R10.4)."""
    return {"id": str(note.pk), "at": note.at, "by": person(note.by), "text": None if hidden else note.text}


def holding_json(holding: Holding) -> dict[str, Any]:
    """Return one stretch of time in which somebody held a lead (R10.7)."""
    return {
        "id": str(holding.pk),
        "user": person(holding.user),
        "stage": holding.stage,
        "run": holding.run,
        "from_at": holding.from_at,
        "to_at": holding.to_at,
        "due_at": holding.due_at,
        "extensions_used": holding.extensions_used,
        "began": holding.began,
        "ended": holding.ended or None,
        "detail": holding.detail or None,
    }
