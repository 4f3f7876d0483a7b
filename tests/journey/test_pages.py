"""The whole journey through the pages without a script: plain forms, plain answers, in both languages."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from core.models import Event
from core.services import run_sweeps
from intake import services as intake
from intake.models import Import
from leads.models import Lead
from opportunities.models import Opportunity
from orders.models import Order
from tests import invariants
from tests.cast import Firm, Watch, fresh
from tests.pages import browser, words

pytestmark = pytest.mark.django_db

ROWS = "姓名,手机,邮箱,公司\n王小明,13900001111,Wang@Example.com,晨光诊所\n李雷,12,,\n韩梅梅,13900002222,,\n"


def send(client: Client, path: str, **fields: Any) -> Any:
    """Post a form as a browser without scripts does, and follow to the page that answers."""
    answer = client.post(path, fields, follow=True)
    assert answer.status_code == 200, (path, answer.status_code, words(answer)[:500])
    assert answer.redirect_chain, "a form that was done answers with another page"
    return answer


def lines(prefix: str, **first: Any) -> dict[str, Any]:
    """The fields of one line of products."""
    counts = {"TOTAL_FORMS": 1, "INITIAL_FORMS": 0, "MIN_NUM_FORMS": 0, "MAX_NUM_FORMS": 40}
    named = {f"{prefix}-{name}": value for name, value in counts.items()}
    return named | {f"{prefix}-0-{name}": value for name, value in first.items()}


def prefix_of(page: Any) -> str:
    """The name of the lines of products in the form that a page shows."""
    return re.search(r'name="([\w-]+)-TOTAL_FORMS"', page.content.decode()).group(1)  # type: ignore[union-attr]


def opened(client: Client, path: str) -> Any:
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return answer


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_from_a_file_to_a_signed_order_without_scripts(firm: Firm, watch: Watch, language: str) -> None:
    for person in firm.people.values():
        person.language = language
        person.save(update_fields=["language"])
    firm.duty("rita")
    max_, tina, rita = browser(firm.max), browser(firm.tina), browser(firm.rita)

    file = SimpleUploadedFile("fair.csv", ROWS.encode("gb18030"), "text/csv")
    send(max_, "/import/", file=file, channel="Spring Fair", medium="conference")
    leads_file = Import.objects.get()
    intake.run_to_end(leads_file)
    assert not Lead.objects.exists()
    assert "王小明" in words(opened(max_, f"/import/{leads_file.pk}/"))
    send(max_, f"/import/{leads_file.pk}/confirm/")
    intake.run_to_end(fresh(leads_file))
    assert Lead.objects.count() == 2

    lead = Lead.objects.get(contact__name="王小明")
    path = f"/leads/{lead.pk}"
    assert "王小明" in words(opened(tina, "/leads/"))
    opened(tina, f"{path}/do/call/")
    send(tina, f"{path}/calls/", outcome="interested", note="十二个座位")
    assert fresh(lead).owner == firm.rita

    assert "王小明" in words(opened(rita, "/"))
    send(rita, f"{path}/accept/")
    prefix = prefix_of(opened(rita, f"{path}/do/convert/"))
    refused = rita.post(f"{path}/convert/", {"company": "", **lines(prefix)})
    assert refused.status_code == 422
    assert fresh(lead).state == "sql"
    need = lines(prefix, product=firm.product.pk)
    said = send(rita, f"{path}/convert/", company="晨光诊所", headcount=12, **need)
    assert "晨光诊所" in words(said)
    chance = Opportunity.objects.get()
    assert (chance.amount, chance.stage, chance.owner) == (1200, "confirmed", firm.rita)

    send(rita, f"/opportunities/{chance.pk}/move/", stage="negotiation")
    prefix = prefix_of(opened(rita, f"/opportunities/{chance.pk}/contract/"))
    contract = lines(prefix, product=firm.product.pk, quantity=12, unit_price="100.00")
    said = send(rita, f"/opportunities/{chance.pk}/contract/new/", do="sign", term_months=12, **contract)
    order = Order.objects.get()
    assert (order.state, order.total, order.term_months) == ("signed", 1200, 12)
    assert order.number in words(said)
    assert order.number in words(opened(rita, "/orders/"))
    opened(rita, "/pipeline/")
    assert fresh(chance).stage == "won"
    ways = Event.objects.exclude(verb__in=["captured", "contact_made"]).values_list("way", flat=True)
    assert set(ways) <= {"page", "import"}
    invariants.check()


def test_R6_2_a_week_runs_out_and_a_colleague_claims_without_scripts(firm: Firm, watch: Watch) -> None:
    lead = firm.an_sql(firm.rita)
    number = lead.contact.points.get().value
    rita, rob = browser(firm.rita), browser(firm.rob)
    path = f"/leads/{lead.pk}"
    watch.to(lead.due_at - timedelta(microseconds=1))
    send(rita, f"{path}/notes/", text="in time")
    watch.to(lead.due_at)
    late = rita.post(f"{path}/notes/", {"text": "too late"})
    assert late.status_code == 409
    assert (fresh(lead).state, fresh(lead).pooled_at) == ("pooled", lead.due_at)
    run_sweeps()

    page = opened(rob, "/pool/")
    assert f"/pool/{lead.pk}/claim/" in page.content.decode() and number not in page.content.decode()
    assert f"/pool/{lead.pk}/claim/" not in opened(rita, "/pool/").content.decode(), "her cool-down"
    cooling = rita.post(f"/pool/{lead.pk}/claim/")
    assert cooling.status_code == 422
    rob.post(f"/pool/{lead.pk}/claim/", follow=True)
    assert (fresh(lead).owner, fresh(lead).run) == (firm.rob, 2)
    assert number in opened(rob, path).content.decode()
    again = rita.post(f"/pool/{lead.pk}/claim/")
    assert again.status_code == 409
    invariants.check()
