"""专家抽取: by field and number, with a reserve in order; replaced from it on record; drawn again from a file alone."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from applications.desk_rules import DeskRefused
from applications.models import DossierGrant
from award_portal.lib import clock
from organizations.models import AuditRecord, OutboxItem
from reviews.draw_tables import draw_table
from reviews.drawing import Quota, draw, draw_by_field
from reviews.models import Assignment, DrawRecord, ExpertAbsence, ExpertSpecialty
from reviews.panels import add_members
from reviews.readers import assign_readers, foresee_move, move_reader
from reviews.recusal import order_recusal
from reviews.registers import draw_registers
from reviews.replaying import CannotReplay, digest_of, export_of, replay
from reviews.reserve import replace_member, standing_reserve
from reviews.ties import declare_conflict
from tests.factories import make_user

from .panel_builders import WITNESS, build_review, score
from .test_panel_pages import signed_in

pytestmark = pytest.mark.django_db
QUOTAS = [Quota(3, 1, "质量管理"), Quota(1, 1, "财务"), Quota(1, 0, "装备制造")]


@pytest.fixture
def review(frozen, calendars):
    review = build_review(experts=5)
    for field, count in (("财务", 3), ("装备制造", 2)):
        for _ in range(count):
            review.expert(field=field)
    return review


def tie(review, expert):
    declare_conflict(
        expert, review.applications[0].organization, round=review.round, ground="interest", source="office", note="",
        by=review.officer, at=clock.now(),
    )  # fmt: skip


def told(review, text: str) -> bool:
    """Whether the officer is sent a message that says so."""
    sent = OutboxItem.objects.filter(kind="inbox_message", payload__user=review.officer.pk)
    return any(text in one.payload["subject"] for one in sent)


def names(experts) -> list[str]:
    return [str(one.public_id) for one in experts]


# -- the draw ----------------------------------------------------------------------------------------------------------


def test_each_field_gives_its_number_and_its_reserve_in_the_order_of_the_tickets():
    people = {f"甲{number}": ["质量管理"] for number in range(6)} | {f"乙{number}": ["财务"] for number in range(3)}
    drawn = draw_by_field(people, [Quota(3, 2, "质量管理"), Quota(1, 1, "财务")], seed="种子")
    order = draw(people, len(people), seed="种子")
    first, second = [one for one in order if one[0] == "甲"], [one for one in order if one[0] == "乙"]
    assert drawn.names == [*first[:3], second[0]]
    assert drawn.reserve == [(first[3], "质量管理"), (first[4], "质量管理"), (second[1], "财务")]


def test_nobody_is_drawn_twice_for_two_fields():
    people = {"甲": ["质量管理", "财务"], "乙": ["财务"]}
    assert draw_by_field(people, [Quota(1, 0, "质量管理"), Quota(1, 0, "财务")], seed="x").names == ["甲", "乙"]


def test_a_panel_is_drawn_by_field_and_keeps_its_reserve(review):
    ExpertSpecialty.objects.create(expert=review.experts[0], field="装备制造")
    panel = review.panel(quotas=QUOTAS)
    seats = list(panel.members.order_by("pk"))
    assert [one.field for one in seats] == ["质量管理"] * 3 + ["财务", "装备制造"]
    assert [field for _, field in standing_reserve(panel)] == ["质量管理", "财务"]
    record = panel.draws.get()
    assert replay(export_of(record)).agrees
    assert record.result == names(one.expert for one in seats)


def test_a_field_with_too_few_is_refused_by_its_name_and_nothing_is_kept(review):
    with pytest.raises(DeskRefused, match=r"财务领域能够参加、没有利害关系的在库专家只有3人，不足4人.*第二十三条"):
        review.panel(quotas=[Quota(3, 0, "质量管理"), Quota(4, 0, "财务")])
    assert not DrawRecord.objects.exists()


def test_who_is_away_or_suspended_is_left_out_with_the_reason(review):
    away, barred = review.experts[:2]
    at = clock.today() + timedelta(days=2)
    ExpertAbsence.objects.create(
        expert=away, from_on=at, until_on=at + timedelta(days=1), entered_at=clock.now(), entered_by=review.officer
    )
    type(barred).objects.filter(pk=barred.pk).update(state="disqualified", suspended_because="泄露评审情况")
    panel = review.panel(size=8)
    reasons = {one["expert"]: one["reason"] for one in panel.draws.get().excluded}
    assert reasons == {str(away.public_id): "评审期间不能参加", str(barred.public_id): "取消资格"}


def test_more_members_are_drawn_of_a_field(review):
    panel = review.panel(quotas=QUOTAS)
    [more] = add_members(panel, count=1, field="财务", witness=WITNESS, by=review.officer, at=clock.now())
    assert more.field == "财务"
    assert panel.members.get(expert=more).field == "财务"


# -- the reserve -------------------------------------------------------------------------------------------------------


def test_who_declines_is_replaced_by_the_first_in_reserve_of_the_field(review):
    panel = review.panel(quotas=QUOTAS)
    first = standing_reserve(panel)[0][0]
    leaver = panel.members.order_by("pk")[1].expert
    coming = replace_member(panel, leaver, ground="因公出差，不能参加", by=leaver.user, at=clock.now())
    assert coming == first
    record = panel.draws.get(purpose="replacement")
    assert (record.method, record.replaced, record.ground) == ("reserve", leaver, "因公出差，不能参加")
    assert replay(export_of(record)).agrees
    seat = panel.members.get(expert=leaver)
    assert (seat.left_at is not None, seat.left_because) == (True, "因公出差，不能参加")
    assert panel.members.get(expert=coming).replaces == leaver
    assert first not in [one for one, _ in standing_reserve(panel)]


def test_u23_one_in_reserve_with_an_interest_is_passed_over_on_record(review):
    panel = review.panel(quotas=[Quota(3, 2, "质量管理"), Quota(1, 1, "财务"), Quota(1, 0, "装备制造")])
    line = [one for one, field in standing_reserve(panel) if field == "质量管理"]
    tie(review, line[0])
    leaver = panel.members.filter(field="质量管理").last().expert
    assert replace_member(panel, leaver, ground="不能参加", by=review.officer, at=clock.now()) == line[1]
    record = panel.draws.get(purpose="replacement")
    assert [one["expert"] for one in record.excluded] == names(line[:1])
    assert replay(export_of(record)).result == names(line[1:])


def test_with_the_fields_reserve_used_up_the_lot_finds_another_of_the_field(review):
    panel = review.panel(quotas=QUOTAS)
    for _ in range(2):
        leaver = panel.members.get(field="财务", left_at=None).expert
        coming = replace_member(panel, leaver, ground="不能参加", by=review.officer, at=clock.now())
        assert coming.field == "财务"
    assert [one.method for one in panel.draws.filter(purpose="replacement")] == ["reserve", "tickets"]
    assert all(replay(export_of(one)).agrees for one in panel.draws.all())


def test_readings_not_done_go_to_the_one_who_comes_and_done_ones_stand(review):
    review.application()
    panel = review.panel(quotas=QUOTAS)
    assign_readers(panel, readers=5, by=review.officer, at=clock.now())
    leaver = panel.chair
    done, waiting = Assignment.objects.with_names().filter(expert=leaver).order_by("application")
    score(done)
    coming = replace_member(panel, leaver, ground="突发疾病", by=review.officer, at=clock.now())
    waiting.refresh_from_db()
    waiting.sheet.refresh_from_db()
    assert waiting.ended_because == "退出评审组：突发疾病"
    assert waiting.sheet.voided_at is not None
    assert Assignment.objects.get(replaces=waiting).expert == coming
    done.refresh_from_db()
    assert done.ended_at is None
    assert not DossierGrant.objects.in_force(clock.now()).filter(user=leaver.user).exists()
    panel.refresh_from_db()
    assert panel.chair != leaver
    assert told(review, "组长退出")


def test_nobody_left_to_come_is_told_to_the_office(frozen, calendars):
    review = build_review(experts=5)
    panel = review.panel()
    assert replace_member(panel, panel.chair, ground="不能参加", by=review.officer, at=clock.now()) is None
    assert told(review, "现有4人，少于5人")


def test_only_the_office_or_the_member_takes_a_member_out(review):
    panel = review.panel()
    with pytest.raises(DeskRefused, match="办公室办理"):
        replace_member(panel, panel.chair, ground="不能参加", by=make_user(), at=clock.now())
    replace_member(panel, panel.chair, ground="不能参加", by=panel.chair.user, at=clock.now())
    with pytest.raises(DeskRefused, match="已不是评审组成员"):
        replace_member(panel, panel.chair, ground="再次", by=review.officer, at=clock.now())


def test_u23_a_recused_reader_is_replaced_from_the_reserve_of_the_field_when_the_whole_panel_reads(review):
    panel = review.panel(quotas=QUOTAS)
    assign_readers(panel, readers=5, by=review.officer, at=clock.now())
    behind = {field: one for one, field in standing_reserve(panel)}
    one = Assignment.objects.with_names().get(expert=panel.members.get(field="财务").expert)
    done = order_recusal(one, ground="kinship", reason="亲属（虚构）", by=review.officer, at=clock.now())
    assert done.replacement == behind["财务"]
    assert panel.draws.get(purpose="replacement").replaced == one.expert


# -- the readings ------------------------------------------------------------------------------------------------------


def test_the_assignment_is_on_record_with_its_figures_and_worked_out_again(review):
    for _ in range(3):
        review.application()
    panel = review.panel(quotas=QUOTAS)
    made = review.assigned(panel)
    record = panel.draws.get(purpose="readers")
    loads = [sum(one.expert_id == seat.expert_id for one in made) for seat in panel.members.all()]
    assert (record.objective["highest"], record.objective["lowest"]) == (max(loads), min(loads)) == (3, 2)
    makers = [one for one in made if one.expert.field == "装备制造"]
    assert record.objective["matches"] == len(makers) > 0
    found = replay(json.loads(json.dumps(export_of(record))))
    assert (found.agrees, found.result) == (True, record.result)


def test_an_application_that_lost_a_reader_is_filled_up_and_the_others_are_not(review):
    review.application()
    panel = review.panel(quotas=QUOTAS)
    review.assigned(panel)
    lost = Assignment.objects.first()
    Assignment.objects.filter(pk=lost.pk).update(ended_at=clock.now(), ended_because="回避")
    [made] = assign_readers(panel, by=review.officer, at=clock.now())
    assert made.application == lost.application
    assert made.expert != lost.expert


def test_a_limit_too_low_is_refused_naming_the_applications_and_a_kept_one_binds_the_hand(review):
    for _ in range(4):
        review.application()
    panel = review.panel(quotas=QUOTAS)
    with pytest.raises(DeskRefused, match=r"按每名专家不超过2份计，没有利害关系的成员只有.人，不足3人"):
        assign_readers(panel, limit=2, by=review.officer, at=clock.now())
    panel.refresh_from_db()
    assert panel.load_limit is None
    assign_readers(panel, limit=3, by=review.officer, at=clock.now())
    one = Assignment.objects.with_names().first()
    assert all("已分配3份，达到每人上限" in choice.against for choice in foresee_move(one))


def test_a_reading_is_moved_by_hand_with_its_ground_and_the_sheet_is_kept(review):
    panel = review.panel(quotas=QUOTAS)
    review.assigned(panel)
    one = Assignment.objects.with_names().first()
    to = next(choice.expert for choice in foresee_move(one) if not choice.against)
    moved = move_reader(one, to=to, ground="工作量调整", by=review.officer, at=clock.now())
    one.refresh_from_db()
    one.sheet.refresh_from_db()
    assert (one.ended_because, one.sheet.voided_because) == ("调整：工作量调整", "调整评审专家")
    assert (moved.expert, moved.replaces, moved.application) == (to, one, one.application)
    assert not DossierGrant.objects.in_force(clock.now()).filter(user=one.expert.user).exists()
    kept = AuditRecord.objects.get(verb="panel.move_reader")
    assert "工作量" not in json.dumps(kept.data, ensure_ascii=False)


def test_u23_the_hand_is_held_to_what_the_lot_is_held_to(review):
    panel = review.panel(quotas=QUOTAS)
    review.assigned(panel)
    one = Assignment.objects.with_names().first()
    free, other = [choice.expert for choice in foresee_move(one) if not choice.against]
    reading = next(choice.expert for choice in foresee_move(one) if choice.against)
    tie(review, free)
    refused = [
        (free, "不能接替.*第二十三条"),
        (reading, "已在评审本申报"),
        (review.experts[-1], "不能接替|不是本评审组"),
    ]
    for to, why in refused[:2]:
        with pytest.raises(DeskRefused, match=why):
            move_reader(one, to=to, ground="调整", by=review.officer, at=clock.now())
    with pytest.raises(DeskRefused, match="请填写调整理由"):
        move_reader(one, to=other, ground=" ", by=review.officer, at=clock.now())
    score(one)
    with pytest.raises(DeskRefused, match="已提交评分表"):
        move_reader(one, to=other, ground="调整", by=review.officer, at=clock.now())


# -- drawing again -----------------------------------------------------------------------------------------------------


def test_a_changed_record_does_not_agree_and_its_digest_is_another(review):
    record = review.panel(quotas=QUOTAS).draws.get()
    export = export_of(record)
    kept = AuditRecord.objects.get(verb="panel.draw").data
    assert kept["sha256"] == digest_of(export)
    changed = export | {"result": [*export["result"][1:], export["reserve"][0][0]]}
    assert replay(changed).differences == ["结果"]
    assert digest_of(changed) != kept["sha256"]


@pytest.mark.parametrize("wrong", [[], {"format": "x"}, {"format": "award-portal-draw/1", "method": "tickets"}])
def test_what_is_no_record_is_refused_in_words(wrong):
    with pytest.raises(CannotReplay):
        replay(wrong)


@pytest.mark.django_db(databases=[])
def test_the_file_alone_is_enough(tmp_path):
    export = {
        "format": "award-portal-draw/1", "method": "tickets", "purpose": "panel", "seed": "种子", "needed": 2,
        "candidates": ["甲", "乙", "丙"], "excluded": [], "objective": {}, "reserve": [],
        "inputs": {"fields": {"甲": ["财务"], "乙": ["财务"], "丙": ["财务"]},
                   "quotas": [{"field": "财务", "count": 2, "reserve": 0}]},
    }  # fmt: skip
    export["result"] = draw(["甲", "乙", "丙"], 2, seed="种子")
    file, out = tmp_path / "抽取.json", StringIO()
    file.write_text(json.dumps(export))
    call_command("replay_draw", file, stdout=out)
    assert "复算一致" in out.getvalue()
    file.write_text(json.dumps(export | {"seed": "别的"}))
    with pytest.raises(CommandError, match="不一致：结果"):
        call_command("replay_draw", file, stdout=StringIO())
    file.write_text("不是")
    with pytest.raises(CommandError, match="不是 JSON"):
        call_command("replay_draw", file)


# -- the pages ---------------------------------------------------------------------------------------------------------


def test_the_draw_by_field_is_done_and_checked_at_the_pages(review):
    office = signed_in(review.officer)
    url = reverse("reviews:new_panel", args=[review.round.public_id, "document_review"])
    form = {"size": "5", "witness": WITNESS, "seed": "现场种子", "due_on": "2026-03-13"}
    fields = ["装备制造", "财务", "质量管理"]
    counts = {f"count-{sorted(fields).index(name)}": number for name, number in zip(fields, "113", strict=True)}
    wrong = office.post(url, form | counts | {"size": "6"}).content.decode()
    assert "合计5人，与评审组人数6人不一致" in wrong
    assert "现场种子" in wrong
    made = office.post(url, form | counts | {f"reserve-{sorted(fields).index('财务')}": "1"}, follow=True)
    page = made.content.decode()
    assert "备选（按次序）" in page
    record = DrawRecord.objects.select_related("panel").get()
    there = reverse("reviews:draw", args=[record.panel.public_id, record.public_id])
    assert there in page
    shown = office.get(there + "?again=1").content.decode()
    assert "复算一致" in shown
    assert "备选1（财务）" in shown
    file = office.get(there + "?format=json")
    assert replay(json.loads(file.content)).agrees
    assert review.experts[0].user.display_name not in file.content.decode()


def test_u23_what_is_only_alike_is_listed_before_the_draw_for_a_person_to_decide(review, client):
    review.application(name="样例阀门制造有限公司")
    alike = review.expert(employer="样例阀门制造股份有限公司")
    client.force_login(review.officer)
    shown = client.get(reverse("reviews:new_panel", args=[review.round.public_id, "document_review"])).content.decode()
    assert "疑似利害关系1项" in shown
    assert f"{alike}—样例阀门制造有限公司" in shown


def test_a_reading_is_moved_and_a_member_replaced_at_the_pages(review):
    panel = review.panel(size=6, reserve=2)
    review.assigned(panel)
    office = signed_in(review.officer)
    one = Assignment.objects.with_names().first()
    free, tied = [choice.expert for choice in foresee_move(one) if not choice.against][:2]
    tie(review, tied)
    url = reverse("reviews:move_reader", args=[one.public_id])
    page = office.get(url).content.decode()
    assert f"{tied}（{tied.field}，已分配0份）——不能接替" in page
    refused = office.post(url, {"to": str(tied.public_id), "ground": "轮换"}).content.decode()
    assert "不能接替。" in refused
    assert "轮换" in refused
    assert office.post(url, {"to": str(free.public_id), "ground": "轮换"}).status_code == 302
    leaver = panel.chair
    url = reverse("reviews:replace_member", args=[panel.public_id, leaver.public_id])
    assert str(standing_reserve(panel)[0][0]) in office.get(url).content.decode()
    assert "递补" in office.post(url, {"ground": "不能参加"}, follow=True).content.decode()
    assert office.get(url).status_code == 404


def test_the_paper_shows_every_candidate_with_ticket_and_outcome(review):
    panel = review.panel(quotas=QUOTAS)
    review.assigned(panel)
    one = Assignment.objects.with_names().first()
    to = next(choice.expert for choice in foresee_move(one) if not choice.against)
    move_reader(one, to=to, ground="轮换", by=review.officer, at=clock.now())
    first, drawn, readings, moved = draw_registers(panel)
    assert len(first.rows) == 2
    table = draw_table(panel.draws.first())
    assert [row[-1] for row in table.rows].count("未抽中") == 10 - 5 - 2
    assert drawn.rows == table.rows
    assert any("票号" in note for note in drawn.notes)
    assert readings.rows[0][1] == str(review.applications[0].organization)
    assert moved.rows[0][1:5] == [str(one.application.organization), str(one.expert), str(to), "调整：轮换"]
    office = signed_in(review.officer)
    assert "调整：轮换" in office.get(reverse("reviews:panel", args=[panel.public_id])).content.decode()
    paper = office.get(reverse("reviews:draws", args=[panel.public_id]) + "?format=xlsx")
    assert paper.status_code == 200
