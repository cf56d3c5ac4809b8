"""An objection's own pipeline: from receipt to the written answer, each leg with its due date (U12–U14)."""

from __future__ import annotations

from django.db import models
from django_fsm import FSMField, transition


class State(models.TextChoices):
    RECEIVED = "received", "已收件"
    INCOMPLETE = "incomplete", "待补正"
    REFUSED = "refused", "不予受理"
    LAPSED = "lapsed", "逾期未补正"
    ACCEPTED = "accepted", "已受理"
    FORWARDED = "forwarded", "已转送"
    INVESTIGATING = "investigating", "调查中"
    REPORTED = "reported", "已报告"
    DECIDED = "decided", "已认定"
    TOLD = "told", "已告知"
    WITHDRAWN = "withdrawn", "异议人撤回"


WITH_INVESTIGATOR = (State.FORWARDED, State.INVESTIGATING)
# what an objection may be taken back from; what it holds is held so long
OPEN = (State.RECEIVED, State.INCOMPLETE, State.ACCEPTED, *WITH_INVESTIGATOR, State.REPORTED)
# decided but not yet told: the hold is gone, the duty to answer is not
UNFINISHED = (*OPEN, State.DECIDED)
# which of the rulebook's clocks runs in a state; an incomplete one waits for the objector
LEGS = {
    State.RECEIVED: "form_check",
    State.ACCEPTED: "forward",
    State.FORWARDED: "report",
    State.INVESTIGATING: "report",
    State.REPORTED: "decide",
    State.DECIDED: "tell",
}
LEGS_ZH = {
    "form_check": "形式审查",
    "forward": "转送调查",
    "report": "调查和报告",
    "decide": "作出认定",
    "tell": "告知异议人",
}
ENDED = (State.REFUSED, State.LAPSED, State.TOLD, State.WITHDRAWN)


class ObjectionPipeline(models.Model):
    """The state of an objection. Only the files named in `tests/source_checks.py` call these methods."""

    state = FSMField("状态", choices=State.choices, default=State.RECEIVED, protected=True, db_index=True)

    class Meta:
        abstract = True
        constraints = [models.CheckConstraint(name="%(class)s_state_known", condition=models.Q(state__in=State.values))]

    @transition(state, source=State.RECEIVED, target=State.INCOMPLETE, custom={"label": "要求补正"})
    def return_form(self) -> None: ...

    @transition(state, source=State.INCOMPLETE, target=State.RECEIVED, custom={"label": "提交补正材料"})
    def complete(self) -> None: ...

    @transition(state, source=State.INCOMPLETE, target=State.LAPSED, custom={"label": "逾期未补正办结"})
    def lapse(self) -> None: ...

    @transition(state, source=State.RECEIVED, target=State.REFUSED, custom={"label": "不予受理"})
    def refuse_form(self) -> None: ...

    @transition(state, source=State.RECEIVED, target=State.ACCEPTED, custom={"label": "受理异议"})
    def accept(self) -> None: ...

    @transition(state, source=State.ACCEPTED, target=State.FORWARDED, custom={"label": "转送调查"})
    def forward(self) -> None: ...

    @transition(state, source=State.FORWARDED, target=State.INVESTIGATING, custom={"label": "签收并开始调查"})
    def begin(self) -> None: ...

    @transition(state, source=list(WITH_INVESTIGATOR), target=State.REPORTED, custom={"label": "报告调查情况"})
    def report(self) -> None: ...

    @transition(state, source=State.REPORTED, target=State.DECIDED, custom={"label": "作出认定"})
    def decide(self) -> None: ...

    @transition(state, source=State.DECIDED, target=State.TOLD, custom={"label": "告知异议人"})
    def tell(self) -> None: ...

    @transition(state, source=list(OPEN), target=State.WITHDRAWN, custom={"label": "撤回异议"})
    def withdraw(self) -> None: ...
