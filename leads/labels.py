"""Labels (R0.2, a branch): one flat optional list, which no step ever needs."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import Hat, User
from core import clock, events, rulebook
from core.errors import FieldError, Forbidden, NotFound, RuleRefused
from core.locking import lock_one, lock_words, verb
from leads import permissions
from leads.models import Label, Lead
from leads.rules import State
from leads.services.common import fact, locked, require, require_state

SPACE = 14  # advisory lock space: the list is counted under it
LONGEST = 40
ON_LEADS = (State.NEW, State.MQL, State.SQL, State.CONVERTED, State.POOLED)


def on() -> bool:
    """Whether the firm uses labels (R0.1)."""
    return bool(rulebook.get("labels"))


def may_edit(user: User) -> bool:
    """Who keeps the list of labels."""
    return user.wears(Hat.ADMIN, Hat.MANAGER, Hat.MARKETER)


def _require(by: User) -> None:
    if not on():
        raise NotFound()
    if not may_edit(by):
        raise Forbidden()
    lock_words(SPACE, ["labels"])


def _checked(name: str, pk: Any = None) -> str:
    name = " ".join(name.split())
    if not name or len(name) > LONGEST or "," in name:
        message = _("A label is a word or a few, 40 characters at most, without a comma.")
        raise RuleRefused(errors=[FieldError("name", "invalid", message)])
    if Label.objects.filter(name__iexact=name).exclude(pk=pk).exists():
        raise RuleRefused(errors=[FieldError("name", "taken", _("There is a label of this name."))])
    return name


@verb
def make(*, by: User, name: str) -> Label:
    """A new label, while there is room on the list (R0.2). Raises NotFound (off), Forbidden, RuleRefused."""
    _require(by)
    name, most = _checked(name), rulebook.get("labels_most")
    if Label.objects.count() >= most:
        message = _("There are %(most)s labels: more do not help anybody. Delete or rename one.")
        raise RuleRefused("label_limit", errors=[FieldError("name", "too_many", message % {"most": most})])
    return Label.objects.create(name=name)


@verb
def rename(label: Label, *, by: User, name: str) -> Label:
    """Another word for a label; the leads keep it. Raises NotFound, Forbidden, RuleRefused."""
    _require(by)
    row = _locked(label)
    row.name = _checked(name, row.pk)
    row.save(update_fields=["name"])
    return row


@verb
def delete(label: Label, *, by: User) -> int:
    """Take a label off the list and off every lead; answers off how many. Raises NotFound, Forbidden."""
    _require(by)
    row = _locked(label)
    bearing = row.leads.count()
    row.delete()
    return bearing


def _locked(label: Label) -> Label:
    try:
        return lock_one(Label.objects.all(), label.pk)
    except Label.DoesNotExist:
        raise NotFound() from None


@verb
def put(lead: Lead, *, by: User, labels: Collection[Label] = (), off: Collection[Label] = ()) -> Lead:
    """Put labels on a lead and take others off; who works on it may.

    Raises NotFound (off), Forbidden, Overdue, TransitionNotAllowed.
    """
    if not on():
        raise NotFound()
    row = locked(lead)
    at = clock.now()
    require(permissions.may_edit(by, row), row, by, at)
    require_state(row, at, *ON_LEADS)
    had = set(row.labels.values_list("pk", flat=True))
    added = [label for label in labels if label.pk not in had]
    taken = [label for label in off if label.pk in had]
    if not added and not taken:
        return row
    row.labels.add(*added)
    row.labels.remove(*taken)
    row.store()
    data = {"on": [label.name for label in added], "off": [label.name for label in taken]}
    events.record(fact("labelled", row, at, by, row.state, data=data))
    return row
