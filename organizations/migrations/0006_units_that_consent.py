from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("organizations", "0005_people_apply")]

    operations = [
        migrations.AlterField(
            model_name="unit",
            name="kind",
            field=models.CharField(
                choices=[
                    ("office", "办公室"),
                    ("recommender", "审核推荐单位"),
                    ("consenter", "同意推荐单位"),
                    ("leading_body", "审议机构"),
                    ("government", "审定机关"),
                    ("consulted", "征求意见部门"),
                    ("supervisor", "纪检监察机构"),
                ],
                max_length=20,
                verbose_name="职能",
            ),
        ),
    ]
