"""A small demo firm: made by the real verbs, so every rule holds in it; the same seed makes the same firm."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import F

from accounts.models import SavedView, User
from calling.models import Call, ScriptVersion
from catalogue.models import Case, Price
from contacts.models import ContactPoint, MergeSuggestion
from core import clock, rulebook
from core.models import Event
from crm.demo.make import make_firm
from crm.demo.people import CAST, LEFT, LOGINS, PASSWORD, REPS
from crm.demo.persons import Crowd
from leads.models import Dispute, Extension, Holding, Lead
from leads.rules import LET_GO, State
from opportunities.models import ExperienceEvent, Letterhead, Opportunity, PresalesRequest, Quote
from orders.models import Document, Order, Payment
from orders.rules import SIGNED
from orders.services import balances, must_be_approved
from outreach.models import Message

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 9, 16, 6, 30, tzinfo=UTC)  # a Wednesday afternoon of the firm


def content() -> str:
    """A hash of everything that happened: when, what, who, to whom; without the random ids."""
    logins = dict(User.objects.values_list("id", "login"))
    points: dict = {}
    for contact, value in ContactPoint.objects.order_by("value").values_list("contact_id", "value"):
        points.setdefault(contact, value)
    rows = [
        (
            e.at.isoformat(),
            e.verb,
            e.way,
            logins.get(e.by_id),
            e.from_state,
            e.to_state,
            points.get(e.contact_id),
        )
        for e in Event.objects.all()
    ]
    leads = [
        (points.get(lead.contact_id, ""), lead.state, lead.run, lead.channel, str(lead.cost), lead.next_step)
        for lead in Lead.objects.all()
    ]
    quotes = list(Quote.objects.order_by("number", "revision").values_list("number", "state", "total"))
    money = list(
        Payment.objects.order_by("at", "order__number", "amount").values_list("order__number", "amount")
    )
    papers = Document.objects.order_by("order__number").values_list("order__number", "digest")
    sold = [[str(x) for x in row] for row in (*quotes, *money, *papers)]
    text = json.dumps([sorted(rows, key=str), sorted(leads, key=str), sold], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def small():
    with clock.at(NOW):
        return make_firm(seed=7, days=7)


def test_every_rule_holds_in_the_demo_firm():
    world = small()
    pooled = Lead.objects.filter(state=State.POOLED)
    assert pooled.exists()
    assert not pooled.filter(pool_reason="").exists()
    assert not Lead.objects.filter(state=State.SQL, due_at__lte=NOW).exists(), "R6.2"
    assert not Holding.objects.filter(to_at__isnull=False, ended="").exists(), "R10.7"
    held = Holding.objects.filter(to_at__isnull=True)
    owned = Lead.objects.filter(state__in=[State.MQL, State.SQL], owner__isnull=False)
    assert set(held.values_list("lead_id", "user_id")) == set(owned.values_list("id", "owner_id")), "R10.7"
    assert not Event.objects.filter(at__gt=NOW).exists()
    assert not Opportunity.objects.filter(stage="won").exclude(orders__state__in=SIGNED).exists(), "R8.8"
    assert not Order.objects.signed().exclude(opportunity__stage="won").exists(), "R8.8"
    caps_hold()
    now_is_a_busy_moment(world)
    money_adds_up()
    there_is_something_to_sell_with()
    messages_cost_and_wait()
    quotes_and_contracts_wait()


def caps_hold():
    """R3.1, R10.3: nobody holds, claims or claims again what the limits forbid."""
    claims = Holding.objects.filter(began="claimed")
    a_day = Counter((h.user_id, clock.firm_day(h.from_at)) for h in claims)
    assert max(a_day.values(), default=0) <= 10
    let_go = list(Holding.objects.filter(ended__in=LET_GO))
    for claim in claims:
        for gone in let_go:
            if (gone.lead_id, gone.user_id) == (claim.lead_id, claim.user_id) and gone.to_at <= claim.from_at:
                assert claim.from_at - gone.to_at >= timedelta(days=30)
    for login in REPS:
        mine = Lead.objects.filter(owner__login=login, state__in=[State.MQL, State.SQL]).count()
        assert mine + Opportunity.objects.open().filter(owner__login=login).count() <= 60


def now_is_a_busy_moment(world):
    """Each rep has weeks that end soon and hand-overs to judge; the desk has call-backs that are due."""
    for login in REPS:
        held = Lead.objects.filter(owner__login=login)
        assert held.filter(state=State.SQL, due_at__lt=NOW + timedelta(hours=2)).count() == 1
        assert held.filter(state=State.SQL, due_at__lt=NOW + timedelta(hours=24)).count() >= 2
        assert 6 <= held.filter(state=State.SQL).count() <= 17
        assert 3 <= held.filter(state=State.MQL).count() <= 9
    desk = Lead.objects.filter(state=State.NEW)
    assert 30 <= desk.count() <= 55
    assert desk.filter(call_back_at__lte=NOW).count() >= 2
    assert desk.filter(run__gt=1).exists(), "reactivated ones"
    assert {p.login for p in world.people.values()} == {m.login for m in (*CAST, LEFT)}
    desk_and_managers_have_work()


def desk_and_managers_have_work():
    """R2.2, R3.2, R4, R7, R15.3: something of each waits right now."""
    waiting = Extension.objects.filter(state="pending").select_related("rep", "lead")
    assert Counter(e.rep.team.name for e in waiting) == {"East": 5, "West": 3}
    assert len({e.reason for e in waiting}) > 4
    assert all(e.lead.due_at > NOW for e in waiting), "R7.4"
    assert Dispute.objects.filter(verdict="open", kind="objection").count() == 2
    mqls = Lead.objects.filter(state=State.MQL, owner__isnull=False)
    assert mqls.filter(handed_at__gt=NOW - timedelta(minutes=10)).count() >= len(REPS), "call now"
    assert mqls.filter(call_by__lt=NOW).exclude(calls__by=F("owner")).exists(), "a missed first call"
    assert not Lead.objects.filter(owner__login=LEFT.login).exists()
    assert User.objects.filter(login=LEFT.login, is_active=False, left_at__isnull=False).exists()
    assert User.objects.filter(away_until__gt=NOW).exists()
    assert ScriptVersion.objects.count() == 5
    assert Call.objects.filter(script_version__isnull=False).exclude(answers={}).exists()
    assert MergeSuggestion.objects.filter(settled_at=None).exists()
    assert Lead.objects.filter(labels__isnull=False).exists()
    assert SavedView.objects.filter(shared=True).exists()
    assert all(rulebook.get(known.key) is True for known in rulebook.RULES.values() if known.branch)


def money_adds_up():
    """R9.3, R9.5: what was won is what was signed, what was accepted is what was offered, schedules are the totals."""
    orders = list(Order.objects.signed().select_related("opportunity", "quote"))
    assert {o.state for o in orders} >= {"signed", "in_force", "terminated"}
    today = clock.firm_day(NOW)
    for order in orders:
        assert order.total == order.opportunity.amount == order.net + order.tax
        assert order.quote is None or order.quote.total == order.total
        parts = [part.amount for part in order.instalments.all()]
        assert not parts or sum(parts) == order.total
    found = balances(orders, today).values()
    assert any(b.overdue for b in found)
    assert any(b.paid for b in found)
    assert Payment.objects.filter(kind="refund").exists()
    assert Document.objects.filter(content_type="application/pdf").exists()
    assert not Message.objects.exclude(state__in=["sent", "to_do", "recalled"]).exists(), (
        "nothing of the past leaves when the demo starts"
    )


def messages_cost_and_wait():
    """R10.10, R11.1: what left went by a channel with a price; some people are still to be written to by hand."""
    sent = Message.objects.filter(state=Message.State.SENT, kind="cadence").exclude(channel="wechat")
    assert sent.exists() and not sent.filter(via__price__isnull=True).exists()
    waiting = Message.objects.filter(state=Message.State.TO_DO)
    assert waiting.filter(channel="wechat", contact__isnull=False).count() >= 4
    assert not waiting.exclude(channel__in=["wechat", "phone"]).exists()


def there_is_something_to_sell_with():
    """R8.6, R9.5: a head with a logo, prices of today and of next month, cases, and a gap."""
    head = Letterhead.objects.get()
    assert head.bank and head.tax_id and bytes(head.logo).startswith(b"\x89PNG")
    assert set(Price.objects.values_list("basis", flat=True)) == {"once", "user_month", "user_year"}
    assert Price.objects.filter(valid_from__gt=clock.firm_day(NOW)).exists()
    assert {"case", "video"} <= set(Case.objects.filter(active=True).values_list("kind", flat=True))


def quotes_and_contracts_wait():
    """R8.1, R8.6, R9.2: what is planned, offered, asked for and waits for a yes right now."""
    waiting = Order.objects.filter(state="in_approval").select_related("team")
    assert {o.team.name for o in waiting} == {"East", "West"}, "each manager has one to decide on"
    assert all(must_be_approved(o) for o in waiting)
    assert Order.objects.filter(state="approved", decided_by__isnull=False).exists()
    states = set(Quote.objects.values_list("state", flat=True))
    assert {"draft", "sent", "revised", "accepted"} <= states
    ahead = ExperienceEvent.objects.filter(held=None, starts_at__gt=NOW)
    assert ahead.values("opportunity__owner").distinct().count() >= 3
    asked = PresalesRequest.objects.all()
    assert asked.filter(owner__isnull=False, answered_at=None).exists()
    assert asked.filter(owner=None, answered_at=None).exists()
    assert Opportunity.objects.open().filter(kind="renewal", probability__isnull=False).exists()
    assert Opportunity.objects.filter(stage="scheduled", kind="renewal").exists()


@pytest.mark.slow
def test_the_same_seed_makes_the_same_firm():
    found = []
    for _ in range(2):
        with transaction.atomic():
            small()
            found.append(content())
            transaction.set_rollback(True)
    assert found[0] == found[1]
    assert Crowd(Random(7)).person() != Crowd(Random(8)).person()


def test_the_command_needs_an_empty_database(capsys):
    User.objects.create_user("somebody", "x" * 12, name="Somebody")
    call_command("seed_demo", "--if-empty")
    assert not Lead.objects.exists()
    with pytest.raises(CommandError, match="empty database"):
        call_command("seed_demo")


def test_the_cast_is_told_with_its_first_pages():
    assert [login for login, _label, _page in LOGINS] == [m.login for m in CAST]
    assert all(page.startswith("/") for _login, _label, page in LOGINS)
    assert PASSWORD == "trunk-demo"
