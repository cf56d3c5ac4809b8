"""A person is judged by criteria of its own and ranked with organisations by the share of the own total (Y10, Y11)."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.urls import reverse

from applications.models import Application
from applications.pipeline import State
from award_portal.lib import clock
from reviews.aggregating import stage_score
from reviews.cutting import decide_cut, ranked_table
from reviews.models import Panel
from reviews.scoring import rubric_of, save_sheet
from tests.people_admitted import become_person, text_with_people

from .panel_builders import Review, build_review, full_items

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen", "calendars")]


def review_of_both(stage: str = State.DOCUMENT_REVIEW) -> tuple[Review, Application, Application]:
    review = build_review(applications=2, stage=stage, edition_text=text_with_people())
    firm, person = review.applications[0], become_person(review.applications[1])
    review.applications[1] = person
    review.assigned()
    return review, Application.objects.with_names().get(pk=firm.pk), person


def test_y10_each_has_the_items_and_the_total_of_its_own():
    review, firm, person = review_of_both()
    assert [one.key for one in rubric_of(person, review.stage).items] == ["method", "impact"]
    assert rubric_of(firm, review.stage).key != "person"
    review.conclude(firm, share="0.8")
    review.conclude(person, share="0.9")
    figures = stage_score(person, review.stage)
    assert (figures.total, figures.score, figures.percent) == (Decimal(500), Decimal("450.00"), Decimal("90.00"))
    assert stage_score(firm, review.stage).total == rubric_of(firm, review.stage).total.value


def test_an_item_of_the_others_is_not_in_the_sheet():
    from applications.desk_rules import DeskRefused

    review, firm, person = review_of_both()
    reader, other = review.readers(person)[0], review.readers(firm)[0]
    with pytest.raises(DeskRefused, match="评分表中没有这一项"):
        save_sheet(reader, items=full_items(other), by=reader.expert.user, at=clock.now())


def test_y11_they_are_ranked_together_by_the_share_of_the_own_total():
    review, firm, person = review_of_both()
    review.conclude(firm, share="0.8")
    review.conclude(person, share="0.9")
    table = ranked_table(review.round, review.stage)
    assert [one.application for one in table] == [person, firm]
    assert table[0].opinion.score < table[1].opinion.score, "fewer points of a smaller total"
    assert [one.percent for one in table] == [Decimal("90.00"), Decimal("80.00")]


def test_equal_shares_share_a_rank_whatever_the_totals():
    review, firm, person = review_of_both()
    review.conclude(firm, share="0.5")
    review.conclude(person, share="0.5")
    assert [one.rank for one in ranked_table(review.round, review.stage)] == [1, 1]


def test_the_pages_of_the_desk_and_of_the_expert_show_each_its_own(client):
    review, firm, person = review_of_both()
    reader = review.readers(person)[0]
    client.force_login(reader.expert.user)
    sheet = client.get(reverse("reviews:sheet", args=[reader.public_id])).content.decode()
    assert "个人类评价规范" in sheet or "独特的工作方法" in sheet
    assert person.organization.code not in sheet
    for one in (firm, person):
        review.conclude(one)
    client.force_login(review.officer)
    page = client.get(reverse("reviews:cut", args=[Panel.objects.get().public_id])).content.decode()
    assert "80.00%" in page
    assert person.organization.code not in page


def test_y11_the_decision_shows_each_score_as_its_share_of_its_own_total(client):
    review, firm, person = review_of_both()
    for one in (firm, person):
        review.conclude(one)
    decide_cut(review.round, stage=review.stage, passing=[firm, person], reasons={}, by=review.officer, at=clock.now())
    client.force_login(review.officer)
    page = client.get(reverse("reviews:cut", args=[Panel.objects.get().public_id])).content.decode()
    assert "已作决定" in page
    assert "占总分80.00%" in page


def test_a_person_who_does_not_go_on_is_told_as_a_person():
    review, firm, person = review_of_both()
    for one in (firm, person):
        review.conclude(one)
    decision = decide_cut(
        review.round, stage=review.stage, passing=[firm], reasons={person.pk: "排序在后"}, by=review.officer,
        at=clock.now(),
    )  # fmt: skip
    content = decision.lines.get(application=person).document.content
    assert (content["you"], content["code"], content["name"]) == ("你", "", person.organization.name)
    assert decision.lines.get(application=person).score == Decimal("400.00")
