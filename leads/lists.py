"""The list of leads: what is asked for in the URL, as rows, as chips that can be taken away, and its columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core import rulebook
from core.ids import as_uuid
from core.templatetags.trunk import plain
from core.web.listing import address
from leads.filters import LeadFilters
from leads.models import Lead
from leads.rules import Segment, State
from outreach.models import Campaign
from outreach.rules import MEDIUM_NAMES

PAGE = "leads"
ORDERS = {"due_at": "due_at", "created_at": "created_at", "last_touch_at": "last_touch_at"}
OPEN = (State.NEW, State.MQL, State.SQL, State.CONVERTED)
ALL = "all"

COLUMNS: dict[str, Any] = {
    "state": _("State"),
    "time": _("Time left"),
    "owner": _("Owner"),
    "next": _("Next step"),
    "touched": _("Last touch"),
    "created": _("Came in"),
    "phone": _("Phone"),
    "email": _("E-mail"),
    "wechat": _("WeChat"),
    "title": _("Job title"),
    "source": _("Channel"),
    "medium": _("Medium"),
    "campaign": _("Campaign"),
    "team": _("Team"),
    "segment": _("Pool segment"),
    "labels": _("Labels"),
}
USUAL = ["state", "time", "owner", "next", "touched", "created"]

NAMES: dict[str, Any] = {
    "owner": _("Owner"),
    "team": _("Team"),
    "source": _("Channel"),
    "medium": _("Medium"),
    "campaign": _("Campaign"),
    "segment": _("Pool segment"),
    "label": _("Label"),
    "due_after": _("Due from"),
    "due_before": _("Due before"),
    "created_after": _("Came in from"),
    "created_before": _("Came in before"),
    "on_extension": _("On extension"),
    "at_risk": _("At risk"),
}
# What a saved view keeps of a URL.
KEPT = ("state", "q", "ordering", "columns", *NAMES)


@dataclass
class Taken:
    """One filter that is set, in words, and the list without it."""

    name: str
    label: Any
    value: Any
    url: str


class Asked:
    """What a request asks of the list; what cannot be is left out, as a page forgives where the API refuses."""

    def __init__(self, params: dict[str, str], user: User) -> None:
        self.user = user
        clean = {k: v.replace("\x00", "").strip()[:1000] for k, v in params.items() if k in KEPT}
        self.params = {k: v for k, v in clean.items() if v}
        self.set = self._checked()

    @classmethod
    def of(cls, request: HttpRequest) -> Asked:
        """What this request's URL asks."""
        return cls(dict(request.GET.items()), request.user)  # type: ignore[arg-type]

    def _checked(self) -> LeadFilters:
        for _again in range(2):
            found = self._filters()
            if found.is_valid():
                break
            for name in found.form.errors:
                self.params.pop(name, None)
        return found

    def _filters(self) -> LeadFilters:
        data = dict(self.params)
        if data.get("state") == ALL:
            data.pop("state")
        elif "state" not in data:
            data["state"] = ",".join(OPEN)
        if data.get("owner") == "me":
            data["owner"] = self.user.login
        return LeadFilters(data, queryset=Lead.objects.visible_to(self.user))

    @property
    def rows(self) -> QuerySet[Lead]:
        """The leads that are asked for, of those the person sees."""
        return self.set.qs

    @property
    def query(self) -> dict[str, str]:
        """The filters as they stand in the URL, without order and columns."""
        return {k: v for k, v in self.params.items() if k not in ("ordering", "columns")}

    @property
    def filtered(self) -> bool:
        """Whether anything narrows the list beyond a place on the trunk."""
        return bool(self.query)

    def taken(self, path: str) -> list[Taken]:
        """The filters that are set beside place and search, each with the list without it."""
        set_ = [
            name for name in NAMES if name in self.params and (name, self.params[name]) != ("owner", "me")
        ]
        if not set_:
            return []
        return [
            Taken(name, NAMES[name], self._said(name), address(path, self.params, **{name: None}))
            for name in set_
        ]

    def _said(self, name: str) -> str:
        value = self.params[name]
        if name in ("on_extension", "at_risk"):
            return now_("yes") if value == "true" else now_("no")
        words = [word for part in value.split(",") if (word := part.strip())]
        if name == "owner":
            people = User.objects.filter(pk__in=self.set.form.cleaned_data["owner"])
            return ", ".join(person.name for person in people)
        if name == "segment":
            return ", ".join(str(Segment(word).label) for word in words)
        if name == "medium":
            return ", ".join(str(MEDIUM_NAMES.get(word, word)) for word in words)
        if name == "campaign":
            ids = [found for word in words if (found := as_uuid(word)) is not None]
            named = {str(row.pk): row.name for row in Campaign.objects.filter(pk__in=ids)} if ids else {}
            return ", ".join(named.get(word.lower(), word) for word in words)
        return ", ".join(plain(word) for word in words) if name == "source" else value

    def columns(self, chosen: list[str]) -> list[tuple[str, Any]]:
        """The columns of the list: those of the URL (a saved view), else the person's, else the usual."""
        asked = [name for name in self.params.get("columns", "").split(",") if name in COLUMNS]
        names = asked or [name for name in chosen if name in COLUMNS] or USUAL
        return [(name, COLUMNS[name]) for name in offered() if name in names]


def offered() -> dict[str, Any]:
    """The columns there are; without the branch there are no labels (R0.2)."""
    on = rulebook.get("labels")
    return {name: label for name, label in COLUMNS.items() if on or name != "labels"}
