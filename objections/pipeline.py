"""An objection's own small pipeline: from receipt to the written answer, each leg with its due date (U12–U14)."""

from __future__ import annotations

from django.db import models
from django_fsm import FSMField, transition


class State(models.TextChoices):
    RECEIVED = "received", "已收件"
    REFUSED = "refused", "形式审查不合格"
    FORWARDED = "forwarded", "调查中"
    REPORTED = "reported", "已报告"
    DECIDED = "decided", "已认定"
    TOLD = "told", "已告知"
    WITHDRAWN = "withdrawn", "异议人撤回"


OPEN = (State.RECEIVED, State.FORWARDED, State.REPORTED)
# decided but not yet told: the hold is gone, the duty to answer is not
UNFINISHED = (*OPEN, State.DECIDED)


class ObjectionPipeline(models.Model):
    """The state of an objection. Only `objections.handling` calls these methods."""

    state = FSMField("状态", choices=State.choices, default=State.RECEIVED, protected=True, db_index=True)

    class Meta:
        abstract = True
        constraints = [models.CheckConstraint(name="%(class)s_state_known", condition=models.Q(state__in=State.values))]

    @transition(state, source=State.RECEIVED, target=State.REFUSED, custom={"label": "形式审查不合格"})
    def refuse_form(self) -> None: ...

    @transition(state, source=State.RECEIVED, target=State.FORWARDED, custom={"label": "转送调查"})
    def forward(self) -> None: ...

    @transition(state, source=State.FORWARDED, target=State.REPORTED, custom={"label": "报告调查情况"})
    def report(self) -> None: ...

    @transition(state, source=State.REPORTED, target=State.DECIDED, custom={"label": "作出认定"})
    def decide(self) -> None: ...

    @transition(state, source=State.DECIDED, target=State.TOLD, custom={"label": "告知异议人"})
    def tell(self) -> None: ...

    @transition(state, source=list(OPEN), target=State.WITHDRAWN, custom={"label": "撤回异议"})
    def withdraw(self) -> None: ...
