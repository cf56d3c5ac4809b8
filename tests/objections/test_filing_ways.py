"""Incomplete, joined, late and merged filings, more days, and the letters of a case (U12, U13, O1, O2)."""

from __future__ import annotations

import base64
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image, ImageDraw

from objections import completing, extending, handling, investigating, joining, merging, outcomes, situations
from objections.casework import HandlingRefused
from objections.escalating import sweep_cases
from objections.form_check import FilingRefused, drawn_signature
from objections.models import CaseLetter, JoinedFiling, Objection, SituationReport
from objections.registers import objection_register
from organizations.files import UploadRefused
from organizations.models import OutboxItem, StoredFile
from tests.publicity.builders import at

from .builders import NAME, PROHIBITED, SECRETS, TEXT, fields_of, files_of, make_case, posted

REPORT, FINDING = "经现场核实并调阅资料，形成调查情况。", "经审议，依据调查情况作出本认定。"


def fresh(objection: Objection) -> Objection:
    return Objection.objects.get(pk=objection.pk)


def incomplete(case, **given) -> Objection:
    values = {"fields": {"name": NAME}, "files": {}, "incomplete_ok": True} | given
    return case.object_to(**values)


def letters(objection: Objection) -> list[str]:
    return [one.document.kind for one in objection.letters.select_related("document")]


# --- incomplete -------------------------------------------------------------------------------------------------------


def test_u12_one_that_says_who_files_is_told_what_lacks_and_its_clock_has_not_started(case):
    objection = incomplete(case)
    assert (objection.state, objection.leg) == ("incomplete", "")
    assert not case.holds.exists()
    notice = objection.letters.get(document__kind="objection_completion").document
    assert len(notice.content["lacks"]) == 5
    assert any("缺少身份证明" in one and "第十二条" in one for one in notice.content["lacks"])
    assert notice.content["due_on"] == "2026年3月9日"
    assert sweep_cases(at(3, 9, 23)) == 0


def test_u13_the_days_count_from_the_day_it_is_complete(case):
    objection = incomplete(case)
    done = completing.complete_filing(objection, fields=fields_of(), files=files_of(), at=at(3, 4))
    assert (done.state, done.due_at, done.lacks) == ("received", at(3, 10, 0), [])
    assert case.holds.count() == 1
    assert handling.accept(done, by=case.officer, at=at(3, 5)).due_at == at(3, 10, 0)


def test_what_is_still_wanting_is_told_and_nothing_is_kept(case):
    objection, files = incomplete(case), files_of()
    del files["identity"]
    with pytest.raises(FilingRefused, match="缺少身份证明"):
        completing.complete_filing(objection, fields=fields_of(), files=files, at=at(3, 4))
    assert not StoredFile.objects.filter(purpose="objection").exists()


def test_one_not_completed_in_time_ends_with_a_letter_and_everybody_is_told(case):
    objection = incomplete(case)
    assert [sweep_cases(at(3, 10, 0)), sweep_cases(at(3, 10, 0))] == [1, 0]
    ended = fresh(objection)
    assert (ended.state, ended.told_at, ended.recommender_told_at) == ("lapsed", at(3, 10, 0), at(3, 10, 0))
    assert "2026年3月9日" in ended.reply.content["lapsed_on"]
    with pytest.raises(HandlingRefused, match="不需要补正"):
        completing.complete_filing(objection, fields=fields_of(), files=files_of(), at=at(3, 11))


def test_u12_an_anonymous_one_is_refused_with_the_article_even_as_incomplete(case):
    with pytest.raises(FilingRefused, match=r"不受理匿名异议.*第十二条"):
        incomplete(case, fields={"phone": "0991-5550000"})
    assert not Objection.objects.exists()


def test_the_desk_asks_once_for_what_lacks_and_keeps_the_hold(case):
    objection = completing.require_completion(
        case.object_to(), keys=["identity"], because="证件照片看不清", by=case.officer, at=at(3, 3)
    )
    assert objection.state == "incomplete"
    assert case.holds.count() == 1
    again = completing.complete_filing(objection, fields={}, files=files_of(), at=at(3, 5))
    assert again.due_at == at(3, 11, 0)
    with pytest.raises(HandlingRefused, match="已经补正过一次"):
        completing.require_completion(again, keys=["name"], because="再补", by=case.officer, at=at(3, 6))


# --- the same objector, several objectors -----------------------------------------------------------------------------


def test_u12_an_objector_who_gave_the_phone_only_when_completing_is_known_again_and_joined(case):
    objection = incomplete(case)
    completing.complete_filing(objection, fields=fields_of(), files=files_of(), at=at(3, 4))
    assert case.object_to(fields=fields_of(), at=at(3, 5)) == objection
    assert JoinedFiling.objects.get().objection == objection


def test_the_same_objector_on_the_same_ground_is_joined_with_a_receipt_of_its_own(case, client):
    first, one = case.object_with_receipt(fields=fields_of(), condition=PROHIBITED)
    second, two = case.object_with_receipt(fields=fields_of(), condition=PROHIBITED, text="又查到一份通报。")
    assert (first.pk, Objection.objects.count(), case.holds.count()) == (second.pk, 1, 1)
    assert one != two
    joined = JoinedFiling.objects.get()
    assert (joined.number, joined.text, joined.files.count()) == ("URUMQI-YY-2026-0002", "又查到一份通报。", 3)
    for secret in (one, two):
        assert "URUMQI-YY-2026-0001" in client.get(reverse("objections:receipt", args=[secret])).content.decode()


@pytest.mark.parametrize("other", [{"condition": ""}, {"fields": fields_of(person=7)}], ids=["ground", "person"])
def test_another_ground_or_another_person_is_a_case_of_its_own(case, other):
    case.object_to(fields=fields_of(), condition=PROHIBITED)
    case.object_to(**({"fields": fields_of(), "condition": PROHIBITED} | other))
    assert Objection.objects.count() == 2


def test_a_whole_second_filing_completes_the_first(case):
    first = incomplete(case, fields=fields_of())
    case.object_to(fields=fields_of(), at=at(3, 3))
    assert fresh(first).state == "received"
    assert case.holds.count() == 1


def test_by_the_receipt_proofs_are_added_until_the_finding(case):
    objection = case.object_to()
    joining.supplement(objection, text="补充一份通报。", files={"evidence": [files_of()["evidence"]]}, at=at(3, 3))
    assert objection.joined.get().files.get().label == "相应证明材料"
    ended = handling.withdraw(objection, because="误会", at=at(3, 3))
    with pytest.raises(HandlingRefused, match="不能补充"):
        joining.supplement(ended, text="再补充一份。", files={}, at=at(3, 4))


def test_u13_objectors_handled_together_are_each_told(case):
    lead = handling.forward(case.object_to(), by=case.officer, at=at(3, 3))
    other = merging.merge_case(case.object_to(), into=lead, by=case.officer, at=at(3, 4))
    assert (other.state, other.lead, other.due_at) == ("forwarded", lead, lead.due_at)
    with pytest.raises(HandlingRefused, match="已并入URUMQI-YY-2026-0001办理"):
        investigating.report(other, text=REPORT, by=case.clerk, at=at(3, 5))
    lead = investigating.report(lead, text=REPORT, by=case.clerk, at=at(3, 5))
    outcomes.decide(lead, finding="dismissed", text=FINDING, by=case.officer, at=at(3, 6))
    assert not case.holds.exists()
    for one in (lead, other):
        assert fresh(one).finding == "dismissed"
        assert handling.tell(fresh(one), by=case.officer, at=at(3, 9)).reply.content["number"] == one.number


def test_the_desk_is_offered_the_other_open_cases_on_the_same_name_those_on_the_same_ground_first(case, client):
    lead = case.object_to(condition=PROHIBITED)
    other, apart = case.object_to(condition=""), case.object_to(condition=PROHIBITED, accuses_recommender=True)
    same = case.object_to(condition=PROHIBITED)
    offers = merging.offers_for(lead)
    assert [(one.other, one.is_same_ground, one.follower) for one in offers] == [
        (same, True, None), (other, False, None),
    ]  # fmt: skip
    lead = handling.forward(lead, by=case.officer, at=at(3, 3))
    assert [(one.follower, one.lead) for one in merging.offers_for(lead)] == [(same, lead), (other, lead)]
    assert (same, lead) in [(one.follower, one.lead) for one in merging.offers_for(same)]
    assert not merging.offers_for(apart)

    client.force_login(case.officer)
    page = client.get(lead.get_absolute_url()).content.decode()
    assert f"将{same.number}并入本件" in page
    assert f"本件并入{lead.number}" in client.get(same.get_absolute_url()).content.decode()
    url = reverse("objections:act", args=[same.public_id, "merge"])
    assert client.post(url, {"into": str(apart.public_id)}).status_code == 422
    assert client.post(url, {"into": str(lead.public_id)})["Location"] == lead.get_absolute_url()
    assert fresh(same).lead == lead
    client.force_login(case.clerk)  # who investigates has nothing to join
    assert "并入本件" not in client.get(lead.get_absolute_url()).content.decode()


def test_where_the_leading_objector_withdraws_the_next_leads_on(case):
    lead = handling.forward(case.object_to(), by=case.officer, at=at(3, 3))
    other = merging.merge_case(case.object_to(), into=lead, by=case.officer, at=at(3, 4))
    handling.withdraw(lead, because="误会", at=at(3, 5))
    assert fresh(other).lead is None
    assert investigating.report(fresh(other), text=REPORT, by=case.clerk, at=at(3, 6)).state == "reported"


# --- late -------------------------------------------------------------------------------------------------------------


def test_what_comes_too_late_is_kept_as_a_tip_with_its_use_and_no_clock(db, frozen, calendars, client):
    case = make_case("award_publicity")
    frozen.travel_to(at(3, 10, 0))
    url = reverse("objections:tell_situation", args=[case.notice.public_id])
    sent = {"application": str(case.application.public_id), "text": TEXT, "phone": "0991-5550000"}
    answer = client.post(url, sent)
    report = SituationReport.objects.get()
    assert "已经期满" in report.because
    assert "0991-5550000" not in report.contact
    assert not case.holds.exists()
    situations.note_use(report, text="已转监督检查参考。", by=case.officer, at=at(3, 11))
    assert "已转监督检查参考" in client.get(answer["Location"]).content.decode()


def test_while_an_objection_may_be_filed_no_tip_is_taken(case):
    with pytest.raises(FilingRefused, match="请按异议提出"):
        situations.report_situation(case.application, text=TEXT, contact={}, at=at(3, 3))


# --- days -------------------------------------------------------------------------------------------------------------


def test_half_of_a_leg_is_warned_of_once_to_those_who_must_do_it(case):
    objection = handling.forward(case.object_to(), by=case.officer, at=at(3, 3))
    assert sweep_cases(at(3, 6)) == 0
    assert [sweep_cases(at(3, 7)), sweep_cases(at(3, 8))] == [1, 0]
    told = OutboxItem.objects.filter(payload__subject=f"异议办理期限过半：{objection.number}")
    assert [one.payload["user"] for one in told] == [case.clerk.pk]


def test_more_days_are_given_once_with_a_ground_and_told_to_the_objector(case):
    objection = handling.forward(case.object_to(), by=case.officer, at=at(3, 3))
    with pytest.raises(HandlingRefused, match="1至5日"):
        extending.extend_leg(objection, days=6, ground="现场核实尚需时日", by=case.officer, at=at(3, 4))
    with pytest.raises(HandlingRefused, match="延长的理由"):
        extending.extend_leg(objection, days=2, ground="忙", by=case.officer, at=at(3, 4))
    made = extending.extend_leg(objection, days=2, ground="现场核实尚需时日", by=case.officer, at=at(3, 4))
    assert (made.due_before, made.due_after, fresh(objection).due_at) == (at(3, 11, 0), at(3, 13, 0), at(3, 13, 0))
    letter = objection.letters.get(document__kind="objection_extension")
    assert letter.audience == CaseLetter.Audience.OBJECTOR
    assert letter.document.content["after"] == "2026年3月12日"
    with pytest.raises(HandlingRefused, match="已经延长过"):
        extending.extend_leg(objection, days=1, ground="再延长几天", by=case.officer, at=at(3, 5))


def test_an_overdue_leg_is_not_extended_any_more(case):
    objection = handling.forward(case.object_to(), by=case.officer, at=at(3, 3))
    with pytest.raises(HandlingRefused, match="已经逾期"):
        extending.extend_leg(objection, days=1, ground="现场核实尚需时日", by=case.officer, at=at(3, 11, 0))


def test_a_leg_begun_without_a_calendar_gets_its_day_once_there_is_one(case):
    objection = case.object_to()
    Objection.objects.filter(pk=objection.pk).update(due_at=None, warn_at=None)
    assert sweep_cases(at(3, 3)) == 1
    assert fresh(objection).due_at == at(3, 6, 0)


# --- letters, receipt, register ---------------------------------------------------------------------------------------


def test_u13_each_step_has_its_letter_and_none_tells_who_objected(case):
    objection = handling.forward(case.object_to(condition=PROHIBITED), by=case.officer, at=at(3, 3))
    objection = investigating.report(objection, text=REPORT, by=case.clerk, at=at(3, 5))
    objection = outcomes.decide(objection, finding="dismissed", text=FINDING, by=case.officer, at=at(3, 6))
    objection = handling.tell(objection, by=case.officer, at=at(3, 9))
    assert letters(objection) == [
        "objection_receipt", "objection_acceptance", "objection_forwarding", "objection_finding", "objection_reply",
    ]  # fmt: skip
    contents = str([one.document.content for one in objection.letters.all()])
    assert not [secret for secret in SECRETS if secret in contents]
    shown = [one.document.kind for one in objection.letters.filter(audience="objector")]
    assert shown == ["objection_receipt", "objection_acceptance", "objection_reply"]


def test_the_objector_reads_only_the_letters_addressed_to_it(case, client):
    objection, secret = case.object_with_receipt()
    objection = handling.forward(objection, by=case.officer, at=at(3, 3))
    page = client.get(reverse("objections:receipt", args=[secret])).content.decode()
    assert "受理通知书" in page
    assert "转送函" not in page
    inner = objection.letters.get(audience="investigator")
    assert client.get(reverse("objections:letter", args=[secret, inner.public_id])).status_code == 404


def test_the_register_is_exported_without_the_objector(case, client):
    case.object_to(condition=PROHIBITED)
    client.force_login(case.officer)
    answer = client.get(reverse("objections:cases"), {"format": "xlsx", "state": "open"})
    assert answer["Content-Type"].endswith("sheet")
    register = objection_register(Objection.objects.all(), at=at(3, 3))
    assert "URUMQI-YY-2026-0001" in str(register.rows)
    assert not [secret for secret in SECRETS if secret in str(register)]


# --- the page ---------------------------------------------------------------------------------------------------------


def test_u12_what_lacks_may_be_added_later_by_the_receipt(client, case):
    lacking = posted(case.application, file_identity=None)
    shown = client.post(case.filing_url, lacking).content.decode()
    assert "先行提交，稍后补正" in shown
    answer = client.post(case.filing_url, posted(case.application, file_identity=None, as_is="1"))
    objection = Objection.objects.get()
    assert (objection.state, [key for key, _ in objection.lacks]) == ("incomplete", ["identity"])
    assert "缺少身份证明" in client.get(answer["Location"]).content.decode()
    done = client.post(answer["Location"], {"step": "complete", "file_identity": files_of()["identity"]})
    assert done.status_code == 302
    assert fresh(objection).state == "received"


def drawing(*, blank: bool = False) -> str:
    image = Image.new("RGBA", (900, 300))
    if not blank:
        ImageDraw.Draw(image).line([(50, 200), (300, 80), (600, 220)], fill="black", width=6)
    held = io.BytesIO()
    image.save(held, "PNG")
    return "data:image/png;base64," + base64.b64encode(held.getvalue()).decode()


def test_u12_a_signature_drawn_on_the_page_is_kept_as_a_picture(client, case):
    sent = posted(case.application, file_signature=None, drawn_signature=drawing())
    assert client.post(case.filing_url, sent).status_code == 302
    kept = Objection.objects.get().files.get(key="signature")
    assert (kept.file.extension, kept.tells_identity) == ("png", True)


@pytest.mark.parametrize("sent", ["data:image/png;base64,AAAA", "javascript:alert(1)", "data:image/png;base64,%%%"])
def test_what_is_no_drawing_is_refused(sent):
    with pytest.raises(UploadRefused, match="手写签名没有收到"):
        drawn_signature(sent)


def test_an_empty_field_for_the_signature_is_told(client, case):
    with pytest.raises(UploadRefused, match="签名区还是空白"):
        drawn_signature(drawing(blank=True))
    answer = client.post(
        case.filing_url, posted(case.application, file_signature=None, drawn_signature=drawing(blank=True))
    )
    assert answer.status_code == 422
    assert "签名区还是空白" in answer.content.decode()


def test_several_proofs_are_kept_each_under_what_it_is(client, case):
    one = [SimpleUploadedFile(f"{NAME}.pdf", files_of()["evidence"].read()) for _ in range(2)]
    assert client.post(case.filing_url, posted(case.application, file_evidence=one)).status_code == 302
    names = Objection.objects.get().files.filter(key="evidence").values_list("file__original_name", flat=True)
    assert sorted(names) == ["相应证明材料1.pdf", "相应证明材料2.pdf"]


def test_somebody_who_files_again_and_again_is_asked_to_wait(client, case, settings):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "often"}}
    answers = [client.post(case.filing_url, posted(case.application, form_key=None)) for _ in range(7)]
    assert [one.status_code for one in answers] == [302] * 6 + [422]
    assert "提交过于频繁" in answers[-1].content.decode()
