"""The outbox is read by time."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("outreach", "0004_templates")]

    operations = [
        migrations.AddIndex(
            model_name="message",
            index=models.Index(fields=["created_at", "id"], name="message_made"),
        ),
    ]
