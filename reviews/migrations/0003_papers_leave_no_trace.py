"""PostgreSQL: sealed papers are never in the write-ahead log, its archive, a base backup or the planner's statistics."""

from django.db import migrations, models

KEEP_OUT = (
    "ALTER TABLE reviews_paper SET UNLOGGED",
    # scrubbing rewrites the table; nobody else need look into it
    "ALTER TABLE reviews_paper SET (autovacuum_enabled = false, toast.autovacuum_enabled = false)",
    "ALTER TABLE reviews_paper ALTER COLUMN id SET STATISTICS 0",
    "ALTER TABLE reviews_paper ALTER COLUMN sealed SET STATISTICS 0",
)


def keep_papers_out(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for statement in KEEP_OUT:
            schema_editor.execute(statement)


def let_papers_in(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE reviews_paper SET LOGGED")


class Migration(migrations.Migration):
    dependencies = [("reviews", "0002_meetings")]

    operations = [
        migrations.AddField(
            model_name="ballot",
            name="scrubbed_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="清除残留时间"),
        ),
        migrations.RunPython(keep_papers_out, let_papers_in),
    ]
