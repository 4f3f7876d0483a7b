"""Companies, people, and the ways to reach them: who is who."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from contacts.querysets import CompanyQuerySet, ContactQuerySet, PointQuerySet
from core.ids import UUID7Field
from core.models import Record
from core.search import Grams


class Company(Record):
    """A firm one sells to. It is a customer from its first signed order on (R13.1)."""

    name = models.CharField(_("company name"), max_length=200)
    exact_name = models.CharField(
        max_length=200, unique=True, editable=False, help_text="the name without case, width and spaces"
    )
    core_name = models.CharField(
        max_length=200, editable=False, help_text="without legal form and city: a suggestion (R1.5)"
    )
    region = models.CharField(_("region"), max_length=80, blank=True)
    industry = models.CharField(_("industry"), max_length=80, blank=True)
    size = models.PositiveIntegerField(_("number of staff"), null=True, blank=True)
    website = models.URLField(_("website"), blank=True)
    owner = models.ForeignKey(
        "accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="customers"
    )
    customer_since = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects = CompanyQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "companies"
        indexes = [
            models.Index(fields=["core_name"], name="company_core_name"),
            models.Index(fields=["owner"], name="company_owner", condition=models.Q(owner__isnull=False)),
            GinIndex(OpClass(Upper("name"), name="gin_trgm_ops"), name="company_name_trgm"),
            GinIndex(Grams("name"), name="company_name_grams"),
        ]

    def __str__(self) -> str:
        return self.name


class Contact(Record):
    """A person. What makes two captures one person are the contact points, never the name (R1.3)."""

    name = models.CharField(_("name"), max_length=120, blank=True)
    title = models.CharField(_("job title"), max_length=120, blank=True)
    company = models.ForeignKey(
        Company, null=True, blank=True, on_delete=models.PROTECT, related_name="people"
    )
    company_name = models.CharField(_("company"), max_length=200, blank=True, help_text="as it came in")
    language = models.CharField(max_length=10, blank=True)
    timezone = models.CharField(max_length=40, blank=True)
    do_not_call = models.BooleanField(_("do not call"), default=False)
    do_not_sms = models.BooleanField(_("do not text"), default=False)
    do_not_email = models.BooleanField(_("do not e-mail"), default=False)
    no_phone_until = models.DateTimeField(
        null=True, blank=True, help_text="refused: no phone until then (R2.3)"
    )
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="merged_from"
    )
    erased_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects = ContactQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["company"], name="contact_company", condition=models.Q(company__isnull=False)
            ),
            GinIndex(OpClass(Upper("name"), name="gin_trgm_ops"), name="contact_name_trgm"),
            GinIndex(OpClass(Upper("company_name"), name="gin_trgm_ops"), name="contact_company_name_trgm"),
            # Two Chinese characters have no trigram.
            GinIndex(Grams("name"), name="contact_name_grams"),
            GinIndex(Grams("company_name"), name="contact_company_name_grams"),
        ]

    def __str__(self) -> str:
        return self.name or self.company_name or str(_("no name yet"))


class ContactPoint(models.Model):
    """One way to reach a contact. A value belongs to one contact in the whole firm (R1.3)."""

    class Kind(models.TextChoices):
        PHONE = "phone", _("phone")
        EMAIL = "email", _("e-mail")
        WECHAT = "wechat", _("WeChat")

    id = UUID7Field()
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="points")
    kind = models.CharField(max_length=6, choices=Kind.choices)
    value = models.CharField(max_length=254, help_text="E.164, lower-cased e-mail, WeChat id")
    extension = models.CharField(max_length=20, blank=True, default="")
    typed = models.CharField(max_length=254, blank=True, help_text="as it was typed")
    first_choice = models.BooleanField(default=False)
    no_answer_streak = models.PositiveSmallIntegerField(default=0)
    dead_at = models.DateTimeField(null=True, blank=True)
    dead_reason = models.CharField(max_length=20, blank=True)

    objects = PointQuerySet.as_manager()

    class Meta:
        ordering = ["kind", "-first_choice", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "value", "extension"], name="point_belongs_to_one_contact"
            ),
            models.UniqueConstraint(
                fields=["contact", "kind"],
                condition=models.Q(first_choice=True),
                name="point_one_first_choice",
            ),
            models.CheckConstraint(condition=~models.Q(value=""), name="point_has_value"),
        ]
        indexes = [
            GinIndex(OpClass(Upper("value"), name="gin_trgm_ops"), name="point_value_trgm"),
            GinIndex(Grams("value"), name="point_value_grams"),
        ]

    def __str__(self) -> str:
        return self.value

    @property
    def whole(self) -> str:
        """The value with its extension, as it is dialled."""
        return f"{self.value} ext {self.extension}" if self.extension else self.value


class MergeSuggestion(models.Model):
    """Two contacts that may be one person: put up for merging, nothing was moved (R1.3)."""

    id = UUID7Field()
    one = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="+")
    other = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["one", "other"], name="merge_suggested_once"),
            models.CheckConstraint(condition=models.Q(one__lt=models.F("other")), name="merge_pair_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.one_id} ? {self.other_id}"
