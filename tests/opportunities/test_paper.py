"""The paper of a quote, page by page: one line and forty, in both languages; kept as pictures to be looked at (R9.5)."""

from __future__ import annotations

import json
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest
import typst
from django.conf import settings
from django.utils import translation
from pypdf import PdfReader

from catalogue.models import Product
from core.paper import font_folders
from crm.config import var_folder
from opportunities import paper, services
from opportunities.models import Letterhead, Quote
from outreach.models import MessageFile
from tests.cast import Firm, Watch
from tests.opportunities.deals import a_line
from tests.pages import browser

HEAD = {
    "name": "上海主干软件有限公司",
    "address": "上海市浦东新区世纪大道 100 号",
    "phone": "+86 21 5555 0000",
    "email": "sales@trunk.example",
    "tax_id": "91310000MA1FL00000",
    "bank": "中国工商银行上海分行",
    "account": "6222 0200 0000 0000 000",
    "terms": "Payment within 30 days of the invoice.\n服务期内提供 7×24 支持。",
}


def pages(quote: Quote, folder: Path) -> list[bytes]:
    """The pages of a quote as pictures, from the very template and data of its PDF."""
    with translation.override(quote.language):
        data = paper._content(quote, paper.letterhead())
    source = Path(settings.TEMPLATES[0]["DIRS"][0]) / paper.TEMPLATE
    (folder / "main.typ").write_text(source.read_text("utf-8"), "utf-8")
    (folder / "data.json").write_text(json.dumps(data, ensure_ascii=False, default=str), "utf-8")
    drawn = typst.compile(
        str(folder / "main.typ"), root=str(folder), font_paths=font_folders(), format="png", ppi=80
    )
    return drawn if isinstance(drawn, list) else [drawn]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize(("many", "sheets"), [(1, 1), (40, 2)])
def test_R9_5_the_paper_page_by_page(
    firm: Firm, watch: Watch, tmp_path: Path, language: str, many: int, sheets: int
) -> None:
    Letterhead.objects.create(**HEAD)
    products = [
        Product.objects.create(name=f"Module {n} 模块", price=Decimal(1234) + n, unit="seat")
        for n in range(many)
    ]
    lines = [a_line(x, 10 + n * 137, purpose="服务台" if n % 4 == 0 else "") for n, x in enumerate(products)]
    quote = services.draft_quote(
        firm.an_opportunity(),
        by=firm.rita,
        lines=lines,
        discount=Decimal("3.5"),
        language=language,
        note="#1 *2*",
    )
    quote = Quote.objects.get(pk=quote.pk)
    assert paper.quote_pdf(quote).startswith(b"%PDF")
    drawn = pages(quote, tmp_path)
    assert len(drawn) == sheets
    folder = var_folder() / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    for n, picture in enumerate(drawn, start=1):
        (folder / f"paper-{language}-{many}-{n}.png").write_bytes(picture)


def test_R9_5_the_sums_never_stand_alone_on_a_page(firm: Firm, watch: Watch) -> None:
    Letterhead.objects.create(**HEAD)
    products = [
        Product.objects.create(name=f"Module-{n}-", price=Decimal(10), unit="seat") for n in range(1, 31)
    ]
    chance = firm.an_opportunity()
    for many in (1, 2, 3, *range(18, 31)):
        lines = [a_line(product, 1, purpose="Front desk") for product in products[:many]]
        quote = services.draft_quote(
            chance, by=firm.rita, lines=lines, discount=Decimal("3.5"), language="en"
        )
        sheets = [
            sheet.extract_text()
            for sheet in PdfReader(BytesIO(paper.quote_pdf(Quote.objects.get(pk=quote.pk)))).pages
        ]
        whole = next(sheet for sheet in sheets if "Total" in sheet)
        assert f"Module-{many}-" in whole and "Product" in whole, many
        assert many == 1 or f"Module-{many - 1}-" in whole, many
        assert f"{len(sheets)} / {len(sheets)}" in sheets[-1]


def test_R9_5_what_was_sent_stays_as_it_was_on_paper(firm: Firm, watch: Watch) -> None:
    head = Letterhead.objects.create(**HEAD)
    quote = services.draft_quote(firm.an_opportunity(), by=firm.rita, language="en")
    sent = services.send_quote(quote, to="li@example.com", by=firm.rita)
    before = paper.paper_of(sent)
    head.name = "Another Firm"
    head.save()
    firm.product.name = "Chairs"
    firm.product.save()
    assert paper.paper_of(sent) == before == browser(firm.rita).get(f"/quotes/{quote.pk}/pdf/").content
    services.send_quote(sent, to="wang@example.com", by=firm.rita)
    assert {bytes(file.data) for file in MessageFile.objects.all()} == {before}
    text = (
        PdfReader(BytesIO(paper.paper_of(services.revise_quote(sent, by=firm.rita)))).pages[0].extract_text()
    )
    assert "Another Firm" in text and "Chairs" in text
