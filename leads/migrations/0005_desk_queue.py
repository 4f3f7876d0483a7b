from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("leads", "0004_disputes_lapse")]

    operations = [
        migrations.AddIndex(
            model_name="lead",
            index=models.Index(
                condition=models.Q(("back_at__isnull", False), ("state", "new")),
                fields=["-back_at", "-id"],
                name="lead_desk_back",
            ),
        ),
    ]
