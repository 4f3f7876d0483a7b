"""The page of imports: drop a file, see what is in it, try, do it, watch it, take the refused rows home."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from core.errors import FieldError, Forbidden, RuleRefused
from core.models import Job
from core.web.answers import Done, action, cleaned, drawn, found, page
from intake import selectors, services
from intake.api import csv_of_rejects, on_disk
from intake.forms import MappingForm, SourceForm, UploadForm
from intake.models import Import
from intake.permissions import may_import
from intake.reading.limits import MAX_BYTES
from intake.reasons import words
from intake.services.start import columns_of

SHOWN = 20
OPEN = (Job.State.QUEUED, Job.State.RUNNING)


def index(request: HttpRequest) -> HttpResponse:
    """The page of imports; a file posted to it is tried."""
    return start(request) if request.method == "POST" else home(request)


@page
def home(request: HttpRequest) -> HttpResponse:
    """A place to drop a file, and the imports so far."""
    if not may_import(request.user):
        raise Forbidden(detail=_("Marketing, managers and administrators bring in files."))
    rows = Import.objects.visible_to(request.user).order_by("-job__asked_at", "-pk")[:SHOWN]
    now = selectors.real_now()
    lines = [{"import": row, "told": selectors.progress(row, now)} for row in rows]
    return render(request, "intake/home.html", {"form": UploadForm(), "lines": lines})


@action
def start(request: HttpRequest) -> Done:
    """Take in a file and try it: nothing is written before the person says so."""
    form = UploadForm(request.POST, request.FILES)
    told = cleaned(form)
    if told["file"].size > MAX_BYTES:
        message = words("file_too_large", {"limit": MAX_BYTES // 2**20})
        raise RuleRefused(errors=[FieldError("file", "file_too_large", message)])
    with on_disk(told["file"]) as path:
        made = services.start_import(
            path, by=request.user, name=told["file"].name, source=form.source(), dry_run=True
        )
    return Done(_("Looking at it. Nothing is imported yet."), url=_address(made))


@page
def one(request: HttpRequest, pk: Any) -> HttpResponse:
    """One import: its columns, what would come or has come of its rows, how far it is."""
    leads_file = found(Import.objects.visible_to(request.user), pk)
    return render(request, "intake/import.html", _told(leads_file))


def _told(leads_file: Import) -> dict[str, Any]:
    columns = columns_of(leads_file)
    tried = leads_file.dry_run and leads_file.job.state == Job.State.DONE and not leads_file.purged_at
    told = selectors.progress(leads_file)
    return {
        "import": leads_file,
        "told": told,
        "percent": selectors.percent(leads_file),
        "is_open": leads_file.job.state in OPEN,
        "failed": leads_file.job.state == Job.State.FAILED,
        "tried": tried,
        "refusal": selectors.refusal(leads_file),
        "coming": told["created"] + told["known"],
        "examples": _examples(leads_file) if leads_file.job.state == Job.State.DONE else [],
        "mapping": MappingForm(columns) if tried else None,
        "source": SourceForm(initial=_source(leads_file)) if tried else None,
    }


def _source(leads_file: Import) -> dict[str, str]:
    return {"channel": leads_file.channel, "campaign": leads_file.campaign, "medium": leads_file.medium}


def _examples(leads_file: Import) -> list[dict[str, Any]]:
    """What is shown of the rows: of a try all kinds, of an import that was done only the refused ones."""
    kinds = [("created", _("New")), ("known", _("Known"))] if leads_file.dry_run else []
    kinds.append(("rejected", _("Refused")))
    listed = [
        {"kind": kind, "title": title, "rows": selectors.examples(leads_file, kind)} for kind, title in kinds
    ]
    return [part for part in listed if part["rows"]]


@page
@require_GET
def progress(request: HttpRequest, pk: Any) -> HttpResponse:
    """How far it is; once it has ended, the whole page anew."""
    leads_file = found(Import.objects.visible_to(request.user), pk)
    if leads_file.job.state not in OPEN:
        return drawn(request, _address(leads_file))
    return render(request, "intake/progress.html", _told(leads_file))


@action
def confirm(request: HttpRequest, pk: Any) -> Done:
    """Do what was tried."""
    leads_file = found(Import.objects.visible_to(request.user), pk)
    services.confirm(leads_file, by=request.user)
    return Done(_("The import runs. You may leave this page."), url=_address(leads_file))


@action
def remap(request: HttpRequest, pk: Any) -> Done:
    """Try again with other columns or another source."""
    leads_file = found(Import.objects.visible_to(request.user), pk)
    columns = MappingForm(columns_of(leads_file), request.POST)
    source = SourceForm(request.POST)
    cleaned(source)
    cleaned(columns)
    services.remap(leads_file, mapping=columns.mapping(), source=source.source(), by=request.user)
    return Done(_("Tried again with these columns."), url=_address(leads_file))


@page
@require_GET
def rejects(request: HttpRequest, pk: Any) -> HttpResponse:
    """The refused rows as a file."""
    return csv_of_rejects(found(Import.objects.visible_to(request.user), pk))  # type: ignore[return-value]


def _address(leads_file: Import) -> str:
    return reverse("intake:one", args=[leads_file.pk])
