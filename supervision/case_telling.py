"""What who reported a case is told in the end: on the receipt, and in writing (U19, U21, Y21).

Only what everybody may know of the outcome stands there: nothing the party said, and no name of who reported.
"""

from __future__ import annotations

from datetime import datetime

from award_portal.lib import clock
from awards.parameters import rulebook_for
from awards.workdays import date_zh
from documents.models import IssuedDocument
from objections.cancelling import tell_of_outcome
from objections.models import Objection
from organizations.messages import send_message
from organizations.models import Unit, UnitKind, User

from .case_door import book_for
from .case_papers import REPLY, deciding_body, issue_case_paper
from .case_rules import revocation_word
from .models import Case

Source, Outcome = Case.Source, Case.Outcome


def outcome_zh(case: Case) -> str:
    """How it ended, as the reporter reads it; empty as long as it goes on."""
    return result_zh(case) if case.is_ended or case.decided_at else ""


def result_zh(case: Case) -> str:
    """The result in a sentence, from what was decided."""
    if case.declined_because:
        return f"不予立案。理由：{case.declined_because}"
    if case.kept_because:
        return f"经查，{case.decided_by_body or deciding_body(case)}决定不予处理。"
    if case.decided_at and case.outcome == Outcome.REVOKE:
        word = revocation_word(book_for(case))
        return f"经查证属实，{case.decided_by_body or deciding_body(case)}已决定{word}（{case.decision_number}）。"
    if case.decided_at and case.outcome == Outcome.BAR and case.ban is not None:
        return f"经查证属实，已决定不予受理其申报，{date_zh(case.ban.ends_on)}起方可申报。"
    if case.outcome == Outcome.RECTIFY:
        return "经查证属实，已责令限期改正，现已改正。"
    return "经查，反映的情况不成立。" if case.outcome == Outcome.UNFOUNDED else ""


def tell_reporter(case: Case, *, by: User, at: datetime) -> IssuedDocument | None:
    """The written answer, once, to who reported: the public by its receipt, a department at its desk.

    Called within the step that ends the case or decides it, before that step is written down. Where an objection led
    to the case its objectors are told, by a letter of the objection.
    """
    for one in Objection.objects.select_for_update(of=("self",)).filter(pk__in=case.objections.all()).order_by("pk"):
        book = rulebook_for(one.application.round)
        tell_of_outcome(one, result=result_zh(case), cite=book.ground(book.objections), by=by, at=at)
    if case.source not in (Source.PUBLIC, Source.REGULATOR):
        return None
    department = _department_of(case)
    what = "通报" if department else "反映"
    lines = [
        f"你{'单位' if department else ''}于{date_zh(clock.day_of(case.reported_at))}{what}{case.name}"
        f"“{case.get_kind_display()}”的情况收悉（案件编号：{case.number}）。现将办理结果告知如下：",
        result_zh(case),
        f"感谢{'你单位' if department else '你'}对评审和获奖后监督工作的支持。",
    ]
    paper = issue_case_paper(case, REPLY, lines=lines, to=department or "情况反映人", by=by, at=at)
    if case.reported_by is not None:
        send_message(
            [case.reported_by], subject=f"{paper.title}：{case.number}", body=result_zh(case),
            url=paper.get_absolute_url(), at=at,
        )  # fmt: skip
    return paper


def _department_of(case: Case) -> str:
    """The unit a department's report came from; empty for the public's."""
    if case.source != Source.REGULATOR or case.reported_by is None:
        return ""
    units = Unit.objects.of_user(case.reported_by).of_scheme(case.scheme.key).exclude(kind=UnitKind.OFFICE)
    unit = units.order_by("pk").first()
    return unit.name if unit is not None else case.source_note or "有关部门"
