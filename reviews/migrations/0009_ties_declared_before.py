"""What was declared between experts and applicants becomes ties."""

from django.db import migrations

KINDS = {"own_employer": "employment", "kinship": "kinship", "adviser": "adviser"}


def carry_over(apps, schema_editor):
    Declaration, Tie = (apps.get_model("reviews", name) for name in ("ConflictDeclaration", "Tie"))
    Tie.objects.bulk_create(
        Tie(
            scheme_key=one.expert.scheme_key, person_id=one.expert.user_id, organization_id=one.organization_id,
            kind=KINDS.get(one.ground, "other"), ground=one.ground, note=one.note, source=one.source,
            declared_at=one.declared_at, declared_by_id=one.declared_by_id,
        )  # fmt: skip
        for one in Declaration.objects.select_related("expert").order_by("pk")
    )


class Migration(migrations.Migration):
    dependencies = [("reviews", "0008_typed_ties")]

    operations = [migrations.RunPython(carry_over, migrations.RunPython.noop)]
