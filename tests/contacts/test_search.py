"""What a search finds: the same by the indexes as without them, whatever is typed (ui.md, R10.4)."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.models import Q

from contacts import search
from contacts.models import Contact
from contacts.rules import Point
from leads import selectors
from leads.models import Lead
from leads.services import Capture, capture_many
from tests.cast import Firm

NAMES = [
    "张伟", "张伟明", "张小伟", "欧阳娜娜", "王", "Li Wei", "李Wei", "wei李", "José Núñez", "JOSÉ", "straße", "STRASSE",
    "İstanbul", "ılık", "ﬁnn", "ǅungla", "𠮷田", "𠮷", "한국", "мария", "МАРИЯ", "a%b", "a_b", "100%", "back\\slash",
    "it's", '"quoted"', "<b>x</b>", "＜全角＞ＡＢ", "e\u0301", "\u202eabc", "👩‍💻 code", "  spaced  ",
    "深圳市腾讯计算机系统有限公司",
]  # fmt: skip
NEEDLES = [
    *NAMES, "伟", "张伟", "娜娜", "w", "we", "wei", "李w", "W李", "é", "É", "ß", "ss", "i̇", "ı",
    "ﬁ", "𠮷", "田", "%", "_", "\\", "'",
    "ар", "МА", "한", "腾讯", "有限公司", "计算机系统", "讯腾", "市 腾", "５", "+86", "138", "1380",
    "0000-1", "a@", "@x", "x.com",
    "zz", "张  伟", "\u200b", "؀", "🧑", "a" * 200, "伟" * 200,
]  # fmt: skip


@pytest.fixture
def people(firm: Firm, db: None) -> Firm:
    rows = [
        Capture(
            [Point("phone", f"+86138{n:08d}"), Point("email", f"p{n}@x.com")],
            channel="fair",
            medium="form",
            name=name,
            company_name=NAMES[-1 - n],
        )
        for n, name in enumerate(NAMES)
    ]
    capture_many(rows, by=firm.max)
    for lead in Lead.objects.order_by("pk")[:5]:
        firm.call(lead, "no_need")
    return firm


def plainly(text: str) -> set[object]:
    """The leads that icontains finds: the definition of the search, without any index of ours."""
    text = text.strip()
    named = Q(contact__name__icontains=text) | Q(contact__company_name__icontains=text)
    named |= Q(contact__company__name__icontains=text)
    named |= Q(contact__in=search.being_whole(text).values("contact_id"))
    part = Q(contact__in=search.holding_part(text).values("contact_id")) & ~Q(state="pooled")
    return set(Lead.objects.filter(named | part).values_list("pk", flat=True))


@pytest.mark.parametrize("most", [1000, 0])
def test_a_search_finds_what_icontains_finds(people: Firm, monkeypatch, most: int) -> None:
    monkeypatch.setattr(search, "MOST", most)
    for needle in NEEDLES:
        found = set(selectors.matching(Lead.objects.all(), needle).values_list("pk", flat=True))
        assert found == plainly(needle), needle


def test_a_text_holds_what_icontains_says(people: Firm) -> None:
    for needle in NEEDLES:
        held = set(Contact.objects.filter(name__holds=needle).values_list("pk", flat=True))
        assert held == set(Contact.objects.filter(name__icontains=needle).values_list("pk", flat=True)), (
            needle
        )


def test_the_indexes_serve_one_and_two_characters_beyond_ascii(people: Firm) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")
    for needle in ("伟", "张伟"):
        plan = Contact.objects.filter(Q(name__holds=needle) | Q(company_name__holds=needle)).explain()
        assert "contact_name_grams" in plan and "contact_company_name_grams" in plan, plan


def test_R10_4_masked_people_are_found_by_name_company_and_the_whole_detail_only(people: Firm) -> None:
    pooled = Lead.objects.filter(state="pooled").select_related("contact").first()
    phone = pooled.contact.points.get(kind="phone").value

    def found(text: str) -> bool:
        return selectors.matching(Lead.objects.all(), text).filter(pk=pooled.pk).exists()

    assert found(pooled.contact.name[:2]) and found(phone) and found(phone[3:])
    assert not found(phone[-6:])
