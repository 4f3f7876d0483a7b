"""The pool's page: masked, claimed with one click, a batch answers row by row."""

from __future__ import annotations

from pool.services import claim
from tests.cast import Firm, Watch, fresh
from tests.pages import browser, tap, words


def test_R10_4_details_are_masked_in_the_pool(firm: Firm, watch: Watch) -> None:
    lead = firm.pooled()
    phone = lead.contact.points.get().value.removeprefix("+86")
    for url in ("/pool/", f"/leads/{lead.pk}"):
        page = browser(firm.rob).get(url).content.decode()
        assert phone not in page and f"{phone[:3]}****{phone[-4:]}" in page


def test_R10_3_one_click_claims_and_the_loser_reads_it_in_the_row(firm: Firm, watch: Watch) -> None:
    lead = firm.pooled()
    target = {"HX-Target": f"pool-{lead.pk}"}
    won = tap(browser(firm.rob), f"/pool/{lead.pk}/claim/", on="/pool/", **target)
    assert won.status_code == 200 and "Yours now." in words(won)
    assert fresh(lead).owner == firm.rob
    lost = tap(browser(firm.wei), f"/pool/{lead.pk}/claim/", on="/pool/", **target)
    assert (lost.status_code, lost["X-Refused"]) == (409, "row")
    assert "A colleague was faster" in words(lost)


def test_R10_3_a_batch_answers_for_each_lead(firm: Firm, watch: Watch) -> None:
    free, taken = firm.pooled(), firm.pooled()
    claim(taken, by=firm.wei)
    data = {"lead": [str(free.pk), str(taken.pk)]}
    answer = tap(browser(firm.rob), "/pool/claim/", data, on="/pool/")
    page = answer.content.decode()
    assert answer.status_code == 200 and page.count('id="pool-0') == 2
    left = '<span class="t-count" id="n-segment-some_interest" hx-swap-oob="true">0</span>'
    assert left in page and 'id="pool-figures" hx-swap-oob="true"' in page, "and what is left is counted anew"
    assert "1 was refused" in answer["HX-Trigger"]
    plain = words(browser(firm.rob).post("/pool/claim/", data))
    assert "A colleague was faster" in plain


def test_nothing_or_nonsense_ticked_is_refused(firm: Firm, watch: Watch) -> None:
    client = browser(firm.rob)
    assert tap(client, "/pool/claim/").status_code == 422
    assert tap(client, "/pool/claim/", {"lead": ["x"]}).status_code == 422


def test_who_let_it_go_reads_why_it_cannot_be_claimed(firm: Firm, watch: Watch) -> None:
    firm.pooled(rep=firm.rita)
    assert "you let it go" in words(browser(firm.rita).get("/pool/"))
