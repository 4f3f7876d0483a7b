"""The group of a team, and what it was told."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0008_notices_about"),
        ("outreach", "0005_message_indexes"),
    ]

    operations = [
        migrations.AddField(
            model_name="channel",
            name="team",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="groups",
                to="accounts.team",
            ),
        ),
        migrations.AddField(
            model_name="channel",
            name="told",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=40), blank=True, db_default=[], default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="channel",
            name="used_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddConstraint(
            model_name="channel",
            constraint=models.CheckConstraint(
                condition=models.Q(("team__isnull", True), ("kind", "wechat"), _connector="OR"),
                name="team_of_a_group_only",
            ),
        ),
        migrations.CreateModel(
            name="GroupPost",
            fields=[
                (
                    "notice",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        serialize=False,
                        to="accounts.notice",
                    ),
                ),
                (
                    "channel",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="posts",
                        to="outreach.channel",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("sending", "on its way"),
                            ("sent", "sent"),
                            ("failed", "failed"),
                            ("unknown", "may have been sent"),
                        ],
                        default="sending",
                        max_length=8,
                    ),
                ),
                ("at", models.DateTimeField()),
            ],
            options={
                "ordering": ["-at", "notice"],
                "indexes": [models.Index(fields=["channel", "-at"], name="group_posts")],
            },
        ),
    ]
