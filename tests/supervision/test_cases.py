"""Cases after the award: who may tell, within what years, what is asked, found, heard, decided (U19–U21, S4, S5)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from applications.desk_rules import DeskRefused
from award_portal.lib import clock
from awards.models import Award, Ban
from awards.parameters import rulebook_for
from awards.rulebook import Rulebook
from documents.models import IssuedDocument
from organizations.models import AuditRecord
from supervision.case_deciding import decide_bar, keep_award, look_again, state_defence, submit_case, waive_defence
from supervision.case_escalating import escalate_overdue
from supervision.case_inquiry import (
    add_evidence,
    answer_question,
    ask_party,
    confirm_rectified,
    find_unfounded,
    go_on_unrectified,
    intend,
    order_rectification,
    record_service,
    report_rectified,
)
from supervision.case_rules import consequences, require_within, window_of
from supervision.case_telling import outcome_zh
from supervision.cases import accept_case, decline_case, open_case, open_contact, report_award
from supervision.models import Case, ContactOpening
from tests.factories import make_claim, make_unit, make_user

from .case_builders import FACTS


def told(case: Case) -> str:
    return " ".join(IssuedDocument.objects.filter(subject=case.subject).latest("pk").content["lines"])


# -- who tells, and of what --------------------------------------------------------------------------------------------


def test_u19_anybody_reports_without_an_account_and_the_contact_is_sealed(desk):
    contact = {"name": "样例反映人", "phone": "13800001234"}
    case, secret = report_award(
        desk.honour.award, kind="misuse", text="在产品包装上使用奖项标志。（虚构）", happened_on=None, contact=contact,
        file=None, at=clock.now(),
    )  # fmt: skip
    assert secret
    assert case.reported_by is None
    assert "13800001234" not in case.contact_sealed
    for ground, said in (("  ", "写明查看反映人信息的理由"), ("核实样例 反映人", "不得写入反映人的信息")):
        with pytest.raises(DeskRefused, match=said):
            open_contact(case, ground=ground, by=desk.officer, at=clock.now())
    assert open_contact(case, ground="核实所反映的包装来源", by=desk.officer, at=clock.now()) == contact
    assert ContactOpening.objects.get(case=case, user=desk.officer).ground == "核实所反映的包装来源"
    assert AuditRecord.objects.filter(verb="case.open_contact", subject=case.subject).exists()
    for stranger in (desk.honour.winner, desk.honour.supervisor, make_user()):
        with pytest.raises(DeskRefused, match="由办公室办理"):
            open_contact(case, ground="核实所反映的包装来源", by=stranger, at=clock.now())


def test_u21_an_incident_outside_the_five_years_is_refused_with_the_article_and_kept_nowhere(desk):
    first, end, _ = window_of(book(desk), desk.honour.award)
    assert (first, end) == (date(2026, 2, 10), date(2031, 2, 10))
    with pytest.raises(DeskRefused, match="第二十一条"):
        desk.report(happened_on=first - timedelta(days=1))
    desk.stood.travel_to(clock.at(end, 9))
    with pytest.raises(DeskRefused, match="第二十一条"):
        desk.report(happened_on=end)
    assert not Case.objects.exists()
    require_within(book(desk), desk.honour.award, "incident", end - timedelta(days=1), at=clock.now())  # the last day


def book(desk) -> Rulebook:
    return rulebook_for(desk.honour.round)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"happened_on": None}, "请填写发生日期"),
        ({"happened_on": date(2026, 3, 3)}, "不能晚于今天"),
        ({"text": " "}, "请填写反映的情况"),
        ({"kind": "dance"}, "请选择事由"),
    ],
    ids=["no day", "tomorrow", "nothing said", "no such kind"],
)
def test_a_report_that_says_too_little_is_refused_in_words(desk, given, said):
    with pytest.raises(DeskRefused, match=said):
        desk.report(**({"kind": "incident"} | given))
    assert not Case.objects.exists()


def test_a_regulator_reports_from_its_desk_and_nobody_in_its_name(desk):
    case = desk.report(source="regulator", source_note="天山区市场监督管理局（虚构）", by=desk.honour.clerk)
    assert case.reported_by == desk.honour.clerk
    for stranger in (desk.honour.winner, make_user()):
        with pytest.raises(DeskRefused, match="只能由本奖项"):
            desk.report(source="regulator", by=stranger)


def test_the_office_declines_with_a_reason_that_the_reporter_reads(desk):
    case, _ = report_award(
        desk.honour.award, kind="misuse", text="宣传时未写年份。（虚构）", happened_on=None, contact={}, file=None,
        at=clock.now(),
    )  # fmt: skip
    with pytest.raises(DeskRefused, match="理由"):
        decline_case(case, because=" ", by=desk.officer, at=clock.now())
    case = decline_case(case, because="所反映的宣传已写明获奖年份。", by=desk.officer, at=clock.now())
    assert case.state == "declined"
    assert "已写明获奖年份" in outcome_zh(case)


def test_who_acts_for_the_winner_cannot_handle_its_case(desk):
    make_claim(desk.honour.award.organization, user=desk.officer)
    case = desk.report()
    with pytest.raises(DeskRefused, match="与当事人有关系"):
        accept_case(case, kind="incident", by=desk.officer, at=clock.now())


# -- inquiry -----------------------------------------------------------------------------------------------------------


def test_the_party_is_asked_in_the_offices_words_and_its_proof_enters_the_register(desk):
    case = desk.inquiry()
    question = ask_party(case, text="请说明事故经过和责任认定。", by=desk.officer, at=clock.now())
    assert list(Case.objects.put_to(desk.honour.winner)) == [case]
    with pytest.raises(DeskRefused, match="只有当事人"):
        answer_question(question, text="不是我。", file=None, by=make_user(), at=clock.now())
    answer_question(question, text="事故由外包队伍造成。（虚构）", file=None, by=desk.honour.winner, at=clock.now())
    with pytest.raises(DeskRefused, match="已经答复"):
        answer_question(question, text="再说一遍。", file=None, by=desk.honour.winner, at=clock.now())
    line = add_evidence(
        case, kind="letter", label="处罚决定书", obtained_from="应急管理局（虚构）", obtained_on=clock.today(),
        proves="事故等级和责任", file=None, by=desk.officer, at=clock.now(),
    )  # fmt: skip
    assert line.number == 1


def test_u19_a_misuse_is_put_right_by_its_day_and_the_honour_stands(desk):
    case = desk.inquiry("misuse", happened_on=None)
    with pytest.raises(DeskRefused, match="晚于今天"):
        order_rectification(
            case, text=FACTS, rule="products", rectify_by=clock.today(), by=desk.officer, at=clock.now()
        )
    case = order_rectification(
        case, text=FACTS, rule="products", rectify_by=date(2026, 3, 16), by=desk.officer, at=clock.now()
    )
    assert case.state == "rectifying"
    assert "第十九条" in told(case)
    report_rectified(case, text="已撤下包装。（虚构）", file=None, by=desk.honour.winner, at=clock.now())
    case = confirm_rectified(case, text="现场核查属实。", by=desk.officer, at=clock.now())
    assert case.state == "rectified"
    assert Award.objects.get().state == "granted"


def test_u21_a_misuse_not_put_right_goes_on_as_a_breach_of_the_regulation(desk):
    case = desk.inquiry("misuse", happened_on=None)
    case = order_rectification(
        case, text=FACTS, rule="trade", rectify_by=date(2026, 3, 16), by=desk.officer, at=clock.now()
    )
    with pytest.raises(DeskRefused, match="尚未届满"):
        go_on_unrectified(case, text="未改正", by=desk.officer, at=clock.now())
    desk.stood.travel_to(clock.at(date(2026, 3, 17), 9))
    case = go_on_unrectified(case, text="仍在出租证书。（虚构）", by=desk.officer, at=clock.now())
    case = intend(case, rule="breach", text=FACTS, by=desk.officer, at=clock.now())
    assert case.outcome == "revoke"
    assert "第二十一条" in told(case)


def test_an_unfounded_report_ends_the_case_and_the_award_stands(desk):
    case = find_unfounded(desk.inquiry(), text="经查不存在该情况。", by=desk.officer, at=clock.now())
    assert (case.state, Award.objects.get().state) == ("unfounded", "granted")
    assert "不成立" in outcome_zh(case)


def test_each_kind_offers_only_the_rules_made_for_it(desk):
    def offered(kind: str, award=desk.honour.award) -> set[str]:
        return {one.key for one in consequences(book(desk), kind, award=award)}

    assert offered("incident") == {"incident"}
    assert offered("false_material") == {"false_materials", "fraud"}
    assert offered("misuse") == {"breach"}
    assert offered("bad_credit") == {"serious_violation", "breach"}
    # who won nothing loses no award: U20's first paragraph only
    assert offered("false_material", award=None) == {"false_materials"}
    with pytest.raises(DeskRefused, match="请选择适用的规则"):
        intend(desk.inquiry(), rule="fraud", text=FACTS, by=desk.officer, at=clock.now())


# -- 陈述申辩 ----------------------------------------------------------------------------------------------------------


def test_the_notice_says_facts_article_consequence_and_the_right_to_speak_and_never_a_hearing(desk):
    case = desk.intended()
    assert case.notice_paper.title == "拟取消奖励告知书"
    text = told(case)
    assert "第二十一条" in text
    assert "陈述申辩" in text
    assert "收回证书、奖牌" in text
    assert "听证" not in text
    assert case.statement_until == clock.at(date(2026, 3, 9), 24)  # five working days from Monday 2 March


def test_nothing_is_submitted_before_the_days_to_speak_are_over(desk):
    case = desk.intended()
    desk.stood.travel_to(case.statement_until - timedelta(seconds=1))
    with pytest.raises(DeskRefused, match="届满前不能作出处理"):
        submit_case(case, considered="", by=desk.officer, at=clock.now())
    desk.stood.travel_to(case.statement_until)
    assert submit_case(case, considered="", by=desk.officer, at=clock.now()).state == "submitted"


def test_what_the_winner_says_is_answered_before_the_case_goes_on(desk):
    case = desk.intended()
    case = state_defence(
        case, text="事故等级认定有误。（虚构）", file=None, is_all=True, by=desk.honour.winner, at=clock.now()
    )
    with pytest.raises(DeskRefused, match="复核意见"):
        submit_case(case, considered=" ", by=desk.officer, at=clock.now())
    case = submit_case(case, considered="经复核，等级认定无误。", by=desk.officer, at=clock.now())
    assert case.state == "submitted"
    assert "等级认定有误" in told(case)
    assert "经复核" in told(case)


def test_the_winner_alone_gives_up_its_right_and_late_words_are_refused(desk):
    case = desk.intended()
    with pytest.raises(DeskRefused, match="只有当事人"):
        waive_defence(case, by=desk.officer, at=clock.now())
    case = waive_defence(case, by=desk.honour.winner, at=clock.now())
    assert submit_case(case, considered="", by=desk.officer, at=clock.now()).state == "submitted"


def test_late_words_are_refused_and_what_was_typed_is_said_to_be_kept(desk):
    case = desk.intended()
    desk.stood.travel_to(case.statement_until)
    with pytest.raises(DeskRefused, match=r"期限已过.*已保留"):
        state_defence(case, text="我要申辩。", file=None, is_all=False, by=desk.honour.winner, at=clock.now())


def test_a_winner_of_earlier_years_is_served_on_paper_and_the_days_run_from_that_day(desk):
    Award.objects.filter(pk=desk.honour.award.pk).update(organization=None)
    desk.honour.award = Award.objects.select_related("scheme").get()
    case = desk.intended()
    assert case.statement_until is None
    with pytest.raises(DeskRefused, match="尚未送达"):
        submit_case(case, considered="", by=desk.officer, at=clock.now())
    desk.stood.travel_to(clock.at(date(2026, 3, 4), 9))
    case = record_service(case, served_on=date(2026, 3, 4), how="直接送达", by=desk.officer, at=clock.now())
    assert case.statement_until == clock.at(date(2026, 3, 11), 24)
    state_defence(case, text="书面申辩。（虚构）", file=None, is_all=False, by=desk.officer, at=clock.now())


def test_new_facts_send_the_case_back_and_a_new_notice_follows(desk):
    case = desk.intended()
    case = look_again(case, because="当事人提交了新的鉴定结论", by=desk.officer, at=clock.now())
    assert case.state == "inquiry"
    case = intend(case, rule="incident", text=FACTS, by=desk.officer, at=clock.now())
    assert IssuedDocument.objects.filter(subject=case.subject, kind="case_intended").count() == 2


# -- false material, with and without an award -------------------------------------------------------------------------


def test_u20_false_material_bars_five_years_from_the_decision_and_a_withdrawal_ends_nothing(desk, withdrawn):
    case, _ = open_case(
        application=withdrawn, kind="false_material", text="审计报告系伪造。（虚构）", source="office", by=desk.officer,
        at=clock.now(),
    )  # fmt: skip
    case = accept_case(case, kind="false_material", by=desk.officer, at=clock.now())
    case = intend(case, rule="false_materials", text=FACTS, by=desk.officer, at=clock.now())
    assert case.outcome == "bar"
    with pytest.raises(DeskRefused, match="届满前"):
        decide_bar(case, considered="", by=desk.officer, at=clock.now())
    desk.stood.travel_to(case.statement_until)
    case = decide_bar(case, considered="", by=desk.officer, at=clock.now())
    ban = Ban.objects.get()
    assert (ban.code, ban.starts_on, ban.ends_on) == (
        withdrawn.organization.code, clock.today(), clock.today().replace(year=2031),
    )  # fmt: skip
    assert (ban.rule, ban.cite) == ("false_materials", "20")


def test_the_body_may_decide_otherwise_and_the_award_stands(desk):
    case = desk.submitted()
    case = keep_award(case, because="情节轻微。（虚构）", decided_on=clock.today(), by=desk.officer, at=clock.now())
    assert (case.state, Award.objects.get().state) == ("kept", "granted")


# -- clocks ------------------------------------------------------------------------------------------------------------


def test_an_overdue_case_is_told_to_office_and_supervising_department_once(desk):
    case = desk.report()
    assert case.due_at == clock.at(date(2026, 3, 9), 24)
    assert escalate_overdue(case.due_at - timedelta(seconds=1)) == 0
    assert (escalate_overdue(case.due_at), escalate_overdue(case.due_at)) == (1, 0)
    assert AuditRecord.objects.filter(verb="case.overdue").count() == 1
    case = accept_case(case, kind="incident", by=desk.officer, at=clock.now())
    assert case.escalated_at is None
    assert case.due_at > clock.now()


def test_the_supervising_department_reads_and_another_schemes_office_sees_nothing(desk):
    case = desk.report()
    elsewhere = make_unit("office", scheme_key="bayannur")
    seen = {
        who: Case.objects.visible_to(user).count()
        for who, user in {
            "office": desk.officer, "supervisor": desk.honour.supervisor, "winner": desk.honour.winner,
            "other office": make_user(elsewhere),
        }.items()
    }  # fmt: skip
    assert seen == {"office": 1, "supervisor": 1, "winner": 0, "other office": 0}
    with pytest.raises(DeskRefused, match="由办公室办理"):
        accept_case(case, kind="incident", by=desk.honour.supervisor, at=clock.now())
