"""What accounts add to the shell: the rulebook, the dictionary, people."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts import phrases
from accounts.models import Notice
from accounts.views import may_look
from core import hooks
from core.web.nav import BELL, FIRM, Entry


def places(user: Any) -> list[Entry]:
    """Rulebook and dictionary, which everybody reads; people, for who looks after them."""
    found = [
        Entry("rulebook", _("Rulebook"), "accounts:rulebook", "book-2", 10, group=FIRM),
        Entry("dictionary", _("Dictionary"), "accounts:dictionary", "vocabulary", 20, group=FIRM),
    ]
    if may_look(user):
        found.append(Entry("people", _("People"), "accounts:people", "user-cog", 30, group=FIRM))
    return found


def bell(user: Any) -> list[Entry]:
    """The notices, with those that are unread."""
    unread = Notice.objects.visible_to(user).unread()
    return [Entry("notices", _("Notices"), "accounts:notices", "bell", 10, group=BELL, count=unread)]


hooks.nav.register(places)
hooks.nav.register(bell)
phrases.declare()
