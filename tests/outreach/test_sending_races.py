"""R11.2, R11.3: many workers at once, and people who opt out in that moment; each law with a twin that breaks it."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from contacts.models import Contact
from core import clock
from outreach import sending
from outreach.models import Message, Touch
from outreach.sending import send_due
from outreach.services.consent import set_consent
from tests import invariants
from tests.cast import Firm, fresh
from tests.outreach.people import Provider, somebody, written
from tests.races.harness import race

TRANSACTION = pytest.mark.django_db(transaction=True)
pytestmark = pytest.mark.django_db


@TRANSACTION
def test_R11_3_eight_workers_on_two_channels_never_pass_the_cap_of_one_person(firm: Firm) -> None:
    people = [somebody(firm) for _n in range(6)]
    at = clock.now()
    with clock.at(at.replace(hour=4, minute=0)):  # noon in the firm's zone
        for contact in people:
            for kind in ("email", "sms", "email", "sms"):
                written(contact, kind)
    Message.objects.update(due_at=at - timedelta(days=1))
    noon = at.replace(hour=4, minute=0)
    ways = {"email": Provider(), "sms": Provider()}

    def run(kind: str) -> int:
        with clock.at(noon):
            return send_due(kind, at, driver=ways[kind])

    race([partial(run, kind) for kind in ("email", "sms") * 4])
    run("email"), run("sms")
    done = Touch.objects.filter(done=True)
    assert sorted(done.values_list("contact_id", flat=True)) == sorted(c.pk for c in people)
    assert sum(len(way.tried) for way in ways.values()) == 6
    invariants.check()


@TRANSACTION
def test_R11_3_without_the_lock_on_the_person_the_same_race_passes_the_cap(
    firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin: who is not held is counted by two at once. If it never passes the cap, the race above proves nothing."""
    monkeypatch.setattr(sending, "lock", lambda rows, ids, skip_locked: list(rows.filter(pk__in=ids)))
    slow = sending.judge

    def unhurried(*args: Any, **more: Any) -> Any:
        said = slow(*args, **more)
        with sending.clock.connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.05)")
        return said

    monkeypatch.setattr(sending, "judge", unhurried)
    noon = clock.now().replace(hour=4, minute=0)

    def run(kind: str) -> int:
        with clock.at(noon):
            return send_due(kind, noon, driver=Provider())

    for _n in range(10):
        with clock.at(noon):
            contact = somebody(firm)
            written(contact), written(contact, "sms")
        race([partial(run, kind) for kind in ("email", "sms")])
        if Touch.objects.filter(contact=contact, done=True).count() > 1:
            return
    raise AssertionError("never over the cap: the race is none")


@TRANSACTION
def test_R11_2_opting_out_against_sending_ends_in_one_of_two_truths(firm: Firm) -> None:
    noon = clock.now().replace(hour=4, minute=0)
    for _n in range(15):
        with clock.at(noon):
            contact = somebody(firm)
            message = written(contact)
        way = Provider()

        def sends(way: Provider = way) -> int:
            with clock.at(noon):
                return send_due("email", noon, driver=way)

        def stops(contact: Contact = contact) -> bool:
            return set_consent(contact, "email", given=False, way="link")

        race([sends, stops])
        row = fresh(message)
        assert (row.state, len(way.tried)) in (("sent", 1), ("recalled", 0)), row.state
        assert fresh(contact).do_not_email
