"""阳泉市质量奖 as its rulebook says it: one test a row of what the four regulations ask, cited as Y."""

from datetime import date
from pathlib import Path

import pytest

from awards.rulebook import load_rulebook

DOCUMENT = Path(__file__).parents[2] / "fixtures" / "schemes" / "yangquan-1.yaml"
KINDS = ("organization", "individual")


@pytest.fixture(scope="module")
def book():
    return load_rulebook(DOCUMENT.read_text("utf-8"))


def test_y_cites_only_articles_the_reading_quotes(book):
    assert set(book.regulation.articles) == {*range(1, 12), *range(19, 24), 25, 26, 27}
    items = {article: count for article, count in book.regulation.articles.items() if count}
    assert items == {6: 5, 8: 6, 9: 2}
    assert book.regulation.status == "reading"


def test_y2_organisations_and_individuals(book):
    assert book.subjects == KINDS
    assert book.admits_individuals
    assert [book.noun_for(one) for one in KINDS] == ["申报组织", "申报个人"]


def test_y4_three_winners_and_five_nominees_over_both_kinds_together(book):
    assert [(one.name, one.quota.value, one.quota.bound, one.quota.cite) for one in book.tiers] == [
        ("阳泉市质量奖", 3, "at_most", "4"),
        ("阳泉市质量奖提名奖", 5, "at_most", "4"),
    ]
    assert all(one.sub_quotas == () for one in book.tiers)


def test_y4_and_y11_places_may_stay_vacant_every_two_years(book):
    assert all(one.may_stay_vacant.value and one.may_stay_vacant.cite == "4; 11" for one in book.tiers)
    assert (book.cycle_years.value, book.cycle_years.cite) == (2, "4")


def test_y4_valid_five_years_and_no_application_before_they_are_over(book):
    for tier in book.tiers:
        assert (tier.honour_valid_years.value, tier.honour_valid_years.cite) == (5, "4")
        assert (tier.reapply_bar_years.value, tier.reapply_bar_years.cite) == (5, "4")
    for kind in KINDS:
        assert "not_barred" in {one.key for one in book.conditions_for(kind)}


def test_y8_six_conditions_of_an_organisation(book):
    asked = [one.cite for one in book.conditions_for("organization")]
    assert asked == ["8.1", "8.2", "8.3", "8.4", "8.5", "8.6", "4"]
    assert book.categories_for("organization")[0].min_years.value == 3
    accident = book.condition("no_accident")
    assert (accident.window_years.value, accident.prohibitive.value) == (3, True)


def test_y9_two_conditions_of_an_individual(book):
    assert [one.cite for one in book.conditions_for("individual")] == ["9.1", "9.2", "4"]
    assert [one.min_years.value for one in book.categories_for("individual")] == [0]


def test_y9_a_form_of_their_own_without_figures(book):
    kinds = {kind: [one.kind for one in book.sections_for(kind)] for kind in KINDS}
    assert kinds["organization"] == [
        "eligibility", "profile", "narrative", "self_assessment", "indicators", "attachments", "declarations",
    ]  # fmt: skip
    assert kinds["individual"] == [one for one in kinds["organization"] if one != "indicators"]
    fields = {one.key for one in book.section("person_profile").fields}
    assert {"name", "identity", "employer", "quality_years", "recommender", "district"} <= fields
    assert not fields & {"code", "founded_on", "legal_representative", "sme"}
    licences = {kind: "licence" in {one.key for one in book.attachments_for(kind)} for kind in KINDS}
    assert licences == {"organization": True, "individual": False}
    assert not {one.text for one in book.materials_for("individual")} & {
        one.text for one in book.materials_for("organization")
    }


def test_y10_an_organisation_and_an_individual_are_judged_by_criteria_of_their_own(book):
    for state in book.review_states:
        assert "DB14/T 1463" in book.rubric_for(state, subject="organization").title
        assert "DB14/T 1464" in book.rubric_for(state, subject="individual").title
        assert book.review(state).rubrics.cite == "10"
    assert book.assessment_rubric("individual").total.value == 100
    assert book.assessment_rubric("organization").total.value == 1000
    assert all(one.is_assumed and one.approval.value == "leading_body" for one in book.rubrics)


def test_y11_ranked_by_score_above_sixty_per_cent(book):
    assert (book.decision.mode.value, book.decision.mode.cite) == ("rank", "11")
    assert (book.decision.floor_percent.value, book.decision.floor_percent.cite) == (60, "11")
    assert book.has_instrument("ranking_record")
    assert sum(one.percent for one in book.scoring.composite.value) == 100


def test_y_the_stages_whose_chart_the_reading_does_not_carry_are_assumed(book):
    assert book.states == (
        "recommendation_review", "recommendation", "qualification", "document_review", "onsite_review", "deliberation",
        "award_publicity", "approval",
    )  # fmt: skip
    assumed = [state for state in book.states if book.stage(state).is_assumed]
    assert assumed == ["qualification", "document_review", "onsite_review"]


@pytest.mark.parametrize(
    "state", ["self_publicity", "recommendation_publicity", "acceptance_publicity", "defense", "public_comment"]
)
def test_y_states_no_such_stage(book, state):
    assert not book.has_stage(state)


def test_y8_4_the_county_or_district_government_recommends(book):
    assert [(one.name, one.routed_by) for one in book.recommenders] == [("县（区）人民政府", "district")]
    assert "8.4" in book.recommenders[0].cite
    districts = [book.section(key).field("district").options for key in ("profile", "person_profile")]
    assert districts == [("城区", "矿区", "郊区", "平定县", "盂县")] * 2


def test_y6_4_the_member_units_are_asked(book):
    assert book.consultation("qualification").cite == "6.4"
    assert book.role("consulted") == "领导小组成员单位"


def test_y5_the_results_are_published_for_a_length_it_does_not_state(book):
    publicity = book.publicity("award_publicity")
    assert book.label("award_publicity") == "评审结果公示"
    assert (publicity.days.value, publicity.days.is_assumed) == (5, True)
    assert book.stage("award_publicity").cite == "5"
    assert not book.publicity_after_approval


def test_y5_the_leading_group_has_the_last_word_and_y19_the_city_awards(book):
    assert book.approver == book.bodies.leading_body
    assert book.stage("approval").approver.cite == "5"
    commendation = next(one for one in book.instruments if one.key == "commendation")
    assert (commendation.issuer, commendation.cite) == ("government", "19")
    assert all(one.honours.value == ("plaque", "certificate") for one in book.tiers)


def test_y19_four_sums(book):
    sums = {(one.key, kind): one.bonus_for(kind).value for one in book.tiers for kind in KINDS}
    assert sums == {
        ("main", "organization"): 300000, ("main", "individual"): 100000,
        ("nominee", "organization"): 100000, ("nominee", "individual"): 50000,
    }  # fmt: skip
    assert all(one.bonus_for(kind).cite == "19" for one in book.tiers for kind in KINDS)
    assert book.rule("tiers.main.bonus.organization.yuan").value_zh == "300,000元"


def test_y20_a_provincial_award_is_matched(book):
    assert (book.supervision.bonus.provincial_match.value, book.supervision.bonus.provincial_match.cite) == (True, "20")
    assert book.supervision.bonus.purposes is None


def test_y21_fraud_accident_and_violation_lose_all_and_bar_nobody(book):
    window = book.supervision.incident_window_years
    assert (window.value, window.cite) == (5, "4; 21")
    assert "重大" in book.supervision.incident_ground.value
    for ban in book.supervision.bans:
        assert (ban.years.value, ban.cite) == (None, "21")
        assert all((ban.revokes, ban.recovers, ban.claws_back, ban.publishes))
    assert [one.key for one in book.supervision.bans] == ["fraud", "incident", "serious_violation"]


def test_y22_the_supervising_department(book):
    assert (book.bodies.supervisor.name, book.bodies.supervisor.cite) == ("监察部门", "22")
    assert book.discipline_ground.endswith("第二十二条")


def test_y23_who_wins_again_has_no_money_and_takes_no_place(book):
    for tier in book.tiers:
        assert (tier.repeat_winner.value, tier.repeat_winner.cite) == ("honour_only_outside_quota", "23")
    assert book.rule("tiers.main.repeat_winner").value_zh == "只授予荣誉，不发奖金，不占名额"


def test_y_no_article_on_objections_recusal_or_fees_is_quoted(book):
    assert book.objections.is_assumed
    assert book.recusal.duty.is_assumed
    assert all(one.is_assumed for one in book.recusal.grounds)
    assert book.charges_nothing.is_assumed
    assert not any(field.kind == "file" for form in book.objections.filing for field in form.requires)


def test_y_no_report_is_filed_and_no_use_of_the_honour_is_ruled(book):
    assert not any(one.filed for one in book.supervision.duties)
    assert book.supervision.honour_use == ()


def test_y27_in_force_thirty_days_after_publication(book):
    assert book.effective_on is None
    issued = load_rulebook(DOCUMENT.read_text("utf-8").replace("issued_on: null", "issued_on: 2022-05-10"))
    assert issued.effective_on == date(2022, 6, 9)
    assert issued.expires_on is None
