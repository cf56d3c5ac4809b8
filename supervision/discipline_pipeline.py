"""A report on staff or an expert: from its entry to its end (U22, Z27, Y22)."""

from __future__ import annotations

from django.db import models
from django_fsm import FSMField, transition


class DisciplineState(models.TextChoices):
    REPORTED = "reported", "待核查"
    INQUIRY = "inquiry", "核查中"
    UNFOUNDED = "unfounded", "不属实"
    FOUND = "found", "已认定，处理中"
    CLOSED = "closed", "办结"


DISCIPLINE_ENDED = (DisciplineState.UNFOUNDED, DisciplineState.CLOSED)


class DisciplinePipeline(models.Model):
    """The state of a report. Only `supervision.discipline` calls these methods."""

    state = FSMField(
        "状态", choices=DisciplineState.choices, default=DisciplineState.REPORTED, protected=True, db_index=True
    )

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(name="%(class)s_state_known", condition=models.Q(state__in=DisciplineState.values))
        ]

    @transition(state, source=DisciplineState.REPORTED, target=DisciplineState.INQUIRY, custom={"label": "开始核查"})
    def inquire(self) -> None: ...

    @transition(state, source=DisciplineState.INQUIRY, target=DisciplineState.UNFOUNDED, custom={"label": "不属实"})
    def clear(self) -> None: ...

    @transition(state, source=DisciplineState.INQUIRY, target=DisciplineState.FOUND, custom={"label": "认定属实"})
    def uphold(self) -> None: ...

    @transition(state, source=DisciplineState.FOUND, target=DisciplineState.CLOSED, custom={"label": "办结"})
    def close(self) -> None: ...
