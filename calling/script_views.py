"""Scripts in the browser: list, editor with preview, versions with their figures (R2.4)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import User
from calling import selectors, services
from calling.desk import spoken
from calling.models import Script, ScriptVersion
from calling.rules import STEPS
from calling.script_form import BLANK, posted
from core.errors import Forbidden
from core.web.answers import Done, action, found, page

VERSIONS = 50


@page
@require_safe
def scripts(request: HttpRequest) -> HttpResponse:
    """All scripts, each with its version in use and what it has brought."""
    _require_editor(request)
    rows = list(Script.objects.order_by("-active", "-is_default", "name"))
    versions = (
        ScriptVersion.objects.filter(script__in=rows).select_related("by").order_by("script_id", "-number")
    )
    latest = {v.script_id: v for v in versions.distinct("script_id")}
    ids = list(ScriptVersion.objects.filter(script__in=rows).values_list("pk", "script_id"))
    figures = selectors.funnel(pk for pk, _script in ids)
    sums: dict[Any, dict[str, int]] = {row.pk: dict.fromkeys(selectors.FUNNEL, 0) for row in rows}
    for pk, script_id in ids:
        for name in selectors.FUNNEL:
            sums[script_id][name] += figures[pk][name]
    active = services.active_version()
    listed = [{"script": row, "version": latest.get(row.pk), "figures": sums[row.pk]} for row in rows]
    return render(
        request, "calling/scripts.html", {"rows": listed, "in_use": active.script_id if active else None}
    )


@page
@require_safe
def new(request: HttpRequest) -> HttpResponse:
    """The editor, empty."""
    _require_editor(request)
    first = not Script.objects.exists()
    return render(request, "calling/script.html", _editor(request, None, BLANK) | {"is_default": first})


@page
@require_safe
def script(request: HttpRequest, pk: Any) -> HttpResponse:
    """One script: its latest version to edit, and all versions with their figures."""
    _require_editor(request)
    row = found(Script.objects.all(), pk)
    versions = list(row.versions.select_related("by")[:VERSIONS])
    figures = selectors.funnel(version.pk for version in versions)
    context = _editor(request, row, versions[0].steps if versions else BLANK)
    context["versions"] = [
        {"version": v, "figures": figures[v.pk], "steps": spoken(v.steps, {})} for v in versions
    ]
    return render(request, "calling/script.html", context)


@action
def save(request: HttpRequest, pk: Any = None) -> Done:
    """A new script, or a new version of one; what was said before stays as it was (R2.4)."""
    editor = _require_editor(request)
    row = found(Script.objects.all(), pk) if pk else None
    before = row.versions.first() if row else None
    version = services.save_script(row, by=editor, **posted(request.POST))
    same = before is not None and before.pk == version.pk
    text = _("Saved.") if same else _("Saved as version %(n)s.") % {"n": version.number}
    return Done(text, url=reverse("calling:script", args=[version.script_id]))


@action
def preview(request: HttpRequest) -> HttpResponse:
    """What is being written, as the desk would show it; nothing is kept."""
    _require_editor(request)
    steps = posted(request.POST)["steps"]
    return render(request, "calling/preview.html", {"steps": _shown(request, steps), "preview": True})


def _editor(request: HttpRequest, row: Script | None, steps: list[dict[str, Any]]) -> dict[str, Any]:
    numbered = [{**step, "number": n} for n, step in zip(STEPS, steps, strict=False)]
    return {
        "script": row,
        "edited": numbered,
        "steps": _shown(request, steps),
        "preview": True,
        "active": row.active if row else True,
        "is_default": row.is_default if row else False,
    }


def _shown(request: HttpRequest, steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The steps with an example of a person in them."""
    filled = {
        "{name}": _("Ms Li"),
        "{company}": _("Morning Light Ltd"),
        "{me}": _require_editor(request).name,
    }
    return spoken(steps, filled)


def _require_editor(request: HttpRequest) -> User:
    user: User = request.user  # type: ignore[assignment]
    if not services.may_edit(user):
        raise Forbidden(detail=_("Marketing, managers and administrators write the scripts."))
    return user
