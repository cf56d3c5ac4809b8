from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("objections", "0005_investigation")]

    operations = [
        migrations.RemoveField(model_name="objection", name=name)
        for name in ("question", "asked_at", "answer", "answer_file", "answered_at")
    ]
