"""The edges of imports: API (api.md) and page, with the same verbs underneath."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.services import make_key
from core.api import throttle
from intake import services
from intake.models import Import
from leads.models import Lead

pytestmark = pytest.mark.django_db
TEXT = "姓名,手机,备注\n张三,13800138000,\n李四,12,\n".encode()


@pytest.fixture(autouse=True)
def uncounted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests of tests are not counted."""
    monkeypatch.setattr(throttle.counter, "wait", lambda ident, limit: 0)


class Program:
    """A program that posts files with a key."""

    def __init__(self, user: Any) -> None:
        self.headers = {"Authorization": f"Bearer {make_key(user, scope='write')}", "Accept-Language": "en"}
        self.client = Client()

    def post(self, content: bytes = TEXT, name: str = "leads.csv", key: str = "", **fields: Any) -> Any:
        data = {"file": SimpleUploadedFile(name, content), "source": "fair", **fields}
        headers = {**self.headers, **({"Idempotency-Key": key} if key else {})}
        return self.client.post(
            "/api/v1/imports/", {k: v for k, v in data.items() if v is not None}, headers=headers
        )

    def get(self, path: str) -> Any:
        return self.client.get(f"/api/v1/{path}", headers=self.headers)


def problem(answer: Any) -> tuple[int, str, list[tuple[str, str]]]:
    told = answer.json()
    assert answer["Content-Type"] == "application/problem+json"
    return answer.status_code, told["code"], [(e["field"], e["code"]) for e in told.get("errors", [])]


def test_post_answers_a_job_and_get_its_progress(firm):
    program = Program(firm.max)
    answer = program.post()
    assert answer.status_code == 202, answer.content
    job = answer.json()
    assert (job["state"], job["total"], job["created"], job["seconds_left"]) == ("queued", None, 0, None)
    assert job["source"] == {"channel": "fair", "campaign": None, "medium": "import"}
    assert [c["field"] for c in job["columns"]] == ["name", "phone", "note"]
    assert job["by"]["login"] == "max"
    services.run_to_end(Import.objects.get(pk=job["id"]))
    done = program.get(f"imports/{job['id']}/").json()
    assert (done["state"], done["total"], done["done"]) == ("done", 2, 2)
    assert (done["created"], done["known"], done["rejected"]) == (1, 0, 1)
    assert Lead.objects.get().channel == "fair"
    rejects = program.get(f"imports/{job['id']}/rejects/")
    assert rejects["Content-Type"].startswith("text/csv")
    lines = rejects.getvalue().decode("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert lines[1].startswith("3,手机: “12”") and lines[1].endswith("李四,12,")


def test_a_dry_run_writes_nothing(firm):
    program = Program(firm.max)
    job = program.post(dry_run="true").json()
    services.run_to_end(Import.objects.get())
    done = program.get(f"imports/{job['id']}/").json()
    assert (done["dry_run"], done["state"], done["created"], done["rejected"]) == (True, "done", 1, 1)
    assert not Lead.objects.exists()


def test_mapping_and_source_as_objects(firm):
    source = json.dumps({"channel": "fair", "campaign": "春季", "medium": "conference"})
    answer = Program(firm.mark).post(
        mapping=json.dumps({"备注": "company_name", "姓名": None}), source=source
    )
    assert answer.status_code == 202, answer.content
    assert [c["field"] for c in answer.json()["columns"]] == ["", "phone", "company_name"]
    assert answer.json()["source"]["medium"] == "conference"


def test_the_same_key_gives_the_first_answer_again(firm):
    program = Program(firm.max)
    first, again = program.post(key="k1"), program.post(key="k1")
    assert first.json()["id"] == again.json()["id"]
    assert again["Idempotent-Replayed"] == "true"
    assert problem(program.post(content=TEXT + b"x,13900139000,\n", key="k1"))[:2] == (
        422,
        "idempotency_key_reused",
    )
    assert Import.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "status", "errors"),
    [
        ({"file": None}, 422, [("file", "required")]),
        ({"file": "text"}, 400, [("file", "invalid")]),
        ({"source": None}, 422, [("source", "required")]),
        ({"source": "?!"}, 422, [("source", "invalid")]),
        ({"source": '{"chanel": "x"}'}, 400, [("source.chanel", "unknown")]),
        ({"source": '{"channel": 1}'}, 400, [("source", "wrong_type")]),
        ({"mapping": "x"}, 400, [("mapping", "wrong_type")]),
        ({"mapping": '{"没有": "phone"}'}, 422, [("mapping", "mapping_unknown_heading")]),
        ({"mapping": '{"手机": "owner"}'}, 422, [("mapping", "mapping_unknown_field")]),
        ({"dry_run": "maybe"}, 400, [("dry_run", "invalid_choice")]),
        ({"owner": "rita"}, 400, [("owner", "unknown")]),
        ({"content": b""}, 400, [("file", "file_empty")]),
        ({"content": b"%PDF-1.7"}, 400, [("file", "file_not_a_table")]),
        ({"mapping": '{"a\\u0000": "phone"}'}, 400, [("mapping", "invalid_characters")]),
    ],
)
def test_what_is_wrong_is_told(fields, status, errors, firm):
    answer = problem(Program(firm.max).post(**fields))
    assert answer == (status, "invalid", errors)
    assert not Import.objects.exists()


def test_json_is_not_a_file(firm):
    program = Program(firm.max)
    answer = program.client.post(
        "/api/v1/imports/", {}, content_type="application/json", headers=program.headers
    )
    assert answer.status_code == 415


@pytest.mark.parametrize("login", ["tina", "rita", "pia", "sue", "ivy"])
def test_R15_1_others_may_not(login, firm):
    made = services.start_import(_path(TEXT), by=firm.max, enqueue=False)
    program = Program(getattr(firm, login))
    assert problem(program.post())[:2] == (403, "forbidden")
    for path in (f"imports/{made.pk}/", f"imports/{made.pk}/rejects/"):
        assert problem(program.get(path))[:2] == (404, "not_found")


def _path(content: bytes) -> str:
    import tempfile

    with tempfile.NamedTemporaryFile(delete=False, suffix=".csv") as stream:
        stream.write(content)
    return stream.name


@pytest.fixture
def browser(firm) -> Client:
    client = Client()
    client.force_login(firm.max)
    return client


def drop(browser: Client, content: bytes = TEXT, **more: Any) -> Any:
    data = {
        "file": SimpleUploadedFile("线索.csv", content),
        "channel": "",
        "campaign": "",
        "medium": "import",
    }
    return browser.post("/import/", {**data, **more})


def test_the_page_tries_shows_and_does_it(browser, firm):
    page = browser.get("/import/")
    assert page.status_code == 200
    assert "No file yet" in page.content.decode()
    answer = drop(browser)
    made = Import.objects.get()
    assert answer.status_code == 302 and answer["Location"] == f"/import/{made.pk}/"
    waiting = browser.get(f"/import/{made.pk}/").content.decode()
    assert "import-progress" in waiting
    assert browser.get(f"/import/{made.pk}/progress/").status_code == 200
    services.run_to_end(made)
    shown = browser.get(f"/import/{made.pk}/").content.decode()
    assert "张三" in shown and "Import 1 row" in shown and "12" in shown
    assert not Lead.objects.exists()
    assert browser.post(f"/import/{made.pk}/confirm/").status_code == 302
    services.run_to_end(made)
    shown = browser.get(f"/import/{made.pk}/").content.decode()
    assert "imported" in shown and "To the leads" in shown
    assert Lead.objects.get().contact.name == "张三"
    ended = browser.get(f"/import/{made.pk}/progress/", headers={"HX-Request": "true"})
    assert ended["HX-Retarget"] == "#main"
    assert "线索.csv" in browser.get("/import/").content.decode()
    download = browser.get(f"/import/{made.pk}/rejects/")
    assert "李四" in download.getvalue().decode()


def test_the_page_takes_other_columns(browser, firm):
    drop(browser)
    made = Import.objects.get()
    services.run_to_end(made)
    posted = {
        "column-0": "note",
        "column-1": "phone",
        "column-2": "",
        "channel": "fair",
        "campaign": "",
        "medium": "import",
    }
    assert browser.post(f"/import/{made.pk}/mapping/", posted).status_code == 302
    made = services.run_to_end(made)
    assert [c["field"] for c in made.columns] == ["note", "phone", ""]
    assert made.channel == "fair"
    nothing = {**posted, "column-1": ""}
    refused = browser.post(f"/import/{made.pk}/mapping/", nothing, headers={"HX-Request": "true"})
    assert refused.status_code == 422
    assert "No column with a phone" in refused.content.decode()


def test_the_page_says_why_a_file_is_refused(browser, firm):
    answer = drop(browser, b"\x89PNG\r\n\x1a\n" + b"\x00" * 100)
    assert answer.status_code == 400
    assert "This is not a table (PNG)" in answer.content.decode()
    assert drop(browser, medium="fax").status_code == 422
    assert browser.post("/import/", {"medium": "import"}).status_code == 422


def test_the_page_is_for_those_who_may(firm):
    made = services.start_import(_path(TEXT), by=firm.max, enqueue=False)
    client = Client()
    client.force_login(firm.tina)
    assert client.get("/import/").status_code == 403
    assert drop(client).status_code == 403
    for path in ("", "progress/", "rejects/"):
        assert client.get(f"/import/{made.pk}/{path}").status_code == 404
    for path in ("confirm/", "mapping/"):
        assert client.post(f"/import/{made.pk}/{path}", {"medium": "import"}).status_code == 404


def test_the_list_of_imports_has_a_fixed_number_of_queries(browser, firm, django_assert_max_num_queries):
    for _time in range(2):
        services.start_import(_path(TEXT), by=firm.max, enqueue=False)
    with django_assert_max_num_queries(15):
        browser.get("/import/")
    for _time in range(15):
        services.start_import(_path(TEXT), by=firm.max, enqueue=False)
    with django_assert_max_num_queries(15):
        browser.get("/import/")
