"""The review report in parts and in versions: a correction is a version of its own, with its ground (V7)."""

import django.db.models.deletion
from django.db import migrations, models


def one_text_becomes_the_first_part(apps, schema_editor):
    ReviewReport = apps.get_model("reviews", "ReviewReport")
    for report in ReviewReport.objects.exclude(narrative=""):
        report.sections = {"overview": report.narrative}
        report.save(update_fields=["sections"])


def the_parts_become_one_text(apps, schema_editor):
    ReviewReport = apps.get_model("reviews", "ReviewReport")
    for report in ReviewReport.objects.all():
        report.narrative = "\n".join(text for text in report.sections.values() if text)
        report.save(update_fields=["narrative"])


class Migration(migrations.Migration):
    dependencies = [
        ("reviews", "0010_ties_replace_declarations"),
    ]

    operations = [
        migrations.AlterField(
            model_name="reviewreport",
            name="round",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="awards.round", verbose_name="届次"
            ),
        ),
        migrations.AddField("reviewreport", "number", models.PositiveSmallIntegerField("版次", default=1)),
        migrations.AddField("reviewreport", "ground", models.CharField("更正理由", blank=True, max_length=300)),
        migrations.AddField("reviewreport", "sections", models.JSONField("正文", default=dict)),
        migrations.AddField("reviewreport", "figures", models.JSONField("统计", default=dict)),
        migrations.AddField(
            "reviewreport", "superseded_at", models.DateTimeField("被更正时间", blank=True, null=True)
        ),
        migrations.AlterField("reviewreport", "version", models.PositiveIntegerField("保存次数", default=1)),
        migrations.RunPython(one_text_becomes_the_first_part, the_parts_become_one_text),
        migrations.RemoveField("reviewreport", "narrative"),
        migrations.AlterModelOptions(
            name="reviewreport",
            options={"ordering": ("round", "number"), "verbose_name": "评审报告", "verbose_name_plural": "评审报告"},
        ),
        migrations.AddConstraint(
            "reviewreport", models.UniqueConstraint(fields=["round", "number"], name="review_report_once_a_number")
        ),
        migrations.AddConstraint(
            "reviewreport",
            models.UniqueConstraint(
                condition=models.Q(("issued_at", None)), fields=["round"], name="review_report_one_draft"
            ),
        ),
        migrations.AddConstraint(
            "reviewreport",
            models.UniqueConstraint(
                condition=models.Q(("issued_at__isnull", False), ("superseded_at", None)),
                fields=["round"],
                name="review_report_one_stands",
            ),
        ),
        migrations.AddConstraint(
            "reviewreport",
            models.CheckConstraint(
                condition=models.Q(("number", 1), models.Q(("ground", ""), _negated=True), _connector="OR"),
                name="review_report_correction_with_ground",
            ),
        ),
    ]
