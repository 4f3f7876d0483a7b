"""The marketing funnel of Olist, lived again: its leads come in by the day, its deals are worked by the real verbs."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Count, Q

from accounts.models import Hat, Team, User
from calling.services import log_call
from catalogue.models import Product
from contacts.models import ContactPoint
from core import clock, events
from intake.preview import look
from intake.reading import Refused
from intake.rules import Candidate, Frame, read_row
from intake.services.write import capture_of
from leads import services as leads
from leads.models import Lead
from leads.rules import State
from opportunities import services as opportunities
from orders import services as orders

LEADS = "olist_marketing_qualified_leads_dataset.csv"
DEALS = "olist_closed_deals_dataset.csv"
DOMAIN = "olist.example"
UNKNOWN = "unknown_origin"
MAPPING = {
    "mql_id": f"email@{DOMAIN}",
    "first_contact_date": "acquired_at",
    "landing_page_id": "campaign",
    "origin": "channel",
}
DEAL_COLUMNS = {"mql_id", "seller_id", "sdr_id", "sr_id", "won_date", "business_segment"}
ROOM = 100_000
PRICE = Decimal("100.00")


class NotOlist(ValueError):
    """The folder does not hold the two files, or they are not what they should be."""


@dataclass(frozen=True)
class Deal:
    """A row of the closed deals."""

    mql_id: str
    seller: str
    sdr: str
    sr: str
    won_at: datetime
    segment: str


def read_deals(folder: Path) -> list[Deal]:
    """The closed deals in order of time. Raises NotOlist."""
    path = _file(folder, DEALS)
    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.DictReader(stream)
        if not set(reader.fieldnames or ()) >= DEAL_COLUMNS:
            raise NotOlist(f"{path.name} has not the columns of closed deals.")
        try:
            deals = [_deal(row) for row in reader]
        except ValueError:
            raise NotOlist(f"{path.name}, line {reader.line_num}: not a date.") from None
    return sorted(deals, key=lambda deal: (deal.won_at, deal.mql_id))


def _deal(row: dict[str, str]) -> Deal:
    won_at = datetime.fromisoformat(row["won_date"]).replace(tzinfo=clock.firm_tz())
    return Deal(
        row["mql_id"], row["seller_id"], row["sdr_id"], row["sr_id"], won_at, row["business_segment"] or ""
    )


def _file(folder: Path, name: str) -> Path:
    path = folder / name
    if not path.is_file():
        raise NotOlist(f"There is no {name} in {folder}.")
    return path


def read_leads(folder: Path, deals: list[Deal]) -> list[Candidate]:
    """The leads by day of acquisition: the first contact, or the day of the deal where that came first."""
    won = {f"{deal.mql_id}@{DOMAIN}": clock.day_starts(clock.firm_day(deal.won_at)) for deal in deals}
    path = _file(folder, LEADS)
    try:
        people = list(_people_of(path, won))
    except Refused:
        raise NotOlist(f"{path.name} has not the columns of Olist's leads.") from None
    return sorted(people, key=lambda person: (person.acquired_at, person.points[0].value))


def _people_of(path: Path, won: dict[str, datetime]) -> Iterator[Candidate]:
    with look(path, given=MAPPING) as found:
        frame = Frame(found.columns, UNKNOWN, "", "import", "CN", frozenset(), clock.firm_tz(), clock.now())
        for row in found.rows():
            person, problems = read_row(row, frame)
            if problems or person.acquired_at is None:
                raise NotOlist(f"{path.name}, line {row.line}: not a lead of Olist.")
            mail = person.points[0].value
            person.acquired_at = min(person.acquired_at, won.get(mail, person.acquired_at))
            yield person


def bring_in(people: list[Candidate]) -> int:
    """Capture the leads that are not there yet, a day a transaction, each at its day; answers how many."""
    known = set(
        ContactPoint.objects.filter(kind="email", value__endswith=f"@{DOMAIN}").values_list(
            "value", flat=True
        )
    )
    fresh = [person for person in people if person.points[0].value not in known]
    for day, listed in groupby(fresh, key=lambda person: person.acquired_at):
        with clock.at(day), events.way(events.IMPORT, "olist"):
            leads.capture_many([capture_of(person.as_json()) for person in listed], by=None)
    return len(fresh)


class Replay:
    """Works the deals of the files through the trunk, by the people who worked them."""

    def __init__(self, deals: list[Deal]) -> None:
        self.deals = deals
        self.team, _made = Team.objects.get_or_create(name="Olist")
        self.product = self._product()
        self.people = self._people()

    def _product(self) -> Product:
        product, _made = Product.objects.get_or_create(
            name="Olist store", defaults={"price": PRICE, "unit": "month", "active": True}
        )
        return product

    def _people(self) -> dict[str, User]:
        """Who called is a telemarketer, who sold a rep, some are both; off duty, so that no real lead goes to them."""
        hats: dict[str, set[str]] = {}
        for deal in self.deals:
            hats.setdefault(deal.sdr, set()).add(Hat.TELEMARKETER)
            hats.setdefault(deal.sr, set()).add(Hat.REP)
        found = {}
        for key, worn in sorted(hats.items()):
            login = f"olist-{key[:12]}"
            found[key] = User.objects.filter(login=login).first() or User.objects.create_user(
                login,
                name=f"Olist {key[:6]}",
                hats=sorted(worn),
                team=self.team,
                on_duty=False,
                capacity=ROOM,
            )
        return found

    def run(self) -> Iterator[bool]:
        """Work the deals in order of time, each in a transaction of its own; yields whether it was still to be done."""
        mails = [f"{deal.mql_id}@{DOMAIN}" for deal in self.deals]
        points = ContactPoint.objects.filter(kind="email", value__in=mails)
        by_mail = dict(points.values_list("value", "contact__leads"))
        waiting = set(
            Lead.objects.filter(pk__in=by_mail.values(), state=State.NEW).values_list("pk", flat=True)
        )
        for deal, mail in zip(self.deals, mails, strict=True):
            lead = by_mail.get(mail)
            if lead in waiting:
                self.work(Lead.objects.get(pk=lead), deal)
            yield lead in waiting

    @transaction.atomic
    def work(self, lead: Lead, deal: Deal) -> None:
        """One deal from the call to the signature. Only its end is in the data: the steps before keep its order."""
        start = lead.acquired_at
        span = deal.won_at - start
        first_day = min(timedelta(days=1), span * 0.6)
        sdr, sr = self.people[deal.sdr], self.people[deal.sr]
        with clock.at(start + first_day * 0.3):
            _call, lead = log_call(lead, outcome="interested", by=sdr, channel="email", rep=sr, step=3)
        with clock.at(start + first_day * 0.5):
            if lead.state == State.MQL:
                lead = leads.accept(lead, by=sr)
        with clock.at(start + first_day * 0.8):
            need = opportunities.Need(self.product, purpose=deal.segment, quantity=1)
            opportunity = opportunities.convert(
                lead, by=sr, company=f"Seller {deal.seller}", products=[need], headcount=1
            )
        with clock.at(start + span * 0.6):
            opportunity = opportunities.advance(opportunity, by=sr)
        with clock.at(start + span * 0.8):
            opportunity = opportunities.advance(opportunity, by=sr)
        with clock.at(deal.won_at):
            orders.sign(orders.draft(opportunity, by=sr), by=sr)


def table_of_files(people: list[Candidate], deals: list[Deal]) -> dict[str, tuple[int, int]]:
    """Channel → leads, won, as the files have it."""
    channel = {person.points[0].value: person.channel for person in people}
    won = Counter(channel[f"{deal.mql_id}@{DOMAIN}"] for deal in deals)
    return {name: (count, won[name]) for name, count in Counter(channel.values()).items()}


def table_of_trunk() -> dict[str, tuple[int, int]]:
    """Channel → leads, won, as the trunk has it: leads of this replay and their signed new business."""
    mine: Any = Lead.objects.live().filter(contact__points__value__endswith=f"@{DOMAIN}")
    won = Count("pk", filter=Q(opportunities__kind="new_business", opportunities__stage="won"), distinct=True)
    rows = mine.values("channel").annotate(leads=Count("pk", distinct=True), won=won)
    return {row["channel"]: (row["leads"], row["won"]) for row in rows}
