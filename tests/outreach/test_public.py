"""R11.2, R11.5, R10.6: what a person reaches from a message, without log-in or cookie; programs count for nobody."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.test import Client

from contacts.models import Contact
from outreach.models import Consent, Message, Reaction
from outreach.sending import send_due
from tests.cast import Firm, Watch, fresh
from tests.content import nothing_changes
from tests.outreach.people import Provider, link, somebody, written

pytestmark = pytest.mark.django_db
PERSON = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148"


def browser(**headers: str) -> Client:
    here = f"10.{uuid4().bytes[0]}.{uuid4().bytes[1]}.{uuid4().bytes[2]}"  # wrong links are counted a minute long
    return Client(headers={"User-Agent": PERSON, **headers}, enforce_csrf_checks=True, REMOTE_ADDR=here)


def kinds() -> list[str]:
    return list(Reaction.objects.order_by("at", "id").values_list("kind", flat=True))


def test_R11_5_a_link_leads_where_the_author_wanted_and_counts_as_a_click(firm: Firm, watch: Watch) -> None:
    message = written(somebody(firm))
    answer = browser().get(link(message, "l"))
    assert (answer.status_code, answer["Location"]) == (302, "https://example.com/offer?a=1&b=2")
    assert not answer.cookies and "no-store" in answer["Cache-Control"]
    reaction = Reaction.objects.get()
    assert (reaction.kind, reaction.contact_id, reaction.message_id, reaction.taken_at) == (
        "click",
        message.contact_id,
        message.pk,
        None,
    )
    message = fresh(message)
    assert (message.clicked_at, message.opened_at) == (watch.now, watch.now)


@pytest.mark.parametrize(
    "address", ["http://[bad/x", "http://a[b]/", "https://\u2100.com/x"], ids=["v6", "brackets", "not a host"]
)
def test_R11_5_what_leads_nowhere_stays_as_its_author_typed_it(
    firm: Firm, watch: Watch, address: str
) -> None:
    message = written(somebody(firm), text=f"Look: {address} or https://example.com/a")
    assert message.links == ["https://example.com/a"] and address in message.text
    assert browser().get(link(message, "l"))["Location"] == "https://example.com/a"
    provider = Provider()
    send_due("email", watch.now, driver=provider)
    assert len(provider.sent) == 1


def test_R11_5_the_same_click_again_is_no_news_and_one_later_is(firm: Firm, watch: Watch) -> None:
    message = written(somebody(firm))
    for _n in range(3):
        browser().get(link(message, "l"))
    watch.go(hours=2)
    browser().get(link(message, "l"))
    assert kinds() == ["click", "click"]
    assert fresh(message).clicked_at < watch.now, "the first one is kept"


@pytest.mark.parametrize(
    "headers",
    [
        {"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"},
        {"User-Agent": "facebookexternalhit/1.1"},
        {"User-Agent": "WhatsApp/2.23.20.0"},
        {"User-Agent": "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)"},
        {"User-Agent": "BarracudaCentral URL scanner"},
        {"User-Agent": "python-requests/2.32"},
        {"User-Agent": "curl/8.5"},
        {"User-Agent": ""},
        {"Purpose": "prefetch"},
        {"Sec-Purpose": "prefetch;prerender"},
        {"X-Purpose": "preview"},
        {"X-Moz": "prefetch"},
    ],
)
def test_R11_5_programs_get_the_same_and_count_for_nobody(
    firm: Firm, watch: Watch, headers: dict[str, str]
) -> None:
    message = written(somebody(firm))
    with nothing_changes():
        assert browser(**headers).get(link(message, "l")).status_code == 302
        assert browser(**headers).get(link(message, "o")).status_code == 200
        assert browser(**headers).get(link(message, "c")).status_code == 200


def test_R11_5_a_head_request_counts_for_nobody(firm: Firm, watch: Watch) -> None:
    message = written(somebody(firm))
    with nothing_changes():
        answer = browser().head(link(message, "l"))
        assert (answer.status_code, answer["Location"]) == (302, "https://example.com/offer?a=1&b=2")
        assert browser().head(link(message, "u")).status_code == 200


def test_R11_5_the_picture_is_an_open_and_an_open_only(firm: Firm, watch: Watch) -> None:
    message = written(somebody(firm))
    answer = browser().get(link(message, "o"))
    assert answer["Content-Type"] == "image/gif" and answer.content.startswith(b"GIF89a")
    assert kinds() == ["open"] and fresh(message).opened_at == watch.now and not fresh(message).clicked_at


@pytest.mark.parametrize("kind", "louc")
def test_R11_5_what_we_have_not_made_leads_nowhere(firm: Firm, watch: Watch, kind: str) -> None:
    message = written(somebody(firm))
    good = link(message, kind)
    other = link(message, kind, 7)
    bent = good[:-1] + ("A" if good[-1] != "A" else "B")
    gone = good.rpartition("/")[0]
    with nothing_changes():
        for path in (bent, other, f"/{kind}/x", f"/{kind}/{'9' * 40}", f"{gone}/https:%2F%2Fevil.example"):
            answer = browser().get(path)
            assert answer.status_code == 404, path
            assert "Location" not in answer
    assert "This link leads nowhere" in browser(**{"Accept-Language": "en"}).get(bent).content.decode()


def test_R11_5_guessing_is_slowed_down(firm: Firm, watch: Watch) -> None:
    client = browser()
    answers = {client.get(f"/l/{n}AAAAAAAA").status_code for n in range(70)}
    assert answers == {404, 429}
    message = written(somebody(firm))
    assert client.get(link(message, "l")).status_code == 302, "who has a right one is not held up"


def test_R11_2_looking_at_the_page_changes_nothing_and_sets_no_cookie(firm: Firm, watch: Watch) -> None:
    message = written(somebody(firm))
    with nothing_changes():
        answer = browser().get(link(message, "u"))
    assert answer.status_code == 200 and not answer.cookies
    assert "script-src 'self'" in answer["Content-Security-Policy"]
    assert "<script" not in answer.content.decode()


def test_R11_2_one_post_of_a_mail_program_unsubscribes(firm: Firm, watch: Watch) -> None:
    """RFC 8058: no page seen before, no cookie, no token of ours."""
    contact = somebody(firm)
    message, waiting, sms = written(contact), written(contact), written(contact, "sms")
    answer = Client(enforce_csrf_checks=True).post(
        link(message, "u"), "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded"
    )
    assert answer.status_code == 200 and not answer.cookies
    contact = fresh(contact)
    assert (contact.do_not_email, contact.do_not_sms, contact.do_not_call) == (True, False, False)
    said = Consent.objects.get()
    assert (said.what, said.given, said.way, said.message_id, said.by_id) == (
        "email",
        False,
        "link",
        message.pk,
        None,
    )
    assert (fresh(waiting).state, fresh(waiting).held) == ("recalled", "do_not_email")
    assert fresh(sms).state == "queued"
    with nothing_changes():
        browser().post(link(message, "u"))


def test_R11_2_a_person_chooses_what_stops(firm: Firm, watch: Watch) -> None:
    contact = somebody(firm)
    message = written(contact)
    with nothing_changes():
        assert "Choose at least one" in browser().post(link(message, "u"), {"chosen": "1"}).content.decode()
    answer = browser().post(link(message, "u"), {"chosen": "1", "what": ["sms", "call"]})
    page = answer.content.decode()
    assert "Text messages" in page and "Phone calls" in page and "E-mails" not in page
    contact = fresh(contact)
    assert (contact.do_not_email, contact.do_not_sms, contact.do_not_call) == (False, True, True)


def test_R11_2_the_link_of_an_sms_stops_sms(firm: Firm, watch: Watch) -> None:
    contact = somebody(firm)
    browser().post(link(written(contact, "sms"), "u"))
    assert fresh(contact).do_not_sms and not fresh(contact).do_not_email


@pytest.mark.parametrize(("language", "said"), [("en", "What shall we stop?"), ("zh-hans", 'lang="zh-hans"')])
def test_R11_2_the_page_speaks_the_language_of_the_message(
    firm: Firm, watch: Watch, language: str, said: str
) -> None:
    message = written(somebody(firm), language=language)
    answer = browser(**{"Accept-Language": "en"}).get(link(message, "u"))
    assert said in answer.content.decode() and answer["Content-Language"] == language


def test_R10_6_please_call_me_is_one_press(firm: Firm, watch: Watch) -> None:
    message = written(somebody(firm))
    browser().get(link(message, "c"))
    assert kinds() == ["click"]
    answer = browser().post(link(message, "c"))
    assert answer.status_code == 200 and not answer.cookies
    browser().post(link(message, "c"))
    assert kinds() == ["click", "call_me"]


def test_R15_5_what_was_sent_to_who_is_forgotten_counts_no_more(firm: Firm, watch: Watch) -> None:
    contact = somebody(firm)
    message, trial = written(contact), written(None, kind="test", to="max@example.com")
    Contact.objects.filter(pk=contact.pk).update(erased_at=watch.now)
    Message.objects.filter(pk=message.pk).update(contact=None)
    for row in (message, trial):
        for kind in "louc":
            assert browser().get(link(row, kind)).status_code in (200, 302)
        for kind in "uc":
            assert browser().post(link(row, kind)).status_code == 200
    assert kinds() == [] and not Consent.objects.exists()


def test_R11_2_the_page_tells_what_has_stopped_already(firm: Firm, watch: Watch) -> None:
    message = written(somebody(firm))
    page, browser = link(message, "u"), Client()
    assert "Nothing has changed yet" in browser.get(page, headers={"accept-language": "en"}).content.decode()
    browser.post(page, {"chosen": "1", "what": "email"})
    text = browser.get(page, headers={"accept-language": "en"}).content.decode()
    assert "Stopped already" in text and 'value="email"' not in text and 'value="sms"' in text
    browser.post(page, {"chosen": "1", "what": ["sms", "call"]})
    text = browser.get(page, headers={"accept-language": "en"}).content.decode()
    assert "Done. You get no more of these" in text and "Phone calls" in text
