"""One record of each kind for the addresses of the pages, and the browsers of everybody."""

from __future__ import annotations

from base64 import b64decode
from datetime import timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import ApiKey, Notice, SavedView, User
from accounts.services import make_key
from calling.services import save_script
from catalogue.services import save_case, save_price
from contacts.models import Company, Contact
from core import clock
from leads.models import AssignmentRule, Dispute, Extension, Label, Lead
from leads.services import ask_extension, object_to
from opportunities import services as selling
from opportunities.models import ExperienceEvent, Opportunity, PresalesRequest, Quote
from orders import services as ordering
from orders.models import BankImport, Order
from outreach.mail import queue_mail
from outreach.models import Message
from outreach.services.channels import save_channel
from tests.cast import Firm
from tests.crm.addresses import Address
from tests.crm.page_rules import ALL, BRANCHES
from tests.pages import browser

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


class World:
    """One record of each kind, Rita's where it has an owner, and the browsers of everybody."""

    def __init__(self, firm: Firm, state: str, *, branches: bool = True) -> None:
        self.firm = firm
        firm.set_rules(**dict.fromkeys(BRANCHES, True))
        self.label = Label.objects.create(name="VIP")
        self.rule = AssignmentRule.objects.create(position=1, name="Fairs", conditions={"channel": ["fair"]})
        self.browsers = {login: browser(firm.people[login]) for login in sorted(ALL)}
        self.lead = firm.in_state(state)
        order = firm.an_order(firm.rita)
        self.order, self.opportunity = order, order.opportunity
        self.deal(firm)
        self.extension = ask_extension(firm.an_sql(firm.rita), reason="a visit", by=firm.rita)
        self.dispute = object_to(firm.an_mql(firm.rita), text="a student", by=firm.rita)
        self.notice = Notice.objects.filter(user=firm.rita).first()
        steps = [{"title": f"Step {n}", "text": "We help", "questions": []} for n in (1, 2, 3)]
        self.script = save_script(None, by=firm.max, name="SOP", steps=steps, is_default=True).script
        self.view = SavedView.objects.create(user=firm.rita, page="leads", name="Mine", query="state=sql")
        make_key(firm.rita, scope="read")
        self.message = queue_mail(
            to="li@example.com",
            subject="Hello",
            text="Hello",
            at=clock.now(),
            kind="note",
            contact_id=self.lead.contact_id,
        )
        self.channel = save_channel(None, by=firm.ada, kind="sms", driver="file", name="Files", values={})
        firm.set_rules(**dict.fromkeys(BRANCHES, branches))
        # route's beginning → the values of its parts, the records that may be seen
        self.kinds: dict[str, tuple[dict[str, Any], Any]] = {
            "leads/labels/<uuid:pk>": ({"pk": self.label.pk}, None),
            "people/assignment/<uuid:pk>": ({"pk": self.rule.pk}, None),
            "leads/<uuid:pk>": ({"pk": self.lead.pk}, Lead),
            "pool/<uuid:pk>": ({"pk": self.lead.pk}, Lead),
            "calling/leads/<uuid:pk>": ({"pk": self.lead.pk}, Lead),
            "opportunities/<uuid:pk>": ({"pk": self.opportunity.pk, "name": "risks"}, Opportunity),
            "experience/<uuid:pk>": ({"pk": self.event.pk}, ExperienceEvent),
            "presales/<uuid:pk>": ({"pk": self.request.pk}, PresalesRequest),
            "quotes/<uuid:pk>": ({"pk": self.quote.pk}, Quote),
            "orders/<uuid:pk>": (
                {"pk": self.order.pk, "document": self.document.pk, "name": "edit"},
                Order,
            ),
            "orders/receipts/<uuid:pk>": ({"pk": self.bank_list.pk}, BankImport),
            "customers/<uuid:pk>": ({"pk": self.order.company_id}, Company),
            "catalogue/products/<uuid:pk>": ({"pk": firm.product.pk}, None),
            "catalogue/prices/<uuid:pk>": ({"pk": self.price.pk}, None),
            "catalogue/cases/<uuid:pk>": ({"pk": self.case.pk}, None),
            "letterhead/preview/<slug:language>": ({"language": "en"}, None),
            "approvals/extensions/<uuid:pk>": ({"pk": self.extension.pk}, Extension),
            "approvals/disputes/<uuid:pk>": ({"pk": self.dispute.pk}, Dispute),
            "notices/<uuid:pk>": ({"pk": self.notice.pk}, Notice),
            "people/teams/<uuid:pk>": ({"pk": firm.east.pk}, None),
            "people/<uuid:pk>": ({"pk": firm.rita.pk, "key": ApiKey.objects.get().pk}, None),
            "calling/scripts/<uuid:pk>": ({"pk": self.script.pk}, None),
            "views/<uuid:pk>": ({"pk": self.view.pk}, None),
            "companies/<uuid:pk>": ({"pk": self.order.company_id}, Company),
            "import/<uuid:pk>": ({"pk": self.lead.pk}, None),  # none with this number: 404 for everybody
            "pipeline/<slug:stage>": ({"stage": "confirmed"}, None),
            "rulebook/<slug:key>": ({"key": "week_days"}, None),
            "dictionary/<slug:code>": ({"code": "lead"}, None),
            "views/<slug:page>": ({"page": "leads"}, None),
            "campaigns/messages/<uuid:pk>": ({"pk": self.message.pk}, Message),
            "campaigns/tasks/<uuid:pk>": ({"pk": self.message.pk}, Message),
            "contacts/<uuid:pk>": ({"pk": self.lead.contact_id}, Contact),
            "campaigns/channels/<uuid:pk>": ({"pk": self.channel.pk}, None),
        }

    def deal(self, firm: Firm) -> None:
        """What hangs on Rita's opportunity and contract: experience, presales, quote, paper; and Mark's bank list."""
        row, soon = self.opportunity, clock.now() + timedelta(days=2)
        self.event = selling.plan_experience(row, by=firm.rita, kind="online", starts_at=soon)
        row = selling.advance(row, by=firm.rita, to="experience")
        self.request = selling.ask_presales(
            row, by=firm.rita, text="A plan for two sites", due_on=soon.date()
        )
        self.quote = selling.draft_quote(row, by=firm.rita)
        scan = SimpleUploadedFile("scan.pdf", b"%PDF-1.7 a signed page")
        self.document = ordering.add_document(self.order, file=scan, by=firm.rita)
        today = clock.firm_day(clock.now())
        self.price = save_price(
            None, by=firm.max, product=firm.product, basis="user_year", amount=Decimal(9), valid_from=today
        )
        self.case = save_case(None, by=firm.max, title="A dentist", summary="Half the calls")
        selling.save_letterhead(by=firm.ada, name="Trunk Ltd", logo=b64decode(PIXEL))
        self.bank_list = BankImport.objects.create(name="March.csv", by=firm.mark, at=clock.now())

    def of(self, address: Address) -> tuple[dict[str, Any], Any]:
        """What stands for an address's parts. Raises LookupError for one that no rule knows."""
        if not address.parts:
            return {}, None
        for begins, found in self.kinds.items():
            if address.route.startswith(begins):
                return {"name": "note", **found[0]}, found[1]
        raise LookupError(f"no rule says what {address.route} stands for")

    def knows(self, address: Address) -> bool:
        try:
            return address.at(self.of(address)[0]) != ""
        except LookupError:
            return False

    @cache  # noqa: B019  (a world lives as long as its test)
    def sees(self, login: str, model: Any, pk: Any) -> bool:
        user = self.user(login)
        if model is None:
            return True
        if model is BankImport:  # the own lists, for an administrator all
            return user.wears("admin") or (user.wears("manager") and self.bank_list.by_id == user.pk)
        return bool(model.objects.visible_to(user).filter(pk=pk).exists())

    @cache  # noqa: B019
    def touches(self, login: str, model: Any, pk: Any) -> bool:
        """Whether somebody sees it, or lost it a moment ago and is told the truth instead of a 404."""
        rows = getattr(getattr(model, "objects", None), "actionable_by", None)
        lately = rows is not None and rows(self.user(login), clock.now()).filter(pk=pk).exists()
        return lately or self.sees(login, model, pk)

    def user(self, login: str) -> User:
        return User.objects.get(login=login)
