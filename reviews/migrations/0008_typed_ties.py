"""The typed graph of ties; a panel opinion may be void and formed anew; a recusal tells what it undid."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('applications', '0007_employer'),
        ('documents', '0003_official_names'),
        ('organizations', '0006_units_that_consent'),
        ('reviews', '0007_employers_of_experts'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='GroupLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('scheme_key', models.SlugField(max_length=60, verbose_name='奖项')),
                ('parent_name', models.CharField(max_length=80, verbose_name='母公司（上级单位）')),
                ('parent_code', models.CharField(blank=True, max_length=18, verbose_name='母公司统一社会信用代码')),
                ('child_name', models.CharField(max_length=80, verbose_name='子公司（下级单位）')),
                ('child_code', models.CharField(blank=True, max_length=18, verbose_name='子公司统一社会信用代码')),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='说明')),
                ('source', models.CharField(choices=[('expert', '本人声明'), ('office', '办公室登记'), ('applicant', '申报者提出')], max_length=20, verbose_name='来源')),
                ('declared_at', models.DateTimeField(verbose_name='登记时间')),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True, verbose_name='撤销时间')),
                ('withdrawn_because', models.CharField(blank=True, max_length=300, verbose_name='撤销理由')),
            ],
            options={
                'verbose_name': '集团关系',
                'verbose_name_plural': '集团关系',
                'ordering': ('parent_name', 'child_name', 'pk'),
            },
        ),
        migrations.CreateModel(
            name='LikenessDecision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('scheme_key', models.SlugField(max_length=60, verbose_name='奖项')),
                ('likeness', models.CharField(max_length=120, verbose_name='疑似相同的内容')),
                ('is_same', models.BooleanField(verbose_name='认定为同一')),
                ('because', models.CharField(max_length=300, verbose_name='认定理由')),
                ('decided_at', models.DateTimeField(verbose_name='认定时间')),
            ],
            options={
                'verbose_name': '疑似关系认定',
                'verbose_name_plural': '疑似关系认定',
            },
        ),
        migrations.CreateModel(
            name='Tie',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('scheme_key', models.SlugField(max_length=60, verbose_name='奖项')),
                ('person_name', models.CharField(blank=True, max_length=40, verbose_name='姓名')),
                ('person_employer', models.CharField(blank=True, max_length=80, verbose_name='工作单位')),
                ('body_name', models.CharField(blank=True, max_length=80, verbose_name='单位名称')),
                ('body_code', models.CharField(blank=True, max_length=18, verbose_name='统一社会信用代码')),
                ('kind', models.CharField(choices=[('employment', '任职'), ('acting', '经办申报'), ('colleague', '同一工作单位'), ('kinship', '近亲属'), ('adviser', '咨询培训认证'), ('supplier', '供应商或者业务往来'), ('shareholder', '持股'), ('other', '其他利害关系'), ('recommender', '推荐单位工作人员')], max_length=20, verbose_name='关系')),
                ('ground', models.CharField(blank=True, max_length=60, verbose_name='回避情形')),
                ('detail', models.CharField(blank=True, max_length=80, verbose_name='事实')),
                ('kin_sealed', models.TextField(blank=True, editable=False, verbose_name='亲属姓名（密文）')),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='说明')),
                ('from_on', models.DateField(blank=True, null=True, verbose_name='起')),
                ('until_on', models.DateField(blank=True, null=True, verbose_name='止')),
                ('source', models.CharField(choices=[('expert', '本人声明'), ('office', '办公室登记'), ('applicant', '申报者提出')], max_length=20, verbose_name='来源')),
                ('declared_at', models.DateTimeField(verbose_name='登记时间')),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True, verbose_name='撤销时间')),
                ('withdrawn_because', models.CharField(blank=True, max_length=300, verbose_name='撤销理由')),
            ],
            options={
                'verbose_name': '利害关系',
                'verbose_name_plural': '利害关系',
                'ordering': ('-declared_at', '-pk'),
            },
        ),
        migrations.RemoveConstraint(
            model_name='panelopinion',
            name='panel_opinion_once_a_stage',
        ),
        migrations.AddField(
            model_name='panelopinion',
            name='voided_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='作废时间'),
        ),
        migrations.AddField(
            model_name='panelopinion',
            name='voided_because',
            field=models.CharField(blank=True, max_length=120, verbose_name='作废理由'),
        ),
        migrations.AddField(
            model_name='recusal',
            name='undone',
            field=models.JSONField(blank=True, default=dict, verbose_name='撤销和变更'),
        ),
        migrations.AddConstraint(
            model_name='panelopinion',
            constraint=models.UniqueConstraint(condition=models.Q(('voided_at', None)), fields=('application', 'stage'), name='panel_opinion_once_a_stage'),
        ),
        migrations.AddField(
            model_name='grouplink',
            name='declared_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='登记人'),
        ),
        migrations.AddField(
            model_name='grouplink',
            name='withdrawn_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='likenessdecision',
            name='decided_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='认定人'),
        ),
        migrations.AddField(
            model_name='likenessdecision',
            name='organization',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization', verbose_name='申报者'),
        ),
        migrations.AddField(
            model_name='likenessdecision',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='人员'),
        ),
        migrations.AddField(
            model_name='tie',
            name='declared_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='登记人'),
        ),
        migrations.AddField(
            model_name='tie',
            name='organization',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization', verbose_name='申报者'),
        ),
        migrations.AddField(
            model_name='tie',
            name='person',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='人员'),
        ),
        migrations.AddField(
            model_name='tie',
            name='withdrawn_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='grouplink',
            constraint=models.UniqueConstraint(condition=models.Q(('withdrawn_at', None)), fields=('scheme_key', 'parent_name', 'parent_code', 'child_name', 'child_code'), name='group_link_once_standing'),
        ),
        migrations.AddConstraint(
            model_name='likenessdecision',
            constraint=models.UniqueConstraint(fields=('scheme_key', 'person', 'organization', 'likeness'), name='likeness_decided_once'),
        ),
        migrations.AddConstraint(
            model_name='tie',
            constraint=models.UniqueConstraint(condition=models.Q(('from_on', None), ('organization__isnull', False), ('person__isnull', False), ('withdrawn_at', None)), fields=('scheme_key', 'person', 'organization', 'kind', 'ground'), name='tie_once_standing'),
        ),
        migrations.AddConstraint(
            model_name='tie',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('person__isnull', False), models.Q(('person_name', ''), _negated=True), _connector='OR'), models.Q(('organization__isnull', False), models.Q(('body_name', ''), _negated=True), _connector='OR')), name='tie_has_two_ends'),
        ),
    ]
