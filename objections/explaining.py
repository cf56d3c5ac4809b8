"""Asking the applying organisation to explain (U14): it learns what it must answer, and never who objected."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import transaction

from applications.rules import acts_for
from award_portal.lib import clock
from organizations.messages import people_of, send_message
from organizations.models import Claim, StoredFile, User

from .casework import HandlingRefused, record_act, take
from .evidence_register import enter_answer_files
from .filing import last_day_zh
from .identity import quotes_objector
from .investigating import take_up
from .models import Objection, Question, QuestionFile
from .pipeline import WITH_INVESTIGATOR

MOST_QUESTIONS = 20


def ask_applicant(
    objection: Objection, *, question: str, by: User, at: datetime, due_on: date | None = None,
    files: Sequence[StoredFile] = (),
) -> Question:  # fmt: skip
    """The investigator asks in its own words, as often as it needs, each with a day to answer by.

    Without `due_on` the answer is due with the report. A question that would tell who objected is refused, and the
    refusal is on record: nobody finds a name by trying.
    """
    with transaction.atomic():
        take(objection, "report", by=by, office=False)
        if quotes := quotes_objector(objection, question, *(one.original_name for one in files)):
            record_act(objection, "question_refused", by=by, at=at)
    if quotes:
        raise HandlingRefused("拟发出的内容或者附件名称中含有可能识别异议人的信息，不能发出，请修改。本次退回已记录。")
    return _ask(objection, text=question.strip(), by=by, at=at, due_on=due_on, files=files)


@transaction.atomic
def _ask(
    objection: Objection, *, text: str, by: User, at: datetime, due_on: date | None, files: Sequence[StoredFile]
) -> Question:
    objection = take(objection, "report", by=by, office=False)
    if len(text) < 5:
        raise HandlingRefused("请写明需要说明的事项。")
    number = objection.questions.count() + 1
    if number > MOST_QUESTIONS:
        raise HandlingRefused(f"一件异议最多请其说明{MOST_QUESTIONS}次，请合并事项。")
    take_up(objection, at=at)
    objection.save()
    asked = Question.objects.create(
        objection=objection, number=number, text=text, asked_at=at, asked_by=by,
        due_at=_answer_due(objection, due_on, at=at),
    )  # fmt: skip
    QuestionFile.objects.bulk_create(QuestionFile(question=asked, file=one) for one in files)
    claims = Claim.objects.filter(organization=objection.application.organization_id, state=Claim.State.VERIFIED)
    send_message(
        [one.user for one in claims.select_related("user").order_by("pk")],
        subject="请就有关事项向调查单位作出说明",
        body=f"请在{last_day_zh(asked.due_at)}前提交说明。" if asked.due_at else "请及时提交说明。",
        url=asked.get_absolute_url(),
        at=at,
    )
    record_act(objection, "ask", by=by, at=at, question=number)
    return asked


@transaction.atomic
def explain(question: Question, *, text: str, by: User, at: datetime, proofs: Sequence[StoredFile] = ()) -> Question:
    """The applying organisation answers each question once, while the investigation runs (U14).

    An answer after its day is taken as long as the investigation runs; that it came late stays visible.
    """
    objection = Objection.objects.select_for_update(of=("self",)).get(pk=question.objection_id)
    question = Question.objects.select_for_update(of=("self",)).get(pk=question.pk)
    if not acts_for(by, objection.application):
        raise HandlingRefused("没有请本组织说明的事项。")
    if question.answered_at is not None:
        raise HandlingRefused("说明已经提交，不能更改；需要补充的，请联系调查单位。")
    if objection.state not in WITH_INVESTIGATOR:
        raise HandlingRefused(f"调查已经结束，不再接收说明；有关情况可以书面向{objection.handled_by.name}反映。")
    if len(text.strip()) < 5:
        raise HandlingRefused("请写明对有关事项的说明。")
    question.answer, question.answered_at, question.answered_by = text.strip(), at, by
    question.save(update_fields=["answer", "answered_at", "answered_by"])
    QuestionFile.objects.bulk_create(QuestionFile(question=question, file=one, is_answer=True) for one in proofs)
    enter_answer_files(question, proofs, at=at)
    assert objection.investigator is not None
    send_message(
        people_of(objection.investigator), subject=f"已收到说明：{objection.number}",
        url=objection.get_absolute_url(), at=at,
    )  # fmt: skip
    record_act(objection, "explain", by=by, at=at, question=question.number)
    return question


def _answer_due(objection: Objection, due_on: date | None, *, at: datetime) -> datetime | None:
    """The end of the day asked for: not before today, not after the report itself is due."""
    if due_on is None:
        return objection.due_at
    due = clock.day_start(due_on + timedelta(days=1))
    if due <= at:
        raise HandlingRefused("说明期限不能早于今天。")
    if objection.due_at is not None and due > objection.due_at > at:
        raise HandlingRefused(f"说明期限不能晚于报告调查情况的期限（{last_day_zh(objection.due_at)}）。")
    return due
