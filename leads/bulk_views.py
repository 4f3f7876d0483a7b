"""One action on what is ticked, or on all that the filters match: the form, the preview, the answer row by row."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import ngettext

from core.errors import NotFound
from core.web.answers import action, add_toast, back, cleaned
from core.web.context import moment
from leads import bulk
from leads.lists import Asked

PREVIEWED = 200


@action
def choose(request: HttpRequest) -> HttpResponse:
    """The form of the action, with what it would do as soon as it can be told."""
    chosen, ids, more = _asked(request)
    form = chosen.form()
    context = {"action": chosen, "form": form, "ids": ids, "more": more, "most": bulk.MOST}
    return render(request, _template(request, "form"), context)


@action
def preview(request: HttpRequest) -> HttpResponse:
    """What would become of each; nothing is changed."""
    chosen, ids, _more = _asked(request)
    form = chosen.form(request.POST)
    if not form.is_valid():
        return render(request, "leads/list/bulk_rows.html", {"waiting": True})
    rows = bulk.preview(chosen, ids, form.cleaned_data, by=request.user, at=moment(request))  # type: ignore[arg-type]
    return render(
        request, "leads/list/bulk_rows.html", {**_told(rows), "shown": rows[:PREVIEWED], "dry": True}
    )


@action
def run(request: HttpRequest) -> HttpResponse:
    """Do it; every lead has an answer of its own."""
    chosen, ids, _more = _asked(request)
    data = cleaned(chosen.form(request.POST))
    rows = bulk.run(chosen, ids, data, by=request.user, at=moment(request))  # type: ignore[arg-type]
    told = _told(rows)
    response = render(
        request, _template(request, "done"), {**told, "shown": rows, "action": chosen, "back": back(request)}
    )
    done, refused = told["done"], told["refused"]
    text = ngettext("%(n)s lead done.", "%(n)s leads done.", done) % {"n": done}
    if refused:
        text += " " + ngettext("%(n)s was refused.", "%(n)s were refused.", refused) % {"n": refused}
    add_toast(response, text)
    return response


def _template(request: Any, name: str) -> str:
    return f"leads/list/bulk_{name}.html" if request.htmx else f"leads/list/bulk_{name}_page.html"


def _told(rows: list[bulk.Row]) -> dict[str, Any]:
    """How many of each, and the reasons of the refusals with how often."""
    refused = [row for row in rows if not row.ok]
    reasons: dict[str, int] = {}
    for row in refused:
        reasons[row.then] = reasons.get(row.then, 0) + 1
    order = sorted(reasons.items(), key=lambda item: -item[1])
    return {"done": len(rows) - len(refused), "refused": len(refused), "reasons": order}


def _asked(request: HttpRequest) -> tuple[bulk.Action, list[Any], bool]:
    """(the action, the leads, whether the filters match more than are taken)."""
    known = {found.name: found for found in bulk.offered(request.user)}  # type: ignore[arg-type]
    chosen = known.get(request.POST.get("action", ""))
    if chosen is None:
        raise NotFound
    if request.POST.get("all") != "on":
        return chosen, list(bulk.ids_of(request.POST.getlist("lead"))), False
    params = QueryDict(request.POST.get("query", "")[:2000]).dict()
    rows = Asked(params, request.user).rows.order_by("-created_at", "-pk")  # type: ignore[arg-type]
    ids = list(rows.values_list("pk", flat=True)[: bulk.MOST + 1])
    return chosen, ids[: bulk.MOST], len(ids) > bulk.MOST
