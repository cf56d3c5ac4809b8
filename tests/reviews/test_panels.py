"""Experts, conflicts and lots: a panel is large enough, free of conflict, and drawn so that anybody can draw again."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from applications.desk_rules import DeskRefused
from applications.models import DossierGrant
from applications.reading import readable_dossier
from award_portal.lib import clock
from organizations.models import AuditRecord
from reviews.drawing import draw, hand_out_turns
from reviews.models import Assignment, DrawRecord, Expert
from reviews.panels import add_members, form_panel
from reviews.readers import assign_readers
from reviews.ties import declare_conflict
from tests.factories import make_user

from .panel_builders import WITNESS, build_review

pytestmark = pytest.mark.django_db


@pytest.fixture
def review(frozen, calendars):
    return build_review()


# -- lots --------------------------------------------------------------------------------------------------------------


@given(st.sets(st.text(min_size=1), min_size=1), st.text(), st.randoms())
def test_a_draw_is_decided_by_seed_and_candidates_alone(names, seed, random):
    given_order = list(names)
    random.shuffle(given_order)
    assert draw(given_order, 3, seed=seed) == draw(sorted(names), 3, seed=seed)
    assert set(draw(given_order, 3, seed=seed)) <= names


def test_another_seed_draws_others():
    names = [f"专家{number}" for number in range(40)]
    assert len({tuple(draw(names, 5, seed=str(seed))) for seed in range(20)}) > 15


def test_lots_are_the_numbers_one_to_n_each_once():
    turns = hand_out_turns(["甲", "乙", "丙", "丁"], seed="种子")
    assert sorted(turns.values()) == [1, 2, 3, 4]
    assert turns == hand_out_turns(["甲", "乙", "丙", "丁"], seed="种子")


# -- conflicts (U23) ---------------------------------------------------------------------------------------------------


def test_u23_a_declared_tie_keeps_an_expert_from_the_draw_and_stands_in_the_record(review):
    review.expert()
    barred = review.experts[0]
    declare_conflict(
        barred, review.applications[0].organization, round=review.round, ground="adviser", source="expert", note="",
        by=barred.user, at=clock.now(),
    )  # fmt: skip
    panel = review.panel(size=6)
    assert barred.pk not in {one.expert_id for one in panel.members.all()}
    record = panel.draws.get()
    assert [row["expert"] for row in record.excluded] == [str(barred.public_id)]
    assert "咨询" in record.excluded[0]["reason"]


# -- the panel ---------------------------------------------------------------------------------------------------------


def test_a_panel_is_never_smaller_than_the_rulebooks_minimum(review):
    with pytest.raises(DeskRefused, match="评审组不少于5人"):
        review.panel(size=4)
    assert review.panel().members.count() == 5


def test_the_draw_can_be_replayed_from_its_record_and_names_its_witness(review):
    panel = review.panel()
    record = panel.draws.get(purpose=DrawRecord.Purpose.PANEL)
    assert draw(record.candidates, record.needed, seed=record.seed) == record.result
    assert record.witness == WITNESS
    assert [str(one.expert.public_id) for one in panel.members.order_by("pk")] == record.result
    assert AuditRecord.objects.filter(verb="panel.form", chain=review.round.chain).count() == 1


def test_u22_nobody_is_drawn_without_a_witness(review):
    with pytest.raises(DeskRefused, match="纪检监督人员"):
        review.panel(witness=" ")


def test_u22_a_suspended_expert_is_not_drawn(review):
    Expert.objects.filter(pk=review.experts[0].pk).update(state="suspended", suspended_because="未按时提交评审意见")
    panel = review.panel()
    assert review.experts[0].pk not in {one.expert_id for one in panel.members.all()}
    with pytest.raises(DeskRefused, match="不足1人"):
        add_members(panel, count=1, by=review.officer, at=clock.now(), witness=WITNESS)


def test_too_small_a_pool_is_refused_and_nothing_is_kept(review):
    with pytest.raises(DeskRefused, match="只有6人，不足7人"):
        review.panel(size=7)
    assert not DrawRecord.objects.exists()


def test_a_named_expert_in_conflict_is_refused_with_the_article(review):
    barred = review.expert(employer=review.applications[0].organization.name)
    with pytest.raises(DeskRefused, match="第二十三条"):
        review.panel(experts=[*review.experts[:4], barred])


def test_only_the_rounds_office_forms_a_panel(review):
    with pytest.raises(DeskRefused, match="办公室办理"):
        form_panel(review.round, stage=review.stage, by=make_user(), at=clock.now(), witness=WITNESS)


def test_a_stage_has_one_panel(review):
    review.panel()
    with pytest.raises(DeskRefused, match="已经组建"):
        review.panel()


# -- readers -----------------------------------------------------------------------------------------------------------


def test_each_application_gets_its_readers_and_each_reader_the_whole_dossier(frozen, calendars):
    review = build_review(applications=4)
    made = review.assigned()
    assert Counter(one.application_id for one in made) == {one.pk: 3 for one in review.applications}
    loads = Counter(one.expert_id for one in made)
    assert max(loads.values()) - min(loads.values()) <= 1
    first = made[0]
    readable = readable_dossier(first.application, user=first.expert.user, at=clock.now())
    assert readable is not None
    assert readable.may_open("overview")
    assert readable_dossier(first.application, user=first.expert.user, at=first.grant.until) is None


def test_nobody_reads_an_application_they_are_in_conflict_with(review):
    panel = review.panel()
    barred = panel.chair
    declare_conflict(
        barred, review.applications[0].organization, round=review.round, ground="interest", source="office", note="",
        by=review.officer, at=clock.now(),
    )  # fmt: skip
    review.assigned(panel)
    assert barred.pk not in {one.expert_id for one in review.readers(review.applications[0])}


def test_a_late_application_gets_readers_and_the_others_keep_theirs(review):
    panel = review.panel()
    review.assigned(panel)
    late = review.application()
    again = assign_readers(panel, by=review.officer, at=clock.now())
    assert {one.application_id for one in again} == {late.pk}
    assert Assignment.objects.count() == 6
    assert DossierGrant.objects.in_force(clock.now()).count() == 6


def test_too_few_free_members_are_refused_by_name_until_more_are_drawn(review):
    panel = review.panel()
    for one in list(panel.members.all())[:3]:
        declare_conflict(
            one.expert, review.applications[0].organization, round=review.round, ground="interest", source="office",
            note="", by=review.officer, at=clock.now(),
        )  # fmt: skip
    with pytest.raises(DeskRefused, match="只有2人，不足3人"):
        review.assigned(panel)
    assert not Assignment.objects.exists()
    add_members(panel, count=1, by=review.officer, at=clock.now(), witness=WITNESS)
    assert len(review.assigned(panel)) == 3
