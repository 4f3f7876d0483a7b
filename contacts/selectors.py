"""What is read of a person and a company: the timeline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import User
from contacts.models import Contact, ContactPoint
from core import hooks
from core.models import Event, EventText

AMOUNTS = ("amount", "total")


@dataclass
class Entry:
    """One line of a timeline."""

    event: Event
    by: User | None
    texts: dict[str, tuple[str, str]]


def of_company(company_id: Any, user: User) -> QuerySet[Event]:
    """What happened with a company and with those of its people whom the user may see, from the first touch on, also
    before it was known where they work; of what concerns no person, the records that the user sees (R15.2)."""
    theirs = Q(contact_id__in=_people_of(company_id, user))
    own = Q(contact_id=None) & (Q(subject_type="company") | Q(subject_id__in=_nobodys(company_id, user)))
    return Event.objects.filter((Q(company_id=company_id) & (own | theirs)) | (theirs & Q(company_id=None)))


def _nobodys(company_id: Any, user: User) -> set[Any]:
    """The records of a company that name no person, as far as this user sees them."""
    rows = Event.objects.filter(company_id=company_id, contact_id=None).exclude(subject_type="company")
    asked: dict[str, set[Any]] = {}
    for kind, pk in rows.order_by().values_list("subject_type", "subject_id").distinct():
        asked.setdefault(kind, set()).add(pk)
    return set().union(*hooks.amounts_seen(user, asked)) if asked else set()


def _people_of(company_id: Any, user: User) -> list[Any]:
    """The people of a company whom this user sees, with those who left it and those who were merged into them. Ids, not
    a subquery: so the events are found by their indexes."""
    told = Event.objects.filter(company_id=company_id, contact_id__isnull=False).order_by()
    moved = Contact.objects.filter(pk__in=told.values("contact_id"), merged_into__isnull=False)
    known = Contact.objects.filter(company=company_id).values_list("pk")
    known = known.union(told.values_list("contact_id"), moved.values_list("merged_into"))
    seen = [
        pk
        for (pk,) in Contact.objects.visible_to(user).filter(pk__in=[pk for (pk,) in known]).values_list("pk")
    ]
    return seen + list(Contact.objects.filter(merged_into__in=seen).values_list("pk", flat=True))


def texts_of(
    events: list[Event], user: User, *, masked: bool | None = None
) -> dict[Any, dict[str, tuple[str, str]]]:
    """The texts of events: event id → field → (old, new). Of people in the pool, or of all if `masked`, neither texts
    nor amounts are told: kind, outcome and date only (R10.4). Amounts of a record are for who sees it (R15.2)."""
    # Whoever has the person's place on the trunk at hand says so; else it is asked for each person.
    contacts = {event.contact_id for event in events if event.contact_id and masked is None}
    hidden = set().union(*hooks.masked_contacts(list(contacts))) if contacts else set()
    told = []
    for event in events:
        if masked or event.contact_id in hidden:
            _without_amounts(event)
        else:
            told.append(event)
    _hide_amounts(told, user)
    found: dict[Any, dict[str, tuple[str, str]]] = {}
    for text in EventText.objects.filter(event__in=[event.pk for event in told]):
        found.setdefault(text.event_id, {})[text.field] = (text.old, text.new)
    return found


def _without_amounts(event: Event) -> None:
    event.data = {key: value for key, value in event.data.items() if key not in AMOUNTS}


def _hide_amounts(events: list[Event], user: User) -> None:
    """Take the amounts out of the events of records that this user does not see; one query a type at most."""
    priced = [event for event in events if any(key in event.data for key in AMOUNTS)]
    asked: dict[str, set[Any]] = {}
    for event in priced:
        asked.setdefault(event.subject_type, set()).add(event.subject_id)
    seen = set().union(*hooks.amounts_seen(user, asked)) if asked else set()
    for event in priced:
        if event.subject_id not in seen:
            _without_amounts(event)


def timeline(
    contact_id: Any = None,
    *,
    user: User,
    rows: QuerySet[Event] | None = None,
    masked: bool | None = None,
    before: tuple[datetime, Any] | None = None,
    limit: int = 50,
) -> list[Entry]:
    """What happened with a person, or in these rows, latest first (R15.4)."""
    rows = of_person(contact_id) if rows is None else rows
    if before:
        at, pk = before
        rows = rows.filter(at__lte=at).exclude(at=at, pk__gte=pk)
    listed = list(rows.order_by("-at", "-id")[:limit])
    texts = texts_of(listed, user, masked=masked)
    people = User.objects.in_bulk({e.by_id for e in listed if e.by_id})
    return [Entry(e, people.get(e.by_id), texts.get(e.pk, {})) for e in listed]


def of_person(contact_id: Any) -> QuerySet[Event]:
    """What happened with this contact and with all that were merged into it: one person's history is all of theirs
    (R1.6)."""
    person = Contact.objects.filter(Q(pk=contact_id) | Q(merged_into=contact_id))
    return Event.objects.filter(contact_id__in=person.values("pk"))


def wants_no_email(address: str) -> bool:
    """Whether an address is that of somebody who wants no e-mail: consent wins over everything (R11.2)."""
    found = ContactPoint.objects.filter(kind="email", value=address.strip().lower())
    return found.filter(contact__do_not_email=True, contact__merged_into__isnull=True).exists()
