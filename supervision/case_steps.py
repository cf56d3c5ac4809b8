"""What can be done on a case now, each with its form and the function that does it: one list for page and request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django_fsm import can_proceed

from organizations.models import User

from . import case_deciding, case_executing, case_inquiry, cases
from .case_door import book_for, things_given, things_zh
from .case_forms import (
    AcceptForm,
    AskForm,
    BecauseForm,
    ConsideredForm,
    DecisionForm,
    EvidenceForm,
    FindingForm,
    IntendForm,
    KeepForm,
    NoteForm,
    RectifyForm,
    ServiceForm,
    StatementForm,
)
from .case_pipeline import CaseState
from .case_rules import consequence, consequences, honour_uses, revocation_word
from .models import Case

Act = Callable[..., Any]


@dataclass
class CaseStep:
    """One thing the office may do: its words, its form (or none), whether it is the step that goes on."""

    key: str
    label: str
    act: Act
    form: type[forms.Form] | None = None
    is_main: bool = False
    help: str = ""
    bound: forms.Form | None = None


def steps_for(case: Case, *, at: datetime) -> list[CaseStep]:
    """What the office may do with the case now, the step that goes on first."""
    match case.state:
        case CaseState.REPORTED:
            found = [
                CaseStep("accept", "立案调查", cases.accept_case, AcceptForm, True),
                CaseStep("decline", "不予立案", cases.decline_case, BecauseForm),
            ]
        case CaseState.INQUIRY:
            found = _inquiry(case)
        case CaseState.RECTIFYING:
            found = [
                CaseStep("confirm_rectified", "确认已改正", case_inquiry.confirm_rectified, NoteForm, True),
                CaseStep("reopen", "未改正，继续调查", case_inquiry.go_on_unrectified, NoteForm),
            ]
        case CaseState.INTENDED:
            found = _intended(case, at=at)
        case CaseState.SUBMITTED:
            word = revocation_word(book_for(case))
            found = [
                CaseStep("decide", f"登记{word}决定", case_deciding.decide_revocation, DecisionForm, True),
                CaseStep("keep", "登记不予处理", case_deciding.keep_award, KeepForm),
            ]
        case CaseState.DECIDED:
            found = _executing(case)
        case _:
            return []
    return [*found, CaseStep("evidence", "登记证据", case_inquiry.add_evidence, EvidenceForm)]


def step_form(case: Case, step: CaseStep, *args: Any) -> forms.Form | None:
    """The step's form with the choices the rulebook gives; its fields have ids of their own on the page."""
    if step.form is None:
        return None
    own: dict[str, Any] = {"auto_id": f"{step.key}-%s"}
    if step.form is IntendForm:
        own |= {
            "rules": consequences(book_for(case), case.kind, award=case.award),
            "initial": {"happened_on": case.happened_on},
        }
    elif step.form is RectifyForm:
        own["uses"] = honour_uses(book_for(case))
    elif step.form is AcceptForm:
        own["initial"] = {"kind": case.kind}
    return step.form(*args, **own)


def take_step(case: Case, step: CaseStep, data: dict[str, Any], *, by: User, at: datetime) -> None:
    step.act(case, **data, by=by, at=at)


def _inquiry(case: Case) -> list[CaseStep]:
    found = []
    if consequences(book_for(case), case.kind, award=case.award):
        found.append(CaseStep("intend", "认定并告知拟作出的处理", case_inquiry.intend, IntendForm, True))
    if case.award is not None and case.kind == Case.Kind.MISUSE:
        found.append(CaseStep("rectify", "责令限期改正", case_inquiry.order_rectification, RectifyForm))
    found.append(CaseStep("dismiss", "认定不成立", case_inquiry.find_unfounded, FindingForm))
    found.append(CaseStep("ask", "询问当事人", case_inquiry.ask_party, AskForm))
    return found


def _intended(case: Case, *, at: datetime) -> list[CaseStep]:
    found: list[CaseStep] = []
    waiting = case_deciding.not_heard(case, at=at)
    heard = ConsideredForm if case.statement else None  # what was said is answered; silence needs none
    if not waiting and case.outcome == Case.Outcome.REVOKE:
        found.append(CaseStep("submit", "报请决定", case_deciding.submit_case, heard, True))
    elif not waiting:
        found.append(CaseStep("bar", "作出不予受理申报决定", case_deciding.decide_bar, heard, True))
    if case.served_on is None:
        found.append(CaseStep("serve", "登记送达", case_inquiry.record_service, ServiceForm, True))
    elif waiting and case.statement_at is None:
        found.append(CaseStep("statement", "登记书面陈述申辩", case_deciding.state_defence, StatementForm))
    found.append(CaseStep("look_again", "退回补充调查", case_deciding.look_again, BecauseForm))
    return found


def _executing(case: Case) -> list[CaseStep]:
    found = []
    left = case_executing.still_to_do(case)
    rule = consequence(book_for(case), case.kind, case.rule, award=case.award)
    if not left and can_proceed(case.close):
        found.append(CaseStep("close", "办结", case_executing.close_case, is_main=True))
    if rule.recovers and things_given(case) and not case.recoveries.exists():
        found.append(
            CaseStep("demand_return", f"通知交回{things_zh(case)}", case_executing.demand_return, is_main=True)
        )
    if rule.claws_back and case.award is not None and case.clawback_asked_at is None:
        found.append(CaseStep("clawback", "追缴奖金", case_executing.claw_back))
    if case.published_at is None:
        found.append(CaseStep("publish", "向社会公开", case_executing.publish_case))
    return found
