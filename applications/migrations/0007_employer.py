from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("applications", "0006_leg_consents"),
    ]

    operations = [
        migrations.AddField(
            model_name="application",
            name="employer",
            field=models.CharField(blank=True, max_length=80, verbose_name="工作单位"),
        ),
    ]
