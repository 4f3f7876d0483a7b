"""Verbs on campaigns: what marketing spends money on, for which goal (R11.6)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalogue.rules import MONEY_MOST, cents
from core import clock, events
from core.errors import FieldError, RuleRefused
from core.locking import lock_one, lock_words, verb
from outreach.models import Campaign
from outreach.permissions import require_editor
from outreach.rules import Goal

SPACE = 91
NAME_MOST, NOTE_MOST = 120, 10_000
FIELDS = ("name", "kind", "goal", "budget", "cost", "starts_on", "ends_on", "note", "active")


def campaigns_named(names: Iterable[str], *, at: datetime) -> dict[str, Campaign]:
    """The campaigns of these names, made where there is none: name → campaign (R1.4)."""
    wanted = sorted({name[:NAME_MOST] for name in names})
    if not wanted:
        return {}
    found = {c.name: c for c in Campaign.objects.filter(name__in=wanted)}
    missing = [name for name in wanted if name not in found]
    if missing:
        rows = [Campaign(name=name, created_at=at) for name in missing]
        Campaign.objects.bulk_create(rows, ignore_conflicts=True)
        found.update({c.name: c for c in Campaign.objects.filter(name__in=missing)})
    return found


@verb
def save_campaign(campaign: Campaign | None, *, by: User, **fields: Any) -> Campaign:
    """Make or change a campaign or community (name, kind, goal, budget, cost, starts_on, ends_on, note, active).
    Raises Forbidden, RuleRefused (everything that is wrong)."""
    require_editor(by)
    row = lock_one(Campaign.objects.all(), campaign.pk) if campaign else Campaign()
    before = {name: getattr(row, name) for name in fields}
    for name in FIELDS:
        if name in fields:
            setattr(row, name, fields[name])
    row.name = " ".join((row.name or "").split())
    row.note = (row.note or "").strip()
    errors = _errors(row, named=not campaign or row.name != before.get("name", row.name))
    if errors:
        raise RuleRefused(errors=errors)
    at = clock.now()
    if campaign:
        row.store(*(name for name in FIELDS if name in fields))
    else:
        row.created_at = at
        row.save()
    changed = {
        n: [_plain(old), _plain(getattr(row, n))] for n, old in before.items() if old != getattr(row, n)
    }
    note = changed.pop("note", None)
    events.record(
        events.Fact(
            "campaign_changed" if campaign else "campaign_made",
            row,
            at,
            by,
            data=changed if campaign else {"goal": row.goal, "kind": row.kind},
            texts={"note": (note[0], note[1])} if note and campaign else {},
        )
    )
    return row


def put_away(campaign: Campaign, *, by: User) -> Campaign:
    """It is over: out of the list and of every choice; its figures stay. Raises Forbidden."""
    return save_campaign(campaign, by=by, active=False)


def _plain(value: Any) -> str:
    return "" if value is None else str(value)


def _errors(row: Campaign, *, named: bool) -> list[FieldError]:
    errors = []
    if not row.name:
        errors.append(FieldError("name", "required", _("A campaign needs a name.")))
    elif len(row.name) > NAME_MOST:
        errors.append(_too_long("name", NAME_MOST))
    elif named:
        # Two people who give one name at once do it one after the other.
        lock_words(SPACE, [row.name.casefold()])
        if Campaign.objects.filter(name__iexact=row.name).exclude(pk=row.pk).exists():
            message = _("There is already a campaign “%(name)s”.") % {"name": row.name}
            errors.append(FieldError("name", "taken", message))
    for name, choices in (("kind", Campaign.Kind), ("goal", Goal)):
        if getattr(row, name) not in choices.values:
            message = _("One of: %(choices)s.") % {"choices": ", ".join(choices.values)}
            errors.append(FieldError(name, "invalid_choice", message))
    for name in ("budget", "cost"):
        errors += _money_errors(name, getattr(row, name))
    if len(row.note) > NOTE_MOST:
        errors.append(_too_long("note", NOTE_MOST))
    return errors + _day_errors(row.starts_on, row.ends_on)


def _money_errors(name: str, value: Decimal | None) -> list[FieldError]:
    if value is None or (value.is_finite() and 0 <= value <= MONEY_MOST and cents(value) == value):
        return []
    message = _("“%(value)s”: an amount of 0 or more, with at most two places.") % {"value": value}
    return [FieldError(name, "out_of_range", message)]


def _day_errors(first: date | None, last: date | None) -> list[FieldError]:
    if first and last and last < first:
        return [FieldError("ends_on", "before_start", _("It would end before it begins."))]
    return []


def _too_long(name: str, most: int) -> FieldError:
    return FieldError(name, "too_long", _("At most %(most)s characters.") % {"most": most})
