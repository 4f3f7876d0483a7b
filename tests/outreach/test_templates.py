"""What is written to people again and again: both languages, variables that exist, a way out, a try before it goes."""

from __future__ import annotations

from typing import Any

import pytest

from core.errors import Forbidden, RuleRefused
from core.models import Event
from outreach.models import Message, Template, TemplateText, Touch
from outreach.previews import language_for, preview
from outreach.rendering import VARIABLES, at_a_glance, unknown_in
from outreach.rules import SHIPPED_TEMPLATES, ChannelKind
from outreach.services.templates import Wording, hints, put_away, save_template, wordings_of
from outreach.services.trying import send_test
from outreach.sms import length_of
from tests.cast import Firm, Watch, fresh
from tests.content import nothing_changes

pytestmark = pytest.mark.django_db

HELLO = {"en": Wording("Hello {{ name | there }}: {{ call_me }} Reply STOP to opt out")}


def an_sms(firm: Firm, **more: Any) -> Template:
    return save_template(None, by=firm.max, **{"name": "Hello", "channel": "sms", "texts": HELLO, **more})


def faults(refused: Any) -> set[tuple[str, str]]:
    return {(error.field, error.code) for error in refused.value.errors}


# What is shipped


def test_R10_1_the_templates_of_the_five_cadences_are_shipped_in_both_languages(db: None) -> None:
    rows = {row.code: row for row in Template.objects.exclude(code="").prefetch_related("texts")}
    assert set(rows) == set(SHIPPED_TEMPLATES)
    for code, row in rows.items():
        words = wordings_of(row)
        assert set(words) == {"en", "zh-hans"}, code
        assert hints(row.channel, words) == [], f"{code} has no way out"
        for wording in words.values():
            assert unknown_in(wording.text + wording.subject) == []
            assert bool(wording.subject) == (row.channel == "email")
            if row.channel in ("sms", "email"):
                assert "{{ call_me }}" in wording.text, code
    channels = [rows[code].channel for code in rows if code.startswith("third_")]
    assert sorted(channels) == ["call", "email", "sms", "sms"]


def test_R10_1_a_shipped_name_speaks_the_readers_language_until_it_is_renamed(firm: Firm) -> None:
    row = Template.objects.get(code="not_now_sms")
    assert str(row) == row.name == SHIPPED_TEMPLATES["not_now_sms"]
    save_template(row, by=firm.max, name="我们的问候")
    assert str(fresh(row)) == "我们的问候"


# The verb


def test_R11_1_a_template_is_kept_in_each_language_with_its_history(firm: Firm) -> None:
    texts = {**HELLO, "zh-hans": Wording("您好 回T退订")}
    row = an_sms(firm, texts=texts)
    assert {text.language: text.text for text in row.texts.all()} == {
        code: wording.text for code, wording in texts.items()
    }
    save_template(row, by=firm.ada, texts={"en": Wording("Bye. STOP"), "zh-hans": Wording()})
    assert {text.language: text.text for text in fresh(row).texts.all()} == {"en": "Bye. STOP"}
    assert fresh(row).version == 2
    made, changed = Event.objects.filter(subject_id=row.pk).order_by("at", "id")
    assert (made.verb, changed.verb, changed.by_id) == ("template_made", "template_changed", firm.ada.pk)
    told = {text.field: (text.old, text.new) for text in changed.texts.all()}
    assert told["text_en"] == (HELLO["en"].text, "Bye. STOP") and told["text_zh-hans"] == ("您好 回T退订", "")


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"name": " "}, {("name", "required")}),
        ({"name": "x" * 81}, {("name", "too_long")}),
        ({"channel": "pigeon"}, {("channel", "required")}),
        ({"texts": {}}, {("texts", "required")}),
        ({"texts": {"fr": Wording("Bonjour")}}, {("texts", "invalid_choice")}),
        ({"texts": {"en": Wording("Hi {{ salary }} {{ name }}")}}, {("text_en", "unknown_variable")}),
        ({"texts": {"en": Wording("x" * 10_001)}}, {("text_en", "too_long")}),
        ({"channel": "email", "texts": {"en": Wording("Hi")}}, {("subject_en", "required")}),
        (
            {"channel": "email", "texts": {"en": Wording("", "{{ pay }}")}},
            {("text_en", "required"), ("subject_en", "unknown_variable")},
        ),
        (
            {"texts": {"en": Wording("Hi", provider_code="SMS 1")}},
            {("provider_code_en", "invalid")},
        ),
        (
            {"texts": {"en": Wording("Hi", provider_code="SMS_1", provider_params=["age"])}},
            {("provider_params_en", "unknown_variable")},
        ),
        (
            {"texts": {"en": Wording("Hi", provider_params=["name"])}},
            {("provider_code_en", "required")},
        ),
    ],
)
def test_R11_1_everything_that_is_wrong_is_said_at_once(
    firm: Firm, more: dict[str, Any], expected: set[tuple[str, str]]
) -> None:
    with nothing_changes(), pytest.raises(RuleRefused) as refused:
        an_sms(firm, **more)
    assert faults(refused) == expected


def test_R11_1_an_unknown_variable_is_refused_with_its_name_and_what_there_is(firm: Firm) -> None:
    with pytest.raises(RuleRefused) as refused:
        an_sms(firm, texts={"en": Wording("Hi {{ salary }}")})
    said = str(refused.value.errors[0].message)
    assert "salary" in said and all(name in said for name in VARIABLES)


def test_R11_1_a_name_is_given_once_a_way_and_the_way_stays(firm: Firm) -> None:
    row = an_sms(firm)
    an_sms(firm, channel="wechat")
    for more in ({}, {"name": " Hello  "}):
        with nothing_changes(), pytest.raises(RuleRefused) as refused:
            an_sms(firm, **more)
        assert faults(refused) == {("name", "taken")}
    with nothing_changes(), pytest.raises(RuleRefused) as refused:
        save_template(row, by=firm.max, channel="email")
    assert faults(refused) == {("channel", "fixed")}


def test_R15_1_marketing_and_administrators_write_templates_nobody_else(firm: Firm) -> None:
    row = an_sms(firm)
    for login, user in firm.people.items():
        if user.wears("marketer", "admin"):
            save_template(row, by=user, name=f"Hello {login}")
            continue
        with nothing_changes():
            for call in (
                lambda user=user: save_template(row, by=user, name="Mine"),
                lambda user=user: put_away(row, by=user),
                lambda user=user: send_test(row, to="13800138000", by=user),
            ):
                with pytest.raises(Forbidden):
                    call()


def test_R11_2_no_way_out_is_warned_of_not_refused(firm: Firm) -> None:
    row = an_sms(firm, texts={"en": Wording("Hello")})
    assert [code for code, _said in hints("sms", wordings_of(row))] == ["en"]
    for text in ("Reply STOP", "回T退订", "回复T取消", "拒收请回N"):
        assert hints("sms", {"en": Wording(text)}) == [], text
    assert hints("email", {"en": Wording("Hello", "Hi")}) != []
    assert hints("email", {"en": Wording("{{ unsubscribe }}", "Hi")}) == []
    assert hints("wechat", {"en": Wording("Hello")}) == []


def test_R11_1_put_away_is_out_of_choice_and_keeps_its_words(firm: Firm) -> None:
    row = an_sms(firm)
    put_away(row, by=firm.max)
    assert not fresh(row).active and row.texts.count() == 1
    save_template(row, by=firm.max, active=True)
    assert fresh(row).active


# The preview


def test_R10_10_the_preview_is_what_the_person_would_read(firm: Firm, watch: Watch) -> None:
    lead = firm.capture(name="Li Lei", phone="13800138011", company_name="Blue Whale")
    wording = Wording(
        "{{ firm }} {{ name | x }} of {{ company | y }}, {{ title | z }}: https://example.com/a {{ call_me }}"
    )
    made = preview("sms", "en", wording, lead.contact, at=watch.now)
    assert made.rendered.text.startswith("Trunk Li Lei of Blue Whale, z: http")
    assert [instead for _word, instead in made.missing] == ["z"]
    assert made.held == "" and made.hints
    assert made.length == length_of(made.rendered.text) and made.length.alphabet == "GSM-7"
    nobody = preview("sms", "en", wording, None, at=watch.now)
    assert [instead for _word, instead in nobody.missing] == ["x", "y", "z"]


def test_R11_5_a_link_of_a_preview_is_as_long_as_a_real_one_and_leads_nowhere(
    firm: Firm, watch: Watch
) -> None:
    from outreach import links

    text = preview("sms", "en", Wording("{{ call_me }}"), None, at=watch.now).rendered.text
    assert links.place_of(text.rpartition("/")[2]) is None
    real = links.address("c", 12_345, links.CALL_ME)
    assert abs(len(text) - len(real)) <= 1


def test_R11_2_the_preview_says_who_would_not_get_it(firm: Firm, watch: Watch) -> None:
    contact = firm.capture().contact
    contact.do_not_sms = True
    contact.store("do_not_sms")
    assert str(preview("sms", "en", HELLO["en"], contact, at=watch.now).held) == "wants no SMS"
    assert str(preview("email", "en", HELLO["en"], contact, at=watch.now).held).startswith("no number")


def test_R11_1_each_person_is_written_to_in_their_language_if_it_is_there(firm: Firm) -> None:
    contact = firm.capture().contact
    both = {"en": Wording("a"), "zh-hans": Wording("b")}
    assert language_for(both, contact) == "zh-hans"
    contact.language = "en"
    assert language_for(both, contact) == "en" and language_for(both, contact, "zh-hans") == "zh-hans"
    assert language_for({"zh-hans": Wording("b")}, contact) == "zh-hans"
    assert language_for({"zh-hans": Wording("b")}, None, "fr") == "zh-hans"


# The try


@pytest.mark.parametrize(
    ("channel", "typed", "to", "state"),
    [
        ("sms", "138 0013 8000", "+8613800138000", "queued"),
        ("email", "Max@Example.com", "max@example.com", "queued"),
        ("call", "13800138000", "+8613800138000", "queued"),
        ("wechat", "max_trunk", "max_trunk", "to_do"),
        ("phone", "13800138000", "+8613800138000", "to_do"),
        ("webhook", "", "", "queued"),
    ],
)
def test_R11_1_a_test_goes_through_the_outbox_and_counts_for_nobody(
    firm: Firm, watch: Watch, channel: str, typed: str, to: str, state: str
) -> None:
    subject = "Hi {{ name | you }}" if channel == "email" else ""
    row = an_sms(firm, channel=channel, texts={"en": Wording("Hello {{ name | you }}", subject)})
    message = send_test(
        row, to=typed, by=firm.max, contact=firm.capture(name="Han", phone="13800138012").contact
    )
    assert (message.kind, message.to, message.state, message.channel) == ("test", to, state, channel)
    assert (message.contact_id, message.asked_for, message.by_id) == (None, True, firm.max.pk)
    assert message.text == "Hello Han" and message.template_id == row.pk
    assert message.subject == ("Hi Han" if subject else "")
    assert message.assigned_to_id == (firm.max.pk if state == "to_do" else None)
    assert not Touch.objects.exists()


@pytest.mark.parametrize(
    ("channel", "typed", "code"),
    [("sms", "", "required"), ("sms", "12", "not_a_phone"), ("email", "a@@b", "not_an_email")],
)
def test_R11_1_a_test_needs_an_address_that_can_be_one(
    firm: Firm, channel: str, typed: str, code: str
) -> None:
    row = an_sms(firm, channel=channel, texts={"en": Wording("Hello", "Hi")})
    with nothing_changes(), pytest.raises(RuleRefused) as refused:
        send_test(row, to=typed, by=firm.max)
    ((field, said),) = faults(refused)
    assert field == "to" and (said == code or channel == "email")


def test_R11_2_a_test_does_not_reach_who_opted_out_either(firm: Firm) -> None:
    row = an_sms(firm)
    contact = firm.capture(name="Li", phone="13800138013").contact
    contact.do_not_sms = True
    contact.store("do_not_sms")
    with nothing_changes(), pytest.raises(RuleRefused) as refused:
        send_test(row, to="13800138013", by=firm.max)
    assert faults(refused) == {("to", "opted_out")}
    assert not Message.objects.exists()


def test_R11_1_every_way_has_a_name(db: None) -> None:
    assert {text.template.channel for text in TemplateText.objects.select_related("template")} <= set(
        ChannelKind.values
    )


def test_U2_a_list_shows_a_text_as_it_reads(firm: Firm) -> None:
    firm.set_rules(firm_name="Needful Things")
    text = "{{ firm }}: Hi {{ name | there }}, about {{company}}: {{ other }}"
    assert at_a_glance(text) == "Needful Things: Hi there, about …: …"
