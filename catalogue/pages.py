"""What the catalogue adds to the shell: its place, its hits, the sentences of its history."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Hat
from catalogue import phrases, selectors, services
from catalogue.models import Product
from core import hooks
from core.web.nav import WORK, Entry, Hit
from core.web.words import money

READERS = (Hat.REP, Hat.MANAGER, Hat.MARKETER, Hat.PRESALES, Hat.ADMIN)


def places(user: Any) -> list[Entry]:
    """The catalogue; who keeps it sees for how many products and industries nothing is filed."""
    if not user.wears(*READERS):
        return []
    gaps = selectors.gap_count(user) if services.may_edit(user) else None
    return [Entry("catalogue", _("Catalogue"), "catalogue:products", "package", 20, group=WORK, count=gaps)]


def search(user: Any, text: str, limit: int) -> list[Hit]:
    """Products by a part of their name, those on sale first."""
    rows = Product.objects.filter(name__icontains=text.strip()).order_by("-active", "name")[:limit]
    return [
        Hit(
            title=row.name,
            url=reverse("catalogue:product", args=[row.pk]),
            icon="package",
            note=money(row.price, row.currency) if row.active else _("no longer sold"),
            kind=_("Product"),
        )
        for row in rows
    ]


hooks.nav.register(places)
hooks.search.register(search)
phrases.declare()
