"""The years of a winner's yearly duties: laid out from the award's day and its rulebook, reminded of, marked late.

A year's report is due in the year after it, on the rulebook's day (B28). One that is only made and kept is reminded of
and never late (Z29). A mark stays: what is handed in afterwards is a late report, not one in time.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import transaction
from django.urls import reverse

from applications.models import Application
from award_portal.lib import clock
from award_portal.lib.sweeping import Sweeper, register
from awards.models import Award
from awards.parameters import rulebook_for
from awards.rulebook import Rulebook
from awards.rulebook.parts import Duty
from awards.workdays import date_zh
from organizations import evidence
from organizations.messages import people_of, send_message
from organizations.models import Claim, Unit, UnitKind, User

from .models import DutySchedule, YearlyReport

REMINDED_DAYS = 30
# where the rulebook names no day and no contents
DUE_DAY = "03-31"
PARTS = ("工作开展情况", "主要成效", "存在的问题和下一步措施")


def yearly_duties(book: Rulebook) -> list[Duty]:
    """The duties written down every year for a number of years: handed in, or made with the parts the rulebook names.

    Another yearly duty is fulfilled by what was done (`SharingRecord`), not by a report.
    """
    return [one for one in book.supervision.duties if one.each_year_for.value and (one.filed or one.parts)]


def duty_of(report: YearlyReport) -> Duty:
    book = rulebook_for(report.award.round)  # type: ignore[arg-type]  # only awards of a round are laid out
    return next(one for one in book.supervision.duties if one.key == report.duty)


def parts_of(duty: Duty) -> tuple[str, ...]:
    """What such a report tells beside its figures."""
    return duty.parts.value if duty.parts else PARTS


def years_of(award: Award, duty: Duty) -> range:
    """The years it is owed for, the award's own the first (B28: three years)."""
    return range(award.awarded_on.year, award.awarded_on.year + (duty.each_year_for.value or 0))


def last_day_of(duty: Duty, year: int) -> date:
    """The last day of a year's report, in the year after it."""
    month, day = (duty.due_day.value if duty.due_day else DUE_DAY).split("-")
    return date(year + 1, int(month), int(day))


@transaction.atomic
def lay_out(award: Award, *, at: datetime) -> int:
    """Every year of every yearly duty stands from the award on, once; how many."""
    award = Award.objects.select_for_update(of=("self",)).get(pk=award.pk)
    if award.round is None or DutySchedule.objects.filter(award=award).exists():
        return 0
    DutySchedule.objects.create(award=award, laid_out_at=at)
    rows = []
    for duty in yearly_duties(rulebook_for(award.round)):
        for year in years_of(award, duty):
            due_at = clock.at(last_day_of(duty, year) + timedelta(days=1))
            # what is handed in tells of a whole year; what is made and kept may be written all the time
            opens_on = date(year + 1, 1, 1) if duty.filed else max(award.awarded_on, date(year, 1, 1))
            rows.append(YearlyReport(
                award=award, duty=duty.key, year=year, is_filed_duty=duty.filed, opens_at=clock.at(opens_on),
                remind_at=due_at - timedelta(days=REMINDED_DAYS), due_at=due_at,
            ))  # fmt: skip
    YearlyReport.objects.bulk_create(rows)
    return len(rows)


# -- the clock --------------------------------------------------------------------------------------------------------


def sweep_duties(at: datetime) -> int:
    """Lay out new awards, remind before a due day, mark late after it."""
    return _lay_out_new(at) + _remind_all(at) + _mark_all(at)


def _lay_out_new(at: datetime) -> int:
    new = Award.objects.standing().exclude(round=None).exclude(pk__in=DutySchedule.objects.values("award"))
    return sum(lay_out(one, at=at) for one in new.order_by("pk"))


def _remind_all(at: datetime) -> int:
    return sum(_remind(pk, at=at) for pk in list(YearlyReport.objects.to_remind(at).values_list("pk", flat=True)))


@transaction.atomic
def _remind(pk: int, *, at: datetime) -> int:
    """Compare-and-set: of many sweepers exactly one reminds."""
    if not YearlyReport.objects.to_remind(at).filter(pk=pk).update(reminded_at=at):
        return 0
    report = _read(pk)
    verb = "报送" if report.is_filed_duty else "形成"
    tell_winner(
        report, at=at, subject=f"请按时{verb}{report.year}年度报告",
        body=f"{duty_of(report).text}。截止{date_zh(_last_day(report))}24:00。",
    )  # fmt: skip
    return 1


def _mark_all(at: datetime) -> int:
    return sum(_mark_late(pk, at=at) for pk in list(YearlyReport.objects.overdue(at).values_list("pk", flat=True)))


@transaction.atomic
def _mark_late(pk: int, *, at: datetime) -> int:
    """Compare-and-set: marked once; winner, office and the units that watch it are told the same day."""
    if not YearlyReport.objects.overdue(at).filter(pk=pk).update(late_at=at):
        return 0
    report = _read(pk)
    subject = f"{report.award.name}{report.year}年度报告逾期未报"
    body = f"应于{date_zh(_last_day(report))}前报送，已标记逾期，请督促补报。"
    told = [person for unit in watching_units(report.award) for person in people_of(unit)]
    send_message(told, subject=subject, body=body, url=_url(report), at=at)
    tell_winner(report, subject=f"{report.year}年度报告逾期未报", body="已标记逾期，请尽快补报。", at=at)
    evidence.record(
        "duty.late", chain=report.chain, by=None, subject=f"award:{report.award.public_id}", at=at,
        data={"duty": report.duty, "year": report.year},
    )  # fmt: skip
    return 1


def next_duty(after: datetime) -> datetime | None:
    """The next day on which somebody is reminded or marked."""
    unfiled = YearlyReport.objects.never_filed()
    moments = [
        unfiled.filter(remind_at__gt=after, reminded_at=None).order_by("remind_at").values_list("remind_at", flat=True),
        unfiled.filter(due_at__gt=after, is_filed_duty=True, late_at=None)
        .order_by("due_at")
        .values_list("due_at", flat=True),
    ]
    return min((moment for found in moments if (moment := found.first()) is not None), default=None)


# after granting (25): the sweep that completes an award lays its years out
register(Sweeper("duties", run=sweep_duties, next_due=next_duty, order=60))


# -- who is told ------------------------------------------------------------------------------------------------------


def watching_units(award: Award) -> list[Unit]:
    """The office, and who watches the winner: its recommender and the units of its district (U18, Y7)."""
    units = Unit.objects.active().of_scheme(award.scheme.key)
    recommended = Application.objects.filter(number=award.application_number).exclude(number="").values("recommender")
    near = units.filter(kind=UnitKind.RECOMMENDER, pk__in=recommended)
    if award.district:
        near |= units.filter(kind=UnitKind.RECOMMENDER, district=award.district)
    return [*units.of_kind(UnitKind.OFFICE), *near.distinct()]


def winners_of(award: Award) -> Iterable[User]:
    found = Claim.objects.filter(organization=award.organization, state=Claim.State.VERIFIED).exclude(organization=None)
    return [one.user for one in found.select_related("user").order_by("pk")]


def tell_winner(report: YearlyReport, *, subject: str, body: str, at: datetime) -> None:
    send_message(winners_of(report.award), subject=subject, body=body, url=_url(report), at=at)


def _url(report: YearlyReport) -> str:
    return reverse("supervision:yearly_report", args=[report.public_id])


def _last_day(report: YearlyReport) -> date:
    return (report.due_at.astimezone(clock.SHANGHAI) - timedelta(microseconds=1)).date()


def _read(pk: int) -> YearlyReport:
    return YearlyReport.objects.select_related("award__round", "award__scheme", "award__organization").get(pk=pk)
