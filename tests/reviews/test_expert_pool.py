"""The pool's cards: employers, training, use, days away, suspension and disqualification (V1, U7.4, U22)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications.desk_rules import DeskRefused
from applications.reading import readable_dossier
from award_portal.lib import clock
from organizations.models import AuditRecord
from reviews.expert_absences import enter_absence, enter_own_absence
from reviews.expert_records import uses_of
from reviews.expert_sanctions import (
    disqualify_expert,
    lift_expired,
    next_term_over,
    reinstate_expert,
    suspend_expert,
)
from reviews.experts import add_expert, end_employment, enter_employment, note_use, record_training
from reviews.models import Expert, Panel, PanelMember
from reviews.panels import current_members, free_experts
from tests.factories import make_user, valid_uscc

from .panel_builders import Review, build_review, score

pytestmark = pytest.mark.django_db
MARCH = date(2026, 3, 1)


@pytest.fixture
def review(frozen, calendars) -> Review:
    return build_review(experts=7)


@pytest.fixture
def panel(review) -> Panel:
    panel = review.panel(size=5)
    review.assigned(panel)
    return panel


def who(review: Review) -> dict:
    return {"by": review.officer, "at": clock.now()}


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def free(review: Review, until: date | None = None, fields=()) -> list[Expert]:
    return free_experts(review.round, review.applications, until=until, fields=fields)[0]


# -- the card ---------------------------------------------------------------------------------------------------------


def test_who_joins_has_an_employment_that_stands_and_a_code_that_is_right(review):
    given = {"user": make_user(), "username": "", "field": "计量", "employer": "样例院（虚构）"}
    with pytest.raises(DeskRefused, match="校验位不符"):
        add_expert(review.round.scheme.key, **given, employer_code="91110000000000000A", **who(review))
    expert = add_expert(review.round.scheme.key, **given, employer_code=valid_uscc(3).lower(), **who(review))
    [job] = expert.employments.all()
    assert (job.employer, job.employer_code, job.until_on) == ("样例院（虚构）", valid_uscc(3), None)


def test_the_card_names_the_employer_that_stands_and_keeps_the_past_ones(review):
    expert = review.experts[0]
    [old] = expert.employments.all()
    enter_employment(expert, employer="新单位（虚构）", from_on=MARCH, **who(review))
    end_employment(old, until_on=MARCH, **who(review))
    expert.refresh_from_db()
    assert expert.employer == "新单位（虚构）"
    assert [(one.employer, one.until_on) for one in expert.employments.all()] == [
        ("新单位（虚构）", None), (old.employer, MARCH),
    ]  # fmt: skip
    with pytest.raises(DeskRefused, match="任职止不能晚于今天"):
        end_employment(expert.employments.get(until_on=None), until_on=clock.today() + timedelta(days=9), **who(review))
    with pytest.raises(DeskRefused, match="任职止应晚于任职起"):
        enter_employment(expert, employer="某单位", from_on=MARCH, until_on=MARCH, **who(review))


def test_a_field_beside_the_main_one_is_drawn_from_too(review):
    expert = review.experts[0]
    expert.specialties.create(field="标准与计量")
    assert free(review, fields=["标准与计量"]) == [expert]


def test_u7_4_training_is_recorded_once_and_counted(review):
    expert = review.experts[0]
    Expert.objects.filter(pk=expert.pk).update(trainings=2)
    given = {"held_on": MARCH, "subject": "评审准则", "hours": Decimal("8"), "organizer": "样例办公室（虚构）"}
    record_training(expert, **given, **who(review))
    with pytest.raises(DeskRefused, match="已经登记"):
        record_training(expert, **given, **who(review))
    with pytest.raises(DeskRefused, match="不能晚于今天"):
        record_training(expert, **given | {"held_on": clock.today() + timedelta(days=1)}, **who(review))
    assert Expert.objects.with_use().get(pk=expert.pk).trained == 3


def test_u7_4_each_use_tells_the_stage_the_sheets_and_the_offices_opinion(review, panel):
    application = review.applications[0]
    assignment = review.readers(application)[0]
    score(assignment)
    member = PanelMember.objects.get(panel=panel, expert=assignment.expert)
    note_use(member, quality="good", note="意见具体", **who(review))
    note_use(member, quality="excellent", note="意见具体、及时", **who(review))
    [use] = uses_of(assignment.expert)
    assert (use.member.panel.stage, use.assigned, use.submitted) == ("document_review", 1, 1)
    assert (use.note.get_quality_display(), use.note.note) == ("优秀", "意见具体、及时")
    assert AuditRecord.objects.filter(verb="expert.use_note").count() == 2


# -- days away --------------------------------------------------------------------------------------------------------


def test_a_draw_leaves_out_who_is_away_and_never_says_why(review):
    expert, due = review.experts[0], date(2026, 3, 13)
    enter_absence(expert, first=due, last=date(2026, 3, 20), **who(review))
    assert expert not in free(review, due)
    assert expert in free(review, due - timedelta(days=1))
    panel = review.panel(size=5, due_on=due)
    assert expert not in current_members(panel)
    [left_out] = panel.draws.get().excluded
    assert left_out == {"expert": str(expert.public_id), "reason": "评审期间不能参加"}


def test_an_expert_says_when_they_are_away_at_their_own_page(review):
    expert = review.experts[0]
    client, page = signed_in(expert.user), reverse("reviews:availability")
    wrong = client.post(page, {"first": "2026-03-20", "last": "2026-03-13"}).content.decode()
    assert "截止日期不能早于开始日期" in wrong
    assert client.post(page, {"first": "2026-03-13", "last": "2026-03-20"}).status_code == 302
    absence = expert.absences.get()
    assert (absence.from_on, absence.last_on) == (date(2026, 3, 13), date(2026, 3, 20))
    assert "已经登记" in client.post(page, {"first": "2026-03-14", "last": "2026-03-15"}).content.decode()
    assert "2026年3月13日至2026年3月20日" in client.get(reverse("reviews:mine")).content.decode()
    other = signed_in(review.experts[1].user)
    assert other.post(page, {"action": "remove", "id": str(absence.public_id)}).status_code == 404
    assert client.post(page, {"action": "remove", "id": str(absence.public_id)}).status_code == 302
    assert not expert.absences.exists()


def test_nobody_enters_anothers_days(review):
    with pytest.raises(DeskRefused, match="由办公室管理"):
        enter_absence(
            review.experts[0], first=clock.today(), last=clock.today(), by=review.experts[1].user, at=clock.now()
        )
    with pytest.raises(DeskRefused, match="已经过去"):
        enter_own_absence(first=MARCH, last=MARCH, by=review.experts[0].user, at=clock.now())


# -- suspension and disqualification ----------------------------------------------------------------------------------


def test_u22_a_disqualified_expert_is_out_at_once_and_replaced(review, panel):
    application = review.applications[0]
    assignment = next(one for one in review.readers(application) if one.expert_id != panel.chair_id)
    score(assignment)
    before = len(review.readers(application))
    sanction = disqualify_expert(assignment.expert, reason="泄露评分", referred_to="样例监委（虚构）", **who(review))
    assert "第二十二条" in sanction.cite
    assert (sanction.until_on, sanction.referred_to) == (None, "样例监委（虚构）")
    assignment.refresh_from_db()
    assert (assignment.ended_because, assignment.sheet.voided_at) == ("取消资格", clock.now())
    assert assignment.sheet.items, "void but kept"
    assert readable_dossier(application, user=assignment.expert.user, at=clock.now()) is None
    assert assignment.expert not in current_members(panel)
    readers = review.readers(application)
    assert len(readers) == before
    assert assignment.expert_id not in [one.expert_id for one in readers]
    assert assignment.expert not in free(review)
    record = AuditRecord.objects.get(verb="expert.disqualification")
    assert "第二十二条" in record.data["cite"]
    assert "泄露" not in str(record.data)


def test_a_suspension_keeps_the_sheets_that_are_in(review, panel):
    scored, waiting = [one for one in review.readers(review.applications[0]) if one.expert_id != panel.chair_id][:2]
    score(scored)
    for one in (scored, waiting):
        suspend_expert(one.expert, reason="核查中", **who(review))
        one.refresh_from_db()
    assert (scored.ended_at, scored.sheet.voided_at) == (None, None)
    assert (waiting.ended_because, waiting.sheet.voided_at) == ("退出评审组：暂停使用", clock.now())


def test_a_term_that_is_over_bars_nobody_even_before_the_sweep(review, frozen):
    expert, end = review.experts[0], clock.today() + timedelta(days=30)
    with pytest.raises(DeskRefused, match="期限应晚于今天"):
        suspend_expert(expert, reason="逾期", until_on=clock.today(), **who(review))
    suspend_expert(expert, reason="逾期未交", until_on=end, **who(review))
    assert next_term_over(clock.now()) == clock.day_start(end)
    assert lift_expired(clock.now()) == 0
    assert expert not in free(review)
    frozen.travel_to(clock.day_start(end))
    assert expert in free(review)
    assert (lift_expired(clock.now()), lift_expired(clock.now())) == (1, 0)
    expert.refresh_from_db()
    assert (expert.state, expert.suspended_because, expert.barred_until) == ("active", "", None)
    assert expert.sanctions.get().ended_because == "期满"


def test_reinstating_needs_a_reason_and_leaves_the_history(review):
    expert = review.experts[0]
    suspend_expert(expert, reason="核查中", **who(review))
    disqualify_expert(expert, reason="查实泄露评分", **who(review))
    with pytest.raises(DeskRefused, match="已被取消资格"):
        suspend_expert(expert, reason="再次", **who(review))
    with pytest.raises(DeskRefused, match="请填写恢复理由"):
        reinstate_expert(expert, reason=" ", **who(review))
    reinstate_expert(expert, reason="复核更正", **who(review))
    assert expert in free(review)
    assert [(one.kind, one.ended_because) for one in expert.sanctions.all()] == [
        ("disqualification", "复核更正"), ("suspension", "另作处理"),
    ]  # fmt: skip
    with pytest.raises(DeskRefused, match="不需要恢复"):
        reinstate_expert(expert, reason="再次", **who(review))


def test_only_the_office_of_the_pool_punishes(review):
    for act in (suspend_expert, disqualify_expert, reinstate_expert):
        with pytest.raises(DeskRefused, match="专家库由办公室管理"):
            act(review.experts[0], reason="理由", by=make_user(), at=clock.now())


# -- the pages --------------------------------------------------------------------------------------------------------


def test_the_pool_is_found_by_name_field_state_and_days(review):
    first, second, *_ = review.experts
    first.specialties.create(field="品牌建设")
    enter_absence(second, first=date(2026, 3, 9), last=date(2026, 3, 10), **who(review))
    suspend_expert(review.experts[2], reason="核查中", **who(review))
    client, page = signed_in(review.officer), reverse("reviews:experts")

    def names(**query) -> set[str]:
        found = client.get(page, query).context["page_obj"].object_list
        return {str(one) for one in found}

    everybody = {str(one) for one in review.experts}
    assert names() == everybody
    assert names(field="品牌建设") == {str(first)}
    assert names(q=first.user.username) == {str(first)}
    assert names(state="suspended") == {str(review.experts[2])}
    assert names(state="active") == everybody - {str(review.experts[2])}
    assert names(free_from="2026-03-10") == everybody - {str(second)}
    assert names(free_from="2026-03-11", free_to="2026-03-20") == everybody
    assert names(field="没有这个", state="胡写", free_from="不是日期") == everybody


def test_a_card_is_kept_at_its_page(review, panel):
    assignment = review.readers(review.applications[0])[0]
    expert, client = assignment.expert, signed_in(review.officer)
    page = reverse("reviews:expert", args=[expert.public_id])

    def post(**words) -> str:
        response = client.post(page, words)
        return response.content.decode() if response.status_code == 200 else str(response.status_code)

    assert post(action="edit", field="技术创新", other_fields="品牌建设，技术创新", title="教授") == "302"
    assert post(action="employment", employer="新单位（虚构）", employer_code="123") != "302"
    assert post(action="employment", employer="新单位（虚构）", from_on="2026-01-01") == "302"
    old = expert.employments.exclude(employer="新单位（虚构）").get()
    assert post(action="end_employment", id=str(old.public_id), until_on="2026-01-01") == "302"
    assert post(action="training", held_on="2026-01-05", subject="评审准则", hours="8", organizer="样例办") == "302"
    assert post(action="absence", first="2026-05-01", last="2026-05-05") == "302"
    assert post(action="use", id=str(panel.public_id), quality="good", note="及时") == "302"
    assert "请填写恢复理由" not in post(action="disqualify", reason="")
    assert post(action="disqualify", reason="泄露评分", until_on="2027-01-01") == "302"
    shown = client.get(page).content.decode()
    for said in ("技术创新、品牌建设", "新单位（虚构）", "评审准则", "良好：及时", "2026年5月1日", "取消资格",
                 "泄露评分", "第二十二条", "2027年1月1日恢复"):  # fmt: skip
        assert said in shown, said
    assert post(action="reinstate", reason="复核更正") == "302"
    assert client.post(page, {"action": "remove_absence", "id": "不是"}).status_code == 404


def test_a_card_costs_the_same_for_one_record_and_for_many(review, panel):
    expert, client = review.experts[0], signed_in(review.officer)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("reviews:expert", args=[expert.public_id])).status_code == 200
        return len(queries)

    def more(number: int) -> None:
        enter_employment(expert, employer=f"单位{number}（虚构）", **who(review))
        record_training(
            expert, held_on=MARCH, subject=f"第{number}期", hours=Decimal(8), organizer="样例办", **who(review)
        )
        suspend_expert(expert, reason="核查", **who(review))
        reinstate_expert(expert, reason="查清", **who(review))

    more(0)
    before = cost()
    for number in range(1, 6):
        more(number)
    assert cost() == before
