"""The declarations stand as ties now."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("reviews", "0009_ties_declared_before")]

    operations = [migrations.DeleteModel(name="ConflictDeclaration")]
