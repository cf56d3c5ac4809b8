"""Filing: who may, in what form, in what window, and what is kept of it (U12, O1)."""

from __future__ import annotations

import io
import json
import logging
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core import serializers
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from applications.models import Hold, Step
from award_portal.lib.crypto import DecryptionFailed, decrypt, digest_secret
from documents.models import IssuedDocument
from objections.form_check import FilingRefused
from objections.identity import open_identity
from objections.models import Objection, ObjectionFile
from organizations.models import AuditRecord, OutboxItem, StoredFile
from tests.publicity.builders import at

from .builders import PROHIBITED, SECRETS, fields_of, files_of, make_case


def lacks(case, *, when=None, **given) -> dict[str, str]:
    """What the door says is missing; and it kept nothing."""
    with pytest.raises(FilingRefused) as refused:
        case.object_to(at=when, **given)
    assert not Objection.objects.exists()
    assert not StoredFile.objects.filter(purpose="objection").exists()
    assert not case.holds.exists()
    return dict(refused.value.lacks)


@pytest.mark.parametrize("form", ["person", "unit"])
def test_u12_a_person_or_a_unit_objects_in_writing_with_evidence(case, form):
    objection = case.object_to(form=form, condition=PROHIBITED)
    assert (objection.form, objection.state, objection.notice) == (form, "received", case.notice)
    assert objection.number == "URUMQI-YY-2026-0001"
    kept = set(objection.files.values_list("key", flat=True))
    assert kept == ({"identity", "signature", "evidence"} if form == "person" else {"sealed_letter", "evidence"})
    assert open_identity(objection, ground="核实异议人身份", by=case.officer, at=at(3, 2)) == fields_of(form)


def test_u12_an_anonymous_objection_is_refused_with_the_article(case):
    told = lacks(case, fields={}, files={})
    assert set(told) == {"name", "phone", "address", "identity", "signature", "evidence"}
    assert all("第十二条" in text for text in told.values())
    assert told["name"].startswith("缺少本人签署的姓名")


@pytest.mark.parametrize("key", ["name", "phone", "address"])
def test_u12_each_thing_a_person_must_give_is_asked_for_by_name(case, key):
    told = lacks(case, fields=fields_of() | {key: "  "})
    assert list(told) == [key]


@pytest.mark.parametrize("key", ["sealed_letter", "evidence"])
def test_u12_a_unit_gives_its_seal_and_its_evidence(case, key):
    files = files_of("unit")
    del files[key]
    told = lacks(case, form="unit", fields=fields_of("unit"), files=files)
    assert list(told) == [key]
    assert "第十二条" in told[key]


def test_u12_a_unit_gives_its_domicile(case):
    assert list(lacks(case, form="unit", fields=fields_of("person"), files=files_of("unit"))) == ["domicile"]


def test_u12_a_telephone_is_one(case):
    assert "可以联系到的电话号码" in lacks(case, fields=fields_of() | {"phone": "不便告知"})["phone"]


def test_an_objection_says_what_it_is_about_and_not_without_end(case):
    assert "事实和理由" in lacks(case, text=" \n ")["text"]
    assert "不超过5000个字" in lacks(case, text="长" * 5001)["text"]


def test_neither_person_nor_unit_is_asked_to_choose(case):
    assert "以个人还是单位" in lacks(case, form="company", fields=fields_of(), files=files_of())["form"]


def test_a_bad_file_is_told_with_everything_else_and_the_good_ones_are_not_kept(case):
    files = files_of() | {"evidence": SimpleUploadedFile("证据.pdf", b"MZ\x90 not a PDF")}
    before = {one for one in Path(settings.MEDIA_ROOT).rglob("*") if one.is_file()}
    told = lacks(case, fields=fields_of() | {"name": ""}, files=files)
    assert set(told) == {"name", "evidence"}
    assert {one for one in Path(settings.MEDIA_ROOT).rglob("*") if one.is_file()} == before


# --- the window -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["recommendation_publicity", "award_publicity"])
def test_one_second_after_the_window_is_late(db, frozen, calendars, state):
    case = make_case(state)
    end = at(3, 10, 0)
    assert case.notice.ends_at == end
    told = lacks(case, when=end + timedelta(seconds=1))
    assert "公示期至2026年3月9日24:00止" in told[""]
    assert lacks(case, when=end) == told
    assert case.object_to(at=end - timedelta(seconds=1)).notice == case.notice


def test_u12_during_acceptance_and_review_an_objection_is_taken_though_the_list_is_closed(case):
    late = case.object_to(at=at(3, 10, 0) + timedelta(seconds=1))
    assert late.notice is None
    type(case.application).objects.filter(pk=case.application.pk).update(state="defense")
    assert case.object_to(at=at(4, 1)).notice is None


@pytest.mark.parametrize("state", ["recommendation_review", "recommendation", "approval"])
def test_u12_before_acceptance_and_after_the_list_of_winners_none_is_taken(case, state):
    type(case.application).objects.filter(pk=case.application.pk).update(state=state)
    assert "现阶段不受理异议" in lacks(case)[""]
    assert "第十二条" in lacks(case)[""]


def test_an_application_that_ended_takes_no_objection(case):
    type(case.application).objects.filter(pk=case.application.pk).update(state="withdrawn")
    assert "该申报已结束" in lacks(case)[""]


def test_an_objection_is_not_kept_out_by_an_unpublished_calendar(case, frozen):
    frozen.travel_to(at(12, 30))
    type(case.application).objects.filter(pk=case.application.pk).update(state="defense")
    objection = case.object_to()
    assert objection.due_at is None
    assert case.holds.count() == 1


# --- what is kept, and what never shows -------------------------------------------------------------------------------


def test_the_receipt_is_known_by_the_digest_of_its_secret(case):
    objection, secret = case.object_with_receipt()
    assert objection.secret_digest == digest_secret(secret)
    assert secret not in json.dumps(list(Objection.objects.values()), default=str)
    receipt = IssuedDocument.objects.get(kind="objection_receipt")
    assert receipt.content["number"] == objection.number
    assert receipt.content["due_on"] == "2026年3月5日"


def test_the_objectors_identity_is_sealed_at_rest_and_bound_to_its_row(case):
    one, two = case.object_to(), case.object_to()
    with pytest.raises(DecryptionFailed):
        decrypt(one.identity, bound_to=two.identity_binding)
    assert one.identity != two.identity
    assert not [secret for secret in SECRETS if secret in one.identity]


def test_the_objector_stands_in_no_row_record_message_history_or_log(case, caplog):
    """Every table is read whole, the stored papers' names included: nothing tells who objected."""
    with caplog.at_level(logging.DEBUG):
        objection = case.object_to(condition=PROHIBITED)
        open_identity(objection, ground="核实异议人身份", by=case.officer, at=at(3, 2))
    told = json.dumps(fields_of(), ensure_ascii=False)
    assert all(secret in told for secret in SECRETS)
    dump = io.StringIO()
    for table in connection.introspection.table_names():
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT * FROM "{table}"')
            dump.write(repr(cursor.fetchall()))
    everything = dump.getvalue() + caplog.text + repr(objection) + serializers.serialize("json", [objection])
    assert objection.number in everything
    assert [secret for secret in SECRETS if secret in everything] == []
    assert AuditRecord.objects.filter(verb="objection.open_identity").count() == 1
    assert OutboxItem.objects.filter(payload__subject=f"收到异议 {objection.number}").exists()


def test_papers_are_kept_under_what_they_are_not_under_what_the_objector_called_them(case):
    objection = case.object_to()
    names = set(ObjectionFile.objects.filter(objection=objection).values_list("file__original_name", flat=True))
    assert names == {"身份证明.pdf", "本人签名的异议书.pdf", "相应证明材料.pdf"}


def test_numbers_follow_each_other_and_a_refused_objection_takes_none(case):
    case.object_to()
    with pytest.raises(FilingRefused):
        case.object_to(text="")
    assert case.object_to(files=files_of()).number == "URUMQI-YY-2026-0002"


def test_filing_moves_nothing_and_holds_once(case):
    case.object_to()
    assert case.state == "acceptance_publicity"
    assert not Step.objects.filter(application=case.application).exists()
    assert Hold.objects.get().kind == "provisional"
