"""The pages: filing without an account, the receipt, the desk, and who is shown what (U12, U13)."""

from __future__ import annotations

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from objections import explaining, handling
from objections.models import Objection
from organizations.desks import desks_for
from organizations.models import StoredFile
from organizations.outbox import deliver_due
from tests.factories import make_claim, make_unit, make_user
from tests.publicity.builders import at

from .builders import NAME, PROHIBITED, SECRETS, TEXT, posted
from .test_handling import FINDING, REPORT, decided, forwarded


def page(client, url: str, *, status: int = 200) -> str:
    answer = client.get(url)
    assert answer.status_code == status
    return answer.content.decode()


def case_url(objection: Objection, step: str = "") -> str:
    return reverse("objections:act", args=[objection.public_id, step]) if step else objection.get_absolute_url()


def act(client, objection: Objection, step: str, **data):
    return client.post(case_url(objection, step), {"form_key": str(uuid.uuid4())} | data)


# --- filing -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["person", "unit"])
def test_u12_anybody_files_from_the_notice_without_an_account_and_keeps_the_receipt(client, case, form):
    assert case.filing_url in page(client, case.notice.get_absolute_url())
    asked = page(client, f"{case.filing_url}?kind={form}")
    assert ("加盖单位公章的异议书" if form == "unit" else "身份证明") in asked
    assert "第十二条" in asked
    answer = client.post(case.filing_url, posted(case.application, form))
    objection = Objection.objects.get()
    assert (objection.form, objection.condition) == (form, PROHIBITED)
    receipt = client.get(answer["Location"])
    assert objection.number in receipt.content.decode()
    assert receipt["Referrer-Policy"] == "same-origin"
    assert "no-store" in receipt["Cache-Control"]
    assert case.holds.count() == 1


def test_u12_what_lacks_is_told_and_what_was_typed_stays(client, case):
    answer = client.post(case.filing_url, posted(case.application, field_name="", file_evidence=None))
    told = answer.content.decode()
    assert answer.status_code == 422
    assert "缺少本人签署的姓名" in told
    assert "缺少相应证明材料" in told
    assert TEXT in told
    assert "所选文件需要重新选择" in told
    assert not Objection.objects.exists()
    assert not case.holds.exists()


@pytest.mark.parametrize(
    "changed",
    [
        {"text": "长" * 5001},
        {"field_name": "名" * 201},
        {"field_phone": "请勿打扰"},
        {"application": str(uuid.uuid4())},
        {"application": "'; DROP TABLE"},
        {"condition": "no-such-condition"},
        {"file_evidence": SimpleUploadedFile("证据.pdf", b"<html>")},
        {"file_evidence": SimpleUploadedFile("证据.exe", b"MZ")},
        {"file_identity": SimpleUploadedFile("身份证.png", b"")},
    ],
    ids=["long", "long-name", "no-phone", "foreign", "nonsense", "condition", "disguised", "program", "empty"],
)
def test_bad_input_is_answered_with_the_form_and_keeps_what_was_typed(client, case, changed):
    for upload in changed.values():
        if isinstance(upload, SimpleUploadedFile):
            upload.seek(0)
    answer = client.post(case.filing_url, posted(case.application, field_address="样例巷不丢失（虚构）", **changed))
    assert answer.status_code == 422
    assert "样例巷不丢失（虚构）" in answer.content.decode()
    assert not Objection.objects.exists()
    assert not StoredFile.objects.filter(purpose="objection").exists()


def test_an_unknown_kind_of_objector_is_asked_as_a_person(client, case):
    assert "身份证明" in page(client, f"{case.filing_url}?kind=ghost")


def test_a_change_from_person_to_unit_keeps_what_was_typed_and_files_nothing(client, case):
    typed = posted(case.application, field_address="样例巷不丢失（虚构）", text="已写好的事实和理由", switch="unit")
    answer = client.post(case.filing_url, typed)
    shown = answer.content.decode()
    assert answer.status_code == 200
    assert 'name="kind" value="unit"' in shown
    for words in ("样例巷不丢失（虚构）", "已写好的事实和理由", "改以个人名义提出"):
        assert words in shown
    assert not Objection.objects.exists()


def test_the_form_posted_twice_files_once_and_leads_to_the_same_receipt(client, case):
    key = str(uuid.uuid4())
    first = client.post(case.filing_url, posted(case.application, form_key=key))
    second = client.post(case.filing_url, posted(case.application, form_key=key))
    assert first["Location"] == second["Location"]
    assert Objection.objects.count() == 1


def test_a_name_struck_from_the_list_is_not_offered(client, case):
    case.notice.items.update(struck_at=at(3, 2), struck_because="撤回申报")
    assert str(case.application.public_id) not in page(client, case.filing_url)
    assert client.post(case.filing_url, posted(case.application)).status_code == 422


def test_one_second_late_is_told_on_the_page_and_the_words_are_kept(client, db, frozen, calendars):
    from .builders import make_case

    case = make_case("award_publicity")
    frozen.travel_to(at(3, 10, 0))
    answer = client.post(case.filing_url, posted(case.application))
    assert answer.status_code == 422
    told = answer.content.decode()
    assert "公示期至2026年3月9日24:00止，已经期满" in told
    assert TEXT in told


def test_nobody_files_on_a_notice_that_lists_nobody(client, case):
    assert client.get(reverse("objections:file", args=[uuid.uuid4()])).status_code == 404


# --- the receipt ------------------------------------------------------------------------------------------------------


def test_the_receipt_tells_how_it_stands_and_never_who_filed_it(client, case):
    objection, secret = case.object_with_receipt()
    url = reverse("objections:receipt", args=[secret])
    shown = page(client, url)
    assert "已收件" in shown
    assert not [one for one in SECRETS if one in shown]
    handling.tell(decided(case, objection, "dismissed"), by=case.officer, at=at(3, 9))
    shown = page(client, url)
    assert FINDING in shown
    assert "该申报按程序继续办理" in shown


def test_the_finding_is_told_when_the_objector_is_told_and_not_before(client, case):
    objection, secret = case.object_with_receipt()
    decided(case, objection, "upheld")
    shown = page(client, reverse("objections:receipt", args=[secret]))
    assert FINDING not in shown
    assert "查证属实" not in shown


def test_u13_the_written_answer_is_fetched_with_the_receipt_alone(client, case):
    objection, secret = case.object_with_receipt()
    url = reverse("objections:reply_paper", args=[secret])
    assert client.get(url).status_code == 404
    handling.tell(decided(case, objection, "dismissed"), by=case.officer, at=at(3, 9))
    deliver_due(at(3, 9))
    answer = client.get(url)
    assert answer.status_code == 200
    assert b"".join(answer.streaming_content).startswith(b"%PDF")
    assert url in page(client, reverse("objections:receipt", args=[secret]))


def test_another_secret_finds_nothing(client, case):
    case.object_to()
    assert client.get(reverse("objections:receipt", args=["x" * 32])).status_code == 404
    assert client.get(reverse("objections:reply_paper", args=["x" * 32])).status_code == 404


def test_the_objector_takes_it_back_with_the_receipt_giving_a_reason(client, case):
    _, secret = case.object_with_receipt()
    url = reverse("objections:receipt", args=[secret])
    assert "撤回异议" in page(client, url)
    assert client.post(url, {"because": ""}).status_code == 422
    assert case.holds.count() == 1
    key = str(uuid.uuid4())
    for _ in range(2):
        assert client.post(url, {"because": "经核实系误会", "form_key": key}).status_code == 302
    assert Objection.objects.get().state == "withdrawn"
    assert not case.holds.exists()
    assert "撤回后，因本异议暂停" not in page(client, url)


# --- the desk ---------------------------------------------------------------------------------------------------------


def test_u13_office_and_recommender_take_the_case_through_their_pages(client, case):
    objection = case.object_to(condition=PROHIBITED)
    client.force_login(case.officer)
    assert objection.number in page(client, reverse("objections:cases"))
    assert act(client, objection, "forward").status_code == 302
    client.force_login(case.clerk)
    assert TEXT in page(client, case_url(objection))
    assert act(client, objection, "report", text=REPORT).status_code == 302
    client.force_login(case.officer)
    assert act(client, objection, "decide", finding="upheld", text=FINDING).status_code == 302
    assert act(client, objection, "tell").status_code == 302
    assert Objection.objects.get().state == "told"
    assert case.state == "disqualified"
    assert "取消参评资格" in page(client, case.notice.get_absolute_url())


def test_a_refused_step_keeps_what_was_typed_and_says_why(client, case):
    objection = forwarded(case, case.object_to())
    client.force_login(case.clerk)
    answer = act(client, objection, "report", text="太短")
    assert answer.status_code == 422
    assert "请写明调查经过" in answer.content.decode()
    assert "太短" in answer.content.decode()
    answer = act(client, objection, "report", text="字" * 5001)
    assert answer.status_code == 422
    assert "字" * 5000 in answer.content.decode()


def test_a_stale_tab_is_told_so(client, case):
    objection = case.object_to()
    client.force_login(case.officer)
    act(client, objection, "forward")
    answer = act(client, objection, "refuse_form", because="两个标签页")
    assert answer.status_code == 422
    assert "页面可能已过时" in answer.content.decode()
    assert Objection.objects.get().state == "forwarded"


def test_a_decision_posted_twice_is_taken_once(client, case):
    objection = case.object_to()
    client.force_login(case.officer)
    key = str(uuid.uuid4())
    assert [act(client, objection, "forward", form_key=key).status_code for _ in range(2)] == [302, 302]
    assert Objection.objects.get().state == "forwarded"


def test_a_step_that_does_not_exist_is_not_found(client, case):
    objection = case.object_to()
    client.force_login(case.officer)
    assert act(client, objection, "burn").status_code == 404


def test_an_overdue_leg_is_marked_at_the_desk(client, case, frozen):
    case.object_to()
    client.force_login(case.officer)
    assert "已逾期 1 件" not in page(client, reverse("objections:cases"))
    frozen.travel_to(at(3, 6, 0))
    assert "已逾期 1 件" in page(client, reverse("objections:cases"))


# --- who sees what ----------------------------------------------------------------------------------------------------


def test_before_it_is_forwarded_the_case_is_the_offices_alone(client, case):
    objection = case.object_to()
    urls = [case_url(objection), *(paper_url(one) for one in objection.files.all())]
    for stranger in (case.clerk, case.applicant, case.supervisor, make_user(), make_user(make_unit("recommender"))):
        client.force_login(stranger)
        assert {client.get(url).status_code for url in urls} == {404}
        assert act(client, objection, "forward").status_code == 404
        assert client.post(reverse("objections:identity", args=[objection.public_id])).status_code == 404
        assert objection.number not in page(client, reverse("objections:cases"))
    assert Objection.objects.get().state == "received"


def test_the_visitor_without_account_is_sent_to_sign_in(client, case):
    objection = case.object_to()
    for url in (case_url(objection), reverse("objections:cases"), reverse("objections:explanations")):
        assert client.get(url).status_code == 302


def test_u13_the_investigator_reads_the_evidence_and_not_who_objected(client, case):
    objection = forwarded(case, case.object_to())
    client.force_login(case.clerk)
    shown = page(client, case_url(objection))
    assert "相应证明材料" in shown
    assert "身份证明" not in shown
    assert "查看异议人信息" not in shown
    assert client.post(reverse("objections:identity", args=[objection.public_id])).status_code == 404
    answers = {one.key: client.get(paper_url(one)).status_code for one in objection.files.all()}
    assert answers == {"evidence": 200, "identity": 404, "signature": 404}
    assert client.get(objection.forwarding.get_absolute_url()).status_code in (200, 202)


def test_the_office_opens_who_objected_on_purpose_and_on_record(client, case):
    objection = case.object_to()
    client.force_login(case.officer)
    assert NAME not in page(client, case_url(objection))
    identity = objection.files.get(key="identity")
    assert client.get(paper_url(identity)).status_code == 422
    opens = reverse("objections:identity", args=[objection.public_id])
    assert "请写明理由" in client.post(opens, {"ground": ""}).content.decode()
    assert objection.openings.count() == 0
    shown = client.post(opens, {"ground": "核对签名"}).content.decode()
    assert all(one in shown for one in SECRETS)
    assert "本次查看已记录" in shown
    assert objection.openings.get(user=case.officer).ground == "核对签名"
    assert client.get(paper_url(identity)).status_code == 200
    assert list(objection.openings.order_by("pk").values_list("ground", "paper")) == [
        ("核对签名", ""), ("核对签名", "身份证明"),
    ]  # fmt: skip
    register = page(client, reverse("objections:openings"))
    assert "核对签名" in register
    assert not [one for one in SECRETS if one in register]


def test_u14_the_applicant_reads_what_it_must_answer_and_never_who_or_what_was_filed(client, case):
    objection = forwarded(case, case.object_to(condition=PROHIBITED))
    client.force_login(case.clerk)
    assert act(client, objection, "ask", question="请说明2025年有无质量事故。").status_code == 302
    url = objection.questions.get().get_absolute_url()
    client.force_login(case.applicant)
    assert "异议说明" in [one.label for one in desks_for(case.applicant)]
    assert objection.number in page(client, reverse("objections:explanations"))
    shown = page(client, url)
    assert "请说明2025年有无质量事故。" in shown
    assert "第十四条" in shown
    assert not [one for one in (*SECRETS, TEXT, "以个人", "个人异议") if one in shown]
    pages = [url, reverse("applications:overview", args=[case.application.public_id]), reverse("objections:cases")]
    assert not [one for one in (*SECRETS, TEXT) for seen in pages if one in client.get(seen).content.decode()]
    answer = client.post(url, {"text": "未发生过质量事故。", "form_key": str(uuid.uuid4())})
    assert answer.status_code == 302
    client.force_login(case.clerk)
    assert "未发生过质量事故。" in page(client, case_url(objection))


def test_u14_another_applicant_finds_nothing_to_explain(client, case):
    objection = forwarded(case, case.object_to())
    asked = explaining.ask_applicant(objection, question="请说明有关情况。", by=case.clerk, at=at(3, 4))
    client.force_login(make_claim(case.name("acceptance_publicity").organization))
    assert client.get(asked.get_absolute_url()).status_code == 404
    assert objection.number not in page(client, reverse("objections:explanations"))


def test_u14_a_bad_proof_loses_nothing_of_the_explanation(client, case):
    objection = forwarded(case, case.object_to())
    asked = explaining.ask_applicant(objection, question="请说明有关情况。", by=case.clerk, at=at(3, 4))
    client.force_login(case.applicant)
    sent = {"text": "未发生过质量事故。", "proofs": SimpleUploadedFile("说明.pdf", b"MZ")}
    answer = client.post(asked.get_absolute_url(), sent)
    assert answer.status_code == 422
    assert "未发生过质量事故。" in answer.content.decode()
    assert objection.questions.get().answered_at is None


def test_the_supervisor_reads_no_paper_of_an_objection(client, case):
    objection = forwarded(case, case.object_to())
    client.force_login(case.supervisor)
    assert client.get(objection.forwarding.get_absolute_url()).status_code == 404
    client.force_login(case.applicant)
    assert client.get(objection.forwarding.get_absolute_url()).status_code == 404


def test_the_desk_asks_as_many_questions_for_one_case_as_for_six(client, case, django_assert_max_num_queries):
    client.force_login(case.officer)
    case.object_to()
    with django_assert_max_num_queries(60) as few:
        page(client, reverse("objections:cases"))
    for _ in range(5):
        case.object_to()
    with django_assert_max_num_queries(len(few)):
        page(client, reverse("objections:cases"))


def paper_url(one) -> str:
    return reverse("objections:paper", args=[one.objection.public_id, one.public_id])
