"""The forms of a conversation (R2.3): on a lead's page, and at the desk."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from calling.models import ScriptVersion
from calling.rules import LONGEST_CALL, SILENT, STEPS, BackIn, Channel, NoNeed, Outcome, call_back_times
from contacts.rules import shown_phone
from core import clock, rulebook
from core.web.fields import sane_year
from leads.models import Lead
from leads.permissions import is_masked

ANSWER = "answer."


class TalkForm(forms.Form):
    """How a conversation ended; the verb says what is missing."""

    outcome = forms.ChoiceField(
        label=_("How did it end?"),
        choices=Outcome.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("How did it end? Choose one of the seven.")},
    )
    call_back_at = forms.DateTimeField(
        label=_("Call back at"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        validators=[sane_year],
    )
    reason = forms.ChoiceField(label=_("Why no need"), required=False, choices=[("", "–"), *NoNeed.choices])
    note = forms.CharField(
        label=_("Note"), max_length=10_000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    do_not_call = forms.BooleanField(label=_("Asked never to be called again"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not rulebook.get("no_need_reasons"):
            del self.fields["reason"]


class CallForm(TalkForm):
    """A conversation as one logs it on the page of a lead, by any channel (R2.5)."""

    channel = forms.ChoiceField(label=_("By"), choices=Channel.choices, required=False)
    phone = forms.ChoiceField(label=_("Number"), required=False)

    def __init__(self, *args: Any, lead: Lead, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        numbers = [p for p in lead.contact.points.all() if p.kind == "phone" and p.dead_at is None]
        if len(numbers) < 2 or is_masked(lead):
            del self.fields["phone"]
        else:
            shown = [(shown_phone(p.value, p.extension), shown_phone(p.value, p.extension)) for p in numbers]
            self.fields["phone"].choices = shown  # type: ignore[attr-defined]

    def clean_channel(self) -> str:
        """By phone, unless said otherwise."""
        return self.cleaned_data["channel"] or Channel.PHONE


class DeskForm(TalkForm):
    """A call as the desk logs it: quick times, the step of the script, what was answered, how long it took."""

    back_in = forms.CharField(max_length=40, required=False)
    phone = forms.CharField(max_length=60, required=False)
    step = forms.IntegerField(min_value=STEPS[0], max_value=STEPS[-1], required=False)
    reached = forms.IntegerField(min_value=STEPS[0], max_value=STEPS[-1], required=False)
    talked = forms.IntegerField(min_value=0, max_value=LONGEST_CALL, required=False)
    since = forms.CharField(max_length=40, required=False)
    version = forms.ModelChoiceField(ScriptVersion.objects.all(), required=False)

    def clean_back_in(self) -> datetime | None:
        """A quick time as it was shown, or the name of one as it is now."""
        text = self.cleaned_data["back_in"]
        if text in BackIn.values:
            return call_back_times(clock.now(), clock.firm_tz()).get(text)
        found = _moment(text)
        if found is not None:
            sane_year(found)
        return found

    def said(self, at: datetime, posted: QueryDict) -> dict[str, Any]:
        """What `log_call` is told, from a form that is valid."""
        given = dict(self.cleaned_data)
        since = _moment(given.pop("since"))
        back_in, talked = given.pop("back_in"), given.pop("talked")
        steps = [step for step in (given.pop("step"), given.pop("reached")) if step]
        if talked is None and since is not None:
            talked = max(0, min(LONGEST_CALL, int((at - since).total_seconds())))
        given["call_back_at"] = given["call_back_at"] or back_in
        version = given.pop("version")
        spoken = version is not None and given["outcome"] not in SILENT
        answers = {key.removeprefix(ANSWER): posted[key] for key in posted if key.startswith(ANSWER)}
        return {
            **given,
            "since": since,
            "duration": talked,
            "step": max(steps) if steps and spoken else None,
            "script_version": version,
            "answers": {key: text.replace("\x00", "") for key, text in answers.items()} if version else {},
        }


def _moment(text: str) -> datetime | None:
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found and found.tzinfo else None
