"""R9.1: the signed paper is kept behind the order's rights, checked for what it is and how large."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from core.errors import Forbidden, NotFound, RuleRefused
from orders.models import Document
from orders.services import add_document, remove_document
from orders.services.papers import MOST_BYTES
from tests.cast import Firm, Watch, fresh
from tests.content import Log, faults, nothing_changes, refused
from tests.pages import browser, tap, words

PDF = b"%PDF-1.7\n%scan"
PNG = b"\x89PNG\r\n\x1a\n0000"
JPEG = b"\xff\xd8\xff\xe0scan"


def scan(content: bytes = PDF, name: str = "contract.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="text/html")


@pytest.mark.parametrize(
    ("content", "kind"), [(PDF, "application/pdf"), (PNG, "image/png"), (JPEG, "image/jpeg")]
)
def test_R9_1_what_a_file_is_its_first_bytes_say(
    firm: Firm, watch: Watch, log: Log, content: bytes, kind: str
) -> None:
    order = firm.a_signed_order()
    row = add_document(order, file=scan(content, "x.exe"), by=firm.rita)
    assert (row.content_type, row.size, bytes(row.data)) == (kind, len(content), content)
    event = log.only("document_added")
    assert event.data == {"document": str(row.pk), "size": len(content)}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"<html><script>alert(1)</script>", "type"),
        (b"PK\x03\x04 a program", "type"),
        (b" %PDF-1.7", "type"),
        (PDF + b"0" * MOST_BYTES, "too_large"),
    ],
)
def test_R9_1_wrong_files_are_refused(firm: Firm, watch: Watch, content: bytes, code: str) -> None:
    order = firm.a_signed_order()
    with nothing_changes(), refused(RuleRefused) as caught:
        add_document(order, file=scan(content), by=firm.rita)
    assert faults(caught) == [("file", code)]


def test_R9_1_the_same_file_twice_is_one_and_twenty_are_enough(firm: Firm, watch: Watch) -> None:
    order = firm.a_signed_order()
    first = add_document(order, file=scan(), by=firm.rita)
    with nothing_changes():
        assert add_document(order, file=scan(name="again.pdf"), by=firm.rita) == first
    for n in range(19):
        add_document(order, file=scan(PDF + str(n).encode()), by=firm.rita)
    with refused(RuleRefused) as caught:
        add_document(order, file=scan(PDF + b"more"), by=firm.rita)
    assert faults(caught) == [("file", "too_many")]


def test_R15_1_who_keeps_papers(firm: Firm, watch: Watch) -> None:
    order = firm.a_signed_order()
    row = add_document(order, file=scan(), by=firm.sue)
    with nothing_changes():
        for login in ("tina", "rob", "wei", "olga", "max", "pia", "ivy"):
            with pytest.raises(Forbidden):
                add_document(order, file=scan(PNG), by=firm.people[login])
            with pytest.raises(Forbidden):
                remove_document(row, by=firm.people[login])
    remove_document(row, by=firm.rita)
    with refused(NotFound):
        remove_document(row, by=firm.rita)


# Pages


def test_a_scan_comes_with_the_signature_or_neither(firm: Firm, watch: Watch) -> None:
    order = firm.an_order()
    client = browser(firm.rita)
    bad = tap(client, f"/orders/{order.pk}/sign/", {"signed_on": "", "file": scan(b"<html>")})
    assert bad.status_code == 422 and 'data-field="file"' in bad.content.decode()
    assert fresh(order).state == "draft"
    good = tap(client, f"/orders/{order.pk}/sign/", {"signed_on": "", "file": scan(name="signed 合同.pdf")})
    assert good.status_code == 200 and "signed 合同.pdf" in words(good)
    assert fresh(order).state == "signed" and Document.objects.count() == 1


@pytest.mark.parametrize(
    ("login", "status"),
    [("rita", 200), ("mark", 200), ("sue", 200), ("max", 200), ("rob", 404), ("wei", 404)],
)
def test_R15_2_a_scan_is_taken_home_by_who_sees_the_order(
    firm: Firm, watch: Watch, login: str, status: int
) -> None:
    order = firm.a_signed_order()
    row = add_document(order, file=scan(name='a"b\r\nX: y.pdf'), by=firm.rita)
    answer = browser(firm.people[login]).get(f"/orders/{order.pk}/papers/{row.pk}/")
    assert answer.status_code == status
    if status == 200:
        assert answer.content == PDF and answer["Content-Type"] == "application/pdf"
        assert answer["Content-Disposition"].startswith("attachment")
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "X" not in answer.headers


def test_papers_are_added_and_taken_away_in_place(firm: Firm, watch: Watch) -> None:
    order, other = firm.a_signed_order(), firm.a_signed_order()
    client = browser(firm.rita)
    page = words(tap(client, f"/orders/{order.pk}/papers/", {"file": scan()}))
    assert "contract.pdf" in page and "File added" in page
    row: Any = Document.objects.get()
    away = f"/orders/{order.pk}/papers/{row.pk}/remove/"
    assert tap(browser(firm.max), away).status_code == 403
    assert tap(client, f"/orders/{other.pk}/papers/{row.pk}/remove/").status_code == 404
    assert client.get(f"/orders/{other.pk}/papers/{row.pk}/").status_code == 404
    assert tap(client, f"/orders/{order.pk}/papers/", {}).status_code == 422
    assert tap(client, away).status_code == 200 and not Document.objects.exists()
