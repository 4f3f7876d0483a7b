"""R11.4, R11.1: what people do with messages, on pages and by API, and who may."""

from __future__ import annotations

from typing import Any

import pytest

from contacts.models import Contact
from core.errors import Forbidden, NotFound, RuleRefused, TransitionNotAllowed
from outreach.channels.base import MayHaveLeft, NotSent
from outreach.models import Message, Touch
from outreach.sending import send_due
from outreach.services import messages as verbs
from tests.cast import CAST, Firm, Watch, fresh
from tests.content import nothing_changes
from tests.outreach.people import Provider, a_template, pooled_contact, somebody, written

pytestmark = pytest.mark.django_db
STATES = list(Message.State)


def ended(firm: Firm, watch: Watch, error: Exception, channel: str = "email") -> Message:
    def answer(message: Any) -> None:
        raise error

    message = written(somebody(firm), channel)
    send_due(channel, watch.now, driver=Provider(answer))
    return fresh(message)


def in_state(message: Message, state: str) -> Message:
    Message.objects.filter(pk=message.pk).update(state=state)
    return fresh(message)


def test_R11_4_what_failed_is_sent_again_once(firm: Firm, watch: Watch) -> None:
    message = ended(firm, watch, NotSent("554 no"))
    assert not Touch.objects.exists()
    verbs.retry(message, by=firm.max)
    assert Touch.objects.get().done is False
    way = Provider()
    assert [send_due("email", watch.now, driver=way) for _n in range(2)] == [1, 0]
    assert fresh(message).state == "sent" and Touch.objects.get().done


def test_R11_4_what_may_have_left_only_when_somebody_is_sure(firm: Firm, watch: Watch) -> None:
    message = ended(firm, watch, MayHaveLeft("timed out"))
    with nothing_changes(), pytest.raises(RuleRefused) as refused:
        verbs.retry(message, by=firm.max)
    assert refused.value.code == "not_sure"
    verbs.retry(message, by=firm.max, sure=True)
    assert fresh(message).state == "queued" and Touch.objects.get().done is False
    assert send_due("email", watch.now, driver=Provider()) == 1


@pytest.mark.parametrize("state", STATES)
def test_R11_4_what_each_state_allows(firm: Firm, watch: Watch, state: str) -> None:
    again = in_state(written(somebody(firm)), state)
    with_state = {"retry": ("failed", "unknown"), "withdraw": ("queued", "to_do"), "do": ("to_do",)}
    acts = {
        "retry": lambda row: verbs.retry(row, by=firm.max, sure=True),
        "withdraw": lambda row: verbs.withdraw(row, by=firm.max),
        "do": lambda row: verbs.do_task(row, by=firm.max),
    }
    for name, act in acts.items():
        if state in with_state[name]:
            continue
        with nothing_changes(), pytest.raises(TransitionNotAllowed):
            act(again)


def test_R11_4_withdrawn_is_what_never_goes_out_and_was_no_touch(firm: Firm, watch: Watch) -> None:
    message = written(somebody(firm))
    verbs.withdraw(message, by=firm.ada)
    assert fresh(message).state == "recalled" and not Touch.objects.exists()
    assert send_due("email", watch.now, driver=Provider()) == 0


@pytest.mark.parametrize("login", CAST)
def test_R15_2_who_may_send_again_and_withdraw(firm: Firm, watch: Watch, login: str) -> None:
    user = firm.people[login]
    failed = ended(firm, watch, NotSent("no"))
    own = written(somebody(firm), by=user)
    verbs.withdraw(own, by=user)
    if login in ("max", "ada"):
        verbs.retry(failed, by=user)
        return
    with nothing_changes(), pytest.raises(Forbidden):
        verbs.retry(failed, by=user)


def test_R11_1_a_task_that_was_done_is_a_touch_and_one_that_could_not_be_is_none(
    firm: Firm, watch: Watch
) -> None:
    done = written(somebody(firm), "phone", assigned_to=firm.tina)
    not_done = written(somebody(firm), "wechat", assigned_to=firm.tina)
    watch.go(minutes=4)
    verbs.do_task(done, by=firm.tina, note="friendly")
    verbs.do_task(not_done, by=firm.tina, outcome="could_not", note="not on WeChat")
    done, not_done = fresh(done), fresh(not_done)
    assert (done.state, done.sent_at, done.touch.done, done.touch.at) == ("sent", watch.now, True, watch.now)
    assert (not_done.state, not_done.error) == ("failed", "not on WeChat")
    assert Touch.objects.count() == 1


def test_R11_1_a_task_is_for_whom_it_was_given_to(firm: Firm, watch: Watch) -> None:
    task = written(somebody(firm), "phone", assigned_to=firm.tina)
    for user in (firm.theo, firm.rita, firm.max, firm.sue):
        with nothing_changes(), pytest.raises(Forbidden):
            verbs.do_task(task, by=user)
    for outcome, note in (("perhaps", ""), ("done", "x" * 300)):
        with nothing_changes(), pytest.raises(RuleRefused):
            verbs.do_task(task, by=firm.tina, outcome=outcome, note=note)


def test_R11_3_a_letter_by_hand_goes_through_the_gate(firm: Firm, watch: Watch) -> None:
    lead = firm.an_sql(firm.rita, firm.capture(name="Li Lei", phone="13800138111", email="li@example.com"))
    Touch.objects.all().delete()
    text = "Dear {{ name }}, see https://example.com/plan"
    message = verbs.write_to(lead.contact, "email", by=firm.rita, subject="The plan", text=text)
    assert (message.state, message.to, message.function, message.kind) == (
        "queued",
        "li@example.com",
        "sales",
        "note",
    )
    assert message.text.startswith("Dear Li Lei, see ") and "https://example.com" not in message.text
    assert message.links == ["https://example.com/plan"] and message.by_id == firm.rita.pk
    with nothing_changes(), pytest.raises(RuleRefused) as refused:
        verbs.write_to(lead.contact, "sms", by=firm.rita, text="And one more")
    assert refused.value.code == "cap_day" and refused.value.extra["until"]
    asked = verbs.write_to(lead.contact, "sms", by=firm.rita, text="As you asked", asked_for=True)
    assert asked.asked_for and asked.state == "queued", "what they asked for is not counted"
    Contact.objects.filter(pk=lead.contact_id).update(do_not_sms=True)
    with pytest.raises(RuleRefused) as refused:
        verbs.write_to(lead.contact, "sms", by=firm.rita, text="And one more", asked_for=True)
    assert refused.value.code == "do_not_sms", "consent wins over everything"


@pytest.mark.parametrize(
    ("channel", "more", "field"),
    [
        ("fax", {"text": "x"}, "channel"),
        ("phone", {"text": "x"}, "channel"),
        ("email", {"text": "", "subject": "x"}, "text"),
        ("email", {"text": "x", "subject": " "}, "subject"),
        ("sms", {"text": "x" * 10_001}, "text"),
    ],
)
def test_R11_1_a_letter_that_cannot_be_one(
    firm: Firm, watch: Watch, channel: str, more: dict[str, str], field: str
) -> None:
    contact = somebody(firm)
    with nothing_changes(), pytest.raises(RuleRefused) as refused:
        verbs.write_to(contact, channel, by=firm.max, **more)
    assert [error.field for error in refused.value.errors] == [field]


def test_R11_1_a_letter_from_a_template_in_the_persons_language(firm: Firm, watch: Watch) -> None:
    contact = somebody(firm, name="李雷")
    Contact.objects.filter(pk=contact.pk).update(language="zh-hans")
    template = a_template("sms", en="Hello {{ name }}", zh_hans="{{ name }}您好")
    message = verbs.write_to(contact, "sms", by=firm.max, template=template)
    assert (message.text, message.language, message.template_id) == ("李雷您好", "zh-hans", template.pk)
    with pytest.raises(RuleRefused):
        verbs.write_to(somebody(firm), "email", by=firm.max, template=template)


def test_R10_4_nobody_writes_by_hand_to_who_lies_in_the_pool(firm: Firm, watch: Watch) -> None:
    contact = pooled_contact(firm)
    for user in (firm.rita, firm.mark, firm.max, firm.ada):
        with nothing_changes(), pytest.raises(Forbidden):
            verbs.write_to(contact, "sms", by=user, text="Hello")
    with pytest.raises(NotFound):
        verbs.write_to("01890000-0000-7000-8000-000000000000", "sms", by=firm.max, text="Hello")
