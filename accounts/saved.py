"""Verbs on how a person sees a list: saved views, columns, the view it opens with (ui.md, Leads)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import Hat, ListChoice, SavedView, User
from accounts.querysets import SavedViewQuerySet
from core.errors import FieldError, Forbidden, NotFound, RuleRefused
from core.locking import lock_one, verb

MOST = 40
LONGEST = 1000


def may_share(user: User) -> bool:
    """Who leads others or hands out work may put a view up for everybody."""
    return user.wears(Hat.MANAGER, Hat.MARKETER, Hat.ADMIN)


def views_of(user: User, page: str) -> list[SavedView]:
    """The views this person may open on a page: own ones first."""
    rows = SavedView.objects.visible_to(user).filter(page=page).select_related("user")
    return sorted(rows, key=lambda view: (view.user_id != user.pk, view.name.casefold()))


def choice_of(user: User, page: str) -> ListChoice:
    """How the person wants this list; unsaved where nothing was chosen."""
    found = ListChoice.objects.filter(user=user, page=page).select_related("view").first()
    return found or ListChoice(user=user, page=page)


@verb
def save_view(*, by: User, page: str, name: str, query: str, shared: bool = False) -> SavedView:
    """Keep a list's filters, order and columns under a name; the own one of that name is replaced.

    Raises Forbidden (sharing), RuleRefused (no name, too long, too many).
    """
    lock_one(User.objects.all(), by.pk)  # the cap is counted under it
    row = SavedView.objects.filter(user=by, page=page, name=name.strip()).first()
    if row is None:
        row = SavedView(user=by, page=page)
        if SavedView.objects.filter(user=by, page=page).count() >= MOST:
            message = _("You have %(most)s views here: delete one first.") % {"most": MOST}
            raise RuleRefused(errors=[FieldError("name", "too_many", message)])
    if len(query) > LONGEST:
        raise RuleRefused(errors=[FieldError("name", "too_long", _("Too much is chosen to be kept."))])
    row.query = query
    return _named(row, by, name, shared)


@verb
def change_view(view: SavedView, *, by: User, name: str, shared: bool) -> SavedView:
    """Another name, shared or not. Raises NotFound for somebody else's, Forbidden, RuleRefused."""
    lock_one(User.objects.all(), by.pk)  # the names are looked at under it
    return _named(_own(view, by), by, name, shared)


def _named(row: SavedView, by: User, name: str, shared: bool) -> SavedView:
    name = name.strip()
    if not name or len(name) > 60:
        message = _("Give it a name of 60 characters at most.")
        raise RuleRefused(errors=[FieldError("name", "required", message)])
    if SavedView.objects.filter(user=by, page=row.page, name=name).exclude(pk=row.pk).exists():
        raise RuleRefused(errors=[FieldError("name", "taken", _("You have a view of this name."))])
    if shared and not row.shared and not may_share(by):
        raise Forbidden()
    row.name, row.shared = name, shared
    row.save()
    return row


@verb
def delete_view(view: SavedView, *, by: User) -> None:
    """Throw a view away; lists that open with it open as usual. Raises NotFound for somebody else's."""
    _own(view, by).delete()


def _own(view: SavedView, by: User) -> SavedView:
    return _still(SavedView.objects.filter(user=by), view)


def _still(rows: SavedViewQuerySet, view: SavedView) -> SavedView:
    """The view as it is now, held so that nobody deletes it meanwhile. Raises NotFound."""
    try:
        return lock_one(rows, view.pk)
    except SavedView.DoesNotExist:
        raise NotFound() from None


@verb
def choose(*, by: User, page: str, **chosen: Any) -> ListChoice:
    """Keep the columns, or the view a list opens with (None: as usual). Raises NotFound (a view not to be seen)."""
    lock_one(User.objects.all(), by.pk)
    row = choice_of(by, page)
    if "columns" in chosen:
        columns: Iterable[str] = chosen["columns"]
        row.columns = list(columns)[:30]
    if "view" in chosen:
        view = chosen["view"]
        row.view = view and _still(SavedView.objects.visible_to(by).filter(page=page), view)
    row.save()
    return row
