"""What is written to people, in each language."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.ids import UUID7Field
from core.models import Record
from outreach.rules import SHIPPED_TEMPLATES, ChannelKind


class Template(Record):
    """A message that is used again and again; `code` names one that was shipped."""

    name = models.CharField(_("name"), max_length=80)
    code = models.CharField(max_length=40, blank=True, default="", editable=False)
    channel = models.CharField(max_length=8, choices=ChannelKind.choices)
    active = models.BooleanField(default=True)
    by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["channel", "name"]
        constraints = [
            models.UniqueConstraint(fields=["channel", "name"], name="template_name_once_a_channel"),
            models.UniqueConstraint(
                fields=["code"], condition=~models.Q(code=""), name="template_shipped_once"
            ),
        ]

    def __str__(self) -> str:
        """Its name; one that was shipped and never renamed speaks the reader's language."""
        return gettext(self.name) if SHIPPED_TEMPLATES.get(self.code) == self.name else self.name


class TemplateText(models.Model):
    """A template in one language. `{{ name }}` and the like are filled in (outreach/rendering.py).

    `provider_code` and `provider_params` name the text that an SMS provider has approved, and what it is filled with in
    the order it wants.
    """

    id = UUID7Field()
    template = models.ForeignKey(Template, on_delete=models.CASCADE, related_name="texts")
    language = models.CharField(max_length=10, choices=settings.LANGUAGES)
    subject = models.CharField(_("subject"), max_length=200, blank=True, default="")
    text = models.TextField(_("text"), max_length=10_000)
    provider_code = models.CharField(max_length=80, blank=True, default="")
    provider_params: Any = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["language"]
        constraints = [
            models.UniqueConstraint(fields=["template", "language"], name="template_text_once_a_language")
        ]

    def __str__(self) -> str:
        return self.subject or self.text[:40]
