"""Replaying Olist: the numbers by channel are those of the files, a second run changes nothing (R1.4, R8.8)."""

from __future__ import annotations

import csv
from datetime import datetime
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from core import clock
from core.models import Event
from crm import olist
from leads.models import Holding, Lead
from opportunities.models import Opportunity
from orders.models import Order

pytestmark = pytest.mark.django_db
REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "olist"

LEADS = [
    ("a" * 32, "2018-03-01", "lp1", "social"),
    ("b" * 32, "2018-03-08", "lp1", "paid_search"),
    ("c" * 32, "2018-03-01", "lp2", ""),
    ("d" * 32, "2018-03-02", "lp2", "unknown"),
    ("e" * 32, "2017-06-14", "lp2", "social"),
]
DEALS = [
    ("a" * 32, "s1" * 16, "1" * 32, "2" * 32, "2018-05-20 10:11:12", "pet"),
    ("b" * 32, "s2" * 16, "3" * 32, "3" * 32, "2018-03-06 19:38:55", ""),
    ("c" * 32, "s3" * 16, "2" * 32, "1" * 32, "2018-03-01 00:00:00", "pet"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A slice of the files, made here: one deal won before its first contact, one by one person alone."""
    tables = {
        olist.LEADS: [("mql_id", "first_contact_date", "landing_page_id", "origin"), *LEADS],
        olist.DEALS: [("mql_id", "seller_id", "sdr_id", "sr_id", "won_date", "business_segment"), *DEALS],
    }
    for name, rows in tables.items():
        with (tmp_path / name).open("w", newline="") as stream:
            csv.writer(stream).writerows(rows)
    return tmp_path


def state() -> list[int]:
    return [rows.objects.count() for rows in (Lead, Holding, Opportunity, Order, Event)]


def test_the_numbers_are_those_of_the_files(folder, capsys):
    call_command("replay_olist", str(folder))
    table = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert table == [
        ["channel", "leads", "won"],
        ["social", "2", "1"],
        ["paid_search", "1", "1"],
        ["unknown", "1", "0"],
        ["unknown_origin", "1", "1"],
        ["total", "5", "3"],
    ]
    won = Order.objects.get(company__name__contains="s1s1")
    assert won.signed_at == datetime(2018, 5, 20, 10, 11, 12, tzinfo=clock.firm_tz())
    early = Lead.objects.get(channel="paid_search")
    assert clock.firm_day(early.acquired_at).isoformat() == "2018-03-06"
    assert Event.objects.filter(subject_id=early.pk, verb="captured", at=early.acquired_at).exists()
    for lead in Lead.objects.all():
        times = list(
            Event.objects.filter(contact_id=lead.contact_id).order_by("id").values_list("at", flat=True)
        )
        assert times == sorted(times)
    assert sorted(Lead.objects.values_list("state", flat=True)) == ["converted"] * 3 + ["new"] * 2


def test_a_second_run_changes_nothing(folder, capsys):
    call_command("replay_olist", str(folder))
    before = state()
    call_command("replay_olist", str(folder))
    assert state() == before


def test_an_interrupted_run_is_continued(folder, capsys, monkeypatch):
    real = olist.orders.sign
    signed = []

    def sign(order, **more):
        if len(signed) == 1:
            raise KeyboardInterrupt
        signed.append(order)
        return real(order, **more)

    monkeypatch.setattr(olist.orders, "sign", sign)
    with pytest.raises(KeyboardInterrupt):
        call_command("replay_olist", str(folder))
    assert Order.objects.count() == Opportunity.objects.filter(stage="won").count() == 1
    monkeypatch.setattr(olist.orders, "sign", real)
    call_command("replay_olist", str(folder))
    assert Order.objects.count() == 3
    assert Lead.objects.count() == 5


@pytest.mark.parametrize("missing", [olist.LEADS, olist.DEALS])
def test_missing_files_are_named(missing, folder):
    (folder / missing).unlink()
    with pytest.raises(CommandError, match=missing):
        call_command("replay_olist", str(folder))
    assert not Lead.objects.exists()


@pytest.mark.parametrize("name", [olist.LEADS, olist.DEALS])
def test_files_that_are_others_are_refused(name, folder):
    (folder / name).write_text("a,b\n1,2\n")
    with pytest.raises(CommandError):
        call_command("replay_olist", str(folder))
    assert not Lead.objects.exists()


def test_the_real_files_are_understood():
    """Only read here; the whole replay takes a minute and is done by the command."""
    if not REAL.is_dir():
        pytest.skip("Olist's files do not lie beside the checkout: only the slice was tested.")
    deals = olist.read_deals(REAL)
    table = olist.table_of_files(olist.read_leads(REAL, deals), deals)
    assert table == {
        "organic_search": (2296, 271),
        "paid_search": (1586, 195),
        "social": (1350, 75),
        "unknown": (1099, 179),
        "direct_traffic": (499, 56),
        "email": (493, 15),
        "referral": (284, 24),
        "other": (150, 4),
        "display": (118, 6),
        "other_publicities": (65, 3),
        "unknown_origin": (60, 14),
    }
