"""Sets of messages: whoever sees the person sees what was written to them (R15.2)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from contacts.querysets import ALL_SEEING

if TYPE_CHECKING:
    from accounts.models import User


class MessageQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> MessageQuerySet:
        """Marketing and administrators all; others what went to people they see, what they have to do, and what they sent
        to an address that is nobody's: what becomes of a letter belongs to who has the person now."""
        if user.wears(*ALL_SEEING):
            return self
        from contacts.models import Contact

        seen = Contact.objects.visible_to(user).values("pk")
        return self.filter(Q(by=user, contact=None) | Q(assigned_to=user) | Q(contact__in=seen))

    def due(self, at: datetime) -> MessageQuerySet:
        """What a worker may take at that moment."""
        return self.filter(state="queued", due_at__lte=at)

    def unsent(self) -> MessageQuerySet:
        """What can still be taken back."""
        return self.filter(state__in=["queued", "to_do"])
