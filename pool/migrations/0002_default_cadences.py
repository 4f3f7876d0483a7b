"""The five cadences a firm begins with (R10.1), as rows that anybody may change."""

import uuid
from datetime import UTC, datetime

from django.db import migrations

AT = datetime(2026, 1, 1, tzinfo=UTC)
DAY = 24 * 60

# segment → (goal, repeat from, then segment, [(days to wait, [template codes, the first that reaches is taken])])
CADENCES = {
    "not_now": (
        "acquire", 1, "",
        [
            (30, ["not_now_sms", "not_now_email"]),
            (7, ["not_now_email"]),
            (7, ["not_now_live", "not_now_sms"]),
        ],
    ),
    "some_interest": (
        "acquire", 2, "",
        [
            (0, ["interest_wechat", "not_now_live", "inactive_sms"]),
            (14, ["interest_article", "inactive_email"]),
            (14, ["interest_moments", "not_now_live"]),
            (14, ["interest_community", "inactive_email"]),
        ],
    ),
    "long_inactive": ("acquire", 1, "", [(60, ["inactive_call", "inactive_sms", "inactive_email"])]),
    "dormant": (
        "acquire", 3, "",
        [
            (180, ["dormant_sms", "dormant_email"]),
            (180, ["dormant_sms", "dormant_email"]),
            (365, ["dormant_sms", "dormant_email"]),
        ],
    ),
    "third_party": (
        "acquire", None, "long_inactive",
        [
            (0, ["third_sms_1"]),
            (4, ["third_email"]),
            (5, ["third_call"]),
            (5, ["third_sms_2"]),
        ],
    ),
}  # fmt: skip


def key_of(segment, position):
    """A stable key, the same in every firm."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"trunk/cadence/{segment}/{position}")


def fill(apps, schema_editor):
    models = {
        name: apps.get_model("pool", name) for name in ("Cadence", "CadenceVersion", "CadenceStep", "StepWay")
    }
    templates = {t.code: t for t in apps.get_model("outreach", "Template").objects.exclude(code="")}
    for segment, (goal, repeat_from, then_segment, steps) in CADENCES.items():
        cadence = models["Cadence"].objects.create(segment=segment, goal=goal, created_at=AT)
        version = models["CadenceVersion"].objects.create(
            cadence=cadence, number=1, repeat_from=repeat_from, then_segment=then_segment, at=AT
        )
        for position, (days, codes) in enumerate(steps, start=1):
            step = models["CadenceStep"].objects.create(
                version=version, key=key_of(segment, position), position=position, wait_minutes=days * DAY
            )
            for place, code in enumerate(codes, start=1):
                template = templates[code]
                models["StepWay"].objects.create(
                    step=step, position=place, channel=template.channel, template=template
                )


class Migration(migrations.Migration):
    dependencies = [("pool", "0001_initial"), ("outreach", "0004_templates")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
