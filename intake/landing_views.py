"""Marketing's pages of forms and events: make one, embed it, see who came of it and who came to it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from core.errors import Forbidden
from core.web.answers import Done, action, cleaned, found, page
from core.web.listing import Listing, one_of
from intake import form_rules, permissions, qr, services
from intake.api import on_disk
from intake.landing_forms import AttendedForm, LandingFormForm
from intake.models import LandingForm, Registration
from leads.models import Lead
from leads.selectors import reach
from outreach.tabs import tabs

ORDERS = {"created_at": "created_at", "starts_at": "starts_at", "title": "title"}


def _require_reader(request: HttpRequest) -> None:
    if not permissions.may_see_forms(request.user):
        raise Forbidden(detail=_("Marketing makes forms and events, managers see what comes of them."))


@page
@require_safe
def forms(request: HttpRequest) -> HttpResponse:
    """All forms and events with what came of them."""
    _require_reader(request)
    rows = LandingForm.objects.filter(active=request.GET.get("show") != "closed").select_related("campaign")
    if kind := one_of(request, "kind", LandingForm.Kind.values):
        rows = rows.filter(kind=kind)
    rows = rows.annotate(
        registered=Count("registrations"),
        fresh=Count("registrations", filter=Q(registrations__new=True)),
        came=Count("registrations", filter=Q(registrations__attended_at__isnull=False)),
    )
    context = {
        **tabs(request, "forms"),
        "listing": Listing(request, rows, ORDERS, "-created_at"),
        "kinds": LandingForm.Kind.choices,
        "may_edit": permissions.may_edit_forms(request.user),
    }
    return render(request, "intake/landing/forms.html", context)


def new(request: HttpRequest) -> HttpResponse:
    """The page of a new form; what is posted to it is made."""
    return save(request) if request.method == "POST" else edit(request)


def change(request: HttpRequest, pk: Any) -> HttpResponse:
    """The page on which a form is changed; what is posted to it is kept."""
    return save(request, pk) if request.method == "POST" else edit(request, pk)


@page
@require_safe
def edit(request: HttpRequest, pk: Any = None) -> HttpResponse:
    """A form to be written."""
    if not permissions.may_edit_forms(request.user):
        raise Forbidden(detail=_("Marketing and administrators make forms."))
    row = found(LandingForm.objects.all(), pk) if pk else None
    asked = {"campaign": request.GET.get("campaign", "")} if request.GET.get("campaign") else {}
    context = {**tabs(request, "forms"), "row": row, "form": LandingFormForm(form=row, initial=asked)}
    return render(request, "intake/landing/edit.html", context)


@action
def save(request: HttpRequest, pk: Any = None) -> Done:
    """Make a form, or change one."""
    if not permissions.may_edit_forms(request.user):
        raise Forbidden(detail=_("Marketing and administrators make forms."))
    row = found(LandingForm.objects.all(), pk) if pk else None
    form = LandingFormForm(request.POST, form=row)
    cleaned(form)
    saved = services.save_form(row, by=request.user, **form.told())
    text = _("“%(title)s” is changed.") if row else _("“%(title)s” is online.")
    return Done(text % {"title": saved.title}, url=reverse("intake:form", args=[saved.pk]))


@page
@require_safe
def one(request: HttpRequest, pk: Any) -> HttpResponse:
    """One form: where it stands, how to embed it, who filled it in and who came."""
    _require_reader(request)
    row = found(LandingForm.objects.select_related("campaign", "product", "by"), pk)
    return render(request, "intake/landing/form.html", {**tabs(request, "forms"), **_told(request, row)})


def _told(request: HttpRequest, row: LandingForm) -> dict[str, Any]:
    rows = row.registrations.select_related("contact")
    counts = rows.aggregate(
        registered=Count("pk"),
        new=Count("pk", filter=Q(new=True)),
        came=Count("pk", filter=Q(attended_at__isnull=False)),
    )
    show = one_of(request, "show", ("came", "missing", "new"))
    if show:
        shown = {
            "came": Q(attended_at__isnull=False),
            "missing": Q(attended_at__isnull=True),
            "new": Q(new=True),
        }
        rows = rows.filter(shown[show])
    listing = Listing(request, rows, {"at": "at"}, "-at")
    leads = {
        lead.contact_id: lead
        for lead in Lead.objects.visible_to(request.user)
        .filter(contact__in=[line.contact_id for line in listing])
        .select_related("contact", "owner")
        .prefetch_related("contact__points")
    }
    address = settings.SITE_URL + reverse("intake_public:form", args=[row.slug])
    door = settings.SITE_URL + reverse("intake_public:door", args=[row.slug, row.door_key])
    return {
        "row": row,
        "counts": counts,
        "listing": listing,
        "lines": [
            {"row": line, "lead": lead, "reach": _first_way(lead) if lead else ""}
            for line in listing
            for lead in [leads.get(line.contact_id)]
        ],
        "address": address,
        "snippet": snippet(row, address),
        "code": qr.data_url(address),
        "door": door if row.is_event else "",
        "door_code": qr.data_url(door) if row.is_event else "",
        "attended": AttendedForm(),
        "may_edit": permissions.may_edit_forms(request.user),
    }


def _first_way(lead: Lead) -> str:
    """How this person is reached, masked while they lie in the pool (R10.4)."""
    known = reach(lead)
    return next((known[kind] for kind in form_rules.REACH if known.get(kind)), "")


def snippet(row: LandingForm, address: str) -> str:
    """What is pasted into a page of the firm's own: a plain form, no script, so that any page takes it."""
    from django.template.loader import render_to_string
    from django.utils import translation

    with translation.override(row.language):
        lines = [
            {
                "name": name,
                "label": form_rules.FIELDS[name],
                "needed": needed,
                "most": form_rules.LENGTHS[name],
            }
            for name, needed in row.asked.items()
        ]
        context = {"form": row, "lines": lines, "address": address, "honeypot": form_rules.HONEYPOT}
        return render_to_string("intake/landing/snippet.html", context).strip()


@action
def mark(request: HttpRequest, pk: Any) -> Done:
    """Somebody came: told by hand."""
    row = found(Registration.objects.all(), pk)
    services.attend(row, way=Registration.Way.HAND, by=request.user)
    return Done(_("Marked as here."), url=reverse("intake:form", args=[row.form_id]))


@action
def attended(request: HttpRequest, pk: Any) -> Done | HttpResponse:
    """A list of who came: first what would come of it, then it is done."""
    row = found(LandingForm.objects.select_related("campaign"), pk)
    told = cleaned(AttendedForm(request.POST, request.FILES))
    sure = request.POST.get("sure") == "yes"
    with on_disk(told["file"]) as path:
        result = services.attend_list(row, path, by=request.user, dry_run=not sure)
    if not sure:
        return render(request, "intake/landing/attended.html", {"row": row, "told": result})
    text = ngettext("%(n)s person came.", "%(n)s people came.", result.came) % {"n": result.came}
    if result.refused:
        left = len(result.refused)
        text += " " + ngettext("%(n)s row could not be read.", "%(n)s rows could not be read.", left) % {
            "n": left
        }
    return Done(text, url=reverse("intake:form", args=[row.pk]))
