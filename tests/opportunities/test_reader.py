"""What somebody found who read all of it to break it: pictures that unpack to gigabytes, duplicates, leavers, names on
paper (R1.6, R8.6, R9.5, R15.3)."""

from __future__ import annotations

import struct
import zlib

import pytest

from contacts.models import Contact
from core.errors import RuleRefused
from leads.services import assign, leave, merge
from opportunities import services
from opportunities.calendar import feed_of
from opportunities.models import Letterhead, Opportunity, PresalesRequest
from opportunities.paper import quote_pdf
from opportunities.services.letterhead import MOST_PIXELS, pixels
from orders.services import draft
from tests.cast import Firm, Watch, fresh
from tests.content import faults, refused
from tests.pages import browser, words


def a_png(wide: int, high: int) -> bytes:
    """A true PNG of few bytes, however large."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    packer, row = zlib.compressobj(9), b"\x00" + bytes((wide + 7) // 8)
    body = b"".join(packer.compress(row) for _n in range(high)) + packer.flush()
    head = struct.pack(">IIBBBBB", wide, high, 1, 0, 0, 0, 0)
    start = b"\x89PNG\r\n\x1a\n"
    return start + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def a_jpeg_head(wide: int, high: int, before: bytes = b"") -> bytes:
    """The beginning of a JPEG that says it is so large."""
    return b"\xff\xd8" + before + b"\xff\xc0\x00\x11\x08" + struct.pack(">HH", high, wide) + b"\x03" * 10


JFIF = b"\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"


@pytest.mark.parametrize(
    ("picture", "size"),
    [
        (a_png(7, 9), (7, 9)),
        (a_jpeg_head(300, 200), (300, 200)),
        (a_jpeg_head(65535, 65535, JFIF), (65535, 65535)),
        (a_jpeg_head(3, 2, JFIF + b"\xff\xff\xff"), (3, 2)),
        (b"\x89PNG\r\n\x1a\n", (0, 0)),
        (b"\xff\xd8\xff", (0, 0)),
        (b"\xff\xd8\xff\xe0\x00\x00" * 400, (0, 0)),
        (b"\xff\xd8" + b"\xff" * 5000, (0, 0)),
    ],
)
def test_R9_5_how_large_a_picture_says_it_is(picture: bytes, size: tuple[int, int]) -> None:
    assert pixels(picture) == size


@pytest.mark.parametrize(
    "logo",
    [
        a_png(MOST_PIXELS + 1, 1),
        a_png(1, MOST_PIXELS + 1),
        a_jpeg_head(65535, 65535, JFIF),
        b"\x89PNG\r\n\x1a\n" + b"junk" * 20,
        b"\xff\xd8\xff" + b"junk",
        a_png(20, 20)[:-30],
        a_jpeg_head(30, 30, JFIF),
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"",
    ],
)
def test_R9_5_a_logo_that_would_stop_every_paper_is_refused(firm: Firm, logo: bytes) -> None:
    with refused(RuleRefused) as caught:
        services.save_letterhead(by=firm.ada, logo=logo)
    assert [field for field, _code in faults(caught)] == ["logo"]


def test_R9_5_a_good_logo_is_printed(firm: Firm, watch: Watch) -> None:
    services.save_letterhead(by=firm.ada, name="Trunk", logo=a_png(400, 120))
    assert Letterhead.objects.get().logo_type == "png"
    assert quote_pdf(services.draft_quote(firm.an_opportunity(), by=firm.rita)).startswith(b"%PDF-")


def test_R9_5_terms_have_an_end(firm: Firm) -> None:
    with refused(RuleRefused) as caught:
        services.save_letterhead(by=firm.ada, terms="x" * 4001, name="y" * 121)
    assert sorted(faults(caught)) == [("name", "too_long"), ("terms", "too_long")]


HOSTILE = [
    '#panic("x") #eval("1") #read("/etc/passwd") #include "main.typ"',
    "$ x^2 $ \\ * _ ` ``` = - + / @label <label> // /* */ [ ] { }",
    "\u202e\u2066 עברית العربية \u200f end",
    "W" * 119,
    "\u0301" * 60 + "\ufffe\U0010ffff 😀👩‍👩‍👧‍👦",
    "</w:t><script>alert(1)</script>{{ 7*7 }}{% now %}%s%(x)s{0}",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_R9_5_what_people_typed_is_data_on_paper(firm: Firm, watch: Watch, text: str) -> None:
    firm.product.name = text[:110]
    firm.product.unit = text[:40]
    firm.product.save()
    services.save_letterhead(
        by=firm.ada, name=text[:110], address=text, terms=f"{text}\n{text}", bank=text[:110]
    )
    chance = firm.an_opportunity()
    chance.company.name = text
    chance.company.save()
    chance.contact.name = text
    chance.contact.save()
    quote = services.draft_quote(chance, by=firm.rita, note=(text + "\n") * 20)
    quote.lines.update(purpose=text)
    quote = fresh(quote)
    for language in ("en", "zh-hans"):
        quote.language = language
        assert quote_pdf(quote).startswith(b"%PDF-")


def a_pair(firm: Firm) -> tuple[Opportunity, Opportunity]:
    """Two people who are one, each with an open opportunity."""
    return firm.an_opportunity(), firm.an_opportunity()


def test_R1_6_quotes_and_contracts_follow_who_was_merged(firm: Firm, watch: Watch) -> None:
    stays, goes = a_pair(firm)
    quote = services.draft_quote(goes, by=firm.rita)
    contract = draft(goes, by=firm.rita)
    merge(stays.lead, other=goes.lead, by=firm.mark, keep=stays.lead)
    assert fresh(goes).stage == "lost"
    assert fresh(quote).contact_id == stays.contact_id
    assert fresh(contract).state == "cancelled", "the contract of what was lost is given up with it"


def test_R15_3_what_a_leaver_of_presales_took_on_is_anybody_s_again(firm: Firm, watch: Watch) -> None:
    firm.set_rules(presales=True)
    chance = services.advance(firm.an_opportunity(), by=firm.rita, to="experience")
    asked, done = (
        services.ask_presales(chance, text=text, due_on=watch.now.date(), by=firm.rita) for text in ("a", "b")
    )
    services.take_presales(asked, by=firm.pia)
    services.answer_presales(done, answer="so", by=firm.pia)
    leave(firm.pia, by=firm.ada, to="rules")
    assert (fresh(asked).owner, fresh(done).owner) == (None, firm.pia)


def test_R11_2_no_quote_goes_to_who_wants_no_e_mail(firm: Firm, watch: Watch) -> None:
    lead = firm.an_sql(lead=firm.capture(name="Li Lei", email="li@example.com"))
    quote = services.draft_quote(firm.an_opportunity(lead=lead), by=firm.rita)
    type(lead.contact).objects.filter(pk=lead.contact_id).update(do_not_email=True)
    with refused(RuleRefused) as caught:
        services.send_quote(quote, to=" LI@example.com ", by=firm.rita)
    assert faults(caught) == [("to", "no_email")]
    assert services.send_quote(quote, to="purchasing@example.com", by=firm.rita).state == "sent"


def test_R10_4_where_a_quote_went_is_masked_in_the_pool(firm: Firm, watch: Watch) -> None:
    chance = firm.an_opportunity()
    quote = services.send_quote(services.draft_quote(chance, by=firm.rita), to="li@example.com", by=firm.rita)
    pages = (f"/quotes/{quote.pk}/", f"/opportunities/{chance.pk}")
    me, program = browser(firm.rita), browser(firm.rita)
    assert all("li@example.com" in words(me.get(page)) for page in pages)
    services.lose(chance, reason="price", by=firm.rita)
    assert not any("li@example.com" in me.get(page).content.decode() for page in pages)
    assert program.get(f"/api/v1/quotes/{quote.pk}/").json()["sent_to"] == "l****@example.com"
    listed = program.get(f"/api/v1/opportunities/{chance.pk}/quotes/").json()["results"]
    assert [one["sent_to"] for one in listed] == ["l****@example.com"]


def test_R8_6_who_has_the_opportunity_now_waits_for_presales(firm: Firm, watch: Watch) -> None:
    firm.set_rules(presales=True)
    chance = services.advance(firm.an_opportunity(), by=firm.rita, to="experience")
    asked = services.ask_presales(chance, text="a plan", due_on=watch.now.date(), by=firm.rita)
    services.take_presales(asked, by=firm.pia)
    watch.go(days=2)
    assign(chance.lead, rep=firm.rob, by=firm.mark)
    assert "Presales has not answered" in words(browser(firm.rob).get("/"))
    assert "Presales has not answered" not in words(browser(firm.rita).get("/"))
    listed = browser(firm.pia)
    assert str(chance.pk) in listed.get("/presales/").content.decode()
    services.lose(chance, reason="price", by=firm.rob)
    assert str(chance.pk) not in listed.get("/presales/").content.decode(), "nobody waits for it any more"
    assert not PresalesRequest.objects.open().exists()


def test_R0_1_without_the_branch_there_are_no_requests_by_api(firm: Firm, watch: Watch) -> None:
    firm.set_rules(presales=True)
    chance = services.advance(firm.an_opportunity(), by=firm.rita, to="experience")
    services.ask_presales(chance, text="a plan", due_on=watch.now.date(), by=firm.rita)
    me, url = browser(firm.rita), f"/api/v1/opportunities/{chance.pk}/presales/"
    assert len(me.get(url).json()["results"]) == 1
    firm.set_rules(presales=False)
    assert me.get(url).status_code == 404
    assert browser(firm.pia).get(f"/opportunities/{chance.pk}").status_code == 404


def test_R10_4_what_was_said_at_an_experience_is_not_told_of_who_lies_in_the_pool(
    firm: Firm, watch: Watch
) -> None:
    chance = firm.an_opportunity()
    services.plan_experience(
        chance,
        by=firm.rita,
        kind="visit",
        starts_at=watch.now,
        held=True,
        note="her own number is 13712345678",
    )
    client, said = browser(firm.rita), "13712345678"

    def places() -> list[bool]:
        told = (
            client.get(f"/opportunities/{chance.pk}/").content,
            client.get(f"/api/v1/opportunities/{chance.pk}/events/").content,
            client.get(f"/api/v1/events/{chance.experience_events.get().pk}/").content,
            feed_of(firm.rita),
        )
        assert all(b"visit" in text.lower() for text in told), "the experience itself is told"
        return [said.encode() in text for text in told]

    assert places() == [True] * 4
    services.lose(chance, reason="price", by=firm.rita)
    assert places() == [False] * 4


def test_R9_4_R15_5_the_next_chance_is_with_nobody_who_was_forgotten(firm: Firm, watch: Watch) -> None:
    order = firm.a_signed_order()
    Contact.objects.filter(pk=order.contact_id).update(erased_at=watch.now)
    need = {"kind": "upsell", "products": [services.Need(firm.product)], "headcount": 1}
    assert services.open_next(order.company, by=firm.rita, **need).contact is None
