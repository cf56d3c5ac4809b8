"""What can be done on a report on a person now, each with its form and its function."""

from __future__ import annotations

from . import discipline
from .case_steps import CaseStep
from .discipline_pipeline import DisciplineState
from .models import DisciplineCase
from .oversight_forms import CloseForm, DisqualifyForm, FindForm, ReferForm, TextForm


def discipline_steps(case: DisciplineCase) -> list[CaseStep]:
    """For those who handle it; the step that goes on first."""
    match case.state:
        case DisciplineState.REPORTED:
            return [CaseStep("inquire", "开始核查", discipline.begin_inquiry, is_main=True)]
        case DisciplineState.INQUIRY:
            return [CaseStep("find", "作出认定", discipline.find_in_discipline, FindForm, True)]
        case DisciplineState.FOUND:
            return _following(case)
        case _:
            return _afterwards(case)


def _following(case: DisciplineCase) -> list[CaseStep]:
    found = []
    if case.role == DisciplineCase.Role.EXPERT and case.sanction_id is None:
        found.append(CaseStep("disqualify", "取消评审专家资格", discipline.disqualify, DisqualifyForm))
    elif case.role != DisciplineCase.Role.EXPERT and case.round_id and not case.removals.exists():
        found.append(CaseStep("remove", "退出本届评审工作", discipline.remove_from_duties))
    if case.referred_at is None:
        found.append(CaseStep("refer", "移送", discipline.refer, ReferForm))
    if case.published_at is None:
        found.append(CaseStep("publish", "向社会公开", discipline.publish_discipline, TextForm))
    return [*found, CaseStep("close", "办结", discipline.close_discipline, CloseForm, True), *_afterwards(case)]


def _afterwards(case: DisciplineCase) -> list[CaseStep]:
    if case.referred_at is None or case.referral_result:
        return []
    return [CaseStep("referral_result", "登记移送后的处理结果", discipline.record_referral_result, TextForm)]
