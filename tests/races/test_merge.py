"""Q3, R1.6: two people are merged while one of them comes in again, is called, claimed or worked on.

Whoever captures a way of one of the two waits for the merge and then finds who stays. The twin without that lock makes
a second lead of a person who is gone, and the database refuses it.
"""

from __future__ import annotations

from functools import partial

import pytest
from django.db import IntegrityError

from contacts.models import Contact, ContactPoint
from leads.models import Lead
from leads.services import capture, merge, merging
from tests import invariants
from tests.races import scene
from tests.races.harness import race, tally

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 100


def pairs(firm: scene.Firm, count: int) -> list[tuple[Lead, Lead, str]]:
    """Two leads each, and the phone of the one that will go: the younger."""
    found = scene.leads(scene.captured(firm.max, 2 * count))
    listed = []
    for one, two in zip(found[::2], found[1::2], strict=True):
        goes = merging.keeper_of(one, two)[1]
        listed.append((one, two, goes.contact.points.get().value))
    return listed


def coming(firm: scene.Firm, phone: str, **more: str):
    return partial(capture, by=firm.max, contact={"phone": phone, **more}, channel="fair", medium="form")


def test_Q3_R1_6_merge_against_capture() -> None:
    """Whatever comes first: one person, one lead, three arrivals, all ways of both."""
    firm = scene.firm()
    for n, (one, two, phone) in enumerate(pairs(firm, ROUNDS)):
        more = {"email": f"new{n}@example.com"} if n % 2 else {}
        outcomes = race([partial(merge, one, other=two, by=firm.max), coming(firm, phone, **more)])
        assert tally(outcomes) == {"won": 2}
        stays = outcomes[0].value
        people = Contact.objects.filter(pk__in=[one.contact_id, two.contact_id])
        assert people.get(merged_into__isnull=True).pk == stays.contact_id
        assert ContactPoint.objects.filter(contact=stays.contact_id).count() == 2 + n % 2
        assert stays.contact.arrivals.count() == 3
    assert Lead.objects.exclude(state="merged").count() == ROUNDS
    invariants.check()


def test_Q3_the_twin_without_the_lock_of_the_ways_makes_a_lead_of_who_is_gone(monkeypatch) -> None:
    """Only contacts are locked, as it would be without lock_people: a capture goes on with who has just gone."""
    firm = scene.firm()
    monkeypatch.setattr(merging, "lock_identity", lambda points: None)
    broken = 0
    for one, two, phone in pairs(firm, ROUNDS):
        try:
            race([partial(merge, one, other=two, by=firm.max), coming(firm, phone)])
        except ExceptionGroup as met:
            assert met.subgroup(IntegrityError), met
            broken += 1
        else:
            gone = Contact.objects.filter(merged_into__isnull=False, pk__in=[one.contact_id, two.contact_id])
            broken += Lead.objects.filter(contact__in=gone).exclude(state="merged").exists()
        if broken:
            break
    assert broken, "without the lock a capture meets a person who has just gone"


def test_Q3_R1_6_two_merge_the_same_pair_at_once() -> None:
    firm = scene.firm()
    for one, two, _phone in pairs(firm, 20):
        outcomes = race(
            [partial(merge, one, other=two, by=firm.max), partial(merge, two, other=one, by=firm.ada)]
        )
        assert tally(outcomes) == {"won": 1, "transition_not_allowed": 1}
    invariants.check()


def test_Q3_R1_6_a_ring_of_merges_does_not_lock_itself_up() -> None:
    firm = scene.firm()
    for _round in range(10):
        a, b, c = scene.leads(scene.captured(firm.max, 3))
        outcomes = race([partial(merge, x, other=y, by=firm.max) for x, y in ((a, b), (b, c), (c, a))])
        assert set(tally(outcomes)) <= {"won", "transition_not_allowed"}
        left = Lead.objects.filter(pk__in=[a.pk, b.pk, c.pk]).exclude(state="merged").count()
        assert left == 3 - tally(outcomes)["won"]
    invariants.check()
