"""What a winner owes and does, and who looks at it (U17–U19, S7)."""

from __future__ import annotations

from datetime import date

import pytest

from awards.models import Award
from organizations.models import AuditRecord
from supervision.models import SharingRecord
from supervision.sharing import SharingRefused, duties_of, file_sharing, honour_rules_of, review_sharing
from tests.factories import make_draft, make_unit, make_user
from tests.publicity.builders import at

from .builders import make_award


def test_u17_the_duties_are_those_of_the_edition_it_won_by_each_with_its_article(honour):
    duties = duties_of(honour.award)
    assert {key for key, _, _ in duties} == {"improve", "promote", "exchange"}
    assert all("第十七条" in ground or "第十八条" in ground for _, _, ground in duties)
    rules = honour_rules_of(honour.award)
    assert [forbidden for _, forbidden, _ in rules] == [False, True, True]
    assert all("第十九条" in ground for _, _, ground in rules)


def test_u17_the_winner_files_what_it_did_and_the_record_stands_in_the_chain(honour):
    record = honour.share()
    assert (record.award, record.filed_by, record.reviewed_at) == (honour.award, honour.winner, None)
    assert AuditRecord.objects.filter(verb="sharing.file", subject=f"award:{honour.award.public_id}").count() == 1


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"held_on": date(2026, 3, 3)}, "不能晚于今天"),
        ({"held_on": date(2026, 2, 9)}, "应在获奖（2026年2月10日）之后"),
        ({"duty": "dance"}, "请选择对应的义务"),
    ],
    ids=["future", "before the award", "no such duty"],
)
def test_an_activity_lies_between_the_award_and_today_and_answers_a_duty(honour, given, told):
    with pytest.raises(SharingRefused, match=told):
        honour.share(**given)
    assert not SharingRecord.objects.exists()


def test_nobody_files_for_another_organisations_award(honour):
    _, rival = make_award(honour.round)
    values = {
        "duty": "promote", "held_on": date(2026, 3, 1), "title": "冒名", "content": "冒", "audience": 1, "proof": None,
    }  # fmt: skip
    for stranger in (rival, honour.officer):
        with pytest.raises(SharingRefused, match="只能为本组织"):
            file_sharing(honour.award, **values, by=stranger, at=at(3, 2))


def test_u21_a_revoked_award_obliges_to_nothing_more(honour):
    Award.objects.filter(pk=honour.award.pk).update(state="revoked", revoked_on=date(2026, 3, 1))
    honour.award.refresh_from_db()
    with pytest.raises(SharingRefused, match="已经取消"):
        honour.share()


def test_u18_recommender_or_office_looks_at_it_once_with_a_note(honour):
    record = honour.share()
    with pytest.raises(SharingRefused, match="写明核实意见"):
        review_sharing(record, note=" ", by=honour.clerk, at=at(3, 2))
    reviewed = review_sharing(record, note="情况属实", by=honour.clerk, at=at(3, 2))
    assert (reviewed.reviewed_by, reviewed.review_note) == (honour.clerk, "情况属实")
    with pytest.raises(SharingRefused, match="已经核实"):
        review_sharing(record, note="再看一遍", by=honour.officer, at=at(3, 2))


def test_u18_neither_the_winner_nor_another_schemes_office_reviews(honour):
    record = honour.share()
    elsewhere = make_unit("office")
    type(elsewhere).objects.filter(pk=elsewhere.pk).update(scheme_key="elsewhere")
    for stranger in (honour.winner, honour.supervisor, make_user(elsewhere), make_user()):
        with pytest.raises(SharingRefused, match="核实"):
            review_sharing(record, note="情况属实", by=stranger, at=at(3, 2))
    assert SharingRecord.objects.get().reviewed_at is None


def test_u18_a_recommender_watches_its_own_winners_and_nobody_elses(honour):
    record = honour.share()
    elsewhere = make_user(make_unit("recommender", district="米东区"))
    assert list(SharingRecord.objects.visible_to(honour.clerk)) == [record]
    assert list(SharingRecord.objects.visible_to(elsewhere)) == []
    # the industry's department has no district: it watches whom it recommended
    department = make_unit("recommender")
    recommended = make_draft(honour.round)
    recommended.recommender, recommended.number = department, "样申0007"
    recommended.save()
    honour.award.application_number = "样申0007"
    honour.award.save()
    assert list(SharingRecord.objects.visible_to(make_user(department))) == [record]
