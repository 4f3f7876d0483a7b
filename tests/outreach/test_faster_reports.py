"""R11.4, R11.5: a provider's report may be faster than its answer, and nothing that comes later takes back what is known."""

from __future__ import annotations

from typing import Any

import pytest

from core import clock, hooks
from core.models import Event
from outreach.channels.base import Later, MayHaveLeft, NotSent, Outgoing, Receipt, Sent
from outreach.models import Message, Touch
from outreach.sending import send_due
from outreach.services import settling
from outreach.services.receiving import take_receipts
from tests.cast import Firm, Watch, fresh
from tests.outreach.people import Provider, somebody, written

pytestmark = pytest.mark.django_db
ENDS = [
    MayHaveLeft("timed out"),
    Later("busy"),
    Later("out of order", down=True),
    NotSent("no"),
    RuntimeError("unforeseen"),
]


@pytest.mark.parametrize("keyed", [False, True], ids=["plain", "keyed"])
@pytest.mark.parametrize("end", ENDS, ids=lambda end: str(end))
def test_R11_4_what_a_report_says_has_arrived_is_not_sent_again_whatever_the_answer_was(
    firm: Firm, watch: Watch, end: Exception, keyed: bool
) -> None:
    message = written(somebody(firm))

    def reported_first(out: Outgoing) -> Sent:
        take_receipts(None, [Receipt("delivered", key=out.key)], clock.now())
        raise end

    send_due("email", watch.now, driver=Provider(reported_first, keyed=keyed))
    message = fresh(message)
    assert (message.state, message.delivered_at, message.touch.done) == ("sent", watch.now, True)
    later = Provider(keyed=keyed)
    send_due("email", watch.go(hours=3), driver=later)
    assert later.tried == []
    assert Event.objects.filter(verb="message_sent", subject_id=message.pk).count() == 1


@pytest.mark.parametrize("keyed", [False, True], ids=["plain", "keyed"])
def test_R10_1_what_was_reported_first_makes_the_silence_longer_once(
    firm: Firm, watch: Watch, monkeypatch: pytest.MonkeyPatch, keyed: bool
) -> None:
    told: list[Any] = []
    monkeypatch.setattr(hooks.message_left, "fillers", [lambda rows, at: told.extend(r.pk for r in rows)])
    message = written(somebody(firm))

    def reported_first(out: Outgoing) -> Sent:
        take_receipts(None, [Receipt("delivered", key=out.key)], clock.now())
        raise MayHaveLeft("timed out")

    send_due("email", watch.now, driver=Provider(reported_first, keyed=keyed))
    send_due("email", watch.go(hours=3), driver=Provider(keyed=keyed))
    assert told == [message.pk]


def test_R11_4_a_worker_that_was_given_up_takes_nothing_back_from_who_sends_again(
    firm: Firm, watch: Watch
) -> None:
    message = written(somebody(firm))
    Message.objects.filter(pk=message.pk).update(state="sending", taken_at=watch.now, tries=1)
    Touch.objects.filter(message=message).update(done=True)
    slow = fresh(message)
    watch.go(minutes=20)
    Message.objects.filter(pk=message.pk).update(state="sending", taken_at=watch.now, tries=2)
    for end in (settling.failed, lambda row, why: settling.perhaps(row, why, again=False)):
        end(slow, "at last")
    assert (fresh(message).state, fresh(message).taken_at) == ("sending", watch.now)
    assert Touch.objects.get(message=message).done
