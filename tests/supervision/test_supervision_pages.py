"""The pages after the award: honours and duties, filing an activity, the desk that looks at it (U17–U19)."""

from __future__ import annotations

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from award_portal.lib import clock
from documents.issuing import issue_document
from organizations.desks import desks_for
from organizations.models import StoredFile
from supervision.models import SharingRecord
from tests.factories import made_up_upload, make_unit, make_user

from .builders import make_award

FILED = {
    "duty": "exchange", "held_on": "2026-03-01", "title": "交流推广活动（虚构）", "content": "介绍质量管理模式。",
    "audience": "120",
}  # fmt: skip


def share(client, award, **changed):
    url = reverse("supervision:share", args=[award.public_id])
    return client.post(url, FILED | {"form_key": str(uuid.uuid4())} | changed)


def page(client, name: str, *args) -> str:
    return client.get(reverse(f"supervision:{name}", args=args)).content.decode()


def labels(user) -> list[str]:
    return [desk.label for desk in desks_for(user)]


def test_u17_the_winner_reads_its_duties_and_how_the_honour_may_be_used(client, honour):
    client.force_login(honour.winner)
    assert "荣誉与义务" in labels(honour.winner)
    shown = page(client, "honours")
    rule = "使用荣誉开展自身宣传时表明获奖年份"
    for text in ("质量管理交流推广活动", "第十八条", "不得将乌市质量奖用于产品", "第十九条", rule):
        assert text in shown
    assert honour.award.certificate_number in shown


def test_the_winner_finds_its_certificate_and_nobody_elses(client, honour):
    other, _ = make_award(honour.round)
    for award in (honour.award, other):
        issue_document(
            "certificate", title=f"{award.name}质量奖证书", template="certificate.html", content={},
            scheme_key="urumqi", subject=f"award:{award.public_id}", at=clock.now(), by=honour.officer,
        )  # fmt: skip
    client.force_login(honour.winner)
    shown = page(client, "honours")
    assert f"{honour.award.name}质量奖证书" in shown
    assert f"{other.name}质量奖证书" not in shown


def test_u18_filed_by_the_winner_looked_at_by_the_recommender_read_by_both(client, honour):
    client.force_login(honour.winner)
    assert share(client, honour.award, proof=made_up_upload("活动照片")).status_code == 302
    record = SharingRecord.objects.get()
    assert client.get(reverse("supervision:proof", args=[record.public_id])).status_code == 200
    client.force_login(honour.clerk)
    assert next(desk.count for desk in desks_for(honour.clerk) if desk.label == "获奖后监督") == 1
    assert record.title in page(client, "records")
    assert "提交核实意见" in page(client, "record", record.public_id)
    url = reverse("supervision:record", args=[record.public_id])
    assert client.post(url, {"note": "", "form_key": str(uuid.uuid4())}).status_code == 422
    assert client.post(url, {"note": "情况属实", "form_key": str(uuid.uuid4())}).status_code == 302
    assert "提交核实意见" not in page(client, "record", record.public_id)
    client.force_login(honour.winner)
    assert "情况属实" in page(client, "record", record.public_id)


@pytest.mark.parametrize(
    "changed",
    [
        {"held_on": "昨天"},
        {"held_on": "2026-03-09"},
        {"audience": "很多"},
        {"audience": "-3"},
        {"content": "长" * 2001},
        {"duty": "dance"},
        {"proof": SimpleUploadedFile("照片.pdf", b"MZ")},
    ],
    ids=["no-date", "future", "no-number", "negative", "long", "duty", "disguised"],
)
def test_bad_input_is_answered_with_the_form_and_what_was_typed(client, honour, changed):
    client.force_login(honour.winner)
    answer = share(client, honour.award, title="不应丢失的名称（虚构）", **changed)
    assert answer.status_code == 422
    assert "不应丢失的名称（虚构）" in answer.content.decode()
    assert not SharingRecord.objects.exists()


def test_a_refused_record_keeps_no_file_behind(client, honour):
    client.force_login(honour.winner)
    assert share(client, honour.award, held_on="2026-03-09", proof=made_up_upload("照片")).status_code == 422
    assert not StoredFile.objects.filter(purpose="sharing").exists()


def test_the_form_posted_twice_files_once(client, honour):
    client.force_login(honour.winner)
    key = str(uuid.uuid4())
    assert [share(client, honour.award, form_key=key).status_code for _ in range(2)] == [302, 302]
    assert SharingRecord.objects.count() == 1


def test_another_winners_award_and_records_are_not_found(client, honour):
    record = honour.share()
    _, rival = make_award(honour.round)
    elsewhere = make_unit("office")
    type(elsewhere).objects.filter(pk=elsewhere.pk).update(scheme_key="elsewhere")
    for stranger in (rival, make_user(), make_user(elsewhere)):
        client.force_login(stranger)
        assert share(client, honour.award).status_code == 404
        for name in ("record", "proof"):
            assert client.get(reverse(f"supervision:{name}", args=[record.public_id])).status_code == 404
        assert record.title not in page(client, "records")


def test_the_supervising_department_reads_and_does_not_review(client, honour):
    record = honour.share()
    client.force_login(honour.supervisor)
    shown = page(client, "record", record.public_id)
    assert record.title in shown
    assert "提交核实意见" not in shown


def test_an_award_of_an_earlier_regulation_is_shown_without_duties(client, honour):
    award, winner = make_award(None, scheme=honour.round.scheme, imported_from="历届获奖名录（虚构）")
    client.force_login(winner)
    assert "历届获奖，按当时办法管理" in page(client, "honours")
    assert client.get(reverse("supervision:share", args=[award.public_id])).status_code == 404


def test_whoever_is_not_signed_in_is_sent_to_sign_in(client, honour):
    record = honour.share()
    for name, args in (("honours", []), ("records", []), ("record", [record.public_id]), ("proof", [record.public_id])):
        assert client.get(reverse(f"supervision:{name}", args=args)).status_code == 302
