import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models

import core.ids


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_sessions"),
        ("accounts", "__first__"),
        ("catalogue", "0002_quotes_and_money"),
        ("contacts", "0002_desk_and_week"),
        ("opportunities", "0003_quotes_and_money"),
        ("orders", "0002_moves"),
    ]

    operations = [
        migrations.CreateModel(
            name="BankImport",
            fields=[
                (
                    "id",
                    core.ids.UUID7Field(
                        db_default=core.ids.CoreUUID7(), editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                ("at", models.DateTimeField()),
                ("booked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="Document",
            fields=[
                (
                    "id",
                    core.ids.UUID7Field(
                        db_default=core.ids.CoreUUID7(), editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=160, verbose_name="name")),
                ("content_type", models.CharField(max_length=40)),
                ("size", models.PositiveIntegerField()),
                ("digest", models.CharField(max_length=64)),
                ("data", models.BinaryField()),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="documents",
                        to="orders.order",
                    ),
                ),
            ],
            options={
                "ordering": ["at", "id"],
            },
        ),
        migrations.CreateModel(
            name="Instalment",
            fields=[
                (
                    "id",
                    core.ids.UUID7Field(
                        db_default=core.ids.CoreUUID7(), editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("due_on", models.DateField(verbose_name="due")),
                ("amount", models.DecimalField(decimal_places=2, max_digits=14, verbose_name="amount")),
                ("note", models.CharField(blank=True, default="", max_length=120, verbose_name="note")),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="instalments",
                        to="orders.order",
                    ),
                ),
            ],
            options={
                "ordering": ["due_on", "id"],
            },
        ),
        migrations.CreateModel(
            name="Payment",
            fields=[
                (
                    "id",
                    core.ids.UUID7Field(
                        db_default=core.ids.CoreUUID7(), editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("receipt", "received"), ("refund", "refund")],
                        default="receipt",
                        max_length=8,
                    ),
                ),
                ("amount", models.DecimalField(decimal_places=2, max_digits=14, verbose_name="amount")),
                ("paid_on", models.DateField(verbose_name="paid on")),
                (
                    "method",
                    models.CharField(
                        choices=[
                            ("transfer", "bank transfer"),
                            ("card", "card"),
                            ("cash", "cash"),
                            ("alipay", "Alipay"),
                            ("wechat", "WeChat Pay"),
                            ("other", "another way"),
                        ],
                        default="transfer",
                        max_length=12,
                        verbose_name="method",
                    ),
                ),
                (
                    "reference",
                    models.CharField(blank=True, default="", max_length=80, verbose_name="reference"),
                ),
                ("note", models.CharField(blank=True, default="", max_length=200, verbose_name="note")),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="payments",
                        to="orders.order",
                    ),
                ),
            ],
            options={
                "ordering": ["-paid_on", "-id"],
            },
        ),
        migrations.CreateModel(
            name="BankRow",
            fields=[
                (
                    "id",
                    core.ids.UUID7Field(
                        db_default=core.ids.CoreUUID7(), editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("line", models.PositiveIntegerField()),
                ("paid_on", models.DateField(blank=True, null=True)),
                ("amount", models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True)),
                ("payer", models.CharField(blank=True, default="", max_length=200)),
                ("text", models.CharField(blank=True, default="", max_length=300)),
                ("reference", models.CharField(blank=True, default="", max_length=80)),
                (
                    "fit",
                    models.CharField(
                        choices=[
                            ("number", "contract number"),
                            ("payer", "payer and amount"),
                            ("none", "nothing fits"),
                            ("known", "booked before"),
                            ("wrong", "cannot be read"),
                        ],
                        default="none",
                        max_length=8,
                    ),
                ),
                ("why", models.CharField(blank=True, default="", max_length=200)),
                (
                    "bank_import",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rows",
                        to="orders.bankimport",
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orders.order",
                    ),
                ),
                (
                    "payment",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="bank_row",
                        to="orders.payment",
                    ),
                ),
            ],
            options={
                "ordering": ["line"],
            },
        ),
        migrations.AddField(
            model_name="order",
            name="comment",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
        migrations.AddField(
            model_name="order",
            name="decided_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="order",
            name="decided_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="order",
            name="discount",
            field=models.DecimalField(
                db_default=0, decimal_places=2, default=0, max_digits=5, verbose_name="discount on all, %"
            ),
        ),
        migrations.AddField(
            model_name="order",
            name="listed",
            field=models.DecimalField(
                db_default=0,
                decimal_places=2,
                default=0,
                help_text="the lines at the list prices of the day",
                max_digits=14,
            ),
        ),
        migrations.AddField(
            model_name="order",
            name="net",
            field=models.DecimalField(db_default=0, decimal_places=2, default=0, max_digits=14),
        ),
        migrations.AddField(
            model_name="order",
            name="other_terms",
            field=models.TextField(
                blank=True, db_default="", default="", verbose_name="terms off the standard"
            ),
        ),
        migrations.AddField(
            model_name="order",
            name="quote",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="orders",
                to="opportunities.quote",
            ),
        ),
        migrations.AddField(
            model_name="order",
            name="submitted_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="order",
            name="submitted_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="order",
            name="tax",
            field=models.DecimalField(db_default=0, decimal_places=2, default=0, max_digits=14),
        ),
        migrations.AddField(
            model_name="order",
            name="tax_rate",
            field=models.DecimalField(
                db_default=0, decimal_places=2, default=0, max_digits=5, verbose_name="tax, %"
            ),
        ),
        migrations.AddField(
            model_name="order",
            name="terminated_on",
            field=models.DateField(blank=True, null=True, verbose_name="terminated on"),
        ),
        migrations.AddField(
            model_name="order",
            name="with_tax",
            field=models.BooleanField(db_default=True, default=True, verbose_name="prices include the tax"),
        ),
        migrations.AddField(
            model_name="orderline",
            name="basis",
            field=models.CharField(
                choices=[
                    ("once", "once"),
                    ("user_month", "per user and month"),
                    ("user_year", "per user and year"),
                ],
                db_default="once",
                default="once",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="orderline",
            name="list_price",
            field=models.DecimalField(db_default=0, decimal_places=2, default=0, max_digits=14),
        ),
        migrations.AddField(
            model_name="orderline",
            name="periods",
            field=models.PositiveSmallIntegerField(db_default=1, default=1, verbose_name="months or years"),
        ),
        migrations.AddField(
            model_name="orderline",
            name="purpose",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=500, verbose_name="what for"
            ),
        ),
        # What was written before had no tax of its own: all of it is net, at what was agreed.
        migrations.RunSQL(
            """
            UPDATE orders_order SET net = total, tax = 0, listed = total;
            UPDATE orders_orderline SET list_price = unit_price;
            """,
            migrations.RunSQL.noop,
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("state", "signed")), fields=["starts_on"], name="order_begins"
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("state", "in_force")), fields=["ends_on"], name="order_ends"
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "total",
                        django.db.models.expressions.CombinedExpression(
                            models.F("net"), "+", models.F("tax")
                        ),
                    )
                ),
                name="order_adds_up",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("decided_by__isnull", True),
                    ("submitted_by__isnull", True),
                    models.Q(("decided_by", models.F("submitted_by")), _negated=True),
                    _connector="OR",
                ),
                name="nobody_approves_their_own",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "terminated"), _negated=True),
                    ("terminated_on__isnull", False),
                    _connector="OR",
                ),
                name="terminated_has_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="orderline",
            constraint=models.CheckConstraint(condition=models.Q(("periods__gte", 1)), name="line_periods"),
        ),
        migrations.AddConstraint(
            model_name="document",
            constraint=models.UniqueConstraint(fields=("order", "digest"), name="document_once_an_order"),
        ),
        migrations.AddIndex(
            model_name="instalment",
            index=models.Index(fields=["due_on"], name="instalment_due"),
        ),
        migrations.AddConstraint(
            model_name="instalment",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__gt", 0)), name="instalment_amount"
            ),
        ),
        migrations.AddIndex(
            model_name="payment",
            index=models.Index(fields=["order", "-paid_on"], name="payment_order"),
        ),
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="payment_amount"),
        ),
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("kind", "receipt"), ("method", "transfer"), models.Q(("reference", ""), _negated=True)
                ),
                fields=("reference",),
                name="one_receipt_a_bank_reference",
            ),
        ),
        migrations.AddConstraint(
            model_name="bankrow",
            constraint=models.UniqueConstraint(fields=("bank_import", "line"), name="bank_line_once"),
        ),
    ]
