"""Imports from file to lead: who is known (R1.3), tries that tell the truth, rejects, rights, care."""

from __future__ import annotations

import csv
import io
import random
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command

from contacts.models import Contact, ContactPoint, MergeSuggestion
from core import clock
from core.errors import Forbidden, Invalid, NotFound, RuleRefused, TransitionNotAllowed
from core.models import Event, Job, RealNow
from intake import messy, services
from intake.models import HeadingMemory, Import, ImportPart, ImportRow
from intake.selectors import examples, guarded, progress, rejects, why
from intake.services import working
from leads.models import Lead
from outreach.models import Arrival
from tests.intake.conftest import counts

pytestmark = pytest.mark.django_db


@pytest.mark.reduced
@pytest.mark.parametrize("encoding", ["gb18030", "utf-16"])
def test_the_messy_file_gives_the_expected_counts(encoding, tmp_path, bring, firm):
    content, expected = messy.make(600, 5, encoding)
    path = tmp_path / "messy.csv"
    path.write_bytes(content)
    wanted = (expected.created, expected.known, expected.rejected)
    assert counts(bring(path, by=firm.max, dry_run=True)) == wanted
    assert not Lead.objects.exists()
    assert counts(bring(path, by=firm.max)) == wanted
    assert Lead.objects.count() == Contact.objects.count() == expected.created
    assert Arrival.objects.count() == expected.created + expected.known
    again = bring(path, by=firm.max)
    assert counts(again) == (0, expected.created + expected.known, expected.rejected)
    assert Lead.objects.count() == expected.created


def test_a_row_with_all_it_tells(a_file, bring, firm):
    head = "姓名,手机,职位,公司,来源,活动,方式,成本,备注,首次接触时间"
    line = "张三,13800138000,总经理,腾讯有限公司,百度 推广,春季沙龙,沙龙,¥12.5,急,2026-01-02"
    done = bring(a_file(line, head=head), by=firm.max)
    lead = Lead.objects.get()
    assert (lead.channel, lead.medium, lead.cost) == ("百度_推广", "salon", Decimal("12.50"))
    assert lead.campaign.name == "春季沙龙"
    assert clock.firm_day(lead.acquired_at).isoformat() == "2026-01-02"
    assert lead.captured_by == firm.max
    contact = lead.contact
    assert (contact.name, contact.title, contact.company_name) == ("张三", "总经理", "腾讯有限公司")
    arrival = Arrival.objects.get()
    assert (arrival.note, arrival.import_id) == ("急", done.pk)
    event = Event.objects.get(verb="captured")
    assert (event.way, event.way_ref, event.by_id) == ("import", str(done.pk), firm.max.pk)


def test_what_a_row_does_not_say_the_source_says(a_file, bring):
    source = services.Source("Spring Fair", "广交会", "conference")
    bring(a_file("张三,13800138000,,"), source=source)
    lead = Lead.objects.get()
    assert (lead.channel, lead.campaign.name, lead.medium) == ("spring_fair", "广交会", "conference")


@pytest.mark.parametrize(
    "line",
    [
        "李四,+86 138-0013-8000,,",
        "李四,１３８００１３８０００,,",
        "李四,,ZHANG@Example.com,",
        "李四,,,WX_Zhang",
        "李四,,,ｗｘ＿ｚｈａｎｇ",
        "李四,13900139000,zhang@example.com,",
        "李四,,other@example.com,wx_zhang",
    ],
)
def test_R1_3_a_contact_is_found_by_any_value_in_any_form(line, a_file, bring):
    bring(a_file("张三,13800138000,zhang@example.com,wx_zhang"))
    assert counts(bring(a_file(line))) == (0, 1, 0)
    assert Lead.objects.count() == 1
    assert Contact.objects.get().name == "张三"
    assert Arrival.objects.count() == 2


def test_R1_3_a_contact_is_found_within_the_file_too(a_file, bring):
    lines = ["甲,13800138000,,", "乙,13800138000,b@example.com,", "丙,,B@example.com,wx_cccc", "丁,,,wx_cccc"]
    assert counts(bring(a_file(*lines), dry_run=True)) == (1, 3, 0)
    assert counts(bring(a_file(*lines))) == (1, 3, 0)
    assert Lead.objects.count() == 1


def test_R1_3_values_of_different_contacts_move_nothing_and_are_put_up_for_merging(a_file, bring):
    bring(a_file("甲,13800138000,,", "乙,,b@example.com,"))
    before = set(ContactPoint.objects.values_list("contact", "kind", "value"))
    assert counts(bring(a_file("谁,13800138000,b@example.com,wx_new_one"))) == (0, 1, 0)
    assert set(ContactPoint.objects.values_list("contact", "kind", "value")) == before
    pair = MergeSuggestion.objects.get()
    assert {pair.one.name, pair.other.name} == {"甲", "乙"}


def test_R1_3_an_import_of_a_pooled_lead_only_adds_an_arrival(firm, watch, a_file, bring):
    lead = firm.pooled("released")
    phone = lead.contact.points.get().value
    assert counts(bring(a_file(f"谁,{phone},,"))) == (0, 1, 0)
    assert Lead.objects.get().state == "pooled"
    assert Arrival.objects.filter(contact=lead.contact).count() == 2


@pytest.mark.parametrize("seed", range(8))
def test_a_try_tells_what_the_import_does(seed, a_file, bring):
    """Rows over a small stock of values, so that they meet in every way."""
    dice = random.Random(seed)
    stock = {
        "phone": [f"1380013800{n}" for n in range(6)],
        "email": [f"p{n}@example.com" for n in range(6)],
        "wechat": [f"wx_some_{n}" for n in range(6)],
    }

    def line(n: int) -> str:
        return ",".join(
            [f"人{n}"] + [dice.choice(values) if dice.random() < 0.5 else "" for values in stock.values()]
        )

    bring(a_file(*[line(n) for n in range(3)]))
    path = a_file(*[line(n) for n in range(40)])
    tried = bring(path, dry_run=True)
    outcomes = dict(tried.rows.values_list("line", "outcome"))
    done = bring(path)
    assert dict(done.rows.values_list("line", "outcome")) == outcomes
    assert counts(done) == counts(tried)


def test_confirming_a_try_does_what_was_tried(a_file, bring, firm):
    tried = bring(a_file("甲,13800138000,,", "乙,,,"), by=firm.max, dry_run=True)
    assert ImportPart.objects.exists()
    confirmed = services.run_to_end(services.confirm(tried, by=firm.max))
    assert counts(confirmed) == (1, 0, 1)
    assert Lead.objects.count() == 1
    assert not ImportPart.objects.exists()
    with pytest.raises(TransitionNotAllowed):
        services.confirm(confirmed, by=firm.max)
    assert Lead.objects.count() == 1


def test_other_columns_are_tried_anew_and_remembered(a_file, bring, firm):
    path = a_file("甲,13800138000,wx_abc_1", head="甲列,乙列,丙列")
    tried = bring(path, by=firm.max, dry_run=True)
    assert [column["field"] for column in tried.columns] == ["", "phone", ""]
    mapping = {"甲列": "name", "乙列": "phone", "丙列": "wechat"}
    again = services.remap(tried, mapping=mapping, by=firm.max, source=services.Source("fair"))
    again = services.run_to_end(again)
    assert counts(again) == (1, 0, 0)
    assert examples(again, "created")[0]["name"] == "甲"
    assert again.channel == "fair"
    reordered = a_file("wx_abc_2,乙,13900139000", head="丙列,甲列,乙列")
    known = bring(reordered, by=firm.max)
    assert [column["field"] for column in known.columns] == ["wechat", "name", "phone"]
    assert {column["by"] for column in known.columns} == {"memory"}
    assert HeadingMemory.objects.count() == 1


def test_mapping_that_makes_no_sense_is_refused(a_file, firm):
    for mapping in ({"没有": "phone"}, {"手机": "owner"}, {"手机": "", "邮箱": "", "微信": ""}):
        with pytest.raises(RuleRefused) as refused:
            services.start_import(a_file("甲,1,,"), by=firm.max, mapping=mapping, enqueue=False)
        assert refused.value.errors[0].field == "mapping"
    assert not Import.objects.exists()
    assert not Job.objects.exists()


def test_a_file_that_is_none_is_refused_whole(tmp_path, firm):
    path = tmp_path / "x.xlsx"
    path.write_bytes(b"%PDF-1.7")
    with pytest.raises(Invalid) as refused:
        services.start_import(path, by=firm.max, enqueue=False)
    assert [(error.field, error.code) for error in refused.value.errors] == [("file", "file_not_a_table")]


def test_a_source_that_is_none_is_refused(a_file, firm):
    with pytest.raises(RuleRefused) as refused:
        services.start_import(
            a_file("甲,1,,"), by=firm.max, source=services.Source("?!", "x" * 200, "fax"), enqueue=False
        )
    assert [e.field for e in refused.value.errors] == ["source", "source.medium", "source.campaign"]


def test_a_file_with_too_many_rows_leaves_nothing(a_file, bring, firm, monkeypatch):
    monkeypatch.setattr(working, "MAX_ROWS", 5)
    monkeypatch.setattr(working, "BATCH", 2)
    done = bring(a_file(*[f"甲,1380013800{n},," for n in range(9)]), by=firm.max)
    assert (done.job.state, done.refusal["code"]) == ("failed", "file_too_many_rows")
    assert not ImportRow.objects.exists()
    assert not ImportPart.objects.exists()
    assert not Lead.objects.exists()


@pytest.mark.parametrize("login", ["tina", "rita", "pia", "sue", "ivy"])
def test_R15_1_who_may_not_import(login, a_file, firm, bring):
    nobody = getattr(firm, login)
    with pytest.raises(Forbidden):
        services.start_import(a_file("甲,13800138000,,"), by=nobody, enqueue=False)
    tried = bring(a_file("甲,13800138000,,"), by=firm.max, dry_run=True)
    assert not Import.objects.visible_to(nobody).exists()
    for verb in (services.confirm, lambda *a, **k: services.remap(*a, mapping={}, **k)):
        with pytest.raises(Forbidden):
            verb(tried, by=nobody)


def test_R15_2_a_manager_sees_own_imports_marketing_all(a_file, firm, bring):
    marks = bring(a_file("甲,13800138000,,"), by=firm.mark, dry_run=True)
    assert list(Import.objects.visible_to(firm.mark)) == [marks]
    assert not Import.objects.visible_to(firm.olga).exists()
    assert list(Import.objects.visible_to(firm.max)) == list(Import.objects.visible_to(firm.ada)) == [marks]
    with pytest.raises(NotFound):
        services.confirm(marks, by=firm.olga)


def test_Q21_the_refused_rows_come_home_guarded_and_can_be_imported_again(a_file, bring, firm, tmp_path):
    head = "姓名,手机,备注"
    lines = ['=cmd(),12,"a, b"', "+1,13,@x", "-甲,138001380001,'q'", "乙,13800138000,ok", '"x\ty",5,\'=1']
    done = bring(a_file(*lines, head=head), by=firm.max)
    assert counts(done) == (1, 0, 4)
    told = "".join(rejects(done))
    rows = list(csv.reader(io.StringIO(told.lstrip("\ufeff"))))
    assert rows[0] == ["line", "why", "姓名", "手机", "备注"]
    assert [row[0] for row in rows[1:]] == ["2", "3", "4", "6"]
    assert all("12" in rows[1][n] for n in (1, 3))
    assert not any(cell.startswith(("=", "+", "-", "@", "\t")) for row in rows for cell in row)
    home = tmp_path / "home.csv"
    home.write_text(told, encoding="utf-8")
    again = bring(home, by=firm.max)
    values = list(again.rows.order_by("line").values_list("values", flat=True))
    kept = [[cell.removeprefix("'") for cell in row[2:]] for row in values]
    assert kept[0] == ["=cmd()", "12", "a, b"]
    assert [p["code"] for row in again.rows.all() for p in row.problems] == ["not_a_phone"] * 4


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@a", "\tx", "\rx", "'x", "plain", "", "'=1"])
def test_Q21_guard_and_back(text):
    from intake.cells import clean

    assert not guarded(text).startswith(("=", "+", "-", "@", "\t", "\r"))
    assert clean(guarded(text)) == text.strip()


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
