"""Saved views, columns and the opening view of a list: load → verb → answer."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import saved
from accounts.models import SavedView
from core.errors import NotFound
from core.web.answers import Done, action, back, found

# The lists that know saved views, and where they are.
PAGES = {"leads": "leads:list"}


def _address(page: str, query: str = "") -> str:
    if page not in PAGES:
        raise NotFound
    return reverse(PAGES[page]) + (f"?{query}" if query else "")


@action
def save(request: HttpRequest, page: str) -> Done:
    """Keep what the list shows now under a name."""
    _address(page)
    view = saved.save_view(
        by=request.user,  # type: ignore[arg-type]
        page=page,
        name=request.POST.get("name", ""),
        query=_plain(request.POST.get("query", "")),
        shared=request.POST.get("shared") == "on",
    )
    return Done(_("View “%(name)s” kept.") % {"name": view.name}, url=_open(view))


@action
def change(request: HttpRequest, pk: Any) -> Done:
    """Another name, shared or not, the list opens with it or not."""
    view = found(SavedView.objects.visible_to(request.user), pk)  # type: ignore[arg-type]
    user: Any = request.user
    if view.user_id == user.pk:
        shared = request.POST.get("shared") == "on"
        view = saved.change_view(view, by=user, name=request.POST.get("name", view.name), shared=shared)
    first = request.POST.get("first") == "on"
    if first or saved.choice_of(user, view.page).view_id == view.pk:
        saved.choose(by=user, page=view.page, view=view if first else None)
    return Done(_("View “%(name)s” kept.") % {"name": view.name}, url=_open(view))


@action
def delete(request: HttpRequest, pk: Any) -> Done:
    """Throw an own view away."""
    view = found(SavedView.objects.visible_to(request.user), pk)  # type: ignore[arg-type]
    saved.delete_view(view, by=request.user)  # type: ignore[arg-type]
    return Done(_("View “%(name)s” deleted.") % {"name": view.name}, url=_address(view.page) + "?view=")


@action
def columns(request: HttpRequest, page: str) -> Done:
    """The columns this person wants to see from now on."""
    _address(page)
    names = request.POST.getlist("column")
    saved.choose(by=request.user, page=page, columns=[name[:20] for name in names])  # type: ignore[arg-type]
    path, _mark, query = back(request).partition("?")
    kept = {key: values[0] for key, values in parse_qs(query).items() if key not in ("columns", "cursor")}
    url = _address(page)
    return Done(_("Columns kept."), url=f"{url}?{urlencode(kept)}" if kept and path == url else url)


def _open(view: SavedView) -> str:
    return _address(view.page, urlencode({**dict(_pairs(view.query)), "view": str(view.pk)}))


def _pairs(query: str) -> list[tuple[str, str]]:
    return [(key, values[0]) for key, values in parse_qs(query).items()]


def _plain(query: str) -> str:
    return urlencode([(key, value) for key, value in _pairs(query) if key not in ("cursor", "view")])
