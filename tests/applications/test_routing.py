"""The applicant hands in to its industry's department or to the regulator of its own district (U8, U11.2)."""

from __future__ import annotations

import pytest

from applications.form_answers import problems_of
from applications.moves import StepRefused, move
from award_portal.lib import clock
from tests.factories import fill_application, make_draft, make_unit

DISTRICT = {"recommender_key": "district_regulator", "district": "天山区"}
INDUSTRY = {"recommender_key": "industry_department", "industries": ["制造业"]}


def routing_problems(application) -> list[str]:
    return [f"{one.text}（{one.citation}）" for one in problems_of(application) if one.field == "recommender"]


@pytest.fixture
def draft(db, frozen, calendars):
    return make_draft()


@pytest.mark.parametrize(
    ("unit", "profile"),
    [
        (DISTRICT, {"district": "天山区", "industry": "建筑业"}),
        (INDUSTRY, {"district": "米东区", "industry": "制造业"}),
    ],
    ids=["own district", "own industry"],
)
def test_u11_2_either_the_industrys_department_or_the_own_districts_regulator_recommends(draft, unit, profile):
    fill_application(draft, recommender=make_unit(**unit), **profile)
    assert routing_problems(draft) == []


@pytest.mark.parametrize(
    ("unit", "profile", "told"),
    [
        (DISTRICT, {"district": "米东区"}, "所在区（县）填报为米东区，请改选"),
        (INDUSTRY, {"industry": "建筑业"}, "不主管建筑业，请改选"),
    ],
    ids=["another district", "another industry"],
)
def test_u11_2_a_recommender_of_another_district_or_industry_is_refused_with_the_article(draft, unit, profile, told):
    fill_application(draft, recommender=make_unit(**unit), **profile)
    (problem,) = routing_problems(draft)
    assert told in problem
    assert "第八条" in problem
    with pytest.raises(StepRefused) as refused:
        move(draft.pk, "submit", by=draft.created_by, at=clock.now())
    assert told in str(refused.value)
