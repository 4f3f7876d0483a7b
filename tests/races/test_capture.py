"""One person, one lead, however many arrive at the same instant (R1.3)."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from accounts.models import Notice
from contacts.models import Contact, ContactPoint, MergeSuggestion
from contacts.rules import Point
from core import clock
from core.models import Event
from leads.models import Lead
from leads.services import Capture, capture, capture_many
from outreach.models import Arrival
from tests import invariants
from tests.races import scene
from tests.races.harness import race, tally

pytestmark = pytest.mark.django_db(transaction=True)

TYPED = ["13800138000", "+86 138 0013 8000", "138-0013-8000", "１３８００１３８０００", "0086 13800138000"]


def arrive(firm: scene.Firm, **ways: str) -> tuple[Lead, bool]:
    return capture(by=firm.max, contact={"name": "Lin", **ways}, channel="fair", medium="form")


def test_R1_3_fifty_captures_of_one_phone_make_one_lead_and_fifty_arrivals() -> None:
    firm = scene.firm()
    outcomes = race(partial(arrive, firm, phone=TYPED[n % len(TYPED)]) for n in range(50))
    assert tally(outcomes) == {"won": 50}
    assert len({outcome.value[0].pk for outcome in outcomes}) == 1
    assert sum(not known for _lead, known in (outcome.value for outcome in outcomes)) == 1
    assert (Lead.objects.count(), Contact.objects.count(), Arrival.objects.count()) == (1, 1, 50)
    invariants.check()


def test_R1_3_without_the_guard_the_database_refuses_the_second_contact(monkeypatch) -> None:
    """The twin: nobody holds the number while looking who has it; a point that belongs to two cannot be stored."""
    import sys

    firm = scene.firm()
    monkeypatch.setattr(sys.modules["leads.services.capture"], "lock_identity", lambda points: None)
    with pytest.raises(ExceptionGroup) as caught:
        for n in range(100):  # at most; two meet in the first rounds
            race(partial(arrive, firm, phone=scene.phone(n)) for _ in range(8))
    assert "point_belongs_to_one_contact" in str(caught.value.exceptions[0])


def test_R1_3_phone_and_mail_that_cross_end_as_one_person_or_as_a_suggestion() -> None:
    """A by phone, B by e-mail, C by both, at once: C joins what is there; two are put up for merging, nothing moves."""
    firm = scene.firm()
    for n in range(10):
        number, mail = f"1390000{n:04d}", f"p{n}@example.com"
        outcomes = race(
            [
                partial(arrive, firm, phone=number),
                partial(arrive, firm, email=mail),
                partial(arrive, firm, phone=number, email=mail),
            ]
        )
        assert tally(outcomes) == {"won": 3}
        points = ContactPoint.objects.filter(value__in=[f"+86{number}", mail])
        assert points.count() == 2
        holders = set(points.values_list("contact_id", flat=True))
        suggested = MergeSuggestion.objects.filter(one__in=holders, other__in=holders).count()
        assert suggested == len(holders) - 1
    invariants.check()


def test_R1_3_batches_in_opposite_order_share_without_a_deadlock() -> None:
    """Eight imports of the same 200 people, half of them from the end of the file."""
    firm = scene.firm()
    numbers = [scene.phone() for _ in range(200)]

    def batch(n: int) -> int:
        rows = [
            Capture([Point("phone", number)], "list", "import") for number in numbers[:: 1 if n % 2 else -1]
        ]
        return sum(not done.known for done in capture_many(rows, by=firm.max))

    outcomes = race(partial(batch, n) for n in range(8))
    assert sum(outcome.value for outcome in outcomes) == 200
    assert (Lead.objects.count(), Arrival.objects.count()) == (200, 1600)
    invariants.check()


def test_R6_2_who_fills_a_form_after_the_week_is_back_on_the_desk_swept_or_not() -> None:
    """The lead is overdue and no sweep has run: it expires at its due time, and then the person's form counts (R1.3)."""
    firm = scene.firm()
    due = clock.now() - timedelta(minutes=1)
    (pk,) = scene.sqls(firm, [firm.rita], [due])
    number = ContactPoint.objects.get(contact__leads=pk).value
    lead, known = arrive(firm, phone=number)
    assert (lead.pk, known, lead.state, lead.run) == (pk, True, "new", 2)
    assert Event.objects.get(verb="expired").at == due
    assert not Notice.objects.filter(kind="arrived_again").exists(), "it is not Rita's any more"
    invariants.check()
