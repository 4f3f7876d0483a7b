"""The firm's own head: who sets it, what a logo may be, how it looks on a quote (R9.5)."""

from __future__ import annotations

import base64
import struct
import zlib
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from core.errors import Forbidden, RuleRefused
from opportunities import services
from opportunities.models import Letterhead, Quote
from opportunities.paper import quote_pdf
from opportunities.services import save_letterhead
from tests.cast import Firm, Watch
from tests.pages import MOST_QUERIES, browser, queries_of, tap, words

PAGE = "/letterhead/"
# A grey square of eight dots.
JPEG = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/4gHYSUNDX1BST0ZJTEUAAQEAAAHIAAAAAAQwAABtbnRyUkdCIFhZWiAH4AABAAEAAAAAAABh"
    "Y3NwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQAA9tYAAQAAAADTLQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    "AAAAAAAAAAAAAAAAAAAAAAAAAAlkZXNjAAAA8AAAACRyWFlaAAABFAAAABRnWFlaAAABKAAAABRiWFlaAAABPAAAABR3dHB0AAAB"
    "UAAAABRyVFJDAAABZAAAAChnVFJDAAABZAAAAChiVFJDAAABZAAAAChjcHJ0AAABjAAAADxtbHVjAAAAAAAAAAEAAAAMZW5VUwAA"
    "AAgAAAAcAHMAUgBHAEJYWVogAAAAAAAAb6IAADj1AAADkFhZWiAAAAAAAABimQAAt4UAABjaWFlaIAAAAAAAACSgAAAPhAAAts9Y"
    "WVogAAAAAAAA9tYAAQAAAADTLXBhcmEAAAAAAAQAAAACZmYAAPKnAAANWQAAE9AAAApbAAAAAAAAAABtbHVjAAAAAAAAAAEAAAAM"
    "ZW5VUwAAACAAAAAcAEcAbwBvAGcAbABlACAASQBuAGMALgAgADIAMAAxADb/2wBDAFA3PEY8MlBGQUZaVVBfeMiCeG5uePWvuZHI"
    "////////////////////////////////////////////////////2wBDAVVaWnhpeOuCguv/////////////////////////////"
    "////////////////////////////////////////////wAARCAAIAAgDASIAAhEBAxEB/8QAFAABAAAAAAAAAAAAAAAAAAAAAP/E"
    "ABQQAQAAAAAAAAAAAAAAAAAAAAD/xAAUAQEAAAAAAAAAAAAAAAAAAAAA/8QAFBEBAAAAAAAAAAAAAAAAAAAAAP/aAAwDAQACEQMR"
    "AD8AAA//2Q=="
)


def _part(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(wide: int = 120, high: int = 40, *, said: tuple[int, int] | None = None) -> bytes:
    """A grey PNG; `said` is the size that its head claims instead of the real one."""
    head = struct.pack(">IIBBBBB", *(said or (wide, high)), 8, 0, 0, 0, 0)
    rows = zlib.compress(b"".join(b"\x00" + b"\x80" * wide for _n in range(high)))
    return b"\x89PNG\r\n\x1a\n" + _part(b"IHDR", head) + _part(b"IDAT", rows) + _part(b"IEND", b"")


def fields(**more: Any) -> dict[str, Any]:
    known = {"name": "Trunk Ltd", "address": "1 Main Street", "phone": "", "email": "", "website": ""}
    return known | {"tax_id": "91310000", "bank": "ICBC", "account": "6222", "terms": "Net 30"} | more


def upload(content: bytes, name: str = "logo.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="image/png")


def test_R9_5_an_administrator_sets_the_head_and_sees_it_on_paper(firm: Firm, watch: Watch) -> None:
    client = browser(firm.ada)
    assert "still empty" in words(client.get(PAGE))
    answer = tap(client, PAGE, fields(logo=upload(png())), on=PAGE)
    assert answer.status_code == 200 and "Kept" in answer["HX-Trigger"]
    row = Letterhead.objects.get()
    assert (row.name, row.tax_id, row.logo_type) == ("Trunk Ltd", "91310000", "png")
    page = client.get(PAGE).content.decode()
    assert "/letterhead/logo/" in page and "still empty: Phone" in words(client.get(PAGE))
    logo = client.get("/letterhead/logo/")
    assert logo["Content-Type"] == "image/png" and logo.content == png()
    for language in ("en", "zh-hans"):
        picture = client.get(f"/letterhead/preview/{language}/")
        assert picture["Content-Type"] == "image/png" and picture.content.startswith(b"\x89PNG")
        paper = client.get(f"/letterhead/preview/{language}/?pdf")
        assert paper["Content-Type"] == "application/pdf" and paper.content.startswith(b"%PDF")
    assert client.get("/letterhead/preview/fr/").status_code == 404
    assert not Quote.objects.exists(), "a sample is nobody's"
    quote = services.draft_quote(firm.an_opportunity(), by=firm.rita)
    assert quote_pdf(quote).startswith(b"%PDF")


def test_a_logo_stays_until_it_is_taken_away(firm: Firm, watch: Watch) -> None:
    client = browser(firm.ada)
    tap(client, PAGE, fields(logo=upload(JPEG, "x.png")))
    assert Letterhead.objects.get().logo_type == "jpg", "what it is counts, not what it is called"
    tap(client, PAGE, fields(name="Other Ltd"))
    row = Letterhead.objects.get()
    assert (row.name, row.logo_type) == ("Other Ltd", "jpg")
    tap(client, PAGE, fields(drop_logo="on"))
    assert Letterhead.objects.get().logo is None and client.get("/letterhead/logo/").status_code == 404


@pytest.mark.parametrize(
    "bad",
    [
        b"",
        b"GIF89a" + b"\x00" * 40,
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff",
        png()[:-30],
        png(said=(50_000, 50_000)),
        png(said=(0, 10)),
        png() + b"\x00" * 1024 * 1024,
        b"%PDF-1.7",
    ],
    ids=["empty", "gif", "svg", "head only", "jpeg head only", "cut", "bomb", "no width", "large", "pdf"],
)
def test_R9_5_what_is_no_logo_is_refused_and_nothing_changes(firm: Firm, watch: Watch, bad: bytes) -> None:
    client = browser(firm.ada)
    tap(client, PAGE, fields(logo=upload(png())))
    answer = tap(client, PAGE, fields(name="Other Ltd", logo=upload(bad)))
    assert answer.status_code == 422 and 'data-field="logo"' in answer.content.decode()
    assert Letterhead.objects.get().name == "Trunk Ltd"


def test_nobody_but_an_administrator_sets_or_sees_the_page(firm: Firm, watch: Watch) -> None:
    for login in ("max", "mark", "rita", "pia", "tina", "ivy"):
        client = browser(getattr(firm, login))
        for url in (PAGE, "/letterhead/logo/", "/letterhead/preview/en/"):
            assert client.get(url).status_code == 403, (login, url)
        assert client.post(PAGE, fields()).status_code == 403
        with pytest.raises(Forbidden):
            save_letterhead(by=getattr(firm, login), name="Mine")
    assert not Letterhead.objects.exists()


def test_texts_have_their_limits_and_mean_nothing_to_the_printer(firm: Firm, watch: Watch) -> None:
    client = browser(firm.ada)
    for wrong in ({"name": "x" * 121}, {"email": "nobody"}, {"terms": "x" * 4001}, {"bank": "a\x00b"}):
        assert tap(client, PAGE, fields(**wrong)).status_code == 422, wrong
    with pytest.raises(RuleRefused):
        save_letterhead(by=firm.ada, phone="1" * 41)
    tap(client, PAGE, fields(name='#read("/etc/passwd") $x$ *b*', terms="#panic() \\ @x <y> [z"))
    assert client.get("/letterhead/preview/en/?pdf").content.startswith(b"%PDF")


def test_the_page_costs_a_few_queries(firm: Firm, watch: Watch) -> None:
    assert queries_of(browser(firm.ada), PAGE) <= MOST_QUERIES
