"""The list of labels and the labels of one lead: load → verb → answer (R0.2)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from core import rulebook
from core.errors import NotFound
from core.web.answers import Done, action, found, page
from leads import labels
from leads.actions import actionable
from leads.models import Label


@page
@require_safe
def all_labels(request: HttpRequest) -> HttpResponse:
    """The labels there are, for who keeps the list."""
    if not labels.on() or not labels.may_edit(request.user):  # type: ignore[arg-type]
        raise NotFound
    rows = list(Label.objects.all())
    return render(request, "leads/list/labels.html", {"labels": rows, "most": rulebook.get("labels_most")})


def _here() -> str:
    return reverse("leads:labels")


@action
def make(request: HttpRequest) -> Done:
    """A new label."""
    label = labels.make(by=request.user, name=request.POST.get("name", ""))  # type: ignore[arg-type]
    return Done(_("Label “%(name)s” made.") % {"name": label.name}, url=_here())


@action
def rename(request: HttpRequest, pk: Any) -> Done:
    """Another word for it."""
    label = found(Label.objects.all(), pk)
    label = labels.rename(label, by=request.user, name=request.POST.get("name", ""))  # type: ignore[arg-type]
    return Done(_("It is called “%(name)s” now.") % {"name": label.name}, url=_here())


@action
def delete(request: HttpRequest, pk: Any) -> Done:
    """Off the list and off every lead."""
    off = labels.delete(found(Label.objects.all(), pk), by=request.user)  # type: ignore[arg-type]
    text = ngettext("Deleted; %(n)s lead had it.", "Deleted; %(n)s leads had it.", off) % {"n": off}
    return Done(text, url=_here())


@action
def put(request: HttpRequest, pk: Any) -> Done:
    """The labels that this lead bears from now on."""
    lead = actionable(request, pk)
    chosen = set(request.POST.getlist("label"))
    every = list(Label.objects.all())
    labels.put(
        lead,
        by=request.user,  # type: ignore[arg-type]
        labels=[label for label in every if str(label.pk) in chosen],
        off=[label for label in every if str(label.pk) not in chosen],
    )
    return Done(_("Labels kept."))
