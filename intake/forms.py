"""What is typed on the page of an import."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core import rulebook
from outreach.rules import MEDIUM_NAMES

from .headings import Column, is_invented_email
from .services import Source

FIELD_NAMES = {
    "phone": _("Phone"),
    "email": _("E-mail"),
    "wechat": _("WeChat"),
    "name": _("Name"),
    "title": _("Job title"),
    "company_name": _("Company"),
    "channel": _("Channel"),
    "campaign": _("Campaign"),
    "medium": _("Came by"),
    "cost": _("Cost"),
    "note": _("Note"),
    "acquired_at": _("First contact"),
    "reference": _("Other number"),
}


class SourceForm(forms.Form):
    """Where the people of a file come from, where a row does not say it itself (R1.4)."""

    channel = forms.CharField(
        label=_("Channel"),
        max_length=60,
        required=False,
        help_text=_("For rows that name none: spring_salon, search_ads"),
    )
    campaign = forms.CharField(label=_("Campaign"), max_length=120, required=False)
    medium = forms.ChoiceField(label=_("Came by"), initial="import")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        media = rulebook.get("media")
        choices = [(code, MEDIUM_NAMES.get(code, code)) for code in media]
        self.fields["medium"].choices = choices  # type: ignore[attr-defined]

    def source(self) -> Source:
        """What was typed, as the verb takes it."""
        told = self.cleaned_data
        return Source(told["channel"], told["campaign"], told["medium"])


class UploadForm(SourceForm):
    """A file of leads."""

    file = forms.FileField(label=_("File"), allow_empty_file=True)
    field_order = ["file", "channel", "campaign", "medium"]


class MappingForm(forms.Form):
    """What each column of a file is."""

    def __init__(self, columns: list[Column], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.columns = columns
        for column in columns:
            self.fields[f"column-{column.index}"] = forms.ChoiceField(
                label=column.key,
                required=False,
                choices=_choices(column),
                initial=column.field,
                widget=forms.Select(attrs={"class": "form-select"}),
            )

    def mapping(self) -> dict[str, str]:
        """Column number → field, every column named."""
        return {f"#{c.index + 1}": self.cleaned_data[f"column-{c.index}"] for c in self.columns}

    def lines(self) -> list[dict[str, Any]]:
        """Each column with its control, for the page."""
        return [{"column": column, "bound": self[f"column-{column.index}"]} for column in self.columns]


def _choices(column: Column) -> list[tuple[str, Any]]:
    listed: list[tuple[str, Any]] = [("", _("Not imported")), *FIELD_NAMES.items()]
    if is_invented_email(column.field):
        listed.append((column.field, column.field))
    return listed
