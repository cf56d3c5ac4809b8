"""Yearly duties: laid out by the rulebook, reminded of, late, handed in, checked, seen (B28, Z29, U18, S3)."""

from __future__ import annotations

from datetime import date

import pytest

from applications.desk_rules import DeskRefused
from award_portal.lib import clock
from awards.models import Award
from awards.rulebook.parts import Indicator
from organizations.models import AuditRecord, OutboxItem
from supervision.duties import next_duty, sweep_duties
from supervision.duty_overview import days_late, in_order
from supervision.figures import Series, series_of
from supervision.models import DutySchedule, YearlyReport
from supervision.yearly_reports import check_report, file_report, return_report, save_report, see_report

from .duty_builders import add_application, honour

pytestmark = pytest.mark.django_db
State = YearlyReport.State


def told(user) -> list[str]:
    rows = OutboxItem.objects.filter(kind="inbox_message").order_by("pk")
    return [row.payload["subject"] for row in rows if row.payload["user"] == user.pk]


def last_days(award) -> list[str]:
    return [
        f"{one.due_at.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M}"
        for one in YearlyReport.objects.filter(award=award).order_by("year")
    ]


def test_b28_three_years_are_laid_out_from_the_award_each_due_in_the_year_after(frozen, calendars):
    one = honour(frozen)
    assert last_days(one.award) == ["2027-04-01 00:00", "2028-04-01 00:00", "2029-04-01 00:00"]
    sweep_duties(clock.now())
    assert YearlyReport.objects.count() == 3
    assert next_duty(clock.now()) == clock.at(date(2027, 3, 2))


def test_a_scheme_without_a_yearly_duty_lays_out_none_and_is_not_looked_at_again(frozen, calendars):
    one = honour(frozen, "urumqi-2025.yaml")
    assert DutySchedule.objects.filter(award=one.award).exists()
    assert not YearlyReport.objects.exists()
    assert next_duty(clock.now()) is None


def test_b28_reminded_before_the_day_marked_late_after_it_once_and_everybody_told(frozen, calendars):
    one = honour(frozen)
    one.go(date(2027, 3, 1))
    assert told(one.winner) == []
    one.go(date(2027, 3, 2))
    one.go(date(2027, 3, 3))
    assert told(one.winner) == ["请按时报送2026年度报告"]
    one.go(date(2027, 3, 31), 23)
    assert not one.report(2026).was_late
    one.go(date(2027, 4, 1), 0)
    one.go(date(2027, 4, 2))
    assert one.report(2026).late_at == clock.at(date(2027, 4, 1))
    assert told(one.winner)[1:] == ["2026年度报告逾期未报"]
    late = f"{one.award.name}2026年度报告逾期未报"
    assert told(one.officer) == [late]
    assert told(one.clerk) == [late]
    assert AuditRecord.objects.filter(verb="duty.late").count() == 1
    # handed in afterwards it is a late one for ever
    one.hand_in(2026)
    assert (one.report(2026).state, one.report(2026).was_late) == (State.FILED, True)
    one.go(date(2027, 6, 1))
    assert days_late(one.report(2026), at=clock.now()) == 2


def test_z29_a_self_assessment_is_made_and_kept_reminded_of_and_never_late(frozen, calendars):
    one = honour(frozen, "zhongmu-2025.yaml")
    assert YearlyReport.objects.filter(award=one.award).count() == 5
    one.go(date(2027, 3, 2))
    assert told(one.winner) == ["请按时形成2026年度报告"]
    one.go(date(2027, 8, 1))
    assert YearlyReport.objects.exclude(late_at=None).count() == 0
    assert one.hand_in(2026).state == State.KEPT
    assert told(one.officer) == []
    with pytest.raises(DeskRefused, match="没有待审阅"):
        see_report(one.report(2026), note="已阅", by=one.officer, at=clock.now())


def test_what_is_typed_is_kept_as_typed_and_handed_in_only_when_it_is_whole(frozen, calendars):
    one = honour(frozen)
    with pytest.raises(DeskRefused, match=r"年度结束后填报.*第二十八条"):
        one.write(2026)
    one.go(date(2027, 1, 4))
    report = one.write(2026, figure="很多", text="")
    assert (report.figures["revenue"], report.version) == ("很多", 1)
    with pytest.raises(DeskRefused) as refused:
        file_report(report, by=one.winner, at=clock.now())
    said = str(refused.value)
    assert "“质量管理改进情况”尚未填写" in said
    assert "2026年“营业收入”应为数字，实际填写“很多”" in said
    assert one.report(2026).state == State.OPEN
    with pytest.raises(DeskRefused, match="其他人刚刚保存过"):
        save_report(report, texts={}, figures={}, version=0, by=one.winner, at=clock.now())
    for stranger in (one.officer, one.clerk):
        with pytest.raises(DeskRefused, match="由获奖者填报"):
            save_report(report, texts={}, figures={}, version=1, by=stranger, at=clock.now())


def test_u18_checked_near_by_then_seen_by_the_office(frozen, calendars):
    one = honour(frozen)
    one.go(date(2027, 1, 4))
    report = one.hand_in(2026)
    with pytest.raises(DeskRefused, match="不能再改"):
        one.write(2026)
    with pytest.raises(DeskRefused, match="写明理由"):
        see_report(report, note="", by=one.officer, at=clock.now())
    with pytest.raises(DeskRefused, match="先由推荐单位"):
        check_report(report, note="属实", by=one.officer, at=clock.now())
    with pytest.raises(DeskRefused, match="核实意见"):
        check_report(report, note=" ", by=one.clerk, at=clock.now())
    check_report(report, note="数据与统计报表一致", by=one.clerk, at=clock.now())
    seen = see_report(report, note="", by=one.officer, at=clock.now())
    assert (seen.state, seen.check_note) == (State.SEEN, "数据与统计报表一致")
    with pytest.raises(DeskRefused, match="由办公室审阅"):
        see_report(report, note="", by=one.clerk, at=clock.now())


def test_a_report_is_sent_back_corrected_and_handed_in_again_with_its_first_day_kept(frozen, calendars):
    one = honour(frozen)
    one.go(date(2027, 3, 30))
    report = one.hand_in(2026)
    first = report.first_filed_at
    with pytest.raises(DeskRefused, match="退回理由"):
        return_report(report, because="", by=one.clerk, at=clock.now())
    with pytest.raises(DeskRefused, match="核实"):
        return_report(report, because="不行", by=one.winner, at=clock.now())
    return_report(report, because="请补充研发投入的说明", by=one.clerk, at=clock.now())
    assert told(one.winner)[-1] == "2026年度报告退回补正"
    one.go(date(2027, 4, 6))  # sent back in time, it is not late
    again = one.hand_in(2026, figure="130")
    assert (again.first_filed_at, again.was_late, again.state) == (first, False, State.FILED)


def test_b22_a_revoked_award_is_neither_reminded_nor_marked_nor_written_on(frozen, calendars):
    one = honour(frozen)
    Award.objects.filter(pk=one.award.pk).update(state="revoked", revoked_on=date(2026, 12, 1))
    one.go(date(2027, 5, 1))
    assert told(one.winner) == []
    assert YearlyReport.objects.exclude(late_at=None).count() == 0
    with pytest.raises(DeskRefused, match="已经取消"):
        one.write(2026)


def test_b28_the_figures_go_on_from_the_applications_years(frozen, calendars):
    one = honour(frozen)
    add_application(one)
    one.go(date(2027, 1, 4))
    report = one.hand_in(2026, figure="150")
    revenue = next(line for line in series_of(one.award, [report], with_secrets=False) if line.row.key == "revenue")
    assert revenue.values == ((2023, "100"), (2024, "110"), (2025, "120"), (2026, "150"))
    assert revenue.change == "+50.0%"


def test_what_is_told_in_per_cent_changes_by_points():
    share = Indicator(key="rnd_share", label="研发投入占营业收入比重", unit="%")
    assert Series(share, ((2025, "3.2"), (2026, "4.45"))).change == "+1.25个百分点"
    assert Series(share, ((2025, "0"), (2026, "0.5"))).change == "+0.50个百分点"
    assert Series(share, ((2025, "98"), (2026, "97.5"))).change == "-0.50个百分点"
    assert Series(share, ((2025, "98"), (2026, ""))).change == ""


def test_the_overview_begins_with_what_is_overdue_then_goes_by_the_due_day(frozen, calendars):
    one = honour(frozen)
    one.go(date(2027, 1, 4))
    see_report(
        check_report(one.hand_in(2026), note="属实", by=one.clerk, at=clock.now()), note="", by=one.officer,
        at=clock.now(),
    )  # fmt: skip
    one.go(date(2028, 4, 2))
    assert list(in_order(YearlyReport.objects.all()).values_list("year", flat=True)) == [2027, 2028, 2026]
    Award.objects.filter(pk=one.award.pk).update(state="revoked")
    assert list(in_order(YearlyReport.objects.all()).values_list("year", flat=True)) == [2026, 2027, 2028]


def test_b24_a_base_marked_as_secret_is_its_owners_only(frozen, calendars):
    one = honour(frozen)
    add_application(one, is_secret=True)
    (*_, last) = (len(series_of(one.award, [], with_secrets=secret)[0].values) for secret in (False, True))
    assert last == 3
    assert series_of(one.award, [], with_secrets=False)[0].values == ()
