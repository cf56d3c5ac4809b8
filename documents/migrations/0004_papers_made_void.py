"""A paper that no longer holds says so and keeps its number."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('documents', '0003_official_names'),
    ]

    operations = [
        migrations.AddField(
            model_name='issueddocument',
            name='voided_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='作废时间'),
        ),
        migrations.AddField(
            model_name='issueddocument',
            name='voided_because',
            field=models.CharField(blank=True, max_length=120, verbose_name='作废理由'),
        ),
    ]
