"""R11.4, R10.4: the pages and the API of messages and tasks, and what they show of whom."""

from __future__ import annotations

from typing import Any

import pytest

from contacts.models import Contact
from core.errors import Forbidden
from leads import services as trunk
from outreach.channels.base import MayHaveLeft, NotSent
from outreach.message_views import TASKS
from outreach.models import Message, Touch
from outreach.sending import send_due
from outreach.services.messages import do_task
from pool.services import claim
from tests.cast import Firm, Watch, fresh
from tests.content import nothing_changes
from tests.outreach.people import Provider, pooled_contact, somebody, written
from tests.pages import MOST_QUERIES, browser, queries_of, words

pytestmark = pytest.mark.django_db


def ended(firm: Firm, watch: Watch, error: Exception, channel: str = "email") -> Message:
    def answer(message: Any) -> None:
        raise error

    message = written(somebody(firm), channel)
    send_due(channel, watch.now, driver=Provider(answer))
    return fresh(message)


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


@pytest.mark.parametrize("state", ["failed", "unknown", "queued"])
def test_R10_4_what_a_provider_said_of_a_pooled_persons_address_is_not_shown(
    firm: Firm, watch: Watch, state: str
) -> None:
    row = written(pooled_contact(firm), to="han@example.com")
    said = f"550 <{row.to}> no such user"
    Message.objects.filter(pk=row.pk).update(state=state, error=said, taken_at=watch.now)
    for login in firm.people:
        client = browser(firm.people[login])
        for path in (f"/campaigns/messages/{row.pk}/", f"/api/v1/messages/{row.pk}/"):
            assert row.to not in client.get(path).content.decode(), login


def test_R10_4_a_task_is_no_way_around_the_claim(firm: Firm, watch: Watch) -> None:
    task = written(pooled_contact(firm), "phone")
    for login in firm.people:
        page = browser(firm.people[login]).get("/campaigns/tasks/").content.decode()
        assert (task.to in page) is (login in ("max", "ada")), login
        if login not in ("max", "ada"):
            with nothing_changes(), pytest.raises(Forbidden):
                do_task(task, by=firm.people[login])


def test_the_tasks_of_others_do_not_hide_ones_own(firm: Firm, watch: Watch) -> None:
    for _n in range(TASKS * 2 + 1):
        written(somebody(firm), "phone", assigned_to=firm.theo)
    mine = written(somebody(firm), "phone", assigned_to=firm.max)
    assert mine.to in browser(firm.max).get("/campaigns/tasks/").content.decode()


def test_R15_2_what_becomes_of_a_letter_belongs_to_who_has_the_person_now(firm: Firm, watch: Watch) -> None:
    lead = firm.an_sql(firm.rita)
    letter = written(lead.contact, by=firm.rita, kind="note", function="sales")
    path = f"/campaigns/messages/{letter.pk}/"
    assert browser(firm.rita).get(path).status_code == 200
    trunk.release(lead, reason="no_fit", by=firm.rita)
    claim(lead, by=firm.wei)
    assert browser(firm.wei).get(path).status_code == 200
    for where in (path, f"/api/v1/messages/{letter.pk}/"):
        assert browser(firm.rita).get(where).status_code == 404


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
