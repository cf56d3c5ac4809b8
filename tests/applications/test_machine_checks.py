"""What a machine can check, with the days it rests on (U9.2, U11.3, U16, U20, R6)."""

from __future__ import annotations

from datetime import date

import pytest

from applications.filling import FillingRefused, save_section, start_application
from applications.machine_checks import check_draft, qualifying_days, run_checks
from applications.models import Application, Finding
from applications.moves import blockers
from applications.pipeline import State
from award_portal.lib import clock
from awards.models import Award, Ban, ListedEntity
from tests.applications.test_submitting import submitted
from tests.factories import fill_application, make_claim, make_draft, make_organization, make_round, valid_uscc

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen", "calendars")]


def check(application: Application, name: str):
    return next(one for one in check_draft(application, at=clock.now()) if one.name == name)


def filled(founded: date, category: str = "general", **profile) -> Application:
    draft = make_draft(organization=make_organization(founded_on=founded))
    fill_application(draft, category=category, **profile)
    return draft


def stop(draft: Application) -> list[str]:
    found = blockers(draft, "start_self_publicity", by=draft.created_by, at=clock.now())
    return [str(one) for one in found]


# The cut-off of the made-up round is the recommenders' due date, 2026-05-15.


def test_u9_2_five_years_to_the_day_at_the_cutoff_are_enough() -> None:
    draft = filled(date(2021, 5, 15))
    assert check(draft, "founding_years").result == "clear"
    assert stop(draft) == []


def test_u9_2_one_day_short_of_five_years_is_told_from_when_it_may_apply() -> None:
    draft = filled(date(2021, 5, 16))
    found = check(draft, "founding_years")
    assert found.result == "stop"
    assert "须满5年，计算至2026年5月15日，尚未达到，2026年5月16日起方可申报" in found.text
    assert any("2026年5月16日起方可申报" in one and "第九条第（二）项" in one for one in stop(draft))


def test_u9_2_the_same_organisation_qualifies_in_the_four_new_fields_with_three_years() -> None:
    draft = filled(date(2021, 5, 16), category="emerging", emerging_field="工业互联网")
    assert check(draft, "founding_years").result == "clear"
    assert not any("起方可申报" in one for one in stop(draft))


def test_u9_2_a_choice_of_four_new_fields_asks_for_its_explanation_and_proof() -> None:
    draft = filled(date(2021, 5, 16), category="emerging", emerging_field="")
    draft.attachments.filter(key="emerging_proof").update(removed_at=clock.now())
    told = "".join(stop(draft))
    assert "“四新领域说明”尚未填写" in told
    assert "附件“四新领域证明材料”应上传1个文件，现有0个" in told


def test_u2_a_branch_names_itself_and_brings_its_parents_consent() -> None:
    draft = filled(date(2010, 1, 1), applicant_kind="branch", unit_name="")
    draft.attachments.filter(key="parent_consent").update(removed_at=clock.now())
    told = "".join(stop(draft))
    assert "“分支、内设、派出机构名称”尚未填写" in told
    assert "附件“所属法人同意书”应上传1个文件" in told


def test_a_leap_day_founding_is_counted_to_the_end_of_february() -> None:
    draft = filled(date(2024, 2, 29))
    assert "2029年2月28日起方可申报" in check(draft, "founding_years").text


def test_a_founding_date_that_differs_from_the_registered_one_is_a_doubt() -> None:
    draft = filled(date(2010, 1, 1), founded_on="2009-01-01")
    found = check(draft, "founding_years")
    assert found.result == "doubt"
    assert "与登记时的2010年1月1日不一致" in found.text


def test_every_category_tells_the_day_it_is_reached() -> None:
    days = qualifying_days(make_round(), make_organization(founded_on=date(2022, 6, 1)), at=clock.now())
    assert [(day, met) for _, day, met in days] == [(date(2027, 6, 1), False), (date(2025, 6, 1), True)]


def award(round, organization, tier: str, on: date) -> None:
    Award.objects.create(
        scheme=round.scheme, name=organization.name, code=organization.code, tier=tier, tier_name=tier, year=on.year,
        awarded_on=on,
    )  # fmt: skip


@pytest.mark.parametrize(("tier", "on", "free"), [
    ("main", date(2021, 3, 3), False),
    ("main", date(2021, 3, 2), True),
    ("nominee", date(2025, 3, 2), True),
])  # fmt: skip
def test_u16_a_winner_is_barred_for_five_years_and_a_nominee_is_not(tier: str, on: date, free: bool) -> None:
    round, organization = make_round(), make_organization()
    by = make_claim(organization)
    award(round, organization, tier, on)
    if free:
        assert start_application(round, organization=organization, by=by, at=clock.now()).state == State.DRAFT
    else:
        with pytest.raises(FillingRefused, match=r"2026年3月3日起方可申报.*第十六条"):
            start_application(round, organization=organization, by=by, at=clock.now())


def test_u20_a_ban_made_while_filling_in_stops_the_submission() -> None:
    draft = filled(date(2008, 1, 1))
    Ban.objects.create(
        scheme=draft.round.scheme, name=draft.organization.name, code=draft.organization.code, rule="false_materials",
        ground="提供虚假材料", cite="20", starts_on=date(2026, 3, 2), ends_on=date(2031, 3, 2), decided_by="样例办公室",
    )  # fmt: skip
    assert any("2031年3月2日起方可申报" in one and "第二十条" in one for one in stop(draft))


def test_u20_a_ban_is_over_on_its_exclusive_end() -> None:
    draft = filled(date(2008, 1, 1))
    Ban.objects.create(
        scheme=draft.round.scheme, name=draft.organization.name, code=draft.organization.code, rule="false_materials",
        ground="提供虚假材料", cite="20", starts_on=date(2021, 3, 2), ends_on=date(2026, 3, 2), decided_by="样例办公室",
    )  # fmt: skip
    assert check(draft, "ban").result == "clear"


def listed(draft: Application, **given) -> None:
    values = {"listing": "abnormal", "name": "样例他人", "code": "", "imported_at": clock.now()} | given
    ListedEntity.objects.create(scheme=draft.round.scheme, **values)


def both_lists(draft: Application) -> None:
    """Both credit lists, as imported, with somebody else in them."""
    for listing in ("abnormal", "serious"):
        listed(draft, listing=listing, name="样例他人", code=valid_uscc(9001))


def test_u11_3_a_listed_code_is_found_a_name_alone_is_a_doubt_and_no_import_is_no_clearance() -> None:
    draft = make_draft()
    assert "尚未导入经营异常名录和严重违法失信企业名单" in check(draft, "listed").text
    both_lists(draft)
    assert check(draft, "listed").result == "clear"
    listed(draft, name=draft.organization.name)
    assert check(draft, "listed").result == "doubt"
    listed(draft, name="旧名称", code=draft.organization.code, listed_on=date(2025, 7, 1))
    found = check(draft, "listed")
    assert found.result == "stop"
    assert "经营异常名录" in found.text
    assert "2025年7月1日列入" in found.text


def test_u11_3_an_entry_that_was_removed_no_longer_counts() -> None:
    draft = make_draft()
    both_lists(draft)
    listed(draft, code=draft.organization.code, removed_on=date(2026, 3, 2))
    assert check(draft, "listed").result == "clear"
    listed(draft, code=draft.organization.code, removed_on=date(2026, 3, 3))
    assert check(draft, "listed").result == "stop"


def test_a_desks_checks_judge_the_frozen_dossier_and_not_a_draft_edited_since(frozen) -> None:
    application = submitted(frozen)
    stage = State.RECOMMENDATION_REVIEW
    before = {one.check_name: one.result for one in run_checks(application, stage=stage, at=clock.now())}
    answer = application.answers.get(section="profile")
    answer.data["founded_on"] = "2025-01-01"
    answer.save()
    after = {one.check_name: one.result for one in run_checks(application, stage=stage, at=clock.now())}
    assert after == before
    assert after["founding_years"] != Finding.Result.STOP


def test_b10_2_that_it_ran_all_those_years_is_for_a_person_at_the_desk_to_confirm(frozen) -> None:
    application = submitted(frozen)
    found = {one.check_name: one for one in run_checks(application, stage=State.QUALIFICATION, at=clock.now())}
    assert found["founding_years"].result == Finding.Result.DOUBT
    assert "2013年5月20日已满。其间是否持续正常运营，须人工核实" in found["founding_years"].text


def test_running_the_checks_twice_keeps_one_finding_each(frozen) -> None:
    application = submitted(frozen)
    for _ in range(2):
        run_checks(application, stage=State.RECOMMENDATION_REVIEW, at=clock.now())
    assert application.findings.count() == 6


def test_a_doubtful_number_does_not_stop_saving(frozen) -> None:
    draft = make_draft()
    save_section(draft, "profile", {"employees": "一百多"}, version=1, by=draft.created_by, at=clock.now())
    assert "“从业人员”应为整数，实际填写“一百多”。" in "".join(stop(draft))
