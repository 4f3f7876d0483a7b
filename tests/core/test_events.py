"""R15.4: events say who, when, what from, what to, by which way; nobody changes or deletes them."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction

from core import clock, events
from core.bulk import SMALL
from core.events import Fact
from core.models import Event, EventText
from tests import testdb
from tests.cast import MONDAY, Firm, Watch
from tests.content import Log

FORBIDDEN = [
    "UPDATE core_event SET verb = 'x'",
    "UPDATE core_event SET at = now()",
    "DELETE FROM core_event",
    "TRUNCATE core_event CASCADE",
]


@pytest.mark.reduced
@pytest.mark.parametrize("sql", FORBIDDEN)
def test_R15_4_the_application_may_not_change_events(firm: Firm, sql: str) -> None:
    firm.capture()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.reduced
@pytest.mark.django_db(transaction=True)
def test_R15_4_the_trigger_stops_the_owner_of_the_schema_too() -> None:
    firm = Firm()
    firm.capture()
    raw = testdb.connect(connection.settings_dict["NAME"])
    try:
        with raw.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM core_event")
            assert cursor.fetchone() == (1,)
            for sql in FORBIDDEN:
                with pytest.raises(Exception, match=r"R15\.4"):
                    cursor.execute(sql)
            cursor.execute("SELECT count(*) FROM core_event WHERE verb = 'captured'")
            assert cursor.fetchone() == (1,)
    finally:
        raw.close()


@pytest.mark.reduced
@pytest.mark.skipif(
    not settings.DATABASE_APP_ROLE, reason="one role only: the trigger alone guards the events"
)
def test_Q26_the_role_has_no_right_to_change_them(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT array_agg(p ORDER BY p) FROM unnest(ARRAY['SELECT','INSERT','UPDATE','DELETE','TRUNCATE']) p "
            "WHERE has_table_privilege('core_event', p)"
        )
        assert cursor.fetchone()[0] == ["INSERT", "SELECT"]


def test_R15_5_texts_can_be_emptied(firm: Firm) -> None:
    firm.call(firm.capture(), "no_need", note="said a lot")
    assert EventText.objects.filter(new="said a lot").update(new="") == 1


@pytest.mark.parametrize("name", ["page", "api", "rule", "import", "command"])
def test_R15_4_the_way_and_its_reference(firm: Firm, log: Log, name: str) -> None:
    with events.way(name, "ref-1"):
        firm.capture()
        with events.way("rule"):
            firm.capture()
    firm.capture()
    assert [(e.way, e.way_ref) for e in log.new()] == [(name, "ref-1"), ("rule", ""), ("command", "")]


@pytest.mark.parametrize("many", [1, SMALL, SMALL + 1, 30])
def test_events_are_written_alike_one_by_one_and_in_bulk(firm: Firm, many: int) -> None:
    lead = firm.capture()
    words = 'tab\t "quotes" \\ back\nline 中文 {json}'
    facts = [
        Fact(
            "noted",
            lead,
            MONDAY,
            firm.rita,
            from_state="new",
            to_state="new",
            contact=lead.contact_id,
            data={"n": n, "words": words, "none": None},
            texts={"text": words, "old": ("was", "is"), "empty": "", "same": ("", "")},
        )
        for n in range(many)
    ]
    ids = events.record_many(facts)
    rows = {e.pk: e for e in Event.objects.filter(pk__in=ids)}
    assert [rows[pk].data["n"] for pk in ids] == list(range(many))
    for row in rows.values():
        assert (row.verb, row.subject_type, row.subject_id, row.by_id, row.at) == (
            "noted",
            "lead",
            lead.pk,
            firm.rita.pk,
            MONDAY,
        )
        assert (row.data["words"], row.data["none"]) == (words, None)
        assert {(t.field, t.old, t.new, t.contact_id) for t in row.texts.all()} == {
            ("text", "", words, lead.contact_id),
            ("old", "was", "is", lead.contact_id),
        }


def test_personal_values_are_never_in_the_events_data(firm: Firm, watch: Watch) -> None:
    contact = {
        "name": "Han Meimei",
        "phone": "13812345678",
        "email": "hmm@example.com",
        "wechat": "hanmeimei",
    }
    lead = firm.capture(**contact)
    firm.an_opportunity(lead=firm.an_sql(lead=lead))
    for event in Event.objects.all():
        assert not any(value.lower() in str(event.data).lower() for value in ["meimei", "12345678", "hmm@"])


def test_the_clock_stands_where_it_is_set_and_runs_otherwise(db: None) -> None:
    first = clock.now()
    assert clock.now() > first
    with clock.at(MONDAY):
        assert clock.now() == MONDAY
        with clock.at(first):
            assert clock.now() == first
        assert clock.now() == MONDAY
    assert clock.now() > first


def test_the_clock_is_shifted_as_one(db: None, settings: pytest.FixtureRequest) -> None:
    before = clock.now()
    settings.CLOCK_OFFSET = 604_800
    assert 604_800 <= (clock.now() - before).total_seconds() < 604_860
    settings.CLOCK_OFFSET = -3600
    assert clock.now() < before


def test_a_day_is_the_firms() -> None:
    from datetime import UTC, date, datetime

    assert clock.firm_day(datetime(2026, 3, 1, 15, 59, tzinfo=UTC)) == date(2026, 3, 1)
    assert clock.firm_day(datetime(2026, 3, 1, 16, 0, tzinfo=UTC)) == date(2026, 3, 2)
    assert clock.day_starts(date(2026, 3, 2)) == datetime(2026, 3, 1, 16, 0, tzinfo=UTC)
