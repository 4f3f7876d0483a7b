"""An import on its way: poison rows, progress, what is let go, stalled ones, tasks, commands."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from core import clock
from core.models import Job, RealNow
from intake import messy, services
from intake.models import Import, ImportRow
from intake.selectors import progress, why
from leads.models import Lead
from tests.intake.conftest import counts

pytestmark = pytest.mark.django_db


def test_a_row_that_the_database_refuses_is_refused_alone(a_file, bring, firm, monkeypatch):
    from intake.services import write

    real = write.capture_many

    def picky(rows, **more):
        if any(row.name == "毒" for row in rows):
            raise ValueError("no")
        return real(rows, **more)

    monkeypatch.setattr(write, "capture_many", picky)
    lines = [f"人{n},138{n:08d},," for n in range(30)]
    lines[17] = "毒,13900139000,,"
    done = bring(a_file(*lines), by=firm.max)
    assert counts(done) == (29, 0, 1)
    assert [(row.line, row.problems[0]["code"]) for row in done.rows.filter(outcome="rejected")] == [
        (19, "not_taken")
    ]


def test_progress_tells_rate_and_time_left(a_file, bring, firm):
    started = services.start_import(
        a_file(*[f"甲,138{n:08d},," for n in range(20)]), by=firm.max, enqueue=False
    )
    before = progress(started)
    assert (before["state"], before["total"], before["rate"]) == ("queued", None, None)
    done = progress(services.run_to_end(started))
    assert (done["state"], done["total"], done["done"], done["seconds_left"]) == ("done", 20, 20, 0)
    assert done["rate"] > 0


def test_reasons_name_column_value_and_why(a_file, bring):
    done = bring(a_file("甲,123,x@,"), dry_run=True)
    told = why(done.rows.get().problems)
    assert "手机" in told and "123" in told and "邮箱" in told and "x@" in told


def test_values_do_not_stay_once_they_are_leads(a_file, bring):
    done = bring(a_file("甲,13800138000,,", "乙,123,,"))
    assert done.rows.get(outcome="created").values == [] and done.rows.get(outcome="created").person == {}
    assert done.rows.get(outcome="rejected").values == ["乙", "123", "", ""]
    Job.objects.update(ended_at=RealNow() - timedelta(days=31))
    assert services.sweep(clock.now())["imports_let_go"] == 1
    assert not ImportRow.objects.exists()
    assert Import.objects.get().purged_at


def test_a_stalled_import_is_taken_up_again(a_file, firm, monkeypatch):
    from intake import tasks

    sent = []
    monkeypatch.setattr(tasks, "send", lambda pk: sent.append(pk) or True)
    started = services.start_import(a_file("甲,13800138000,,"), by=firm.max, enqueue=False)
    assert services.sweep(clock.now())["imports_taken_up"] == 0
    Job.objects.update(seen_at=RealNow() - timedelta(seconds=61))
    services.sweep(clock.now())
    assert sent == [str(started.pk)]
    # No broker: the sweep goes on with it itself.
    monkeypatch.setattr(tasks, "send", lambda pk: False)
    services.sweep(clock.now())
    assert counts(Import.objects.get()) == (1, 0, 0)


def test_Q6_a_task_twice_in_a_row_does_it_once(a_file, firm, monkeypatch):
    from intake import tasks

    monkeypatch.setattr(tasks, "send", lambda pk: True)
    started = services.start_import(a_file("甲,13800138000,,"), by=firm.max, enqueue=False)
    for _time in range(3):
        tasks.run_import(str(started.pk))
    assert counts(Import.objects.get()) == (1, 0, 0)
    tasks.run_import("0197c0de-0000-7000-8000-000000000000")


def test_the_command_prints_the_counts(a_file, capsys, firm):
    path = a_file("甲,13800138000,,", "乙,123,,")
    call_command("import_leads", str(path), "--dry-run")
    assert "rows 2, new 1, known 0, refused 1 (a try" in capsys.readouterr().out
    call_command("import_leads", str(path), "--source", "fair", "--by", "max", "--mapping", "姓名=note")
    out = capsys.readouterr().out
    assert "rows 2, new 1, known 0, refused 1\n" in out
    assert "line 3: 手机" in out
    lead = Lead.objects.get()
    assert (lead.channel, lead.contact.name) == ("fair", "")


@pytest.mark.parametrize(
    "options",
    [
        ["nowhere.csv"],
        ["--by", "nobody"],
        ["--mapping", "x"],
        ["--mapping", "没有=phone"],
        ["--medium", "fax"],
    ],
)
def test_the_command_says_what_is_wrong(options, a_file, firm):
    path = [] if options[0] == "nowhere.csv" else [str(a_file("甲,13800138000,,"))]
    with pytest.raises(CommandError):
        call_command("import_leads", *path, *options)


def test_the_messy_file_command_tells_what_must_come_of_it(tmp_path, capsys):
    path = tmp_path / "m.csv"
    call_command("make_messy_file", str(path), "--rows", "50")
    assert "created" in capsys.readouterr().out
    assert path.read_bytes() == messy.make(50)[0]
