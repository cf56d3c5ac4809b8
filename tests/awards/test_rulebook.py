"""A rulebook says what a regulation requires, each value with its article or the office's reason (E2, E5)."""

import re
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pydantic
import pytest

from awards.rulebook import (
    END_STATES,
    RulebookInvalid,
    chinese_number,
    cite_zh,
    load_rulebook,
    share,
)

DOCUMENT = Path(__file__).parents[2] / "fixtures" / "schemes" / "urumqi-2025.yaml"
TEXT = DOCUMENT.read_text("utf-8")


@pytest.fixture(scope="module")
def book():
    return load_rulebook(TEXT)


def errors_of(text):
    with pytest.raises(RulebookInvalid) as invalid:
        load_rulebook(text)
    return {error.path: error for error in invalid.value.errors}


def changed(before, after, count=1):
    assert before in TEXT
    return TEXT.replace(before, after, count)


# -- what the seed says -------------------------------------------------------------------------------------------


def test_u4_two_tiers_within_their_quotas_and_either_may_stay_vacant(book):
    assert [(tier.name, tier.quota.value, tier.quota.bound) for tier in book.tiers] == [
        ("质量奖", 3, "at_most"),
        ("质量奖提名奖", 2, "at_most"),
    ]
    assert all(tier.may_stay_vacant.value and tier.may_stay_vacant.cite == "4" for tier in book.tiers)
    assert book.cycle_years.value == 2


def test_u9_2_five_years_and_three_for_the_four_new_fields(book):
    assert book.category("general").min_years.value == 5
    assert book.category("emerging").min_years.value == 3
    assert book.condition("operating_years").checks == ("founding_years",)


def test_u11_the_stages_stand_in_the_order_of_the_article(book):
    assert book.states == (
        "self_publicity", "recommendation_review", "recommendation_publicity", "recommendation", "qualification",
        "acceptance_publicity", "document_review", "defense", "onsite_review", "deliberation", "award_publicity",
        "approval",
    )  # fmt: skip
    assert book.next_stage("draft") == "self_publicity"
    assert book.next_stage("document_review") == "defense"
    assert book.next_stage("approval") == "awarded"
    assert not book.has_stage("public_comment")
    assert book.review_states == ("document_review", "defense", "onsite_review")


@pytest.mark.parametrize(
    ("state", "article"),
    [
        ("self_publicity", "11.2"),
        ("recommendation_publicity", "11.3"),
        ("acceptance_publicity", "11.4"),
        ("award_publicity", "11.8"),
    ],
)
def test_u11_each_publicity_runs_at_least_five_working_days(book, state, article):
    days = book.publicity(state).days
    assert (days.value, days.bound, days.cite) == (5, "at_least", article)
    assert book.publicity(state).day_kind.value == "working"


def test_u11_3_and_u11_4_departments_are_asked_and_silence_is_not_clearance(book):
    for state in ("recommendation_review", "qualification"):
        consultation = book.consultation(state)
        assert consultation.reply_days.value == 5
        assert consultation.silence_is_clearance.value is False
    assert book.consultation("deliberation") is None


def test_u11_3_the_recommender_ticks_everything_the_article_names(book):
    keys = [item.key for item in book.stage("recommendation_review").checklist]
    assert keys == [
        "conditions", "procedure", "completeness", "truth", "accuracy", "legality", "lists", "consulted",
    ]  # fmt: skip


def test_u12_a_person_signs_and_a_unit_seals(book):
    person, unit = book.objections.filing
    assert [field.key for field in person.requires] == [
        "name", "phone", "address", "identity", "signature", "evidence",
    ]  # fmt: skip
    assert [field.key for field in unit.requires] == [
        "name", "domicile", "phone", "address", "sealed_letter", "evidence",
    ]  # fmt: skip


def test_u13_forwarded_within_three_and_reported_within_five_working_days(book):
    clocks = book.objections.clocks
    assert (clocks.forward.days.value, clocks.forward.days.cite) == (3, "13")
    assert (clocks.report.days.value, clocks.report.days.cite) == (5, "13")
    assert clocks.decide.days.value == 10
    assert clocks.decide.days.is_assumed
    assert clocks.tell.days.value == 3


def test_u13_prohibitive_conditions_are_told_apart(book):
    prohibitive = {one.key for one in book.eligibility.conditions if one.prohibitive.value}
    assert prohibitive == {"clean_record", "not_listed", "not_barred", "not_banned"}


def test_u16_the_main_tier_is_barred_five_years_and_the_nominee_is_not(book):
    assert book.tier("main").reapply_bar_years.value == 5
    assert book.tier("nominee").reapply_bar_years.value is None


def test_u20_and_u21_bans_and_revocations(book):
    assert book.ban("false_materials").years.value == 5
    assert not book.ban("false_materials").revokes
    assert book.ban("fraud").years.value == 10
    assert book.ban("fraud").recovers
    assert book.ban("incident").years.value is None
    assert book.ban("incident").publishes
    assert book.supervision.incident_window_years.value == 5


def test_words_are_the_regulation_s_own(book):
    assert book.label("award_publicity") == "获奖建议名单公示"
    assert book.label("eliminated") == "未进入下一环节"
    assert book.instrument("commendation") == "表彰决定"
    assert book.role("expert") == "评审专家"
    assert all(book.label(state) for state in (*book.states, *END_STATES, "draft", "correction"))


def test_the_form_keeps_the_desk_s_limits(book):
    assert book.section("overview").limit.value == 3000
    assert book.section("self_assessment").limit.value == 30000
    assert sum(field.limit for field in book.section("overview").fields) == 3000
    assert book.form.indicators.years.value == 3
    assert book.attachment("signed_page").sealed
    assert book.attachment("audit_reports").min_files == 3
    assert {"truth", "no_state_secret", "trade_secret"} <= {one.key for one in book.form.declarations}


def test_rubric_and_weights(book):
    rubric = book.rubric()
    assert sum(item.points for item in rubric.items) == rubric.total.value == 1000
    assert {item.group for item in rubric.items} == {"质量", "创新", "品牌", "效益"}
    assert rubric.bands_of(rubric.item("level"))[0].at_least == 0
    assert sum(weight.percent for weight in book.scoring.composite.value) == Decimal(100)
    assert share(book.decision.quorum.value) == Fraction(2, 3)


def test_a_rulebook_is_frozen(book):
    with pytest.raises(pydantic.ValidationError):
        book.tier("main").quota.value = 9
    with pytest.raises(pydantic.ValidationError):
        book.name = "x"
    assert isinstance(book.tiers, tuple)


def test_the_digest_is_of_what_is_ruled_not_of_how_it_is_written(book):
    assert load_rulebook(TEXT.replace("# 乌鲁木齐市", "# 又名")).sha256 == book.sha256
    assert load_rulebook(changed("plan_days: {value: 3,", "plan_days: {value: 4,")).sha256 != book.sha256


# -- citations ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1, "一"),
        (10, "十"),
        (11, "十一"),
        (20, "二十"),
        (26, "二十六"),
        (100, "一百"),
        (105, "一百零五"),
        (112, "一百一十二"),
        (1000, "1000"),
    ],
)
def test_articles_are_numbered_in_chinese(number, text):
    assert chinese_number(number) == text


def test_citations_as_an_official_writes_them(book):
    assert cite_zh("11.2") == "第十一条第（二）项"
    assert cite_zh("6; 11.8") == "第六条、第十一条第（八）项"
    assert book.cite("13") == "《乌鲁木齐市人民政府质量奖管理办法（征求意见稿）》第十三条"
    assert book.ground(book.publicity("award_publicity").days).endswith("第十一条第（八）项")
    assert book.ground(book.correction.days) == "办公室设定（办法未规定补正期限）"


def test_an_unquoted_citation_of_item_ten_is_not_read_as_a_number():
    text = changed("7: 5,", "7: 10,").replace('cite: "3; 7"', "cite: 7.10")
    book = load_rulebook(text.replace('edition: "2025"', "edition: 2025"))
    assert book.cite_zh(book.bodies.office.cite) == "第七条第（十）项"
    assert book.edition == "2025"


# -- rows and parameters ------------------------------------------------------------------------------------------


def test_e2_every_value_is_a_row_with_its_ground(book):
    rows = {row.path: row for row in book.rules()}
    assert len(rows) == len(book.rules()) > 100
    days = rows["stages.award_publicity.publicity.days"]
    assert (days.value_zh, days.citation_zh, days.assumed) == ("不少于5个工作日", "第十一条第（八）项", False)
    quorum = rows["stages.deliberation.decision.quorum"]
    assert (quorum.value_zh, quorum.citation_zh, quorum.assumed) == ("三分之二", "办公室设定", True)
    assert quorum.reason
    assert rows["tiers.main.quota"].value_zh == "不超过3个"
    assert all(row.citation_zh and row.value_zh and row.label for row in rows.values())


def test_a_round_s_value_makes_a_new_rulebook_and_leaves_the_edition_alone(book):
    other = book.with_parameters(
        {"stages.document_review.review.panel_min": 7, "stages.award_publicity.publicity.days": 7},
        grounds={"stages.document_review.review.panel_min": "申报材料较多"},
    )
    assert other.review("document_review").panel_min.value == 7
    assert other.publicity("award_publicity").days.value == 7
    assert other.publicity("award_publicity").days.cite == "11.8"
    assert other.rule("stages.document_review.review.panel_min").decided == "申报材料较多"
    assert book.review("document_review").panel_min.value == 5
    assert other.sha256 != book.sha256
    assert book.with_parameters({}) is book


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("stages.award_publicity.publicity.days", 4, "第十一条第（八）项规定为不少于5个工作日"),
        ("tiers.main.quota", 4, "第四条规定为不超过3个"),
        ("tiers.main.reapply_bar_years", 3, "由第十六条规定，不得另行设定"),
        ("objections.clocks.forward.days", 4, "第十三条规定为不超过3个工作日"),
        ("stages.nowhere.days", 4, "规则中没有这一项"),
        ("correction.days", "三", "应为数字，实际为文字“三”"),
        ("correction.days", 0, "超出范围"),
        ("stages.deliberation.decision.mode", "shouting", "未知的取值“shouting”"),
    ],
)
def test_a_round_may_not_set_what_the_article_rules_out(book, path, value, said):
    with pytest.raises(RulebookInvalid, match=re.escape(said)):
        book.with_parameters({path: value})


def test_a_ceiling_may_be_lowered_and_a_floor_raised(book):
    other = book.with_parameters({"tiers.main.quota": 2, "stages.self_publicity.publicity.days": 6})
    assert other.tier("main").quota.value == 2
    assert other.publicity("self_publicity").days.value == 6


# -- bad documents ------------------------------------------------------------------------------------------------


def test_a_number_that_is_text(book):
    errors = errors_of(changed("quota: {value: 3,", "quota: {value: 三,"))
    error = errors["tiers.main.quota.value"]
    assert error.message_zh == "应为数字，实际为文字“三”"
    assert TEXT.splitlines()[error.line - 1].strip().startswith("quota:")


def test_a_quoted_number_is_text_too():
    assert (
        "文字“5”"
        in errors_of(changed("days: {value: 5, bound", 'days: {value: "5", bound'))[
            "stages.self_publicity.publicity.days.value"
        ].message_zh
    )


def test_a_stage_unknown_a_stage_twice_and_a_missing_one_are_all_told_at_once():
    text = TEXT.replace("- state: defense\n", "- state: interview\n").replace("quota: {value: 2,", "quota: {value: -2,")
    text = text.replace("- state: onsite_review\n", "- state: document_review\n")
    errors = errors_of(text)
    assert "未知的取值“interview”" in errors["stages.interview.state"].message_zh
    assert "defense" in errors["stages.interview.state"].expected
    assert "环节“document_review”出现两次" in errors["stages.document_review.state"].message_zh
    assert "超出范围" in errors["tiers.nominee.quota.value"].message_zh
    assert "权重所指环节“defense”不在程序中" in errors["scoring.composite.value.defense.state"].message_zh


@pytest.mark.parametrize(
    ("before", "after", "path", "said"),
    [
        ('cite: "16"}', 'cite: "27"}', "tiers.main.reapply_bar_years.cite", "管理办法没有第二十七条"),
        ('cite: "9.1"', 'cite: "9.6"', "eligibility.conditions.party_line.cite", "第九条没有第（六）项"),
        ('cite: "9.1"', 'cite: "九"', "eligibility.conditions.party_line.cite", "应写作"),
        ("value: 2, cite", "value: 2, cit", "cycle_years.cit", "未知的键“cit”"),
        ('{value: 2, cite: "4"}', '{value: 2, cite: "4", assumed: x}', "cycle_years", "须且只须"),
        ('{value: 2, cite: "4"}', "{value: 2}", "cycle_years", "须且只须"),
        ('{value: 2, cite: "4"}', "2", "cycle_years", "应为键值结构，实际为数字 2"),
        ("points: 40", "points: 41", "rubrics.defense_2025.items", "与总分 100 不符"),
        ("percent: 40", "percent: 41", "scoring.composite.value", "权重之和为 101%"),
        ("    eliminated: 未进入下一环节\n", "", "labels.states", "缺少“eliminated”的名称"),
        ("    expert: 评审专家\n", "", "labels.roles", "缺少角色“expert”的名称"),
        ("value: 2/3", "value: 3/2", "stages.deliberation.decision.quorum.value", "大于 1"),
        ("value: quality_2025", "value: other", "stages.document_review.review.rubric.value", "没有评价标准“other”"),
        ("open_from: qualification", "open_from: public_comment", "objections.open_from", "不在程序中"),
        ("issued_on: null", "issued_on: 明年", "regulation.issued_on", "应为日期，实际为文字“明年”"),
        ("silence_is_clearance: {value: false", "silence_is_clearance: {value: 否", None, "应为true 或 false"),
        ("cycle_years: {value: 2", "cycle_years: {decided: x, value: 2", "cycle_years", "“decided”由系统写入"),
    ],
)
def test_what_is_wrong_is_named_with_its_path(before, after, path, said):
    errors = errors_of(changed(before, after))
    found = errors[path].message_zh if path else "；".join(error.message_zh for error in errors.values())
    assert said in found


def test_a_key_written_twice_in_a_list():
    errors = errors_of(changed("  - key: nominee", "  - key: main"))
    assert errors["tiers.main.key"].message_zh == "标识“main”重复"


def test_approval_is_last_and_nothing_precedes_what_it_follows_from():
    lines = TEXT.split("  - state: deliberation\n")
    tail = lines[1].split("  - state: award_publicity\n")
    swapped = lines[0] + "  - state: award_publicity\n" + tail[1].split("  - state: approval")[0]
    swapped += "  - state: deliberation\n" + tail[0] + "  - state: approval" + tail[1].split("  - state: approval")[1]
    assert "不得先于“deliberation”" in errors_of(swapped)["stages.award_publicity.state"].message_zh


def test_a_publicity_stage_without_its_days_is_refused():
    start = TEXT.index("    publicity:\n", TEXT.index("- state: acceptance_publicity"))
    end = TEXT.index("  - state: document_review")
    errors = errors_of(TEXT[:start] + TEXT[end:])
    assert "缺少 publicity" in errors["stages.acceptance_publicity.publicity"].message_zh


def test_duplicate_keys_are_refused_with_their_line():
    errors = errors_of(TEXT + "name: 又一个\n")
    assert errors["name"].message_zh == "键“name”重复"
    assert errors["name"].line == len(TEXT.splitlines()) + 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "键值结构"),
        ("- a\n", "键值结构"),
        ("a: [1, 2", "YAML 语法错误"),
        ("a: &x [1]\nb: *x\n", "锚点"),
        ("a: !!python/object:os.system {}\n", ""),
        ("? [1, 2]\n: 3\n", "键应为单个词"),
        ("a: 2026-13-45\n", "无法识别的值"),
        (
            "spec: 1\nstages: 五\ntiers: {a: 1}\nrubrics: [1, null]\nlabels: 3\nregulation: []\n",
            "应为列表，实际为文字“五”",
        ),
        ("spec: 9\n", "未知的取值“9”"),
        ("\x00", ""),
        ("a: " + "[" * 3000, ""),
    ],
)
def test_no_document_however_broken_breaks_the_reader(text, said):
    with pytest.raises(RulebookInvalid) as invalid:
        load_rulebook(text)
    assert said in str(invalid.value)


def test_dates_are_read_as_dates():
    book = load_rulebook(changed("effective_on: null", "effective_on: 2025-07-01"))
    assert book.regulation.effective_on == date(2025, 7, 1)
    assert load_rulebook(
        changed("document_number: null", "document_number: 乌政办规〔2025〕3号")
    ).regulation.document_number
