"""A case keeps when it ended, however it ended: the years its reporter's particulars are kept count from that day."""

from django.db import migrations, models
from django.db.models.functions import Coalesce

ENDED_BEFORE = ("declined", "unfounded", "rectified", "kept")


def say_when_it_ended(apps, schema_editor):
    cases = apps.get_model("supervision", "Case").objects.filter(state__in=ENDED_BEFORE, closed_at=None)
    cases.update(closed_at=Coalesce("decided_at", "found_at", "reported_at"))


class Migration(migrations.Migration):
    dependencies = [("supervision", "0006_sharing_plans")]

    operations = [
        migrations.AlterField(
            model_name="case", name="name", field=models.CharField(max_length=210, verbose_name="当事人")
        ),
        migrations.RunPython(say_when_it_ended, migrations.RunPython.noop),
    ]
