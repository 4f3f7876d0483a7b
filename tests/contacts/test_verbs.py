"""Verbs on people and companies: R1.2, R1.3, R5.2, R15.2, R15.4."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from contacts.models import Company, Contact, ContactPoint, MergeSuggestion
from contacts.selectors import of_company, timeline
from contacts.services import (
    COMPANIES,
    companies_named,
    company_named,
    create_contact,
    mark_dead,
    save_company,
    update_contact,
)
from core.errors import DuplicateContact, Forbidden, RuleRefused
from core.models import Event
from leads.services import add_note
from tests.cast import CAST, Firm, Watch, a_phone, fresh
from tests.content import Log, faults, nothing_changes, refused


def points(contact: Contact) -> list[tuple[str, bool, bool]]:
    return [(p.value, p.first_choice, p.dead_at is not None) for p in contact.points.order_by("id")]


def test_R15_4_a_change_says_who_when_what_from_and_to(firm: Firm, watch: Watch, log: Log) -> None:
    contact = firm.capture(name="Li Lei", phone=a_phone()).contact
    update_contact(contact, by=firm.max, name="Han Meimei", title="Buyer", do_not_email=True)
    event = log.only("contact_changed")
    assert (event.by_id, event.at, event.contact_id, event.subject_id) == (
        firm.max.pk,
        watch.now,
        contact.pk,
        contact.pk,
    )
    assert event.data == {}
    assert log.only("opted_out").data == {"what": "email", "way": "person"}
    assert {t.field: (t.old, t.new) for t in event.texts.all()} == {
        "name": ("Li Lei", "Han Meimei"),
        "title": ("", "Buyer"),
    }
    assert fresh(contact).version == contact.version + 2, "details, and wishes by their own verb"


def test_saying_what_is_known_already_changes_nothing(firm: Firm) -> None:
    contact = firm.capture(name="Li Lei", phone="13800138000").contact
    with nothing_changes():
        update_contact(contact, by=firm.max, name="Li Lei", points={"phone": "+86 138-0013-8000"})


def test_R1_2_a_contact_may_have_several_and_the_last_named_is_the_first_choice(firm: Firm) -> None:
    contact = firm.capture(phone="13800138000").contact
    update_contact(contact, by=firm.max, points={"phone": "13900139000"})
    assert points(contact) == [("+8613800138000", False, False), ("+8613900139000", True, False)]
    update_contact(contact, by=firm.max, points={"phone": "138 0013 8000"})
    assert points(contact) == [("+8613800138000", True, False), ("+8613900139000", False, False)]


def test_R1_3_a_value_of_somebody_else_is_refused_and_nothing_is_changed(firm: Firm) -> None:
    firm.capture(phone="13900139000")
    contact = firm.capture(phone="13800138000").contact
    with refused(DuplicateContact, "duplicate_contact") as caught:
        update_contact(
            contact, by=firm.max, name="New", points={"email": "n@example.com", "phone": "139 0013 9000"}
        )
    assert faults(caught) == [("phone", "duplicate_contact")]
    assert "“139 0013 9000”" in str(caught.value)


def test_R1_2_wrong_values_are_refused_together(firm: Firm) -> None:
    contact = firm.capture().contact
    with refused(RuleRefused) as caught:
        update_contact(contact, by=firm.max, points={"phone": "1", "email": "x"})
    assert faults(caught) == [("phone", "not_a_phone"), ("email", "not_an_email")]


def test_R2_3_a_dead_number_gives_its_place_to_the_next_living_one(firm: Firm, watch: Watch) -> None:
    contact = firm.capture(phone="13800138000").contact
    update_contact(contact, by=firm.max, points={"phone": "13900139000"})
    mark_dead(contact.points.get(value="+8613900139000"), "empty_number", at=watch.now)
    assert points(contact) == [("+8613800138000", True, False), ("+8613900139000", False, True)]


def test_R2_3_a_dead_number_beside_the_first_choice_leaves_that_alone(firm: Firm, watch: Watch) -> None:
    contact = firm.capture(phone="13800138000").contact
    for phone in ("13900139000", "13700137000"):
        update_contact(contact, by=firm.max, points={"phone": phone})
    mark_dead(contact.points.get(value="+8613900139000"), "wrong_number", at=watch.now)
    assert points(contact) == [
        ("+8613800138000", False, False),
        ("+8613900139000", False, True),
        ("+8613700137000", True, False),
    ]


def test_a_dead_number_that_is_typed_in_again_lives(firm: Firm, watch: Watch) -> None:
    contact = firm.capture(phone="13800138000").contact
    mark_dead(contact.points.get(), "empty_number", at=watch.now)
    update_contact(contact, by=firm.max, points={"phone": "13800138000"})
    assert points(contact) == [("+8613800138000", True, False)]


EDITORS = {"new": {"tina", "theo"}, "sql": {"rita", "mark"}, "pooled": set()}


@pytest.mark.parametrize("state", EDITORS)
def test_R15_2_who_may_change_a_person(firm: Firm, watch: Watch, state: str) -> None:
    contact = firm.in_state(state).contact
    always = {"max", "ada", "ivy"} if state != "pooled" else {"max", "ada"}
    # A telemarketer reads what became of the own calls, and no more.
    may = always | EDITORS[state]
    for login, person in firm.people.items():
        if login in may:
            assert update_contact(contact, by=person, title=login).title == login
        else:
            with refused(Forbidden):
                update_contact(contact, by=person, title=login)


@pytest.mark.parametrize("login", list(CAST))
def test_R15_1_who_may_add_a_person_or_a_company(firm: Firm, login: str) -> None:
    by = firm.people[login]
    if login == "pia":
        with refused(Forbidden):
            create_contact(by=by, points={"phone": a_phone()})
        with refused(Forbidden):
            save_company(None, by=by, name="Acme")
    else:
        assert create_contact(by=by, points={"phone": a_phone()}).points.count() == 1
        assert save_company(None, by=by, name="Acme").name == "Acme"


def test_a_new_person_needs_a_way_and_finds_the_company(firm: Firm, watch: Watch, log: Log) -> None:
    company = save_company(None, by=firm.ada, name="Acme Ltd")
    with refused(RuleRefused) as caught:
        create_contact(by=firm.sue, points={}, name="Li Lei")
    assert faults(caught) == [("phone", "required")]
    contact = create_contact(
        by=firm.sue, points={"wechat": "wx_12345"}, name="Li Lei", company_name="ACME  ltd"
    )
    assert contact.company == company
    event = log.only("contact_made")
    assert (event.by_id, event.contact_id, event.company_id) == (firm.sue.pk, contact.pk, company.pk)
    with refused(DuplicateContact):
        create_contact(by=firm.sue, points={"wechat": "WX_12345"})


def test_R5_2_a_company_is_found_by_its_exact_name_or_made(firm: Firm, watch: Watch, log: Log) -> None:
    made = company_named("深圳市蓝鲸科技有限公司", by=firm.rita, at=watch.now)
    assert (made.core_name, made.created_at) == ("蓝鲸科技", watch.now)
    assert company_named("深圳市蓝鲸 科技有限公司", by=firm.rob, at=watch.now) == made
    assert company_named("蓝鲸科技", by=firm.rob, at=watch.now) != made
    assert log.verbs() == ["company_made", "company_made"]
    assert companies_named(["深圳市蓝鲸科技有限公司", "nobody", ""]) == {made.exact_name: made}


@pytest.mark.parametrize("name", ["", " ", "A", "123456", "！！"])
def test_R5_1_what_is_no_name_makes_no_company(firm: Firm, name: str) -> None:
    with refused(RuleRefused) as caught:
        save_company(None, by=firm.ada, name=name)
    assert faults(caught) == [("company", "not_a_name")]


def test_a_name_belongs_to_one_company(firm: Firm) -> None:
    one = save_company(None, by=firm.ada, name="Acme Ltd")
    other = save_company(None, by=firm.ada, name="Bolt Ltd")
    for attempt in (
        lambda: save_company(None, by=firm.ada, name="ACME ltd"),
        lambda: rename(firm, other, "acme LTD"),
    ):
        with refused(RuleRefused) as caught:
            attempt()
        assert faults(caught) == [("name", "taken")]
    with refused(RuleRefused) as caught:
        rename(firm, one, "!")
    assert faults(caught) == [("name", "not_a_name")]


def rename(firm: Firm, company: Company, name: str) -> Company:
    return save_company(company, by=firm.ada, name=name)


def test_R15_4_a_changed_company_is_on_its_timeline(firm: Firm, watch: Watch) -> None:
    company = save_company(None, by=firm.ada, name="Acme Ltd")
    watch.go(hours=1)
    save_company(company, by=firm.ada, name="Acme Tools", region="East", industry="")
    entry = timeline(rows=of_company(company.pk, firm.ada), user=firm.ada)[0]
    assert (entry.event.verb, entry.by, entry.event.data) == (
        "company_changed",
        firm.ada,
        {"name": ["Acme Ltd", "Acme Tools"], "region": ["", "East"]},
    )
    assert fresh(company).core_name == "acmetools"
    long = save_company(company, by=firm.ada, name="　Ｂolt " + "x" * 250)
    assert (long.name[:6], len(long.name), len(long.exact_name)) == ("Bolt x", 200, 200)
    with nothing_changes_but_version(company, firm.ada):
        save_company(company, by=firm.ada, region="East")


def nothing_changes_but_version(company: Company, user: Any) -> Any:
    class Same:
        def __enter__(self) -> None:
            self.before = len(timeline(rows=Event.objects.filter(company_id=company.pk), user=user))

        def __exit__(self, *exc: Any) -> None:
            assert len(timeline(rows=Event.objects.filter(company_id=company.pk), user=user)) == self.before

    return Same()


def test_R15_2_a_stranger_changes_no_company(firm: Firm, watch: Watch) -> None:
    company = firm.an_opportunity(firm.rita).company
    for login in ("wei", "olga", "pia", "theo", "sue"):
        with refused(Forbidden):
            save_company(company, by=firm.people[login], region="West")
    for login in ("rita", "mark", "max", "ada"):
        save_company(company, by=firm.people[login], region=login)


def test_R15_2_the_timeline_is_latest_first_and_pages(firm: Firm, watch: Watch) -> None:
    lead = firm.an_sql()
    for n in range(5):
        watch.go(minutes=1)
        add_note(lead, text=f"note {n}", by=firm.rita)
    first = timeline(lead.contact_id, user=firm.ada, limit=3)
    assert [e.texts["text"][1] for e in first] == ["note 4", "note 3", "note 2"]
    last = first[-1].event
    rest = timeline(lead.contact_id, user=firm.ada, before=(last.at, last.pk))
    assert [e.event.verb for e in rest] == [
        "noted", "noted", "accepted", "handed_over", "qualified", "called", "captured",
    ]  # fmt: skip
    assert rest[-1].by == firm.max


def test_R10_4_a_masked_timeline_tells_no_words(firm: Firm, watch: Watch) -> None:
    lead = firm.an_sql()
    add_note(lead, text="her number is 13800138000", by=firm.rita)
    assert any(e.texts for e in timeline(lead.contact_id, user=firm.ada))
    assert not any(e.texts for e in timeline(lead.contact_id, user=firm.ada, masked=True))


def test_R5_2_a_company_s_name_is_locked_apart_from_identities(firm: Firm, watch: Watch) -> None:
    company_named("Needful Things Ltd", by=firm.ada, at=watch.now)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT classid FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
        )
        spaces = {int(space) for (space,) in cursor.fetchall()}
    assert spaces == {COMPANIES}


IMPOSSIBLE = [
    ("point_belongs_to_one_contact", "UPDATE contacts_contactpoint SET value = '+8613800138000'"),
    ("point_has_value", "UPDATE contacts_contactpoint SET value = ''"),
    ("contacts_company_exact_name", "INSERT INTO contacts_company SELECT (jsonb_populate_record(c, "
     "jsonb_build_object('id', gen_random_uuid()))).* FROM contacts_company c"),
    ("point_one_first_choice", "INSERT INTO contacts_contactpoint SELECT (jsonb_populate_record(p, "
     "jsonb_build_object('id', gen_random_uuid(), 'value', p.value || '0'))).* FROM contacts_contactpoint p"),
]  # fmt: skip


@pytest.mark.reduced
@pytest.mark.parametrize(("name", "sql"), IMPOSSIBLE, ids=[name for name, _sql in IMPOSSIBLE])
def test_the_database_refuses_the_impossible(firm: Firm, name: str, sql: str) -> None:
    firm.capture()
    firm.capture()
    save_company(None, by=firm.ada, name="Acme")
    with pytest.raises(IntegrityError, match=name), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.reduced
def test_R1_3_a_pair_is_suggested_once_and_in_order(firm: Firm, watch: Watch) -> None:
    a, b = sorted([firm.capture().contact_id, firm.capture().contact_id])
    MergeSuggestion.objects.create(one_id=a, other_id=b, at=watch.now)
    for one, other, name in [(a, b, "merge_suggested_once"), (b, a, "merge_pair_in_order")]:
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            MergeSuggestion.objects.create(one_id=one, other_id=other, at=watch.now)
    assert ContactPoint.objects.count() == 2


def test_R15_2_who_only_reads_a_person_changes_nothing(firm: Firm) -> None:
    lead = firm.an_sql(firm.wei)  # Tina called; what became of it she reads
    with refused(Forbidden, "forbidden"):
        update_contact(lead.contact, by=firm.tina, name="Somebody")
    assert update_contact(lead.contact, by=firm.wei, name="Somebody").name == "Somebody"


def test_R15_4_what_a_company_is_made_with_and_its_empty_fields_are_kept(firm: Firm, log: Log) -> None:
    """Old and new as they are: nothing for what was not known, a number for a number."""
    company = save_company(None, by=firm.ada, name="Star Works Ltd", region="Shenzhen", size=50)
    assert log.only("company_changed").data == {"region": ["", "Shenzhen"], "size": [None, 50]}
    save_company(company, by=firm.ada, size=None)
    assert log.new()[-1].data == {"size": [50, None]}


def test_R15_4_another_company_of_a_person_is_kept_old_and_new(firm: Firm, log: Log) -> None:
    company = save_company(None, by=firm.ada, name="Star Works Ltd")
    contact = firm.an_sql(firm.rita).contact
    update_contact(contact, by=firm.rita, company_name="Star Works Ltd")
    assert log.only("contact_changed").data["company"] == [None, str(company.pk)]
