"""Who reported a case is answered in writing, whichever way it ends, and its particulars are kept from then on."""

from __future__ import annotations

import pytest
from django.urls import reverse

from applications.ledger_bars import ban
from award_portal.lib import clock
from awards.models import Award
from documents.models import IssuedDocument
from objections.handling import tell
from objections.outcomes import decide
from supervision.case_deciding import keep_award
from supervision.case_inquiry import confirm_rectified, find_unfounded, order_rectification
from supervision.case_papers import reply_of
from supervision.cases import decline_case, report_award
from supervision.holdings import BY_KEY
from supervision.models import Case
from tests.conftest import MONDAY
from tests.factories import make_organization, make_round, make_unit, make_user
from tests.objections.builders import PROHIBITED, make_case
from tests.objections.test_handling import FINDING, reported


def told_of(desk, kind="misuse"):
    return report_award(
        desk.honour.award, kind=kind, text="包装上使用奖项标志。（虚构）", happened_on=clock.today(),
        contact={"name": "实名反映人甲", "phone": "13800001234"}, file=None, at=clock.now(),
    )  # fmt: skip


def words(document: IssuedDocument) -> str:
    return "".join([document.content["to"], *document.content["lines"]])


def test_the_public_is_answered_in_writing_and_the_paper_names_nobody(client, desk):
    case, secret = told_of(desk)
    page = client.get(reverse("supervision:case_receipt", args=[secret])).content.decode()
    assert "书面告知" not in page
    decline_case(case, because="所附照片不是获奖组织的产品", by=desk.officer, at=clock.now())
    paper = reply_of(case)
    assert paper is not None
    assert paper.title == "情况反映处理结果告知书"
    assert "不予立案。理由：所附照片不是获奖组织的产品" in words(paper)
    assert "实名反映人甲" not in words(paper)
    page = client.get(reverse("supervision:case_receipt", args=[secret])).content.decode()
    assert "情况反映处理结果告知书" in page
    where = reverse("supervision:case_reply", args=[secret])
    assert client.get(where).status_code == 404  # not rendered yet
    assert client.get(paper.get_absolute_url()).status_code == 404  # the receipt leads there, nothing else


@pytest.mark.parametrize("ending", ["unfounded", "rectified", "kept", "revoked"])
def test_whichever_way_a_case_ends_its_reporter_is_told_once_and_when_it_ended_stands(desk, ending):
    department = make_user(make_unit("recommender", district="天山区", name="天山区市场监督管理局"))
    given = {"source": "regulator", "by": department, "source_note": "来函"}
    match ending:
        case "unfounded":
            case = find_unfounded(desk.inquiry(**given), text="未发生。", by=desk.officer, at=clock.now())
        case "rectified":
            case = order_rectification(
                desk.inquiry("misuse", **given), text="在包装上使用。", rule="products",
                rectify_by=clock.today().replace(day=20), by=desk.officer, at=clock.now(),
            )  # fmt: skip
            assert reply_of(case) is None
            case = confirm_rectified(case, text="已更换包装。", by=desk.officer, at=clock.now())
        case "kept":
            case = desk.submitted(**given)
            case = keep_award(case, because="情节轻微", decided_on=clock.today(), by=desk.officer, at=clock.now())
        case "revoked":
            case = desk.revoked(**given)
    paper = reply_of(case)
    assert paper is not None
    assert paper.title == "情况通报办理结果告知书"
    assert paper.content["to"] == "天山区市场监督管理局"
    expected = {"unfounded": "不成立", "rectified": "已改正", "kept": "不予处理", "revoked": "取消奖励（样政发"}
    assert expected[ending] in words(paper)
    assert IssuedDocument.objects.filter(kind="case_reply").count() == 1
    assert (case.closed_at is not None) == (ending != "revoked")


def test_the_department_reads_its_answer_from_its_list_and_no_other_desk_does(client, desk):
    department = make_user(make_unit("recommender", district="天山区"))
    other = make_user(make_unit("recommender", district="水磨沟区"))
    case = desk.report(source="regulator", by=department)
    decline_case(case, because="已由主管部门处理", by=desk.officer, at=clock.now())
    paper = reply_of(case)
    client.force_login(department)
    assert paper.title in client.get(reverse("supervision:cases")).content.decode()
    assert client.get(paper.get_absolute_url()).status_code == 202
    client.force_login(other)
    assert client.get(paper.get_absolute_url()).status_code == 404


def test_an_office_tells_itself_nothing(desk):
    case = desk.report()
    decline_case(case, because="查无实据", by=desk.officer, at=clock.now())
    assert reply_of(case) is None


def test_u13_an_objector_found_right_after_the_award_is_told_how_the_case_ended(db, frozen, calendars):
    listed = make_case()
    first = reported(listed, listed.object_to(condition=PROHIBITED))
    second = reported(listed, listed.object_to(condition=PROHIBITED, form="unit"))
    Award.objects.create(
        scheme=listed.round.scheme, round=listed.round, application_number=listed.application.number,
        name="样例（虚构）", tier="main", tier_name="质量奖", year=2026, awarded_on=clock.today(),
    )  # fmt: skip
    type(listed.application).objects.filter(pk=listed.application.pk).update(state="awarded")
    for one in (first, second):
        decided = decide(one, finding="upheld", text=FINDING, by=listed.officer, at=clock.at(MONDAY, 10))
        tell(decided, by=listed.officer, at=clock.at(MONDAY, 11))
    case = Case.objects.get()  # one for both
    decline_case(case, because="已由主管部门处理", by=listed.officer, at=clock.at(MONDAY, 12))
    assert reply_of(case) is None
    for one in (first, second):
        letter = one.letters.get(document__kind="objection_outcome").document
        assert letter.content["outcome"] == "不予立案。理由：已由主管部门处理"


def test_the_particulars_of_a_declined_report_fall_due_like_those_of_any_other(desk):
    case, _ = told_of(desk)
    decline_case(case, because="查无实据", by=desk.officer, at=clock.now())
    due = BY_KEY["reporter"].due
    assert not due(case.scheme.key, clock.now()).exists()
    desk.stood.travel_to(clock.now().replace(year=clock.now().year + 6))
    assert list(due(case.scheme.key, clock.now())) == [case]


def test_u2_a_ban_names_the_branch_it_was_placed_on_and_the_next_refusal_names_it(desk):
    Award.objects.filter(pk=desk.honour.award.pk).update(unit_name="样例分公司")
    desk.honour.award.refresh_from_db()
    case = desk.revoked("false_material", "fraud", happened_on=None)
    assert case.name == f"{desk.honour.award.name}（样例分公司）"
    assert (case.ban.name, case.ban.unit_name) == (desk.honour.award.name, "样例分公司")
    round = make_round(title="下一届")
    parent = desk.honour.award.organization
    told = ban(round, parent, at=clock.now()).text
    assert f"“{case.name}”" in told
    assert "该代码下的申报均不予受理" in told
    branch = make_organization(code=parent.code, name=parent.name, unit_name="样例分公司")
    told = ban(round, branch, at=clock.now()).text
    assert told.startswith(f"{case.name}因")
    assert "其申报不予受理，2036年" in told


def test_the_list_of_bans_names_the_branch_and_is_the_offices_and_the_supervisors(client, desk):
    Award.objects.filter(pk=desk.honour.award.pk).update(unit_name="样例分公司")
    desk.honour.award.refresh_from_db()
    case = desk.revoked("false_material", "fraud", happened_on=None)
    for user in (desk.officer, desk.honour.supervisor):
        client.force_login(user)
        page = client.get(reverse("supervision:bans")).content.decode()
        assert case.name in page
        assert "2036年3月10日起" in page
    ledger = client.get(reverse("supervision:ledger_award", args=[desk.honour.award.public_id])).content.decode()
    assert "不予受理申报" in ledger
    client.force_login(desk.honour.winner)
    assert client.get(reverse("supervision:bans")).status_code == 403
