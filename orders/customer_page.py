"""Customer 360: what each app lets this person see of one company, put together when it is read; no table of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Case, QuerySet, When
from django.urls import reverse
from django.utils.text import capfirst

from accounts.models import User
from contacts.models import Company, Contact
from contacts.rules import KINDS, masked, may_be_phoned
from contacts.selectors import Entry, of_company, timeline
from core import clock, hooks
from core.models import Event
from core.web import phrases
from leads.models import Lead
from leads.trunk import PLACES, bar
from opportunities.models import Opportunity
from opportunities.permissions import may_open_next, may_work
from opportunities.rules import OPEN, Kind, Stage
from orders import customers, selectors
from orders.models import Order, Payment
from orders.rules import SIGNED, Balance

TIMELINE = 60
PEOPLE = 30
ROWS = 30
RECEIPTS = 6


@dataclass
class Person:
    """Somebody at the company: the ways to reach them as far as they are seen, and their place on the trunk."""

    contact: Contact
    lead: Lead | None
    masked: bool
    silent: bool
    ways: list[dict[str, Any]] = field(default_factory=list)

    @property
    def phone(self) -> str:
        """A number that is offered to be dialled; none if it is masked or not to be called (R10.4, R11.2)."""
        if self.masked or self.silent:
            return ""
        return next((way["value"] for way in self.ways if way["kind"] == "phone"), "")


def context_of(company: Company, user: User, at: datetime, before: str = "") -> dict[str, Any]:
    """All that the page shows, in a fixed number of queries; `before` is the event behind which the history goes on."""
    today = clock.firm_day(at)
    orders = _orders(company, user, today)
    chances = _chances(company, user)
    with_a_deal = {row.contact_id for row in orders} | {row.contact_id for row in chances}
    people, more_people = _people(company, user, at, with_a_deal - {None})
    signed = [order for order in orders if order.state in SIGNED]
    ahead = sorted((row for row in chances if row.stage in customers.AHEAD), key=_by_day)
    way = _way(signed, chances, people)
    parts = sorted(
        (part for answer in hooks.customer_parts(company, user, at) for part in answer), key=lambda p: p.order
    )
    history = _history(company, user, before)
    older = history[TIMELINE - 1].event.pk if len(history) > TIMELINE else None
    return {
        "company": company,
        "orders": orders[:ROWS],
        "sums": customers.sums_of(signed),
        "dues": _dues(signed, today)[:RECEIPTS],
        "payments": _receipts(signed),
        "ahead": ahead,
        "closed": [row for row in chances if row.stage not in customers.AHEAD][:ROWS],
        "people": people,
        "more_people": more_people,
        "caller": _caller(people, way),
        "bar": bar(way) if way else None,
        "way_of": next((p.contact for p in people if p.contact.pk == way), None) if len(people) > 1 else None,
        "again": company.customer_since is not None and may_open_next(user, company),
        "step": next((row for row in ahead if may_work(user, row)), None),
        "marks": hooks.customer_marks.merged([company], user, at).get(company.pk, []),
        "parts": [part for part in parts if not part.beside],
        "beside": [part for part in parts if part.beside],
        "entries": _told(phrases.lines(history[:TIMELINE]), _about(orders, chances, people)),
        "older": older,
        "today": today,
    }


def _orders(company: Company, user: User, today: date) -> list[Order]:
    """Contracts and orders with this company, the latest first."""
    rows = customers.once(Order.objects.visible_to(user)).filter(company=company).with_money(today)
    return list(rows.select_related("owner").prefetch_related("instalments").order_by("-created_at", "-pk"))


def _chances(company: Company, user: User) -> list[Opportunity]:
    rows = customers.chances(user).filter(company=company).select_related("owner", "team")
    return list(rows.prefetch_related("needs__product").order_by("-created_at", "-pk"))


def _by_day(row: Opportunity) -> tuple[bool, date, datetime]:
    return row.stage == Stage.SCHEDULED, row.active_on or date.min, row.created_at


def _people(company: Company, user: User, at: datetime, first: set[Any]) -> tuple[list[Person], bool]:
    """Who works there and is seen, those with orders and opportunities first; and whether there are more."""
    late = Case(When(pk__in=first, then=0), default=1)
    there = Contact.objects.visible_to(user).filter(company=company, erased_at__isnull=True)
    rows = there.prefetch_related("points")
    listed = list(rows.annotate(_late=late).order_by("_late", "created_at", "pk")[: PEOPLE + 1])
    shown = listed[:PEOPLE]
    ids = [contact.pk for contact in shown]
    hidden: set[Any] = set().union(*hooks.masked_contacts(ids)) if ids else set()
    leads = Lead.objects.visible_to(user).filter(contact__in=ids).select_related("owner")
    known = {lead.contact_id: lead for lead in leads}
    return [_person(x, known.get(x.pk), x.pk in hidden, at) for x in shown], len(listed) > PEOPLE


def _person(contact: Contact, lead: Lead | None, hidden: bool, at: datetime) -> Person:
    promised = lead is not None and lead.call_back_at is not None
    silent = not may_be_phoned(contact, at, promised=promised)
    points = [point for point in contact.points.all() if point.dead_at is None]
    ways: list[dict[str, Any]] = []
    for point in sorted(points, key=lambda p: (KINDS.index(p.kind), not p.first_choice, str(p.pk))):
        if hidden and any(way["kind"] == point.kind for way in ways):
            continue
        ways.append({"kind": point.kind, "value": masked(point.kind, point.value) if hidden else point.whole})
    return Person(contact, lead, hidden, silent, ways)


def _way(signed: list[Order], chances: list[Opportunity], people: list[Person]) -> Any:
    """Whose way stands for the customer's: of who signed first, else of the latest opportunity, else of the lead that
    is furthest on the trunk; the id of the contact."""
    by = [
        order.contact_id
        for order in sorted(signed, key=lambda order: order.signed_at or order.created_at)
        if order.contact_id
    ]
    by += [row.contact_id for row in sorted(chances, key=lambda row: row.stage not in OPEN) if row.contact_id]
    leads = [person.lead for person in people if person.lead]
    by += [lead.contact_id for lead in sorted(leads, key=lambda lead: -PLACES.get(lead.state, 0))]
    return by[0] if by else None


def _caller(people: list[Person], way: Any) -> Person | None:
    """Whom one calls first: whose way it is, else the first with a number that may be dialled."""
    able = [person for person in people if person.phone]
    return min(able, key=lambda person: person.contact.pk != way, default=None)


def _dues(signed: list[Order], today: date) -> list[dict[str, Any]]:
    """What is still to be paid by the schedules, the earliest first."""
    found = []
    for order in signed:
        balance = Balance(order.total, order.paid, order.open, order.overdue, order.covered)  # type: ignore[attr-defined]
        parts = selectors.parts_of(order, balance, today)
        found += [{**part, "order": order} for part in parts if part["open"] > 0]
    return sorted(found, key=lambda row: (row["part"].due_on, str(row["part"].pk)))


def _receipts(signed: list[Order]) -> list[Payment]:
    """What came in last, and what went back."""
    rows = Payment.objects.filter(order__in=[order.pk for order in signed]).select_related("order")
    return list(rows[:RECEIPTS])


def _history(company: Company, user: User, before: str) -> list[Entry]:
    """The one timeline: leads, calls, opportunities, quotes, orders, payments, the latest first."""
    rows = of_company(company.pk, user)
    return timeline(rows=rows, user=user, before=_place(rows, before), limit=TIMELINE + 1)


def _place(rows: QuerySet[Event], before: str) -> tuple[datetime, Any] | None:
    """Where the history goes on; what is no event of this company is its beginning."""
    try:
        pk = UUID(before)
    except ValueError:
        return None
    return rows.filter(pk=pk).values_list("at", "pk").first()


def _about(
    orders: list[Order], chances: list[Opportunity], people: list[Person]
) -> dict[Any, tuple[str, str]]:
    """What the lines of the timeline are about: id of the subject, or of the person → (name, address)."""
    found = {row.pk: (row.number, reverse("orders:order", args=[row.pk])) for row in orders}
    for row in chances:
        if row.kind != Kind.NEW_BUSINESS:
            url = reverse("opportunities:opportunity", args=[row.pk])
            found[row.pk] = (capfirst(row.get_kind_display()), url)
    for person in people if len(people) > 1 else []:
        url = reverse("leads:lead", args=[person.lead.pk]) if person.lead else ""
        found[person.contact.pk] = (str(person.contact), url)
    return found


def _told(lines: list[dict[str, Any]], about: dict[Any, tuple[str, str]]) -> list[dict[str, Any]]:
    """The lines of the timeline, each with what it is about."""
    for line in lines:
        event: Event = line["event"]
        line["about"], line["url"] = about.get(event.subject_id) or about.get(event.contact_id) or ("", "")
    return lines
