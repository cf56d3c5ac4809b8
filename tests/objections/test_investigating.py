"""The investigation desk: questions, evidence, facts, experts, the report, and who objected (U13, U14, O3)."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from documents.access import may_read
from objections import handling, investigating
from objections.casework import HandlingRefused
from objections.evidence_register import add_fact, drop_fact, register_evidence
from objections.expert_inquiries import (
    free_experts,
    give_opinion,
    leave_inquiry,
    order_inquiry,
    pledge_inquiry,
)
from objections.explaining import ask_applicant, explain
from objections.identity import grant_identity, open_identity, openings_for, quotes_objector
from objections.merging import merge_case
from objections.models import EvidenceItem, IdentityOpening, Objection, Question
from organizations.desks import desks_for
from organizations.files import store_upload
from organizations.models import AuditRecord, OutboxItem, StoredFile
from reviews.models import Expert
from tests.factories import make_claim, make_user
from tests.publicity.builders import at

from .builders import NAME, PHONE, SECRETS, TEXT, _page

QUESTION = "请说明2025年有无质量事故。"
REPORT = "经现场核实并调阅资料，形成调查情况。"
UNIT = "样例竞争企业有限公司（虚构）"


def paper(case, name: str = "检验报告（虚构）.pdf") -> StoredFile:
    upload = SimpleUploadedFile(name, _page(), content_type="application/pdf")
    return store_upload(upload, purpose="test", by=case.clerk, at=at(3, 4))


def under_way(case, **given) -> Objection:
    objection = handling.forward(case.object_to(**given), by=case.officer, at=at(3, 3))
    return investigating.begin_investigation(objection, by=objection_clerk(case, objection), at=at(3, 3, 10))


def objection_clerk(case, objection: Objection):
    return case.officer if objection.investigator == case.office else case.clerk


def ask(case, objection, question: str = QUESTION, **given) -> Question:
    return ask_applicant(objection, **{"question": question, "by": case.clerk, "at": at(3, 4)} | given)


def enter(case, objection, **given) -> EvidenceItem:
    values = {
        "title": "检验报告", "source": "样例检测机构（虚构）", "obtained": "letter", "received_on": date(2026, 3, 4),
        "file": paper(case), "by": case.clerk, "at": at(3, 4),
    }  # fmt: skip
    return register_evidence(objection, **values | given)


def expert_of(case, name: str = "", employer: str = "样例高校（虚构）") -> Expert:
    user = make_user(username="")
    if name:
        user.display_name = name
        user.save()
    return Expert.objects.create(
        scheme_key=case.round.scheme.key, user=user, field="制造业", employer=employer, added_at=at(3, 1),
        added_by=case.officer,
    )  # fmt: skip


def order(case, objection, expert: Expert, **given):
    values = {"task": "请核实检验报告的真实性。", "due_on": date(2026, 3, 9), "by": case.officer, "at": at(3, 4)}
    return order_inquiry(objection, expert=expert, **values | given)


# --- questions --------------------------------------------------------------------------------------------------------


def test_u14_the_applicant_is_asked_several_times_and_answers_each_once(case):
    objection = under_way(case)
    first, second = ask(case, objection), ask(case, objection, "请提供检验报告。", due_on=date(2026, 3, 6))
    assert (first.due_at, second.due_at) == (objection.due_at, at(3, 7, 0))
    explain(first, text="未发生过质量事故。", by=case.applicant, at=at(3, 5))
    explain(second, text="见附件检验报告。", proofs=[paper(case)], by=case.applicant, at=at(3, 9))
    with pytest.raises(HandlingRefused, match="已经提交"):
        explain(first, text="补充一句话。", by=case.applicant, at=at(3, 9))
    items = [(one.get_obtained_display(), one.source) for one in objection.evidence_items.order_by("number")]
    assert items == [("异议人提供", "随异议材料提交"), ("被异议人提供", "申报组织对第2项的说明")]


def test_u14_only_the_investigator_asks_and_only_the_applicant_answers(case):
    objection = case.object_to()
    with pytest.raises(HandlingRefused):
        ask(case, objection, by=case.officer)
    objection = handling.forward(objection, by=case.officer, at=at(3, 3))
    with pytest.raises(HandlingRefused, match="不由本单位办理"):
        ask(case, objection, by=case.officer)
    asked = ask(case, objection)
    assert Question.objects.asked_of(case.applicant).get() == asked
    rival = make_claim(case.name("acceptance_publicity").organization)
    assert not Question.objects.asked_of(rival).exists()
    with pytest.raises(HandlingRefused, match="没有请本组织说明"):
        explain(asked, text="替别人答一下。", by=rival, at=at(3, 4))


def test_u14_no_question_tells_who_objected_and_trying_is_on_record(case):
    objection = under_way(case)
    spaced = f"{PHONE[:6]} {PHONE[6:]}"
    for words in (f"{NAME}反映的情况是否属实？", f"请致电{spaced}说明。", f"贾某（虚构）样例举名人 {NAME}"):
        with pytest.raises(HandlingRefused, match="可能识别异议人"):
            ask(case, objection, words)
    with pytest.raises(HandlingRefused, match="可能识别异议人"):
        ask(case, objection, files=[paper(case, f"{NAME}的来信.pdf")])
    assert objection.questions.count() == 0
    assert AuditRecord.objects.filter(verb="objection.question_refused").count() == 4
    assert ask(case, objection).number == 1


def test_u14_a_day_to_answer_lies_between_today_and_the_report(case):
    objection = under_way(case)
    with pytest.raises(HandlingRefused, match="不能早于今天"):
        ask(case, objection, due_on=date(2026, 3, 3))
    with pytest.raises(HandlingRefused, match="不能晚于报告调查情况的期限"):
        ask(case, objection, due_on=date(2026, 3, 11))


def test_after_the_report_nothing_is_asked_or_answered(case):
    objection = under_way(case)
    asked = ask(case, objection)
    investigating.report(objection, text=REPORT, by=case.clerk, at=at(3, 5))
    with pytest.raises(HandlingRefused, match="调查已经结束"):
        explain(asked, text="迟来的说明。", by=case.applicant, at=at(3, 6))
    with pytest.raises(HandlingRefused):
        ask(case, objection)


# --- evidence, facts, report ------------------------------------------------------------------------------------------


def test_the_register_opens_with_what_was_handed_in_and_never_with_who_did(case):
    objection = under_way(case)
    assert [one.title for one in objection.evidence_items.all()] == ["相应证明材料"]
    item = enter(case, objection)
    assert (item.number, item.file.sha256) == (2, paper(case).sha256)
    with pytest.raises(HandlingRefused, match="不能晚于今天"):
        enter(case, objection, received_on=date(2026, 3, 5))
    with pytest.raises(HandlingRefused, match="请选择取得方式"):
        enter(case, objection, obtained="rumour")
    with pytest.raises(HandlingRefused, match="不由本单位办理"):
        enter(case, objection, by=case.officer)


def test_a_fact_rests_on_evidence_of_this_case(case):
    objection, other = under_way(case), under_way(case)
    own, foreign = objection.evidence_items.get(), other.evidence_items.get()
    for evidence in ([], [foreign]):
        with pytest.raises(HandlingRefused, match="请选择该事实所依据的证据"):
            add_fact(objection, text="2025年6月发生一起事故。", evidence=evidence, by=case.clerk, at=at(3, 4))
    fact = add_fact(objection, text="2025年6月发生一起事故。", evidence=[own], by=case.clerk, at=at(3, 4))
    drop_fact(fact, by=case.clerk, at=at(3, 4))
    assert AuditRecord.objects.filter(verb="objection.drop_fact").count() == 1
    assert objection.facts.count() == 0


def test_u13_the_report_is_a_paper_of_facts_answers_register_and_opinions(case):
    objection = under_way(case)
    explain(ask(case, objection), text="未发生过质量事故。", by=case.applicant, at=at(3, 5))
    ask(case, objection, "请提供检验报告。")
    item = enter(case, objection)
    add_fact(objection, text="检验报告系真实。", evidence=[item], by=case.clerk, at=at(3, 5))
    objection = investigating.report(objection, text=REPORT, by=case.clerk, at=at(3, 6))
    content = objection.report_paper.content
    assert content["facts"] == [{"text": "检验报告系真实。", "evidence": "证据2"}]
    assert [one["answer"] for one in content["questions"]] == ["未发生过质量事故。", ""]
    assert [one["sha256"] for one in content["register"]] == [one.file.sha256 for one in objection.evidence_items.all()]
    assert "第十三条" in content["cite"]
    assert (content["issuer"], content["to"]) == (case.recommender.name, case.office.name)
    assert not [one for one in (*SECRETS, TEXT) if one in str(content)]
    assert may_read(case.officer, objection.report_paper)
    assert may_read(case.clerk, objection.report_paper)
    assert not may_read(case.applicant, objection.report_paper)
    assert not may_read(case.supervisor, objection.report_paper)


# --- experts ----------------------------------------------------------------------------------------------------------


def test_u14_an_expert_tied_to_either_side_is_neither_offered_nor_taken_and_no_side_is_told(case):
    objection = under_way(case, form="unit", fields={
        "name": UNIT, "phone": PHONE, "address": "样例路（虚构）", "domicile": "样例大道（虚构）",
    })  # fmt: skip
    free = expert_of(case)
    of_objector, of_applicant = (
        expert_of(case, employer=UNIT),
        expert_of(case, employer=case.application.organization.name),
    )
    assert free_experts(objection) == [free]
    told = set()
    for one in (of_objector, of_applicant):
        with pytest.raises(HandlingRefused) as refused:
            order(case, objection, one)
        told.add(str(refused.value))
    assert len(told) == 1
    assert "第十四条" in told.pop()


def test_u14_who_objects_as_a_person_is_no_expert_of_the_case(case):
    objection = under_way(case)
    self_same = expert_of(case, NAME)
    assert free_experts(objection) == []
    with pytest.raises(HandlingRefused, match="利害关系"):
        order(case, objection, self_same)


def test_o3_the_expert_pledges_reads_the_register_and_writes(case, client):
    objection = under_way(case)
    inquiry = order(case, objection, expert_of(case))
    user, item = inquiry.expert.user, objection.evidence_items.get()
    evidence = reverse("objections:evidence_paper", args=[item.public_id])
    client.force_login(user)
    assert "异议专家调查" in [one.label for one in desks_for(user)]
    assert client.get(evidence).status_code == 404
    with pytest.raises(HandlingRefused, match="请先签署承诺"):
        give_opinion(inquiry, text="经核对报告编号，属实。", file=None, by=user, at=at(3, 5))
    with pytest.raises(HandlingRefused, match="姓名不一致"):
        pledge_inquiry(inquiry, signed_name="别人", by=user, at=at(3, 5))
    shown = client.post(inquiry.get_absolute_url(), {"step": "pledge", "signed_name": str(user)}, follow=True)
    assert "不存在利害关系" in shown.content.decode()
    assert not [one for one in (*SECRETS, TEXT) if one in shown.content.decode()]
    assert client.get(evidence).status_code == 200
    sent = client.post(inquiry.get_absolute_url(), {"step": "opinion", "text": "经核对报告编号，属实，未见涂改。"})
    assert sent.status_code == 302
    report = investigating.report(objection, text=REPORT, by=case.clerk, at=at(3, 6)).report_paper
    assert report.content["experts"][0]["opinion"].startswith("经核对报告编号")


def test_u23_an_expert_who_steps_aside_reads_nothing_more(case, client):
    objection = under_way(case)
    inquiry = pledged(case, objection)
    leave_inquiry(inquiry, because="与申报组织有合作", by=inquiry.expert.user, at=at(3, 5))
    client.force_login(inquiry.expert.user)
    assert client.get(inquiry.get_absolute_url()).status_code == 404
    item = objection.evidence_items.get()
    assert client.get(reverse("objections:evidence_paper", args=[item.public_id])).status_code == 404
    assert OutboxItem.objects.filter(payload__subject=f"专家退出调查：{objection.number}").exists()


def pledged(case, objection):
    inquiry = order(case, objection, expert_of(case))
    return pledge_inquiry(inquiry, signed_name=str(inquiry.expert.user), by=inquiry.expert.user, at=at(3, 4))


def test_o3_only_the_office_orders_and_no_task_tells_who_objected(case):
    objection, expert = under_way(case), expert_of(case)
    with pytest.raises(HandlingRefused, match="不由本单位办理"):
        order(case, objection, expert, by=case.clerk)
    with pytest.raises(HandlingRefused, match="可能识别异议人"):
        order(case, objection, expert, task=f"核实{NAME}所述")
    with pytest.raises(HandlingRefused, match="不能早于今天"):
        order(case, objection, expert, due_on=date(2026, 3, 3))


# --- who objected -----------------------------------------------------------------------------------------------------


def test_only_who_handles_the_case_opens_who_objected_on_a_ground_that_stays(case):
    objection = under_way(case)
    for stranger in (case.clerk, case.applicant, case.supervisor):
        with pytest.raises(HandlingRefused, match="只对办理该异议的人员开放"):
            open_identity(objection, ground="想知道是谁", by=stranger, at=at(3, 4))
    with pytest.raises(HandlingRefused, match="请写明查看异议人信息的理由"):
        open_identity(objection, ground=" ", by=case.officer, at=at(3, 4))
    with pytest.raises(HandlingRefused, match="不得写入异议人"):
        open_identity(objection, ground=f"联系{NAME}", by=case.officer, at=at(3, 4))
    for ground in ("核对签名", "电话告知补正"):
        seen = open_identity(objection, ground=ground, by=case.officer, at=at(3, 4))
        assert set(SECRETS) <= set(seen.values())
    assert list(IdentityOpening.objects.order_by("pk").values_list("ground", flat=True)) == ["核对签名", "电话告知补正"]
    records = AuditRecord.objects.filter(verb="objection.open_identity")
    assert records.count() == 2
    assert not [secret for secret in SECRETS if any(secret in str(one.data) for one in records)]
    assert openings_for(case.officer).count() == openings_for(case.supervisor).count() == 2
    assert not openings_for(case.clerk).exists()
    assert not openings_for(make_user()).exists()


def test_the_investigator_learns_it_only_where_the_office_lets_it_on_a_ground(case):
    objection = under_way(case)
    with pytest.raises(HandlingRefused, match="由受理异议的单位批准"):
        grant_identity(objection, ground="需当面核实", by=case.clerk, at=at(3, 4))
    with pytest.raises(HandlingRefused, match="请写明批准的理由"):
        grant_identity(objection, ground="", by=case.officer, at=at(3, 4))
    grant_identity(objection, ground="需当面核实证据原件", by=case.officer, at=at(3, 4))
    assert open_identity(objection, ground="当面核实原件", by=case.clerk, at=at(3, 4))["name"] == NAME
    assert AuditRecord.objects.filter(verb="objection.grant_identity").count() == 1


def test_a_recommender_that_is_accused_never_learns_who_objected(case):
    objection = under_way(case, accuses_recommender=True)
    with pytest.raises(HandlingRefused, match="没有转送其他单位调查"):
        grant_identity(objection, ground="需当面核实", by=case.officer, at=at(3, 4))


def test_a_text_is_compared_however_it_is_written(case):
    objection = case.object_to()
    assert quotes_objector(objection, "０９９１５５５９８７６")
    assert quotes_objector(objection, "样例 举名人·贾某（虚构）")
    assert not quotes_objector(objection, "请说明2025年有无质量事故。")


def test_of_cases_handled_together_no_objector_is_told_and_every_proof_is_in_the_register(case):
    lead = under_way(case)
    second = case.object_to(fields={"name": "样例第二人（虚构）", "phone": "0991-5551234", "address": "样例街（虚构）"})
    merge_case(second, into=lead, by=case.officer, at=at(3, 4))
    with pytest.raises(HandlingRefused, match="可能识别异议人"):
        ask(case, lead, "样例第二人（虚构）所述是否属实？")
    ask(case, lead)
    assert lead.evidence_items.count() == 2
    assert not free_experts(lead)
    expert_of(case, "样例第二人（虚构）")
    assert not free_experts(lead)
