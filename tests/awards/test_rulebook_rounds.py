"""A round reads its edition with the office's own values, and its edition never changes under it (R1, R2)."""

from datetime import date, datetime
from pathlib import Path

import pytest

from award_portal.lib.clock import SHANGHAI
from awards.models import Edition, Round, RoundParameter
from awards.parameters import (
    ParameterRefused,
    assumed,
    confirm_all,
    confirm_parameter,
    read_value,
    rulebook_for,
    set_parameter,
    unconfirmed,
)
from awards.rulebook import load_rulebook
from awards.rulebook.rubric_library import frozen_text
from awards.schemes import (
    EditionAltered,
    EditionRefused,
    latest_edition,
    load_scheme,
    needs_confirmation,
    opening_blockers,
    rulebook_of,
)
from organizations.models import AuditRecord, Unit, UnitKind, User

pytestmark = pytest.mark.django_db

SCHEMES = Path(__file__).parents[2] / "fixtures" / "schemes"
TEXT = (SCHEMES / "urumqi-2025.yaml").read_text("utf-8")
AT = datetime(2026, 3, 2, 9, tzinfo=SHANGHAI)
LATER = datetime(2026, 3, 3, 9, tzinfo=SHANGHAI)
PANEL = "stages.document_review.review.panel_min"


@pytest.fixture
def officer():
    return User.objects.create_user("alice", password="correct horse battery")


@pytest.fixture
def edition():
    return load_scheme(TEXT, at=AT)


@pytest.fixture
def round(edition):
    office = Unit.objects.create(name="演示办公室", kind=UnitKind.OFFICE)
    return Round.objects.create(
        scheme=edition.scheme, edition=edition, office=office, year=2026, ordinal=1, title="演示届", prepared_at=AT
    )


def test_every_document_ever_shipped_still_loads():
    shipped = sorted(SCHEMES.glob("*.yaml"))
    assert shipped
    for path in shipped:
        assert load_rulebook(path.read_text("utf-8")).spec == 1


def test_r1_loading_stores_the_document_whole_with_its_digest(edition):
    assert edition.text == frozen_text(TEXT)
    assert edition.sha256 == load_rulebook(TEXT).sha256
    assert (edition.scheme.key, edition.edition, edition.source_status) == ("urumqi", "2025", "draft")
    assert AuditRecord.objects.get(verb="load_edition").data["sha256"] == edition.sha256
    assert latest_edition("urumqi") == edition
    assert latest_edition("nowhere") is None


def test_r1_the_same_content_again_changes_nothing(edition):
    assert load_scheme("# 注\n" + TEXT, at=LATER) == edition
    assert Edition.objects.get().loaded_at == AT
    assert AuditRecord.objects.filter(verb="load_edition").count() == 1


def test_r1_an_edition_no_round_uses_may_be_corrected(edition):
    again = load_scheme(TEXT.replace("plan_days: {value: 20,", "plan_days: {value: 21,"), at=LATER)
    assert again.pk == edition.pk
    assert rulebook_of(again).stage("approval").plan_days.value == 21


def test_r1_an_edition_a_round_uses_is_never_replaced(edition, round):
    with pytest.raises(EditionRefused, match="已有届次使用，内容不得变更"):
        load_scheme(TEXT.replace("plan_days: {value: 20,", "plan_days: {value: 21,"), at=LATER)
    assert Edition.objects.get().sha256 == edition.sha256
    newer = load_scheme(
        TEXT.replace('edition: "2025"', 'edition: "2026"').replace("value: 20,", "value: 21,"), at=LATER
    )
    assert newer.pk != edition.pk
    assert rulebook_for(round).stage("approval").plan_days.value == 20


def test_an_edition_altered_in_the_database_is_not_read(edition):
    edition.text = TEXT.replace("quota: {value: 3,", "quota: {value: 30,")
    edition.sha256 = "0" * 64
    with pytest.raises(EditionAltered, match="摘要不符"):
        rulebook_of(edition)


def test_r2_a_regulation_not_yet_in_effect_or_expired_opens_no_round(edition):
    assert opening_blockers(edition, on=date(2026, 3, 2)) == []
    edition.effective_on, edition.expires_on = date(2026, 4, 1), date(2031, 4, 1)
    assert "自2026年4月1日起施行" in opening_blockers(edition, on=date(2026, 3, 31))[0]
    assert opening_blockers(edition, on=date(2026, 4, 1)) == []
    assert opening_blockers(edition, on=date(2031, 3, 31)) == []
    assert "已经失效" in opening_blockers(edition, on=date(2031, 4, 1))[0]


def test_a_draft_needs_the_office_s_recorded_confirmation(edition):
    assert "依据征求意见稿" in needs_confirmation(edition)
    edition.source_status = "official"
    assert needs_confirmation(edition) is None


def test_a_rule_reads_edition_and_parameters(round, officer):
    assert rulebook_for(round).review("document_review").panel_min.value == 5
    set_parameter(round, PANEL, 7, ground="申报组织较多", by=officer, at=AT)
    book = rulebook_for(round)
    assert book.review("document_review").panel_min.value == 7
    assert book.ground(book.review("document_review").panel_min) == "办公室设定（申报组织较多）"
    assert rulebook_of(round.edition).review("document_review").panel_min.value == 5
    set_parameter(round, PANEL, 9, ground="再次调整", by=officer, at=LATER)
    assert rulebook_for(round).review("document_review").panel_min.value == 9
    assert RoundParameter.objects.count() == 1
    assert [one.data["value"] for one in AuditRecord.objects.filter(verb="set_parameter", chain=round.chain)] == [7, 9]


def test_assumed_values_are_confirmed_one_by_one(round, officer):
    before = len(unconfirmed(round))
    assert before == len(assumed(round)) > 80
    confirm_parameter(round, PANEL, by=officer, at=AT)
    set_parameter(round, "correction.days", 10, ground="节前", by=officer, at=AT)
    left = {row.path for row in unconfirmed(round)}
    assert len(left) == before - 2
    assert not left & {PANEL, "correction.days"}
    confirm_parameter(round, "correction.days", by=officer, at=LATER)
    assert rulebook_for(round).correction.days.value == 10
    assert confirm_all(round, by=officer, at=LATER) == before - 2
    assert unconfirmed(round) == []
    assert len(assumed(round)) == before
    other = rulebook_for(round)
    assert other.scoring.composite.value == rulebook_of(round.edition).scoring.composite.value
    assert other.bodies.consulted.value == rulebook_of(round.edition).bodies.consulted.value


@pytest.mark.parametrize(
    ("path", "value", "ground", "said"),
    [
        ("stages.award_publicity.publicity.days", 4, "赶时间", "第十一条第（八）项"),
        ("tiers.main.quota", 4, "好", "第四条"),
        ("tiers.main.reapply_bar_years", 1, "好", "第十六条"),
        (PANEL, "五", "好", "应为数字，实际为文字“五”"),
        (PANEL, 0, "好", "超出范围"),
        (PANEL, 7, "  ", "理由"),
        ("nowhere", 7, "好", "规则中没有这一项"),
        ("scoring.composite", [{"state": "defense", "percent": 90}], "好", "权重之和为 90%"),
    ],
)
def test_what_the_article_fixes_cannot_be_set(round, officer, path, value, ground, said):
    with pytest.raises(ParameterRefused) as refused:
        set_parameter(round, path, value, ground=ground, by=officer, at=AT)
    assert said in str(refused.value)
    assert not RoundParameter.objects.exists()
    with pytest.raises(ParameterRefused):
        confirm_parameter(round, "nowhere", by=officer, at=AT)


def test_nothing_changes_once_the_call_is_published(round, officer, django_assert_num_queries):
    set_parameter(round, PANEL, 7, ground="申报组织较多", by=officer, at=AT)
    Round.objects.update(published_at=LATER)
    published = Round.objects.get()
    assert rulebook_for(published).review("document_review").panel_min.value == 7
    with pytest.raises(ParameterRefused, match="已经发布"):
        set_parameter(published, PANEL, 9, ground="再改", by=officer, at=LATER)
    with django_assert_num_queries(0):
        assert rulebook_for(published).review("document_review").panel_min.value == 7


@pytest.mark.parametrize(
    ("path", "text", "value"),
    [
        (PANEL, " 7 ", 7),
        ("stages.document_review.review.cut_times_quota", "2.5", 2.5),
        ("stages.document_review.review.cut_times_quota", "", None),
        ("stages.deliberation.decision.on_paper", "否", False),
        ("stages.deliberation.decision.mode", "记名表决", "roll_call"),
        ("stages.deliberation.decision.mode", "resolution", "resolution"),
        ("bodies.consulted", "税务部门、公安机关", ["税务部门", "公安机关"]),
        ("timing.paper_day_ends_at", "18:00", "18:00"),
        (
            "scoring.composite",
            "材料评审 30%、陈述答辩 20、现场评审：50",
            [
                {"state": "document_review", "percent": 30},
                {"state": "defense", "percent": 20},
                {"state": "onsite_review", "percent": 50},
            ],
        ),
    ],
)
def test_what_an_officer_types_is_read_by_the_value_s_own_kind(round, officer, path, text, value):
    row = rulebook_for(round).rule(path)
    assert read_value(row, text) == value
    set_parameter(round, path, read_value(row, text), ground="本届安排", by=officer, at=AT)
    assert rulebook_for(round).rule(path).decided == "本届安排"


@pytest.mark.parametrize(
    ("path", "text", "said"),
    [
        (PANEL, "三", "应为数字，实际为文字“三”"),
        (PANEL, "", "不得为空"),
        (PANEL, "-1", "应为数字"),
        ("stages.document_review.review.cut_times_quota", "NaN", "超出范围"),
        ("stages.document_review.review.cut_times_quota", "两倍", "应为数字"),
        ("stages.deliberation.decision.mode", "举手", "无记名投票"),
        ("stages.deliberation.decision.on_paper", "也许", "是"),
        ("scoring.composite", "各占一半", "材料评审 30"),
    ],
)
def test_what_cannot_be_read_is_refused_in_chinese(round, path, text, said):
    with pytest.raises(ParameterRefused, match=said):
        read_value(rulebook_for(round).rule(path), text)
