"""The employer on an expert's card becomes the employment that stands."""

from django.db import migrations


def enter_employments(apps, schema_editor):
    Expert, Employment = (apps.get_model("reviews", name) for name in ("Expert", "ExpertEmployment"))
    Employment.objects.bulk_create(
        Employment(expert=one, employer=one.employer, employer_code=one.employer_code)
        for one in Expert.objects.filter(employments=None)
    )


class Migration(migrations.Migration):
    dependencies = [("reviews", "0006_expert_cards")]

    operations = [migrations.RunPython(enter_employments, migrations.RunPython.noop)]
