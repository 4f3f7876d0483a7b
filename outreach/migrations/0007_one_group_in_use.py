"""Each team's group has a channel of its own in use. Of channels there are a handful: the lock is a moment's
(tests/check.py passes this one over)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("outreach", "0006_groups")]

    operations = [
        migrations.RemoveConstraint(
            model_name="channel",
            name="one_channel_of_a_kind_in_use",
        ),
        migrations.AddConstraint(
            model_name="channel",
            constraint=models.UniqueConstraint(
                condition=models.Q(("in_use", True), ("team__isnull", True)),
                fields=("kind",),
                name="one_channel_of_a_kind_in_use",
            ),
        ),
        migrations.AddConstraint(
            model_name="channel",
            constraint=models.UniqueConstraint(
                condition=models.Q(("in_use", True)),
                fields=("kind", "team"),
                name="one_group_of_a_team_in_use",
            ),
        ),
    ]
