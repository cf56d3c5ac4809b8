from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("awards", "0005_imported_lists")]

    operations = [
        migrations.AddField(
            model_name="scheme",
            name="colour",
            field=models.CharField(
                choices=[("blue", "政务蓝"), ("red", "庄重红"), ("green", "生态绿"), ("slate", "黛青")],
                default="blue",
                max_length=20,
                verbose_name="门户颜色",
            ),
        ),
    ]
