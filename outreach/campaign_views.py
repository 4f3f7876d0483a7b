"""Pages of campaigns: the list, one with its figures from the message to the order, its form (R11.6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_safe

from core import clock, hooks, rulebook
from core.api.parsers import text_fault
from core.web import phrases
from core.web.answers import Done, action, cleaned, found, page
from core.web.context import moment
from core.web.listing import Listing, one_of
from outreach.figures import Figures, figures_of, goal_figures
from outreach.forms import CampaignForm
from outreach.history import history_of
from outreach.models import Campaign
from outreach.permissions import may_edit, require_editor, require_reader
from outreach.rules import Goal
from outreach.services import campaigns
from outreach.tabs import tabs

ORDERS = {"name": "name", "starts_on": "starts_on", "created_at": "created_at"}
MAILINGS = 30
WORDS = {
    "reached": lazy("people reached"),
    "reactions": lazy("reactions"),
    "leads": lazy("leads"),
    "per_lead": lazy("a lead"),
    "orders": lazy("orders"),
    "revenue": lazy("revenue"),
    "per_order": lazy("an order"),
    "arrivals": lazy("times somebody came"),
    "mql": lazy("MQL"),
    "mql_pending": lazy("not judged yet"),
    "sql": lazy("SQL"),
    "opportunities": lazy("opportunities"),
    "sent": lazy("sent"),
    "delivered": lazy("delivered"),
    "opened": lazy("opened"),
    "clicked": lazy("clicked"),
    "replied": lazy("replied"),
    "bounced": lazy("came back"),
}
AMOUNTS = frozenset(["per_lead", "per_order", "revenue"])
WAY = ("sent", "delivered", "opened", "clicked", "replied", "bounced")
TRUNK = ("arrivals", "leads", "mql", "sql", "opportunities", "orders")


@dataclass(frozen=True)
class Figure:
    """A number with its word; `url` leads to the records behind it."""

    name: str
    number: Any
    url: str = ""

    @property
    def word(self) -> Any:
        """What is counted."""
        return WORDS[self.name]

    @property
    def amount(self) -> bool:
        """Whether it is money."""
        return self.name in AMOUNTS


@page
@require_safe
def all_campaigns(request: HttpRequest) -> HttpResponse:
    """Each campaign with its days, what of the budget is spent, and the figure it is judged by."""
    user: Any = request.user
    require_reader(user)
    goal = one_of(request, "goal", Goal.values)
    show = one_of(request, "show", ("away",))
    rows = Campaign.objects.filter(active=show != "away")
    if goal:
        rows = rows.filter(goal=goal)
    q = request.GET.get("q", "").strip()[:120]
    q = "" if text_fault(q) else q
    if q:
        rows = rows.filter(name__icontains=q)
    listing = Listing(request, rows, ORDERS, "-created_at")
    figures = figures_of(listing, user)
    context = {
        **tabs(request, "campaigns"),
        "listing": listing,
        "lines": [
            (row, [one for one in _judged(row, figures[row.pk]) if one.number is not None]) for row in listing
        ],
        "counts": Campaign.objects.aggregate(
            running=Count("pk", filter=Q(active=True)), away=Count("pk", filter=Q(active=False))
        ),
        "goals": Goal.choices,
        "q": q,
        "today": clock.firm_day(moment(request)),
        "currency": rulebook.get("currency"),
        "may_edit": may_edit(user),
    }
    return render(request, "outreach/campaigns.html", context)


def _judged(row: Campaign, figures: Figures) -> list[Figure]:
    return [Figure(name, number) for name, number in goal_figures(row, figures)]


@page
@require_safe
def campaign(request: HttpRequest, pk: Any) -> HttpResponse:
    """One campaign: its goal's figure first, then all of them in the order of the trunk, its mailings, its history."""
    user: Any = request.user
    require_reader(user)
    row = found(Campaign.objects.all(), pk)
    figures = figures_of([row], user)[row.pk]
    mailings = list(row.mailings.select_related("template", "by", "view")[:MAILINGS])
    parts = [part for answer in hooks.campaign_parts(row, user, moment(request)) for part in answer]
    ids = [row.pk, *(mailing.pk for mailing in mailings)]
    context = {
        "campaign": row,
        "figures": figures,
        "judged": [Figure(f.name, f.number, _behind(row, f.name)) for f in _judged(row, figures)],
        "trunk": [Figure(name, figures[name], _behind(row, name)) for name in TRUNK],
        "pending": Figure("mql_pending", figures["mql_pending"], _behind(row, "mql_pending")),
        "way": [Figure(name, figures[name]) for name in WAY],
        "sent": figures["sent"],
        "mailings": mailings,
        "parts": sorted(parts, key=lambda part: part.order),
        "currency": rulebook.get("currency"),
        "today": clock.firm_day(moment(request)),
        "may_edit": may_edit(user),
        "entries": phrases.lines(history_of(ids, user)),
    }
    return render(request, "outreach/campaign.html", context)


def _behind(row: Campaign, name: str) -> str:
    """The leads behind a figure; the app above lists them."""
    states = {"leads": "all", "mql_pending": "mql"}
    if name not in states:
        return ""
    try:
        return f"{reverse('leads:list')}?campaign={row.pk}&state={states[name]}"
    except NoReverseMatch:
        return ""


def new_campaign(request: HttpRequest) -> HttpResponse:
    """The form of a new campaign; what is posted to it is kept."""
    return save(request) if request.method == "POST" else campaign_form(request)


def edit_campaign(request: HttpRequest, pk: Any) -> HttpResponse:
    """The form of one campaign; what is posted to it is kept."""
    return save(request, pk) if request.method == "POST" else campaign_form(request, pk)


@page
@require_safe
def campaign_form(request: HttpRequest, pk: Any = None) -> HttpResponse:
    """A campaign to be written."""
    require_editor(request.user)  # type: ignore[arg-type]
    row = found(Campaign.objects.all(), pk) if pk else None
    initial = {name: getattr(row, name) for name in CampaignForm.base_fields} if row else {}
    context = {"campaign": row, "form": CampaignForm(initial=initial), "currency": rulebook.get("currency")}
    return render(request, "outreach/campaign_form.html", context)


@action
def save(request: HttpRequest, pk: Any = None) -> Done:
    """Make or change a campaign."""
    require_editor(request.user)  # type: ignore[arg-type]
    row = found(Campaign.objects.all(), pk) if pk else None
    data = cleaned(CampaignForm(request.POST))
    saved = campaigns.save_campaign(row, by=request.user, **data)  # type: ignore[arg-type]
    return Done(_("%(name)s is saved.") % {"name": saved.name}, url=address(saved))


@action
def put_away(request: HttpRequest, pk: Any) -> Done:
    """Out of the list and every choice, or back."""
    row = found(Campaign.objects.all(), pk)
    saved = campaigns.save_campaign(row, by=request.user, active=not row.active)  # type: ignore[arg-type]
    text = (
        _("%(name)s is back in the list.") if saved.active else _("%(name)s is put away; its figures stay.")
    )
    return Done(text % {"name": saved.name}, url=address(saved))


def address(row: Campaign) -> str:
    """The page of a campaign."""
    return reverse("outreach:campaign", args=[row.pk])
