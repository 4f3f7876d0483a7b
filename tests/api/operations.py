"""Every operation that the schema tells, and records for the parts of its path."""

from django.test import Client

from accounts.models import SavedView
from core import clock
from leads.models import Lead
from outreach.mail import queue_mail
from tests.api.firm import Firm

NOBODY = "01890000-0000-7000-8000-000000000000"
# Operations that need no key: anybody's.
PUBLIC = {("POST", "/api/v1/capture/{form}/")}
# What may come back when somebody tries an operation with an empty body on somebody's record.
EXPECTED = {200, 201, 202, 400, 403, 404, 409, 415, 422}


def operations() -> list[tuple[str, str]]:
    paths = Client().get("/api/v1/schema/").json()["paths"]
    return sorted((method.upper(), path) for path, found in paths.items() for method in found)


def fill(path: str, ids: dict[str, str]) -> str:
    kind = path.removeprefix("/api/v1/").split("/")[0]
    filled = path.replace("{id}", ids.get(kind, NOBODY)).replace("{code}", "lead").replace("{login}", "rob")
    filled = filled.replace("{form}", "nowhere")
    assert "{" not in filled, f"what stands for the parts of {path}?"
    return filled


def more(firm: Firm) -> dict[str, str]:
    """A request for more time of Rita's, a notice, a quote, an experience, a request to presales; a case."""
    lead = firm.sql()["id"]
    asked = firm.rita.post(f"leads/{lead}/extensions/", {"reason": "a visit"})
    assert asked.status_code == 201, asked.content
    request = firm.asked()
    opportunity = request["opportunity"]
    event = firm.rita.post(
        f"opportunities/{opportunity}/events/", {"kind": "visit", "starts_at": "2027-01-04T02:00:00Z"}
    )
    assert event.status_code == 201, event.content
    case = firm.max.post("cases/", {"title": "A dentist", "summary": "Half the calls"})
    assert case.status_code == 201, case.content
    contact = Lead.objects.get(pk=lead).contact_id
    letter = {
        "to": "li@example.com",
        "subject": "Hello",
        "text": "Hello",
        "kind": "note",
        "contact_id": contact,
    }
    campaign = firm.max.post("campaigns/", {"name": "Spring"})
    assert campaign.status_code == 201, campaign.content
    template = firm.max.get("templates/?channel=sms").data["results"][0]
    view = SavedView.objects.create(user=firm.user("max"), page="leads", name="All", query="state=all")
    mailing = firm.max.post(
        f"campaigns/{campaign.data['id']}/mailings/", {"template": template["id"], "view": str(view.pk)}
    )
    assert mailing.status_code == 201, mailing.content
    return {
        "messages": str(queue_mail(at=clock.now(), **letter).pk),
        "campaigns": campaign.data["id"],
        "mailings": mailing.data["id"],
        "templates": template["id"],
        "cases": case.data["id"],
        "extensions": asked.data["id"],
        "presales": request["id"],
        "events": event.data["id"],
        "quotes": firm.quote(opportunity)["id"],
        "notices": firm.rita.get("notices/").data["results"][0]["id"],
        "cadences": firm.max.get("cadences/").data["results"][0]["id"],
    }
