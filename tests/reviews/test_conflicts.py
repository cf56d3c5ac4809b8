"""Who may not judge whom (U23, Z18, B20): each kind of tie bars with its reason, and what is only alike is asked."""

from __future__ import annotations

from datetime import date

import pytest

from applications.models import LegConsent
from award_portal.lib import clock
from organizations.models import AuditRecord, Membership, User
from reviews.conflicts import conflicts_of, conflicts_with_organizations, findings_between, is_free_of
from reviews.models import ExpertEmployment, TieSource
from reviews.ties import decide_likeness, declare_group, declare_tie, kin_of, withdraw_tie
from tests.factories import make_organization, make_unit, make_user

from .panel_builders import build_review

pytestmark = pytest.mark.django_db


@pytest.fixture
def review(frozen, calendars):
    return build_review()


def kinds(expert, application) -> list[str]:
    return [one.kind for one in conflicts_of(expert, application)]


def tie(review, kind, **given):
    values = {"source": TieSource.OFFICE, "by": review.officer, "at": clock.now()} | given
    return declare_tie(review.round.scheme.key, kind=kind, **values)


def called(name: str) -> User:
    user = make_user()
    user.display_name = name
    user.save()
    return user


def questions(expert, application):
    return findings_between([expert], [application]).questions.get((expert.pk, application.pk), [])


def test_u23_an_expert_of_the_applicant_is_in_conflict_however_its_name_is_written(review):
    application = review.applications[0]
    name = application.organization.name.replace("（", "( ").replace("）", ")")
    for expert in (review.expert(employer=name), review.expert(employer_code=application.organization.code)):
        (found,) = conflicts_of(expert, application)
        assert found.reason == "现任职于申报组织（研究员）"
        assert found.source == "专家库登记"
        assert "第二十三条" in found.ground
    assert kinds(review.expert(user=application.created_by), application) == ["acting"]
    assert kinds(review.expert(), application) == []


def test_u23_an_employment_counts_three_years_after_its_end_and_not_a_day_longer(review):
    application = review.applications[0]
    today = clock.today()
    for until_on, expected in (
        (date(today.year - 3, today.month, today.day), []),
        (date(today.year - 2, today.month, today.day), ["employment"]),
    ):
        expert = review.expert()
        ExpertEmployment.objects.create(
            expert=expert, employer=application.organization.name, position="质量部经理",
            from_on=date(today.year - 8, 1, 1), until_on=until_on,
        )  # fmt: skip
        assert kinds(expert, application) == expected
    reason = conflicts_of(expert, application)[0].reason
    assert reason.startswith("曾任职于申报组织（质量部经理；")
    assert f"{today.year - 2}年" in reason


def test_u23_the_recommenders_staff_do_not_judge_what_it_recommended_now_and_lately(review):
    application, day = review.applications[0], clock.now()
    staff, left, long_gone = review.expert(), review.expert(), review.expert()
    Membership.objects.create(user=staff.user, unit=review.recommender, started_at=day)
    years_ago = {1: left, 4: long_gone}
    for years, expert in years_ago.items():
        ended = day.replace(year=day.year - years)
        Membership.objects.create(user=expert.user, unit=review.recommender, started_at=ended, ended_at=ended)
    assert [one.reason for one in conflicts_of(staff, application)] == [f"为推荐单位{review.recommender}的工作人员"]
    assert conflicts_of(left, application)[0].reason.startswith(f"曾为推荐单位{review.recommender}的工作人员（至")
    assert kinds(long_gone, application) == []
    # without an account in the unit the employer's name tells
    assert kinds(review.expert(employer=review.recommender.name), application) == ["recommender"]


def test_z17_the_staff_of_a_unit_that_consented_are_the_recommenders_staff_too(review):
    application = review.applications[0]
    town = make_unit("consenter", name="样例镇人民政府（虚构）")
    LegConsent.objects.create(
        application=application, leg="town", unit=town, dossier_version=1, asked_at=clock.now(), asked_by=review.officer
    )
    expert = review.expert(user=make_user(town))
    assert kinds(expert, application) == ["recommender"]
    assert kinds(review.expert(employer="样例镇人民政府（虚构）"), application) == ["recommender"]


def test_u23_parents_of_parents_and_sister_companies_are_one_group_with_the_way_told(review):
    application = review.applications[0]
    scheme, given = review.round.scheme.key, {"source": TieSource.OFFICE, "by": review.officer, "at": clock.now()}
    declare_group(scheme, parent_name="样例控股集团", child_name="样例实业公司", **given)
    declare_group(
        scheme, parent_name="样例实业公司", child_name="甲厂", child_code=application.organization.code, **given
    )
    declare_group(scheme, parent_name="样例实业公司", child_name="样例物流公司", **given)
    (top,) = conflicts_of(review.expert(employer="样例控股集团", title=""), application)
    assert top.reason == "现任职于样例控股集团（申报组织的上级母公司，经样例实业公司）"
    (parent,) = conflicts_of(review.expert(employer="样例实业公司", title=""), application)
    assert parent.reason == "现任职于样例实业公司（申报组织的母公司）"
    (sister,) = conflicts_of(review.expert(employer="样例物流公司", title=""), application)
    assert "样例物流公司（申报组织的同一集团成员，经样例实业公司）" in sister.reason
    assert kinds(review.expert(employer="样例无关公司"), application) == []


@pytest.mark.parametrize("kind", ["kinship", "adviser", "supplier", "shareholder", "other"])
def test_u23_a_declared_tie_of_any_kind_bars_until_it_ended_long_enough_ago(review, kind):
    application, expert = review.applications[0], review.expert()
    made = tie(review, kind, person=expert.user, organization=application.organization, detail="样例事实")
    (found,) = conflicts_of(expert, application)
    assert found.kind == kind
    assert "样例事实" in found.reason
    assert "办公室登记" in found.reason
    withdraw_tie(made, because="经核实不存在", by=review.officer, at=clock.now())
    assert kinds(expert, application) == []
    tie(review, kind, person=expert.user, organization=application.organization, until_on=date(2020, 1, 1))
    assert kinds(expert, application) == []


def test_u23_a_tie_to_a_body_only_named_bars_once_that_body_applies(review):
    expert = review.expert()
    tie(review, "adviser", person=expert.user, body_name="样例 新材料(集团)有限责任公司")
    late = review.application(name="样例新材料（集团）有限公司")
    assert kinds(expert, late) == ["adviser"]
    assert kinds(expert, review.applications[0]) == []


def test_u23_a_relatives_name_is_in_no_reason_and_no_record(review):
    application, expert = review.applications[0], review.expert()
    made = tie(
        review, "kinship", person=expert.user, organization=application.organization, detail="配偶任副总经理",
        kin="甲某某（虚构）",
    )  # fmt: skip
    assert "甲某某" not in made.kin_sealed
    assert "甲某某" not in conflicts_of(expert, application)[0].reason
    assert kin_of(made, by=review.officer, at=clock.now()) == "甲某某（虚构）"
    assert AuditRecord.objects.filter(verb="tie.open_kin").count() == 1
    assert "甲某某" not in str(list(AuditRecord.objects.values_list("data", flat=True)))


def test_u23_an_applicant_names_a_person_by_name_and_employer(review):
    application = review.applications[0]
    named = {"person_name": "乙某某", "organization": application.organization, "source": TieSource.APPLICANT}
    sure = review.expert(user=called("乙某某"), employer="样例甲大学（虚构）")
    namesake = review.expert(user=called("乙某某"), employer="样例乙学院（虚构）")
    tie(review, "supplier", person_employer="样例甲大学(虚构)", **named)
    assert kinds(sure, application) == ["supplier"]
    assert kinds(namesake, application) == []
    (asked,) = questions(namesake, application)
    assert "同名" in asked.reason
    values = {"likeness": asked.likeness, "by": review.officer, "at": clock.now()}
    decide_likeness(namesake, application.organization, is_same=False, because="不是同一人", **values)
    assert questions(namesake, application) == []
    decide_likeness(namesake, application.organization, is_same=True, because="系同一人，已调动", **values)
    assert kinds(namesake, application) == ["supplier"]


def test_u23_a_name_in_another_legal_form_is_a_question_and_bars_once_found_the_same(review):
    application = review.application(name="样例阀门制造有限公司（筹）")
    expert = review.expert(employer="样例阀门制造股份有限公司（筹）")
    assert kinds(expert, application) == []
    (asked,) = questions(expert, application)
    assert "名称相近" in asked.reason
    decide_likeness(
        expert, application.organization, likeness=asked.likeness, is_same=True, because="改制前后名称",
        by=review.officer, at=clock.now(),
    )  # fmt: skip
    (found,) = conflicts_of(expert, application)
    assert "核定为同一" in found.reason
    # a slip of the pen asks too, another name altogether does not
    (slip,) = questions(review.expert(employer="样例阀门治造有限公司（筹）"), application)
    assert slip.kind == "employment"
    assert questions(review.expert(employer="样例轴承有限公司"), application) == []


def test_u14_an_investigator_is_held_against_objector_and_objected_to_alike(review):
    expert, book = review.expert(employer="样例甲公司"), review.applications[0].rulebook
    objector, accused = make_organization(name="样例甲公司"), make_organization(name="样例乙公司")
    found = conflicts_with_organizations(expert, [objector, accused], book=book)
    assert list(found) == [objector.pk]
    assert not is_free_of(expert, [("样例甲公司", "")], book=book)
    assert is_free_of(expert, [("样例丙公司", "")], book=book)
