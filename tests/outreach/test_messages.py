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
from tests.pages import MOST_QUERIES, browser, queries_of, words

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
    Contact.objects.filter(pk=lead.contact_id).update(do_not_sms=True)
    with pytest.raises(RuleRefused) as refused:
        verbs.write_to(lead.contact, "sms", by=firm.rita, text="And one more")
    assert refused.value.code == "do_not_sms"


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


# Pages


def test_the_outbox_shows_what_became_of_each_and_its_filters_are_in_the_url(
    firm: Firm, watch: Watch
) -> None:
    sent = written(somebody(firm, name="Anna Sent"), subject="To Anna")
    send_due("email", watch.now, driver=Provider())
    failed = ended(firm, watch, NotSent("554 go away"), "sms")
    client = browser(firm.max)
    page = words(client.get("/campaigns/messages/"))
    assert "Anna Sent" in page and str(failed.contact) in page
    page = words(client.get("/campaigns/messages/?state=sent&channel=email&function=cadence&q=anna"))
    assert "Anna Sent" in page and str(failed.contact) not in page
    assert "Nothing fits" in words(client.get("/campaigns/messages/?state=recalled"))
    for odd in ("state=odd", "channel=fax", "cursor=x", "q=%00", "campaign=none"):
        assert client.get(f"/campaigns/messages/?{odd}").status_code == 200
    page = words(client.get(f"/campaigns/messages/{failed.pk}/"))
    assert "554 go away" in page and "Send again" in page
    page = words(client.get(f"/campaigns/messages/{sent.pk}/"))
    assert "To Anna" in page and "https://example.com/offer" in page and "Send again" not in page


def test_the_outbox_costs_the_same_for_thirty_as_for_one(firm: Firm, watch: Watch) -> None:
    client = browser(firm.max)
    written(somebody(firm))
    one = queries_of(client, "/campaigns/messages/")
    for _n in range(12):
        written(somebody(firm)), written(pooled_contact(firm), "sms")
    assert queries_of(client, "/campaigns/messages/") <= one + 1 <= MOST_QUERIES


def test_R10_4_of_who_lies_in_the_pool_neither_address_nor_private_words_are_shown(
    firm: Firm, watch: Watch
) -> None:
    contact = pooled_contact(firm)
    number = contact.points.get(kind="phone").value
    private = written(contact, "sms", kind="note", function="sales", text="What you told me in private")
    offer = written(contact, "sms", text="An offer for all")
    for login in ("max", "ada", "mark"):
        client = browser(firm.people[login])
        for path in (f"/campaigns/messages/{row.pk}/" for row in (private, offer)):
            answer = client.get(path)
            if answer.status_code == 200:
                assert number[-8:] not in answer.content.decode() and "in private" not in words(answer)
    assert "An offer for all" in words(browser(firm.max).get(f"/campaigns/messages/{offer.pk}/"))
    lead = contact.leads.get()
    page = browser(firm.rita).get(f"/leads/{lead.pk}/")
    assert number[-8:] not in page.content.decode() and "in private" not in words(page)


def test_tasks_show_the_number_and_the_words_and_are_done_with_one_press(firm: Firm, watch: Watch) -> None:
    task = written(somebody(firm), "phone", assigned_to=firm.tina, text="Hello {{ name }}, shall we talk?")
    written(somebody(firm), "phone", assigned_to=firm.theo)
    client = browser(firm.tina)
    answer = client.get("/campaigns/tasks/")
    page = answer.content.decode()
    assert (
        task.text in page and "shall we talk" in page and page.count("t-task ") + page.count('t-task"') == 1
    )
    assert client.post(f"/campaigns/tasks/{task.pk}/done/", {"outcome": "done"}).status_code == 302
    assert fresh(task).state == "sent" and "Nobody waits for you" in words(client.get("/campaigns/tasks/"))
    assert browser(firm.pia).get("/campaigns/tasks/").status_code == 403


def test_tasks_say_when_it_is_not_the_hour(firm: Firm, watch: Watch) -> None:
    contact = somebody(firm)
    Contact.objects.filter(pk=contact.pk).update(timezone="Europe/London")
    written(contact, "phone", assigned_to=firm.tina)
    assert "It is night where they are" in words(browser(firm.tina).get("/campaigns/tasks/"))


def test_a_message_is_sent_again_and_withdrawn_on_its_page(firm: Firm, watch: Watch) -> None:
    client = browser(firm.max)
    unknown = ended(firm, watch, MayHaveLeft("timed out"))
    path = f"/campaigns/messages/{unknown.pk}"
    assert client.post(f"{path}/retry/").status_code == 422 and fresh(unknown).state == "unknown"
    assert (
        client.post(f"{path}/retry/", {"sure": "on"}).status_code == 302 and fresh(unknown).state == "queued"
    )
    assert client.post(f"{path}/withdraw/").status_code == 302 and fresh(unknown).state == "recalled"
    assert client.post(f"{path}/withdraw/").status_code == 409


def test_the_page_of_a_lead_writes_and_keeps_wishes(firm: Firm, watch: Watch) -> None:
    lead = firm.an_sql(firm.rita, firm.capture(name="Li Lei", phone="13800138222", email="lei@example.com"))
    Touch.objects.all().delete()
    client = browser(firm.rita)
    for name in ("write", "consent"):
        assert client.get(f"/leads/{lead.pk}/do/{name}/").status_code == 200
    told = {"channel": "email", "subject": "The plan", "text": "Dear {{ name }}"}
    assert client.post(f"/contacts/{lead.contact_id}/write/", told).status_code == 302
    assert "The plan" in words(client.get(f"/leads/{lead.pk}/"))
    assert client.post(f"/contacts/{lead.contact_id}/write/", {**told, "channel": "sms"}).status_code == 422
    wish = {"what": "email", "given": "0", "text": "told me"}
    assert client.post(f"/contacts/{lead.contact_id}/consent/", wish).status_code == 302
    page = words(client.get(f"/leads/{lead.pk}/"))
    assert "Wants no" in page and fresh(lead.contact).do_not_email
    assert browser(firm.wei).post(f"/contacts/{lead.contact_id}/write/", told).status_code == 404
    assert queries_of(client, f"/leads/{lead.pk}/") <= MOST_QUERIES


def test_the_page_of_a_customer_shows_what_was_written_to_its_people(firm: Firm, watch: Watch) -> None:
    order = firm.a_signed_order()
    written(order.contact, "sms", subject="Your start")
    page = words(browser(firm.rita).get(f"/customers/{order.company_id}/"))
    assert "Messages" in page and "Your start" in page


# API


def test_the_api_lists_filters_and_acts(firm: Firm, watch: Watch) -> None:
    from accounts.services import make_key
    from tests.api.conftest import Api

    api = Api(make_key(firm.max, scope="write"))
    failed = ended(firm, watch, NotSent("554"))
    task = written(somebody(firm), "phone")
    waiting = written(somebody(firm), "sms")
    hidden = written(pooled_contact(firm), "sms", kind="note", function="sales", text="In private")
    found = api.get("messages/?state=failed").data["results"]
    assert [row["id"] for row in found] == [str(failed.pk)] and found[0]["error"] == "554"
    assert api.get("messages/?state=odd").status_code == 400
    assert api.post(f"messages/{failed.pk}/retry/", {}).data["state"] == "queued"
    assert api.post(f"messages/{failed.pk}/retry/", {}).status_code == 409
    assert api.post(f"messages/{waiting.pk}/withdraw/", {}).data["state"] == "recalled"
    answer = api.post(f"messages/{task.pk}/done/", {"outcome": "could_not", "note": "engaged"})
    assert answer.data["state"] == "failed" and answer.data["error"] == "engaged"
    masked = api.get(f"messages/{hidden.pk}/").data
    assert masked["masked"] and "*" in masked["to"] and masked["text"] == ""
    assert Api(make_key(firm.wei)).get(f"messages/{waiting.pk}/").status_code == 404
