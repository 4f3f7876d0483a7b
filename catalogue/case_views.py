"""Pages of cases and videos, and the list of what is missing (R8.6)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from catalogue import forms, selectors, services
from catalogue.models import Case, Product
from catalogue.views import tabs
from core.ids import as_uuid
from core.web.answers import Done, action, cleaned, found, page
from core.web.listing import Listing, one_of

ORDERS = {"created_at": "created_at", "title": "title"}


@page
@require_safe
def cases(request: HttpRequest) -> HttpResponse:
    """What marketing filed, by product and industry."""
    kind = one_of(request, "kind", Case.Kind.values)
    show = one_of(request, "show", ("away",))
    rows = Case.objects.filter(active=show != "away").select_related("product", "by")
    if kind:
        rows = rows.filter(kind=kind)
    if pk := as_uuid(request.GET.get("product", "")):
        rows = rows.filter(Q(product=pk) | Q(product__isnull=True))
    q = request.GET.get("q", "").replace("\x00", "").strip()[:200]
    if q:
        rows = rows.filter(Q(title__icontains=q) | Q(industry__icontains=q) | Q(product__name__icontains=q))
    context = {
        **tabs(request, "cases"),
        "listing": Listing(request, rows, ORDERS, "-created_at"),
        "kinds": Case.Kind.choices,
        "chosen": Product.objects.filter(pk=pk).first() if pk else None,
        "q": q,
    }
    return render(request, "catalogue/cases.html", context)


@page
@require_safe
def gaps(request: HttpRequest) -> HttpResponse:
    """Product × industry for which nothing is filed, with the opportunities that wait."""
    user: Any = request.user
    services.require_editor(user)
    found_gaps = selectors.gaps(user)
    context = {
        **tabs(request, "gaps"),
        "lines": [{"gap": gap, "file": _file(gap), "waiting": _waiting(gap)} for gap in found_gaps],
        "waits": sum(gap.waiting for gap in found_gaps),
        "filed": Case.objects.filter(active=True).exists(),
    }
    return render(request, "catalogue/gaps.html", context)


def _file(gap: selectors.Gap) -> str:
    """The form with what is missing filled in."""
    asked = {"product": gap.product_id, "industry": gap.industry, "from": "gaps"}
    return f"{reverse('catalogue:new_case')}?{urlencode(asked)}"


def _waiting(gap: selectors.Gap) -> str:
    """The opportunities that wait for it; the app above lists them."""
    asked = {
        "view": "list",
        "stage": "confirmed,experience",
        "product": gap.product_id,
        "industry": gap.industry or "-",
    }
    try:
        return f"{reverse('opportunities:pipeline')}?{urlencode(asked)}"
    except NoReverseMatch:
        return ""


def new_case(request: HttpRequest) -> HttpResponse:
    """The page of a new case; what is posted to it is filed."""
    return file_case(request) if request.method == "POST" else case_form(request)


def case(request: HttpRequest, pk: Any) -> HttpResponse:
    """The page of one case; what is posted to it is kept."""
    return file_case(request, pk) if request.method == "POST" else case_form(request, pk)


@page
@require_safe
def case_form(request: HttpRequest, pk: Any = None) -> HttpResponse:
    """A case to be written, or read by who may not."""
    user: Any = request.user
    if pk is None:
        services.require_editor(user)
    row = found(Case.objects.select_related("product", "by"), pk) if pk else None
    context: dict[str, Any] = {"case": row, "may_edit": services.may_edit(user)}
    if context["may_edit"]:
        context["industries"] = selectors.industries(user)
        context["form"] = _form(row, request)
    context["from"] = request.GET.get("from", "")
    return render(request, "catalogue/case.html", context)


def _form(row: Case | None, request: HttpRequest) -> forms.CaseForm:
    if row is None:
        asked = {"industry": request.GET.get("industry", "")[:80], "product": None}
        asked["product"] = as_uuid(request.GET.get("product", ""))  # type: ignore[assignment]
        return forms.CaseForm(initial=asked)
    names = ("kind", "title", "url", "summary", "industry", "active")
    known = {name: getattr(row, name) for name in names}
    return forms.ChangedCaseForm(initial={**known, "product": row.product_id})


@action
def file_case(request: HttpRequest, pk: Any = None) -> Done:
    """File a case or video, or change one."""
    services.require_editor(request.user)  # type: ignore[arg-type]
    row = found(Case.objects.all(), pk) if pk else None
    form = forms.ChangedCaseForm if row else forms.CaseForm
    saved = services.save_case(row, by=request.user, **cleaned(form(request.POST)))  # type: ignore[arg-type]
    back = "catalogue:gaps" if request.POST.get("from") == "gaps" else "catalogue:cases"
    text = _("“%(title)s” is changed.") if row else _("“%(title)s” is filed: reps see it from now on.")
    return Done(text % {"title": saved.title}, url=reverse(back))
