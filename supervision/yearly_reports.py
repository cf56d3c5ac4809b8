"""A year's report: written by the winner, handed in or kept, checked near by, seen by the office (B28, Z29, U18)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from applications.desk_rules import DeskRefused, require_text
from applications.form_answers import parse_number
from applications.gates import Blocker
from awards.models import Award
from awards.parameters import rulebook_for
from awards.rulebook import Rulebook
from awards.rulebook.parts import Indicator
from organizations import evidence
from organizations.messages import people_of, send_message
from organizations.models import StoredFile, UnitKind, User

from .duties import duty_of, parts_of, tell_winner, watching_units
from .models import ReportAttachment, YearlyReport
from .watching import at_units_of, own_awards, seen_awards, watched_by, watches, wins, works_at_office

State = YearlyReport.State
MOST_FILES = 10
LONGEST_PART = 5000


@dataclass(frozen=True)
class Fault:
    """What a report still lacks: the field it is in, and the words."""

    field: str
    text: str


def reports_seen_by(user: User) -> QuerySet[YearlyReport]:
    """The winner reads all of its own; everybody else what was handed in, and that a year is owed (U18)."""
    found = YearlyReport.objects.filter(award__in=seen_awards(user).order_by().values("pk"))
    beside = ("award__scheme", "award__organization", "award__round__scheme", "award__round__edition")
    return found.select_related(*beside).defer("award__round__edition__text")


def may_read_contents(user: User, report: YearlyReport) -> bool:
    """Drafts are the winner's own; so is what a winner writes on after it was sent back."""
    return report.state not in (State.OPEN, State.RETURNED) or wins(user, report.award)


def indicators_of(award: Award) -> tuple[Indicator, ...]:
    """The figures of a year: those the application asked such an applicant for."""
    book = rulebook_for(award.round) if award.round else None
    subject = award.organization.subject if award.organization else "organization"
    if book is None or not any(one.kind == "indicators" for one in book.sections_for(subject)):
        return ()
    return book.form.indicators.rows


def faults_of(report: YearlyReport) -> list[Fault]:
    """Everything that keeps it from being handed in, in the form's order."""
    faults = []
    for place, title in enumerate(parts_of(duty_of(report)), start=1):
        text = str(report.texts.get(f"part{place}", "")).strip()
        if not text:
            faults.append(Fault(f"part{place}", f"“{title}”尚未填写。"))
        elif len(text) > LONGEST_PART:
            faults.append(Fault(f"part{place}", f"“{title}”共{len(text)}字，超过{LONGEST_PART}字。"))
    for row in indicators_of(report.award):
        value = str(report.figures.get(row.key, "")).strip()
        if not value and row.required:
            faults.append(Fault(f"figure_{row.key}", f"{report.year}年“{row.label}”尚未填写。"))
        elif value and parse_number(value) is None:
            faults.append(Fault(f"figure_{row.key}", f"{report.year}年“{row.label}”应为数字，实际填写“{value[:20]}”。"))
    return faults


@transaction.atomic
def save_report(
    report: YearlyReport, *, texts: Mapping[str, str], figures: Mapping[str, str], version: int, by: User, at: datetime
) -> YearlyReport:
    """What was typed is kept as it was typed, right or wrong; what another saved meanwhile is not overwritten."""
    report = _open_to_winner(report, by, at=at)
    if report.version != version:
        raise DeskRefused.because("其他人刚刚保存过本报告。您填写的内容还在本页，请核对后再保存。")
    known = {f"part{place}" for place in range(1, len(parts_of(duty_of(report))) + 1)}
    rows = {one.key for one in indicators_of(report.award)}
    report.texts = {key: str(value)[: LONGEST_PART * 4] for key, value in texts.items() if key in known}
    report.figures = {key: str(value).strip()[:40] for key, value in figures.items() if key in rows}
    report.version += 1
    report.save(update_fields=["texts", "figures", "version"])
    return report


@transaction.atomic
def attach_to_report(report: YearlyReport, *, label: str, file: StoredFile, by: User, at: datetime) -> ReportAttachment:
    report = _open_to_winner(report, by, at=at)
    if report.attachments.filter(removed_at=None).count() >= MOST_FILES:
        raise DeskRefused.because(f"每份报告最多上传{MOST_FILES}个附件，请先移除不需要的。")
    label = label.strip() or file.original_name
    return ReportAttachment.objects.create(report=report, label=label[:80], file=file, attached_at=at)


@transaction.atomic
def detach_from_report(attachment: ReportAttachment, *, by: User, at: datetime) -> None:
    _open_to_winner(attachment.report, by, at=at)
    ReportAttachment.objects.filter(pk=attachment.pk, removed_at=None).update(removed_at=at)


@transaction.atomic
def file_report(report: YearlyReport, *, by: User, at: datetime) -> YearlyReport:
    """Handed in whole, or made and kept where the regulation asks no more (Z29); a late one stays marked late."""
    report = _open_to_winner(report, by, at=at)
    duty, book = duty_of(report), _book(report)
    if faults := faults_of(report):
        raise DeskRefused([Blocker(one.text, book.ground(duty)) for one in faults])
    report.state = State.FILED if report.is_filed_duty else State.KEPT
    report.filed_by, report.filed_at = by, at
    report.first_filed_at = report.first_filed_at or at
    report.save(update_fields=["state", "filed_by", "filed_at", "first_filed_at"])
    _record("duty.file" if report.is_filed_duty else "duty.keep", report, by=by, at=at)
    if report.is_filed_duty:
        told = [person for unit in watching_units(report.award) for person in people_of(unit)]
        send_message(told, subject=f"{report.award.name}报送{report.year}年度报告", at=at)
    return report


@transaction.atomic
def return_report(report: YearlyReport, *, because: str, by: User, at: datetime) -> YearlyReport:
    """Sent back with what is to be put right; the day it was first handed in stands (U18)."""
    report = _lock(report)
    if not (watches(by, report.award) or works_at_office(by, report.award)):
        raise DeskRefused.because("年度报告由行业主管部门、区（县）市场监督管理部门和办公室核实。")
    if report.state not in (State.FILED, State.CHECKED):
        raise DeskRefused.because("现在不能退回。页面可能已过时，请刷新后再办。")
    report.state, report.returned_because = State.RETURNED, require_text(because, "退回理由")[:500]
    report.returned_by, report.returned_at = by, at
    report.save(update_fields=["state", "returned_because", "returned_by", "returned_at"])
    _record("duty.return", report, by=by, at=at)
    tell_winner(report, subject=f"{report.year}年度报告退回补正", body=report.returned_because, at=at)
    return report


@transaction.atomic
def check_report(report: YearlyReport, *, note: str, by: User, at: datetime) -> YearlyReport:
    """The unit that watches the winner writes what it found, once (U18, Y7); then it is before the office."""
    report = _lock(report)
    if not watches(by, report.award):
        raise DeskRefused.because("年度报告先由推荐单位或者所在区（县）的单位核实。")
    if report.state != State.FILED:
        raise DeskRefused.because("现在没有待核实的内容。页面可能已过时，请刷新后再办。")
    report.state, report.check_note = State.CHECKED, require_text(note, "核实意见")[:500]
    report.checked_by, report.checked_at = by, at
    report.save(update_fields=["state", "check_note", "checked_by", "checked_at"])
    _record("duty.check", report, by=by, at=at)
    offices = [unit for unit in watching_units(report.award) if unit.kind == UnitKind.OFFICE]
    told = [person for unit in offices for person in people_of(unit)]
    send_message(told, subject=f"{report.award.name}{report.year}年度报告已核实，待审阅", at=at)
    return report


@transaction.atomic
def see_report(report: YearlyReport, *, note: str, by: User, at: datetime) -> YearlyReport:
    """The office has read it; before the unit near by checked it only with a note saying why."""
    report = _lock(report)
    if not works_at_office(by, report.award):
        raise DeskRefused.because("年度报告由办公室审阅。")
    if report.state not in (State.FILED, State.CHECKED):
        raise DeskRefused.because("现在没有待审阅的内容。页面可能已过时，请刷新后再办。")
    if report.state == State.FILED and is_watched(report.award) and not note.strip():
        raise DeskRefused.because("推荐单位或者区（县）的单位尚未核实。直接审阅的，请写明理由。")
    report.state, report.seen_note, report.seen_by, report.seen_at = State.SEEN, note.strip()[:500], by, at
    report.save(update_fields=["state", "seen_note", "seen_by", "seen_at"])
    _record("duty.see", report, by=by, at=at)
    tell_winner(report, subject=f"{report.year}年度报告已审阅", body=report.seen_note, at=at)
    return report


def is_watched(award: Award) -> bool:
    """Whether some unit near the winner is there to check."""
    return any(unit.kind == UnitKind.RECOMMENDER for unit in watching_units(award))


def owed_now(user: User, *, at: datetime) -> dict[int, list[YearlyReport]]:
    """What the winner has to write now, by award: open years and those sent back."""
    found: dict[int, list[YearlyReport]] = {}
    own = own_awards(user).order_by().values("pk")
    for one in YearlyReport.objects.owed().filter(award__in=own, opens_at__lte=at).order_by("due_at", "pk"):
        found.setdefault(one.award_id, []).append(one)
    return found


def waiting_for(user: User) -> QuerySet[YearlyReport]:
    """What waits at the desk: of a unit near by what was handed in, of the office what was checked."""
    near = Award.objects.filter(watched_by(user)).values("pk")
    office = Award.objects.filter(at_units_of(user, UnitKind.OFFICE)).values("pk")
    return YearlyReport.objects.filter(
        Q(award__in=near, state=State.FILED) | Q(award__in=office, state=State.CHECKED)
    ).exclude(award__in=own_awards(user).order_by().values("pk"))


def _open_to_winner(report: YearlyReport, by: User, *, at: datetime) -> YearlyReport:
    """The locked report while its winner may write on it."""
    report = _lock(report)
    duty, book = duty_of(report), _book(report)
    if not wins(by, report.award):
        raise DeskRefused.because("年度报告由获奖者填报。")
    if report.award.state == Award.State.REVOKED:
        raise DeskRefused.because("该奖励已经取消，不再填报年度报告。", book.ground(duty))
    if report.state not in (State.OPEN, State.RETURNED):
        raise DeskRefused.because("本年度报告已经提交，不能再改。需要更正的，请与办公室联系退回。", book.ground(duty))
    if at < report.opens_at:
        raise DeskRefused.because(f"{report.year}年度报告在年度结束后填报。", book.ground(duty))
    return report


def _lock(report: YearlyReport) -> YearlyReport:
    locked = YearlyReport.objects.select_for_update(of=("self",))
    return locked.select_related("award__round__edition", "award__scheme", "award__organization").get(pk=report.pk)


def _book(report: YearlyReport) -> Rulebook:
    return rulebook_for(report.award.round)  # type: ignore[arg-type]


def _record(verb: str, report: YearlyReport, *, by: User, at: datetime) -> None:
    evidence.record(
        verb, chain=report.chain, by=by, subject=f"award:{report.award.public_id}", at=at,
        data={"duty": report.duty, "year": report.year, "late": report.was_late},
    )  # fmt: skip
