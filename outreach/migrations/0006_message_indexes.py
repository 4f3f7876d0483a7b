"""The outbox by time, and a message by the id that its provider reports under."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("outreach", "0003_reach")]

    operations = [
        migrations.AddIndex(
            model_name="message",
            index=models.Index(fields=["created_at", "id"], name="message_made"),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                fields=["provider_id"], name="message_provider", condition=~models.Q(provider_id="")
            ),
        ),
    ]
