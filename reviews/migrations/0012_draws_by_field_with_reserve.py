import uuid

import django.db.models.deletion
from django.db import migrations, models


def give_public_ids(apps, schema_editor):
    DrawRecord = apps.get_model("reviews", "DrawRecord")
    for one in DrawRecord.objects.only("pk").iterator():
        DrawRecord.objects.filter(pk=one.pk).update(public_id=uuid.uuid4())
    DrawRecord.objects.filter(purpose="readers").update(method="balance")


class Migration(migrations.Migration):
    dependencies = [("reviews", "0011_review_report_versions")]

    operations = [
        migrations.AddField(
            model_name='assignment',
            name='replaces',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reviews.assignment', verbose_name='调整自'),
        ),
        migrations.AddField(
            model_name='drawrecord',
            name='ground',
            field=models.CharField(blank=True, max_length=300, verbose_name='事由'),
        ),
        migrations.AddField(
            model_name='drawrecord',
            name='inputs',
            field=models.JSONField(default=dict, verbose_name='抽取依据'),
        ),
        migrations.AddField(
            model_name='drawrecord',
            name='method',
            field=models.CharField(choices=[('tickets', '按领域随机抽取'), ('reserve', '按备选次序递补'), ('balance', '均衡分配')], default='tickets', max_length=20, verbose_name='方式'),
        ),
        migrations.AddField(
            model_name='drawrecord',
            name='objective',
            field=models.JSONField(default=dict, verbose_name='分配指标'),
        ),
        migrations.AddField(
            model_name='drawrecord',
            name='public_id',
            field=models.UUIDField(default=uuid.uuid4, editable=False),
        ),
        migrations.AddField(
            model_name='drawrecord',
            name='replaced',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reviews.expert', verbose_name='被替补专家'),
        ),
        migrations.AddField(
            model_name='drawrecord',
            name='reserve',
            field=models.JSONField(default=list, verbose_name='备选专家'),
        ),
        migrations.AddField(
            model_name='panel',
            name='load_limit',
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='每名专家评审份数上限'),
        ),
        migrations.AddField(
            model_name='panelmember',
            name='field',
            field=models.CharField(blank=True, max_length=60, verbose_name='抽取领域'),
        ),
        migrations.AddField(
            model_name='panelmember',
            name='left_because',
            field=models.CharField(blank=True, max_length=300, verbose_name='退出理由'),
        ),
        migrations.AddField(
            model_name='panelmember',
            name='replaces',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reviews.expert', verbose_name='替补'),
        ),
        migrations.AlterField(
            model_name='assignment',
            name='ended_because',
            field=models.CharField(blank=True, max_length=300, verbose_name='结束理由'),
        ),
        migrations.AlterField(
            model_name='drawrecord',
            name='purpose',
            field=models.CharField(choices=[('panel', '组建评审组'), ('addition', '增补专家'), ('replacement', '替补专家'), ('readers', '分配材料')], max_length=20, verbose_name='用途'),
        ),
        migrations.RunPython(give_public_ids, migrations.RunPython.noop),
        migrations.AlterField(
            model_name='drawrecord',
            name='public_id',
            field=models.UUIDField(default=uuid.uuid4, editable=False, unique=True),
        ),
    ]
