"""What is still scheduled, or was closed while it was, has reached no stage (R8.4)."""

from django.db import migrations

FORWARD = """
UPDATE opportunities_opportunity SET furthest = 'scheduled'
WHERE stage = 'scheduled' OR (stage = 'lost' AND lost_from = 'scheduled');
"""
BACK = "UPDATE opportunities_opportunity SET furthest = 'confirmed' WHERE furthest = 'scheduled';"


class Migration(migrations.Migration):
    dependencies = [("opportunities", "0003_quotes_and_money")]
    operations = [migrations.RunSQL(FORWARD, BACK)]
