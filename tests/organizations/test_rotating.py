"""`rotate_keys` brings everything sealed under the newest key, goes on where it was stopped, and loses nothing."""

from __future__ import annotations

import io

import pytest
from django.core.management import call_command
from django.db import models

from award_portal.lib import clock, crypto
from award_portal.lib.sealed import SealedTextField, seal, sealed_fields, unseal
from organizations import rotating
from organizations.files import open_stored, store_upload
from organizations.identity import masked_identity, register_person
from organizations.models import Organization, StoredFile
from tests.factories import made_up_upload

pytestmark = pytest.mark.django_db
OLD, NEW = "2025:an old secret of the tests", "2026:a new secret of the tests"
NUMBERS = ("11010119900307001X", "110101199003070028", "110101199003070036")


@pytest.fixture
def people(settings) -> list[Organization]:
    settings.FIELD_KEYS = [OLD]
    people = [register_person(one, name="样例", at=clock.now()) for one in NUMBERS]
    settings.FIELD_KEYS = [NEW, OLD]
    return people


def rotate() -> str:
    out = io.StringIO()
    call_command("rotate_keys", stdout=out, stderr=out)
    return out.getvalue()


def identities() -> dict[int, str]:
    return {one.pk: unseal(one, "identity_sealed") for one in Organization.objects.filter(subject="individual")}


def test_after_rotation_the_old_key_is_needed_no_more(people, settings) -> None:
    assert "旧密钥可以从 FIELD_KEYS 中删除" in rotate()
    settings.FIELD_KEYS = [NEW]
    assert sorted(identities().values()) == sorted(NUMBERS)
    assert masked_identity(Organization.objects.get(pk=people[0].pk)) == "1101**********001X"


def test_stopped_in_the_middle_it_goes_on_with_what_is_left(people, settings, monkeypatch) -> None:
    seen, real = [], crypto.rotate

    def stopped(token: str, *, bound_to: str) -> str:
        if len(seen) == 1:
            raise KeyboardInterrupt
        seen.append(token)
        return real(token, bound_to=bound_to)

    monkeypatch.setattr(crypto, "rotate", stopped)
    with pytest.raises(KeyboardInterrupt):
        rotate()
    monkeypatch.setattr(crypto, "rotate", real)
    column = Organization._meta.get_field("identity_sealed")
    assert rotating.rotate_column(column, dry_run=True).behind == 2
    assert rotating.rotate_column(column).rotated == 2
    settings.FIELD_KEYS = [NEW]
    assert sorted(identities().values()) == sorted(NUMBERS)


def test_what_does_not_open_is_named_and_left_and_the_others_are_rotated(people) -> None:
    other = people[1]
    Organization.objects.filter(pk=people[0].pk).update(identity_sealed=other.identity_sealed)
    with pytest.raises(SystemExit):
        rotate()
    rows = dict(Organization.objects.values_list("pk", "identity_sealed"))
    assert rows[people[0].pk] == other.identity_sealed
    assert crypto.is_newest(rows[people[1].pk])
    assert crypto.is_newest(rows[people[2].pk])


def test_a_sealed_file_lies_encrypted_and_is_read_as_it_came_under_either_key(settings, db) -> None:
    settings.FIELD_KEYS = [OLD]
    upload = made_up_upload("身份证明")
    came = upload.read()
    upload.seek(0)
    stored = store_upload(upload, purpose="identity_card", by=None, at=clock.now(), sealed=True)
    with stored.content.open("rb") as lying:
        assert came[:40] not in lying.read()
    before = stored.content.name
    settings.FIELD_KEYS = [NEW, OLD]
    assert "加密文件：共1项，更换1项" in rotate()
    settings.FIELD_KEYS = [NEW]
    stored = StoredFile.objects.get(pk=stored.pk)
    with open_stored(stored) as content:
        assert content.read() == came
    assert not stored.content.storage.exists(before)
    StoredFile.objects.filter(pk=stored.pk).update(public_id="00000000-0000-4000-8000-000000000000")
    with pytest.raises(crypto.DecryptionFailed):
        open_stored(StoredFile.objects.get(pk=stored.pk))


def test_every_column_that_carries_a_token_is_declared_sealed() -> None:
    """A column named as sealed that is a plain text column would be overlooked by rotation and erasure."""
    from django.apps import apps

    declared = set(sealed_fields())
    assert len(declared) >= 7
    for model in apps.get_models():
        for field in model._meta.local_fields:
            if isinstance(field, models.TextField) and field.name.endswith("_sealed"):
                assert isinstance(field, SealedTextField), field
                assert field.binding, field
                assert hasattr(model, field.binding), field


def test_sealing_nothing_leaves_nothing() -> None:
    person = Organization()
    seal(person, "identity_sealed", "")
    assert person.identity_sealed == ""
    assert unseal(person, "identity_sealed") == ""
