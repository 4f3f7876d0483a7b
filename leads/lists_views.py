"""The list of leads, its filters, and asking before typing in (R1.5)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts import saved
from accounts.models import Hat, Team, User
from core.errors import RuleRefused
from core.web import nav, words
from core.web.answers import action, page
from core.web.context import moment
from core.web.listing import Listing
from leads import bulk, known, labels, lists, permissions, selectors
from leads.forms import CaptureForm, CheckForm
from leads.lists import OPEN, Asked
from leads.models import Label, Lead
from leads.rules import Segment, State
from outreach.models import Campaign
from outreach.rules import MEDIUM_NAMES

SHOWN_STATES = (State.NEW, State.MQL, State.SQL, State.CONVERTED, State.POOLED)


@page
@require_safe
def leads(request: HttpRequest) -> HttpResponse:
    """All leads that this person may see; what is chosen lies in the URL."""
    user: Any = request.user
    choice = saved.choice_of(user, lists.PAGE)
    if choice.view and not request.META.get("QUERY_STRING") and not request.htmx:  # type: ignore[attr-defined]
        first = f"{choice.view.query}&" if choice.view.query else ""
        return redirect(f"{reverse('leads:list')}?{first}view={choice.view.pk}")
    asked = Asked.of(request)
    seen = Lead.objects.visible_to(user)
    columns = asked.columns(choice.columns)
    rows = selectors.for_lists(asked.rows)
    if "labels" in dict(columns):
        rows = rows.prefetch_related("labels")
    default = "due_at" if asked.params.get("state") == State.SQL else "-created_at"
    listing = Listing(request, rows, lists.ORDERS, default)
    views = saved.views_of(user, lists.PAGE)
    counts = _counts(request, seen)
    context = {
        "listing": listing,
        "asked": asked,
        "taken": asked.taken(request.path),
        "columns": columns,
        "every_column": lists.offered(),
        "names": [name for name, _label in columns],
        "query": urlencode(asked.query),
        "kept": urlencode(asked.params),
        "views": views,
        "view": next((v for v in views if str(v.pk) == request.GET.get("view")), None),
        "first_view": choice.view_id,
        "may_share": saved.may_share(user),
        "actions": bulk.offered(user),
        "labels_on": labels.on(),
        "may_label": labels.may_edit(user),
        "states": [(code, State(code).label, nav.shown(counts[code]) or None) for code in SHOWN_STATES],
        "open": nav.shown(counts["open"]) or "0",
        "clock": counts[State.SQL],
        "last_day": counts["last_day"],
        "import_url": next((e.address for e in nav.entries(user) if e.name == "import"), ""),
        "may_capture": permissions.may_capture(user),
        "form": CaptureForm(),
        "check_form": CheckForm(),
        "q": request.GET.get("q", ""),
    }
    return render(request, "leads/leads.html", context)


def _counts(request: HttpRequest, seen: QuerySet[Lead]) -> dict[str, int]:
    """What stands where, each counted up to a limit, all in one query."""
    sets: dict[str, QuerySet[Lead]] = {code: seen.filter(state=code) for code in SHOWN_STATES}
    sets["open"] = seen.filter(state__in=OPEN)
    last_day = moment(request) + words.LAST_DAY
    sets["last_day"] = seen.filter(state=State.SQL, due_at__lte=last_day)
    return nav.count_many(sets)


@page
@require_safe
def filters(request: HttpRequest) -> HttpResponse:
    """The form of all filters, filled as they stand."""
    asked = Asked.of(request)
    reps = User.objects.active().filter(hats__overlap=[Hat.REP, Hat.MANAGER]).order_by("name")
    context = {
        "asked": asked,
        "values": asked.params,
        "picks": [
            ("owner", lists.NAMES["owner"], [(rep.login, rep.name) for rep in reps]),
            (
                "team",
                lists.NAMES["team"],
                [(name, name) for name in Team.objects.values_list("name", flat=True)],
            ),
            ("medium", lists.NAMES["medium"], list(MEDIUM_NAMES.items())),
            (
                "campaign",
                lists.NAMES["campaign"],
                [(n, n) for n in Campaign.objects.order_by("name").values_list("name", flat=True)[:300]],
            ),
            ("segment", lists.NAMES["segment"], Segment.choices),
        ],
        "days": [(n, lists.NAMES[n]) for n in ("due_after", "due_before", "created_after", "created_before")],
        "kept": [(n, v) for n, v in asked.params.items() if n in ("state", "q", "ordering", "columns")],
    }
    if labels.on():
        context["picks"].append(("label", lists.NAMES["label"], [(n, n) for n in _labels()]))  # type: ignore[attr-defined]
    template = "leads/list/filters.html" if request.htmx else "leads/list/filters_page.html"  # type: ignore[attr-defined]
    return render(request, template, context)


def _labels() -> list[str]:
    return list(Label.objects.values_list("name", flat=True))


@action
def check(request: HttpRequest) -> HttpResponse:
    """Who is known by what is being typed; what is not a phone or an e-mail yet is left for later (R1.5)."""
    values = {kind: request.POST.get(kind, "")[:254] for kind in ("phone", "email", "wechat")}
    company = request.POST.get("company_name", "")[:200].replace("\x00", "")
    values = known.only_whole(values)
    context: dict[str, Any] = {"nothing": not any(values.values()) and len(company.strip()) < 2}
    if not context["nothing"]:
        try:
            context["answer"] = known.check(by=request.user, values=values, company_name=company)  # type: ignore[arg-type]
        except RuleRefused:
            context["nothing"] = True
    context["asked"] = request.POST.get("asked") == "on"
    return render(request, "leads/list/known.html", context)


@page
@require_safe
def checking(request: HttpRequest) -> HttpResponse:
    """Asking by itself, as a page."""
    return render(request, "leads/list/check_page.html", {"check_form": CheckForm()})
