"""On-site visits (V6, U11.7): planned without clash, confirmed, worked by the team, closed and acknowledged."""

from __future__ import annotations

import hashlib
import io
from datetime import time, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image
from pypdf import PdfReader

from applications.desk_rules import DeskRefused
from applications.models import Application
from applications.pipeline import State
from award_portal.lib import clock
from organizations.files import UploadRefused
from organizations.models import AuditRecord, OutboxItem
from reviews.integrity import QUESTIONS, file_feedback, opened, read_feedback
from reviews.models import IntegrityFeedback, Panel, Pledge, Visit, VisitFinding
from reviews.opinions import opinion_blockers
from reviews.review_calendar import entries, month_of
from reviews.scoring import rubric_of
from reviews.ties import declare_conflict
from reviews.visit_papers import question_sheet, record_sheet, site_pack, visit_register
from reviews.visiting import (
    acknowledge_record,
    amend_finding,
    close_visit,
    closing_blockers,
    item_titles,
    note_finding,
    note_unsigned,
    put_question,
    settle_question,
    sign_meeting,
    strike_question,
)
from reviews.visits import (
    Stop,
    ask_another_day,
    cancel_visit,
    change_visit,
    confirm_plan,
    contact_phone,
    leads_visit,
    readers_of,
    send_plan,
    set_programme,
    team_of,
)
from tests.factories import make_unit, make_user

from .panel_builders import build_review, score
from .test_sessions import step_back
from .visit_builders import build_site, confirmed_visit, made_up_picture, planned_visit, worked_visit

pytestmark = pytest.mark.django_db


@pytest.fixture
def site(frozen, calendars):
    return build_site()


def now():
    return clock.now()


def item_of(review) -> str:
    return rubric_of(review.applications[0], State.ONSITE_REVIEW).items[0].title


# -- the plan ----------------------------------------------------------------------------------------------------------


def test_u11_7_the_team_is_the_readers_and_the_chair_leads_where_he_reads(site):
    review, panel = site
    review.assigned(panel)
    visit = planned_visit(review, panel, team=[])
    assert team_of(visit) == readers_of(panel, review.applications[0])
    assert visit.leader == (panel.chair if panel.chair in team_of(visit) else team_of(visit)[0])
    assert visit.stops.all()[0].item[:4] == "首次会议"
    assert contact_phone(visit) == "0000-1234567"
    assert "1234567" not in visit.contact_sealed


def test_u23_nobody_with_a_tie_to_the_applicant_is_on_the_team(site):
    review, panel = site
    tied, gone = review.experts[:2]
    declare_conflict(
        tied, review.applications[0].organization, round=review.round, ground="kinship", source="office", note="",
        by=review.officer, at=now(),
    )  # fmt: skip
    step_back(review.applications[0], gone)
    outsider = review.expert()
    with pytest.raises(DeskRefused) as refused:
        planned_visit(review, panel, team=[tied, gone, outsider, review.experts[2]])
    said = [str(one) for one in refused.value.blockers]
    assert len(said) == 3
    assert "不是本评审组在任成员" in "".join(said)
    assert not Visit.objects.exists()


def test_nobody_is_at_two_applicants_on_one_day(frozen, calendars):
    review, panel = build_site(applications=2)
    planned_visit(review, panel, on=clock.today(), ends_on=clock.today() + timedelta(days=1))
    with pytest.raises(DeskRefused, match="已安排到"):
        planned_visit(review, panel, place=1, on=clock.today() + timedelta(days=1))
    planned_visit(review, panel, place=1, on=clock.today() + timedelta(days=1), team=review.experts[3:])
    assert Visit.objects.count() == 2


def test_the_applicant_confirms_or_asks_for_another_day_with_a_reason(site, frozen):
    review, panel = site
    visit = planned_visit(review, panel, on=clock.today() + timedelta(days=3))
    own = review.applications[0].created_by
    with pytest.raises(DeskRefused, match="还没有送达"):
        confirm_plan(visit, by=own, at=now())
    send_plan(visit, by=review.officer, at=now())
    wanted = clock.today() + timedelta(days=5)
    with pytest.raises(DeskRefused, match="请填写理由"):
        ask_another_day(visit, wanted_on=wanted, reason="", by=own, at=now())
    with pytest.raises(DeskRefused, match="只能由申报组织"):
        ask_another_day(visit, wanted_on=wanted, reason="停产检修", by=make_user(), at=now())
    ask_another_day(visit, wanted_on=wanted, reason="停产检修", by=own, at=now())
    change_visit(visit, starts_on=wanted, ends_on=wanted, reason="应对方请求", by=review.officer, at=now())
    visit.refresh_from_db()
    assert (visit.starts_on, visit.confirmed_at, visit.sent_at) == (wanted, None, now())
    assert {one.day for one in visit.stops.all()} == {wanted}
    confirm_plan(visit, by=own, at=now())
    kinds = [one.kind for one in visit.replies.all()]
    assert kinds == ["sent", "asked", "changed", "confirmed"]
    told = " ".join(one.payload["subject"] for one in OutboxItem.objects.filter(kind="inbox_message"))
    assert "请重新确认" in told
    assert "请求另定现场评审日期" in told


def test_the_office_confirms_for_the_applicant_only_with_how_it_was_told(site):
    review, panel = site
    visit = planned_visit(review, panel)
    send_plan(visit, by=review.officer, at=now())
    with pytest.raises(DeskRefused, match="何种方式"):
        confirm_plan(visit, by=review.officer, at=now())
    confirm_plan(visit, note="联系人电话确认", by=review.officer, at=now())
    assert visit.replies.last().text == "联系人电话确认"


def test_programme_rows_lie_within_the_days_and_do_not_overlap(site):
    review, panel = site
    visit, day = planned_visit(review, panel), clock.today()

    def row(starts: int, ends: int, who: str = "", later: int = 0) -> Stop:
        return Stop(day + timedelta(days=later), time(starts), time(ends), "车间", "过程控制", who)

    def set_rows(*rows: Stop, by=review.officer) -> None:
        set_programme(visit, stops=rows, by=by, at=now())

    with pytest.raises(DeskRefused, match="时间重叠"):
        set_rows(row(9, 11), row(10, 12))
    with pytest.raises(DeskRefused, match="时间重叠"):
        set_rows(row(9, 11), row(10, 12, "乙组"))
    with pytest.raises(DeskRefused, match="不在现场评审日期之内"):
        set_rows(row(9, 11, later=1))
    with pytest.raises(DeskRefused, match="晚于开始时间"):
        set_rows(row(11, 9))
    set_rows(row(9, 11, "甲组"), row(9, 11, "乙组"), by=visit.leader.user)
    assert visit.stops.count() == 2


def test_the_question_list_comes_from_what_the_documents_left_open(frozen, calendars):
    review = build_review()
    review.assigned()
    review.conclude(review.applications[0])
    Application.objects.update(state=State.ONSITE_REVIEW)
    review.applications[0] = Application.objects.get()
    review.stage = State.ONSITE_REVIEW
    visit = planned_visit(review, review.panel(experts=review.experts))
    rows = list(visit.questions.order_by("pk"))
    *improve, doubt = rows
    assert [one.question for one in improve] == ["补充对比数据"] * len(improve)
    assert {one.item for one in improve} <= set(item_titles(visit))
    assert {one.source for one in improve} == {"材料评审意见"}
    # nobody said where in the dossier it was found
    assert (doubt.source, doubt.item) == ("材料评审证据存疑", "")
    assert doubt.question.endswith("各评分项目")


def test_what_the_readers_judged_far_apart_is_asked_on_site(frozen, calendars):
    review = build_review()
    review.assigned()
    one, item = review.applications[0], rubric_of(review.applications[0], State.DOCUMENT_REVIEW).items[0]
    score(review.readers(one)[0], **{item.key: "0.2"})
    review.conclude(one)
    Application.objects.update(state=State.ONSITE_REVIEW)
    review.applications[0] = Application.objects.get()
    review.stage = State.ONSITE_REVIEW
    visit = planned_visit(review, review.panel(experts=review.experts))
    apart = visit.questions.get(source="材料评审评分差异")
    assert (apart.item, "相差较大" in apart.question) == (item.title, True)


def test_a_question_is_struck_with_its_reason_and_stays_on_the_list(site):
    review, panel = site
    visit = confirmed_visit(review, panel)
    leader = visit.leader.user
    given = {"by": leader, "at": now()}
    moot = put_question(visit, item="", question="已搬迁的车间如何管理", **given)
    answered = put_question(visit, item="", question="检验记录是否完整", **given)
    settle_question(answered, result="完整", **given)
    with pytest.raises(DeskRefused, match="划去理由"):
        strike_question(moot, because=" ", **given)
    with pytest.raises(DeskRefused, match="已经填写核实情况"):
        strike_question(answered, because="不需要", **given)
    with pytest.raises(DeskRefused, match="办公室"):
        strike_question(moot, because="不需要", by=make_user(), at=now())
    assert "问题清单还有1项" in "".join(closing_blockers(visit))
    strike_question(moot, because="车间已经拆除", **given)
    assert "问题清单" not in "".join(closing_blockers(visit))
    with pytest.raises(DeskRefused, match="已经划去"):
        settle_question(moot, result="无", **given)
    assert question_sheet(visit).rows[0][4] == "已划去：车间已经拆除"
    client = Client()
    client.force_login(leader, backend="django.contrib.auth.backends.ModelBackend")
    other = put_question(visit, item="", question="设备台账", **given)
    url = reverse("reviews:visit", args=[visit.public_id])
    client.post(url, {"action": "strike", "question": str(other.public_id), "because": "与评分项目无关"})
    assert "<del>设备台账</del>" in client.get(url).content.decode()


def test_u22_who_has_not_signed_the_pledge_does_not_get_at_the_visit(site):
    review, panel = site
    visit = confirmed_visit(review, panel)
    member = team_of(visit)[1]
    Pledge.objects.filter(expert=member).delete()
    client = Client()
    client.force_login(member.user, backend="django.contrib.auth.backends.ModelBackend")
    for name in ("visit", "site_print"):
        answer = client.get(reverse(f"reviews:{name}", args=[visit.public_id]))
        assert answer.url == reverse("reviews:pledge", args=[review.round.public_id])
    with pytest.raises(DeskRefused, match="承诺书"):
        put_question(visit, item="", question="设备台账", by=member.user, at=now())
    with pytest.raises(DeskRefused, match="承诺书"):
        note_finding(visit, item=item_of(review), verdict="meets", text="一致", by=member.user, at=now())


def test_the_opening_meeting_stands_before_the_closing_one_noted_at_the_same_moment(site):
    review, panel = site
    visit = worked_visit(review, panel, item_of(review))
    assert [one.meeting for one in visit.signatures.filter(expert=None)] == ["opening", "closing"]


def test_one_who_steps_back_is_off_the_team_at_once(site):
    review, panel = site
    visit = confirmed_visit(review, panel)
    member = team_of(visit)[1]
    assert Visit.objects.of_team(member.user).exists()
    step_back(review.applications[0], member)
    assert member not in team_of(visit)
    assert not Visit.objects.of_team(member.user).exists()
    with pytest.raises(DeskRefused, match="不在现场评审组"):
        sign_meeting(visit, meeting="opening", expert=member, by=member.user, at=now())


# -- on site -----------------------------------------------------------------------------------------------------------


def test_nothing_begins_before_the_day_and_the_confirmation(site, frozen):
    review, panel = site
    visit = planned_visit(review, panel, on=clock.today() + timedelta(days=1))
    send_plan(visit, by=review.officer, at=now())
    leader = visit.leader
    with pytest.raises(DeskRefused, match="尚未确认日程"):
        sign_meeting(visit, meeting="opening", expert=leader, by=leader.user, at=now())
    confirm_plan(visit, by=review.applications[0].created_by, at=now())
    with pytest.raises(DeskRefused, match="尚未到日期"):
        sign_meeting(visit, meeting="opening", expert=leader, by=leader.user, at=now())
    frozen.travel_to(clock.at(visit.starts_on, 9))
    sign_meeting(visit, meeting="opening", expert=leader, by=leader.user, at=now())
    with pytest.raises(DeskRefused, match="不能再变更"):
        change_visit(
            visit, starts_on=visit.starts_on, ends_on=visit.starts_on, reason="改期", by=review.officer, at=now()
        )
    with pytest.raises(DeskRefused, match="不能取消"):
        cancel_visit(visit, reason="改期", by=review.officer, at=now())


def test_a_finding_is_tied_to_an_item_and_its_photograph_tells_no_place(site):
    review, panel = site
    visit = confirmed_visit(review, panel)
    by, item = visit.leader.user, item_titles(visit)[0]
    with pytest.raises(DeskRefused, match="请选择评分项目"):
        note_finding(visit, item="不是项目", verdict="meets", text="一致", by=by, at=now())
    with pytest.raises(DeskRefused, match="由现场评审组成员记录"):
        note_finding(visit, item=item, verdict="meets", text="一致", by=review.officer, at=now())
    with pytest.raises(UploadRefused):
        note_finding(visit, item=item, verdict="meets", text="一致", by=by, at=now(), photos=[made_up_picture("a.gif")])
    assert not VisitFinding.objects.exists()
    finding = note_finding(
        visit, item=item, verdict="fails", text="校准证书过期", answer="已送检", by=by, at=now(),
        photos=[made_up_picture()],
    )  # fmt: skip
    stored = finding.photos.get().file
    with stored.content.open("rb") as file:
        data = file.read()
    assert b"MADE-UP-CAMERA" not in data
    with Image.open(io.BytesIO(data)) as image:
        assert dict(image.getexif()) == {}
    assert stored.sha256 == hashlib.sha256(data).hexdigest()
    amend_finding(finding, verdict="meets", text="已出示新证书", answer="已送检", by=by, at=now())
    assert VisitFinding.objects.get().verdict == "meets"


def test_the_leader_alone_signs_and_only_when_all_is_there(site):
    review, panel = site
    visit = confirmed_visit(review, panel)
    question = put_question(visit, item="", question="指标口径是否一致", by=review.officer, at=now())
    said = " ".join(closing_blockers(visit))
    for word in ("首次会议带队组长尚未签到", "末次会议申报组织尚无人员签到", "问题清单还有1项", "尚未记录现场核查情况"):
        assert word in said
    leader = visit.leader.user
    with pytest.raises(DeskRefused, match="尚未签到"):
        close_visit(visit, text="已通报", by=leader, at=now())
    settle_question(question, result="一致", by=leader, at=now())
    other = next(one for one in team_of(visit) if one.pk != visit.leader_id)
    with pytest.raises(DeskRefused, match="由带队组长签署"):
        close_visit(visit, text="已通报", by=other.user, at=now())
    assert leads_visit(visit, leader)
    assert not leads_visit(visit, other.user)


def test_a_signed_record_is_frozen_and_the_applicants_words_change_nothing_in_it(site):
    review, panel = site
    visit = worked_visit(review, panel, item_of(review))
    leader, own = visit.leader.user, review.applications[0].created_by
    with pytest.raises(DeskRefused, match="尚未签署"):
        acknowledge_record(visit, note="", by=own, at=now())
    closed = close_visit(visit, text="已通报核实情况", by=leader, at=now())
    assert AuditRecord.objects.get(verb="visit.close").data["sha256"] == closed.record_sha256
    with pytest.raises(DeskRefused, match="不能再改"):
        amend_finding(visit.findings.get(), verdict="fails", text="改", answer="", by=leader, at=now())
    with pytest.raises(DeskRefused, match="由申报组织确认"):
        acknowledge_record(visit, note="", by=review.officer, at=now())
    done = acknowledge_record(visit, note="第二项另有说明", by=own, at=now())
    assert done.is_settled
    assert done.record_sha256 == closed.record_sha256
    assert "第二项另有说明" in " ".join(record_sheet(done).notes)


def test_u11_7_no_opinion_before_the_record_is_signed_and_acknowledged_and_silence_stops_nobody(site):
    review, panel = site
    review.assigned(panel)
    application = review.applications[0]
    for one in review.readers(application):
        score(one)

    def said() -> str:
        return "".join(str(one) for one in opinion_blockers(application, State.ONSITE_REVIEW))

    assert "尚未安排现场评审" in said()
    visit = worked_visit(review, panel, item_of(review))
    assert "尚未由带队组长签署" in said()
    close_visit(visit, text="已通报", by=visit.leader.user, at=now())
    assert "申报组织尚未确认末次会议记录" in said()
    with pytest.raises(DeskRefused, match="请填写未予确认的情况"):
        note_unsigned(visit, because="", by=review.officer, at=now())
    note_unsigned(visit, because="三次通知未回复", by=review.officer, at=now())
    assert said() == ""


# -- papers, calendar --------------------------------------------------------------------------------------------------


def test_one_print_holds_all_an_expert_needs_on_site(site):
    review, panel = site
    visit = confirmed_visit(review, panel)
    put_question(visit, item="", question="指标口径是否一致", by=review.officer, at=now())
    pages = PdfReader(io.BytesIO(site_pack(visit, at=now()))).pages
    text = "".join("".join(page.extract_text().split()) for page in pages)
    for word in (
        "样例路1号",
        "0000-1234567",
        "指标口径是否一致",
        "现场核查记录表",
        "首次会议签到表",
        "档次",
        item_of(review),
    ):
        assert word in text, word
    assert "核心工艺参数" not in text, "a part marked secret opens only by an opening of its own"


def test_the_register_and_the_calendar_show_every_day_of_a_visit(frozen, calendars):
    review, panel = build_site(applications=2)
    planned_visit(review, panel, ends_on=clock.today() + timedelta(days=1))
    off = planned_visit(review, panel, place=1, on=clock.today() + timedelta(days=7))
    cancel_visit(off, reason="改期", by=review.officer, at=now())
    assert len(visit_register(review.round).rows) == 2
    rows = entries(review.round)
    assert [one.day for one in rows] == [clock.today(), clock.today() + timedelta(days=1)]
    month = month_of(rows, "", today=clock.today())
    shown = [day for week in month.weeks for day, _, found in week if found]
    assert shown == [one.day for one in rows]
    assert month_of(rows, "2026-12", today=clock.today()).after == "2027-01"
    assert month_of(rows, "nonsense", today=clock.today()).first == month.first


# -- 廉洁反馈表 --------------------------------------------------------------------------------------------------------


def test_the_integrity_form_goes_to_the_supervising_unit_and_nobody_else(site):
    review, panel = site
    visit, own = confirmed_visit(review, panel), review.applications[0].created_by
    clean = dict.fromkeys(QUESTIONS, False)
    words = {"stage": State.ONSITE_REVIEW, "by": own, "at": now()}
    with pytest.raises(DeskRefused, match="暂不填写"):
        file_feedback(visit.application, answers=clean, text="", **words)
    sign_meeting(visit, meeting="opening", expert=visit.leader, by=visit.leader.user, at=now())
    with pytest.raises(DeskRefused, match="写明时间、人员和事实"):
        file_feedback(visit.application, answers=clean | {"gifts": True}, text="", **words)
    told = file_feedback(visit.application, answers=clean | {"gifts": True}, text="索要样品一件", **words)
    assert "样品" not in told.answers_sealed
    assert "样品" not in str(list(AuditRecord.objects.values_list("data", flat=True)))
    supervisor = make_user(make_unit("supervisor"))
    assert list(IntegrityFeedback.objects.of_supervisor(supervisor)) == [told]
    for user in (review.officer, visit.leader.user, own):
        assert not IntegrityFeedback.objects.of_supervisor(user).exists()
        with pytest.raises(DeskRefused, match="只由纪检监察机构"):
            read_feedback(told, by=user, at=now())
    assert read_feedback(told, by=supervisor, at=now())["text"] == "索要样品一件"
    assert opened(told)["any"]
    with pytest.raises(DeskRefused, match="已经提交"):
        file_feedback(visit.application, answers=clean, text="", **words)


def test_panels_of_other_stages_make_no_visits(frozen, calendars):
    review = build_review()
    with pytest.raises(DeskRefused, match="不在现场评审环节"):
        planned_visit(review, review.panel(experts=review.experts))
    assert Panel.objects.count() == 1
