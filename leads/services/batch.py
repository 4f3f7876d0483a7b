"""One batch of captures under the identity locks: who is who, then everything new in a few COPYs (R1.3)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from accounts.models import User
from accounts.services import notify
from contacts.models import Company, Contact
from contacts.rules import Point, exact_name
from contacts.services import add_points, companies_named, suggest_merge
from core import events
from core.bulk import copy_rows
from core.ids import uuid7
from leads.models import Lead
from leads.rules import Reason, Segment, State
from leads.services.qualifying import reactivate_locked
from outreach.models import Arrival, Campaign
from outreach.rules import ACTED, THIRD_PARTY
from outreach.services import campaigns_named


@dataclass
class Capture:
    """What came in of one person; `points` are parsed, `at` is when they came (None: now)."""

    points: list[Point]
    channel: str
    medium: str = "api"
    name: str = ""
    title: str = ""
    company_name: str = ""
    language: str = ""  # in which the person spoke to us, where that is known
    campaign: str = ""
    cost: Decimal | None = None
    note: str = ""
    at: datetime | None = None


@dataclass
class Captured:
    """What became of one capture: its lead, whether the person was known, and whom it may also be."""

    lead_id: Any
    contact_id: Any
    known: bool
    same_as: list[Any] = field(default_factory=list)


def _filled(first: Capture, again: Capture) -> Capture:
    """What came in first, with the gaps filled by what came later in the same batch."""
    names = ("name", "title", "company_name", "language")
    return replace(first, **{n: getattr(again, n) for n in names if not getattr(first, n)})


class Batch:
    """Who is who in one batch, then everything new, then what known people bring."""

    def __init__(
        self,
        rows: Sequence[Capture],
        owners: dict[Any, Any],
        leads: list[Lead],
        at: datetime,
        by: User | None,
        import_id: Any,
    ):
        self.leads = {lead.contact_id: lead for lead in leads}
        self.rows, self.at, self.by, self.import_id = rows, at, by, import_id
        self.owner_of = dict(owners)  # key of a point → contact id
        self.state_of: dict[Any, str] = {}  # of the leads that are new
        self.campaigns: dict[str, Campaign] = campaigns_named({r.campaign for r in rows if r.campaign}, at=at)
        self.companies: dict[str, Company] = companies_named(r.company_name for r in rows)
        self.new_contacts: dict[Any, Capture] = {}
        self.new_points: list[tuple[Any, Point]] = []
        self.added: dict[Any, list[Point]] = {}  # to people who were known
        self.pairs: list[tuple[Any, Any]] = []
        self.facts: list[events.Fact] = []  # of known people, written together

    def run(self) -> list[Captured]:
        contacts = [self._contact_of(row) for row in self.rows]
        known_ids = {c for c in contacts if c not in self.new_contacts}
        leads = self.leads
        self._write_contacts()
        without_lead = {
            c: row for c, row in zip(contacts, self.rows, strict=True) if c in known_ids and c not in leads
        }
        fresh = self._write_leads({**self.new_contacts, **without_lead})
        self._write_arrivals(contacts)
        suggest_merge(self.pairs, self.at)
        seen: set[Any] = set()
        answers = []
        for contact_id, row in zip(contacts, self.rows, strict=True):
            first = contact_id in fresh and contact_id not in seen
            seen.add(contact_id)
            lead = leads.get(contact_id)
            if lead is not None:
                self._arrived_again(lead, row)
            elif not first:  # came twice in this batch: one lead, each arrival on its timeline
                self.facts.append(self._again(fresh[contact_id], contact_id, row))
            answers.append(Captured(lead.pk if lead else fresh[contact_id], contact_id, not first))
        self._write_facts()
        return answers

    def _again(self, lead_id: Any, contact_id: Any, row: Capture) -> events.Fact:
        state = self.state_of[lead_id]
        return self._fact("arrived", lead_id, contact_id, row, from_state=state, to_state=state)

    def _write_facts(self) -> None:
        events.record_many(self.facts)
        self.facts = []

    def _contact_of(self, row: Capture) -> Any:
        """Phone first, then e-mail, then WeChat; values of different people move nothing and suggest a merge."""
        holders = [self.owner_of[p.key] for p in row.points if p.key in self.owner_of]
        if holders:
            contact_id = holders[0]
            others = {h for h in holders if h != contact_id}
            self.pairs.extend((contact_id, other) for other in others)
            own = {p.key: p for p in row.points if p.key not in self.owner_of}
            free = [] if others else list(own.values())
            if contact_id in self.new_contacts:
                self.new_contacts[contact_id] = _filled(self.new_contacts[contact_id], row)
        else:
            contact_id, free = uuid7(), list({p.key: p for p in row.points}.values())
            self.new_contacts[contact_id] = row
        for point in free:
            self.owner_of[point.key] = contact_id
            self.new_points.append((contact_id, point))
            if contact_id not in self.new_contacts:
                self.added.setdefault(contact_id, []).append(point)
        return contact_id

    def _write_contacts(self) -> None:
        columns = [
            "id",
            "version",
            "name",
            "title",
            "company_id",
            "company_name",
            "language",
            "timezone",
            "do_not_call",
            "do_not_sms",
            "do_not_email",
            "created_at",
        ]
        copy_rows(
            Contact,
            columns,
            [
                (
                    pk,
                    1,
                    row.name[:120],
                    row.title[:120],
                    self._company_id(row),
                    row.company_name[:200],
                    row.language,
                    "",
                    False,
                    False,
                    False,
                    self.at,
                )
                for pk, row in self.new_contacts.items()
            ],
        )
        add_points(self.new_points)

    def _company_id(self, row: Capture) -> Any:
        company = self.companies.get(exact_name(row.company_name)) if row.company_name else None
        return company.pk if company else None

    def _write_leads(self, rows: dict[Any, Capture]) -> dict[Any, Any]:
        """New leads, with their events: contact id → lead id."""
        made: dict[Any, Any] = {}
        lines, facts = [], []
        for contact_id, row in rows.items():
            pooled = row.medium == THIRD_PARTY
            state = State.POOLED if pooled else State.NEW
            pk = made[contact_id] = uuid7()
            self.state_of[pk] = state
            lines.append(
                (
                    pk, 1, contact_id, state, 1, row.channel, self._campaign_id(row), row.medium, row.cost,
                    self.by.pk if self.by else None, self.at, row.at or self.at, 0, 0,
                    Reason.THIRD_PARTY if pooled else "", "", Segment.THIRD_PARTY if pooled else "",
                    self.at if pooled else None, False, 0, "",
                )
            )  # fmt: skip
            facts.append(self._fact("captured", pk, contact_id, row, to_state=state))
        columns = [
            "id",
            "version",
            "contact_id",
            "state",
            "run",
            "channel",
            "campaign_id",
            "medium",
            "cost",
            "captured_by_id",
            "created_at",
            "acquired_at",
            "extensions_used",
            "no_answer_streak",
            "pool_reason",
            "pool_detail",
            "pool_segment",
            "pooled_at",
            "claimable",
            "silent_touches",
            "next_step",
        ]
        copy_rows(Lead, columns, lines)
        events.record_many(facts)
        self._tell_customer_owners(made, rows)
        return made

    def _fact(self, verb_name: str, lead_id: Any, contact_id: Any, row: Capture, **more: Any) -> events.Fact:
        data: dict[str, Any] = {"channel": row.channel, "medium": row.medium}
        if row.campaign:
            data["campaign"] = str(self._campaign_id(row))
        if self.import_id:
            data["import"] = str(self.import_id)
        texts = {"note": row.note} if row.note else {}
        return events.Fact(
            verb_name,
            ("lead", lead_id),
            self.at,
            self.by,
            contact=contact_id,
            company=self._company_id(row),
            data=data,
            texts=texts,
            **more,
        )

    def _campaign_id(self, row: Capture) -> Any:
        return self.campaigns[row.campaign].pk if row.campaign else None

    def _write_arrivals(self, contacts: Iterable[Any]) -> None:
        columns = [
            "contact_id",
            "at",
            "channel",
            "campaign_id",
            "medium",
            "cost",
            "by_id",
            "note",
            "import_id",
        ]
        copy_rows(
            Arrival,
            columns,
            [
                (c, row.at or self.at, row.channel, self._campaign_id(row), row.medium, row.cost,
                 self.by.pk if self.by else None, row.note, self.import_id)
                for c, row in zip(contacts, self.rows, strict=True)
            ],
        )  # fmt: skip

    def _tell_customer_owners(self, made: dict[Any, Any], rows: dict[Any, Capture]) -> None:
        """A new person at a customer company goes to that customer's owner (R1.3)."""
        for contact_id, row in rows.items():
            company = self.companies.get(exact_name(row.company_name)) if row.company_name else None
            if company and company.customer_since and company.owner_id:
                notify(
                    [company.owner_id],
                    "new_person_at_customer",
                    ("lead", made[contact_id]),
                    at=self.at,
                    company=str(company.pk),
                )

    def _arrived_again(self, lead: Lead, row: Capture) -> None:
        """A known person came again: the arrival is kept, whoever has them is told, the pool lets go (R1.3)."""
        self._fill_gaps(lead, row)
        self.facts.append(
            self._fact("arrived", lead.pk, lead.contact_id, row, from_state=lead.state, to_state=lead.state)
        )
        company = lead.contact.company
        acted = row.medium in ACTED
        if lead.owner_id and lead.state != State.CONVERTED:
            notify([lead.owner_id], "arrived_again", lead, at=self.at, medium=row.medium)
        elif company and company.customer_since and company.owner_id:
            notify(
                [company.owner_id],
                "customer_arrived",
                lead,
                at=self.at,
                medium=row.medium,
                company=str(company.pk),
            )
        elif lead.owner_id:
            notify([lead.owner_id], "arrived_again", lead, at=self.at, medium=row.medium)
        if lead.state == State.POOLED and acted:
            if lead.contact.do_not_call:
                marketers = User.objects.active().wearing("marketer")
                notify(marketers, "do_not_call_arrived", lead, at=self.at, medium=row.medium)
            else:
                self._write_facts()
                reactivate_locked(lead, by=self.by, at=self.at, why=row.medium)
        elif lead.state == State.INVALID and any(
            contact == lead.contact_id for contact, _p in self.new_points
        ):
            self._write_facts()
            reactivate_locked(lead, by=self.by, at=self.at, why="new_point")

    def _fill_gaps(self, lead: Lead, row: Capture) -> None:
        contact, texts = lead.contact, {}
        for name, limit in (("name", 120), ("title", 120), ("company_name", 200)):
            said = getattr(row, name)[:limit]
            if said and not getattr(contact, name):
                setattr(contact, name, said)
                texts[name] = ("", said)
        if row.language and not contact.language:
            contact.language = row.language
            contact.store("language")
        if "company_name" in texts and contact.company_id is None:
            contact.company_id = self._company_id(row)
        for point in self.added.pop(contact.pk, []):
            told = texts.get(point.kind)
            texts[point.kind] = ("", f"{told[1]}, {point.value}" if told else point.value)
        if texts:
            contact.store("name", "title", "company_name", "company")
            self.facts.append(
                events.Fact("contact_changed", contact, self.at, self.by, contact=contact, texts=texts)
            )
