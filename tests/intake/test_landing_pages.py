"""The pages of forms: what people outside see, what robots get, what marketing sees; and the API's /capture/."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.core import signing
from django.test import Client

from contacts.models import Contact
from core import clock
from intake.models import LandingForm, Registration
from intake.public_views import SALT
from leads.models import Lead
from outreach.models import Consent, Reaction
from tests.cast import Firm, a_phone, fresh
from tests.intake.landing import a_form, an_event, filled
from tests.pages import browser

pytestmark = pytest.mark.django_db


@pytest.fixture
def outside() -> Client:
    """A visitor: no log-in, and CSRF enforced as for real."""
    return Client(enforce_csrf_checks=True)


def address(form: LandingForm, more: str = "") -> str:
    return f"/f/{form.slug}/{more}"


def test_R10_6_a_visitor_fills_in_a_form_and_is_a_lead(firm: Firm, outside: Client) -> None:
    form = a_form(firm, consent="You may write to me.", thanks="We call you today.")
    page = outside.get(address(form))
    assert page.status_code == 200 and not page.cookies
    assert "You may write to me." in page.content.decode()
    sent = {"name": "韩梅", "phone": a_phone(), "consent": "yes"}
    done = outside.post(address(form), sent)
    assert (done.status_code, done["Location"]) == (302, address(form, "thanks/"))
    assert "We call you today." in outside.get(done["Location"]).content.decode()
    lead = Lead.objects.get()
    assert (lead.contact.name, lead.medium) == ("韩梅", "form")
    assert Consent.objects.get().text == "You may write to me."


def test_what_is_wrong_is_said_beside_its_field_and_nothing_typed_is_lost(
    firm: Firm, outside: Client
) -> None:
    form = a_form(firm)
    page = outside.post(address(form), {"name": "Han <b>Mei", "phone": "12"})
    text = page.content.decode()
    assert page.status_code == 422 and not Lead.objects.exists()
    assert "Han &lt;b&gt;Mei" in text and 'id="e-phone"' in text


@pytest.mark.parametrize("text", ["\x00", "a" * 200_000, "\ud800", "{{ 7 }}", "' OR 1=1 --", "../../etc"])
def test_Q19_hostile_texts_are_refused_or_kept_as_texts(firm: Firm, outside: Client, text: str) -> None:
    form = a_form(firm)
    body = {"name": text.encode("utf-8", "surrogatepass").decode("utf-8", "replace"), "phone": a_phone()}
    assert outside.post(address(form), body).status_code in (302, 400, 413, 422)
    api = outside.post(f"/api/v1/capture/{form.slug}/", body, content_type="application/json")
    assert api.status_code in (201, 400, 413, 422)


def test_a_robot_is_thanked_and_kept_nowhere(firm: Firm, outside: Client) -> None:
    form = a_form(firm)
    done = outside.post(address(form), {"name": "Bot", "phone": a_phone(), "homepage": "http://spam.example"})
    assert (done.status_code, done["Location"]) == (302, address(form, "thanks/"))
    sent = {"name": "Bot", "phone": a_phone(), "homepage": "x"}
    assert (
        outside.post(f"/api/v1/capture/{form.slug}/", sent, content_type="application/json").status_code
        == 201
    )
    assert not Contact.objects.exists() and fresh(form).spam == 2


def test_what_comes_back_at_once_is_shown_once_more(firm: Firm, outside: Client) -> None:
    form, sent = a_form(firm), {"name": "Han Mei", "phone": a_phone()}
    quick = signing.dumps(round(time.time(), 1), salt=SALT)
    assert outside.post(address(form), {**sent, "drawn": quick}).status_code == 422
    assert not Lead.objects.exists()
    slow = signing.dumps(round(time.time() - 30, 1), salt=SALT)
    assert outside.post(address(form), {**sent, "drawn": slow}).status_code == 302


def test_one_sender_cannot_flood_a_form(firm: Firm, outside: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("intake.form_rules.PER_SENDER", 3)
    form = a_form(firm)
    codes = [outside.post(address(form), {"name": "A", "phone": a_phone()}).status_code for _n in range(5)]
    assert codes == [302, 302, 302, 429, 429]
    answer = outside.post(
        f"/api/v1/capture/{form.slug}/", {"name": "A", "phone": a_phone()}, content_type="application/json"
    )
    assert answer.status_code == 429 and int(answer["Retry-After"]) > 0
    assert answer.json()["code"] == "throttled"


def test_a_closed_form_says_so_and_an_unknown_one_is_nothing(firm: Firm, outside: Client) -> None:
    form = a_form(firm, active=False)
    assert "closed" in outside.get(address(form)).content.decode()
    assert outside.post(address(form), {"name": "A", "phone": a_phone()}).status_code == 409
    assert outside.get("/f/nowhere/").status_code == 404
    assert outside.post("/api/v1/capture/nowhere/", {}, content_type="application/json").status_code == 404


def test_a_page_outside_speaks_its_own_language(firm: Firm, outside: Client) -> None:
    form = a_form(firm, language="zh-hans")
    page = outside.get(address(form), headers={"accept-language": "en"})
    assert 'lang="zh-hans"' in page.content.decode() and page["Content-Language"] in ("zh-hans", "en")


class TestTheApi:
    """/capture/{form}/ is public: no key, the same rules (api.md)."""

    def test_R1_it_captures_and_says_what_is_wrong(self, firm: Firm, outside: Client) -> None:
        form = a_form(firm)
        url = f"/api/v1/capture/{form.slug}/"
        answer = outside.post(url, {"name": "Han Mei", "phone": "12"}, content_type="application/json")
        assert answer.status_code == 422 and [e["field"] for e in answer.json()["errors"]] == ["phone"]
        answer = outside.post(url, {"surname": "Han"}, content_type="application/json")
        assert answer.status_code == 400
        answer = outside.post(url, {"name": "Han Mei", "phone": a_phone()}, content_type="application/json")
        assert (answer.status_code, answer.json()["ok"]) == (201, True)
        assert Lead.objects.get().medium == "form"

    def test_a_session_and_a_key_change_nothing(self, firm: Firm) -> None:
        form = a_form(firm)
        answer = browser(firm.pia).post(
            f"/api/v1/capture/{form.slug}/",
            {"name": "A", "phone": a_phone()},
            content_type="application/json",
        )
        assert answer.status_code == 201


class TestTheDoor:
    """A ticket's code, the code at the door, and who may let in."""

    def test_R10_2_a_ticket_is_shown_to_its_holder_and_scanned_by_who_stands_at_the_door(
        self, firm: Firm, outside: Client
    ) -> None:
        event = an_event(firm)
        done = outside.post(address(event), {"name": "Han Mei", "phone": "13800000009"})
        ticket = done["Location"]
        text = outside.get(ticket).content.decode()
        assert "data:image/svg+xml" in text and "Hall 3" in text and "13800000009" not in text
        assert outside.post(f"{ticket}here/").status_code in (302, 403)
        assert Registration.objects.get().attended_at is None
        rita = browser(firm.rita)
        assert "Han Mei" in rita.get(ticket).content.decode()
        assert rita.post(f"{ticket}here/").status_code == 302
        assert Registration.objects.get().attended_by == "ticket"
        assert browser(firm.pia).post(f"{ticket}here/").status_code == 403
        assert outside.get("/ticket/nothing/").status_code == 404

    def test_the_code_at_the_door_takes_phone_or_mail(self, firm: Firm, outside: Client) -> None:
        event = an_event(firm)
        made = filled(event, phone="13800000010")
        door = address(event, f"here/{event.door_key}/")
        assert outside.get(door).status_code == 200
        assert outside.get(address(event, "here/wrong/")).status_code == 404
        assert outside.post(door, {"reach": "hello"}).status_code == 422
        assert outside.post(door, {"reach": "138 0000 0010"}).status_code == 200
        assert fresh(made).attended_by == "door"
        assert Reaction.objects.filter(contact=made.contact, kind="event").count() == 1

    def test_who_asks_the_door_learns_nothing_of_anybody(self, firm: Firm, outside: Client) -> None:
        event = an_event(firm)
        filled(event, phone="13800000011", name="Secret Person")
        text = outside.post(
            address(event, f"here/{event.door_key}/"), {"reach": "13800000011"}
        ).content.decode()
        assert "Secret Person" not in text


class TestMarketing:
    """The list, one form, the editor, who came."""

    def test_a_form_is_made_changed_and_embedded(self, firm: Firm) -> None:
        max_ = browser(firm.max)
        told: dict[str, Any] = {
            "kind": "form",
            "title": "Ask us",
            "language": "en",
            "channel": "website",
            "slug": "ask",
            "active": "on",
            "consent": "You may write.",
            "ask_name": "needed",
            "ask_phone": "needed",
            "ask_email": "asked",
        }
        assert max_.get("/campaigns/forms/new/").status_code == 200
        done = max_.post("/campaigns/forms/new/", told)
        form = LandingForm.objects.get()
        assert done["Location"] == f"/campaigns/forms/{form.pk}/"
        assert form.asked == {"name": True, "phone": True, "email": False}
        page = max_.get(f"/campaigns/forms/{form.pk}/").content.decode()
        assert "&lt;form method=&quot;post&quot;" in page and "/f/ask/" in page
        told["title"] = "Ask us more"
        assert max_.post(f"/campaigns/forms/{form.pk}/change/", told).status_code == 302
        assert fresh(form).title == "Ask us more"

    @pytest.mark.parametrize("many", [1, 30])
    def test_P1_the_pages_ask_as_much_for_one_as_for_thirty(
        self, firm: Firm, django_assert_max_num_queries: Any, many: int
    ) -> None:
        form = an_event(firm)
        for n in range(many):
            filled(form)
            a_form(firm, title=f"Form {n}")
        max_ = browser(firm.max)
        with django_assert_max_num_queries(15):
            assert max_.get("/campaigns/forms/").status_code == 200
        with django_assert_max_num_queries(15):
            assert max_.get(f"/campaigns/forms/{form.pk}/").status_code == 200

    def test_R10_4_details_of_who_lies_in_the_pool_stay_masked(self, firm: Firm) -> None:
        form = a_form(firm)
        made = filled(form, phone="13812345678")
        firm.call(Lead.objects.get(contact=made.contact), "no_need")
        page = browser(firm.max).get(f"/campaigns/forms/{form.pk}/").content.decode()
        assert "13812345678" not in page and "138****5678" in page

    def test_R15_2_a_manager_sees_nothing_of_who_belongs_to_another_team(self, firm: Firm) -> None:
        form = a_form(firm)
        filled(form, phone="13812345678", name="Zhou Hidden")
        theirs = browser(firm.mark).get(f"/campaigns/forms/{form.pk}/")
        page = theirs.content.decode()
        assert theirs.status_code == 200 and "Zhou" not in page and "5678" not in page
        assert "Zhou Hidden" in browser(firm.max).get(f"/campaigns/forms/{form.pk}/").content.decode()

    def test_a_list_is_tried_before_anybody_is_marked(self, firm: Firm) -> None:
        from django.core.files.uploadedfile import SimpleUploadedFile

        event = an_event(firm)
        filled(event, phone="13800000012")

        def the_list() -> SimpleUploadedFile:
            return SimpleUploadedFile("came.csv", b"name,phone\nHan Mei,13800000012\n")

        max_ = browser(firm.max)
        url = f"/campaigns/forms/{event.pk}/attended/"
        assert max_.post(url, {"file": the_list()}).status_code == 200
        assert not Registration.objects.filter(attended_at__isnull=False).exists()
        assert max_.post(url, {"file": the_list(), "sure": "yes"}).status_code == 302
        assert Registration.objects.get().attended_by == "list"
        assert max_.post(url, {"file": SimpleUploadedFile("x.csv", b"\x00\x01")}).status_code in (400, 422)

    def test_by_hand(self, firm: Firm) -> None:
        made = filled(an_event(firm))
        assert browser(firm.mark).post(f"/campaigns/registrations/{made.pk}/here/").status_code == 302
        assert fresh(made).attended_by == "hand" and fresh(made).attended_at <= clock.now()
