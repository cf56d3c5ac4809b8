"""A case after the award, from the report to its end: the whole of it in one file (U19–U21, B22, B23, Y21)."""

from __future__ import annotations

from django.db import models
from django_fsm import FSMField, transition


class CaseState(models.TextChoices):
    REPORTED = "reported", "待核查"
    DECLINED = "declined", "不予立案"
    INQUIRY = "inquiry", "调查中"
    UNFOUNDED = "unfounded", "不成立"
    RECTIFYING = "rectifying", "限期改正"
    RECTIFIED = "rectified", "已改正"
    INTENDED = "intended", "听取陈述申辩"
    SUBMITTED = "submitted", "已报请决定"
    KEPT = "kept", "决定不予处理"
    DECIDED = "decided", "决定执行中"
    CLOSED = "closed", "办结"


ENDED = (
    CaseState.DECLINED, CaseState.UNFOUNDED, CaseState.RECTIFIED, CaseState.KEPT, CaseState.CLOSED,
)  # fmt: skip


class CasePipeline(models.Model):
    """The state of a case. Only `supervision.case_door` calls these methods."""

    state = FSMField("状态", choices=CaseState.choices, default=CaseState.REPORTED, protected=True, db_index=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(name="%(class)s_state_known", condition=models.Q(state__in=CaseState.values))
        ]

    @transition(state, source=CaseState.REPORTED, target=CaseState.INQUIRY, custom={"label": "立案调查"})
    def accept(self) -> None: ...

    @transition(state, source=CaseState.REPORTED, target=CaseState.DECLINED, custom={"label": "不予立案"})
    def decline(self) -> None: ...

    @transition(state, source=CaseState.INQUIRY, target=CaseState.UNFOUNDED, custom={"label": "认定不成立"})
    def dismiss(self) -> None: ...

    @transition(state, source=CaseState.INQUIRY, target=CaseState.RECTIFYING, custom={"label": "责令限期改正"})
    def order_rectification(self) -> None: ...

    @transition(state, source=CaseState.RECTIFYING, target=CaseState.RECTIFIED, custom={"label": "确认已改正"})
    def confirm_rectified(self) -> None: ...

    @transition(state, source=CaseState.RECTIFYING, target=CaseState.INQUIRY, custom={"label": "未改正，继续调查"})
    def reopen(self) -> None: ...

    @transition(state, source=CaseState.INQUIRY, target=CaseState.INTENDED, custom={"label": "拟处理告知"})
    def intend(self) -> None: ...

    @transition(state, source=CaseState.INTENDED, target=CaseState.INQUIRY, custom={"label": "退回补充调查"})
    def look_again(self) -> None: ...

    @transition(state, source=CaseState.INTENDED, target=CaseState.SUBMITTED, custom={"label": "报请决定"})
    def submit(self) -> None: ...

    @transition(
        state, source=[CaseState.SUBMITTED, CaseState.INTENDED], target=CaseState.DECIDED, custom={"label": "作出决定"}
    )
    def decide(self) -> None: ...

    @transition(state, source=CaseState.SUBMITTED, target=CaseState.KEPT, custom={"label": "决定不予处理"})
    def keep(self) -> None: ...

    @transition(state, source=CaseState.DECIDED, target=CaseState.CLOSED, custom={"label": "办结"})
    def close(self) -> None: ...
