"""R11.2: one verb changes what a person allows; who said what, when, by which way, is kept."""

from __future__ import annotations

from typing import Any

import pytest

from calling.services import log_call
from contacts.models import Contact
from contacts.services import create_contact, update_contact
from core import hooks
from core.errors import Forbidden, NotFound, RuleRefused
from leads.services import merge
from outreach.mail import Attachment, queue_mail
from outreach.models import Consent, Message, MessageFile, Reaction, Touch
from outreach.sending import send_due
from outreach.services.consent import set_consent
from tests.cast import CAST, Firm, Watch, a_phone, fresh
from tests.content import Log, nothing_changes
from tests.outreach.people import Provider, pooled_contact, somebody, written

pytestmark = pytest.mark.django_db
FLAGS = ("do_not_call", "do_not_sms", "do_not_email")


def flags(contact: Contact) -> tuple[bool, ...]:
    contact = fresh(contact)
    return tuple(getattr(contact, name) for name in FLAGS)


@pytest.mark.parametrize(
    ("what", "refused", "recalled"),
    [
        ("call", (True, False, False), {"phone", "call"}),
        ("sms", (False, True, False), {"sms"}),
        ("email", (False, False, True), {"email"}),
        ("all", (True, True, True), {"phone", "call", "sms", "email", "wechat"}),
    ],
)
def test_R11_2_forbidding_withdraws_what_waits_on_that_channel(
    firm: Firm, watch: Watch, log: Log, what: str, refused: tuple[bool, ...], recalled: set[str]
) -> None:
    contact, other = somebody(firm), somebody(firm)
    rows = [written(contact, kind) for kind in ("email", "sms", "phone", "call", "wechat")]
    mine = written(other)
    assert set_consent(contact, what, given=False, way="person", by=firm.max, text="on the phone")
    assert flags(contact) == refused
    assert {fresh(row).channel for row in rows if fresh(row).state == "recalled"} == recalled
    assert fresh(mine).state == "queued"
    said = Consent.objects.get()
    assert (said.what, said.given, said.way, said.by_id, said.at, said.text) == (
        what,
        False,
        "person",
        firm.max.pk,
        watch.now,
        "on the phone",
    )
    assert log.only("opted_out").data == {"what": what, "way": "person"}
    with nothing_changes():
        assert not set_consent(contact, what, given=False, way="link")


def test_R11_2_who_allows_it_again_has_said_so_to_somebody(firm: Firm, watch: Watch, log: Log) -> None:
    contact = somebody(firm)
    set_consent(contact, "email", given=False, way="link")
    with nothing_changes(), pytest.raises(RuleRefused):
        set_consent(contact, "email", given=True, way="person", by=firm.max)
    assert set_consent(contact, "email", given=True, way="person", by=firm.max, text="by phone, today")
    assert flags(contact) == (False,) * 3 and log.only("opted_in").by_id == firm.max.pk
    assert list(Consent.objects.order_by("id").values_list("given", flat=True)) == [False, True]


def test_R11_2_a_form_that_anybody_fills_in_lifts_nothing_and_keeps_its_words(
    firm: Firm, watch: Watch
) -> None:
    contact = somebody(firm)
    set_consent(contact, "email", given=False, way="link")
    assert set_consent(contact, "email", given=True, way="form", text="I want news")
    assert flags(contact) == (False, False, True)
    assert Consent.objects.filter(given=True, text="I want news").count() == 1
    with nothing_changes():
        assert not set_consent(contact, "email", given=True, way="form", text="I want news")


@pytest.mark.parametrize("login", CAST)
def test_R15_2_who_keeps_a_persons_details_keeps_their_wishes(firm: Firm, watch: Watch, login: str) -> None:
    contact = firm.an_sql(firm.rita).contact
    user = firm.people[login]
    if login in ("rita", "mark", "max", "ada", "ivy"):
        assert set_consent(contact, "sms", given=False, way="person", by=user)
        return
    with nothing_changes(), pytest.raises(Forbidden):
        set_consent(contact, "sms", given=False, way="person", by=user)


def test_R10_4_in_the_pool_marketing_only(firm: Firm, watch: Watch) -> None:
    contact = pooled_contact(firm)
    with pytest.raises(Forbidden):
        set_consent(contact, "sms", given=False, way="person", by=firm.rita)
    assert set_consent(contact, "sms", given=False, way="person", by=firm.max)


def test_R11_2_refusals(firm: Firm, watch: Watch) -> None:
    contact = somebody(firm)
    with pytest.raises(RuleRefused):
        set_consent(contact, "fax", given=False, way="link")
    Contact.objects.filter(pk=contact.pk).update(erased_at=watch.now)
    with pytest.raises(NotFound):
        set_consent(contact, "sms", given=False, way="link")
    with pytest.raises(NotFound):
        set_consent("01890000-0000-7000-8000-000000000000", "sms", given=False, way="link")


def test_R11_2_the_fields_of_a_contact_go_through_the_same_verb(firm: Firm, watch: Watch, log: Log) -> None:
    contact = somebody(firm)
    waiting = written(contact, "sms")
    update_contact(contact, by=firm.max, do_not_sms=True, name="Han")
    assert flags(contact) == (False, True, False) and fresh(contact).name == "Han"
    assert fresh(waiting).state == "recalled" and Consent.objects.get().by_id == firm.max.pk
    with nothing_changes():
        update_contact(contact, by=firm.max, do_not_sms=True)
    update_contact(contact, by=firm.max, do_not_sms=False)
    assert flags(contact) == (False,) * 3 and log.verbs().count("opted_in") == 1
    made = create_contact(by=firm.max, points={"phone": a_phone()}, do_not_call=True, do_not_email=False)
    assert flags(made) == (True, False, False) and Consent.objects.filter(contact=made).count() == 1


def test_R11_2_who_asks_on_the_phone_never_to_be_called_is_not(firm: Firm, watch: Watch) -> None:
    contact = somebody(firm)
    waiting = written(contact, "phone")
    log_call(contact.leads.get(), outcome="refused", do_not_call=True, by=firm.tina, note="never again")
    assert flags(contact) == (True, False, False) and fresh(waiting).state == "recalled"
    said = Consent.objects.get()
    assert (said.way, said.by_id, said.text) == ("call", firm.tina.pk, "never again")


@pytest.mark.parametrize(
    ("outcome", "more", "counts"),
    [("no_answer", {}, True), ("refused", {}, True), ("empty_number", {}, False), ("no_need", {}, True)],
)
def test_R11_3_a_call_is_a_touch_like_any_other(
    firm: Firm, watch: Watch, outcome: str, more: dict[str, Any], counts: bool
) -> None:
    lead = firm.capture()
    firm.call(lead, outcome, **more)
    rows = list(Touch.objects.values_list("contact_id", "channel", "function", "done", "at", "by_id"))
    expected = [(lead.contact_id, "phone", "calling", True, watch.now, firm.tina.pk)]
    assert rows == (expected if counts else [])


def test_R11_3_a_call_that_was_promised_is_not_counted(firm: Firm, watch: Watch) -> None:
    lead = firm.capture()
    firm.call(lead, "call_back", call_back_at=watch.now.replace(hour=15))
    assert Touch.objects.count() == 1
    watch.go(hours=6)
    firm.call(lead, "no_answer")
    assert Touch.objects.count() == 1
    watch.go(days=1)
    firm.call(lead, "no_answer")
    assert Touch.objects.count() == 2, "nobody had promised this one"


def test_R11_3_a_reps_call_is_one_of_sales(firm: Firm, watch: Watch) -> None:
    lead = firm.an_sql(firm.rita)
    Touch.objects.all().delete()
    firm.call(lead, "no_answer", by=firm.rita)
    assert Touch.objects.get().function == "sales"


@pytest.mark.parametrize(("outcome", "reacted"), [("no_need", True), ("refused", True), ("no_answer", False)])
def test_R10_2_who_lies_in_the_pool_and_answers_has_reacted(
    firm: Firm, watch: Watch, outcome: str, reacted: bool
) -> None:
    lead = firm.pooled("no_need")
    firm.call(lead, outcome, by=firm.tina)
    rows = [(r.kind, r.contact_id, r.data["outcome"]) for r in Reaction.objects.all()]
    assert rows == ([("answered", lead.contact_id, outcome)] if reacted else [])


def test_R1_6_what_was_sent_done_and_allowed_goes_along_when_two_become_one(firm: Firm, watch: Watch) -> None:
    one, two = firm.capture(), firm.capture()
    kept, gone = (row.contact for row in (one, two))
    message = written(gone)
    set_consent(gone, "sms", given=False, way="link")
    Reaction.objects.create(contact=gone, kind="click", at=watch.now)
    stays = merge(one, other=two, by=firm.ada)
    assert stays.contact_id == kept.pk
    assert {row.contact_id for rows in (Message, Touch, Reaction, Consent) for row in rows.objects.all()} == {
        kept.pk
    }
    assert flags(kept) == (False, True, False) and fresh(message).contact_id == kept.pk


@pytest.mark.parametrize("what", ["call", "sms", "email"])
@pytest.mark.parametrize("who", ["stays", "goes"])
def test_R11_2_what_one_of_two_had_forbidden_is_withdrawn_when_they_become_one(
    firm: Firm, watch: Watch, what: str, who: str
) -> None:
    one, two = somebody(firm), somebody(firm)
    for contact in (one, two):
        written(contact, "phone"), written(contact, "call"), written(contact, "sms"), written(contact)
    set_consent(one if who == "stays" else two, what, given=False, way="link")
    merge(one.leads.get(), other=two.leads.get(), by=firm.ada)
    gone = Message.objects.filter(state="recalled")
    assert {row.channel for row in gone} == {"call": {"phone", "call"}}.get(what, {what})
    assert gone.count() == len({row.channel for row in gone}) * 2
    assert not Touch.objects.filter(message__in=gone).exists()


def test_R15_5_of_who_is_forgotten_nothing_is_left_but_that_something_was_sent(
    firm: Firm, watch: Watch
) -> None:
    contact, other = somebody(firm), somebody(firm)
    paper = Attachment("Q-1.pdf", "application/pdf", b"%PDF of Li")
    queue_mail(
        to="li@example.com",
        subject="For Li",
        text="Dear Li",
        at=watch.now,
        kind="quote",
        contact_id=contact.pk,
        reply_to="rita@example.com",
        attachments=[paper],
    )
    sent, mine = written(contact), written(other)
    send_due("email", watch.now, driver=Provider())
    waiting = written(contact, "sms")
    Reaction.objects.create(
        contact=contact, kind="reply", at=watch.now, text="It is Li", data={"id": "<1@li>"}
    )
    set_consent(contact, "call", given=False, way="person", by=firm.max, text="Li said so")
    hooks.erased([contact.pk])
    kept = [
        (row.to, row.subject, row.text, row.links, row.reply_to, row.provider_id)
        for row in Message.objects.filter(contact=contact)
    ]
    assert kept == [("", "", "", [], "", "")] * 3 and not MessageFile.objects.exists()
    assert (fresh(sent).state, fresh(waiting).state, fresh(waiting).held) == ("sent", "recalled", "erased")
    assert Reaction.objects.get().text == "" and Reaction.objects.get().data == {}
    assert Consent.objects.get().text == "" and fresh(mine).text != ""
