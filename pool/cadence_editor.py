"""The editor of a cadence: a form that works as a plain post; its steps are moved by buttons (R10.10)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from core.errors import RuleRefused, Stale
from core.locking import lock_one, verb
from core.web.answers import Done, action, cleaned, found, page
from outreach.models import Template
from outreach.permissions import require_editor
from outreach.tabs import tabs
from pool import cadence_forms as forms
from pool.cadence.editing import StepIn, WayIn, preview_change, save_cadence
from pool.cadence_diff import Told, differences, named, standing_words, told
from pool.cadence_reading import version_of
from pool.models import Cadence, CadenceVersion


def edit(request: HttpRequest, pk: Any = None) -> HttpResponse:
    """The form of a cadence, and what is done with it: steps moved, the change looked at, saved."""
    answer = _post(request, pk) if request.method == "POST" else _form(request, pk)
    return answer  # type: ignore[no-any-return]


@page
def _form(request: HttpRequest, pk: Any) -> HttpResponse:
    row, version = _loaded(request, pk)
    require_editor(request.user)
    facts, rows = forms.facts_of(row or Cadence(), version), forms.steps_of(version)
    return _drawn(request, row, version, facts=facts, rows=rows)


@action
def _post(request: HttpRequest, pk: Any) -> Done | HttpResponse:
    row, version = _loaded(request, pk)
    require_editor(request.user)
    do = request.POST.get("do", "")
    if do.partition(":")[0] in forms.OPS:
        rows, facts, look_at = forms.rearranged(request.POST, do)
        return _drawn(request, row, version, facts=facts, rows=rows, look_at=look_at, part="steps")
    choices = forms.template_choices(_used(version))
    steps = forms.Steps(request.POST, prefix="steps", templates=choices)
    form = forms.CadenceForm(request.POST, steps=_how_many(steps))
    if do == "check":
        return _looked_at(request, row, version, form, steps)
    try:
        said = _read(form, steps, version)
        saved = _saved(request, row, said)
    except RuleRefused as refusal:
        refusal.errors = [forms.beside(error) for error in refusal.errors]
        if request.htmx:
            raise
        return _drawn(request, row, version, bound=(form, steps), refusal=refusal)
    text = _("Saved.") if row else _("Saved. It begins when you start it.")
    return Done(text, url=reverse("pool:cadence", args=[saved.pk]))


def _loaded(request: HttpRequest, pk: Any) -> tuple[Cadence | None, CadenceVersion | None]:
    if pk is None:
        return None, None
    row = found(Cadence.objects.visible_to(request.user), pk)
    return row, version_of(row)


def _used(version: CadenceVersion | None) -> set[Any]:
    if version is None:
        return set()
    return {way.template_id for step in version.steps.all() for way in step.ways.all()}


def _next_number(version: CadenceVersion | None) -> int:
    return version.number + 1 if version else 1


def _how_many(steps: Any) -> int:
    return min(steps.total_form_count(), forms.MOST) if steps.management_form.is_valid() else 0


def _read(form: Any, steps: Any, version: CadenceVersion | None) -> dict[str, Any]:
    """What the verb is asked for. Raises RuleRefused with every field that is wrong, of the steps too."""
    if not steps.management_form.is_valid():
        cleaned(steps.management_form)
    errors = []
    for part in (form, *steps.forms):
        try:
            cleaned(part)
        except RuleRefused as refusal:
            errors += refusal.errors
    if errors:
        raise RuleRefused("invalid", _("Not saved yet. Please look at this again:"), errors=errors)
    rows = steps.said()
    templates = Template.objects.in_bulk({pk for row in rows for pk in row["templates"]}, field_name="pk")
    known = {step.key for step in version.steps.all()} if version else set()
    by_id = {str(pk): template for pk, template in templates.items()}
    asked = [
        StepIn(
            wait_minutes=row["wait_minutes"],
            ways=[WayIn(by_id[pk].channel, by_id[pk]) for pk in row["templates"] if pk in by_id],
            condition=row["condition"],
            key=row["key"] if row["key"] in known else None,
        )
        for row in rows
    ]
    return {**form.said(), "steps": asked, "keys": [str(row["key"]) for row in rows]}


def _saved(request: HttpRequest, row: Cadence | None, said: dict[str, Any]) -> Cadence:
    """Save it, if nobody else has since it was opened. Raises Stale (412)."""
    asked = {name: value for name, value in said.items() if name != "keys"}
    opened_at = request.POST.get("version", "")

    @verb
    def run() -> Cadence:
        if (
            row is not None
            and opened_at
            and opened_at != str(lock_one(Cadence.objects.all(), row.pk).version)
        ):
            raise Stale()
        return save_cadence(row, by=request.user, **asked)

    return run()


def _looked_at(
    request: HttpRequest, row: Cadence | None, version: CadenceVersion | None, form: Any, steps: Any
) -> HttpResponse:
    """What the change would do, before it is saved; what is still being typed is no error yet."""
    context: dict[str, Any] = {"cadence": row, "version": version, "next_number": _next_number(version)}
    try:
        said = _read(form, steps, version)
    except RuleRefused as refusal:
        context["wrong"] = len(refusal.errors)
    else:
        context |= changes(row, version, said)
    if request.htmx:
        return render(request, "pool/cadence_changes.html", context)
    return _drawn(request, row, version, bound=(form, steps), more=context)


def changes(row: Cadence | None, version: CadenceVersion | None, said: dict[str, Any]) -> dict[str, Any]:
    """What differs from the version in force, and what it means for those who stand in it (R10.8)."""
    after = [
        Told(key, step.wait_minutes, step.condition, tuple(named(way.template) for way in step.ways))
        for key, step in zip(said["keys"], said["steps"], strict=True)
    ]
    end = (said["repeat_from"], said["then_segment"])
    before = (version.repeat_from, version.then_segment) if version else (None, "")
    context: dict[str, Any] = {"looked": True, "differences": differences(told(version), after, before, end)}
    if row is not None:
        change = preview_change(row, said["steps"], repeat_from=end[0], then_segment=end[1])
        context["standing"] = standing_words(change)
    return context


def _drawn(
    request: HttpRequest,
    row: Cadence | None,
    version: CadenceVersion | None,
    *,
    facts: dict[str, Any] | None = None,
    rows: list[dict[str, Any]] | None = None,
    bound: tuple[Any, Any] | None = None,
    refusal: RuleRefused | None = None,
    look_at: int | None = None,
    part: str = "",
    more: dict[str, Any] | None = None,
) -> HttpResponse:
    """The editor, filled with facts and rows or with what was posted; by htmx just its steps."""
    if bound is None:
        choices = forms.template_choices(_used(version))
        steps = forms.Steps(prefix="steps", initial=rows, templates=choices)
        form = forms.CadenceForm(initial=facts, steps=len(rows or []))
    else:
        form, steps = bound
    context = {
        **tabs(request, "cadences"),
        "cadence": row,
        "version": version,
        "next_number": _next_number(version),
        "facts": form,
        "steps": steps,
        "look_at": look_at,
        "post": reverse("pool:edit_cadence", args=[row.pk]) if row else reverse("pool:new_cadence"),
        "refusal": _unplaced(form, steps, refusal),
        **(more or {}),
    }
    if part and request.htmx:
        response = render(request, "pool/cadence_steps.html", context)
        response["HX-Trigger-After-Settle"] = "cadence:moved"
        return response
    return render(request, "pool/cadence_edit.html", context, status=refusal.status if refusal else 200)


def _unplaced(form: Any, steps: Any, refusal: RuleRefused | None) -> RuleRefused | None:
    """Put what was refused beside its fields; answers the refusal with what has no field."""
    if refusal is None:
        return None
    left = []
    named = {one.add_prefix(name): (one, name) for one in (form, *steps.forms) for name in one.fields}
    for error in refusal.errors:
        one, name = named.get(error.field, (None, ""))
        if one is None:
            left.append(error)
        elif str(error.message) not in one.errors.get(name, []):
            one.add_error(name, error.message)
    refusal.errors = left
    return refusal
