"""The guards of the append-only tables; put back after every migration by `post_migrate`, since rebuilds drop them."""

from django.db import migrations

from organizations.triggers import drop_triggers, install_triggers


class Migration(migrations.Migration):
    dependencies = [("organizations", "0001_initial")]

    operations = [
        migrations.RunPython(
            lambda apps, editor: install_triggers(editor.connection.alias),
            lambda apps, editor: drop_triggers(editor.connection.alias),
        )
    ]
