"""A submitted sheet is final; before the last one is in the office may give it back on its expert's written wish."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.urls import reverse

from applications.desk_rules import DeskRefused, require_text
from applications.models import Application
from awards.parameters import rulebook_for
from organizations import evidence
from organizations.messages import people_of, send_message
from organizations.models import User

from .models import Assignment, ScoreSheet, SheetReopening
from .panels import require_office

State = SheetReopening.State


@transaction.atomic
def ask_reopening(assignment: Assignment, *, reason: str, by: User, at: datetime) -> SheetReopening:
    """The expert asks in writing for the own submitted sheet; the office decides without having seen it."""
    if assignment.expert.user_id != by.pk:
        raise DeskRefused.because("只能就本人的评分表提出。")
    _lock_returnable(assignment)
    if SheetReopening.objects.filter(assignment=assignment, state=State.ASKED).exists():
        raise DeskRefused.because("已经提出过申请，等待办公室决定。", _ground(assignment))
    asked = SheetReopening.objects.create(
        assignment=assignment, reason=require_text(reason, "申请理由")[:1000], asked_at=at
    )
    _record("sheet.ask_reopening", asked, by=by, at=at)
    send_message(
        people_of(assignment.panel.round.office),
        subject="收到专家退回评分表的申请",
        url=reverse("reviews:progress", args=[assignment.panel.public_id]),
        at=at,
    )
    return asked


@transaction.atomic
def decide_reopening(asked: SheetReopening, *, grant: bool, ground: str, by: User, at: datetime) -> SheetReopening:
    """The office gives the sheet back, keeping it as it had been, or leaves it; only while one sheet is still out."""
    assignment = asked.assignment
    require_office(assignment.panel.round, by)
    Application.objects.select_for_update(of=("self",)).get(pk=assignment.application_id)
    locked = SheetReopening.objects.select_for_update(of=("self",)).get(pk=asked.pk)
    if locked.state != State.ASKED:
        raise DeskRefused.because("这一申请已经决定。页面可能已过时，请刷新。")
    locked.ground = require_text(ground, "决定理由")[:1000]
    if grant:
        sheet = _lock_returnable(assignment)
        locked.items, locked.comments = sheet.items, sheet.comments
        sheet.submitted_at = None
        sheet.save(update_fields=["submitted_at"])
    locked.state = State.GRANTED if grant else State.REFUSED
    locked.decided_at, locked.decided_by = at, by
    locked.save()
    _record("sheet.reopen" if grant else "sheet.refuse_reopening", locked, by=by, at=at)
    send_message(
        [assignment.expert.user],
        subject=f"退回评分表的申请已决定：{locked.get_state_display()}",
        body=locked.ground,
        url=reverse("reviews:sheet", args=[assignment.public_id]),
        at=at,
    )
    return locked


def _lock_returnable(assignment: Assignment) -> ScoreSheet:
    """The submitted sheet, locked; refused once the last sheet of the application is in."""
    application = Application.objects.select_for_update(of=("self",)).get(pk=assignment.application_id)
    sheet = ScoreSheet.objects.select_for_update(of=("self",)).get(assignment=assignment)
    cite = _ground(assignment)
    if sheet.voided_at is not None or sheet.submitted_at is None:
        raise DeskRefused.because("评分表未提交，可以直接修改。" if not sheet.voided_at else "评分表已经作废。", cite)
    if application.state != assignment.panel.stage:
        raise DeskRefused.because(f"该申报现处于“{application.state_label}”，本环节评审已经结束。", cite)
    active = Assignment.objects.of_stage(application, assignment.panel.stage)
    if active.count() == active.submitted().count():
        raise DeskRefused.because("全部评分表已经提交，不能再退回；评分差异由评审组合议。", cite)
    return sheet


def _ground(assignment: Assignment) -> str:
    book = rulebook_for(assignment.panel.round)
    return book.ground(book.stage(assignment.panel.stage))


def _record(verb: str, asked: SheetReopening, *, by: User, at: datetime) -> None:
    assignment = asked.assignment
    evidence.record(
        verb, chain=assignment.panel.round.chain, by=by, subject=f"assignment:{assignment.public_id}", at=at,
        data={"application": str(assignment.application.public_id), "state": asked.state},
    )  # fmt: skip
