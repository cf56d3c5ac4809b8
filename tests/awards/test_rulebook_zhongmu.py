"""中牟县县长质量奖 as its rulebook says it: one test a row of what the four regulations ask, cited as Z."""

from datetime import date
from pathlib import Path

import pytest

from awards.rulebook import load_rulebook

DOCUMENT = Path(__file__).parents[2] / "fixtures" / "schemes" / "zhongmu-2025.yaml"
DISQUALIFIERS = (
    "policy_conflict", "without_licence", "accident", "failed_inspection", "losses", "dishonesty", "fraud",
    "unpaid_wages", "violation",
)  # fmt: skip


@pytest.fixture(scope="module")
def book():
    return load_rulebook(DOCUMENT.read_text("utf-8"))


def test_z_cites_only_articles_the_drafting_note_quotes(book):
    quoted = {1, 2, 3, 7, 8, *range(13, 20), 23, 24, 26, 27, 29, 30, 31}
    assert set(book.regulation.articles) == quoted
    assert (book.regulation.articles[13], book.regulation.articles[14], book.regulation.articles[17]) == (5, 9, 9)


def test_z3_one_tier_whose_quota_is_the_office_s_to_set(book):
    (tier,) = book.tiers
    assert (tier.name, tier.quota.value, tier.quota.is_assumed) == ("县长质量奖", 4, True)
    assert book.with_parameters({"tiers.main.quota": 6}).tier("main").quota.value == 6


def test_z_vacancy_and_cycle_are_assumed(book):
    assert book.tier("main").may_stay_vacant.is_assumed
    assert (book.cycle_years.value, book.cycle_years.is_assumed) == (2, True)


def test_z13_1_legal_persons_and_other_organisations(book):
    assert [(one.label, one.cite) for one in book.applicants] == [("法人", "13.1"), ("其他组织", "13.1")]
    assert book.subjects == ("organization",)
    assert not any(one.under_parent_code for one in book.applicants)


def test_z13_1_three_years_and_two_for_a_little_giant(book):
    years = [(one.key, one.min_years.value, one.min_years.cite) for one in book.categories]
    assert years == [("general", 3, "13.1"), ("little_giant", 2, "13.1")]
    assert book.condition("operating_years").checks == ("founding_years",)


def test_z13_2_three_years_of_figures(book):
    assert (book.form.indicators.years.value, book.form.indicators.years.cite) == (3, "13.2")


def test_z14_nine_disqualifiers_each_prohibitive_with_declaration_proof_and_three_years(book):
    prohibitive = [one for one in book.eligibility.conditions if one.prohibitive.value]
    assert tuple(one.key for one in prohibitive) == DISQUALIFIERS
    assert [one.cite for one in prohibitive] == [f"14.{item}" for item in range(1, 10)]
    assert {(one.window_years.value, one.window_years.cite) for one in prohibitive} == {(3, "14")}
    assert all(one.proof == "required" and one.proof_label and one.declaration for one in prohibitive)
    asked = " ".join(one.cite or "" for one in book.form.attachments)
    assert {f"14.{item}" for item in (1, 2, 3, 4, 5, 6, 8, 9)} <= set(asked.replace(";", "").split())


def test_z14_5_losses_are_read_from_the_profit_of_three_years(book):
    condition = book.condition("losses")
    assert (condition.checks, condition.indicator) == (("losses",), "profit")
    assert "profit" in {row.key for row in book.form.indicators.rows if row.required}


def test_z14_6_and_z14_7_lists_and_bans_are_looked_up(book):
    assert book.condition("dishonesty").checks == ("listed",)
    assert book.condition("fraud").checks == ("ban",)


def test_z15_and_z16_the_excellence_criteria_of_a_thousand_points(book):
    rubric = book.assessment_rubric()
    assert "GB/T 19580" in rubric.title
    assert rubric.is_assumed
    groups = {}
    for item in rubric.items:
        groups[item.group] = groups.get(item.group, 0) + item.points
    assert groups == {
        "领导": 110, "战略": 90, "顾客与市场": 90, "资源": 130, "过程管理": 100, "测量、分析与改进": 80, "结果": 400,
    }  # fmt: skip
    for state in book.review_states:
        assert book.review(state).rubric.cite == "15"
    assert rubric.approval.is_assumed


def test_z17_the_stages_stand_in_the_order_of_the_article(book):
    assert book.states == (
        "self_publicity", "recommendation_review", "recommendation", "qualification", "document_review",
        "onsite_review", "deliberation", "award_publicity", "approval",
    )  # fmt: skip
    assert [book.stage(state).cite for state in book.states] == [
        "17.2", "17.3", "17.3", "17.4", "17.5", "17.6", "17.7", "17.8", "17.9",
    ]  # fmt: skip


def test_z17_2_self_publicity_of_at_least_five_working_days(book):
    days = book.publicity("self_publicity").days
    assert (days.value, days.bound, days.cite) == (5, "at_least", "17.2")
    assert book.publicity("self_publicity").day_kind.value == "working"


@pytest.mark.parametrize("state", ["recommendation_publicity", "acceptance_publicity", "defense", "public_comment"])
def test_z17_has_no_other_publicity_and_no_defense(book, state):
    assert not book.has_stage(state)


def test_z17_3_the_market_regulator_first_then_the_township_consents_under_seal(book):
    assert [(one.key, one.routed_by) for one in book.recommenders] == [
        ("district_regulator", "district"), ("county_department", "industry"),
    ]  # fmt: skip
    (leg,) = book.legs
    assert (leg.by, leg.sealed, leg.cite) == ("township", True, "17.3")
    assert book.recommender(leg.by).role == "consents"
    assert book.recommender(leg.by).routed_by == "district"
    assert "官渡镇" in book.section("profile").field("district").options


def test_z13_5_a_competent_county_department_may_recommend(book):
    assert book.recommender("county_department").cite == "13.5"
    assert book.condition("recommended").cite == "13.5"


def test_z17_3_the_first_review_ticks_what_the_item_names(book):
    keys = [one.key for one in book.stage("recommendation_review").checklist if one.cite == "17.3"]
    assert keys == ["completeness", "truth", "accuracy", "legality"]


def test_z17_4_departments_review_the_qualification_together(book):
    assert book.consultation("qualification").cite == "17.4"
    assert book.consultation("qualification").silence_is_clearance.value is False
    assert book.consultation("recommendation_review") is None
    assert book.bodies.consulted.is_assumed


def test_z17_7_the_committee_votes_weighing_the_on_site_score(book):
    assert book.bodies.leading_body.short == "评委会"
    assert (book.decision.mode.value, book.decision.mode.is_assumed) == ("secret_vote", True)
    weights = [(one.state, one.percent) for one in book.scoring.composite.value]
    assert (weights, book.scoring.composite.cite) == ([("onsite_review", 100)], "17.7")
    assert book.decision.floor_percent.value is None


def test_z17_8_candidates_are_published_at_least_five_working_days_to_the_secretariat(book):
    publicity = book.publicity("award_publicity")
    assert (publicity.days.value, publicity.days.bound, publicity.days.cite) == (5, "at_least", "17.8")
    assert publicity.objections_to.cite == "17.8"
    assert not book.publicity_after_approval


def test_z17_8_a_report_is_written_and_carries_evidence_and_nothing_else_is_asked(book):
    objections = book.objections
    assert (objections.open_from, objections.open_through) == ("award_publicity", "award_publicity")
    assert (objections.written.value, objections.written.cite) == (True, "17.8")
    for form in objections.filing:
        assert [one.key for one in form.requires] == ["letter", "evidence"]
    assert objections.investigator.value == "office"
    assert objections.upheld_on_prohibition.cite == "17.8"
    assert book.held_steps == ("close_publicity", "approve")


def test_z17_9_the_county_government_decides_and_circulates_and_gives_trophy_and_certificate(book):
    assert book.approver.name == "中牟县人民政府"
    assert book.instrument("commendation") == "通报"
    honours = book.tier("main").honours
    assert (honours.value, honours.cite) == (("trophy", "certificate"), "17.9")
    assert not book.has_instrument("plaque")


def test_z17_9_three_hundred_thousand_is_assumed_for_no_sum_is_named(book):
    yuan = book.tier("main").bonus_for("organization")
    assert (yuan.value, yuan.is_assumed) == (300000, True)
    assert book.tier("main").bonus_for("individual") is None


def test_z18_those_with_an_interest_step_aside(book):
    assert book.recusal_ground.endswith("第十八条")
    assert book.recusal.on_request is None
    assert book.recusal.ordered is None


def test_z24_the_bonus_has_its_purposes(book):
    purposes = book.supervision.bonus.purposes
    assert (len(purposes.value), purposes.cite) == (8, "24")
    assert "质量攻关" in purposes.value


def test_z_a_winner_may_win_again_for_no_article_says_otherwise(book):
    tier = book.tier("main")
    assert tier.reapply_bar_years.value is None
    assert tier.repeat_winner.value == "none"
    assert tier.repeat_winner.is_assumed


def test_z29_self_assessment_every_year_of_validity_kept_and_not_filed(book):
    valid = book.tier("main").honour_valid_years
    assert (valid.value, valid.is_assumed) == (5, True)
    duty = next(one for one in book.supervision.duties if one.key == "self_assessment")
    assert (duty.cite, duty.each_year_for.value, duty.filed) == ("29", 5, False)
    assert not any(one.filed for one in book.supervision.duties)


def test_z14_7_fraud_bars_for_three_years_and_nothing_says_revoke(book):
    (ban,) = book.supervision.bans
    assert (ban.cite, ban.years.value, ban.years.cite) == ("14.7", 3, "14; 14.7")
    assert not any((ban.revokes, ban.recovers, ban.claws_back, ban.publishes))
    assert book.supervision.incident_window_years.is_assumed
    assert book.supervision.incident_ground.is_assumed


def test_z26_trade_and_technical_secrets(book):
    assert book.secret_label == "商业秘密、技术秘密"
    assert book.secret_ground.endswith("第二十六条")


def test_z27_discipline_and_z7_oversight(book):
    assert book.discipline_ground.endswith("第二十七条")
    assert book.bodies.supervisor.cite == "7"


def test_z30_the_year_is_named_and_nothing_is_forged(book):
    assert [(one.key, one.forbidden) for one in book.supervision.honour_use] == [("year", False), ("forgery", True)]


def test_z31_in_force_from_its_issue_and_a_draft_until_then(book):
    assert (book.regulation.status, book.regulation.in_force.cite) == ("draft", "31")
    assert book.effective_on is None
    assert book.expires_on is None
    issued = load_rulebook(DOCUMENT.read_text("utf-8").replace("issued_on: null", "issued_on: 2025-09-22"))
    assert issued.effective_on == date(2025, 9, 22)


def test_z_words_are_the_regulation_s_own(book):
    assert book.noun == "申请组织"
    assert book.role("expert") == "评审员"
    assert book.role("office") == "秘书处"
    assert book.label("qualification") == "资格审核"
    assert book.label("deliberation") == "综合评审"
    assert book.label("award_publicity") == "候选名单公示"
