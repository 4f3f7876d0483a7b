"""Whom a mailing would reach and who is held back and why, before it starts and while it runs (R10.8, ui.md)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import BooleanField, Count, ExpressionWrapper, F, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from accounts.models import User
from contacts.models import Contact
from core import hooks
from outreach import gate
from outreach.models import Addressee, Mailing
from outreach.rules import WHY_HELD

MOST, BATCH, NAMED = 10_000, 2_000, 5
DECIDED = ExpressionWrapper(Q(due_at__isnull=True), output_field=BooleanField())


@dataclass
class Held:
    """Those who do not get it for one reason; `later` if waiting mends it. `names` are the first few."""

    why: str
    number: int = 0
    later: bool = False
    people: list[Contact] = field(default_factory=list)

    @property
    def reason(self) -> Any:
        """The reason in a seller's words."""
        return WHY_HELD.get(self.why, self.why)


@dataclass
class Outlook:
    """`total` are in it, `now` get it at once; `partly`: so many are in the view that only the first were looked at."""

    total: int = 0
    now: int = 0
    held: list[Held] = field(default_factory=list)
    first: Contact | None = None
    partly: bool = False

    @property
    def later(self) -> int:
        """Those who get it when their time comes."""
        return sum(group.number for group in self.held if group.later)

    @property
    def never(self) -> int:
        """Those who do not get it."""
        return sum(group.number for group in self.held if not group.later)


def audience(query: str, user: User) -> QuerySet[Contact]:
    """The people of a saved view of leads, as this user sees them."""
    rows = Contact.objects.none()
    for found in hooks.audience(query, user):
        rows = rows | Contact.objects.filter(pk__in=found)
    return rows


def outlook(query: str, channel: str, user: User, at: datetime) -> Outlook:
    """What would happen if a mailing by this way began now, by the very gate that will decide."""
    found = Outlook()
    groups: dict[tuple[str, bool], Held] = {}
    limits = gate.Limits.now()
    for batch in _batches(audience(query, user).order_by("pk")):
        facts = gate.facts_of(batch, at)
        for contact in batch:
            found.total += 1
            verdict = gate.judge(facts[contact.pk], channel, at, limits)
            if verdict.ok:
                found.now += 1
                found.first = found.first or contact
                continue
            later = verdict.why not in gate.NEVER
            group = groups.setdefault((verdict.why, later), Held(verdict.why, later=later))
            group.number += 1
            if len(group.people) < NAMED:
                group.people.append(contact)
            if later:
                found.first = found.first or contact
    found.held = sorted(groups.values(), key=lambda group: (not group.later, -group.number))
    found.partly = found.total >= MOST
    return found


def _batches(rows: QuerySet[Contact]) -> Iterator[list[Contact]]:
    after = None
    for _turn in range(MOST // BATCH):
        batch = list((rows.filter(pk__gt=after) if after else rows)[:BATCH])
        if batch:
            yield batch
        if len(batch) < BATCH:
            return
        after = batch[-1].pk


def standing(mailing: Mailing) -> Outlook:
    """How far a mailing that began has come: who got it, who waits, who is left out and why; two queries."""
    by = mailing.addressees.order_by().values("held", done=DECIDED).annotate(n=Count("pk"))
    found = Outlook()
    groups: dict[tuple[str, bool], Held] = {}
    for row in by:
        found.total += row["n"]
        waits = not row["done"]
        if not row["held"] and not waits:
            found.now += row["n"]
        else:
            groups[row["held"], waits] = Held(row["held"], row["n"], waits)
    for addressee in _first_few(mailing):
        group = groups.get((addressee.held, addressee.due_at is not None))
        if group is not None:
            group.people.append(addressee.contact)
    found.held = sorted(groups.values(), key=lambda group: (not group.later, -group.number))
    return found


def _first_few(mailing: Mailing) -> QuerySet[Addressee]:
    rows = mailing.addressees.exclude(held="").select_related("contact")
    place = Window(RowNumber(), partition_by=[F("held"), DECIDED], order_by=F("pk").asc())
    return rows.annotate(place=place).filter(place__lte=NAMED).order_by("held", "pk")
