"""监督建议: the supervising department advises in writing, the office answers in writing by its day (Y22)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from applications.desk_rules import DeskRefused, require_text
from applications.rules import works_for
from award_portal.lib import clock
from awards.models import Round, Scheme
from awards.rounds import draft_note
from awards.workdays import date_zh
from documents.issuing import issue_document, next_case_number
from documents.models import IssuedDocument
from organizations import evidence
from organizations.messages import people_of, send_message
from organizations.models import Unit, UnitKind, User

from .case_rules import book_of, case_due
from .models import SupervisionAdvice


@transaction.atomic
def file_advice(
    scheme: Scheme, *, round: Round | None, facts: str, advice: str, by: User, at: datetime
) -> SupervisionAdvice:
    """One piece of advice with its paper; the office is told and its clock starts."""
    unit = Unit.objects.of_user(by).of_scheme(scheme.key).of_kind("supervisor").order_by("pk").first()
    if unit is None:
        raise DeskRefused.because("监督建议由纪检监察机构提出。")
    day = clock.day_of(at)
    book = book_of(award=None, round=round, scheme=scheme)
    due_at = case_due(book, "advice", start=day)
    row = SupervisionAdvice(
        scheme=scheme, round=round, unit=unit, facts=require_text(facts, "发现的问题")[:3000],
        advice=require_text(advice, "监督建议")[:3000], filed_at=at, filed_by=by,
        due_at=due_at,
        number=next_case_number("JY", scheme_key=scheme.key, year=day.year),
    )  # fmt: skip
    office = _office(scheme, round)
    last = date_zh(clock.day_of(due_at) - timedelta(days=1))
    row.paper = _paper(
        row, "监督建议书", to=office.name if office else scheme.name, issuer=unit,
        lines=[
            f"发现的问题：{row.facts}", f"监督建议：{row.advice}",
            f"请于{last}前将办理情况书面答复我单位（{book.discipline_ground}）。",
        ],
        by=by, at=at,
    )  # fmt: skip
    row.save()
    if office is not None:
        send_message(
            people_of(office), subject=f"收到监督建议：{row.number}", body=f"请于{last}前书面答复。",
            url=row.get_absolute_url(), at=at,
        )  # fmt: skip
    evidence.record("advice.file", by=by, subject=f"advice:{row.public_id}", at=at, data={"number": row.number})
    return row


@transaction.atomic
def answer_advice(row: SupervisionAdvice, *, is_taken: bool, text: str, by: User, at: datetime) -> SupervisionAdvice:
    """The office's written answer, once: what it did, or why it did not."""
    row = SupervisionAdvice.objects.select_for_update(of=("self",)).get(pk=row.pk)
    row = SupervisionAdvice.objects.select_related("scheme", "round__office", "round__edition", "unit").get(pk=row.pk)
    if not works_for(by, row.scheme.key, UnitKind.OFFICE):
        raise DeskRefused.because("监督建议由办公室答复。")
    if row.answered_at is not None:
        raise DeskRefused.because("已经答复，不能更改；需要补充的，请另行书面报告。")
    row.is_taken, row.answer = is_taken, require_text(text, "办理情况")[:3000]
    row.answered_at, row.answered_by, row.due_at = at, by, None
    row.answer_paper = _paper(
        row, "监督建议办理情况答复", to=row.unit.name, issuer=_office(row.scheme, row.round),
        lines=[
            f"你单位{row.number}号监督建议收悉。建议{'已采纳' if is_taken else '未予采纳'}，办理情况如下：", row.answer,
        ],
        by=by, at=at,
    )  # fmt: skip
    row.save()
    send_message(people_of(row.unit), subject=f"监督建议已答复：{row.number}", url=row.get_absolute_url(), at=at)
    evidence.record(
        "advice.answer", by=by, subject=f"advice:{row.public_id}", at=at, data={"number": row.number, "taken": is_taken}
    )
    return row


def _office(scheme: Scheme, round: Round | None) -> Unit | None:
    return round.office if round else Unit.objects.active().of_scheme(scheme.key).of_kind("office").first()


def _paper(
    row: SupervisionAdvice, title: str, *, to: str, issuer: Unit | None, lines: list[str], by: User, at: datetime
) -> IssuedDocument:
    day = clock.day_of(at)
    return issue_document(
        "supervision_advice" if title == "监督建议书" else "advice_answer", title=title, template="case_paper.html",
        content={
            "title": title, "to": to, "issuer": issuer.name if issuer else row.scheme.name, "lines": lines,
            "case_number": row.number, "date": date_zh(day), "document_number": "", "with_contact": False,
            "contact": {}, "draft_note": draft_note(row.round) if row.round else "",
        },
        scheme_key=row.scheme.key, subject=f"advice:{row.public_id}", issuer=issuer, by=by, at=at,
        chain=row.round.chain if row.round else "",
    )  # fmt: skip
