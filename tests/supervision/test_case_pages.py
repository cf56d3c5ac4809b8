"""The pages of a case: anybody reports, the office goes on step by step, the party answers and speaks (U19–U21)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse

from award_portal.lib import clock
from awards.models import Award
from supervision.case_executing import demand_return
from supervision.models import Case
from tests.factories import made_up_upload, make_user

from .builders import make_award


def post(client, user, name: str, *args, **data):
    client.force_login(user)
    return client.post(reverse(f"supervision:{name}", args=args), data)


def act(client, desk, case: Case, step: str, **data):
    return post(client, desk.officer, "act_on_case", case.public_id, step, **data)


def test_u19_the_register_leads_anybody_to_the_report_and_its_receipt_says_how_it_stands(client, desk):
    where = reverse("supervision:report_award", args=[desk.honour.award.public_id])
    assert where in client.get(reverse("publicity:register")).content.decode()
    page = client.get(where).content.decode()
    assert "第十九条" in page
    assert "第二十一条" in page
    told = {"kind": "misuse", "text": "产品包装使用奖项标志。（虚构）", "phone": "13800001234",
            "file": made_up_upload("张三的照片")}  # fmt: skip
    answer = client.post(where, told)
    case = Case.objects.get()
    assert answer.status_code == 302
    assert case.evidence.get().file.original_name.startswith("反映人提供的材料")
    receipt = client.get(answer.url)
    assert case.number in receipt.content.decode()
    assert "待核查" in receipt.content.decode()
    assert receipt["Cache-Control"] == "private, no-store"
    assert client.get(reverse("supervision:case_receipt", args=["nobody"])).status_code == 404


def test_an_incident_without_its_day_is_refused_and_keeps_what_was_typed(client, desk):
    where = reverse("supervision:report_award", args=[desk.honour.award.public_id])
    answer = client.post(where, {"kind": "incident", "text": "厂区火灾。（虚构）"})
    assert answer.status_code == 422
    assert "请填写发生日期" in answer.content.decode()
    assert "厂区火灾。（虚构）" in answer.content.decode()
    assert not Case.objects.exists()


def test_many_reports_from_one_address_are_slowed_down(client, desk):
    cache.clear()
    where = reverse("supervision:report_award", args=[desk.honour.award.public_id])
    answers = [client.post(where, {"kind": "misuse", "text": "反复提交。（虚构）"}).status_code for _ in range(11)]
    assert answers == [302] * 10 + [429]


def test_the_office_takes_a_case_to_the_decision_by_its_pages_and_the_register_shows_it(client, desk):
    case = desk.report()
    assert act(client, desk, case, "accept", kind="incident").status_code == 302
    assert act(client, desk, case, "ask", text="请说明事故经过。").status_code == 302
    page = client.get(case.get_absolute_url()).content.decode()
    assert "认定并告知拟作出的处理" in page
    day = clock.today() - timedelta(days=3)
    assert act(client, desk, case, "intend", rule="incident", text="事实清楚。", happened_on=day).status_code == 302
    case = Case.objects.with_names().get()
    early = act(client, desk, case, "submit", considered="")
    assert early.status_code == 409
    assert "届满前不能作出处理" in client.get(case.get_absolute_url()).content.decode()
    desk.stood.travel_to(case.statement_until)
    assert act(client, desk, case, "submit", considered="").status_code == 302
    wrong = act(client, desk, case, "decide", decision_number="", decided_on="2026-03-10")
    assert wrong.status_code == 422
    assert "请填写决定文号" in wrong.content.decode()
    right = {"decision_number": "样政发〔2026〕9号", "decided_on": "2026-03-10", "scan": made_up_upload("决定")}
    assert act(client, desk, case, "decide", **right).status_code == 302
    assert Award.objects.get().state == "revoked"
    assert act(client, desk, case, "demand_return").status_code == 302
    for one in case.recoveries.all():
        form = {f"{one.pk}-returned_on": "2026-03-10"}
        assert post(client, desk.officer, "settle_recovery", one.public_id, **form).status_code == 302
    assert act(client, desk, case, "publish").status_code == 302
    assert act(client, desk, case, "close").status_code == 302
    case = Case.objects.with_names().get()
    assert case.state == "closed"
    client.logout()
    assert "已取消" in client.get(reverse("publicity:register")).content.decode()
    assert "作废" in client.get(case.notice.get_absolute_url()).content.decode()


def test_the_party_answers_and_speaks_by_its_page_and_never_learns_who_reported(client, desk):
    case = desk.inquiry(text="实名举报：李四知情。（虚构）")
    assert act(client, desk, case, "ask", text="请说明事故经过。").status_code == 302
    question = case.questions.get()
    client.force_login(desk.honour.winner)
    page = client.get(case.get_party_url()).content.decode()
    assert "请说明事故经过" in page
    assert "李四" not in page
    done = {"question": question.public_id, "text": "事故由外包队伍造成。（虚构）"}
    assert post(client, desk.honour.winner, "own_act", case.public_id, "answer", **done).status_code == 302
    day = clock.today() - timedelta(days=3)
    act(client, desk, case, "intend", rule="incident", text="事实清楚。", happened_on=day)
    said = {"text": "等级认定有误。（虚构）", "file": made_up_upload("鉴定结论")}
    assert post(client, desk.honour.winner, "own_act", case.public_id, "statement", **said).status_code == 302
    assert client.get(reverse("supervision:own_statement", args=[case.public_id])).status_code == 200
    assert post(client, desk.honour.winner, "own_act", case.public_id, "waive").status_code == 302
    again = post(client, desk.honour.winner, "own_act", case.public_id, "waive")
    assert again.status_code == 409
    for stranger in (make_user(), desk.officer):
        client.force_login(stranger)
        assert client.get(case.get_party_url()).status_code == 404


def test_u19_who_reported_is_opened_on_a_ground_that_stays_on_the_page(client, desk):
    case = desk.report(contact={"phone": "13800001234"})
    refused = post(client, desk.officer, "case_contact", case.public_id, ground="")
    assert refused.status_code == 422
    assert "请写明理由，理由记入查阅登记" in refused.content.decode()
    assert "13800001234" not in refused.content.decode()
    opened = post(client, desk.officer, "case_contact", case.public_id, ground="需向反映人补充了解情况")
    assert "13800001234" in opened.content.decode()
    later = client.get(case.get_absolute_url()).content.decode()
    assert "需向反映人补充了解情况" in later
    assert "13800001234" not in later
    assert post(client, desk.honour.supervisor, "case_contact", case.public_id, ground="了解情况").status_code == 404


def test_a_recovery_form_that_says_nothing_keeps_the_page(client, desk):
    case = desk.revoked()
    first, _ = demand_return(case, by=desk.officer, at=clock.now())
    answer = post(client, desk.officer, "settle_recovery", first.public_id)
    assert answer.status_code == 422
    assert "交回日期或者声明作废日期之一" in answer.content.decode()


def test_the_supervising_department_reads_a_case_without_a_button(client, desk):
    case = desk.report()
    client.force_login(desk.honour.supervisor)
    page = client.get(case.get_absolute_url()).content.decode()
    assert case.number in page
    assert "立案调查</button>" not in page
    assert "查看反映人信息" not in page
    assert (
        post(client, desk.honour.supervisor, "act_on_case", case.public_id, "accept", kind="incident").status_code
        == 409
    )


def test_a_case_is_opened_at_the_desk_for_a_winner_that_was_looked_up(client, desk, withdrawn):
    client.force_login(desk.officer)
    found = client.get(reverse("supervision:cases"), {"q": desk.honour.award.name}).content.decode()
    where = reverse("supervision:new_case", args=["award", desk.honour.award.public_id])
    assert where in found
    told = {"kind": "misuse", "text": "检查发现。（虚构）", "source_note": "样市监函〔2026〕3号"}
    assert client.post(where, told).status_code == 302
    where = reverse("supervision:new_case", args=["application", withdrawn.public_id])
    answer = client.post(where, {"kind": "false_material", "text": "审计报告系伪造。（虚构）"})
    assert answer.status_code == 302
    assert list(Case.objects.order_by("pk").values_list("source", flat=True)) == ["office", "office"]
    client.force_login(desk.honour.clerk)
    told = {"kind": "misuse", "text": "巡查发现。（虚构）"}
    where = reverse("supervision:new_case", args=["award", desk.honour.award.public_id])
    assert client.post(where, told).status_code == 302
    assert Case.objects.latest("pk").source == "regulator"


def test_the_list_costs_the_same_for_one_case_and_for_many(client, desk, django_assert_max_num_queries):
    client.force_login(desk.officer)

    def count() -> int:
        with django_assert_max_num_queries(60) as seen:
            client.get(reverse("supervision:cases"))
        return len(seen)

    desk.report()
    one = count()
    for _ in range(3):
        award, _ = make_award(desk.honour.round)
        desk.report(award=award)
    assert count() == one


@pytest.mark.parametrize("path", ["cases", "own_cases"])
def test_an_empty_list_says_so(client, desk, path):
    client.force_login(desk.officer)
    assert "没有案件" in client.get(reverse(f"supervision:{path}")).content.decode()
