from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("organizations", "0004_once_key_sealed"),
    ]

    operations = [
        migrations.AddField(
            model_name="organization",
            name="identity_sealed",
            field=models.TextField(blank=True, editable=False, verbose_name="身份证号（密文）"),
        ),
        migrations.AddField(
            model_name="organization",
            name="subject",
            field=models.CharField(
                choices=[("organization", "组织"), ("individual", "个人")],
                default="organization",
                max_length=20,
                verbose_name="申报主体",
            ),
        ),
        migrations.AddConstraint(
            model_name="organization",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("identity_sealed", ""), ("subject", "organization")),
                    models.Q(("subject", "individual"), models.Q(("identity_sealed", ""), _negated=True)),
                    _connector="OR",
                ),
                name="identity_of_a_person",
            ),
        ),
    ]
