from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('objections', '0008_declined_by_its_recommender'),
        ('supervision', '0008_clawback_has_its_paper'),
    ]

    operations = [
        migrations.AddField(
            model_name='case',
            name='objections',
            field=models.ManyToManyField(related_name='+', to='objections.objection', verbose_name='查证属实的异议'),
        ),
    ]
