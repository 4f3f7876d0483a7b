"""People of the firm, their teams and hats, the notices they get, the keys their programs use."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.contrib.sessions.base_session import AbstractBaseSession
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.querysets import NoticeQuerySet, SavedViewQuerySet, TeamQuerySet, UserQuerySet
from core.ids import UUID7Field
from core.models import RealNow, Record


class Hat(models.TextChoices):
    """What a person does here; one may wear several, rights are the union (R15.1)."""

    TELEMARKETER = "telemarketer", _("telemarketer")
    REP = "rep", _("rep")
    MARKETER = "marketer", _("marketer")
    MANAGER = "manager", _("manager")
    PRESALES = "presales", _("presales")
    SUCCESS = "success", _("success manager")
    SERVICE = "service", _("service")
    ADMIN = "admin", _("administrator")
    INTEGRATION = "integration", _("integration")


def default_mail_kinds() -> list[str]:
    """What comes by e-mail unless a person chose otherwise: what cannot wait (R3.2)."""
    return [
        "call_now",
        "due_soon",
        "expired",
        "extension_asked",
        "extension_approved",
        "extension_rejected",
    ]


class Team(models.Model):
    """People who sell together; a manager sees the own team and those below it (R15.2)."""

    id = UUID7Field()
    name = models.CharField(_("name"), max_length=80, unique=True)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )

    objects = TeamQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(parent=models.F("id")), name="team_not_own_parent")
        ]

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    def get_by_natural_key(self, username: str) -> Any:
        return self.get(login=username.lower())

    def create_user(self, login: str, password: str | None = None, **more: Any) -> Any:
        """Make a person who can log in with a login name and a password."""
        user = self.model(login=login.lower(), **more)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, login: str, password: str | None = None, **more: Any) -> Any:
        """Make the administrator; the name of the method is Django's."""
        more.setdefault("hats", [Hat.ADMIN])
        return self.create_user(login, password, is_superuser=True, **more)


class User(AbstractBaseUser, PermissionsMixin):
    """A person of the firm, or the user behind an integration."""

    id = UUID7Field()
    login = models.CharField(
        _("login"),
        max_length=40,
        unique=True,
        validators=[
            RegexValidator(
                r"^[a-z0-9][a-z0-9._-]*$", _("small letters, digits, dot, dash and underscore only")
            )
        ],
    )
    name = models.CharField(_("name"), max_length=80)
    email = models.EmailField(_("e-mail"), blank=True)
    hats = ArrayField(models.CharField(max_length=20, choices=Hat.choices), default=list, blank=True)
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.PROTECT, related_name="people")
    language = models.CharField(
        max_length=10, choices=[("en", "English"), ("zh-hans", "简体中文")], default="en"
    )
    theme = models.CharField(
        max_length=5,
        choices=[("auto", _("as the system")), ("light", _("light")), ("dark", _("dark"))],
        default="auto",
    )
    on_duty = models.BooleanField(
        _("on duty"), default=True, help_text=_("New hand-overs come only to people on duty.")
    )
    away_until = models.DateTimeField(_("away until"), null=True, blank=True)
    mail_kinds = ArrayField(
        models.CharField(max_length=40),
        default=default_mail_kinds,
        blank=True,
        help_text="notices that also come by e-mail",
    )
    capacity = models.PositiveIntegerField(
        _("capacity"), null=True, blank=True, help_text=_("Empty: as in the rulebook.")
    )
    is_active = models.BooleanField(default=True)
    left_at = models.DateTimeField(null=True, blank=True)
    joined_at = models.DateTimeField(db_default=RealNow(), editable=False)
    last_handed_at = models.DateTimeField(
        null=True, blank=True, help_text="round-robin: who waited longest is next"
    )
    last_seen_at = models.DateTimeField(
        null=True, blank=True, help_text="real time of the last page, to the minute"
    )

    USERNAME_FIELD = "login"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    objects = UserManager()

    class Meta:
        ordering = ["name"]
        indexes = [models.Index(fields=["team"], name="user_team")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_staff(self) -> bool:
        """Django's admin is for administrators."""
        return self.is_superuser or self.wears(Hat.ADMIN)

    def at_post(self, at: Any) -> bool:
        """On duty and not away (R3.1)."""
        return self.on_duty and (self.away_until is None or self.away_until <= at)

    def wears(self, *hats: str) -> bool:
        """Whether this person wears at least one of these hats."""
        return any(hat in self.hats for hat in hats)

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name


class Notice(models.Model):
    """Something a person should know; the words are made when it is read, in the reader's language."""

    id = UUID7Field()
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=40)
    subject_type = models.CharField(max_length=30)
    subject_id = models.UUIDField()
    data = models.JSONField(default=dict)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(
        null=True, blank=True, help_text="real time; set before it is sent, never twice"
    )
    mail_tries = models.PositiveSmallIntegerField(
        db_default=0, help_text="how often sending was refused before it began"
    )

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["user", "-at"], name="notice_user"),
            # What the bell counts, every few seconds for everybody who has a page open.
            models.Index(
                fields=["user", "kind"], name="notice_unread", condition=models.Q(read_at__isnull=True)
            ),
            # What was said of a record is over when the record is opened, or the thing is done.
            models.Index(
                fields=["subject_id"], name="notice_about", condition=models.Q(read_at__isnull=True)
            ),
        ]
        constraints = [
            # A warning (R6.3) is given once: its data names which, and the same one cannot be written twice.
            models.UniqueConstraint(
                "user",
                "kind",
                "subject_id",
                models.F("data__once"),
                name="notice_once",
                condition=models.Q(data__has_key="once"),
            )
        ]

    def __str__(self) -> str:
        return self.kind


class ApiKey(models.Model):
    """A program's key: shown once, stored hashed, with a scope and an expiry."""

    class Scope(models.TextChoices):
        READ = "read", _("read")
        WRITE = "write", _("read and write")
        ADMIN = "admin", _("administer")

    id = UUID7Field()
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="keys")
    name = models.CharField(_("name"), max_length=80, blank=True)
    prefix = models.CharField(max_length=12)
    digest = models.CharField(max_length=64, unique=True)
    scope = models.CharField(max_length=5, choices=Scope.choices, default=Scope.READ)
    created_at = models.DateTimeField(db_default=RealNow(), editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    last_used_from = models.GenericIPAddressField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.prefix}…"


class SavedView(models.Model):
    """A list as somebody wants to see it again: its filters, order and columns."""

    id = UUID7Field()
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="views")
    page = models.CharField(max_length=20)
    name = models.CharField(_("name"), max_length=60)
    query = models.CharField(max_length=1000, blank=True)
    shared = models.BooleanField(_("for everybody"), default=False)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["user", "page", "name"], name="view_name_once")]

    def __str__(self) -> str:
        return self.name


class ListChoice(models.Model):
    """How somebody wants a list: its columns, and the saved view it opens with."""

    id = UUID7Field()
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="list_choices")
    page = models.CharField(max_length=20)
    columns = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    view = models.ForeignKey(SavedView, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "page"], name="one_choice_a_list")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.page}"


class Session(AbstractBaseSession):
    """A log-in of a browser, with whose it is, from where and by what it began; real time."""

    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="sessions")
    began_at = models.DateTimeField(null=True)
    address = models.GenericIPAddressField(null=True)
    agent = models.CharField(max_length=300, blank=True, default="")

    class Meta(AbstractBaseSession.Meta):
        abstract = False

    @classmethod
    def get_session_store_class(cls) -> Any:
        from accounts.sessions import SessionStore

        return SessionStore


class Term(Record):
    """A word of the trunk as this firm understands it (R14.4): shipped filled, edited by an administrator."""

    code = models.SlugField(max_length=20, unique=True, editable=False)
    place = models.PositiveSmallIntegerField(default=0, editable=False)
    word_en = models.CharField(_("word in English"), max_length=60)
    word_zh = models.CharField(_("word in Chinese"), max_length=60)
    text_en = models.TextField(_("definition in English"), max_length=1000)
    text_zh = models.TextField(_("definition in Chinese"), max_length=1000)
    changed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["place", "code"]

    def __str__(self) -> str:
        return self.code
