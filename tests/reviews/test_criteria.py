"""U5: criteria the office drew up are used once the leading body approved them, and never change once scoring began."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from applications.desk_rules import DeskRefused
from award_portal.lib import clock
from awards.criteria import approval_refusal
from awards.models import Round
from awards.parameters import rulebook_for
from awards.rubrics import changes_of
from organizations.models import AuditRecord
from reviews.criteria import (
    approve_version,
    begin_version,
    criteria_of,
    faults_in,
    return_version,
    save_version,
    submit_version,
)
from reviews.forms.bands import FIELDS, band_sets
from reviews.meeting_desks import criteria_desk
from reviews.panels import form_panel
from reviews.scoring import rubric_of
from tests.factories import make_unit, make_user

from .panel_builders import build_review

pytestmark = pytest.mark.django_db
KEY = "quality_2025"


@pytest.fixture
def review(frozen, calendars):
    return build_review()


@pytest.fixture
def leader(review):
    return make_user(make_unit("leading_body"))


def unannounced(review) -> Round:
    Round.objects.filter(pk=review.round.pk).update(published_at=None, criteria_approved_on=None, criteria_approval="")
    return Round.objects.select_related("scheme", "edition", "office").get(pk=review.round.pk)


def begin(review, round, key=KEY, **given):
    return begin_version(round, key, by=review.officer, at=clock.now(), **given)


def reworded(version, **points):
    """The items with other points by key."""
    return [one | ({"points": points[one["key"]]} if one["key"] in points else {}) for one in version.content["items"]]


def save(review, version, **content):
    return save_version(version, content=content, note="", by=review.officer, at=clock.now())


def submitted(review, round, **points):
    version = begin(review, round)
    version = save(review, version, items=reworded(version, **points), groups=[])
    return submit_version(version, by=review.officer, at=clock.now())


def approve(version, by, **given):
    values = {"approval": "领导小组第1次会议（虚构）", "approved_on": date(2026, 2, 1), "at": clock.now()} | given
    return approve_version(version, by=by, **values)


def test_u5_only_the_approved_version_is_used(review, leader):
    round = unannounced(review)
    version = submitted(review, round, strategy=90, system=90)
    assert rulebook_for(round).rubric(KEY).item("strategy").points == 80
    assert "须经" in approval_refusal(round, "document_review")
    approve(version, leader)
    round = Round.objects.get(pk=round.pk)
    assert rulebook_for(round).rubric(KEY).item("strategy").points == 90
    assert approval_refusal(round, "document_review") == ""
    assert "陈述答辩评分标准" in approval_refusal(round)
    record = AuditRecord.objects.get(verb="criteria.approve").data
    assert (record["rubric"], record["sha256"]) == (KEY, version.sha256)


def test_u5_a_panel_waits_for_the_criteria_of_its_stage(review):
    Round.objects.filter(pk=review.round.pk).update(criteria_approved_on=None)
    review.round.refresh_from_db()
    with pytest.raises(DeskRefused, match="工作领导小组审定后执行，尚未登记审定情况"):
        form_panel(review.round, stage=review.stage, by=review.officer, at=clock.now(), experts=review.experts)
    version = begin(review, review.round)
    version = submit_version(version, by=review.officer, at=clock.now())
    approve(version, review.officer)
    assert form_panel(review.round, stage=review.stage, by=review.officer, at=clock.now(), experts=review.experts)


def test_the_running_round_reads_a_version_approved_after_the_call(review, leader):
    application = review.applications[0]
    assert rubric_of(application, review.stage).item("strategy").points == 80
    approve(submitted(review, review.round, strategy=90, system=90), leader)
    fresh = type(application).objects.with_names().get(pk=application.pk)
    assert rubric_of(fresh, review.stage).item("strategy").points == 90


def test_once_the_call_is_out_the_items_applicants_write_by_stay(review):
    version = begin(review, review.round)
    items = reworded(version, system=180)[1:]
    version = save(review, version, items=items, groups=[])
    assert any("评分项不得增减" in one for one in faults_in(version))
    with pytest.raises(DeskRefused, match="评分项不得增减"):
        submit_version(version, by=review.officer, at=clock.now())


def test_u5_nothing_changes_once_the_readers_have_their_sheets(review, leader):
    waiting = submitted(review, review.round, strategy=90, system=90)
    review.assigned()
    with pytest.raises(DeskRefused, match="评分表已经发出"):
        approve(waiting, leader)
    assert [one.refusal for one in criteria_of(review.round)] == ["评分表已经发出，评价标准不再变更。", ""]
    version = begin(review, review.round, key="defense_2025")
    assert version.number == 1


def test_a_draft_keeps_what_is_wrong_and_is_not_submitted_with_it(review):
    round = unannounced(review)
    version = begin(review, round)
    items = reworded(version, strategy="八十", system=100)
    version = save(review, version, items=items, groups=[])
    assert version.content["items"][0]["points"] == "八十"
    assert any("应为数字，实际为文字“八十”" in one for one in faults_in(version))
    version = save(review, version, items=reworded(version, strategy=70))
    assert any("与总分 1000 不符" in one for one in faults_in(version))
    with pytest.raises(DeskRefused, match="与总分 1000 不符"):
        submit_version(version, by=review.officer, at=clock.now())


def test_the_leading_body_sends_it_back_with_its_reason(review, leader):
    round = unannounced(review)
    version = submitted(review, round, strategy=90, system=90)
    with pytest.raises(DeskRefused, match="退回修改的理由"):
        return_version(version, reason=" ", by=leader, at=clock.now())
    version = return_version(version, reason="创新分值偏低", by=leader, at=clock.now())
    with pytest.raises(DeskRefused, match="不在审定中"):
        approve(version, leader)
    version = save(review, version)
    version = submit_version(version, by=review.officer, at=clock.now())
    assert approve(version, leader, approval="").approval == "审议机构在线审定"


@pytest.mark.parametrize(
    ("given", "refusal"),
    [({"approval": " "}, "会议或者文号"), ({"approved_on": date(2099, 1, 1)}, "不能晚于今天")],
)
def test_the_office_records_where_and_when_it_was_approved(review, given, refusal):
    version = submitted(review, unannounced(review), strategy=90, system=90)
    with pytest.raises(DeskRefused, match=refusal):
        approve(version, review.officer, **given)
    assert approve(version, review.officer).state == "approved"


def test_nobody_else_draws_up_or_approves(review, leader):
    round = unannounced(review)
    with pytest.raises(DeskRefused, match="办公室办理"):
        begin_version(round, KEY, by=leader, at=clock.now())
    version = submitted(review, round, strategy=90, system=90)
    stranger = make_user(make_unit("leading_body", scheme_key="elsewhere"))
    with pytest.raises(DeskRefused, match="办公室办理"):
        approve(version, stranger)


def test_a_version_starts_from_a_shipped_rubric_and_keeps_the_schemes_own_words(review):
    version = begin(review, unannounced(review), base="gbt19580@1")
    assert version.content["groups"][0]["title"] == "领导"
    assert version.content["title"].startswith("乌鲁木齐市")
    assert version.content["approval"]["cite"] == "5"
    assert faults_in(version) == []
    with pytest.raises(DeskRefused, match="请先办结"):
        begin(review, version.round)


def test_the_comparison_names_what_came_went_and_changed():
    former = {"total": {"value": 10}, "items": [{"key": "a", "title": "甲", "points": 5, "text": "一"},
                                                {"key": "b", "title": "乙", "points": 5, "text": "二"}]}  # fmt: skip
    content = {"total": {"value": 12}, "items": [{"key": "a", "title": "甲", "points": 7, "text": "一"},
                                                 {"key": "c", "title": "丙", "points": 5, "text": "三"}]}  # fmt: skip
    found = [(one.kind, one.where, one.before, one.after) for one in changes_of(former, content)]
    assert found == [
        ("修改", "总分", "10", "12"), ("修改", "甲 · 分值", "5", "7"), ("增加", "丙", "", "5分，三"),
        ("删去", "乙", "5分，二", ""),
    ]  # fmt: skip


# -- at the pages ------------------------------------------------------------------------------------------------------


def typed(version) -> dict[str, str]:
    words = {"total": "1000", "steps": "percent:5", "version": str(version.version), "note": "依据第五条"}
    for word in ("item", "veto"):
        for place, one in enumerate(version.content.get(f"{word}s" if word == "item" else "vetoes", [])):
            words |= {f"{word}-{place}-{name}": str(one.get(name, "")) for name in
                      ("group", "title", "points", "text", "guide", "by")}  # fmt: skip
    return words


def test_the_office_draws_up_a_version_on_the_page_and_the_leading_body_approves_it(review, leader, client):
    round = unannounced(review)
    client.force_login(review.officer)
    page = client.get(reverse("reviews:criteria", args=[round.public_id])).content.decode()
    assert "起草新的一版" in page
    client.post(reverse("reviews:criteria", args=[round.public_id]), {"rubric": KEY, "base": ""})
    version = criteria_of(round)[0].unfinished
    url = reverse("reviews:criteria_version", args=[version.public_id])
    added = {"title": "数字化", "points": "90", "text": "数字化转型", "group": "创新", "guide": "process"}
    words = typed(version) | {"item-1-remove": "1"} | {f"item-12-{name}": text for name, text in added.items()}
    page = client.post(url, words | {"action": "submit"}).content.decode()
    assert "与总分 1000 不符" in page
    assert 'value="数字化"' in page
    version.refresh_from_db()
    assert f'name="version" value="{version.version}"' in page
    words = typed(version)
    last = len(version.content["items"]) - 1
    assert version.content["items"][last]["key"] == "item_1"
    client.post(url, words | {f"item-{last}-points": "100", "action": "submit"})
    version.refresh_from_db()
    assert version.state == "submitted"
    client.force_login(leader)
    assert url in [one.url for one in criteria_desk(leader)]
    page = client.get(url).content.decode()
    assert "同意执行" in page
    assert "质量管理体系与质量基础" in page
    client.post(url, {"action": "approve", "approval": "", "approved_on": "2026-02-01"})
    book = rulebook_for(Round.objects.get(pk=round.pk))
    assert book.rubric(KEY).item("item_1").title == "数字化"
    assert str(book.rubric(KEY).step_for(book.rubric(KEY).item("item_1"))) == "5"


def bands_typed(version) -> dict[str, str]:
    """The bands as the page shows them."""
    words = {}
    for number, one in enumerate(band_sets(version.content)):
        words[f"bands-{number}-shown"] = "1"
        for place, band in enumerate(one.bands):
            words |= {f"bands-{number}-{place}-{name}": str(band.get(name, "")) for name in FIELDS}
    return words


def test_u5_the_bands_are_edited_and_an_item_gets_its_own(review, client):
    version = begin(review, unannounced(review), base="gbt19580@1")
    client.force_login(review.officer)
    url = reverse("reviews:criteria_version", args=[version.public_id])
    before = [one["text"] for one in band_sets(version.content)[0].bands]
    first = version.content["items"][0]["key"]
    client.post(url, typed(version) | bands_typed(version) | {"own-bands": first, "action": "save"})
    version.refresh_from_db()
    own = band_sets(version.content)[-1]
    assert (own.place, [one["text"] for one in own.bands]) == (f"item:{first}", before)
    assert [one["text"] for one in band_sets(version.content)[0].bands] == before
    number = len(band_sets(version.content)) - 1
    changed = {f"bands-{number}-1-text": "刚有做法", f"bands-{number}-1-at_least": "8"}
    page = client.post(url, typed(version) | bands_typed(version) | changed | {"action": "save"}, follow=True)
    assert "高层领导的作用 · 评分档次" in page.content.decode()
    version.refresh_from_db()
    assert band_sets(version.content)[-1].bands[1]["text"] == "刚有做法"
    assert faults_in(version) == []
    wrong = {f"bands-{number}-1-at_least": "十"}
    client.post(url, typed(version) | bands_typed(version) | wrong | {"action": "save"})
    version.refresh_from_db()
    assert faults_in(version)
    assert 'value="十"' in client.get(url).content.decode()
    client.post(url, typed(version) | bands_typed(version) | {f"bands-{number}-drop": "1", "action": "save"})
    version.refresh_from_db()
    assert not any(one.is_own for one in band_sets(version.content))


def test_another_office_and_an_undelivered_draft_are_not_there(review, leader, client):
    version = begin(review, unannounced(review))
    url = reverse("reviews:criteria_version", args=[version.public_id])
    client.force_login(leader)
    assert client.get(url).status_code == 404
    client.force_login(make_user(make_unit("office", scheme_key="elsewhere")))
    assert client.get(url).status_code == 404
    assert client.get(reverse("reviews:criteria", args=[version.round.public_id])).status_code == 404
