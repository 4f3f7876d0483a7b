"""A message as a signed post to another program."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from outreach.channels.signed import SignedDriver


class WebhookHttp(SignedDriver):
    """Another program gets what a person would get, with the person's id instead of an address."""

    kind = "webhook"
    code = "http"
    label = _("Signed webhook")
    about = _("A program of yours gets each message as signed JSON.")
    event = "message"
