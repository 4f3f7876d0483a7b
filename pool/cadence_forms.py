"""The editor of a cadence: what was typed, its steps moved about, and what the verb says of it beside its field."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.errors import FieldError
from leads.rules import Segment
from outreach.models import Template
from outreach.rules import ChannelKind, Goal
from pool.cadence_words import DAY, UNITS, parts_of
from pool.models import Cadence, CadenceStep, CadenceVersion

WAYS, SHOWN = 6, 3
MOST = 40  # steps that a form may send; how many a cadence may have is the verb's to say
MOST_WAIT = 2**31 - 1
ENDS, AGAIN, ON = "end", "again", "on"
WAY_FIELDS = [f"way_{n}" for n in range(1, WAYS + 1)]
STEP_FIELDS = ["key", "wait", "unit", "condition", *WAY_FIELDS]
OPS = ("add", "up", "down", "drop")


def template_choices(used: Iterable[Any] = ()) -> list[tuple[Any, Any]]:
    """The templates in use by channel; of those that are not any more only what the cadence has already."""
    taken, labels = set(used), dict(ChannelKind.choices)
    groups: dict[str, list[tuple[str, str]]] = {code: [] for code in ChannelKind.values}
    for row in Template.objects.only("pk", "code", "channel", "name", "active"):
        if row.active or row.pk in taken:
            # A closed choice does not show its group: the channel stands before the name.
            groups[row.channel].append((str(row.pk), f"{labels[row.channel]} · {row}"))
    return [(label, groups[code]) for code, label in ChannelKind.choices if groups[code]]


class CadenceForm(forms.Form):
    """What a cadence is for, whom it reaches, and what comes after its last step."""

    segment = forms.ChoiceField(label=_("For whom"), choices=[("", "–"), *Segment.choices])
    name = forms.CharField(
        label=pgettext_lazy("cadence", "Name"),
        max_length=80,
        required=False,
        help_text=_("Empty: called as its segment is."),
    )
    goal = forms.ChoiceField(label=_("Goal"), choices=Goal.choices, widget=forms.RadioSelect)
    end = forms.ChoiceField(
        label=_("After the last step"),
        choices=[
            (AGAIN, _("start again at a step")),
            (ON, _("move on to another segment")),
            (ENDS, _("it ends here")),
        ],
        widget=forms.RadioSelect,
    )
    repeat_from = forms.TypedChoiceField(label=_("Again from"), coerce=int, required=False, empty_value=None)
    then_segment = forms.ChoiceField(label=_("On to"), required=False, choices=[("", "–"), *Segment.choices])

    def __init__(self, *args: Any, steps: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        numbers = [(n, _("step %(n)s") % {"n": n}) for n in range(1, steps + 1)]
        self.fields["repeat_from"].choices = [("", "–"), *numbers]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """What follows the last step is what was chosen, whatever stands in the other fields."""
        data = super().clean() or {}
        end = data.get("end")
        for name, chosen in (("repeat_from", AGAIN), ("then_segment", ON)):
            if end and end != chosen:
                self.errors.pop(name, None)
        if end == AGAIN and not data.get("repeat_from") and "repeat_from" not in self.errors:
            self.add_error("repeat_from", forms.ValidationError(_("From which step on?"), code="required"))
        if end == ON and not data.get("then_segment") and "then_segment" not in self.errors:
            self.add_error("then_segment", forms.ValidationError(_("To which segment?"), code="required"))
        return data

    def said(self) -> dict[str, Any]:
        """The valid form as the verb takes it."""
        data = self.cleaned_data
        return {
            "name": data["name"],
            "segment": data["segment"],
            "goal": data["goal"],
            "repeat_from": data.get("repeat_from") if data["end"] == AGAIN else None,
            "then_segment": data.get("then_segment", "") if data["end"] == ON else "",
        }


class StepForm(forms.Form):
    """One step: how long after the one before, when, and by which ways."""

    key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    wait = forms.IntegerField(
        label=_("Wait"),
        min_value=0,
        max_value=MOST_WAIT,
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "min": "0", "step": "1"}),
    )
    unit = forms.TypedChoiceField(label=_("Unit"), coerce=int, choices=UNITS)
    condition = forms.ChoiceField(label=_("Condition"), choices=CadenceStep.Condition.choices)
    way_1 = forms.ChoiceField(label=_("Send"))
    way_2 = forms.ChoiceField(label=_("If that cannot reach them"), required=False)
    way_3 = forms.ChoiceField(label=_("Else"), required=False)
    way_4 = forms.ChoiceField(label=_("Else"), required=False)
    way_5 = forms.ChoiceField(label=_("Else"), required=False)
    way_6 = forms.ChoiceField(label=_("Else"), required=False)

    @property
    def ways(self) -> list[forms.BoundField]:
        """The ways that are shown: a few, and those beyond that were filled in by another program."""
        bound = [self[name] for name in WAY_FIELDS]
        filled = [n for n, one in enumerate(bound, start=1) if one.value()]
        return bound[: max(SHOWN, *filled)] if filled else bound[:SHOWN]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("wait") is not None and data.get("unit") and data["wait"] * data["unit"] > MOST_WAIT:
            self.add_error("wait", forms.ValidationError(_("This is too long."), code="out_of_range"))
        return data


class _Steps(forms.BaseFormSet):
    """The steps in their order; the choice of templates is asked of the database once for all of them."""

    def __init__(self, *args: Any, templates: Any, **kwargs: Any) -> None:
        self.templates = templates
        super().__init__(*args, **kwargs)

    def add_fields(self, form: forms.Form, index: int | None) -> None:
        super().add_fields(form, index)
        for name in WAY_FIELDS:
            first = ("", _("– choose what they get –") if name == "way_1" else "–")
            form.fields[name].choices = [first, *self.templates]  # type: ignore[attr-defined]

    def said(self) -> list[dict[str, Any]]:
        """The valid steps as they were filled in: key, wait, condition and the ids of the templates."""
        found = []
        for form in self.forms:
            data = form.cleaned_data
            found.append(
                {
                    "key": data.get("key") or uuid4(),
                    "wait_minutes": data["wait"] * data["unit"],
                    "condition": data["condition"],
                    "templates": [data[name] for name in WAY_FIELDS if data[name]],
                }
            )
        return found


Steps = forms.formset_factory(
    StepForm, formset=_Steps, extra=0, max_num=MOST, absolute_max=MOST, validate_max=True
)


def steps_of(version: CadenceVersion | None) -> list[dict[str, Any]]:
    """The steps of a version as the form shows them; of a new cadence one to begin with."""
    if version is None:
        return [blank()]
    rows = []
    for step in version.steps.all():
        number, unit = parts_of(step.wait_minutes)
        ways = [str(way.template_id) for way in step.ways.all()]
        filled = dict(zip(WAY_FIELDS, ways, strict=False))
        rows.append(
            {"key": str(step.key), "wait": number, "unit": unit, "condition": step.condition, **filled}
        )
    return rows


def blank() -> dict[str, Any]:
    """A step that nobody has filled in."""
    return {"key": str(uuid4()), "wait": 7, "unit": DAY, "condition": CadenceStep.Condition.ALWAYS}


def facts_of(cadence: Cadence, version: CadenceVersion | None) -> dict[str, Any]:
    """What a cadence is, as the form shows it."""
    repeat = version.repeat_from if version else None
    then = version.then_segment if version else ""
    return {
        "segment": cadence.segment,
        "name": cadence.name,
        "goal": cadence.goal,
        "end": AGAIN if repeat else ON if then else ENDS,
        "repeat_from": repeat or "",
        "then_segment": then,
    }


def typed(data: QueryDict) -> list[dict[str, str]]:
    """The steps as they were typed, right or wrong; at most as many as a form may send."""
    rows: list[dict[str, str]] = []
    while len(rows) < MOST and f"steps-{len(rows)}-wait" in data:
        n = len(rows)
        rows.append({name: data.get(f"steps-{n}-{name}", "")[:80] for name in STEP_FIELDS})
    return rows


def rearranged(data: QueryDict, do: str) -> tuple[list[dict[str, Any]], dict[str, str], int]:
    """The steps after `add:2`, `up:2`, `down:2` or `drop:2` (counted from 0), the facts, and which step to look at.

    Where it starts again goes along with its step.
    """
    rows: list[dict[str, Any]] = list(typed(data))
    facts = {name: data.get(name, "")[:80] for name in CadenceForm.base_fields}
    op, _colon, place = do.partition(":")
    at = int(place) if re.fullmatch(r"\d{1,2}", place, re.ASCII) else -1
    order: list[int | None] = list(range(len(rows)))
    if op == "add" and len(rows) < MOST:
        at = min(max(at, -1), len(rows) - 1) + 1
        order.insert(at, None)
    elif op in ("up", "down") and 0 <= at < len(rows):
        to = at + (1 if op == "down" else -1)
        if 0 <= to < len(rows):
            order[at], order[to] = order[to], order[at]
            at = to
    elif op == "drop" and 0 <= at < len(rows):
        del order[at]
        at = min(at, len(order) - 1)
    found = [blank() if n is None else rows[n] for n in order]
    again = facts["repeat_from"]
    if again.isdecimal():
        was = int(again[:4]) - 1
        facts["repeat_from"] = str(order.index(was) + 1) if was in order else ""
    return found, facts, max(at, 0)


_COUNTED = re.compile(r"\b(steps|ways)\.(\d+)")
_WAY = re.compile(r"steps\.(\d+)\.ways(?:\.(\d+))?(?:\.\w+)?")
_STEP = re.compile(r"steps\.(\d+)\.(\w+)")


def from_zero(error: FieldError) -> FieldError:
    """What the verb says of the n-th step or way, with both counted from 0."""
    name = _COUNTED.sub(lambda found: f"{found[1]}.{max(int(found[2]) - 1, 0)}", error.field)
    return FieldError(name, error.code, error.message)


def beside(error: FieldError) -> FieldError:
    """What the verb says of a step, beside the field of the form in which it was typed."""
    name = from_zero(error).field
    if found := _WAY.fullmatch(name):
        name = f"steps-{found[1]}-way_{min(int(found[2] or 0) + 1, WAYS)}"
    elif found := _STEP.fullmatch(name):
        field = {"wait_minutes": "wait"}.get(found[2], found[2])
        name = f"steps-{found[1]}-{field}"
    return FieldError(name, error.code, error.message)
