from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('supervision', '0009_case_from_objections'),
    ]

    operations = [
        migrations.AddField(
            model_name='contactopening',
            name='ground',
            field=models.CharField(blank=True, max_length=200, verbose_name='理由'),
        ),
    ]
