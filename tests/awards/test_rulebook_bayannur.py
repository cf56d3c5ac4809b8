"""巴彦淖尔市市长质量奖 as its rulebook says it: one test a row of what the four regulations ask, cited as B."""

import re
from datetime import date
from pathlib import Path

import pytest

from awards.rulebook import RulebookInvalid, load_rulebook

DOCUMENT = Path(__file__).parents[2] / "fixtures" / "schemes" / "bayannur-2025.yaml"


@pytest.fixture(scope="module")
def book():
    return load_rulebook(DOCUMENT.read_text("utf-8"))


def test_b_thirty_articles(book):
    assert set(book.regulation.articles) == set(range(1, 31))
    assert {article: items for article, items in book.regulation.articles.items() if items} == {10: 5, 14: 3}


def test_b4_three_winners_three_nominees_any_place_vacant_every_two_years(book):
    assert [(one.name, one.quota.value, one.quota.bound, one.quota.cite) for one in book.tiers] == [
        ("市长质量奖", 3, "at_most", "4"),
        ("市长质量奖提名奖", 3, "at_most", "4"),
    ]
    assert all(one.may_stay_vacant.value and one.may_stay_vacant.cite == "4" for one in book.tiers)
    assert (book.cycle_years.value, book.cycle_years.cite) == (2, "4")


def test_b5_nothing_is_charged(book):
    assert (book.charges_nothing.value, book.charges_nothing.cite) == (True, "5")


def test_b6_the_excellence_criteria_approved_by_the_committee(book):
    rubric = book.assessment_rubric()
    assert "GB/T 19580" in rubric.title
    assert rubric.total.value == sum(item.points for item in rubric.items) == 1000
    assert sum(item.points for item in rubric.items if item.group == "结果") == 400
    assert (rubric.approval.value, rubric.approval.cite) == ("leading_body", "7")
    assert book.review("document_review").rubric.cite == book.review("onsite_review").rubric.cite == "6"


def test_b10_2_independent_legal_persons_of_five_continuous_years(book):
    assert [(one.label, one.cite) for one in book.applicants] == [("独立法人", "10.2")]
    (category,) = book.categories
    assert (category.min_years.value, category.min_years.cite) == (5, "10.2")
    assert book.condition("operating_years").checks == ("founding_years",)


def test_b10_every_condition_of_the_article(book):
    cites = [one.cite for one in book.eligibility.conditions]
    assert cites == ["10.1", "10.2", "10.2", "10.3", "10.4", "10.5", "22"]
    clean = book.condition("clean_record")
    assert (clean.prohibitive.value, clean.window_years.value, clean.window_years.cite) == (True, 3, "10.5")


def test_b11_to_b17_the_visit_before_the_defense_and_the_public_before_the_committee(book):
    assert book.states == (
        "recommendation_review", "recommendation", "qualification", "acceptance_publicity", "document_review",
        "onsite_review", "defense", "public_comment", "deliberation", "award_publicity", "approval",
    )  # fmt: skip
    assert [book.stage(state).cite for state in book.states] == [
        "12", "12", "13", "13", "14.1", "14.2", "14.3", "15", "15", "15", "17",
    ]  # fmt: skip
    assert book.next_stage("draft") == "recommendation_review"


@pytest.mark.parametrize("state", ["self_publicity", "recommendation_publicity"])
def test_b11_and_b12_publish_nothing_before_the_qualification(book, state):
    assert not book.has_stage(state)


def test_b12_the_banner_s_market_regulator_with_its_industry_department(book):
    assert [(one.key, one.routed_by) for one in book.recommenders] == [("banner_regulator", "district")]
    assert book.legs == ()
    checklist = {one.key: one for one in book.stage("recommendation_review").checklist}
    assert {"completeness", "truth", "jointly"} <= set(checklist)
    assert checklist["jointly"].cite == "12"
    assert book.section("profile").field("district").options == (
        "临河区", "五原县", "磴口县", "乌拉特前旗", "乌拉特中旗", "乌拉特后旗", "杭锦后旗",
    )  # fmt: skip


def test_b13_departments_are_asked_at_the_qualification(book):
    assert book.consultation("qualification").cite == "13"
    assert book.consultation("recommendation_review") is None


def test_b13_the_accepted_are_published_for_a_length_it_does_not_state(book):
    days = book.publicity("acceptance_publicity").days
    assert (days.value, days.bound, days.is_assumed) == (5, "at_least", True)
    assert book.stage("acceptance_publicity").cite == "13"


def test_b14_3_all_who_were_visited_are_heard(book):
    assert book.review("onsite_review").cut_times_quota.value is None
    assert book.review("onsite_review").cut_times_quota.cite == "14.3"
    assert book.rubric_for("defense").total.value == 100


def test_b15_the_composite_is_seventy_of_the_visit_and_thirty_of_the_defense(book):
    composite = book.scoring.composite
    assert [(one.state, one.percent) for one in composite.value] == [("onsite_review", 70), ("defense", 30)]
    assert composite.is_assumed


def test_b15_the_public_is_asked_and_its_comments_are_taken(book):
    comment = book.publicity("public_comment")
    assert comment.comments
    assert (comment.days.value, comment.days.is_assumed) == (5, True)
    assert comment.held_by_objection.value is False
    assert [state for state in book.states if book.stage(state).publicity and book.publicity(state).comments] == [
        "public_comment"
    ]


def test_b15_the_committee_passes_a_resolution(book):
    assert (book.decision.mode.value, book.decision.mode.cite) == ("resolution", "15")
    assert book.bodies.leading_body.short == "市质标委"
    assert book.has_instrument("resolution_record")
    assert not book.has_instrument("ballot_paper")


def test_b15_the_award_publicity_is_exactly_seven_working_days(book):
    days = book.publicity("award_publicity").days
    assert (days.value, days.bound, days.cite) == (7, "exactly", "15")
    assert book.rule("stages.award_publicity.publicity.days").value_zh == "7个工作日"
    for other in (6, 8):
        with pytest.raises(RulebookInvalid, match=re.escape("由第十五条规定，不得另行设定")):
            book.with_parameters({"stages.award_publicity.publicity.days": other})


def test_b16_objections_are_investigated_by_the_office_and_no_form_is_asked(book):
    objections = book.objections
    assert (objections.investigator.value, objections.investigator.cite) == ("office", "16")
    assert (objections.written.value, objections.written.is_assumed) == (False, True)
    assert not any(field.kind == "file" for form in objections.filing for field in form.requires)
    assert (objections.upheld_on_prohibition.value, objections.upheld_on_prohibition.cite) == ("disqualify", "16")
    assert book.held_steps == ("close_publicity", "approve")


def test_b17_the_city_government_approves(book):
    assert book.approver.name == "巴彦淖尔市人民政府"
    assert book.publicity("award_publicity").held_by_objection.cite == "17"


def test_b18_half_a_million_for_the_main_tier_and_none_for_the_nominee(book):
    sums = {one.key: (one.bonus_for("organization").value, one.bonus_for("organization").cite) for one in book.tiers}
    assert sums == {"main": (500000, "18"), "nominee": (0, "18")}
    assert all(one.honours.value == ("certificate", "plaque") for one in book.tiers)


def test_b18_a_fully_funded_winner_has_the_honour_only(book):
    rule = book.supervision.bonus.fully_funded_none
    assert (rule.value, rule.cite) == (True, "18")
    assert book.section("profile").field("fully_funded").type == "boolean"


def test_b18_who_wins_again_has_no_money_and_takes_no_place(book):
    for tier in book.tiers:
        assert (tier.repeat_winner.value, tier.repeat_winner.cite) == ("honour_only_outside_quota", "18")
        assert tier.reapply_bar_years.value is None


def test_b19_the_bonus_has_its_purposes(book):
    assert book.supervision.bonus.purposes.cite == "19"
    assert len(book.supervision.bonus.purposes.value) == 5


def test_b20_recusal_three_ways(book):
    recusal = book.recusal
    assert [one.cite for one in (recusal.duty, recusal.on_request, recusal.ordered)] == ["20", "20", "20"]
    assert book.recusal_ground.endswith("第二十条")


def test_b22_fraud_revokes_recovers_claws_back_publishes_and_bars_five_years(book):
    ban = book.ban("fraud")
    assert (ban.years.value, ban.years.cite) == (5, "22")
    assert all((ban.revokes, ban.recovers, ban.claws_back, ban.publishes))
    assert book.condition("not_banned").checks == ("ban",)


def test_b23_an_accident_within_three_years_revokes_and_bars_nobody(book):
    window = book.supervision.incident_window_years
    assert (window.value, window.cite) == (3, "23")
    assert "较大" in book.supervision.incident_ground.value
    for key in ("incident", "serious_violation"):
        ban = book.ban(key)
        assert ban.years.value is None
        assert (ban.revokes, ban.publishes, ban.recovers, ban.claws_back) == (True, True, False, False)


def test_b24_trade_and_technical_secrets_and_discipline(book):
    assert book.secret_label == "商业秘密、技术秘密"
    assert book.secret_ground.endswith("第二十四条")
    assert "第二十四条" in book.discipline_ground


def test_b27_and_b29_what_the_honour_may_not_be_used_for(book):
    uses = [(one.key, one.forbidden, one.cite) for one in book.supervision.honour_use]
    assert uses == [("year", False, "27"), ("products", True, "27"), ("forgery", True, "29")]


def test_b28_a_report_filed_each_year_for_three_years(book):
    duty = next(one for one in book.supervision.duties if one.filed)
    assert "市长质量奖绩效报告" in duty.text
    assert (duty.each_year_for.value, duty.each_year_for.cite) == (3, "28")


def test_b_no_validity_of_the_honour_is_stated(book):
    assert all(one.honour_valid_years.value is None and one.honour_valid_years.is_assumed for one in book.tiers)


def test_b30_in_force_five_years_from_issue(book):
    assert book.expires_on is None
    issued = load_rulebook(DOCUMENT.read_text("utf-8").replace("issued_on: null", "issued_on: 2025-03-01"))
    assert issued.effective_on == date(2025, 3, 1)
    assert issued.expires_on == date(2030, 3, 1)
    assert issued.regulation.valid_years.cite == "30"


def test_b_words_are_the_regulation_s_own(book):
    assert book.label("qualification") == "资格复核"
    assert book.label("public_comment") == "公开征求意见"
    assert book.label("award_publicity") == "拟表彰奖励名单公示"
    assert book.label("approval") == "批准"
    assert book.instrument("revocation") == "撤销称号决定"
