"""Notices by e-mail: to who is away, once, in a burst as one mail, through a real mail server."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from accounts.mail import PAUSE, mail_due
from accounts.models import Notice, User
from accounts.services import notify
from core import clock
from core.ids import uuid7
from tests.accounts.mailbox import Mailbox, mailbox
from tests.cast import Firm

pytestmark = pytest.mark.django_db


@pytest.fixture
def box(settings: Any) -> Iterator[Mailbox]:
    with mailbox() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.SITE_URL = "https://crm.example.com"
        yield server


@pytest.fixture
def firm(firm: Firm) -> Firm:
    for person in firm.people.values():
        person.email = f"{person.login}@example.com"
        person.save(update_fields=["email"])
    return firm


def a_burst(firm: Firm, many: int, kind: str = "call_now") -> None:
    at = clock.now()
    for _n in range(many):
        notify([firm.rita], kind, ("lead", uuid7()), at=at)


def a_minute_later() -> None:
    for row in Notice.objects.exclude(mailed_at=None):
        Notice.objects.filter(pk=row.pk).update(mailed_at=row.mailed_at - PAUSE)


def set_person(user: User, **values: Any) -> None:
    User.objects.filter(pk=user.pk).update(**values)


def text(mail: Any) -> str:
    return mail.get_content()


def test_R3_2_who_is_away_is_told_to_call_now_by_mail(firm: Firm, box: Mailbox) -> None:
    lead = firm.an_mql(lead=firm.capture(name="Han Meimei", phone="13900002222", company_name="Clinic"))
    assert mail_due() == 1
    (mail,) = box.mails
    assert mail["To"] == "rita@example.com"
    assert mail["Subject"] == "Han Meimei expects your call now – Trunk"
    assert f"https://crm.example.com/leads/{lead.pk}" in text(mail) and "Clinic" in text(mail)
    assert "13900002222" not in text(mail), "a number is not left lying about in mails"
    assert firm.rita.notices.get().mailed_at is not None


def test_R3_2_no_notice_goes_twice(firm: Firm, box: Mailbox) -> None:
    firm.an_mql()
    assert [mail_due(), mail_due()] == [1, 0]
    a_minute_later()
    assert mail_due() == 0 and len(box.mails) == 1


@pytest.mark.parametrize("seconds", [0, 179])
def test_R3_2_who_has_a_page_open_sees_it_there(firm: Firm, box: Mailbox, seconds: int) -> None:
    set_person(firm.rita, last_seen_at=clock.real_now() - timedelta(seconds=seconds))
    firm.an_mql()
    assert mail_due() == 0
    set_person(firm.rita, last_seen_at=clock.real_now() - timedelta(seconds=181))
    assert mail_due() == 1


def test_R3_2_who_said_to_be_away_gets_mail_though_a_page_is_open(firm: Firm, box: Mailbox) -> None:
    firm.an_mql()
    now = clock.now()
    set_person(firm.rita, last_seen_at=clock.real_now(), away_until=now + timedelta(hours=1))
    assert mail_due() == 1


@pytest.mark.parametrize(
    "off",
    [
        {"email": ""},
        {"is_active": False},
        {"mail_kinds": []},
        {"mail_kinds": ["due_soon"]},
    ],
)
def test_R3_2_who_did_not_choose_it_gets_none(firm: Firm, box: Mailbox, off: dict[str, Any]) -> None:
    firm.an_mql()
    set_person(firm.rita, **off)
    assert mail_due() == 0 and box.mails == []
    assert firm.rita.notices.get().mailed_at is None


def test_R3_2_what_was_read_or_is_old_is_not_mailed(firm: Firm, box: Mailbox) -> None:
    a_burst(firm, 2)
    one, two = Notice.objects.all()
    Notice.objects.filter(pk=one.pk).update(read_at=clock.now())
    Notice.objects.filter(pk=two.pk).update(at=clock.now() - timedelta(hours=25))
    assert mail_due() == 0


def test_R0_1_what_a_branch_says_is_not_mailed_while_it_is_off(firm: Firm, box: Mailbox) -> None:
    set_person(firm.mark, mail_kinds=["contested"])
    notify([firm.mark], "contested", ("lead", uuid7()), at=clock.now())
    assert mail_due() == 0
    firm.set_rules(contesting=True)
    assert mail_due() == 1


def test_two_hundred_at_once_are_one_mail_and_what_comes_within_a_minute_waits(
    firm: Firm, box: Mailbox
) -> None:
    a_burst(firm, 200)
    assert mail_due() == 1
    assert box.mails[0]["Subject"].endswith("and 199 more notices – Trunk")
    assert text(box.mails[0]).count("expects your call") == 30 and "170 more" in text(box.mails[0])
    a_burst(firm, 5)
    assert mail_due() == 0, "not two within a minute"
    a_minute_later()
    assert mail_due() == 1 and box.mails[1]["Subject"].endswith("and 4 more notices – Trunk")


def test_a_mail_is_in_the_persons_language(firm: Firm, box: Mailbox) -> None:
    set_person(firm.rita, language="zh-hans")
    firm.an_mql(lead=firm.capture(name="韩梅梅", phone="13900002222"))
    assert mail_due() == 1
    assert "韩梅梅" in box.mails[0]["Subject"]


def test_a_name_cannot_write_a_header(firm: Firm, box: Mailbox) -> None:
    lead = firm.capture(name="Li Lei", phone="13900002222")
    type(lead.contact).objects.filter(pk=lead.contact_id).update(
        name=f"Li\r\nBcc: x@evil.example\n{'x' * 80}"
    )
    firm.an_mql(lead=lead)
    assert mail_due() == 1
    (mail,) = box.mails
    assert mail["Bcc"] is None and len(mail["Subject"]) <= 200


def test_a_server_that_is_away_loses_nothing(firm: Firm, settings: Any, box: Mailbox) -> None:
    firm.an_mql()
    settings.EMAIL_PORT = 1
    assert [mail_due() for _n in range(5)] == [0] * 5
    assert firm.rita.notices.get().mailed_at is None
    settings.EMAIL_PORT = box.port
    assert mail_due() == 1


@pytest.mark.parametrize(
    ("answer", "tries"), [(b"451 later", 3), (b"550 nobody here", 1)], ids=["later", "never"]
)
def test_what_is_refused_for_now_is_tried_three_times_what_is_refused_once(
    firm: Firm, box: Mailbox, answer: bytes, tries: int
) -> None:
    firm.an_mql()
    box.refuse = answer
    for _n in range(5):
        assert mail_due() == 0
    notice = firm.rita.notices.get()
    assert notice.mail_tries == tries and box.mails == []
    box.refuse = b""
    assert mail_due() == 0


def test_a_mail_goes_while_another_persons_is_refused(firm: Firm, box: Mailbox) -> None:
    firm.an_mql()
    firm.an_mql(rep=firm.rob)
    box.refuse, box.only = b"550 nobody here", b"rita"
    assert mail_due() == 1
    assert [mail["To"] for mail in box.mails] == ["rob@example.com"]


def test_a_server_that_takes_its_leave_costs_nobody_else_the_mail(firm: Firm, box: Mailbox) -> None:
    """After a 421 the line is closed: the next person is not marked for it, and is told by the next run."""
    for person in (firm.rita, firm.rob, firm.wei):
        notify([person], "call_now", ("lead", uuid7()), at=clock.now())
    box.refuse, box.only = b"421 closing", b"rita"
    mail_due()
    box.refuse = b""
    mail_due()
    assert sorted(mail["To"] for mail in box.mails) == [
        "rita@example.com",
        "rob@example.com",
        "wei@example.com",
    ]
