"""Several panels in one stage: each with its own applications and leader, one cut over all of them (U11.5, V2, V5)."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications.desk_rules import DeskRefused
from applications.models import Application, DossierGrant
from award_portal.lib import clock
from organizations.models import AuditRecord
from reviews.board import panel_rows, review_board
from reviews.cut_table import cut_figures, ranked_table
from reviews.cutting import cut_blockers, decide_cut
from reviews.grouping import drop_group, place_application, place_by_field, placed_rows, set_up_group
from reviews.models import Assignment, GroupPlace, Panel, PanelGroup
from reviews.opinions import opinion_blockers
from reviews.panel_places import panel_of, unplaced_of
from reviews.panels import form_panel
from reviews.readers import assign_readers
from reviews.ties import declare_conflict
from reviews.work_plan import draft_plan

from .panel_builders import WITNESS, accept_and_sign, build_review, score

pytestmark = pytest.mark.django_db


@pytest.fixture
def review(frozen, calendars):
    """One of manufacturing, one of services, and experts enough for two panels."""
    review = build_review(applications=2, experts=10)
    Application.objects.filter(pk=review.applications[1].pk).update(industry="服务业")
    review.applications[1].refresh_from_db()
    return review


def groups(review, *named) -> list[PanelGroup]:
    named = named or (("制造组", ["制造业"]), ("服务组", ["服务业"]))
    return [
        set_up_group(review.round, stage=review.stage, name=name, fields=fields, by=review.officer, at=clock.now())
        for name, fields in named
    ]


def form(review, group: PanelGroup, **given) -> Panel:
    panel = form_panel(
        review.round, stage=review.stage, group=group, by=review.officer, at=clock.now(), seed=group.name,
        witness=WITNESS, **given,
    )  # fmt: skip
    accept_and_sign(panel)
    return Panel.objects.with_round().get(pk=panel.pk)


def divided(review) -> list[Panel]:
    """Both groups with their applications, panels and readers."""
    both = groups(review)
    place_by_field(review.round, stage=review.stage, by=review.officer, at=clock.now())
    panels = [form(review, one) for one in both]
    for panel in panels:
        assign_readers(panel, by=review.officer, at=clock.now(), seed="分配")
    return panels


def test_each_application_belongs_to_exactly_one_panel_of_the_stage_by_its_field(review):
    panels = divided(review)
    assert [[row.application for row in panel_rows(one)] for one in panels] == [
        [review.applications[0]],
        [review.applications[1]],
    ]
    assert {one.panel.group_name for one in review.readers(review.applications[1])} == {"服务组"}
    assert panels[0].label == "材料评审制造组"
    assert panels[0].chair != panels[1].chair
    with connection.cursor() as cursor, pytest.raises(Exception, match=r"(?i)unique"):
        cursor.execute(
            "INSERT INTO reviews_groupplace (group_id, application_id, stage, by_hand, placed_at, placed_by_id) "
            "SELECT group_id, application_id, stage, by_hand, placed_at, placed_by_id FROM reviews_groupplace"
        )


def test_nobody_sits_on_two_panels_of_a_stage(review):
    first, second = divided(review)
    seats = [{row.expert_id for row in one.members.all()} for one in (first, second)]
    assert not seats[0] & seats[1]
    reasons = {row["reason"] for row in second.draws.get(purpose="panel").excluded}
    assert reasons == {"已在制造组"}


def test_u23_a_tie_to_an_applicant_of_the_other_panel_keeps_nobody_from_this_one(review):
    both = groups(review)
    place_by_field(review.round, stage=review.stage, by=review.officer, at=clock.now())
    tied = review.experts[0]
    declare_conflict(
        tied, review.applications[1].organization, round=review.round, ground="adviser", source="expert", note="",
        by=tied.user, at=clock.now(),
    )  # fmt: skip
    manufacturing = form(review, both[0], experts=review.experts[:5])
    assert tied in [one.expert for one in manufacturing.members.select_related("expert")]
    with pytest.raises(DeskRefused, match="第二十三条"):
        form(review, both[1], experts=[*review.experts[5:9], tied])


def test_a_stage_without_groups_has_its_one_panel_as_before(review):
    panel = review.panel()
    assert panel.label == "材料评审"
    assert panel_of(review.applications[1], review.stage) == panel
    assert not unplaced_of(review.round, review.stage).exists()
    with pytest.raises(DeskRefused, match="本环节的评审组已经组建"):
        review.panel()


def test_a_divided_stage_forms_its_panels_group_by_group(review):
    both = groups(review)
    with pytest.raises(DeskRefused, match="逐组组建"):
        review.panel()
    form(review, both[0])
    with pytest.raises(DeskRefused, match="制造组的评审组已经组建"):
        form(review, both[0])


def test_the_panel_formed_before_becomes_the_first_groups_with_its_work(review):
    panel = review.panel()
    review.assigned(panel)
    first, second = groups(review)
    panel.refresh_from_db()
    assert panel.group == first
    assert set(first.places.values_list("application_id", flat=True)) == {one.pk for one in review.applications}
    drop_group(second, by=review.officer, at=clock.now())
    drop_group(PanelGroup.objects.get(), by=review.officer, at=clock.now())
    panel.refresh_from_db()
    assert panel.group is None
    assert not GroupPlace.objects.exists()


def test_whom_no_field_fits_waits_for_a_hand_and_nobody_reads_it(review):
    Application.objects.filter(pk=review.applications[1].pk).update(industry="采矿")
    both = groups(review)
    place_by_field(review.round, stage=review.stage, by=review.officer, at=clock.now())
    waiting = review.applications[1]
    assert list(unplaced_of(review.round, review.stage)) == [waiting]
    assert [row.unplaced for row in review_board(review.officer) if row.group] == [1, 0]
    assert panel_of(waiting, review.stage) is None
    assert "不足3人" in str(opinion_blockers(waiting, review.stage)[0])
    place = place_application(waiting, both[1], by=review.officer, at=clock.now())
    assert place.by_hand
    assert AuditRecord.objects.filter(verb="group.place", chain=review.round.chain).count() == 1


def test_moving_an_application_ends_the_readings_begun_and_wants_a_reason(review):
    first, second = divided(review)
    moved = review.applications[0]
    with pytest.raises(DeskRefused, match="调整分组的理由"):
        place_application(moved, second.group, by=review.officer, at=clock.now())
    place_application(moved, second.group, by=review.officer, at=clock.now(), reason="主营业务为服务")
    assert not Assignment.objects.of_stage(moved, review.stage).exists()
    assert not DossierGrant.objects.in_force(clock.now()).filter(application=moved).exists()
    assign_readers(second, by=review.officer, at=clock.now())
    assert {one.panel for one in review.readers(moved)} == {second}
    assert panel_rows(first) == []


def test_an_application_somebody_has_scored_stays_with_its_panel(review):
    _, second = divided(review)
    moved = review.applications[0]
    score(review.readers(moved)[0])
    with pytest.raises(DeskRefused, match="已有专家提交评分表"):
        place_application(moved, second.group, by=review.officer, at=clock.now(), reason="主营业务为服务")


def test_u23_an_application_is_not_placed_where_too_few_members_may_judge_it(review):
    _, second = divided(review)
    for one in list(second.members.select_related("expert"))[:3]:
        declare_conflict(
            one.expert, review.applications[0].organization, round=review.round, ground="interest", source="office",
            note="", by=review.officer, at=clock.now(),
        )  # fmt: skip
    with pytest.raises(DeskRefused, match="只有2人，不足3人"):
        place_application(
            review.applications[0], second.group, by=review.officer, at=clock.now(), reason="主营业务为服务"
        )
    assert GroupPlace.objects.get(application=review.applications[0]).group.name == "制造组"


def test_v5_the_cut_ranks_over_all_panels_and_shows_each_panels_mean(review):
    panels = divided(review)
    for one, share in zip(review.applications, ("0.7", "0.9"), strict=True):
        review.conclude(one, share=share)
    table = ranked_table(review.round, review.stage)
    assert [(row.application, row.panel) for row in table] == [
        (review.applications[1], "服务组"),
        (review.applications[0], "制造组"),
    ]
    figures = cut_figures(review.round, review.stage, table)
    assert [(name, lean.percent) for name, _, lean in figures.panels] == [("制造组", "-20.0%"), ("服务组", "+20.0%")]
    assert not cut_blockers(review.round, review.stage)
    client = Client()
    client.force_login(review.officer, backend="django.contrib.auth.backends.ModelBackend")
    shown = client.get(reverse("reviews:cut", args=[panels[0].public_id])).content.decode()
    assert "各评审组的宽严" in shown
    decide_cut(
        review.round, stage=review.stage, passing=review.applications, reasons={}, by=review.officer, at=clock.now()
    )
    with pytest.raises(DeskRefused, match="进入下一环节"):
        place_application(review.applications[0], panels[1].group, by=review.officer, at=clock.now(), reason="调整")


def test_the_opinion_and_its_page_belong_to_the_applications_own_panel(review):
    first, second = divided(review)
    for one in review.applications:
        review.conclude(one)
    assert second.opinions.get().application == review.applications[1]
    client = Client()
    client.force_login(review.officer, backend="django.contrib.auth.backends.ModelBackend")
    own = reverse("reviews:opinion", args=[first.public_id, review.applications[0].public_id])
    other = reverse("reviews:opinion", args=[first.public_id, review.applications[1].public_id])
    assert client.get(own).status_code == 200
    assert client.get(other).status_code == 404


def test_the_work_plan_names_each_panel(review):
    divided(review)
    lines = draft_plan(review.round)["panels"]
    assert "制造组已组建，共5人" in lines
    assert "服务组已组建，共5人" in lines


def test_the_groups_page_sets_up_distributes_and_keeps_what_was_typed(review):
    client = Client()
    client.force_login(review.officer, backend="django.contrib.auth.backends.ModelBackend")
    url = reverse("reviews:panel_groups", args=[review.round.public_id, review.stage])
    assert "设立第一组" in client.get(url).content.decode()
    for name, fields in (("制造组", "制造业、建筑业"), ("服务组", "服务业")):
        assert client.post(url, {"action": "add", "name": name, "fields_zh": fields}).status_code == 302
    again = client.post(url, {"action": "add", "name": "制造组", "fields_zh": "采矿业"})
    assert "请换一个名称" in again.content.decode()
    assert 'value="采矿业"' in again.content.decode()
    client.post(url, {"action": "field"})
    made = {one.name: one for one in PanelGroup.objects.all()}
    assert made["制造组"].fields == ["制造业", "建筑业"]
    first, second = review.applications
    assert GroupPlace.objects.get(application=second).group == made["服务组"]
    client.post(url, {"action": "place", f"group-{first.public_id}": str(made["服务组"].public_id)})
    assert GroupPlace.objects.get(application=first).group == made["服务组"]
    shown = client.get(reverse("reviews:new_panel", args=[review.round.public_id, review.stage]))
    assert shown.status_code == 302
    named = client.get(shown.url.replace("groups", "new") + f"?group={made['服务组'].public_id}")
    assert "组建评审组：材料评审服务组" in named.content.decode()
    client.post(url, {"action": f"drop-{made['制造组'].public_id}"})
    assert [one.name for one in PanelGroup.objects.all()] == ["服务组"]
    board = client.get(reverse("reviews:panels")).content.decode()
    assert "材料评审服务组" in board


def test_the_distribution_asks_the_same_for_one_application_and_for_many(review):
    divided(review)
    with CaptureQueriesContext(connection) as few:
        placed_rows(review.round, review.stage)
    for _ in range(3):
        review.application()
    place_by_field(review.round, stage=review.stage, by=review.officer, at=clock.now())
    assign_readers(Panel.objects.with_round().get(group__name="制造组"), by=review.officer, at=clock.now())
    with CaptureQueriesContext(connection) as many:
        rows = placed_rows(review.round, review.stage)
    assert len(rows) == 5
    assert len(many) == len(few)
