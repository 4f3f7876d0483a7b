"""The ways by which messages go out, as an administrator has set them up, and what a team's group was told."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core import sealing
from core.models import Record
from outreach.rules import ChannelKind


def new_key() -> str:
    """A key for the address at which a provider reports; whoever knows it may report."""
    return secrets.token_urlsafe(24)


class Channel(Record):
    """One way out: a kind, the driver that sends, its settings; of each kind one is in use (R11.1).

    On WeChat it is a group of colleagues: a team's, or with no `team` that of everybody; one of each is in use. `told` are
    the kinds of notices that the group hears of, those since `used_at`.

    Secrets are sealed with the site's key. Its health is what the last sends said; while `closed_until` lies ahead the
    breaker is open: nothing is tried, nothing is lost.
    """

    kind = models.CharField(max_length=8, choices=ChannelKind.choices)
    driver = models.CharField(max_length=20)
    name = models.CharField(_("name"), max_length=80)
    settings: Any = models.JSONField(default=dict)
    sealed = models.TextField(blank=True, default="", help_text="secrets, sealed")
    in_use = models.BooleanField(_("in use"), default=False)
    price = models.DecimalField(
        _("price of one message"), max_digits=10, decimal_places=4, null=True, blank=True
    )
    hook_key = models.CharField(max_length=40, default=new_key, editable=False)
    ok_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0, help_text="in a row")
    error = models.CharField(max_length=300, blank=True, default="")
    closed_until = models.DateTimeField(null=True, blank=True)
    polled_at = models.DateTimeField(null=True, blank=True, help_text="the mailbox was last looked into")
    poll_mark = models.CharField(max_length=40, blank=True, default="")
    team = models.ForeignKey(
        "accounts.Team", null=True, blank=True, on_delete=models.PROTECT, related_name="groups"
    )
    told = ArrayField(models.CharField(max_length=40), default=list, db_default=[], blank=True)
    used_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["kind", "-in_use", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind"],
                condition=models.Q(in_use=True, team__isnull=True),
                name="one_channel_of_a_kind_in_use",
            ),
            models.UniqueConstraint(
                fields=["kind", "team"], condition=models.Q(in_use=True), name="one_group_of_a_team_in_use"
            ),
            models.CheckConstraint(
                condition=models.Q(team__isnull=True) | models.Q(kind="wechat"), name="team_of_a_group_only"
            ),
            models.CheckConstraint(
                condition=models.Q(price__isnull=True) | models.Q(price__gte=0),
                name="channel_price_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def secrets(self) -> dict[str, str]:
        """The secrets as they were typed; an empty dict where they cannot be opened with the site's key."""
        return sealing.opened(self.sealed)

    @secrets.setter
    def secrets(self, values: dict[str, str]) -> None:
        self.sealed = sealing.sealed(values)


class GroupPost(models.Model):
    """A notice that a team's group was told: marked before it leaves, so that none is told twice (R11.4)."""

    class State(models.TextChoices):
        SENDING = "sending", pgettext_lazy("message", "on its way")
        SENT = "sent", pgettext_lazy("message", "sent")
        FAILED = "failed", pgettext_lazy("message", "failed")
        UNKNOWN = "unknown", pgettext_lazy("message", "may have been sent")

    notice = models.OneToOneField("accounts.Notice", primary_key=True, on_delete=models.CASCADE)
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="posts")
    state = models.CharField(max_length=8, choices=State.choices, default=State.SENDING)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "notice"]
        indexes = [models.Index(fields=["channel", "-at"], name="group_posts")]

    def __str__(self) -> str:
        return self.state
