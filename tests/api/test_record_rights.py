"""Q16, R15.2: every operation on a record, for own, team's, foreign and pooled ones: who sees it reads it, nobody else."""

from typing import Any

import pytest
from django.db import transaction

from accounts.models import Notice, User
from catalogue.models import Case, Product
from contacts.models import Company, Contact
from core import clock
from intake.models import Import
from leads.models import Extension, Lead
from opportunities.models import ExperienceEvent, Opportunity, PresalesRequest, Quote
from orders.models import Order
from outreach.models import Campaign, Mailing, Message, Template
from outreach.permissions import may_look
from pool.models import Cadence
from tests.api.firm import CAST, Firm
from tests.api.operations import fill, more, operations

pytestmark = pytest.mark.django_db

# What a path's first word stands for: whom `visible_to` shows it, reads it and all that hangs on it; nobody else does.
MODELS: dict[str, Any] = {
    "leads": Lead,
    "pool": Lead,
    "opportunities": Opportunity,
    "orders": Order,
    "companies": Company,
    "contacts": Contact,
    "extensions": Extension,
    "notices": Notice,
    "products": Product,
    "imports": Import,
    "cases": Case,
    "quotes": Quote,
    "events": ExperienceEvent,
    "presales": PresalesRequest,
    "cadences": Cadence,
    "campaigns": Campaign,
    "mailings": Mailing,
    "templates": Template,
    "messages": Message,
}
# Marketing's own: who does not read them is told so, whichever it is; there is nothing to find out.
MARKETINGS = {"campaigns", "mailings", "templates"}

DONE_OR_REFUSED = {200, 201, 400, 403, 409, 422}
# Nobody has brought anything up that could be settled; a claim is of what lies in the pool, and nothing is worn.
NOTHING_THERE = {"/api/v1/leads/{id}/settle/", "/api/v1/pool/{id}/claim/", "/api/v1/pool/{id}/free/"}
KINDS = ["sql", pytest.param("mql", marks=pytest.mark.slow), pytest.param("pooled", marks=pytest.mark.slow)]


@pytest.mark.parametrize("kind", KINDS)
def test_Q16_R15_2_every_operation_on_a_record_follows_who_sees_it(firm: Firm, kind: str) -> None:
    """Reading: 200 for who sees it, else 404. Changing: never done for who does not see it, and never found."""
    order, lead = firm.order(), firm.record(kind)
    ids = {
        "leads": lead["id"],
        "pool": lead["id"],
        "opportunities": order["opportunity"],
        "orders": order["id"],
        "companies": order["company"]["id"],
        "contacts": str(Lead.objects.get(pk=lead["id"]).contact_id),
        "products": str(firm.product.pk),
        **more(firm),
    }
    found = [(method, path) for method, path in operations() if "{id}" in path]
    unknown = {path.split("/")[3] for _method, path in found} - set(MODELS)
    assert unknown == set(), "who sees these?"
    wrong = []
    for who in sorted(CAST):
        client, user = getattr(firm, who), firm.user(who)
        for part, pk in ids.items():
            rows = MODELS[part].objects
            if part in MARKETINGS:
                seen = may_look(user)
            else:
                seen = not hasattr(rows, "visible_to") or rows.visible_to(user).filter(pk=pk).exists()
            near = seen or _lately(rows, user, pk)
            for method, path in found:
                if path.split("/")[3] != part:
                    continue
                with transaction.atomic():
                    status = client.send(method, fill(path, ids), None if method == "GET" else {}).status_code
                    transaction.set_rollback(True)
                if method == "GET":
                    hidden = 403 if part in MARKETINGS else 404
                    good = status == (200 if seen else hidden) or (part == "pool" and status == 404)
                elif near:
                    good = status in DONE_OR_REFUSED or (status == 404 and path in NOTHING_THERE)
                else:  # what is missing from the body may be said before the record is looked for
                    good = status in (403, 404, 422)
                if not good:
                    wrong.append((who, method, path, status, "seen" if seen else "not seen"))
    assert wrong == []


def _lately(rows: Any, user: User, pk: str) -> bool:
    """Whoever lost it a moment ago is told the truth instead of a 404."""
    return hasattr(rows, "actionable_by") and rows.actionable_by(user, clock.now()).filter(pk=pk).exists()
