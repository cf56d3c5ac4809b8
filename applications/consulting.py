"""Asking other departments: one letter with many names, a reply for each, and what silence means (U11.3, U11.4).

A scheme consults at recommendation, at qualification, at both or at neither; whether silence clears a name it says too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from django.db import transaction
from django.urls import reverse

from award_portal.lib import clock
from award_portal.lib.sweeping import Sweeper, register
from awards.calendars import current_calendar
from awards.models import Round
from awards.parameters import rulebook_for
from awards.workdays import date_zh
from organizations import evidence
from organizations.messages import people_of, send_message
from organizations.models import Unit, UnitKind, UnitQuerySet, User

from .desk_papers import issue_consultation_letter, last_day_of
from .desk_rules import DeskRefused, lock_all_on_desk, require_text
from .gates import Blocker
from .models import Application, Consultation, ConsultationReply
from .rules import on_duty, works_in

Answer = ConsultationReply.Answer
DEFAULT_LOOKBACK_YEARS = 3


@transaction.atomic
def send_letters(
    round: Round,
    *,
    stage: str,
    sender: Unit,
    departments: Iterable[Unit],
    applications: Iterable[Application],
    by: User,
    at: datetime,
    period_from: date | None = None,
    period_to: date | None = None,
) -> list[Consultation]:
    """One letter to each department about all the names; each is due the rulebook's working days later.

    Raises DeskRefused, and CalendarMissing for an unpublished year; then no letter went out.
    """
    book = rulebook_for(round)
    rule = book.consultation(stage)
    if rule is None:
        raise DeskRefused.because(f"“{book.label(stage)}”不需要征求意见。")
    departments, named = list(departments), list(applications)
    if not departments or not named:
        raise DeskRefused.because(f"请至少选择一个部门和一个{book.noun}。", book.ground(rule))
    locked = lock_all_on_desk(named, stage=stage, by=by)
    period_from, period_to = period_from or lookback_start(round, at), period_to or at.date()
    found = _letter_faults(round, stage=stage, sender=sender, departments=departments, applications=locked, by=by)
    if period_from > period_to or period_to > at.date():
        found.append(Blocker("核查期间的起止日期有误：起始日应不晚于截止日，截止日应不晚于今天。"))
    if found:
        raise DeskRefused(found)
    due_at = current_calendar().due_at(at.date(), rule.reply_days.value)
    letters = []
    for department in departments:
        document = issue_consultation_letter(
            round, stage=stage, sender=sender, department=department, applications=locked,
            period_from=period_from, period_to=period_to, due_at=due_at, by=by, at=at,
        )  # fmt: skip
        letter = Consultation.objects.create(
            round=round, stage=stage, sender=sender, department=department, sent_at=at, sent_by=by, due_at=due_at,
            period_from=period_from, period_to=period_to, document=document,
        )  # fmt: skip
        ConsultationReply.objects.bulk_create(ConsultationReply(consultation=letter, application=one) for one in locked)
        letters.append(letter)
        _ask(letter, subject=f"征求意见函：{round.title}，请于{date_zh(last_day_of(due_at))}前复函", at=at)
    for letter in letters:
        _record("consultation.send", letter, by=by, at=at, data={"names": [str(one.public_id) for one in locked]})
    return letters


def lookback_start(round: Round, at: datetime) -> date:
    """The first day of 近3年: the longest look-back of a condition, counted from the day of the letter (U9.3)."""
    conditions = rulebook_for(round).eligibility.conditions
    windows = [one.window_years.value for one in conditions if one.window_years]
    today, years = at.date(), max(windows, default=DEFAULT_LOOKBACK_YEARS)
    try:
        return today.replace(year=today.year - years)
    except ValueError:  # 29 February
        return today.replace(year=today.year - years, day=28)


def departments_of(round: Round) -> UnitQuerySet:
    """The departments this scheme consults."""
    return Unit.objects.active().of_scheme(round.scheme.key).of_kind(UnitKind.CONSULTED)


@transaction.atomic
def reply(
    consultation: Consultation,
    answers: Mapping[int, tuple[str, str]],
    *,
    by: User,
    at: datetime,
) -> list[ConsultationReply]:
    """The department's answers: application pk → (answer, content). A given answer stands; a late one still counts."""
    letter = Consultation.objects.select_for_update(of=("self",)).get(pk=consultation.pk)
    if not works_in(by, letter.department):
        raise DeskRefused.because("这份征求意见函不是发给本部门的。")
    rows = {one.application_id: one for one in letter.replies.select_related("application__organization")}
    found, given = [], []
    for key, (answer, content) in answers.items():
        row = rows.get(key)
        if row is None or answer not in (Answer.CLEAR, Answer.ADVERSE):
            found.append(Blocker("请对函内所列组织选择“无意见”或者“有意见”。"))
        elif row.answer != Answer.NONE:
            found.append(Blocker(f"对{row.application.organization}已经复函。需要更正的，请与发函单位联系。"))
        elif answer == Answer.ADVERSE and not content.strip():
            found.append(Blocker(f"对{row.application.organization}有意见的，请写明具体情况。"))
        else:
            row.answer, row.content, row.replied_at, row.replied_by = answer, content.strip(), at, by
            given.append(row)
    if not given and not found:
        found.append(Blocker("请至少对名单中的一个填写意见。"))
    if found:
        raise DeskRefused(found)
    for row in given:
        row.save()
    send_message(
        people_of(letter.sender), subject=f"{letter.department}已复函（{len(given)}家）", url=_ledger_url(letter), at=at
    )
    _record(
        "consultation.reply", letter, by=by, at=at,
        data={"answers": {str(row.application.public_id): row.answer for row in given}},
    )  # fmt: skip
    return given


@transaction.atomic
def note_missing_reply(row: ConsultationReply, *, note: str, by: User, at: datetime) -> ConsultationReply:
    """The signed note on which a desk goes on without a reply, or in spite of an adverse one (section 7 of the rules).

    Silence is not clearance, so a note about silence may be written only after the reply was due.
    """
    letter = row.consultation
    lock_all_on_desk([row.application], stage=letter.stage, by=by)
    row = ConsultationReply.objects.select_for_update(of=("self",)).get(pk=row.pk)
    if row.answer == Answer.CLEAR:
        raise DeskRefused.because(f"{letter.department}已复函无意见，不需要说明。")
    if row.answer == Answer.NONE and silence_clears(letter):
        raise DeskRefused.because("本办法规定逾期未复视为无意见，不需要说明。", _rule_ground(letter))
    if row.answer == Answer.NONE and at < letter.due_at:
        raise DeskRefused.because(
            f"{letter.department}的复函期限至{date_zh(last_day_of(letter.due_at))}，届满前不能以未复函为由继续办理。",
            _rule_ground(letter),
        )
    row.note = require_text(note, "继续办理的说明")
    row.noted_at, row.noted_by = at, by
    row.save()
    _record(
        "consultation.note", letter, by=by, at=at,
        data={"application": str(row.application.public_id), "answer": row.answer},
    )  # fmt: skip
    return row


@transaction.atomic
def remind(consultation: Consultation, *, by: User, at: datetime) -> Consultation:
    """催办: after the reply was due, at most once a day and as often as the rulebook says."""
    letter = Consultation.objects.select_for_update(of=("self",)).get(pk=consultation.pk)
    rule = rulebook_for(letter.round).consultation(letter.stage)
    assert rule is not None
    if not on_duty(by, letter.sender, letter.round):
        raise DeskRefused.because("这份征求意见函不是本单位发出的。")
    if not letter.replies.filter(answer=Answer.NONE).exists():
        raise DeskRefused.because(f"{letter.department}已全部复函，不需要催办。")
    if at < letter.due_at:
        raise DeskRefused.because(f"复函期限至{date_zh(last_day_of(letter.due_at))}，届满后方可催办。")
    book = rulebook_for(letter.round)
    if letter.reminders >= rule.reminders.value:
        then = "视为无意见" if rule.silence_is_clearance.value else "继续办理须书面说明"
        raise DeskRefused.because(
            f"催办以{rule.reminders.value}次为限，已催办{letter.reminders}次。仍未复函的，{then}。",
            book.ground(rule.reminders),
        )
    if letter.reminded_at and clock.day_of(at) == clock.day_of(letter.reminded_at):
        raise DeskRefused.because("今天已经催办过，请给对方留出办理时间。", book.ground(rule.reminders))
    letter.reminders += 1
    letter.reminded_at = at
    letter.save()
    _ask(letter, subject=f"催办：征求意见函（{letter.round.title}）已逾期，请尽快复函", at=at)
    _record("consultation.remind", letter, by=by, at=at, data={"times": letter.reminders})
    return letter


def unanswered(application: Application, stage: str, *, at: datetime) -> list[Blocker]:
    """What the door wants of a consultation: asked, and every reply clear or gone on upon a signed note."""
    book = application.rulebook
    rule = book.consultation(stage)
    if rule is None:
        return []
    ground = book.ground(rule)
    rows = list(
        ConsultationReply.objects.filter(application=application, consultation__stage=stage)
        .select_related("consultation__department")
        .order_by("pk")
    )
    if not rows:
        return [Blocker("尚未征求相关部门意见。", ground)]
    found = []
    for row in rows:
        name, due_at = row.consultation.department.name, row.consultation.due_at
        if row.answer == Answer.ADVERSE and not went_on(row):
            found.append(Blocker(f"{name}复函有意见，继续办理须书面说明。", ground))
        elif row.answer == Answer.NONE and at < due_at:
            found.append(Blocker(f"{name}尚未复函，复函期限至{date_zh(last_day_of(due_at))}。", ground))
        elif row.answer == Answer.NONE and not went_on(row) and not rule.silence_is_clearance.value:
            found.append(Blocker(f"{name}逾期未复函，不视为无意见，继续办理须书面说明。", ground))
    return found


def silence_clears(letter: Consultation) -> bool:
    """Whether a reply that does not come by its day counts as no objection, as the round's rulebook says."""
    rule = rulebook_for(letter.round).consultation(letter.stage)
    return rule is not None and rule.silence_is_clearance.value


def went_on(row: ConsultationReply) -> bool:
    """Whether a note covers the reply as it stands; an adverse reply after a note about silence needs a new one."""
    return row.noted_at is not None and (row.replied_at is None or row.noted_at >= row.replied_at)


# -- the clock --------------------------------------------------------------------------------------------------------


def tell_overdue(at: datetime) -> int:
    """Tell the senders, once a letter, that replies are overdue; nothing is decided by the clock."""
    return sum(
        _tell_one(pk, at=at)
        for pk in Consultation.objects.overdue(at).filter(overdue_told_at=None).values_list("pk", flat=True)
    )


@transaction.atomic
def _tell_one(pk: int, *, at: datetime) -> int:
    if not Consultation.objects.filter(pk=pk, overdue_told_at=None).update(overdue_told_at=at):
        return 0
    letter = Consultation.objects.with_names().get(pk=pk)
    then = "按规定视为无意见。" if silence_clears(letter) else "未复函不视为无意见，继续办理须书面说明。"
    send_message(
        people_of(letter.sender),
        subject=f"{letter.department}逾期未复函{'，请催办' if _reminders(letter) else ''}",
        body=then,
        url=_ledger_url(letter),
        at=at,
    )
    return 1


def next_overdue(after: datetime) -> datetime | None:
    return (
        Consultation.objects.unanswered()
        .filter(due_at__gt=after, overdue_told_at=None)
        .order_by("due_at")
        .values_list("due_at", flat=True)
        .first()
    )


register(Sweeper("consultations", run=tell_overdue, next_due=next_overdue, order=40))


# -- parts ------------------------------------------------------------------------------------------------------------


def _letter_faults(
    round: Round, *, stage: str, sender: Unit, departments: list[Unit], applications: list[Application], by: User
) -> list[Blocker]:
    found = []
    if not on_duty(by, sender, round):
        found.append(Blocker("不能以其他单位的名义发函。"))
    found += [
        Blocker(f"{one}不是本奖项的征求意见部门。")
        for one in departments
        if one.kind != UnitKind.CONSULTED or one.scheme_key != round.scheme.key
    ]
    found += [Blocker(f"{one.organization}不属于本届。") for one in applications if one.round_id != round.pk]
    asked = ConsultationReply.objects.filter(
        application__in=applications, consultation__department__in=departments, consultation__stage=stage
    ).select_related("consultation__department", "application__organization")
    found += [
        Blocker(f"已就{row.application.organization}征求{row.consultation.department}意见，不能重复发函。")
        for row in asked
    ]
    return found


def _ask(letter: Consultation, *, subject: str, at: datetime) -> None:
    url = reverse("applications:consulted_letter", args=[letter.public_id])
    send_message(people_of(letter.department), subject=subject, url=url, at=at)


def _ledger_url(letter: Consultation) -> str:
    return reverse("applications:consultation", args=[letter.public_id])


def _reminders(letter: Consultation) -> int:
    """How often the rulebook lets a silent department be reminded."""
    rule = rulebook_for(letter.round).consultation(letter.stage)
    return rule.reminders.value if rule else 0


def _rule_ground(letter: Consultation) -> str:
    book = rulebook_for(letter.round)
    rule = book.consultation(letter.stage)
    return book.ground(rule.silence_is_clearance) if rule else ""


def _record(verb: str, letter: Consultation, *, by: User, at: datetime, data: dict) -> None:
    evidence.record(
        verb, chain=letter.round.chain, by=by, subject=f"consultation:{letter.public_id}", at=at,
        data={"stage": letter.stage, "department": str(letter.department.public_id), **data},
    )  # fmt: skip
