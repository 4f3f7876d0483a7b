import django.db.models.deletion
import django.db.models.expressions
import django_fsm
from django.conf import settings
from django.db import migrations, models

import core.ids


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_sessions"),
        ("accounts", "__first__"),
        ("catalogue", "0002_quotes_and_money"),
        ("contacts", "0002_desk_and_week"),
        ("leads", "0005_desk_queue"),
        ("opportunities", "0002_moves"),
    ]

    operations = [
        migrations.CreateModel(
            name="CalendarFeed",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="calendar_feed",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("serial", models.PositiveIntegerField(default=1)),
            ],
        ),
        migrations.CreateModel(
            name="ExperienceEvent",
            fields=[
                (
                    "id",
                    core.ids.UUID7Field(
                        db_default=core.ids.CoreUUID7(), editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("online", "online meeting"),
                            ("remote", "remote session"),
                            ("visit", "visit"),
                            ("trial", "trial"),
                        ],
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                ("starts_at", models.DateTimeField(verbose_name="begins")),
                ("ends_at", models.DateTimeField(blank=True, null=True, verbose_name="ends")),
                (
                    "held",
                    models.BooleanField(
                        help_text="empty: planned; false: it fell through", null=True, verbose_name="held"
                    ),
                ),
                ("note", models.TextField(blank=True, default="", verbose_name="note")),
                ("created_at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "opportunity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="experience_events",
                        to="opportunities.opportunity",
                    ),
                ),
            ],
            options={
                "ordering": ["starts_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="Letterhead",
            fields=[
                (
                    "id",
                    core.ids.UUID7Field(
                        db_default=core.ids.CoreUUID7(), editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("only", models.BooleanField(default=True, unique=True)),
                ("name", models.CharField(blank=True, default="", max_length=120, verbose_name="firm")),
                ("address", models.CharField(blank=True, default="", max_length=200, verbose_name="address")),
                ("phone", models.CharField(blank=True, default="", max_length=40, verbose_name="phone")),
                ("email", models.EmailField(blank=True, default="", max_length=254, verbose_name="e-mail")),
                ("website", models.CharField(blank=True, default="", max_length=120, verbose_name="website")),
                (
                    "tax_id",
                    models.CharField(blank=True, default="", max_length=40, verbose_name="tax number"),
                ),
                ("bank", models.CharField(blank=True, default="", max_length=120, verbose_name="bank")),
                ("account", models.CharField(blank=True, default="", max_length=60, verbose_name="account")),
                (
                    "terms",
                    models.TextField(
                        blank=True,
                        default="",
                        help_text="stands at the end of each quote",
                        verbose_name="terms",
                    ),
                ),
                ("logo", models.BinaryField(blank=True, null=True)),
                (
                    "logo_type",
                    models.CharField(blank=True, default="", help_text="png, jpg or svg", max_length=4),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PresalesRequest",
            fields=[
                (
                    "id",
                    core.ids.UUID7Field(
                        db_default=core.ids.CoreUUID7(), editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("text", models.TextField(verbose_name="what is needed")),
                ("due_on", models.DateField(verbose_name="due")),
                ("asked_at", models.DateTimeField()),
                ("answer", models.TextField(blank=True, default="", verbose_name="answer")),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                (
                    "answered_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "opportunity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="presales_requests",
                        to="opportunities.opportunity",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="presales_requests",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["due_on", "id"],
            },
        ),
        migrations.CreateModel(
            name="Quote",
            fields=[
                (
                    "id",
                    core.ids.UUID7Field(
                        db_default=core.ids.CoreUUID7(), editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("number", models.CharField(max_length=20, verbose_name="number")),
                ("revision", models.PositiveSmallIntegerField(default=1, verbose_name="revision")),
                (
                    "state",
                    django_fsm.FSMField(
                        choices=[
                            ("draft", "draft"),
                            ("sent", "sent"),
                            ("accepted", "accepted"),
                            ("revised", "revised"),
                        ],
                        default="draft",
                        max_length=8,
                    ),
                ),
                ("currency", models.CharField(default="CNY", max_length=3)),
                ("headcount", models.PositiveIntegerField(verbose_name="how many people")),
                (
                    "discount",
                    models.DecimalField(
                        decimal_places=2, default=0, max_digits=5, verbose_name="discount on all, %"
                    ),
                ),
                (
                    "tax_rate",
                    models.DecimalField(decimal_places=2, default=0, max_digits=5, verbose_name="tax, %"),
                ),
                ("with_tax", models.BooleanField(default=True, verbose_name="prices include the tax")),
                ("net", models.DecimalField(decimal_places=2, default=0, max_digits=14)),
                ("tax", models.DecimalField(decimal_places=2, default=0, max_digits=14)),
                ("total", models.DecimalField(decimal_places=2, default=0, max_digits=14)),
                (
                    "listed",
                    models.DecimalField(
                        decimal_places=2,
                        default=0,
                        help_text="the lines at the list prices of the day",
                        max_digits=14,
                    ),
                ),
                (
                    "term_months",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="term in months"),
                ),
                ("valid_until", models.DateField(verbose_name="valid until")),
                ("language", models.CharField(default="zh-hans", max_length=8, verbose_name="language")),
                ("note", models.TextField(blank=True, default="", verbose_name="note")),
                ("created_at", models.DateTimeField()),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                ("sent_to", models.CharField(blank=True, default="", max_length=254)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="quotes",
                        to="contacts.contact",
                    ),
                ),
                (
                    "opportunity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="quotes",
                        to="opportunities.opportunity",
                    ),
                ),
            ],
            options={
                "ordering": ["-created_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="QuoteLine",
            fields=[
                (
                    "id",
                    core.ids.UUID7Field(
                        db_default=core.ids.CoreUUID7(), editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "purpose",
                    models.CharField(blank=True, default="", max_length=500, verbose_name="what for"),
                ),
                (
                    "basis",
                    models.CharField(
                        choices=[
                            ("once", "once"),
                            ("user_month", "per user and month"),
                            ("user_year", "per user and year"),
                        ],
                        default="once",
                        max_length=10,
                    ),
                ),
                ("quantity", models.PositiveIntegerField(default=1, verbose_name="quantity")),
                ("periods", models.PositiveSmallIntegerField(default=1, verbose_name="months or years")),
                ("list_price", models.DecimalField(decimal_places=2, max_digits=14)),
                (
                    "unit_price",
                    models.DecimalField(decimal_places=2, max_digits=14, verbose_name="unit price"),
                ),
                (
                    "discount",
                    models.DecimalField(decimal_places=2, default=0, max_digits=5, verbose_name="discount %"),
                ),
                ("total", models.DecimalField(decimal_places=2, max_digits=14)),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalogue.product"
                    ),
                ),
                (
                    "quote",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="opportunities.quote",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.AddField(
            model_name="opportunity",
            name="over_expectation",
            field=models.BooleanField(db_default=False, default=False, verbose_name="price over expectation"),
        ),
        migrations.AddField(
            model_name="opportunity",
            name="probability",
            field=models.PositiveSmallIntegerField(
                blank=True,
                help_text="percent; a renewal is judged by itself (R8.3)",
                null=True,
                verbose_name="own judgement",
            ),
        ),
        migrations.AddField(
            model_name="opportunity",
            name="risk",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=300, verbose_name="other risk"
            ),
        ),
        migrations.AddConstraint(
            model_name="opportunity",
            constraint=models.CheckConstraint(
                condition=models.Q(("probability__isnull", True), ("probability__lte", 100), _connector="OR"),
                name="probability_is_percent",
            ),
        ),
        migrations.AddConstraint(
            model_name="letterhead",
            constraint=models.CheckConstraint(condition=models.Q(("only", True)), name="one_letterhead"),
        ),
        migrations.AddIndex(
            model_name="experienceevent",
            index=models.Index(fields=["opportunity", "starts_at"], name="experience_opportunity"),
        ),
        migrations.AddConstraint(
            model_name="experienceevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ends_at__isnull", True), ("ends_at__gte", models.F("starts_at")), _connector="OR"
                ),
                name="experience_ends_after_it_begins",
            ),
        ),
        migrations.AddIndex(
            model_name="presalesrequest",
            index=models.Index(fields=["opportunity"], name="presales_opportunity"),
        ),
        migrations.AddIndex(
            model_name="presalesrequest",
            index=models.Index(
                condition=models.Q(("answered_at__isnull", True)),
                fields=["owner", "due_on"],
                name="presales_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="presalesrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("answered_at__isnull", True),
                    models.Q(("answered_by__isnull", False), models.Q(("answer", ""), _negated=True)),
                    _connector="OR",
                ),
                name="answered_has_answer",
            ),
        ),
        migrations.AddIndex(
            model_name="quote",
            index=models.Index(fields=["opportunity", "-created_at"], name="quote_opportunity"),
        ),
        migrations.AddConstraint(
            model_name="quote",
            constraint=models.UniqueConstraint(fields=("number", "revision"), name="quote_revision_once"),
        ),
        migrations.AddConstraint(
            model_name="quote",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "accepted")), fields=("opportunity",), name="one_accepted_quote"
            ),
        ),
        migrations.AddConstraint(
            model_name="quote",
            constraint=models.CheckConstraint(
                condition=models.Q(("listed__gte", 0), ("net__gte", 0), ("tax__gte", 0), ("total__gte", 0)),
                name="quote_money",
            ),
        ),
        migrations.AddConstraint(
            model_name="quote",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "total",
                        django.db.models.expressions.CombinedExpression(
                            models.F("net"), "+", models.F("tax")
                        ),
                    )
                ),
                name="quote_adds_up",
            ),
        ),
        migrations.AddConstraint(
            model_name="quote",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("discount__gte", 0), ("discount__lte", 100), ("tax_rate__gte", 0), ("tax_rate__lte", 100)
                ),
                name="quote_percents",
            ),
        ),
        migrations.AddConstraint(
            model_name="quote",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "sent"), _negated=True), ("sent_at__isnull", False), _connector="OR"
                ),
                name="sent_quote_has_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="quoteline",
            constraint=models.CheckConstraint(
                condition=models.Q(("periods__gte", 1), ("quantity__gte", 1)), name="quote_line_counts"
            ),
        ),
        migrations.AddConstraint(
            model_name="quoteline",
            constraint=models.CheckConstraint(
                condition=models.Q(("list_price__gte", 0), ("total__gte", 0), ("unit_price__gte", 0)),
                name="quote_line_money",
            ),
        ),
        migrations.AddConstraint(
            model_name="quoteline",
            constraint=models.CheckConstraint(
                condition=models.Q(("discount__gte", 0), ("discount__lte", 100)), name="quote_line_discount"
            ),
        ),
    ]
