"""What the SMS drivers have in common: numbers as providers want them, and texts that a provider has approved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from outreach.channels.base import NotSent, Outgoing, Setting

CHINA = "+86"
FREE_TEXT = Setting(
    "template",
    lazy("Template for free text"),
    required=False,
    help=lazy("Code of an approved template with one variable, for messages without one of their own."),
)


@dataclass(frozen=True)
class Approved:
    """A text that the provider has approved: its code, and what it is filled with."""

    code: str
    names: list[str]
    values: list[str]


def approved(message: Outgoing, values: Mapping[str, str]) -> Approved:
    """The approved text of a message: its template's own, else the one for free text that the settings name.

    Raises NotSent where there is neither.
    """
    params: Mapping[str, Any] = message.params
    if params.get("code"):
        return Approved(
            str(params["code"]),
            [str(name) for name in params.get("names", [])],
            [str(value) for value in params.get("values", [])],
        )
    if values.get("template"):
        return Approved(values["template"], [values.get("template_name") or "text"], [message.text])
    raise NotSent(
        _("This provider only sends texts that it has approved: the template needs the code of one.")
    )


def same_number(number: Any) -> str:
    """A number that a provider reports, as we keep numbers."""
    text = str(number).strip()
    if text.startswith("+"):
        return text
    if len(text) == 11 and text.startswith("1"):
        return CHINA + text
    return "+" + text.removeprefix("00")
